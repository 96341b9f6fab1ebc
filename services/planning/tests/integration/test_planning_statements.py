"""What a batch costs the database: the statements of one transaction, whatever its size."""

import time
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis import metrics
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts import planning
from lineside_contracts.envelope import EventPayload, Received
from lineside_contracts.planning import (
    CapacityChecked,
    MaterialPlanned,
    PlannedOrder,
    PlannedOrderFirmed,
    ProductionOrder,
)
from lineside_contracts.routing import RoutingExpanded
from lineside_contracts.sales import SalesOrderAmended, SalesOrderConfirmed
from lineside_contracts.shopfloor import WorkOrderStatus, WorkOrderStatusChanged
from lineside_planning.orders.handlers import firming, progress, readiness, routing, sales
from lineside_planning.orders.store import orders
from lineside_testkit import builders
from lineside_testkit.events import received
from lineside_testkit.harness import Harness

Handler = Callable[[UnitOfWork, Sequence[Received[Any]]], Awaitable[None]]

SALES_STATEMENTS = 7
"""BEGIN, begin_work, applied versions, facts, reservation, write, COMMIT."""

ROUTING_STATEMENTS = 5
"""BEGIN, begin_work, orders, write, COMMIT."""

AMENDED_STATEMENTS = 7
"""BEGIN, begin_work, applied versions, orders, facts, write, COMMIT."""

READINESS_STATEMENTS = 5
"""BEGIN, begin_work, orders with their children, write, COMMIT."""

CHILDREN_STATEMENTS = 7
"""Those, and facts and reservation for child orders that are new."""

FIRMING_STATEMENTS = 7
"""BEGIN, begin_work, orders, facts, reservation, write, COMMIT."""

PROGRESS_STATEMENTS = 6
"""BEGIN, begin_work, orders, work orders, write, COMMIT."""


