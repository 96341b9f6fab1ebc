"""What sales changes before work begins reaches the floor and the prediction, line by line."""

from decimal import Decimal
from typing import Any

import pytest

from lineside_contracts import planning, predictions, routing
from lineside_contracts.master_data import ImportMasterData
from lineside_contracts.planning import ActOnProductionOrder, ProductionOrder
from lineside_contracts.predictions import DeliveryPrediction, ListDeliveryPredictions
from lineside_contracts.sales import SalesOrderAccepted
from lineside_testkit.builders import BOOK, BROCHURE
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import AMENDED, CANCELLED, CONFIRMED, Journey
from lineside_testkit.printing_plant import FLYER

NUMBER = "SO-1001"


async def _sold(chain: Harness, **over: Any) -> tuple[Journey, ProductionOrder]:
    """A journey with one order of 10,000 brochures that stands routed."""
    journey = await Journey.begin(chain)
    await journey.confirm(journey.document(NUMBER, **over))
    (order,) = await journey.production_orders(count=1, status="routed")
    await chain.settle()
    return journey, order


async def _amend(journey: Journey, revision: int, *lines: dict[str, Any]) -> None:
    document = journey.document(NUMBER, revision=revision, lines=list(lines))
    await journey.confirm(document, subject=AMENDED)
    await journey.harness.settle()


async def _predicted(journey: Journey) -> DeliveryPrediction:
    page = await journey.granted(
        predictions.LIST_DELIVERY_PREDICTIONS, ListDeliveryPredictions(project_number=NUMBER)
    )
    found: DeliveryPrediction = page.items[0]
    return found


@pytest.mark.parametrize(("quantity", "first_input"), [("20000", 20_720), ("5000", 5_181)])
async def test_another_quantity_is_planned_anew_under_the_same_numbers(
    chain: Harness, quantity: str, first_input: int
) -> None:
    journey, order = await _sold(chain)
    before = await journey.work_orders(count=2)
    work_before = (await _predicted(journey)).remaining_work_minutes
    await _amend(journey, 2, journey.line(quantity=quantity))
    (after,) = await journey.production_orders(count=1, status="routed")
    assert (after.id, after.production_order_number) == (order.id, order.production_order_number)
    assert after.quantity_ordered == Decimal(quantity)
    assert (await journey.expansion(order.id)).runs[0].planned_input == first_input
    changed = await journey.work_orders(count=2, quantity_ordered=Decimal(quantity))
    assert [o.work_order_number for o in changed] == [o.work_order_number for o in before]
    work_after = (await _predicted(journey)).remaining_work_minutes
    assert (work_after > work_before) == (Decimal(quantity) > 10_000)
    accepted = await chain.events(SalesOrderAccepted, tenant_id=journey.tenant_id, count=2)
    assert [event.payload.sales_order.revision for event in accepted] == [1, 2]


async def test_a_released_order_is_replanned_while_nothing_has_started(chain: Harness) -> None:
    journey, order = await _sold(chain)
    await journey.granted(
        planning.RELEASE_PRODUCTION_ORDER, ActOnProductionOrder(production_order_id=order.id)
    )
    await chain.settle()
    released = await journey.work_orders(count=1, status="released")
    await _amend(journey, 2, journey.line(quantity="12000"))
    (after,) = await journey.production_orders(count=1, status="released")
    assert after.quantity_ordered == 12_000
    changed = await journey.work_orders(count=2, quantity_ordered=Decimal(12_000))
    assert released[0].work_order_number in {o.work_order_number for o in changed}


async def test_a_missing_line_is_cancelled_and_a_new_one_is_made(chain: Harness) -> None:
    journey, order = await _sold(chain)
    await _amend(journey, 2, journey.line(2, product_code=FLYER, quantity="98"))
    (gone,) = await journey.production_orders(count=1, status="cancelled")
    (new,) = await journey.production_orders(count=1, status="routed")
    assert gone.id == order.id
    assert (new.sales_line_number, new.product_code) == (2, FLYER)
    assert len(await journey.work_orders(count=2, status="cancelled")) == 2
    (flyers,) = await journey.work_orders(count=1, status="planned")
    assert flyers.production_order_id == new.id
    listed = {o.production_order_id: o.status for o in (await _predicted(journey)).orders}
    assert new.id in listed
    assert listed.get(order.id) in {None, "cancelled"}


