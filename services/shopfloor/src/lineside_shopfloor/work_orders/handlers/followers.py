"""Completed work lets what follows it begin: consumer `shopfloor-followers`.

A completed work order of a released production order releases those whose predecessors are all
completed. The production order's row is claimed first, as by whoever releases, changes or expands
it, so that two predecessors that end at the same moment meet there and the second one sees both.
"""

from collections.abc import Sequence
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.shopfloor import WorkOrderStatus, WorkOrderStatusChanged
from lineside_shopfloor.work_orders.domain import following
from lineside_shopfloor.work_orders.handlers import stamps
from lineside_shopfloor.work_orders.store import order_states, work_orders

FOLLOWERS = "shopfloor-followers"
"""The durable's name: its place in the stream, never changed."""


def consumer() -> Consumer:
    """Build the consumer."""
    followers = Consumer(FOLLOWERS)
    followers.on_batch(WorkOrderStatusChanged)(on_work_order_status_changed)
    return followers


async def on_work_order_status_changed(
    uow: UnitOfWork, events: list[Received[WorkOrderStatusChanged]]
) -> None:
    """Release the work orders that waited for completed ones alone."""
    causes = _completions(events)
    if not causes:
        return
    claimed = await order_states.claim(uow, list(causes))
    live = [order_id for order_id, state in claimed.states.items() if state.releases_followers]
    existing = await work_orders.of_orders(uow, live)
    for order_id in live:
        cause = causes[order_id]
        become = following.with_followers_released(
            existing[order_id], facts=claimed.facts, stamp=stamps.of(uow, cause)
        )
        work_orders.save(uow, become, caused_by=cause)


def _completions(events: Sequence[Received[WorkOrderStatusChanged]]) -> dict[UUID, Envelope]:
    """The last event of completed work, by production order."""
    return {
        event.payload.work_order.production_order_id: event.envelope
        for event in events
        if event.payload.work_order.status is WorkOrderStatus.COMPLETED
        and event.payload.work_order.production_order_id is not None
    }
