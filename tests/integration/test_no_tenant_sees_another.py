"""Two full tenants side by side: neither reaches the other, by table, endpoint or socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel
from websockets.asyncio.client import ClientConnection, connect

from lineside_contracts import planning, predictions, registry, routing, sales, shopfloor
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.master_data import DeleteMasterData, GetMasterData, ListMasterData
from lineside_contracts.planning import ActOnProductionOrder, ProductionOrder
from lineside_contracts.routing import ActOnRouting
from lineside_contracts.shopfloor import ActOnWorkOrder, WorkOrder
from lineside_testkit import isolation, recording, states
from lineside_testkit.builders import BROCHURE, PLANT
from lineside_testkit.harness import Harness
from lineside_testkit.isolation import Intrusion, TenantTable
from lineside_testkit.journeys import CANCELLED, Journey

ONE_OF_EACH = (
    (planning.UNITS, {"unit_name": "Pallet", "dimension": "package", "decimals": 0}),
    (planning.PROJECTS, {"project_name": "Autumn"}),
    (shopfloor.DEPARTMENTS, {"department_name": "Print room", "plant_code": PLANT}),
    (shopfloor.LANES, {"lane_name": "Lane 1", "plant_code": PLANT, "lane_type": "assembly"}),
    (planning.VENDORS, {"vendor_name": "Mill"}),
    (planning.VENDOR_PRODUCTS, {"product_code": BROCHURE, "vendor_code": "SAME-CODE"}),
    (planning.STOCK_LOCATIONS, {"location_name": "Store", "plant_code": PLANT}),
    (planning.CALENDARS, {"calendar_name": "Early", "shifts": "early mon-fri 06:00-14:00"}),
    (planning.LABOUR_RATES, {"role_name": "Printer", "hourly_rate": "40"}),
    (
        planning.MAINTENANCE_WINDOWS,
        {
            "plant_code": PLANT,
            "starts_at": "2026-12-05T06:00:00+01:00",
            "ends_at": "2026-12-05T14:00:00+01:00",
        },
    ),
)
CODE = "SAME-CODE"
_KINDS = [kind for kind in registry.MASTER_DATA if kind.name not in isolation.FLOOR_IN_DEPTH]


@dataclass(frozen=True)
class Owner:
    """A tenant that has something of everything."""

    journey: Journey
    order: ProductionOrder
    work_order: WorkOrder
    sales_order_id: UUID
    routing_id: UUID


async def _settle_in(chain: Harness) -> Owner:
    """Fill every table of every service for one tenant."""
    journey = await Journey.begin(chain)
    for kind, fields in ONE_OF_EACH:
        made = kind.fields.model_validate({kind.code_field: CODE, **fields})
        await journey.granted(kind.create, made)
    source = sales.PutWebhookSource(source="shop", secret="0123456789abcdef")
    await journey.granted(sales.PUT_WEBHOOK_SOURCE, source)
    await journey.confirm(journey.document("SO-1"), journey.document("SO-2"))
    orders = await journey.production_orders(count=2, status="routed")
    await journey.confirm(journey.document("SO-2", revision=2), subject=CANCELLED)
    await journey.granted(
        planning.RELEASE_PRODUCTION_ORDER, ActOnProductionOrder(production_order_id=orders[0].id)
    )
    ghost = journey.document("SO-3", lines=[])
    text = sales.SubmitSalesDocument(document=json.dumps(ghost))
    assert (await journey.ask(sales.SUBMIT_SALES_DOCUMENT, text)).status == 422
    await chain.settle()
    page = await journey.granted(routing.LIST_ROUTINGS, routing.ListRoutings())
    listed = await journey.granted(sales.LIST_SALES_ORDERS, sales.ListSalesOrders())
    (work_order,) = await journey.work_orders(count=1, status="released")
    return Owner(
        journey=journey,
        order=orders[0],
        work_order=work_order,
        sales_order_id=listed.items[0].id,
        routing_id=page.items[0].id,
    )


@pytest.fixture(scope="module")
async def victim(chain: Harness) -> Owner:
    return await _settle_in(chain)


@pytest.fixture(scope="module")
async def intruder(chain: Harness) -> Owner:
    return await _settle_in(chain)


@pytest.fixture(scope="module")
async def tables(chain: Harness) -> list[TenantTable]:
    return await isolation.tenant_tables(chain)


def test_row_level_security_is_enabled_and_forced_everywhere(tables: list[TenantTable]) -> None:
    assert len(tables) > 30
    without = {table.name for table in tables if not (table.enabled and table.forced)}
    assert without <= isolation.OUTSIDE


def test_every_table_has_the_policy_named_after_it(tables: list[TenantTable]) -> None:
    missing = [
        f"{table.service}.{table.name}"
        for table in tables
        if f"{table.name}_tenant_isolation" not in table.policies
        and table.name not in isolation.OUTSIDE
    ]
    assert missing == []


async def test_services_log_in_as_roles_that_own_nothing(
    chain: Harness, tables: list[TenantTable]
) -> None:
    for entry in chain.installation.services:
        if not entry.has_database:
            continue
        roles = chain.installation.database(entry.name).roles
        rows = await chain.owner_sql(
            entry.name,
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)"
            " AND (rolsuper OR rolbypassrls OR rolcreaterole)",
            parameters=[[roles.app, roles.relay, roles.owner]],
        )
        assert rows == []
        assert {t.owner for t in tables if t.service == entry.name} == {roles.owner}


async def test_the_wrong_tenant_finds_nothing_in_any_table(
    chain: Harness, tables: list[TenantTable], victim: Owner, intruder: Owner
) -> None:
    leaks: list[str] = []
    for table in tables:
        if table.name not in isolation.OUTSIDE:
            pair = (victim.journey.tenant_id, intruder.journey.tenant_id)
            leaks += await Intrusion(chain, table, *pair).leaks()
    assert leaks == []


Question = tuple[Endpoint[Any, Any], BaseModel]

NAMES_NOTHING = frozenset({"create", "import", "submit", "put"})
"""Verbs whose requests name nobody's rows."""

