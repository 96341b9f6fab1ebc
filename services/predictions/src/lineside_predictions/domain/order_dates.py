"""When one order will be ready: from capacity where it is known, else from standard times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

from lineside_manufacturing.calendars import NoWorkingTime, WorkingCalendar, standard_calendar
from lineside_predictions.domain import lead_time
from lineside_predictions.domain.lead_time import RemainingRun

RUN_DONE = frozenset({"completed", "cancelled"})


@dataclass(frozen=True)
class Run:
    """A planned run and how far it is, as far as predictions need it."""

    id: UUID
    sequence_number: int
    predecessors: tuple[int, ...]
    work_minutes: Decimal
    wait_minutes: Decimal
    is_done: bool = False


@dataclass(frozen=True)
class Forecast:
    """What planning's capacity check says of an order.

    Attributes:
        estimated_completion_at: By finite loading, not before its materials; None: not known.
        materials_available_on: When the last material is expected; None: at once or not known.
    """

    estimated_completion_at: datetime | None = None
    materials_available_on: date | None = None


NO_FORECAST = Forecast()


@dataclass(frozen=True)
class OrderDates:
    """When an order will be ready, and what that rests on.

    Attributes:
        remaining_work_minutes: Standard minutes that are left.
        queue_minutes: Working minutes spent waiting for capacity; None: queues are not known.
        materials_available_on: Before which nothing is done; None: at once or not known.
    """

    remaining_work_minutes: Decimal
    p50_date: date
    p80_date: date
    p95_date: date
    queue_minutes: Decimal | None = None
    materials_available_on: date | None = None


def predict_order(
    runs: Sequence[Run],
    *,
    now: datetime,
    calendar: WorkingCalendar,
    forecast: Forecast = NO_FORECAST,
) -> OrderDates:
    """Say when the runs that are left will be done, on working days of their plant.

    Half of such orders are done by the completion that finite loading estimates, where there is
    one; otherwise the work goes on from now, or from when its materials are there, without queues.
    How far the other quantiles lie behind comes from the simulated processing time alone.

    Args:
        runs: All of them, in an order in which predecessors come first.
        now: The earliest anything is done.
        calendar: Of the order's plant; one without working time is replaced by the standard one.
        forecast: What capacity says.
    """
    try:
        return _predict_order(runs, now=now, calendar=calendar, forecast=forecast)
    except NoWorkingTime:
        standard = standard_calendar(calendar.zone)
        return _predict_order(runs, now=now, calendar=standard, forecast=forecast)


def mark_done(runs: Sequence[Run], run_status: Mapping[UUID, str]) -> tuple[Run, ...]:
    """Take over which runs the floor has finished."""
    return tuple(
        replace(run, is_done=run_status[run.id] in RUN_DONE) if run.id in run_status else run
        for run in runs
    )


def _predict_order(
    runs: Sequence[Run], *, now: datetime, calendar: WorkingCalendar, forecast: Forecast
) -> OrderDates:
    left = [run for run in runs if not run.is_done]
    lead = lead_time.simulate([_remaining(run) for run in left])
    wait = timedelta(minutes=lead.wait_minutes)
    start = _start(forecast, now=now, calendar=calendar) if left else now
    plain = calendar.add_working_minutes(start, _minutes(lead.p50_minutes)) + wait
    estimated = forecast.estimated_completion_at if left else None
    is_estimated = estimated is not None and estimated > now
    middle = estimated if estimated is not None and is_estimated else plain

    def ready_on(minutes: float) -> date:
        behind = _minutes(minutes - lead.p50_minutes)
        end = calendar.add_working_minutes(middle, behind)
        return calendar.working_day_on_or_after(calendar.local_date(end))

    queue = max(Fraction(0), calendar.working_minutes(plain, middle)) if is_estimated else None
    return OrderDates(
        remaining_work_minutes=sum((run.work_minutes for run in left), Decimal(0)),
        p50_date=ready_on(lead.p50_minutes),
        p80_date=ready_on(lead.p80_minutes),
        p95_date=ready_on(lead.p95_minutes),
        queue_minutes=None if queue is None else Decimal(round(queue)),
        materials_available_on=forecast.materials_available_on if left else None,
    )


def _start(forecast: Forecast, *, now: datetime, calendar: WorkingCalendar) -> datetime:
    """When work may go on: now, or at the beginning of the day on which materials are there."""
    day = forecast.materials_available_on
    if day is None:
        return now
    return max(now, datetime.combine(day, time(), ZoneInfo(calendar.zone)))


def _remaining(run: Run) -> RemainingRun:
    work, wait = float(run.work_minutes), float(run.wait_minutes)
    return RemainingRun(run.sequence_number, run.predecessors, work, wait)


def _minutes(minutes: float) -> Fraction:
    return Fraction(round(minutes * 60), 60)
