"""What a transaction costs, counted as PostgreSQL counts it: for one event as for many."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from prometheus_client import REGISTRY

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts.envelope import Envelope, EventPayload, Received
from lineside_contracts.planning import ProductionOrderCancelled, ProductionOrderReleased
from lineside_contracts.routing import Expansion, ProductionRun, RoutingExpanded
from lineside_shopfloor.handlers.expansions import on_routing_expanded
from lineside_shopfloor.handlers.production_orders import on_production_order
from lineside_testkit import builders
from lineside_testkit.harness import Harness

MOST_STATEMENTS = 7
"""BEGIN, begin_work, at most three loads, one write, COMMIT."""

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
async def test_no_transaction_of_the_chain_costs_more_than_seven_statements(
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
    orders = [builders.production_order(id=e.id, version=3, status="released") for e in first]
    ended = [builders.production_order(id=e.id, version=4, status="cancelled") for e in first]
    steps: dict[str, tuple[Handler, list[Any]]] = {
        "expanded": (on_routing_expanded, [RoutingExpanded(expansion=e) for e in first]),
        "expanded again": (on_routing_expanded, [RoutingExpanded(expansion=e) for e in again]),
        "expanded longer": (on_routing_expanded, [RoutingExpanded(expansion=e) for e in longer]),
        "released": (
            on_production_order,
            [ProductionOrderReleased(production_order=o) for o in orders],
        ),
        "cancelled": (
            on_production_order,
            [ProductionOrderCancelled(production_order=o) for o in ended],
        ),
    }
    costs = {
        name: await statements(database, handler, payloads)
        for name, (handler, payloads) in steps.items()
    }
    print(f"{count} events:", costs)  # noqa: T201 -- a figure people ask for
    assert max(costs.values()) <= MOST_STATEMENTS
