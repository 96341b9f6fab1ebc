"""A working calendar as a sorted list, for the many questions of a planning run.

Asks the calendar once for each day and counts by position, so that a lead time of ten years costs
what one of a day costs. Gives what `WorkingDays` gives, going back.
"""

from bisect import bisect_right
from datetime import date

from lineside_manufacturing.timelines import NoWorkingTime
from lineside_manufacturing.working_days import WorkingDays

_STRIDE = 100
"""Days looked up at a time."""

_SEARCHED_DAYS = 731
"""As `working_days`: two years without work are no calendar."""


_BLOCK = 4096
"""Days that share a list: a date in the year 9999 must not list all days until then."""


class WorkingDayIndex:
    """Working days of one calendar, as far as they were asked for."""

    def __init__(self, calendar: WorkingDays) -> None:
        self._calendar = calendar
        self._lists: dict[int, _List] = {}

    def on_or_before(self, day: date) -> date:
        """Move a date back to a working day, unless it is one.

        Args:
            day: Local date.

        Returns:
            The latest working day not after it.

        Raises:
            NoWorkingTime: If the two years before have none.
        """
        return self._back(day.toordinal() + 1, 1)

    def back(self, day: date, count: int) -> date:
        """Count working days back from a date, itself not counted.

        Args:
            day: Local date, working or not.
            count: Working days, 0 or more.

        Returns:
            The working day reached; `day` itself for 0.

        Raises:
            NoWorkingTime: If two years without working days come before it.
        """
        return self._back(day.toordinal(), count) if count else day

    def _back(self, before: int, count: int) -> date:
        found = self._lists.get(before // _BLOCK)
        if found is None:
            found = self._lists[before // _BLOCK] = _List(self._calendar, before)
        return date.fromordinal(found.back(before, count))


class _List:
    """Working days as ordinals, without a gap from `_first` until `_after`, which is not in it."""

    def __init__(self, calendar: WorkingDays, start: int) -> None:
        self._calendar = calendar
        self._days: list[int] = []
        self._first = self._after = start

    def back(self, before: int, count: int) -> int:
        """Find the `count`th working day before a day that is not counted."""
        if before > self._after:
            self._days += self._working(self._after, before)
            self._after = before
        while (place := bisect_right(self._days, before - 1) - count) < 0:
            self._look_back(before)
        return self._days[place]

    def _look_back(self, before: int) -> None:
        start = max(self._first - _STRIDE, 1)
        earliest = self._days[0] if self._days else before
        if start == self._first or earliest - self._first > _SEARCHED_DAYS:
            raise NoWorkingTime("no working day for two years")
        self._days[:0] = self._working(start, self._first)
        self._first = start

    def _working(self, start: int, stop: int) -> list[int]:
        is_working = self._calendar.is_working_day
        return [day for day in range(start, stop) if is_working(date.fromordinal(day))]
