"""Working time by day: what finite loading counts in.

A day's bucket holds the work of the shifts that start on that local date, also where they end on
the next one (RULES 28), so that a due date, the end of a day's last working period, is the end of a
bucket. Where the shifts of two dates overlap, the time belongs to the earlier one. Instants are
microseconds since 1970, days are ordinals: whole numbers add up fast and exactly.
"""

from datetime import date
from functools import lru_cache

from lineside_manufacturing import time_spans
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_manufacturing.time_spans import EPOCH, Span

DAY = 86_400_000_000
"""Microseconds in a day of 24 hours."""

EPOCH_DAY = EPOCH.date().toordinal()
_LATEST_DAY = date.max.toordinal() - 4
_MOST_KEPT = 8192


class Bucket:
    """The working time of one day, for one unit.

    Attributes:
        spans: When it works, ascending.
        begin: Where the first begins.
        end: Where the last ends.
        work: Microseconds of work in all.
    """

    __slots__ = ("begin", "end", "spans", "work")

    def __init__(self, spans: tuple[Span, ...]) -> None:
        self.spans = spans
        self.begin = spans[0][0] if spans else 0
        self.end = spans[-1][1] if spans else 0
        self.work = sum(end - begin for begin, end in spans)

    def work_after(self, moment: int) -> int:
        """Work from a moment until the day's end."""
        if moment <= self.begin:
            return self.work
        return sum(end - max(begin, moment) for begin, end in self.spans if end > moment)

    def work_before(self, moment: int) -> int:
        """Work from the day's begin until a moment."""
        if moment >= self.end:
            return self.work
        return sum(min(end, moment) - begin for begin, end in self.spans if begin < moment)

    def begin_after(self, moment: int, work: int) -> int:
        """The latest moment with exactly so much work since another, where more work follows."""
        for begin, end in self.spans:
            length = end - max(begin, moment)
            if length > 0:
                if work < length:
                    return max(begin, moment) + work
                work -= length
        return self.end

    def end_after(self, moment: int, work: int) -> int:
        """The earliest moment with so much work, above 0, since another."""
        for begin, end in self.spans:
            length = end - max(begin, moment)
            if length > 0:
                if work <= length:
                    return max(begin, moment) + work
                work -= length
        return self.end

    def end_before(self, moment: int, work: int) -> int:
        """The earliest moment with exactly so much work until another, where more work precedes."""
        for begin, end in reversed(self.spans):
            length = min(end, moment) - begin
            if length > 0:
                if work < length:
                    return min(end, moment) - work
                work -= length
        return self.begin

    def begin_before(self, moment: int, work: int) -> int:
        """The latest moment with so much work, above 0, until another."""
        for begin, end in reversed(self.spans):
            length = min(end, moment) - begin
            if length > 0:
                if work <= length:
                    return min(end, moment) - work
                work -= length
        return self.begin


_EMPTY = Bucket(())


class DayBuckets:
    """The buckets of a calendar, laid out when they are first asked for."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self.calendar = calendar
        self._kept: dict[int, Bucket] = {}

    def bucket(self, day: int) -> Bucket:
        """The working time of a local date, by its ordinal; empty on a day without work."""
        found = self._kept.get(day)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[day] = self._lay_out(day)
        return found

    def day_of(self, moment: int) -> int:
        """The day whose work is under way at a moment, or else comes next within a week."""
        first = first_day(moment)
        for day in range(first, first + 10):
            bucket = self.bucket(day)
            if bucket.work and bucket.end > moment:
                return day
        return utc_day(moment)

    def _lay_out(self, day: int) -> Bucket:
        if not EPOCH_DAY < day < _LATEST_DAY or not self._works(day):
            return _EMPTY
        earlier = [self._end(before) for before in range(day - 3, day) if self._works(before)]
        begin = max(earlier, default=(day - EPOCH_DAY - 1) * DAY)
        spans = self.calendar.working_intervals(
            time_spans.instant_of(begin), time_spans.instant_of(max(begin, self._end(day)))
        )
        count = time_spans.microseconds_of
        return Bucket(tuple((count(start), count(end)) for start, end in spans))

    def _works(self, day: int) -> bool:
        return self.calendar.is_working_day(date.fromordinal(day))

    def _end(self, day: int) -> int:
        found = self.calendar.end_of_working_day(date.fromordinal(day))
        return time_spans.microseconds_of(found)


@lru_cache(maxsize=512)
def day_buckets(calendar: WorkingCalendar) -> DayBuckets:
    """The buckets of a calendar; equal calendars share them."""
    return DayBuckets(calendar)


def utc_day(moment: int) -> int:
    """The date of a moment in UTC, as an ordinal."""
    return moment // DAY + EPOCH_DAY


def first_day(moment: int) -> int:
    """The earliest day whose bucket may reach beyond a moment, whatever the zone."""
    return utc_day(moment) - 2


def last_day(moment: int) -> int:
    """The latest day whose bucket may begin before a moment, whatever the zone."""
    return utc_day(moment) + 1