ASKED_ELSEWHERE = isolation.PLANNING_IN_DEPTH | isolation.FLOOR_IN_DEPTH
"""What the journeys test_no_tenant_reaches_anothers_planning.py and ..._floor.py ask for."""


def _master_data_questions(rows: Mapping[str, Any]) -> Iterable[Question]:
    for kind in _KINDS:
        state = rows[kind.name]
        code = getattr(state, kind.code_field)
        fields = kind.fields.model_validate(state.model_dump(include=set(kind.fields.model_fields)))
        yield kind.list, ListMasterData(limit=500)
        yield kind.get, GetMasterData(code=code)
        yield kind.update, kind.update_request.model_validate({"code": code, "fields": fields})
        yield kind.delete, DeleteMasterData(code=code)


def _sales_questions(victim: Owner) -> Iterable[Question]:
    yield sales.LIST_SALES_ORDERS, sales.ListSalesOrders()
    yield sales.LIST_REJECTED_ORDERS, sales.ListRejectedOrders()
    yield sales.LIST_WEBHOOK_SOURCES, sales.ListWebhookSources()
    yield sales.GET_SALES_ORDER, sales.GetSalesOrder(sales_order_id=victim.sales_order_id)
    yield predictions.LIST_DELIVERY_PREDICTIONS, predictions.ListDeliveryPredictions()
    project = predictions.GetDeliveryPrediction(project_id=victim.order.project_id)
    yield predictions.GET_DELIVERY_PREDICTION, project
    history = predictions.ListPredictionHistory(project_id=victim.order.project_id)
    yield predictions.LIST_PREDICTION_HISTORY, history
    yield predictions.GET_CALIBRATION, predictions.GetCalibration()


def _planning_questions(victim: Owner) -> Iterable[Question]:
    named = {"production_order_id": victim.order.id}
    yield planning.LIST_PRODUCTION_ORDERS, planning.ListProductionOrders(limit=500)
    yield planning.GET_PRODUCTION_ORDER, planning.GetProductionOrder(**named)
    change = planning.ProductionOrderChange(quantity=1)
    update = planning.UpdateProductionOrder(**named, change=change)
    yield planning.UPDATE_PRODUCTION_ORDER, update
    for act in ("RELEASE", "HOLD", "RESUME", "CANCEL", "CLOSE"):
        request = ActOnProductionOrder(**named, reason="mine now")
        yield getattr(planning, f"{act}_PRODUCTION_ORDER"), request
    decision = {"code": "order_in_progress", "decision": "keep", "reason": "mine now"}
    resolve = planning.ResolveException.model_validate(named | decision)
    yield planning.RESOLVE_PRODUCTION_ORDER_EXCEPTION, resolve


