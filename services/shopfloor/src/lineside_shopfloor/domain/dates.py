"""Planned dates until a schedule is published: backward from the due date (RULES 26).

Times are counted on the standard calendar of each plant; waiting is clock time. A work order must
be done when the first of its successors starts, the last ones by the end of the due day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import available_timezones

from lineside_manufacturing.calendars import NoWorkingTime, WorkingCalendar, standard_calendar

MOST_MINUTES = Decimal(10) ** 8
"""Two centuries: work beyond this has no start that a calendar could tell."""

_MINUTE = timedelta(minutes=1)
_UNREACHABLE = (NoWorkingTime, OverflowError, ValueError)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a work order takes, and where.

    Attributes:
        work_minutes: Setup and run of its operations, one after the other.
        wait_minutes: Clock time after them (drying, curing).
        time_zone: Of its plant.
        predecessors: Positions of the work orders it waits for, all below its own.
    """

    work_minutes: Decimal
    wait_minutes: Decimal
    time_zone: str
    predecessors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlannedDates:
    """First and last work, as local dates and as instants.

    Where no calendar reaches that far only the end's date is known: the due date.
    """

    start: date | None
    end: date
    start_at: datetime | None = None
    end_at: datetime | None = None


def planned_backward(
    efforts: Sequence[Effort], *, due_date: date, now: datetime
) -> tuple[PlannedDates, ...]:
    """Plan the work orders of one production order from its due date.

    Args:
        efforts: One per work order in topological order, each behind those it waits for.
        due_date: Local date by whose last working period all is done.
        now: No work is planned before it.

    Returns:
        Dates for each; a start that would lie in the past is today, and so is such an end.
    """
    needed_by: dict[int, datetime] = {}
    planned: list[PlannedDates] = []
    for position in reversed(range(len(efforts))):
        effort = efforts[position]
        try:
            start, dates = _placed(
                effort, needed_by=needed_by.get(position), due_date=due_date, now=now
            )
        except _UNREACHABLE:
            planned.append(PlannedDates(None, due_date))
            continue
        planned.append(dates)
        for before in effort.predecessors:
            needed_by[before] = min(start, needed_by.get(before, start))
    return tuple(reversed(planned))


def _placed(
    effort: Effort, *, needed_by: datetime | None, due_date: date, now: datetime
) -> tuple[datetime, PlannedDates]:
    """Find when a work order must start, and its dates as people read them."""
    calendar = calendar_of(effort.time_zone)
    ready = (needed_by or calendar.end_of_working_day(due_date)) - _elapsed(effort.wait_minutes)
    start = calendar.subtract_working_minutes(ready, min(effort.work_minutes, MOST_MINUTES))
    last_minute = max(now, start, calendar.subtract_working_minutes(ready, 1))
    start_at = max(now, start)
    planned = PlannedDates(
        start=calendar.local_date(start_at),
        end=calendar.local_date(last_minute),
        start_at=start_at,
        end_at=max(start_at, min(ready, last_minute + _MINUTE)),
    )
    return start, planned


def _elapsed(minutes: Decimal) -> timedelta:
    return timedelta(seconds=int(min(minutes, MOST_MINUTES) * 60))


@lru_cache(maxsize=256)
def calendar_of(time_zone: str) -> WorkingCalendar:
    """Give the standard calendar of a zone.

    Raises:
        ValueError: The zone is unknown.
    """
    return standard_calendar(time_zone)


def is_time_zone(name: str) -> bool:
    """Say whether a name is one of the IANA time-zone database."""
    return name in _time_zones()


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    """Read the names once: looking them up walks the machine's files."""
    return frozenset(available_timezones())
