"""Places in: plants with their zones and calendars, work centers, and lanes for their capacity."""

from collections.abc import Sequence

from lineside_chassis import master_data
from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Received
from lineside_contracts.routing import WorkCenterChanged
from lineside_contracts.shopfloor import LaneChanged, Plant, PlantChanged
from lineside_planning.master_data import tables
from lineside_planning.master_data.domain import checking

PLANNING_MASTER = "planning-master"


def consumer() -> Consumer:
    """Build the consumer of places."""
    consumer = Consumer(PLANNING_MASTER, stream=streams.MASTER_DATA)
    consumer.on_batch(PlantChanged)(on_plant_changed)
    consumer.on_batch(WorkCenterChanged)(on_work_center_changed)
    consumer.on_batch(LaneChanged)(on_lane_changed)
    return consumer


async def on_plant_changed(uow: UnitOfWork, events: Sequence[Received[PlantChanged]]) -> None:
    """Keep the plants' time zones and calendars."""
    plants = [_with_valid_zone(event.payload.plant) for event in events]
    master_data.project_state(uow, tables.plants, plants, key=("id",))


async def on_work_center_changed(
    uow: UnitOfWork, events: Sequence[Received[WorkCenterChanged]]
) -> None:
    """Keep the work centers as they are."""
    centers = [event.payload.work_center for event in events]
    master_data.project_state(uow, tables.work_centers, centers, key=("id",))


async def on_lane_changed(uow: UnitOfWork, events: Sequence[Received[LaneChanged]]) -> None:
    """Keep how much each lane can take, and for which work center."""
    lanes = [event.payload.lane for event in events]
    master_data.project_state(uow, tables.lanes, lanes, key=("id",))


def _with_valid_zone(plant: Plant) -> Plant:
    if checking.is_time_zone(plant.time_zone):
        return plant
    return plant.model_copy(update={"time_zone": "UTC"})
