"""Counting in working days: the questions about dates that a working calendar answers.

A *working day* is a local date on which a shift starts and is not wholly closed; its work may end
on the next date. `calendars.WorkingCalendar` is built on this class and holds its timeline.
"""

from datetime import date, datetime

from lineside_manufacturing import time_spans
from lineside_manufacturing.timelines import NoWorkingTime, Timeline

_SEARCHED_DAYS = 731
"""A search for a working day ends after two years."""


class WorkingDays:
    """The dates of a working calendar."""

    _timeline: Timeline

    def is_working_day(self, day: date) -> bool:
        """Say whether a shift starts on a local date and is not wholly closed.

        Args:
            day: Local date.

        Returns:
            True for a working day.

        Raises:
            Nothing.
        """
        return bool(self._timeline.day(day))

    def end_of_working_day(self, day: date) -> datetime:
        """Find by when something due on a local date is due (RULES 26).

        Args:
            day: Local date.

        Returns:
            End of the last working period that belongs to that date, or to the last working day
            before it, in UTC. A night shift belongs to the date on which it starts.

        Raises:
            NoWorkingTime: If the two years before have no working day.
        """
        working = self.working_day_on_or_before(day)
        return time_spans.instant_of(self._timeline.day(working)[-1][1])

    def working_day_on_or_before(self, day: date) -> date:
        """Move a date back to a working day, unless it is one.

        Args:
            day: Local date.

        Returns:
            The latest working day not after `day`.

        Raises:
            NoWorkingTime: If the two years before have none.
        """
        return day if self.is_working_day(day) else self.previous_working_day(day)

    def working_day_on_or_after(self, day: date) -> date:
        """Move a date on to a working day, unless it is one.

        Args:
            day: Local date.

        Returns:
            The earliest working day not before `day`.

        Raises:
            NoWorkingTime: If the two years after have none.
        """
        return day if self.is_working_day(day) else self.next_working_day(day)

    def next_working_day(self, day: date) -> date:
        """Find the first working day after a date.

        Args:
            day: Local date, itself not counted.

        Returns:
            The earliest working day after `day`.

        Raises:
            NoWorkingTime: If the two years after have none.
        """
        return self._neighbour(day, 1)

    def previous_working_day(self, day: date) -> date:
        """Find the last working day before a date.

        Args:
            day: Local date, itself not counted.

        Returns:
            The latest working day before `day`.

        Raises:
            NoWorkingTime: If the two years before have none.
        """
        return self._neighbour(day, -1)

    def add_working_days(self, day: date, count: int) -> date:
        """Count working days from a date, itself not counted (RULES 20).

        Args:
            day: Local date, working or not.
            count: Working days to go on; back where negative.

        Returns:
            The working day reached; `day` itself, working or not, for 0.

        Raises:
            NoWorkingTime: If two years without working days come before it.
        """
        for _ in range(abs(count)):
            day = self._neighbour(day, 1 if count > 0 else -1)
        return day

    def _neighbour(self, day: date, direction: int) -> date:
        first = day.toordinal() + direction
        last = first + direction * _SEARCHED_DAYS
        bounds = date.min.toordinal(), date.max.toordinal()
        for ordinal in range(first, last, direction):
            if bounds[0] <= ordinal <= bounds[1]:
                found = date.fromordinal(ordinal)
                if self.is_working_day(found):
                    return found
        raise NoWorkingTime(f"no working day within two years of {day.isoformat()}")
