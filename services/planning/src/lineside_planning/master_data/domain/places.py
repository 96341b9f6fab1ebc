"""Plants and work centers with their working calendars: pure values, built by `store.calendars`.

A work center works by its own calendar, else by its plant's, else by the standard one, in the
plant's zone, and not in maintenance windows of its own or of the whole plant (RULES 28).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Literal
from uuid import UUID

import orjson

from lineside_manufacturing import calendars
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_manufacturing.shifts import Shift

STANDARD_CALENDAR = "standard calendar"
"""What people read where neither work center nor plant names a calendar."""


@dataclass(frozen=True, slots=True)
class CalendarContent:
    """A stored calendar; two of the same id and version are the same, whatever stands in them.

    Attributes:
        shifts: JSON as it is stored, read when a calendar is built of it.
        holidays: JSON likewise.
    """

    id: UUID
    version: int
    calendar_code: str = field(compare=False)
    shifts: str = field(compare=False)
    holidays: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Closure:
    """A maintenance window."""

    id: UUID
    version: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class CalendarSource:
    """All that a working calendar is made of: what it is kept under.

    Attributes:
        content: None for the standard calendar.
        closures: In the order of their ids.
    """

    time_zone: str
    content: CalendarContent | None = None
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True, slots=True)
class PlantFacts:
    """A plant; one nobody has told us of yet is in the tenant's zone and works as standard.

    Attributes:
        calendar_name: Code of the calendar it works by, for people.
        is_known: Whether it was told of.
    """

    plant_code: str
    time_zone: str
    calendar: WorkingCalendar
    calendar_name: str = STANDARD_CALENDAR
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class WorkCenterFacts:
    """A work center.

    Attributes:
        parallel_units: Of its lanes that are not inactive, where it has lanes (RULES 11): may be 0;
            else its own.
        calendar_name: Code of the calendar it works by, for people.
    """

    work_center_code: str
    work_center_name: str
    plant_code: str
    time_zone: str
    calendar: WorkingCalendar
    calendar_name: str
    parallel_units: int
    efficiency_percentage: Decimal
    hourly_rate: Decimal
    overhead_rate: Decimal
    material_issue_method: Literal["backflush", "pick"]
    labour_role: str
    is_active: bool


@dataclass(frozen=True)
class Places:
    """What is known of the plants and work centers asked for.

    Attributes:
        time_zone: The tenant's.
    """

    time_zone: str
    plants: Mapping[str, PlantFacts]
    work_centers: Mapping[str, WorkCenterFacts]

    def plant(self, plant_code: str | None) -> PlantFacts:
        """Find a plant; an unknown one, or none, works as standard in the tenant's zone."""
        known = self.plants.get(plant_code or "")
        if known is not None:
            return known
        calendar = calendars.standard_calendar(self.time_zone)
        return PlantFacts(plant_code or "", self.time_zone, calendar, is_known=False)

    def calendar_of(
        self, *, work_center_code: str | None, plant_code: str | None
    ) -> WorkingCalendar:
        """Find the calendar that work goes by: the work center's, else the plant's."""
        center = self.work_centers.get(work_center_code or "")
        return center.calendar if center else self.plant(plant_code).calendar


@lru_cache(maxsize=512)
def working_calendar(source: CalendarSource) -> WorkingCalendar:
    """Build a calendar, or give the one built of the same versions before."""
    closures = tuple((c.starts_at, c.ends_at) for c in source.closures)
    if source.content is None:
        standard = calendars.standard_calendar(source.time_zone)
        if not closures:
            return standard
        return WorkingCalendar(source.time_zone, standard.shifts, closures=closures)
    return WorkingCalendar(
        source.time_zone,
        tuple(map(_shift, orjson.loads(source.content.shifts))),
        frozenset(map(date.fromisoformat, orjson.loads(source.content.holidays))),
        closures,
    )


def calendar_name(source: CalendarSource) -> str:
    """Name the calendar for people."""
    return source.content.calendar_code if source.content else STANDARD_CALENDAR


def closures_of(rows: Sequence[Closure]) -> tuple[Closure, ...]:
    """Bring windows into the one order under which calendars are kept."""
    return tuple(sorted(rows, key=lambda closure: closure.id))


def _shift(stored: Mapping[str, object]) -> Shift:
    breaks = stored["breaks"]
    if not isinstance(breaks, list):
        raise TypeError(f"breaks of a shift are a list, not {breaks!r}")
    return Shift(
        name=str(stored["name"]),
        weekdays=frozenset(stored["weekdays"]),  # type: ignore[call-overload]
        start=time.fromisoformat(str(stored["start"])),
        end=time.fromisoformat(str(stored["end"])),
        breaks=tuple(
            (time.fromisoformat(b["start"]), time.fromisoformat(b["end"])) for b in breaks
        ),
    )
