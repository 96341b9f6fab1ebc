"""The main job: a sales system says one sentence, and the floor knows what to do."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

import httpx

from lineside_contracts import predictions
from lineside_contracts.predictions import ListDeliveryPredictions
from lineside_contracts.routing import ProductionRun
from lineside_contracts.sales import SalesOrderAccepted
from lineside_contracts.shopfloor import WorkOrderCreated
from lineside_testkit import recording
from lineside_testkit.builders import BOOK, BROCHURE
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey
from lineside_testkit.printing_plant import FLYER
from lineside_testkit.recording import Recorded

TOGETHER = 30


async def _runs(journey: Journey, product_code: str, quantity: str) -> tuple[ProductionRun, ...]:
    await journey.confirm(
        journey.document(
            "SO-1001", lines=[journey.line(product_code=product_code, quantity=quantity)]
        )
    )
    (order,) = await journey.production_orders(count=1, status="routed")
    return (await journey.expansion(order.id)).runs


async def test_brochures_are_printed_with_what_their_losses_need(chain: Harness) -> None:
    runs = await _runs(await Journey.begin(chain), BROCHURE, "10000")
    assert [run.planned_input for run in runs] == [10_361, 10_153, 10_051, 10_000]
    assert [run.planned_output for run in runs] == [10_153, 10_051, 10_000, 10_000]
    assert [run.planned_scrap for run in runs] == [208, 102, 51, 0]


async def test_every_extra_brochure_is_explained(chain: Harness) -> None:
    runs = await _runs(await Journey.begin(chain), BROCHURE, "10000")
    for run in runs:
        explained = sum((entry.quantity for entry in run.ledger), Decimal(0))
        assert explained == run.planned_input - 10_000, run.ledger
        assert all(entry.explanation for entry in run.ledger)
    assert {entry.kind for run in runs for entry in run.ledger} >= {"yield", "downstream"}


async def test_books_are_made_of_sheets_covers_and_signatures(chain: Harness) -> None:
    runs = await _runs(await Journey.begin(chain), BOOK, "1000")
    made = {run.operation_code: (int(run.planned_output), int(run.planned_input)) for run in runs}
    assert made == {
        "PRINT-BLOCK": (4_126, 4_404),
        "PRINT-COVER": (256, 330),
        "FOLD": (8_168, 8_251),
        "BIND": (1_000, 1_021),
    }


async def test_block_and_cover_are_printed_by_different_work_orders(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    await _runs(journey, BOOK, "1000")
    orders = await journey.work_orders(count=4)
    by_operation = {
        operation.operation_code: order for order in orders for operation in order.operations
    }
    block, cover = by_operation["PRINT-BLOCK"], by_operation["PRINT-COVER"]
    fold, bind = by_operation["FOLD"], by_operation["BIND"]
    assert len({block.id, cover.id, fold.id, bind.id}) == 4
    assert (block.predecessor_work_order_ids, cover.predecessor_work_order_ids) == ((), ())
    assert fold.predecessor_work_order_ids == (block.id,)
    assert set(bind.predecessor_work_order_ids) == {fold.id, cover.id}
    assert [order.quantity_ordered for order in (block, cover, fold, bind)] == [
        4_126,
        256,
        8_168,
        1_000,
    ]


async def test_a_plain_row_of_one_operation_type_is_one_work_order(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    await _runs(journey, BROCHURE, "10000")
    printing, packaging = await journey.work_orders(count=2)
    assert [o.operation_code for o in printing.operations] == ["PRINT", "DIECUT", "FOLD"]
    assert [o.operation_code for o in packaging.operations] == ["PACK"]
    assert packaging.predecessor_work_order_ids == (printing.id,)


async def test_98_pieces_at_98_percent_need_100(chain: Harness) -> None:
    (run,) = await _runs(await Journey.begin(chain), FLYER, "98")
    assert run.planned_input == 100


async def test_the_sales_system_is_told_a_date(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    await journey.confirm(journey.document("SO-1001"))
    (accepted,) = await chain.events(SalesOrderAccepted, tenant_id=journey.tenant_id)
    assert accepted.payload.sales_order.promised_date == journey.due_on
    page = await journey.granted(
        predictions.LIST_DELIVERY_PREDICTIONS, ListDeliveryPredictions(project_number="SO-1001")
    )
    (prediction,) = page.items
    assert prediction.p50_date <= prediction.p80_date <= prediction.p95_date <= journey.due_on
    assert prediction.predicted_date == prediction.p80_date
    assert prediction.remaining_work_minutes > 0
    assert prediction.factors


async def _caused(chain: Harness, journey: Journey) -> list[Recorded]:
    """What was said about orders; MRP regenerates for causes of its own."""
    said = await recording.record(await chain.jetstream(), journey.tenant_id)
    return [message for message in said if not message.name.startswith("mrp_run.")]


async def test_one_correlation_runs_through_everything_an_order_causes(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    before = len(await _caused(chain, journey))
    await journey.confirm(journey.document("SO-1001"))
    await chain.events(SalesOrderAccepted, tenant_id=journey.tenant_id)
    await chain.settle()
    said = (await _caused(chain, journey))[before:]
    assert {message.name for message in said} >= {
        "sales.order.confirmed",
        "production_order.created",
        "routing.expanded",
        "production_order.status_changed",
        "work_order.created",
        "delivery_prediction.updated",
        "sales.order.accepted",
    }
    (correlation_id,) = {message.headers["ce-correlationid"] for message in said}
    known = {message.headers["ce-id"] for message in said}
    causes = {message.name: message.headers.get("ce-causationid") for message in said}
    assert causes.pop("sales.order.confirmed") == correlation_id, "the sales system's message"
    assert set(causes.values()) <= known


def _order_numbers(said: Sequence[Recorded]) -> dict[str, str]:
    """The sales order of each production order, by the latter's id."""
    states = [json.loads(m.body)["production_order"] for m in said if _is_of_order(m)]
    return {state["id"]: state["sales_order_number"] for state in states}