async def test_a_cancelled_order_stops_everywhere(chain: Harness) -> None:
    journey, _ = await _sold(chain)
    gone = {**journey.document(NUMBER), "revision": 2, "reason": "budget"}
    await journey.confirm(gone, subject=CANCELLED)
    await chain.settle()
    (order,) = await journey.production_orders(count=1, status="cancelled")
    work_orders = await journey.work_orders(count=2, status="cancelled")
    assert all(work_order.production_order_id == order.id for work_order in work_orders)
    assert all(work_order.cancel_reason for work_order in work_orders)


async def test_only_a_higher_confirmation_reopens_and_makes_new_orders(chain: Harness) -> None:
    journey, first = await _sold(chain)
    await journey.confirm({**journey.document(NUMBER), "revision": 2}, subject=CANCELLED)
    await chain.settle()
    await journey.confirm(journey.document(NUMBER, revision=3), subject=AMENDED)
    await chain.settle()
    assert await journey.production_orders(count=0, status="routed") == []
    await journey.confirm(journey.document(NUMBER, revision=4), subject=CONFIRMED)
    (second,) = await journey.production_orders(count=1, status="routed")
    assert second.id != first.id
    assert second.production_order_number != first.production_order_number
    assert len(await journey.work_orders(count=2, production_order_id=second.id)) == 2


async def test_amended_before_confirmed_is_kept_as_the_order(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    lines = [journey.line(quantity="12000")]
    await journey.confirm(journey.document(NUMBER, revision=2, lines=lines), subject=AMENDED)
    await chain.settle()
    await journey.confirm(journey.document(NUMBER, revision=1))
    await chain.settle()
    (order,) = await journey.production_orders(count=1, status="routed")
    assert (order.quantity_ordered, order.sales_revision) == (Decimal(12_000), 2)


async def test_an_order_without_routing_waits_and_returns_by_itself(chain: Harness) -> None:
    journey = await Journey.begin(chain, routed=())
    await journey.confirm(journey.document(NUMBER))
    (held,) = await journey.production_orders(count=1, status="on_hold")
    assert (held.held_by, held.status_before_hold) == ("system", "planned")
    assert BROCHURE in (held.hold_reason or "")
    assert {fault.code for fault in held.faults} == {"routing_missing"}
    await journey.work_orders(count=0)
    csv = (
        "routing_code,routing_name,product_code,activate,sequence_number,operation_code,"
        "yield_percentage\n"
        f"R-1,Brochure,{BROCHURE},true,10,PRINT,98\n"
        f"R-1,Brochure,{BROCHURE},true,20,PACK,100\n"
    )
    name = await chain.upload(csv)
    report = await journey.granted(routing.IMPORT_ROUTINGS, ImportMasterData(object_name=name))
    assert report.faults == ()
    (order,) = await journey.production_orders(count=1, status="routed")
    assert (order.hold_reason, order.held_by, order.faults) == (None, None, ())
    assert (order.routing_code, order.routing_version) == ("R-1", 1)
    await journey.work_orders(count=2, status="planned")
    await chain.settle()
    assert len((await _predicted(journey)).orders) == 1


async def test_lines_of_one_order_wait_for_their_own_routing_only(chain: Harness) -> None:
    journey = await Journey.begin(chain, routed=(BROCHURE,))
    lines = [journey.line(), journey.line(2, product_code=BOOK, quantity="1000")]
    await journey.confirm(journey.document(NUMBER, lines=lines))
    (routed,) = await journey.production_orders(count=1, status="routed")
    (held,) = await journey.production_orders(count=1, status="on_hold")
    assert (routed.product_code, held.product_code) == (BROCHURE, BOOK)
    await journey.work_orders(count=2)
