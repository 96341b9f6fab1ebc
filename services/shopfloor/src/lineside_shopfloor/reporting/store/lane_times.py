"""Lanes with the timetables they work by: their work center's calendar, else their plant's.

Two questions, whatever the number of lanes; a timetable is built once per version of what it is
made of, and remembers its days.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_manufacturing import calendars, stored_calendars
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_manufacturing.stored_calendars import CalendarSource
from lineside_shopfloor import tables
from lineside_shopfloor.places.domain.facts import Facts
from lineside_shopfloor.places.store import working_times
from lineside_shopfloor.reporting.domain.timetables import Timetable

NO_LANE = UUID(int=0)
"""Under this id stands what names no lane."""

_LANES = tables.lanes
_COLUMNS = (
    _LANES.c.id,
    _LANES.c.lane_number,
    _LANES.c.plant_code,
    _LANES.c.work_center_code,
    _LANES.c.created_at,
)


@dataclass(frozen=True, slots=True)
class LaneTime:
    """A lane (or a plant's work without one) and when it works."""

    lane_id: UUID
    lane_number: str | None
    plant_code: str
    timetable: Timetable
    created_at: datetime | None = None

    @property
    def key(self) -> tuple[str, UUID]:
        """What its figures stand under."""
        return self.plant_code, self.lane_id


@dataclass(frozen=True, slots=True)
class LaneTimes:
    """The lanes and plants that were asked for, as far as there are any."""

    lanes: Mapping[UUID, LaneTime] = field(default_factory=dict)
    plants: Mapping[str, LaneTime] = field(default_factory=dict)

    def of(self, lane_id: UUID, plant_code: str | None) -> LaneTime | None:
        """Find a lane, or the plant of what names none."""
        if lane_id == NO_LANE:
            return self.plants.get(plant_code or "")
        return self.lanes.get(lane_id)


async def load(
    uow: UnitOfWork, *, lane_ids: Iterable[UUID], plant_codes: Iterable[str], since: datetime
) -> LaneTimes:
    """Load lanes by id, and plants for what names no lane.

    Args:
        uow: The transaction.
        lane_ids: Which lanes.
        plant_codes: Which plants besides those of the lanes.
        since: Maintenance windows that ended before are left out.
    """
    listed = sorted(set(lane_ids) - {NO_LANE})
    query = select(*_COLUMNS).where(one_of(_LANES.c.id, listed))
    return await _timed(uow, query, plant_codes=plant_codes, since=since)


async def load_working(uow: UnitOfWork, *, since: datetime) -> LaneTimes:
    """Load every lane that takes work."""
    query = select(*_COLUMNS).where(_LANES.c.is_active, ~_LANES.c.deleted)
    return await _timed(uow, query, plant_codes=(), since=since)


async def load_plant(
    uow: UnitOfWork, plant_code: str, *, since: datetime, lane_id: UUID | None = None
) -> LaneTimes:
    """Load the lanes of a plant that take work, or one of them; and the plant itself."""
    query = select(*_COLUMNS).where(
        _LANES.c.plant_code == plant_code, _LANES.c.is_active, ~_LANES.c.deleted
    )
    if lane_id is not None:
        query = query.where(_LANES.c.id == lane_id)
    return await _timed(uow, query, plant_codes=[plant_code], since=since)


async def _timed(
    uow: UnitOfWork, query: object, *, plant_codes: Iterable[str], since: datetime
) -> LaneTimes:
    rows = (await uow.connection.execute(query)).all()  # type: ignore[call-overload]
    codes = {*plant_codes, *(row.plant_code for row in rows)}
    facts = await working_times.with_times(
        uow,
        Facts(),
        work_center_codes=[row.work_center_code for row in rows],
        plant_codes=codes,
        since=since,
    )
    return LaneTimes(
        lanes={
            row.id: LaneTime(
                row.id,
                row.lane_number,
                row.plant_code,
                timetable(
                    facts.time_of_center(row.work_center_code, row.plant_code).calendar,
                ),
                row.created_at,
            )
            for row in rows
        },
        plants={
            code: LaneTime(NO_LANE, None, code, timetable(facts.time_of_plant(code)))
            for code in codes
            if code in facts.times.plants
        },
    )


@lru_cache(maxsize=512)
def timetable(source: CalendarSource) -> Timetable:
    """Build a timetable, or give the one built of the same versions before."""
    return Timetable(_calendar(source))


def _calendar(source: CalendarSource) -> WorkingCalendar:
    """A stored calendar that makes no sense must not keep the floor from reporting."""
    try:
        return stored_calendars.working_calendar(source)
    except (ValueError, KeyError, TypeError):
        return calendars.standard_calendar("UTC")
