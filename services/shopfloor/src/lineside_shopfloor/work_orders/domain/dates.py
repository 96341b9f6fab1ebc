"""Planned dates until a schedule is published: backward from the due date (RULES 26).

Every run of a production order is placed by `run_timing`, as planning's capacity does it: on its
work center's calendar, else on that of the order's plant, due at the end of the last working period
of the due day. A work order spans its operations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lineside_contracts.routing import ProductionRun
from lineside_manufacturing import run_timing, stored_calendars, time_spans
from lineside_manufacturing.calendars import NoWorkingTime
from lineside_manufacturing.run_timing import NoWindow, RunWindow, TimedRun, Windows
from lineside_manufacturing.stored_calendars import CalendarSource
from lineside_shopfloor.places.domain.facts import Facts
from lineside_shopfloor.work_orders.domain.operations import FloorOperation

Work = ProductionRun | FloorOperation
"""A run as routing planned it, or as it became an operation on the floor."""

_UNREACHABLE = (NoWorkingTime, OverflowError, ValueError, KeyError)
"""No working time, the end of all calendars, or a calendar or zone that makes no sense."""

_DAY = timedelta(days=1)
_LAST_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Due:
    """By when a production order is to be done.

    Attributes:
        on: Local date of its plant.
        plant_code: That of its last operation, or None.
    """

    on: date
    plant_code: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """The runs of one work order, or its operations that are still to be done; and where it is."""

    work: Sequence[Work]
    plant_code: str | None


@dataclass(frozen=True, slots=True)
class PlannedDates:
    """First and last work, as local dates and as instants.

    Where no calendar has room for the order only the end's date is known: the due date.
    """

    start: date | None
    end: date
    start_at: datetime | None = None
    end_at: datetime | None = None


def planned_backward(
    groups: Sequence[Group], due: Due, *, facts: Facts, now: datetime
) -> tuple[PlannedDates, ...]:
    """Plan the work orders of one production order from its due date.

    Args:
        groups: Its work orders; work that waits for what is in none of them does not wait.
        due: When and where it is due.
        facts: With the times of its plant and work centers.
        now: No work is planned before it; what follows moves on, past the due date if need be.

    Returns:
        Dates for each.
    """
    unknown = PlannedDates(None, due.on)
    try:
        windows = _windows(groups, due, facts=facts, now=now)
        if isinstance(windows, NoWindow):
            return (unknown,) * len(groups)
        return tuple([_spanned(g, windows, facts) if g.work else unknown for g in groups])
    except _UNREACHABLE:
        return (unknown,) * len(groups)


def _windows(
    groups: Sequence[Group], due: Due, *, facts: Facts, now: datetime
) -> Windows | NoWindow:
    due_at = _due_at(facts.time_of_plant(due.plant_code), due.on)
    runs = [_timed(work, facts, due.plant_code) for group in groups for work in group.work]
    return run_timing.backward_windows(runs, due_at=due_at, not_before=now)


def _due_at(source: CalendarSource, due_date: date) -> datetime:
    """End of the last working period; a plant that never works ends its days at midnight."""
    try:
        return stored_calendars.working_calendar(source).end_of_working_day(due_date)
    except (NoWorkingTime, OverflowError):
        midnight = datetime.combine(due_date + _DAY, time())
        zone = ZoneInfo(source.time_zone)
        return time_spans.instant_of(time_spans.local_microseconds(midnight, zone))


def _timed(work: Work, facts: Facts, plant_code: str | None) -> TimedRun:
    center = facts.time_of_center(work.work_center_code, plant_code)
    number, predecessors = _numbers(work)
    return TimedRun(
        sequence_number=number,
        predecessors=predecessors,
        setup_minutes=work.setup_minutes,
        run_minutes=work.run_minutes,
        calendar=stored_calendars.working_calendar(center.calendar),
        wait_minutes=work.wait_minutes,
        planned_input=work.planned_input,
        planned_output=work.planned_output,
        units_per_product=work.units_per_product,
        transfer_batch_quantity=work.transfer_batch_quantity,
        setup_scrap_quantity=work.setup_scrap_quantity,
        unit_decimals=work.unit_decimals,
        time_basis=work.time_basis,
        batch_size=work.batch_size,
        efficiency_percentage=center.efficiency_percentage,
    )


def _numbers(work: Work) -> tuple[int, tuple[int, ...]]:
    if isinstance(work, ProductionRun):
        return work.sequence_number, work.predecessor_sequence_numbers
    return work.operation_number, work.predecessor_operation_numbers


def _spanned(group: Group, windows: Mapping[int, RunWindow], facts: Facts) -> PlannedDates:
    """From the first start to the last end; an end at midnight belongs to the day that ends."""
    own = [windows[_numbers(work)[0]] for work in group.work]
    start_at = min(window.start_at for window in own)
    end_at = max(window.end_at for window in own)
    zone = ZoneInfo(facts.zone_of(group.plant_code))
    last = max(start_at, end_at - _LAST_INSTANT)
    return PlannedDates(
        start=start_at.astimezone(zone).date(),
        end=last.astimezone(zone).date(),
        start_at=start_at,
        end_at=end_at,
    )
