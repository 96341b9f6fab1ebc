"""Work centers while orders are loaded on them: capacity by day, and what is taken of it.

A work center with lanes has as many units as its lanes that are not inactive can take (RULES 11),
else its own parallel units. Efficiency scales capacity, once: here it stretches the time a unit is
busy with a run instead, which comes to the same and keeps a day's capacity a whole number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from lineside_manufacturing.calendars import WorkingCalendar
from lineside_planning.capacity.domain import day_buckets
from lineside_planning.capacity.domain.day_buckets import DayBuckets

Take = tuple[int, int]
"""A day (ordinal) and the microseconds taken of one unit's working time."""

TICKS = 10_000
"""Steps in a minute, and in a percent of efficiency: both have four decimals."""

_MICROSECONDS_PER_TICK = 6_000
_FULL = 100 * TICKS
_SPILL_DAYS = 3_660
"""Late work is carried on for ten years at most."""


@dataclass(frozen=True, slots=True)
class CenterFacts:
    """A work center as master data describe it.

    Attributes:
        work_center_code: "" for runs without a work center.
        calendar: Its own, else its plant's, else the standard one; without maintenance.
        units: Parallel units; None where nothing limits it (no work center is named).
        efficiency_percentage: Above 0.
        is_known: Whether master data know it.
        calendar_name: Which calendar that is, for people.
    """

    work_center_code: str
    work_center_name: str | None
    plant_code: str | None
    calendar: WorkingCalendar
    units: int | None
    efficiency_percentage: Decimal = Decimal(100)
    is_known: bool = True
    calendar_name: str = "standard calendar"

    @property
    def efficiency_ticks(self) -> int:
        """Efficiency in ten-thousandths of a percent."""
        return int(self.efficiency_percentage * TICKS)


@dataclass(slots=True)
class Center:
    """A work center with its load.

    Attributes:
        facts: What it is.
        now: Microseconds since 1970; before that nothing can be done any more.
        loads: What all orders take, by day, as it is stored; days that are over hold late work.
        taken: The same with late work, and what exceeds a day, moved on to where it can be done.
        full_until: From today until this day nothing is free; placing moves it on.
        changed_days: Days whose load is to be written.
        available_until: Working time from now to moments asked for before.
    """

    facts: CenterFacts
    now: int
    loads: dict[int, int]
    buckets: DayBuckets = field(init=False)
    taken: dict[int, int] = field(init=False)
    full_until: int = 0
    changed_days: set[int] = field(default_factory=set)
    available_until: dict[int, int] = field(default_factory=dict)
    _alone: "Center | None" = None

    def __post_init__(self) -> None:
        self.buckets = day_buckets.day_buckets(self.facts.calendar)
        self.taken = {}

    @property
    def zone(self) -> ZoneInfo:
        """Where its wall clock hangs."""
        return ZoneInfo(self.facts.calendar.zone)

    def capacity(self, day: int) -> int:
        """Microseconds of working time of all its units on a day, from now on."""
        bucket = self.buckets.bucket(day)
        return (self.facts.units or 0) * (
            bucket.work if bucket.begin >= self.now else bucket.work_after(self.now)
        )

    def give_back(self, takes: Iterable[Take]) -> None:
        """Take the load of an order off, before it is placed anew."""
        for day, amount in takes:
            self.loads[day] = max(0, self.loads.get(day, 0) - amount)
            self.changed_days.add(day)

    def settle(self) -> None:
        """Move late work, and what exceeds a day, on to the next days that have room."""
        self.full_until = today = day_buckets.first_day(self.now)
        carried = sum(amount for day, amount in self.loads.items() if day < today)
        self.taken = {day: amount for day, amount in self.loads.items() if day >= today and amount}
        if not self.facts.units or not (carried or self.taken):
            return
        last = max(self.taken, default=today)
        day = today
        while day <= last or (carried and day < today + _SPILL_DAYS):
            amount = self.taken.get(day, 0) + carried
            if amount:
                room = self.capacity(day)
                self.taken[day] = min(amount, room)
                carried = max(0, amount - room)
            day += 1

    def take(self, takes: Iterable[Take]) -> None:
        """Reserve for as long as an order is looked at."""
        if self.facts.units is None:
            return
        for day, amount in takes:
            self.taken[day] = self.taken.get(day, 0) + amount

    def release(self, takes: Iterable[Take]) -> None:
        """Undo `take`."""
        if self.facts.units is None:
            return
        for day, amount in takes:
            self.taken[day] -= amount
            self.full_until = min(self.full_until, day - 1)

    def note_full(self, day: int) -> None:
        """Remember that nothing is free until a day, where that is so."""
        if self.facts.units is None or day != self.full_until + 1:
            return
        if self.capacity(day) <= self.taken.get(day, 0):
            self.full_until = day

    def commit(self, takes: Iterable[Take]) -> None:
        """Keep what was taken as load."""
        for day, amount in takes:
            self.loads[day] = self.loads.get(day, 0) + amount
            self.changed_days.add(day)

    def busy(self, ticks: int) -> int:
        """How long a unit is busy with so much work, in microseconds, rounded up."""
        return -(-ticks * _MICROSECONDS_PER_TICK * _FULL // self.facts.efficiency_ticks)

    @property
    def alone(self) -> "Center":
        """The same work center as if nothing limited it: plain calendar time."""
        if self.facts.units is None:
            return self
        if self._alone is None:
            self._alone = Center(replace(self.facts, units=None), 0, {})
        return self._alone


def loaded(facts: CenterFacts, loads: Mapping[int, int], *, now: int) -> Center:
    """A work center with what is stored of its load; `settle` it before orders are placed."""
    return Center(facts, now, dict(loads))


def ticks_of(minutes: Decimal) -> int:
    """Minutes in whole ticks, rounded up."""
    numerator, denominator = minutes.as_integer_ratio()
    return -(-numerator * TICKS // denominator)