@pytest.mark.parametrize("count", [1, 200])
async def test_a_batch_costs_the_same_statements_whatever_its_size(
    harness: Harness,
    make_expansion: Any,
    make_work_order: Any,
    count: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tenant = harness.new_tenant()
    await harness.ask(planning.PRODUCTS.create, builders.product_fields(), tenant_id=tenant)
    url = harness.installation.database("planning").urls["app"]
    database = Database(url, service=f"planning-{count}")
    confirmed = [
        SalesOrderConfirmed(
            sales_order=builders.sales_order(order_number=f"SO-{n}", project_number=f"P-{n}")
        )
        for n in range(count)
    ]
    await _cost(database, harness.new_tenant(), sales.on_sales_orders, confirmed)
    opened = await _cost(database, tenant, sales.on_sales_orders, confirmed)
    states = await harness.sql("planning", "SELECT * FROM production_orders", tenant_id=tenant)
    answers = [
        RoutingExpanded(expansion=make_expansion(orders.production_order(row)))  # type: ignore[arg-type]
        for row in states
    ]
    routed = await _cost(database, tenant, routing.on_routing_answered, answers)
    amended = await _cost(database, tenant, sales.on_sales_orders, _amended(confirmed))
    begun = [
        WorkOrderStatusChanged(
            work_order=make_work_order(row["id"], status="in_progress"),
            old_status=WorkOrderStatus.RELEASED,
            new_status=WorkOrderStatus.IN_PROGRESS,
        )
        for row in states
    ]
    moved = await _cost(database, tenant, progress.on_work_order_status_changed, begun)
    await database.close()
    with capsys.disabled():
        print(f"\n{count:>4} orders: planning-sales {opened}, planning-routing {routed}")  # noqa: T201
        print(f"     amended: {amended}, planning-progress {moved}")  # noqa: T201
    assert len(states) == count
    assert opened.statements == SALES_STATEMENTS
    assert routed.statements == ROUTING_STATEMENTS
    assert amended.statements == AMENDED_STATEMENTS
    assert moved.statements == PROGRESS_STATEMENTS


@pytest.mark.parametrize("count", [1, 200])
async def test_answers_children_and_proposals_cost_the_same_statements_whatever_their_number(
    harness: Harness, make_expansion: Any, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant = harness.new_tenant()
    await harness.ask(planning.PRODUCTS.create, builders.product_fields(), tenant_id=tenant)
    url = harness.installation.database("planning").urls["app"]
    database = Database(url, service=f"planning-readiness-{count}")
    proposals = [PlannedOrderFirmed(planned_order=_proposal()) for _ in range(count)]
    await _cost(database, harness.new_tenant(), firming.on_planned_order_firmed, proposals)
    firmed = await _cost(database, tenant, firming.on_planned_order_firmed, proposals)
    rows = await harness.sql("planning", "SELECT * FROM production_orders", tenant_id=tenant)
    made = [orders.production_order(row) for row in rows]  # type: ignore[arg-type]
    expansions = [RoutingExpanded(expansion=make_expansion(order)) for order in made]
    await _cost(database, tenant, routing.on_routing_answered, expansions)
    short = [_answer(order, 101, status="short") for order in made]
    checks = [CapacityChecked(capacity_plan=builders.capacity_plan(o, version=101)) for o in made]
    held = await _cost(database, tenant, readiness.on_answers, [*short, *checks])
    needing = [_answer(order, 102, children=[_need()]) for order in made]
    opened = await _cost(database, tenant, readiness.on_answers, needing)
    rows = await harness.sql("planning", "SELECT * FROM production_orders", tenant_id=tenant)
    gone = [_answer(order, 103) for order in made]
    closed = await _cost(database, tenant, readiness.on_answers, gone)
    await database.close()
    with capsys.disabled():
        print(f"\n{count:>4} orders: planning-firming {firmed}")  # noqa: T201
        print(f"     planning-readiness: {held}")  # noqa: T201
        print(f"     children opened: {opened}, called off: {closed}")  # noqa: T201
    assert len(rows) == 2 * count
    assert firmed.statements == FIRMING_STATEMENTS
    assert opened.statements == CHILDREN_STATEMENTS
    assert (held.statements, closed.statements) == (READINESS_STATEMENTS, READINESS_STATEMENTS)


def _answer(order: ProductionOrder, version: int, **over: Any) -> MaterialPlanned:
    return MaterialPlanned(material_plan=builders.material_plan(order, version=version, **over))


def _need() -> dict[str, Any]:
    return {
        "id": SYSTEM_CLOCK.new_id(),
        "requirement_id": SYSTEM_CLOCK.new_id(),
        "product_code": builders.BROCHURE,
        "quantity": 10,
        "unit_code": "EA",
        "due_date": builders.DUE_ON,
    }


def _proposal() -> PlannedOrder:
    return PlannedOrder(
        id=SYSTEM_CLOCK.new_id(),
        version=2,
        product_code=builders.BROCHURE,
        plant_code=builders.PLANT,
        make_or_buy="make",
        quantity=Decimal(5),
        unit_code="EA",
        release_on=builders.DUE_ON,
        due_on=builders.DUE_ON,
        level=0,
        is_past_due=False,
        status="firmed",
    )


def _amended(confirmed: Sequence[SalesOrderConfirmed]) -> list[SalesOrderAmended]:
    lines = [builders.sales_order_line(quantity=5)]
    return [
        SalesOrderAmended(
            sales_order=builders.sales_order(
                **dict(event.sales_order) | {"version": 2, "revision": 2, "lines": lines}
            ),
            previous_revision=1,
        )
        for event in confirmed
    ]


class Cost:
    """Statements and milliseconds of one transaction."""

    def __init__(self, statements: int, milliseconds: float) -> None:
        self.statements = statements
        self.milliseconds = milliseconds

    def __str__(self) -> str:
        return f"{self.statements} statements, {self.milliseconds:.1f} ms"


async def _cost(
    database: Database, tenant: UUID, handler: Handler, payloads: Sequence[EventPayload]
) -> Cost:
    events = [received(payload, tenant) for payload in payloads]
    counter = metrics.STATEMENTS.labels(database.service)
    before, start = _value(counter), time.perf_counter()
    async with database.consuming(
        Context.of_event(events[0].envelope),
        consumer="counting",
        event_ids=[event.envelope.event_id for event in events],
    ) as (uow, _):
        await handler(uow, events)
    return Cost(int(_value(counter) - before), (time.perf_counter() - start) * 1000)


def _value(counter: Any) -> float:
    (sample, *_) = [s for metric in counter.collect() for s in metric.samples]
    value: float = sample.value
    return value
