"""Automatic assignment: consumers `shopfloor-assignment` and `shopfloor-assignment-master`.

A work order that is released, a lane that frees or opens, a plant whose mode changes: each may let
somebody who waits have a lane. What the events say is a hint where to look, never what is so: that
is read from the tables, so that old, repeated and reordered events do no harm.
"""

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.shopfloor import (
    Lane,
    LaneChanged,
    LaneReleased,
    LaneState,
    LaneStatus,
    LaneStatusChanged,
    PlantChanged,
    WorkOrderChanged,
    WorkOrderStatusChanged,
)
from lineside_shopfloor.assignment.handlers import filling
from lineside_shopfloor.assignment.handlers.filling import Moved
from lineside_shopfloor.assignment.store import queue

ASSIGNMENT = "shopfloor-assignment"
MASTER_DATA = "shopfloor-assignment-master"
"""The durables' names: their places in the streams, never changed."""

FloorEvent = WorkOrderStatusChanged | WorkOrderChanged | LaneStatusChanged | LaneReleased
PlaceEvent = PlantChanged | LaneChanged


def consumer() -> Consumer:
    """Build the consumer of what happens on the floor."""
    assignment = Consumer(ASSIGNMENT)
    assignment.on_batch(
        WorkOrderStatusChanged, WorkOrderChanged, LaneStatusChanged, LaneReleased, reduce=False
    )(on_floor)
    return assignment


def master_data_consumer() -> Consumer:
    """Build the consumer of what people write of plants and lanes."""
    assignment = Consumer(MASTER_DATA, stream=streams.MASTER_DATA)
    assignment.on_batch(PlantChanged, LaneChanged)(on_places)
    return assignment


async def on_floor(uow: UnitOfWork, events: list[Received[FloorEvent]]) -> None:
    """Look where work began to wait, or a lane to have room."""
    moved = Moved()
    for event in events:
        match event.payload:
            case LaneReleased(lane=lane, assignment=assignment):
                _lane(moved, event.envelope, lane)
                # taken off by hand it waits again, and may go on another lane
                moved.work_orders[assignment.work_order_id] = event.envelope
            case LaneStatusChanged(lane=lane, new_status=LaneStatus.AVAILABLE):
                _lane(moved, event.envelope, lane)
            case (
                WorkOrderStatusChanged(work_order=work_order)
                | WorkOrderChanged(work_order=work_order)
            ) if work_order.status in queue.LIVE and work_order.plant_code is not None:
                moved.plants.setdefault(work_order.plant_code, event.envelope)
                moved.work_orders[work_order.id] = event.envelope
            case _:
                continue
    await filling.fill(uow, moved)


def _lane(moved: Moved, about: Envelope, lane: LaneState | Lane) -> None:
    moved.plants.setdefault(lane.plant_code, about)
    moved.lanes[lane.id] = about


async def on_places(uow: UnitOfWork, events: list[Received[PlaceEvent]]) -> None:
    """Look again at plants whose mode may have changed, and at lanes that are new or others."""
    moved = Moved()
    for event in events:
        match event.payload:
            case PlantChanged(plant=plant):
                moved.plants.setdefault(plant.plant_code, event.envelope)
                moved.whole.add(plant.plant_code)
            case LaneChanged(lane=lane):
                _lane(moved, event.envelope, lane)
    await filling.fill(uow, moved)
