"""Working calendars of what services store: shifts and holidays as JSON, maintenance windows.

Each service keeps its own copy of calendars, plants and work centers; what they make of them is the
same here: a work center works by its own calendar, else by its plant's, else by the standard one,
in the plant's zone, and not in maintenance windows of its own or of the whole plant (RULES 28). A
calendar is built once per version of what it is made of (`working_calendar`), or once per content
where only that is at hand (`plant_calendar`).
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
    content, closures = source.content, source.closures
    zone = source.time_zone
    calendar = (
        calendars.standard_calendar(zone)
        if content is None
        else _built(zone, content.shifts, content.holidays)
    )
    return calendar if not closures else _closed(calendar, closures)


def plant_calendar(
    time_zone: str, stored: Mapping[str, Any] | None, *, otherwise: str = "UTC"
) -> WorkingCalendar:
    """Build the calendar of a plant whose stored calendar has no version at hand.

    Args:
        time_zone: The plant's.
        stored: JSON as read: its `shifts` and `holidays`; None for the standard calendar.
        otherwise: The zone of the standard calendar that stands in for one that makes no sense.

    Returns:
        The calendar; the standard one where there is no shift. Built once per content.

    Raises:
        ValueError: If the zone `otherwise` is unknown.
    """
    try:
        if not stored or not stored["shifts"]:
            return calendars.standard_calendar(time_zone)
        return _built(time_zone, json.dumps(stored["shifts"]), json.dumps(stored["holidays"]))
    except (ValueError, KeyError, TypeError):
        return calendars.standard_calendar(otherwise)


def calendar_name(source: CalendarSource) -> str:
    """Name the calendar for people."""
    return source.content.calendar_code if source.content else STANDARD_CALENDAR


def closures_of(rows: Iterable[Closure]) -> tuple[Closure, ...]:
    """Bring windows into the one order under which calendars are kept."""
    return tuple(sorted(rows, key=lambda closure: closure.id))


@lru_cache(maxsize=512)
def _built(time_zone: str, shifts: str, holidays: str) -> WorkingCalendar:
    return WorkingCalendar(
        time_zone,
        tuple(map(_shift, json.loads(shifts))),
        frozenset(map(date.fromisoformat, json.loads(holidays))),
    )


def _closed(calendar: WorkingCalendar, closures: Iterable[Closure]) -> WorkingCalendar:
    spans = tuple((closure.starts_at, closure.ends_at) for closure in closures)
    return WorkingCalendar(calendar.zone, calendar.shifts, calendar.holidays, spans)


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
