"""Shifts: when people work on a local date, and which instants that is on a given day.

A shift belongs to the local date on which it starts, also where it ends on the next one (RULES 28).
Its times are wall-clock times of the plant; `time_spans` says what daylight saving makes of them.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lineside_manufacturing import time_spans
from lineside_manufacturing.time_spans import Span

_DAY = timedelta(days=1)
_WEEKDAYS = frozenset(range(7))


@dataclass(frozen=True)
class Shift:
    """A shift that repeats weekly.

    Attributes:
        name: What people call it.
        weekdays: Local weekdays on which it starts, 0 for Monday to 6 for Sunday.
        start: Local time it starts.
        end: Local time it ends; at or before `start` it is on the next date (24 hours where equal).
        breaks: Start and end of each break, within the shift; no work is done in them.

    Raises:
        ValueError: If a weekday is none, a time carries a zone, or a break is empty or leaves the
            shift.
    """

    name: str
    weekdays: frozenset[int]
    start: time
    end: time
    breaks: tuple[tuple[time, time], ...] = ()

    def __post_init__(self) -> None:
        if not self.weekdays <= _WEEKDAYS:
            raise ValueError(f"shift {self.name}: weekdays are 0 to 6, not {set(self.weekdays)}")
        times = (self.start, self.end, *(moment for pair in self.breaks for moment in pair))
        if any(moment.tzinfo is not None for moment in times):
            raise ValueError(f"shift {self.name}: its times are local and carry no zone")
        length = self._until(self.end)
        for opening, closing in self.breaks:
            if not self._after(opening) < self._until(closing) <= length:
                raise ValueError(f"shift {self.name}: break {opening}-{closing} is not within it")

    def spans_on(self, day: date, zone: ZoneInfo) -> list[Span]:
        """Find when the shift of a local date works.

        Args:
            day: The local date on which the shift starts; its weekday is not looked at.
            zone: The plant's zone.

        Returns:
            Disjoint spans without the breaks, ascending; a break or a shift that daylight saving
            turns inside out is none.

        Raises:
            OverflowError: If the date is within a few days of the years 1 or 9999.
        """
        opening = datetime.combine(day, self.start)
        start = time_spans.local_microseconds(opening, zone)

        def instant(offset: timedelta) -> int:
            return time_spans.local_microseconds(opening + offset, zone)

        breaks = [(instant(self._after(a)), instant(self._until(b))) for a, b in self.breaks]
        whole = time_spans.merged([(start, instant(self._until(self.end)))])
        return time_spans.without(whole, time_spans.merged(breaks))

    def _after(self, moment: time) -> timedelta:
        """From the start to a time, on the wall, below 24 hours."""
        return (_of(moment) - _of(self.start)) % _DAY

    def _until(self, moment: time) -> timedelta:
        """The same for an end: 24 hours where the two are equal."""
        return self._after(moment) or _DAY


def has_date(zone: ZoneInfo, day: date) -> bool:
    """Say whether a zone had a date at all.

    Args:
        zone: The plant's zone.
        day: Local date.

    Returns:
        False for a date that the zone left out, as Samoa did with 30 December 2011.

    Raises:
        OverflowError: If the date is within a few days of the years 1 or 9999.
    """
    noon = time_spans.local_microseconds(datetime.combine(day, time(12)), zone)
    return time_spans.instant_of(noon).astimezone(zone).date() == day


def _of(moment: time) -> timedelta:
    return datetime.combine(date.min, moment) - datetime.combine(date.min, time())