def _routing_questions(victim: Owner) -> Iterable[Question]:
    named = {"routing_id": victim.routing_id}
    yield routing.LIST_ROUTINGS, routing.ListRoutings(limit=500)
    yield routing.GET_ROUTING, routing.GetRouting(**named)
    fields = routing.RoutingFields(routing_code="X", routing_name="X", product_code=BROCHURE)
    yield routing.UPDATE_ROUTING, routing.UpdateRouting(**named, fields=fields)
    for act in ("DELETE", "VALIDATE", "ACTIVATE", "RETIRE", "COPY"):
        yield getattr(routing, f"{act}_ROUTING"), ActOnRouting(**named)
    yield routing.PREVIEW_EXPANSION, routing.PreviewExpansion(**named, quantity=1)
    yield routing.GET_EXPANSION, routing.GetExpansion(production_order_id=victim.order.id)
    yield routing.GET_ROUTING_COVERAGE, routing.GetRoutingCoverage()


def _floor_questions(victim: Owner) -> Iterable[Question]:
    named = {"work_order_id": victim.work_order.id}
    yield shopfloor.LIST_WORK_ORDERS, shopfloor.ListWorkOrders(limit=500)
    yield shopfloor.GET_WORK_ORDER, shopfloor.GetWorkOrder(**named)
    yield shopfloor.LIST_WORK_ORDER_OPERATIONS, shopfloor.GetWorkOrder(**named)
    change = shopfloor.WorkOrderChange(description="mine now")
    yield shopfloor.UPDATE_WORK_ORDER, shopfloor.UpdateWorkOrder(**named, change=change)
    yield shopfloor.RELEASE_WORK_ORDER, ActOnWorkOrder(**named, reason="mine now")
    yield shopfloor.CANCEL_WORK_ORDER, shopfloor.CancelWorkOrder(**named, reason="mine now")
    yield shopfloor.COMPLETE_WORK_ORDER, shopfloor.CompleteWorkOrder(**named, reason="mine now")
    yield shopfloor.ASSIGN_LANE, shopfloor.AssignLane(**named, lane_number=CODE)
    operation = {"operation_id": victim.work_order.operations[0].id}
    added = {"operation_number": 900, "operation_name": "Mine"}
    yield shopfloor.ADD_OPERATION, shopfloor.AddOperation.model_validate(named | added)
    renamed = shopfloor.OperationChange(operation_name="Mine")
    yield shopfloor.UPDATE_OPERATION, shopfloor.UpdateOperation(**operation, change=renamed)
    yield shopfloor.COMPLETE_OPERATION, shopfloor.CompleteOperation(**operation)


def _questions(victim: Owner, rows: Mapping[str, Any]) -> Iterable[Question]:
    """Every request that lists rows or names one, asked for the victim's."""
    yield from _master_data_questions(rows)
    for of_service in (_sales_questions, _planning_questions, _routing_questions, _floor_questions):
        yield from of_service(victim)


async def _master_data_of(owner: Owner) -> dict[str, Any]:
    """One row of each kind."""
    found = {}
    for kind in _KINDS:
        page = await owner.journey.granted(kind.list, ListMasterData(limit=500))
        own = [row for row in page.items if not getattr(row, "is_global", False)]
        found[kind.name] = own[-1]
    return found


