"""What a transaction costs, counted as PostgreSQL counts it: for one event as for many."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts.envelope import Envelope, EventPayload, Received
from lineside_contracts.planning import (
    ProductionOrderCancelled,
    ProductionOrderCompleted,
    ProductionOrderReleased,
    ProductionOrderStatusChanged,
)
from lineside_contracts.routing import Expansion, ProductionRun, RoutingExpanded
from lineside_contracts.shopfloor import WorkOrder, WorkOrderStatus, WorkOrderStatusChanged
from lineside_shopfloor.work_orders.handlers.expansions import on_routing_expanded
from lineside_shopfloor.work_orders.handlers.followers import on_work_order_status_changed
from lineside_shopfloor.work_orders.handlers.production_orders import on_production_order
from lineside_testkit import builders
from lineside_testkit.harness import Harness

MOST_STATEMENTS = 8
"""BEGIN, begin_work, at most four loads, one write, COMMIT."""

COSTS = {
    "expanded": 7,
    "expanded again": 7,
    "expanded longer": 8,
    "routed": 5,
    "redated": 7,
    "released": 6,
    "completed": 5,
    "cancelled": 7,
    "followed": 5,
    "not followed": 3,
}
"""Each with its one write; what a status alone tells does not even load work orders.

"Followed" is completed work that nothing follows yet: where something does, there is one write."""

COUNTED = "shopfloor-counted"
TENANT = SYSTEM_CLOCK.new_id()

Handler = Callable[[UnitOfWork, list[Received[Any]]], Awaitable[None]]


@pytest.fixture
async def database(harness: Harness) -> AsyncIterator[Database]:
    await harness.client()
    opened = Database(harness.installation.database("shopfloor").urls["app"], service=COUNTED)
    yield opened
    await opened.close()


def received(payload: EventPayload) -> Received[Any]:
    about = Envelope(
        event_id=SYSTEM_CLOCK.new_id(),
        event_type=payload.EVENT.wire_name,
        tenant_id=TENANT,
        aggregate_id=payload.state.id,
        aggregate_version=payload.state.version,
        occurred_at=SYSTEM_CLOCK.now(),
        source="lineside/testkit",
        correlation_id=SYSTEM_CLOCK.new_id(),
    )
    return Received(about, payload)


def ended(order_id: UUID, status: str) -> WorkOrder:
    """Some work order of a production order, as its event tells of it."""
    return WorkOrder(
        id=SYSTEM_CLOCK.new_id(),
        version=5,
        work_order_number="WO-2026-1",
        status=WorkOrderStatus(status),
        priority="medium",
        operation_type="fabrication",
        production_order_id=order_id,
        quantity_ordered=Decimal(1),
        unit_code="EA",
        created_at=builders.AT,
        created_by=builders.ACTOR,
        updated_at=builders.AT,
        updated_by=builders.ACTOR,
    )


async def statements(database: Database, handler: Handler, payloads: Sequence[EventPayload]) -> int:
    events = [received(payload) for payload in payloads]
    context = Context.of_event(events[0].envelope)
    ids = [event.envelope.event_id for event in events]
    before = _counted()
    async with database.consuming(context, consumer=handler.__name__, event_ids=ids) as (uow, _):
        await handler(uow, events)
    return _counted() - before


def _counted() -> int:
    name = "lineside_sql_statements_total"
    return int(REGISTRY.get_sample_value(name, {"service": COUNTED}) or 0)


@pytest.mark.parametrize("count", [1, 40])
async def test_a_transaction_costs_the_same_statements_for_one_event_as_for_many(
    count: int,
    database: Database,
    brochure_runs: Callable[[], list[ProductionRun]],
    run: Callable[..., ProductionRun],
    expansion: Callable[..., Expansion],
) -> None:
    first = [expansion(brochure_runs()) for _ in range(count)]
    again = [expansion(brochure_runs(), order_id=e.id, version=2) for e in first]
    longer = [
        expansion(
            [*brochure_runs(), run(50, after=[40], operation_type="testing")],
            order_id=e.id,
            version=3,
        )
        for e in first
    ]

    def said(version: int, status: str, event: type[EventPayload], **over: Any) -> list[Any]:
        about = {"old_status": "planned", "new_status": status}
        more = about if event is ProductionOrderStatusChanged else {}
        orders = [
            builders.production_order(id=e.id, version=version, status=status, **over)
            for e in first
        ]
        return [event(production_order=order, **more) for order in orders]

    later = {"due_date": date(2027, 3, 1)}
    changed = ProductionOrderStatusChanged
    done = [
        WorkOrderStatusChanged(
            work_order=ended(e.id, "completed"), old_status="in_progress", new_status="completed"
        )
        for e in first
    ]
    begun = [
        WorkOrderStatusChanged(
            work_order=ended(e.id, "in_progress"), old_status="released", new_status="in_progress"
        )
        for e in first
    ]
    steps: dict[str, tuple[Handler, list[Any]]] = {
        "expanded": (on_routing_expanded, [RoutingExpanded(expansion=e) for e in first]),
        "expanded again": (on_routing_expanded, [RoutingExpanded(expansion=e) for e in again]),
        "expanded longer": (on_routing_expanded, [RoutingExpanded(expansion=e) for e in longer]),
        "routed": (on_production_order, said(3, "routed", changed, planning_version=3)),
        "redated": (on_production_order, said(4, "routed", changed, planning_version=3, **later)),
        "released": (
            on_production_order,
            said(5, "released", ProductionOrderReleased, planning_version=3, **later),
        ),
        "followed": (on_work_order_status_changed, done),
        "not followed": (on_work_order_status_changed, begun),
        "completed": (
            on_production_order,
            said(6, "completed", ProductionOrderCompleted, planning_version=3, **later),
        ),
        "cancelled": (
            on_production_order,
            said(7, "cancelled", ProductionOrderCancelled, planning_version=3, **later),
        ),
    }
    costs = {
        name: await statements(database, handler, payloads)
        for name, (handler, payloads) in steps.items()
    }
    print(f"{count} events:", costs)  # noqa: T201 -- a figure people ask for
    assert costs == COSTS
    assert max(costs.values()) <= MOST_STATEMENTS
