"""How fast a plant works: standard hours earned per worked day, by operation type (RULES 33)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from lineside_manufacturing.calendars import NoWorkingTime, WorkingCalendar

WINDOW_WORKING_DAYS = 30
"""So many working days of the plant are looked back (SPEC 12)."""

LONGEST_WINDOW_DAYS = 120
"""And no further by the calendar, where a plant works only now and then."""

TRIMMED_SHARE = 0.10
"""Of the days, at either end."""

ENOUGH_DAYS = 5
"""Fewer worked days measure nothing yet: standard times and assumed spreads stay."""

SLOWEST, FASTEST = 0.2, 5.0
"""Actual against standard beyond these is a wrong standard time or clock, no pace of work."""

NARROWEST, WIDEST = 0.05, 1.0
"""Of the spread, as a standard deviation of logarithms: equal days prove no certainty."""

_TAIL = 0.2
_TAIL_DEVIATIONS = 0.8416
"""A normal variable lies this many standard deviations below its mean at its 20 % quantile."""


@dataclass(frozen=True, slots=True)
class WorkedDay:
    """What one operation type of a plant did on one local day.

    Attributes:
        earned_minutes: Standard minutes of the pieces reported, setups included.
        pieces: Good, scrapped and to be reworked, in units of their operations.
        actual_minutes: Minutes of setup and run that were logged.
    """

    worked_on: date
    earned_minutes: float
    pieces: float
    actual_minutes: float


@dataclass(frozen=True, slots=True)
class Velocity:
    """How fast one operation type of a plant has been.

    Attributes:
        day_count: Worked days it is measured on.
        hours_per_day: Earned standard hours per worked day, trimmed.
        units_per_day: Pieces per worked day, trimmed.
        ratio: Earned standard minutes per minute worked; None: too few days to say.
        spread: Standard deviation of the logarithm of a day's earned hours; None likewise.
    """

    day_count: int
    hours_per_day: float
    units_per_day: float
    ratio: float | None = None
    spread: float | None = None


def measure(days: Sequence[WorkedDay]) -> Velocity | None:
    """Measure a velocity on the days worked; None where nothing was earned on any.

    Args:
        days: Of one plant and operation type, within the window, the present day left out.
    """
    worked = [day for day in days if day.earned_minutes > 0]
    if not worked:
        return None
    is_enough = len(worked) >= ENOUGH_DAYS
    return Velocity(
        day_count=len(worked),
        hours_per_day=trimmed_mean([day.earned_minutes / 60 for day in worked]),
        units_per_day=trimmed_mean([day.pieces for day in worked]),
        ratio=_ratio(worked) if is_enough else None,
        spread=_spread(worked) if is_enough else None,
    )


@lru_cache(maxsize=256)
def window(calendar: WorkingCalendar, today: date) -> date:
    """Find the first day that counts: 30 working days back, the present day not among them."""
    try:
        return calendar.add_working_days(today, -WINDOW_WORKING_DAYS)
    except NoWorkingTime:
        return today.fromordinal(today.toordinal() - LONGEST_WINDOW_DAYS)


def trimmed_mean(values: Sequence[float]) -> float:
    """Average what is left without the lowest and the highest tenth.

    Args:
        values: One or more.

    Source: Wilcox, "Introduction to Robust Estimation and Hypothesis Testing", 3.3: floor(share x
        count) values go at either end.
    """
    dropped = int(len(values) * TRIMMED_SHARE)
    kept = sorted(values)[dropped : len(values) - dropped]
    return math.fsum(kept) / len(kept)


def _ratio(days: Sequence[WorkedDay]) -> float | None:
    """Sums over the days whose own ratio is neither among the lowest nor the highest tenth."""
    timed = [day for day in days if day.actual_minutes > 0]
    if len(timed) < ENOUGH_DAYS:
        return None
    timed.sort(key=lambda day: day.earned_minutes / day.actual_minutes)
    dropped = int(len(timed) * TRIMMED_SHARE)
    kept = timed[dropped : len(timed) - dropped]
    earned = math.fsum(day.earned_minutes for day in kept)
    ratio = earned / math.fsum(day.actual_minutes for day in kept)
    return min(FASTEST, max(SLOWEST, ratio))


def _spread(days: Sequence[WorkedDay]) -> float:
    """From the 20 % and 80 % quantiles, which no single day can move far."""
    logarithms = [math.log(day.earned_minutes) for day in days]
    low, high = np.quantile(logarithms, (_TAIL, 1 - _TAIL))
    return min(WIDEST, max(NARROWEST, float(high - low) / (2 * _TAIL_DEVIATIONS)))
