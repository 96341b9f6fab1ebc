"""Plants whose orders are predicted again every morning."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lineside_chassis import schedules
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_predictions import tables
from lineside_predictions.store import queries


@dataclass(frozen=True, slots=True)
class DailyPlant:
    """A plant with a daily schedule.

    Attributes:
        version: Of the plant's master data.
        recalculated_on: The last local day it was kept.
    """

    id: UUID
    plant_code: str
    time_zone: str
    version: int
    deleted: bool = False
    recalculated_on: date | None = None

    def local_date(self, now: datetime) -> date:
        """The plant's date."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def is_due(self, local_time: time, *, now: datetime) -> bool:
        """Whether today's time has come and was not kept yet."""
        is_new_day = self.recalculated_on is None or self.recalculated_on < self.local_date(now)
        return (
            not self.deleted
            and is_new_day
            and schedules.is_due(local_time, self.time_zone, now=now)
        )


async def load(uow: UnitOfWork, plant_ids: Iterable[UUID]) -> list[DailyPlant]:
    """Load and lock plants in id order."""
    table = tables.daily_recalculations
    query = (
        select(table)
        .where(table.c.id == queries.any_id(plant_ids))
        .order_by(table.c.id)
        .with_for_update()
    )
    return [
        DailyPlant(
            id=row.id,
            plant_code=row.plant_code,
            time_zone=row.time_zone,
            version=row.version,
            deleted=row.deleted,
            recalculated_on=row.recalculated_on,
        )
        for row in await uow.connection.execute(query)
    ]


def save(uow: UnitOfWork, plants: Sequence[DailyPlant], *, known: Sequence[DailyPlant]) -> None:
    """Write plants: known ones are locked, a new one that stands already is a conflict."""
    held = {plant.id for plant in known}
    table = tables.daily_recalculations
    uow.update(table, [_row(plant) for plant in plants if plant.id in held])
    uow.insert(table, [_row(plant) for plant in plants if plant.id not in held])


def save_kept(uow: UnitOfWork, plants: Sequence[DailyPlant]) -> None:
    """Remember that today's recalculation of plants is asked for."""
    kept = [replace(plant, recalculated_on=plant.local_date(uow.now)) for plant in plants]
    save(uow, kept, known=plants)


def _row(plant: DailyPlant) -> dict[str, Any]:
    return {
        "id": plant.id,
        "plant_code": plant.plant_code,
        "time_zone": plant.time_zone,
        "version": plant.version,
        "deleted": plant.deleted,
        "recalculated_on": plant.recalculated_on,
    }
