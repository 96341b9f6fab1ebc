"""Placing one run on its work center in day buckets.

A run works on one unit at a time: of a day it gets at most what one unit works within its window,
and at most what is free. What is taken of a day is thought to be done before the run gets its turn
(after it, when placed backward), as far as the day then has no full unit left: so nothing is
promised that only a luckier order of work could keep. On an empty work center the result is plain
calendar arithmetic.
"""

from dataclasses import dataclass

from lineside_planning.capacity.domain import day_buckets
from lineside_planning.capacity.domain.centers import Center, Take

HORIZON_DAYS = 3_660
"""Ten years: what needs longer has no place."""


@dataclass(slots=True)
class Placement:
    """Where a run's work goes.

    Attributes:
        start: Microseconds since 1970.
        end: The same.
        takes: What it takes of which day, ascending.
    """

    start: int
    end: int
    takes: tuple[Take, ...]


def forward(center: Center, moment: int, work: int) -> Placement | None:
    """Place work as early as it can be done.

    Args:
        center: Where; settled.
        moment: Microseconds since 1970 before which it cannot begin.
        work: Microseconds a unit is busy with it.

    Returns:
        Its place; None where there is none within ten years.

    Raises:
        Nothing.
    """
    if not work or center.facts.units == 0:
        return None if work else Placement(moment, moment, ())
    start, takes = -1, []
    first = day_buckets.first_day(moment)
    limited, bucket_of, taken = center.facts.units is not None, center.buckets.bucket, center.taken
    for day in range(first, first + HORIZON_DAYS):
        bucket = bucket_of(day)
        if bucket.end <= moment:
            continue
        one = bucket.work if moment <= bucket.begin else bucket.work_after(moment)
        room = min(one, center.capacity(day) - taken.get(day, 0)) if limited else one
        if room <= 0:
            continue
        if start < 0:
            start = bucket.begin_after(moment, one - room)
        amount = min(room, work)
        takes.append((day, amount))
        work -= amount
        if not work:
            return Placement(start, bucket.end_after(moment, one - room + amount), tuple(takes))
    return None


def backward(center: Center, moment: int, work: int) -> Placement | None:
    """Place work as late as it can be done, and not before now.

    Args:
        center: Where; settled. Its `now` bounds the search.
        moment: Microseconds since 1970 by which it must be done.
        work: Microseconds a unit is busy with it.

    Returns:
        Its place; None where there is none.

    Raises:
        Nothing.
    """
    if not work or center.facts.units == 0:
        return None if work else Placement(moment, moment, ())
    end, takes, now = -1, [], center.now
    last = day_buckets.last_day(moment)
    limited, bucket_of, taken = center.facts.units is not None, center.buckets.bucket, center.taken
    for day in range(last, last - HORIZON_DAYS, -1):
        bucket = bucket_of(day)
        if not bucket.work or bucket.begin >= moment:
            continue
        if bucket.end <= now:
            return None
        one = bucket.work_before(moment)
        if bucket.begin < now:
            one -= bucket.work_before(now)
        room = min(one, center.capacity(day) - taken.get(day, 0)) if limited else one
        if room <= 0:
            continue
        if end < 0:
            end = bucket.end_before(moment, one - room)
        amount = min(room, work)
        takes.append((day, amount))
        work -= amount
        if not work:
            start = bucket.begin_before(moment, one - room + amount)
            return Placement(start, end, tuple(reversed(takes)))
    return None
