"""To which date and shift each moment of a lane belongs, and which of it was planned (RULES 28).

A shift belongs to the local date on which it starts. Where shifts overlap, the one that started
first keeps the time, so that a moment belongs to one shift. Time outside of shifts belongs to its
own local date, as `unscheduled`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lineside_contracts.shopfloor import UNSCHEDULED
from lineside_manufacturing import shifts, time_spans
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_manufacturing.shifts import Shift
from lineside_manufacturing.time_spans import Span

_DAY = timedelta(days=1)
_MOST_KEPT = 1000
"""Dates a timetable remembers; asked for more, it begins anew."""


@dataclass(frozen=True, slots=True)
class ShiftDay:
    """A shift on a date.

    Attributes:
        name: As the calendar says it.
        spans: From start to end, breaks included; ascending. Several where another shift, or two
            of one name, lie between.
        working: What of it is work: without breaks and closures.
    """

    name: str
    spans: tuple[Span, ...]
    working: tuple[Span, ...]

    @property
    def start(self) -> int:
        """When it begins, in microseconds since 1970."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """When it ends."""
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of one shift (or of none) on one calendar day."""

    production_date: date
    shift: str
    calendar_date: date
    span: Span


class Timetable:
    """The shifts of a working calendar by date; what was asked once is remembered."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self.zone = ZoneInfo(calendar.zone)
        self._weekly = calendar.shifts
        self._holidays = calendar.holidays
        self._closures = time_spans.merged(
            (time_spans.microseconds_of(start), time_spans.microseconds_of(end))
            for start, end in calendar.closures
        )
        self._days: dict[date, tuple[ShiftDay, ...]] = {}

    @property
    def shift_names(self) -> frozenset[str]:
        """What the shifts are called."""
        return frozenset(shift.name for shift in self._weekly)

    def shifts_of(self, day: date) -> tuple[ShiftDay, ...]:
        """Find the shifts that start on a local date, in the order in which they start."""
        known = self._days.get(day)
        if known is None:
            if len(self._days) >= _MOST_KEPT:
                self._days.clear()
            known = self._days[day] = tuple(self._laid_out(day))
        return known

    def slots_of(self, day: date) -> list[Slot]:
        """Cut the time that belongs to a production date at midnight; ascending per shift."""
        named = [(shift.name, shift.spans) for shift in self.shifts_of(day)]
        unscheduled = time_spans.without([self.day_span(day)], self._taken(day, with_day=True))
        return [
            Slot(day, name, calendar_date, part)
            for name, spans in (*named, (UNSCHEDULED, unscheduled))
            for span in spans
            for calendar_date, part in self._by_calendar_day(day, span)
        ]

    def production_date_of(self, instant: datetime) -> date:
        """Tell to which date a moment belongs: that of its shift, else its own."""
        today = instant.astimezone(self.zone).date()
        moment = time_spans.microseconds_of(instant)
        reaches_in = any(
            start <= moment < end
            for shift in self.shifts_of(today - _DAY)
            for start, end in shift.spans
        )
        return today - _DAY if reaches_in else today

    def dates_between(self, since: datetime, until: datetime, *, limit: int) -> list[date]:
        """List the production dates of a stretch of time, at most the last `limit` of them."""
        first, last = self.production_date_of(since), self.production_date_of(until)
        count = min((last - first).days + 1, limit)
        return [last - timedelta(days=back) for back in range(count)]

    def day_span(self, day: date) -> Span:
        """Find the midnights between which a local date lies."""
        return self._midnight(day), self._midnight(day + _DAY)

    def _midnight(self, day: date) -> int:
        return time_spans.local_microseconds(datetime.combine(day, time()), self.zone)

    def _by_calendar_day(self, day: date, span: Span) -> Iterator[tuple[date, Span]]:
        """A shift starts on its date and ends on the next one at the latest."""
        start, end = span
        midnight = self._midnight(day + _DAY)
        if start < midnight:
            yield day, (start, min(end, midnight))
        if end > midnight:
            yield day + _DAY, (max(start, midnight), end)

    def _laid_out(self, day: date) -> Iterator[ShiftDay]:
        taken = self._taken(day, with_day=False)
        found: dict[str, tuple[list[Span], list[Span]]] = {}
        for shift in self._starting_on(day):
            whole = self._whole(shift, day)
            spans, working = found.setdefault(shift.name, ([], []))
            spans += time_spans.without([whole], taken)
            free = time_spans.without(shift.spans_on(day, self.zone), taken)
            working += time_spans.without(free, self._closures)
            taken = time_spans.merged([*taken, whole])
        for name, (spans, working) in found.items():
            if spans:
                yield ShiftDay(
                    name, tuple(time_spans.merged(spans)), tuple(time_spans.merged(working))
                )

    def _taken(self, day: date, *, with_day: bool) -> list[Span]:
        days = (day - _DAY, day) if with_day else (day - _DAY,)
        return time_spans.merged(
            self._whole(shift, each) for each in days for shift in self._starting_on(each)
        )

    def _starting_on(self, day: date) -> list[Shift]:
        if day in self._holidays or not shifts.has_date(self.zone, day):
            return []
        weekday = day.weekday()
        starting = [shift for shift in self._weekly if weekday in shift.weekdays]
        return sorted(starting, key=lambda shift: (shift.start, shift.name))

    def _whole(self, shift: Shift, day: date) -> Span:
        """From start to end on the wall, breaks included; 24 hours where both are equal."""
        opening = datetime.combine(day, shift.start)
        closing = datetime.combine(day, shift.end)
        if closing <= opening:
            closing += _DAY
        local = time_spans.local_microseconds
        return local(opening, self.zone), local(closing, self.zone)