async def test_every_endpoint_answers_the_wrong_tenant_with_nothing(
    chain: Harness, victim: Owner
) -> None:
    rows = await _master_data_of(victim)
    nobody = Journey(chain, chain.new_tenant())
    before = await states.of_tenant(chain, victim.journey.tenant_id)
    asked = set()
    for endpoint, request in _questions(victim, rows):
        asked.add(endpoint.subject)
        answer = await nobody.ask(endpoint, request)
        if endpoint.verb == "list" and endpoint is not shopfloor.LIST_WORK_ORDER_OPERATIONS:
            assert answer.status == 200, endpoint.subject
            shared = [i for i in answer.body.items if not getattr(i, "is_global", False)]
            assert shared == [], endpoint.subject
        elif endpoint is routing.GET_ROUTING_COVERAGE:
            assert answer.body.product_count == 0
        elif endpoint is predictions.LIST_PREDICTION_HISTORY:
            assert answer.body.items == ()
        elif endpoint is predictions.GET_CALIBRATION:
            assert answer.status == 200
            assert not answer.body.groups
        else:
            assert answer.status == 404, (endpoint.subject, answer.body)
    unasked = {
        endpoint.subject
        for endpoint in registry.endpoints()
        if endpoint.verb not in NAMES_NOTHING and endpoint.noun not in ASKED_ELSEWHERE
    } - asked
    assert unasked == set()
    states.insist_equal(before, await states.of_tenant(chain, victim.journey.tenant_id))


async def test_lists_of_equal_codes_hold_own_rows_only(victim: Owner, intruder: Owner) -> None:
    theirs = {row.id for row in (await _master_data_of(victim)).values()}
    ours = {row.id for row in (await _master_data_of(intruder)).values()}
    assert theirs.isdisjoint(ours)


async def test_the_gateway_shows_the_wrong_tenant_nothing(victim: Owner, intruder: Owner) -> None:
    order, work_order = victim.order, victim.work_order
    async with intruder.journey.http() as client:
        for path in (
            f"work-orders/{work_order.id}",
            f"work-orders/{work_order.id}/operations",
            f"production-orders/{order.id}",
            f"production-orders/{order.id}/runs",
            f"sales-orders/{victim.sales_order_id}",
            f"routings/{victim.routing_id}",
            f"delivery-predictions/{order.project_id}",
        ):
            answer = await client.get(f"/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
        released = await client.post(f"/work-orders/{work_order.id}/release")
        assert released.status_code == 404


@asynccontextmanager
async def _listening(journey: Journey, **place: str) -> AsyncIterator[ClientConnection]:
    address = journey.harness.http_url.replace("http://", "ws://") + "/ws"
    async with connect(address) as socket:
        token = journey.harness.token("admin", tenant_id=journey.tenant_id)
        await socket.send(json.dumps({"token": token}))
        await socket.send(json.dumps({"subscribe": [">"], **place}))
        assert json.loads(await socket.recv())["control"] == "subscribed"
        yield socket


async def _frames(socket: ClientConnection) -> list[dict[str, Any]]:
    """What comes until nothing has come for a moment."""
    frames = []
    try:
        while True:
            frames.append(json.loads(await asyncio.wait_for(socket.recv(), 0.5)))
    except TimeoutError:
        return frames


async def test_a_socket_carries_its_own_tenants_events_only(chain: Harness) -> None:
    ours, theirs = await Journey.begin(chain), await Journey.begin(chain)
    async with _listening(ours) as our_socket, _listening(theirs) as their_socket:
        await theirs.confirm(theirs.document("SO-1"))
        await chain.settle()
        seen = await _frames(their_socket)
        assert "work_order_created" in {frame["event"] for frame in seen}
        assert await _frames(our_socket) == []
        await ours.confirm(ours.document("SO-1"))
        await chain.settle()
        assert "work_order_created" in {frame["event"] for frame in await _frames(our_socket)}
    said = await recording.record(await chain.jetstream(), theirs.tenant_id)
    assert {frame["id"].partition(".")[2] for frame in seen} <= {
        message.headers["ce-id"] for message in said
    }


async def test_resuming_brings_back_own_events_only(chain: Harness) -> None:
    ours, theirs = await Journey.begin(chain), await Journey.begin(chain)
    async with _listening(ours) as socket:
        await ours.confirm(ours.document("SO-1"))
        await chain.settle()
        cursor = (await _frames(socket))[0]["id"]
    await theirs.confirm(theirs.document("SO-1"))
    await chain.settle()
    own = {
        m.headers["ce-id"] for m in await recording.record(await chain.jetstream(), ours.tenant_id)
    }
    async with _listening(ours, resume_from=cursor) as socket:
        again = {frame["id"].partition(".")[2] for frame in await _frames(socket)}
    assert again
    assert again <= own
