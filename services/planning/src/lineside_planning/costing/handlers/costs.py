"""What costing hears, in stream order: facts grow, the statement follows, events tell of it.

NATS → `on_events` → `store.costs` (facts under lock), `store.rates` → `domain.learning` →
`domain.statement` → facts, statement and one event per order in one statement.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, EventPayload, Received
from lineside_contracts.planning import (
    MaterialConsumed,
    MaterialPlanned,
    ProductionCost,
    ProductionCostEstimated,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCompleted,
    ProductionOrderCreated,
    ProductionOrderReleased,
    ProductionOrderStatusChanged,
    ReceiptChanged,
    VariancesSettled,
    WipChanged,
)
from lineside_contracts.routing import RoutingExpanded
from lineside_contracts.shopfloor import ProductionLogRecorded
from lineside_planning.costing.domain import learning, statement
from lineside_planning.costing.domain.facts import OrderFacts
from lineside_planning.costing.domain.learning import Rates
from lineside_planning.costing.store import costs, prices, rates
from lineside_planning.costing.store.costs import Kept

PLANNING_COSTING = "planning-costing"

_ORDERS = (
    ProductionOrderCreated,
    ProductionOrderChanged,
    ProductionOrderStatusChanged,
    ProductionOrderReleased,
    ProductionOrderCompleted,
    ProductionOrderCancelled,
)


def consumer() -> Consumer:
    """Build the consumer of everything that costs."""
    consumer = Consumer(PLANNING_COSTING)
    consumer.on_batch(ReceiptChanged)(on_receipts)
    consumer.on_batch(
        *_ORDERS,
        RoutingExpanded,
        MaterialPlanned,
        MaterialConsumed,
        ProductionLogRecorded,
        reduce=False,
    )(on_events)
    return consumer


async def on_receipts(uow: UnitOfWork, events: Sequence[Received[ReceiptChanged]]) -> None:
    """Keep the average prices of what is bought."""
    await prices.learn(uow, [event.payload.receipt for event in events])


async def on_events(uow: UnitOfWork, events: Sequence[Received[Any]]) -> None:
    """Let the costs of each order follow what was heard about it."""
    heard = [(order_id, event) for event in events if (order_id := _order_of(event.payload))]
    known = await costs.lock(uow, sorted({order_id for order_id, _ in heard}))
    today, currency = await rates.load(
        uow,
        work_centers=_work_centers(event.payload for _, event in heard),
        products=_components(event.payload for _, event in heard),
    )
    facts = {order_id: kept.facts for order_id, kept in known.items()}
    causes: dict[UUID, Envelope] = {}
    for order_id, event in heard:
        after = _learn(facts[order_id], event.payload, today)
        if after is not facts[order_id]:
            facts[order_id], causes[order_id] = after, event.envelope
    for order_id, cause in causes.items():
        _keep(uow, known[order_id], facts[order_id], currency=currency, cause=cause)


def _keep(
    uow: UnitOfWork, before: Kept, facts: OrderFacts, *, currency: str, cause: Envelope
) -> None:
    state = statement.statement(
        facts, version=before.version + 1, currency=currency, calculated_at=uow.now
    )
    said = _event(before.state, state) if facts.is_planned else None
    if said is None:  # versions count what is said
        state = state.model_copy(update={"version": before.version})
    else:
        uow.emit(said, caused_by=cause)
    costs.save(uow, before, facts, state)


def _event(before: ProductionCost | None, after: ProductionCost) -> EventPayload | None:
    """Tell the most important thing that changed; the state says all of it."""
    if after.is_settled and (before is None or _money(before) != _money(after)):
        return VariancesSettled(production_cost=after)
    if before is not None and _put_in(before) != _put_in(after):
        change = after.wip_value - before.wip_value
        return WipChanged(production_cost=after, wip_change=change, kind=_moved(before, after))
    if before is None or before.version == 0 or before.estimated != after.estimated:
        return ProductionCostEstimated(production_cost=after)
    return None


def _money(cost: ProductionCost) -> tuple[object, ...]:
    return cost.actual, cost.delivered_value, cost.is_settled, cost.variances


def _put_in(cost: ProductionCost) -> tuple[object, ...]:
    return cost.actual, cost.delivered_value


def _moved(
    before: ProductionCost, after: ProductionCost
) -> Literal["material", "operation", "delivery"]:
    if before.actual.material != after.actual.material:
        return "material"
    return "operation" if before.actual != after.actual else "delivery"


def _learn(facts: OrderFacts, payload: EventPayload, today: Rates) -> OrderFacts:
    match payload:
        case RoutingExpanded():
            return learning.of_expansion(facts, payload.expansion, today)
        case MaterialPlanned():
            return learning.of_plan(facts, payload.material_plan, today)
        case MaterialConsumed():
            planned = learning.of_plan(facts, payload.material_plan, today)
            return learning.of_consumption(planned, payload.requirement_id, payload.quantity, today)
        case ProductionLogRecorded():
            return learning.of_log(facts, payload.production_log, today)
        case _:
            return learning.of_order(facts, payload.state)  # type: ignore[arg-type]


def _order_of(payload: EventPayload) -> UUID | None:
    if isinstance(payload, ProductionLogRecorded):
        return payload.production_log.production_order_id
    return payload.state.id


def _work_centers(payloads: Iterable[EventPayload]) -> set[str]:
    found: set[str | None] = set()
    for payload in payloads:
        if isinstance(payload, RoutingExpanded):
            found |= {run.work_center_code for run in payload.expansion.runs}
        elif isinstance(payload, ProductionLogRecorded):
            found |= {total.work_center_code for total in payload.production_log.operations}
    return {code for code in found if code}


def _components(payloads: Iterable[EventPayload]) -> set[str]:
    return {
        requirement.component_code
        for payload in payloads
        if isinstance(payload, (MaterialPlanned, MaterialConsumed))
        for requirement in payload.material_plan.requirements
    }
