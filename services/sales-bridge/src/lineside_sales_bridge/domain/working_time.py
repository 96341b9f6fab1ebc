"""The calendar a plant works by, from the projections of plants and calendars (RULES 28)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import Any

from lineside_manufacturing import calendars
from lineside_manufacturing.calendars import Shift, WorkingCalendar

DEFAULT_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class PlantTime:
    """What is known of a plant's time.

    Attributes:
        zone: IANA name.
        shifts: Of its own calendar, hashable; empty where it has none.
        holidays: Of its own calendar, ISO dates.
    """

    zone: str = DEFAULT_ZONE
    shifts: tuple[tuple[Any, ...], ...] = ()
    holidays: tuple[str, ...] = ()


def plant_time(zone: str, calendar: Mapping[str, Any] | None) -> PlantTime:
    """Read a plant's time from its row and its calendar's."""
    if calendar is None:
        return PlantTime(zone)
    shifts = tuple(
        (
            shift["name"],
            tuple(shift["weekdays"]),
            shift["start"],
            shift["end"],
            tuple((pause["start"], pause["end"]) for pause in shift["breaks"]),
        )
        for shift in calendar["shifts"]
    )
    return PlantTime(zone, shifts, tuple(calendar["holidays"]))


@lru_cache(maxsize=256)
def calendar_of(plant: PlantTime) -> WorkingCalendar:
    """Build the calendar of a plant; the standard one where it has none that makes sense."""
    try:
        if plant.shifts:
            shifts = tuple(_shift(*shift) for shift in plant.shifts)
            holidays = frozenset(date.fromisoformat(day) for day in plant.holidays)
            return WorkingCalendar(plant.zone, shifts, holidays)
        return calendars.standard_calendar(plant.zone)
    except ValueError:
        return calendars.standard_calendar(DEFAULT_ZONE)


def _shift(
    name: str, weekdays: tuple[int, ...], start: str, end: str, breaks: tuple[tuple[str, str], ...]
) -> Shift:
    pauses = tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in breaks)
    begins, ends = time.fromisoformat(start), time.fromisoformat(end)
    return Shift(name, frozenset(weekdays), begins, ends, pauses)
