"""The working time of a calendar as one line that can be measured and walked along quickly.

The line is cut into stretches of four weeks (UTC); the first question about a stretch lays out its
shifts, takes breaks and closures away and keeps the result as a `Ruler`; every later one is a
bisection. Only `calendars` uses this module.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from lineside_manufacturing import shifts, time_spans
from lineside_manufacturing.shifts import Shift
from lineside_manufacturing.time_spans import EPOCH, MICROSECOND, Ruler, Span

_DAY = timedelta(days=1) // MICROSECOND
_STRETCH = 28 * _DAY
_IDLE_STRETCHES = 27
"""Stretches without work after which a search ends: just over two years."""
_MOST_STRETCHES = 100 * 366 // 28
"""Longest walk or measurement: a century; more is a mistake in the data, not a plan."""
_EPOCH_DAY = EPOCH.date().toordinal()
_FIRST_DAY, _LAST_DAY = 4, date.max.toordinal() - 4  # a shift may reach into neighbouring dates
_MOST_CACHED = 4096


class NoWorkingTime(Exception):  # noqa: N818 - the name is part of the agreed interface
    """A calendar has no working time where some was looked for.

    Raised when two years in a row have none, or a century has not enough.
    """


class Timeline:
    """The working time of some shifts in a zone.

    Args:
        zone: The plant's zone.
        weekly: Any number of shifts; where they overlap, time counts once.
        holidays: Local dates on which no shift starts.
        closures: Spans without work, in any order.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        weekly: Sequence[Shift],
        holidays: frozenset[date],
        closures: Sequence[Span],
    ) -> None:
        self._zone = zone
        self._shifts = weekly
        self._holidays = holidays
        self._closures = time_spans.merged(closures)
        self._days: dict[date, tuple[Span, ...]] = {}
        self._rulers: dict[int, Ruler] = {}

    def day(self, day: date) -> tuple[Span, ...]:
        """Find the work of the shifts that start on a local date.

        Args:
            day: Local date.

        Returns:
            Disjoint spans, ascending, without breaks and closures.

        Raises:
            Nothing.
        """
        return tuple(time_spans.without(self._laid_out(day), self._closures))

    def spans(self, start: int, end: int) -> Iterator[Span]:
        """Walk the work between two moments.

        Args:
            start: Microseconds since 1970.
            end: The same, not included.

        Returns:
            Spans, ascending, with a gap between any two.

        Raises:
            Nothing.
        """
        held: Span | None = None
        for index in range(start // _STRETCH, -(-end // _STRETCH)):
            ruler = self._ruler(index)
            for opening, closing in zip(ruler.starts, ruler.ends, strict=True):
                span = max(opening, start), min(closing, end)
                if span[0] >= span[1]:
                    continue
                if held and held[1] == span[0]:  # cut only by the end of a stretch
                    span = held[0], span[1]
                elif held:
                    yield held
                held = span
        if held:
            yield held

    def work_between(self, start: int, end: int) -> int:
        """Measure the work between two moments.

        Args:
            start: Microseconds since 1970.
            end: The same, at most a century away.

        Returns:
            Microseconds of work, negative where `end` is the earlier.

        Raises:
            ValueError: If a century lies between them.
        """
        if end < start:
            return -self.work_between(end, start)
        first, last = start // _STRETCH, end // _STRETCH
        if last - first > _MOST_STRETCHES:
            raise ValueError("working time is measured over a century at most")
        total = sum(self._ruler(index).total for index in range(first, last))
        before = self._ruler(first).work_before(start)
        return total - before + self._ruler(last).work_before(end)

    def forward(self, moment: int, work: int) -> int:
        """Find when work begun at a moment is done.

        Args:
            moment: Microseconds since 1970.
            work: Microseconds of work, above 0.

        Returns:
            The earliest moment with that much work since `moment`.

        Raises:
            NoWorkingTime: If two years without work, or a century, come first.
        """
        index = moment // _STRETCH
        wanted = self._ruler(index).work_before(moment) + work
        for ruler in self._worked(index, 1):
            if wanted <= ruler.total:
                return ruler.earliest(wanted)
            wanted -= ruler.total
        raise NoWorkingTime(f"not enough working time in the century after {_shown(moment)}")

    def backward(self, moment: int, work: int) -> int:
        """Find when work must begin to be done by a moment.

        Args:
            moment: Microseconds since 1970.
            work: Microseconds of work, above 0.

        Returns:
            The latest moment with that much work until `moment`.

        Raises:
            NoWorkingTime: If two years without work, or a century, come first.
        """
        index = moment // _STRETCH
        ruler = self._ruler(index)
        wanted = work + ruler.total - ruler.work_before(moment)
        for ruler in self._worked(index, -1):
            if wanted <= ruler.total:
                return ruler.latest(ruler.total - wanted)
            wanted -= ruler.total
        raise NoWorkingTime(f"not enough working time in the century before {_shown(moment)}")

    def _worked(self, index: int, direction: int) -> Iterator[Ruler]:
        idle = 0
        for step in range(_MOST_STRETCHES):
            ruler = self._ruler(index + direction * step)
            idle = 0 if ruler.total else idle + 1
            if idle > _IDLE_STRETCHES:
                where = _shown((index + direction * (step - idle + 1)) * _STRETCH)
                raise NoWorkingTime(f"two years without working time around {where}")
            yield ruler

    def _ruler(self, index: int) -> Ruler:
        ruler = self._rulers.get(index)
        if ruler is None:
            if len(self._rulers) >= _MOST_CACHED:
                self._rulers.clear()
            ruler = self._rulers[index] = self._measure(index)
        return ruler

    def _measure(self, index: int) -> Ruler:
        start = index * _STRETCH
        first = start // _DAY + _EPOCH_DAY
        # Shifts that reach in may have started three dates ago (24 hours long, 14 hours west).
        dates = range(max(first - 3, _FIRST_DAY), min(first + 30, _LAST_DAY))
        spans = (span for day in dates for span in self._laid_out(date.fromordinal(day)))
        inside = [(max(a, start), min(b, start + _STRETCH)) for a, b in spans]
        return time_spans.ruler(time_spans.without(time_spans.merged(inside), self._closures))

    def _laid_out(self, day: date) -> tuple[Span, ...]:
        spans = self._days.get(day)
        if spans is None:
            if len(self._days) >= _MOST_CACHED:
                self._days.clear()
            spans = self._days[day] = tuple(self._lay_out(day))
        return spans

    def _lay_out(self, day: date) -> list[Span]:
        if day in self._holidays or not _FIRST_DAY <= day.toordinal() < _LAST_DAY:
            return []
        weekday = day.weekday()
        working = [shift for shift in self._shifts if weekday in shift.weekdays]
        if not working or not shifts.has_date(self._zone, day):
            return []
        return time_spans.merged(
            span for shift in working for span in shift.spans_on(day, self._zone)
        )


def _shown(moment: int) -> str:
    try:
        return time_spans.instant_of(moment).date().isoformat()
    except OverflowError:
        return "the end of the calendar"
