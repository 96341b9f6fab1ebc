"""The floor's progress in: a production order stands where its work orders are."""

from collections.abc import Sequence
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.shopfloor import WorkOrderReplanRefused, WorkOrderStatusChanged
from lineside_planning.orders.domain import floor_progress
from lineside_planning.orders.domain.floor_progress import FloorWorkOrder
from lineside_planning.orders.domain.sealing import Change
from lineside_planning.orders.store import orders, work_orders

PLANNING_PROGRESS = "planning-progress"


def consumer() -> Consumer:
    """Build the consumer of the floor's progress."""
    consumer = Consumer(PLANNING_PROGRESS)
    consumer.on_batch(WorkOrderStatusChanged)(on_work_order_status_changed)
    consumer.on_batch(WorkOrderReplanRefused, reduce=False)(on_work_order_replan_refused)
    return consumer


async def on_work_order_status_changed(
    uow: UnitOfWork, events: Sequence[Received[WorkOrderStatusChanged]]
) -> None:
    """Begin and complete production orders as their work orders do."""
    told = _telling(events)
    if not told:
        return
    ids = list({work_order.production_order_id for work_order in told})
    known = await orders.lock(uow, ids)
    floor = await work_orders.load(uow, list(known))
    news = [w for w in told if w.production_order_id in known and _is_newer(w, floor.get(w.id))]
    if not news:
        return
    work_orders.save(uow, news)
    floor |= {work_order.id: work_order for work_order in news}
    causes = _causes(events)
    for order_id in sorted({work_order.production_order_id for work_order in news}):
        order = known[order_id]
        mine = [w for w in floor.values() if w.production_order_id == order_id]
        after = floor_progress.follow_floor(order, mine)
        orders.change(uow, Change(order, after), caused_by=causes[order_id])


async def on_work_order_replan_refused(
    uow: UnitOfWork, events: Sequence[Received[WorkOrderReplanRefused]]
) -> None:
    """Note for a planner that the floor could not follow an amendment."""
    known = await orders.lock(uow, [event.payload.production_order_id for event in events])
    noted = dict(known)
    for event in events:
        order = noted.get(event.payload.production_order_id)
        if order is not None:
            noted[order.state.id] = floor_progress.note_refusal(order, event.payload)
    causes = {event.payload.production_order_id: event.envelope for event in events}
    for order_id, order in known.items():
        orders.change(uow, Change(order, noted[order_id]), caused_by=causes[order_id])


def _telling(events: Sequence[Received[WorkOrderStatusChanged]]) -> list[FloorWorkOrder]:
    return [
        floor_progress.floor_work_order(work_order, work_order.production_order_id)
        for work_order in (event.payload.work_order for event in events)
        if work_order.production_order_id and work_order.status in floor_progress.TELLING
    ]


def _is_newer(work_order: FloorWorkOrder, stored: FloorWorkOrder | None) -> bool:
    return stored is None or work_order.version > stored.version


def _causes(events: Sequence[Received[WorkOrderStatusChanged]]) -> dict[UUID, Envelope]:
    """The last event about each production order."""
    return {
        event.payload.work_order.production_order_id: event.envelope
        for event in events
        if event.payload.work_order.production_order_id
    }
