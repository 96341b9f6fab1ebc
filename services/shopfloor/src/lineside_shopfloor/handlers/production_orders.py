"""Work orders follow their production order: consumer `shopfloor-orders`.

The three events carry the order's whole state, so the newest one of a batch tells everything: a
release that is overtaken by a change is still a release. An order whose expansion has not come yet
leaves its state behind, and `expansions` finds it there.
"""

from collections.abc import Mapping
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.planning import (
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderReleased,
)
from lineside_shopfloor.domain import following, order_states as remembering
from lineside_shopfloor.domain.order_states import OrderState
from lineside_shopfloor.handlers import stamps
from lineside_shopfloor.store import order_states, work_orders

ORDERS = "shopfloor-orders"
"""The durable's name: its place in the stream, never changed."""

OrderEvent = ProductionOrderReleased | ProductionOrderCancelled | ProductionOrderChanged


def consumer() -> Consumer:
    """Build the consumer."""
    orders = Consumer(ORDERS)
    orders.on_batch(ProductionOrderReleased, ProductionOrderCancelled, ProductionOrderChanged)(
        on_production_order
    )
    return orders


async def on_production_order(uow: UnitOfWork, events: list[Received[OrderEvent]]) -> None:
    """Release, cancel or re-date the work orders of production orders."""
    claimed = await order_states.claim(uow, [e.payload.production_order.id for e in events])
    followed = [(event, _after(claimed.states, event)) for event in events]
    news = [(event, after) for event, after in followed if after != claimed.states[after.id]]
    routed = [after.id for _, after in news if after.expansion_version]
    existing = await work_orders.of_orders(uow, routed)
    for event, after in news:
        become = following.follow(
            claimed.states[after.id],
            after,
            existing.get(after.id, ()),
            facts=claimed.facts,
            stamp=stamps.of(uow, event.envelope),
        )
        work_orders.save(uow, become, caused_by=event.envelope)
    order_states.save(uow, [after for _, after in news])


def _after(states: Mapping[UUID, OrderState], event: Received[OrderEvent]) -> OrderState:
    payload = event.payload
    reason = payload.reason if isinstance(payload, ProductionOrderCancelled) else None
    order = payload.production_order
    return remembering.after_event(states[order.id], order, cancel_reason=reason)
