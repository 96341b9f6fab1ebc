"""Finite loading written down plainly: instants, fractions and one question to the calendar a day.

The same rules as `lineside_planning.capacity` for runs in a row without transfer batches, on a
calendar whose shifts end on the day they begin. `benchmarks.promises` compares both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from lineside_manufacturing.calendars import WorkingCalendar

Takes = dict[date, Fraction]
DAY = timedelta(days=1)


@dataclass
class Center:
    """A work center and the minutes taken of each day."""

    calendar: WorkingCalendar
    units: int
    now: datetime
    taken: Takes = field(default_factory=dict)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.calendar.zone))

    def _free(self, day: date) -> Fraction:
        begin, end = max(self.now, self._midnight(day)), self._midnight(day + DAY)
        whole = self.calendar.working_minutes(begin, end) * self.units
        return whole - self.taken.get(day, Fraction(0))

    def forward(self, start: datetime, work: Fraction) -> tuple[datetime, Takes]:
        """Place work as early as can be."""
        day, takes = self.calendar.local_date(start), {}
        while True:
            begin, end = max(start, self._midnight(day)), self._midnight(day + DAY)
            one = self.calendar.working_minutes(begin, end) if begin < end else Fraction(0)
            room = min(one, self._free(day))
            if room > 0:
                amount = takes[day] = min(room, work)
                work -= amount
                if not work:
                    return self.calendar.add_working_minutes(begin, one - room + amount), takes
            day += DAY

    def backward(self, until: datetime, work: Fraction) -> tuple[datetime, Takes] | None:
        """Place work as late as can be, not before now."""
        day, takes = self.calendar.local_date(until), {}
        while self._midnight(day + DAY) > self.now:
            begin, end = max(self.now, self._midnight(day)), min(until, self._midnight(day + DAY))
            one = self.calendar.working_minutes(begin, end) if begin < end else Fraction(0)
            room = min(one, self._free(day))
            if room > 0:
                amount = takes[day] = min(room, work)
                work -= amount
                if not work:
                    return self.calendar.subtract_working_minutes(end, one - room + amount), takes
            day -= DAY
        return None

    def take(self, takes: Takes, sign: int = 1) -> None:
        """Reserve, or give back."""
        for day, amount in takes.items():
            self.taken[day] = self.taken.get(day, Fraction(0)) + sign * amount


@dataclass(frozen=True)
class Answer:
    """When an order is done, when its runs are planned, how full its work centers are."""

    completes: datetime
    planned: Sequence[datetime]
    shares: Mapping[str, Fraction]


def check(
    steps: Sequence[tuple[str, Fraction]], known: Mapping[str, Center], due: datetime
) -> Answer:
    """Estimate forward, measure, commit backward, or forward where that does not fit."""
    shares = {code: _share(steps, code, known[code], due) for code, _ in steps}
    forward: list[tuple[Center, Takes]] = []
    at = next(iter(known.values())).now
    for code, work in steps:
        at, takes = known[code].forward(at, work)
        known[code].take(takes)
        forward.append((known[code], takes))
    for center, takes in forward:
        center.take(takes, -1)
    _commit(steps, known, due, forward)
    return Answer(at, _planned(steps, known, due), shares)


def _share(
    steps: Sequence[tuple[str, Fraction]], code: str, center: Center, due: datetime
) -> Fraction:
    available = center.calendar.working_minutes(center.now, due) * center.units
    last = center.calendar.local_date(due)
    committed = sum(amount for day, amount in center.taken.items() if day <= last)
    return (committed + sum(work for named, work in steps if named == code)) / available


def _planned(
    steps: Sequence[tuple[str, Fraction]], known: Mapping[str, Center], due: datetime
) -> list[datetime]:
    starts: list[datetime] = []
    for code, work in reversed(steps):
        due = known[code].calendar.subtract_working_minutes(due, work)
        starts.append(due)
    if starts[-1] >= known[steps[0][0]].now:
        return starts[::-1]
    ended, moved = known[steps[0][0]].now, []
    for (code, work), start in zip(steps, starts[::-1], strict=True):
        begin = known[code].calendar.next_working_instant(max(ended, start))
        ended = known[code].calendar.add_working_minutes(begin, work)
        moved.append(begin)
    return moved


def _commit(
    steps: Sequence[tuple[str, Fraction]],
    known: Mapping[str, Center],
    until: datetime,
    forward: Sequence[tuple[Center, Takes]],
) -> None:
    placed: list[tuple[Center, Takes]] = []
    for code, work in reversed(steps):
        found = known[code].backward(until, work)
        if found is None:
            for center, takes in placed:
                center.take(takes, -1)
            for center, takes in forward:
                center.take(takes)
            return
        until, takes = found
        known[code].take(takes)
        placed.append((known[code], takes))
