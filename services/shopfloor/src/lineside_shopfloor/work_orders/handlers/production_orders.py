"""Work orders follow their production order: consumer `shopfloor-orders`.

Each event carries the order's whole state, so the newest one of a batch tells everything: a release
that is overtaken by a change is still a release, and a due date that came with a change of status
is a new due date. An order whose expansion has not come yet leaves its state behind, and
`expansions` finds it there. Work orders are loaded where the order's news may change them, working
times where they are dated anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.planning import (
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCompleted,
    ProductionOrderReleased,
    ProductionOrderStatusChanged,
)
from lineside_contracts.shopfloor import WorkOrder
from lineside_shopfloor.lanes.store import freeing
from lineside_shopfloor.places.domain.facts import Facts
from lineside_shopfloor.places.store import working_times
from lineside_shopfloor.work_orders.domain import (
    following,
    order_states as remembering,
    outcomes,
)
from lineside_shopfloor.work_orders.domain.order_states import OrderState
from lineside_shopfloor.work_orders.handlers import stamps
from lineside_shopfloor.work_orders.store import order_states, work_orders

ORDERS = "shopfloor-orders"
"""The durable's name: its place in the stream, never changed."""

OrderEvent = (
    ProductionOrderReleased
    | ProductionOrderCancelled
    | ProductionOrderChanged
    | ProductionOrderStatusChanged
    | ProductionOrderCompleted
)


@dataclass(frozen=True, slots=True)
class News:
    """An event that tells of a newer state of its order."""

    event: Received[OrderEvent]
    before: OrderState
    after: OrderState

    @property
    def is_redated(self) -> bool:
        """Whether its work orders are to be dated anew."""
        return remembering.is_redated(self.before, self.after)


def consumer() -> Consumer:
    """Build the consumer; what was only assessed anew is nothing to the floor."""
    orders = Consumer(ORDERS)
    orders.on_batch(
        ProductionOrderReleased,
        ProductionOrderCancelled,
        ProductionOrderChanged,
        ProductionOrderStatusChanged,
        ProductionOrderCompleted,
    )(on_production_order)
    return orders


async def on_production_order(uow: UnitOfWork, events: list[Received[OrderEvent]]) -> None:
    """Release, cancel or re-date the work orders of production orders."""
    claimed = await order_states.claim(uow, [e.payload.production_order.id for e in events])
    news = [one for event in events if (one := _news(claimed.states, event)) is not None]
    concerned = [n for n in news if following.concerns_work_orders(n.before, n.after)]
    existing = await work_orders.of_orders(uow, [n.after.id for n in concerned])
    facts = await _with_times(uow, claimed.facts, [n for n in concerned if n.is_redated], existing)
    cancelled: dict[UUID, News] = {}
    for one in concerned:
        become = following.follow(
            one.before,
            one.after,
            existing[one.after.id],
            facts=facts,
            stamp=stamps.of(uow, one.event.envelope),
        )
        work_orders.save(uow, become, caused_by=one.event.envelope)
        cancelled |= dict.fromkeys(outcomes.cancelled_ids(become), one)
    await freeing.free_all(
        uow,
        {work_order_id: one.after.cancel_reason for work_order_id, one in cancelled.items()},
        caused_by={work_order_id: one.event.envelope for work_order_id, one in cancelled.items()},
    )
    order_states.save(uow, [one.after for one in news])


def _news(states: Mapping[UUID, OrderState], event: Received[OrderEvent]) -> News | None:
    payload = event.payload
    reason = payload.reason if isinstance(payload, ProductionOrderCancelled) else None
    order = payload.production_order
    before = states[order.id]
    after = remembering.after_event(before, order, cancel_reason=reason)
    return None if after == before else News(event, before, after)


async def _with_times(
    uow: UnitOfWork,
    facts: Facts,
    redated: Sequence[News],
    existing: Mapping[UUID, Sequence[WorkOrder]],
) -> Facts:
    """Load what dates need, where there are any to find."""
    of_orders = [work_order for n in redated for work_order in existing[n.after.id]]
    if not of_orders:
        return facts
    return await working_times.with_times(
        uow,
        facts,
        work_center_codes=[o.work_center_code for w in of_orders for o in w.operations],
        plant_codes=[n.after.plant_code for n in redated],
    )