def _is_of_order(message: Recorded) -> bool:
    return message.name.startswith("production_order.")


def _order_number(message: Recorded, orders: Mapping[str, str]) -> str:
    """The sales order an event of the chain is about; every order is a project of its own here."""
    state = next(iter(json.loads(message.body).values()))
    about = state.get("order", state)
    number: str = (
        about.get("sales_order_number")
        or about.get("order_number")
        or orders.get(state["id"])
        or about["project_number"]
    )
    return number


async def test_orders_that_arrive_together_keep_their_correlations_apart(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    before = len(await _caused(chain, journey))
    await journey.confirm(*(journey.document(f"SO-{n}") for n in range(TOGETHER)))
    await chain.events(SalesOrderAccepted, tenant_id=journey.tenant_id, count=TOGETHER)
    await chain.settle()
    about = defaultdict(set)
    said = (await _caused(chain, journey))[before:]
    orders = _order_numbers(said)
    for message in said:
        about[message.headers["ce-correlationid"]].add(_order_number(message, orders))
    assert all(len(numbers) == 1 for numbers in about.values()), about
    assert len(about) == TOGETHER


async def _get(client: httpx.AsyncClient, path: str, **parameters: str) -> httpx.Response:
    answer = await client.get(f"/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer


async def test_work_orders_are_readable_through_the_gateway(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    await journey.confirm(journey.document("SO-1001"))
    await chain.events(WorkOrderCreated, tenant_id=journey.tenant_id, count=2)
    async with journey.http(role="planner") as planner:
        listed = (await _get(planner, "work-orders", sales_order_number="SO-1001")).json()["items"]
        assert len(listed) == 2
        one = await _get(planner, f"work-orders/{listed[0]['id']}")
        assert one.json()["sales_order_number"] == "SO-1001"
        assert one.headers["ETag"] == f'"{one.json()["version"]}"'
        (order,) = (await _get(planner, "production-orders")).json()["items"]
        (prediction,) = (await _get(planner, "delivery-predictions")).json()["items"]
        assert prediction["id"] == order["project_id"]
        again = await _get(planner, f"delivery-predictions/{order['project_id']}")
        assert again.json()["predicted_date"] == prediction["predicted_date"]


async def test_a_change_against_an_old_etag_changes_nothing(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    await journey.confirm(journey.document("SO-1001"))
    work_order, _ = await journey.work_orders(count=2)
    path = f"/work-orders/{work_order.id}"
    async with journey.http(role="supervisor") as supervisor:
        seen = (await supervisor.get(path)).headers["ETag"]
        first = await supervisor.put(path, json={"priority": "urgent"}, headers={"If-Match": seen})
        assert (first.status_code, first.json()["priority"]) == (200, "urgent")
        late = await supervisor.put(path, json={"priority": "low"}, headers={"If-Match": seen})
        assert (late.status_code, late.json()["code"]) == (412, "version_conflict")
        assert (await supervisor.get(path)).json()["priority"] == "urgent"
