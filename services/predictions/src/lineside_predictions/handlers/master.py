"""Plants and calendars in: the days on which something can be ready."""

from collections.abc import Sequence

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Received
from lineside_contracts.planning import CalendarChanged
from lineside_contracts.shopfloor import PlantChanged
from lineside_predictions.store import projects

MASTER_CONSUMER = "predictions-master"


def consumer() -> Consumer:
    """What is projected."""
    master = Consumer(MASTER_CONSUMER, stream=streams.MASTER_DATA)
    master.on_batch(PlantChanged)(on_plant_changed)
    master.on_batch(CalendarChanged)(on_calendar_changed)
    return master


async def on_plant_changed(uow: UnitOfWork, events: Sequence[Received[PlantChanged]]) -> None:
    """Remember the zone a plant's days are in, and its calendar."""
    plants = [event.payload.plant for event in events]
    projects.save_plants(
        uow,
        [
            {
                "plant_code": plant.plant_code,
                "time_zone": plant.time_zone,
                "version": plant.version,
                "calendar_code": plant.calendar_code,
            }
            for plant in plants
        ],
    )


async def on_calendar_changed(uow: UnitOfWork, events: Sequence[Received[CalendarChanged]]) -> None:
    """Remember when people work; what is predicted next counts in it."""
    rows = [
        {
            "calendar_code": calendar.calendar_code,
            "shifts": [shift.model_dump(mode="json") for shift in calendar.shifts],
            "holidays": [day.isoformat() for day in calendar.holidays],
            "version": calendar.version,
            "deleted": calendar.deleted,
        }
        for calendar in (event.payload.calendar for event in events)
    ]
    projects.save_calendars(uow, rows)
