"""Working calendars: when a plant, work center or lane works, and time measured in that (RULES 28).

Built from a shift calendar with its holidays and closures (maintenance); asked by capacity, lead
times, schedules and predictions. Instants come back in UTC, dates are the plant's. Questions about
dates (working days) are answered by the base, `working_days`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from lineside_manufacturing import quantities, time_spans
from lineside_manufacturing.quantities import Number
from lineside_manufacturing.shifts import Shift
from lineside_manufacturing.timelines import NoWorkingTime, Timeline
from lineside_manufacturing.working_days import WorkingDays

__all__ = ["NoWorkingTime", "Shift", "WorkingCalendar", "standard_calendar"]

_MINUTE = 60_000_000
"""Microseconds in a minute: the clock's smallest step, to which work is rounded up."""

_FIVE_DAYS = frozenset(range(5))


@dataclass(frozen=True)
class WorkingCalendar(WorkingDays):
    """A calendar of working time in one zone.

    Attributes:
        zone: IANA name, such as "Europe/Berlin".
        shifts: Weekly shifts; where two overlap, time counts once.
        holidays: Local dates on which no shift starts (one begun the evening before runs on).
        closures: Aware instants from which, and until which (not included), nobody works.

    Raises:
        ValueError: If the zone is unknown, or a closure is without zone or ends before it starts.
    """

    zone: str
    shifts: tuple[Shift, ...]
    holidays: frozenset[date] = frozenset()
    closures: tuple[tuple[datetime, datetime], ...] = ()
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)
    _timeline: Timeline = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        count = time_spans.microseconds_of
        closures = [(count(start), count(end)) for start, end in self.closures]
        if any(end < start for start, end in closures):
            raise ValueError("a closure ends before it starts")
        zone = _zone_named(self.zone)
        object.__setattr__(self, "_zone", zone)
        timeline = Timeline(zone, self.shifts, self.holidays, closures)
        object.__setattr__(self, "_timeline", timeline)

    def working_intervals(
        self, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """Walk the working time between two instants.

        Args:
            start: Aware instant.
            end: Aware instant, not included; before `start` there is nothing.

        Returns:
            Half-open intervals in UTC, ascending, with a gap between any two.

        Raises:
            ValueError: If an instant is without zone.
        """
        bounds = time_spans.microseconds_of(start), time_spans.microseconds_of(end)
        for opening, closing in self._timeline.spans(*bounds):
            yield time_spans.instant_of(opening), time_spans.instant_of(closing)

    def working_minutes(self, start: datetime, end: datetime) -> Fraction:
        """Measure the working time between two instants, elapsed and not by the wall clock.

        Args:
            start: Aware instant.
            end: Aware instant, at most a century away.

        Returns:
            Minutes, exact; negative where `end` is before `start`.

        Raises:
            ValueError: If an instant is without zone, or a century lies between them.
        """
        bounds = time_spans.microseconds_of(start), time_spans.microseconds_of(end)
        return Fraction(self._timeline.work_between(*bounds), _MINUTE)

    def add_working_minutes(self, instant: datetime, minutes: Number) -> datetime:
        """Find when work begun at an instant is done.

        Args:
            instant: Aware instant; outside working time, work begins when work next begins.
            minutes: Work to do, 0 or more; rounded up to whole microseconds.

        Returns:
            The earliest instant with that much working time since `instant`, in UTC (so work that
            fills a shift ends with that shift); `instant` itself for 0 minutes.

        Raises:
            ValueError: If `instant` is without zone or `minutes` is negative.
            NoWorkingTime: If two years without work, or a century, come before the end.
        """
        moment, work = time_spans.microseconds_of(instant), _work(minutes)
        return time_spans.instant_of(self._timeline.forward(moment, work) if work else moment)

    def subtract_working_minutes(self, instant: datetime, minutes: Number) -> datetime:
        """Find when work must begin to be done by an instant.

        Args:
            instant: Aware instant.
            minutes: Work to do, 0 or more; rounded up to whole microseconds.

        Returns:
            The latest instant with that much working time until `instant`, in UTC; `instant`
            itself for 0 minutes.

        Raises:
            ValueError: If `instant` is without zone or `minutes` is negative.
            NoWorkingTime: If two years without work, or a century, come before the start.
        """
        moment, work = time_spans.microseconds_of(instant), _work(minutes)
        return time_spans.instant_of(self._timeline.backward(moment, work) if work else moment)

    def next_working_instant(self, instant: datetime) -> datetime:
        """Find the earliest instant, not before the given one, at which somebody works.

        Args:
            instant: Aware instant.

        Returns:
            `instant` within working time, else when work next begins, in UTC.

        Raises:
            ValueError: If `instant` is without zone.
            NoWorkingTime: If nobody works for two years.
        """
        moment = time_spans.microseconds_of(instant)
        return time_spans.instant_of(self._timeline.forward(moment, 1) - 1)

    def local_date(self, instant: datetime) -> date:
        """Read the plant's date at an instant.

        Args:
            instant: Aware instant.

        Returns:
            The calendar date in the zone (not the date of the shift then running).

        Raises:
            ValueError: If `instant` is without zone.
        """
        moment = time_spans.instant_of(time_spans.microseconds_of(instant))
        return moment.astimezone(self._zone).date()


@lru_cache(maxsize=128)
def standard_calendar(zone: str) -> WorkingCalendar:
    """Give a plant without a calendar of its own one to begin with.

    Two shifts from Monday to Friday, 06:00 to 14:00 and 14:00 to 22:00, each with half an hour of
    break (10:00 and 18:00): 15 working hours a day, no holidays.

    Args:
        zone: IANA name of the plant's zone.

    Returns:
        The calendar.

    Raises:
        ValueError: If the zone is unknown.
    """
    early = Shift("early", _FIVE_DAYS, time(6), time(14), ((time(10), time(10, 30)),))
    late = Shift("late", _FIVE_DAYS, time(14), time(22), ((time(18), time(18, 30)),))
    return WorkingCalendar(zone, (early, late))


def _zone_named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"{name!r} is not an IANA time zone") from None


def _work(minutes: Number) -> int:
    work = quantities.exact(minutes) * _MINUTE
    if work < 0:
        raise ValueError(f"working minutes are 0 or more, not {minutes}")
    return -(-work.numerator // work.denominator)
