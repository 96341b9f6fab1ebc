"""When one order will be ready: from capacity where it is known, else from standard times.

What the floor reports makes it better: pieces that are done are not left, work that has begun goes
on at the plant's measured pace, and the completion that capacity estimated moves with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from lineside_manufacturing.calendars import NoWorkingTime, WorkingCalendar, standard_calendar
from lineside_predictions.domain import lead_time
from lineside_predictions.domain.lead_time import ASSUMED_SPREAD, LeadTime, RemainingRun
from lineside_predictions.domain.runs import Run, mark_done
from lineside_predictions.domain.velocity import Velocity

__all__ = ["Forecast", "OrderDates", "Run", "mark_done", "predict_order"]

LONGEST_MINUTES = 10_000_000.0
"""Some forty years of two shifts: whatever is said to take longer is a wrong standard time."""

Velocities = Mapping[str, Velocity]
"""How fast the order's plant has been, by operation type."""


@dataclass(frozen=True)
class Forecast:
    """What planning's capacity check says of an order.

    Attributes:
        estimated_completion_at: By finite loading, not before its materials; None: not known.
        materials_available_on: When the last material is expected; None: at once or not known.
        paced_from_at: When work was first seen to have begun under this estimate.
        paced_minutes: Standard minutes that were left then.
    """

    estimated_completion_at: datetime | None = None
    materials_available_on: date | None = None
    paced_from_at: datetime | None = None
    paced_minutes: Decimal | None = None


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
    velocities: Velocities | None = None,
) -> OrderDates:
    """Say when the runs that are left will be done, on working days of their plant.

    Half of such orders are done by the completion that finite loading estimates, where there is
    one; otherwise the work goes on from now, or from when its materials are there, without queues.
    How far the other quantiles lie behind comes from the simulated processing time alone: at the
    velocity and with the spread measured on its operation types, else at standard times.

    Args:
        runs: All of them, in an order in which predecessors come first.
        now: The earliest anything is done.
        calendar: Of the order's plant; one without working time is replaced by the standard one.
        forecast: What capacity says.
        velocities: As measured.
    """
    left = [run for run in runs if not run.is_done]
    lead = lead_time.simulate([_remaining(run, velocities or {}) for run in left])
    try:
        return _dates(left, lead, now=now, calendar=calendar, forecast=forecast)
    except NoWorkingTime:
        standard = standard_calendar(calendar.zone)
        return _dates(left, lead, now=now, calendar=standard, forecast=forecast)


def paced(forecast: Forecast, runs: Sequence[Run], *, now: datetime) -> Forecast:
    """Note when work began under an estimate, from when on the estimate moves with the work."""
    if forecast.estimated_completion_at is None or forecast.paced_from_at is not None:
        return forecast
    if not any(run.processed for run in runs) or all(run.is_done for run in runs):
        return forecast
    left = sum((run.minutes_left for run in runs), Decimal(0))
    return replace(forecast, paced_from_at=now, paced_minutes=left)


def _dates(
    left: Sequence[Run],
    lead: LeadTime,
    *,
    now: datetime,
    calendar: WorkingCalendar,
    forecast: Forecast,
) -> OrderDates:
    wait = timedelta(minutes=lead.wait_minutes)
    minutes_left = sum((run.minutes_left for run in left), Decimal(0))
    start = _start(forecast, now=now, calendar=calendar) if left else now
    plain = calendar.add_working_minutes(start, _minutes(lead.p50_minutes)) + wait
    estimated = (
        _estimate(forecast, minutes_left, now=now, calendar=calendar, plain=plain) if left else None
    )
    middle = estimated or plain

    def ready_on(minutes: float) -> date:
        behind = _minutes(minutes - lead.p50_minutes)
        end = calendar.add_working_minutes(middle, behind)
        return calendar.working_day_on_or_after(calendar.local_date(end))

    queue = max(Fraction(0), calendar.working_minutes(plain, middle)) if estimated else None
    return OrderDates(
        remaining_work_minutes=minutes_left,
        p50_date=ready_on(lead.p50_minutes),
        p80_date=ready_on(lead.p80_minutes),
        p95_date=ready_on(lead.p95_minutes),
        queue_minutes=None if queue is None else Decimal(round(queue)),
        materials_available_on=forecast.materials_available_on if left else None,
    )


def _estimate(
    forecast: Forecast,
    minutes_left: Decimal,
    *,
    now: datetime,
    calendar: WorkingCalendar,
    plain: datetime,
) -> datetime | None:
    """The completion that capacity estimates; None where it has passed or there is none.

    Once work has begun, the time that was left until then shrinks as the work does: who stands
    still slips, who is ahead gains. Without any queue it takes the plain time.
    """
    completion, begun, at_first = (
        forecast.estimated_completion_at,
        forecast.paced_from_at,
        forecast.paced_minutes,
    )
    if completion is None:
        return None
    if begun is None or not at_first:
        return completion if completion > now else None
    if completion <= begun:
        return None
    span = calendar.working_minutes(begun, completion) * Fraction(minutes_left) / Fraction(at_first)
    return max(plain, calendar.add_working_minutes(now, _minutes(float(span))))


def _start(forecast: Forecast, *, now: datetime, calendar: WorkingCalendar) -> datetime:
    """When work may go on: now, or at the beginning of the day on which materials are there."""
    day = forecast.materials_available_on
    if day is None:
        return now
    return max(now, datetime.combine(day, time(), ZoneInfo(calendar.zone)))


def _remaining(run: Run, velocities: Velocities) -> RemainingRun:
    measured = velocities.get(run.operation_type)
    ratio = measured.ratio if measured else None
    spread = measured.spread if measured else None
    return RemainingRun(
        sequence_number=run.sequence_number,
        predecessors=run.predecessors,
        work_minutes=float(run.minutes_left) / (ratio or 1.0),
        wait_minutes=float(run.wait_minutes),
        spread=spread or ASSUMED_SPREAD,
    )


def _minutes(minutes: float) -> Fraction:
    return Fraction(round(min(minutes, LONGEST_MINUTES) * 60), 60)
