"""Working calendars of what services store: shifts and holidays as JSON, maintenance windows.

Each service keeps its own copy of calendars, plants and work centers; what they make of them is the
same here: a work center works by its own calendar, else by its plant's, else by the standard one,
in the plant's zone, and not in maintenance windows of its own or of the whole plant (RULES 28). A
calendar is built once per version of what it is made of.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from uuid import UUID

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
class StoredCalendars:
    """Calendars and maintenance windows, as far as somebody has asked for them.

    Attributes:
        contents: By code.
        closures: By plant and work center; None for the whole plant.
    """

    contents: Mapping[str, CalendarContent] = field(default_factory=dict)
    closures: Mapping[tuple[str, str | None], Sequence[Closure]] = field(default_factory=dict)

    def source_of(
        self,
        plant_code: str,
        *,
        time_zone: str,
        calendar_codes: Sequence[str | None],
        work_center_code: str | None = None,
    ) -> CalendarSource:
        """Find what the calendar of a plant, or of a work center in it, is made of.

        Args:
            plant_code: The plant.
            time_zone: Its zone.
            calendar_codes: The first that is known counts: the work center's, then the plant's.
            work_center_code: None for the plant itself.

        Returns:
            For `working_calendar`.

        Raises:
            Nothing.
        """
        known = [self.contents[code] for code in calendar_codes if code and code in self.contents]
        closures = list(self.closures.get((plant_code, None), ()))
        if work_center_code is not None:
            closures += self.closures.get((plant_code, work_center_code), ())
        return CalendarSource(time_zone, known[0] if known else None, closures_of(closures))


@lru_cache(maxsize=1024)
def working_calendar(source: CalendarSource) -> WorkingCalendar:
    """Build a calendar, or give the one built of the same versions before.

    Args:
        source: What it is made of.

    Returns:
        The calendar.

    Raises:
        ValueError: If the zone is unknown, or shifts, holidays or closures make no sense.
        KeyError: If a stored shift lacks a field.
        TypeError: If a stored value is of another kind.
    """
    closures = tuple((c.starts_at, c.ends_at) for c in source.closures)
    if source.content is None:
        standard = calendars.standard_calendar(source.time_zone)
        if not closures:
            return standard
        return WorkingCalendar(source.time_zone, standard.shifts, closures=closures)
    return WorkingCalendar(
        source.time_zone,
        tuple(map(_shift, json.loads(source.content.shifts))),
        frozenset(map(date.fromisoformat, json.loads(source.content.holidays))),
        closures,
    )


def calendar_name(source: CalendarSource) -> str:
    """Name the calendar for people."""
    return source.content.calendar_code if source.content else STANDARD_CALENDAR


def closures_of(rows: Iterable[Closure]) -> tuple[Closure, ...]:
    """Bring windows into the one order under which calendars are kept."""
    return tuple(sorted(rows, key=lambda closure: closure.id))


def _shift(stored: Mapping[str, Any]) -> Shift:
    breaks = stored["breaks"]
    if not isinstance(breaks, list):
        raise TypeError(f"breaks of a shift are a list, not {breaks!r}")
    return Shift(
        name=str(stored["name"]),
        weekdays=frozenset(stored["weekdays"]),
        start=time.fromisoformat(stored["start"]),
        end=time.fromisoformat(stored["end"]),
        breaks=tuple(
            (time.fromisoformat(b["start"]), time.fromisoformat(b["end"])) for b in breaks
        ),
    )
