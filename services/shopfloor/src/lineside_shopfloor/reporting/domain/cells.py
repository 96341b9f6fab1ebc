"""What is recomputed at a time: a production date of a lane, and all that it comes to.

`store.cells` loads the facts of some cells and keeps their results.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from lineside_manufacturing import time_spans
from lineside_manufacturing.time_spans import Span
from lineside_shopfloor.reporting.domain import effectiveness, spans
from lineside_shopfloor.reporting.domain.effectiveness import Figures, Pieces, Worked
from lineside_shopfloor.reporting.domain.timetables import ShiftDay, Slot, Timetable

SECOND = 1_000_000
"""Microseconds in a second."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A production date of a lane, or of a plant's work without one (nil id)."""

    lane_id: UUID
    plant_code: str
    production_date: date


@dataclass(frozen=True, slots=True)
class Counted:
    """What effective logs of one slot report on operations of one type and one ideal time.

    Attributes:
        ideal_minutes: Of one piece; None without a standard.
    """

    operation_type: str
    good: Decimal = Decimal(0)
    scrap: Decimal = Decimal(0)
    rework: Decimal = Decimal(0)
    reworked_good: Decimal = Decimal(0)
    reworked_scrap: Decimal = Decimal(0)
    log_count: int = 0
    completed_count: int = 0
    ideal_minutes: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """A row of the daily production summary, less its key."""

    good: Decimal = Decimal(0)
    scrap: Decimal = Decimal(0)
    rework: Decimal = Decimal(0)
    reworked_good: Decimal = Decimal(0)
    reworked_scrap: Decimal = Decimal(0)
    log_count: int = 0
    completed_count: int = 0
    run: int = 0
    setup: int = 0
    pause: int = 0

    def plus(self, counted: Counted) -> "Totals":
        """Add what was counted."""
        return replace(
            self,
            good=self.good + counted.good,
            scrap=self.scrap + counted.scrap,
            rework=self.rework + counted.rework,
            reworked_good=self.reworked_good + counted.reworked_good,
            reworked_scrap=self.reworked_scrap + counted.reworked_scrap,
            log_count=self.log_count + counted.log_count,
            completed_count=self.completed_count + counted.completed_count,
        )


@dataclass(frozen=True, slots=True)
class CellFacts:
    """All that a cell comes to is decided on.

    Attributes:
        timetable: When the lane works.
        worked: Intervals that reach into the date.
        counted: What logs report, by slot.
        maintained: When planned maintenance kept the lane from working.
    """

    timetable: Timetable
    worked: Sequence[Worked] = ()
    counted: Mapping[Slot, Sequence[Counted]] = field(default_factory=dict)
    maintained: Sequence[Span] = ()


def summary_of(cell: Cell, facts: CellFacts, *, now: int) -> dict[tuple[Slot, str], Totals]:
    """Sum up a date by shift, calendar day and operation type; what is empty is left out.

    Args:
        cell: Which date.
        facts: Its facts.
        now: Microseconds since 1970, until which open intervals count.

    Returns:
        By slot (its own span left empty, so that slots of one shift and day meet) and type.

    Raises:
        Nothing.
    """
    found: dict[tuple[Slot, str], Totals] = {}
    for slot in facts.timetable.slots_of(cell.production_date):
        key = replace(slot, span=(0, 0))
        for counted in facts.counted.get(slot, ()):
            at = key, counted.operation_type
            found[at] = found.get(at, Totals()).plus(counted)
        for worked in facts.worked:
            lasted = _overlap(worked, slot.span, now=now)
            if lasted:
                at = key, worked.operation_type
                known = found.get(at, Totals())
                name = worked.activity
                found[at] = replace(known, **{name: getattr(known, name) + lasted})
    return found


def effectiveness_of(cell: Cell, facts: CellFacts, *, now: int) -> dict[str, Figures]:
    """Measure every shift of a date that has begun, by its name.

    Args:
        cell: Which date of which lane.
        facts: Its facts.
        now: Microseconds since 1970.

    Returns:
        Figures by name of the shift.

    Raises:
        Nothing.
    """
    day = cell.production_date
    return {
        shift.name: effectiveness.measure(
            planned_of(shift, facts.maintained),
            facts.worked,
            _pieces(facts, day, shift.name),
            now=now,
        )
        for shift in facts.timetable.shifts_of(day)
        if shift.start < now
    }


def planned_of(shift: ShiftDay, maintained: Iterable[Span]) -> list[Span]:
    """Tell when work was planned: the shift less breaks, closures and planned maintenance."""
    return time_spans.without(shift.working, time_spans.merged(maintained))


def _pieces(facts: CellFacts, day: date, shift: str) -> list[Pieces]:
    return [
        Pieces(
            good=Fraction(each.good - each.reworked_good),
            scrap=Fraction(each.scrap - each.reworked_scrap),
            rework=Fraction(each.rework),
            ideal_minutes=each.ideal_minutes,
        )
        for slot, listed in facts.counted.items()
        if slot.shift == shift and slot.production_date == day
        for each in listed
    ]


def _overlap(worked: Worked, span: Span, *, now: int) -> int:
    start, end = spans.believed(worked.start, worked.end, now=now)
    return max(0, min(end, span[1]) - max(start, span[0]))
