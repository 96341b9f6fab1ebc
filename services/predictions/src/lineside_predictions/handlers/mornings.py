"""Plants in: each gets a daily timer at six o'clock by its own clock, and loses it with the plant.

A consumer of its own, so that it begins with the first plant there was.
"""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from lineside_chassis import schedules
from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Received
from lineside_contracts.shopfloor import Plant, PlantChanged
from lineside_predictions.handlers import recalculating
from lineside_predictions.store import daily
from lineside_predictions.store.daily import DailyPlant

PLANTS_CONSUMER = "predictions-plants"


def consumer() -> Consumer:
    """Whose mornings are watched."""
    plants = Consumer(PLANTS_CONSUMER, stream=streams.MASTER_DATA)
    plants.on_batch(PlantChanged)(on_plant_changed)
    return plants


async def on_plant_changed(uow: UnitOfWork, events: Sequence[Received[PlantChanged]]) -> None:
    """Say the timer of plants that are new or have another zone; take back that of deleted ones."""
    states = [event.payload.plant for event in events]
    held = await daily.load(uow, [state.id for state in states])
    before = {plant.id: plant for plant in held}
    changed = [
        _taken_over(before.get(state.id), state)
        for state in states
        if state.id not in before or state.version > before[state.id].version
    ]
    daily.save(uow, changed, known=held)
    for plant in changed:
        _say(uow, plant, before=before.get(plant.id))


def _say(uow: UnitOfWork, plant: DailyPlant, *, before: DailyPlant | None) -> None:
    is_same = before is not None and (before.time_zone, before.deleted) == (
        plant.time_zone,
        plant.deleted,
    )
    if is_same or (before is None and plant.deleted):
        return
    if plant.deleted:
        schedules.cancel(uow, recalculating.morning(plant.id))
        return
    pattern = schedules.daily(recalculating.MORNING, plant.time_zone, now=uow.now)
    schedules.register(uow, recalculating.morning(plant.id, pattern=pattern))


def _taken_over(before: DailyPlant | None, state: Plant) -> DailyPlant:
    zone = _known_zone(state.time_zone)
    facts = DailyPlant(state.id, state.plant_code, zone, state.version, deleted=state.deleted)
    return replace(facts, recalculated_on=before.recalculated_on) if before else facts


def _known_zone(name: str) -> str:
    """The plants service refuses zones nobody knows; one that came through all the same is UTC."""
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        return "UTC"
