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
from lineside_planning.capacity.domain.day_buckets import Bucket

HORIZON_DAYS = 3_660
"""Ten years: what needs longer has no place."""


@dataclass(slots=True)
class Placement:
    """Where a run's work goes.

    Attributes:
        start: Microseconds since 1970.
        end: The same; later than its own work where it waits for what feeds it.
        takes: What it takes of which day, ascending.
        worked_until: Where its own work ends.
    """

    start: int
    end: int
    takes: tuple[Take, ...]
    worked_until: int


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
        return None if work else Placement(moment, moment, (), moment)
    start, takes, bucket_of = -1, [], center.buckets.bucket
    first = max(day_buckets.first_day(moment), center.full_until)
    for day in range(first, first + HORIZON_DAYS):
        bucket = bucket_of(day)
        one = bucket.work if moment <= bucket.begin else bucket.work_after(moment)
        room = _room(center, day, one) if one else 0
        if room <= 0:
            center.note_full(day)
            continue
        if start < 0:
            start = bucket.begin_after(moment, one - room)
        amount = min(room, work)
        takes.append((day, amount))
        work -= amount
        if not work:
            end = bucket.end_after(moment, one - room + amount)
            return Placement(start, end, tuple(takes), end)
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
        return None if work else Placement(moment, moment, (), moment)
    end, takes, bucket_of = -1, [], center.buckets.bucket
    last = day_buckets.last_day(moment)
    for day in range(last, last - HORIZON_DAYS, -1):
        bucket = bucket_of(day)
        if not bucket.work or bucket.begin >= moment:
            continue
        if bucket.end <= center.now:
            return None
        one = bucket.work_before(moment) - _over(bucket, center.now)
        room = _room(center, day, one)
        if room <= 0:
            continue
        if end < 0:
            end = bucket.end_before(moment, one - room)
        amount = min(room, work)
        takes.append((day, amount))
        work -= amount
        if not work:
            start = bucket.begin_before(moment, one - room + amount)
            return Placement(start, end, tuple(reversed(takes)), end)
    return None


def _over(bucket: Bucket, now: int) -> int:
    """What is over of a day's work."""
    return bucket.work_before(now) if bucket.begin < now else 0


def _room(center: Center, day: int, one: int) -> int:
    """What one unit can still take of a day, of the working time it has in its window."""
    if center.facts.units is None:
        return one
    return min(one, center.capacity(day) - center.taken.get(day, 0))


def reached(center: Center, place: Placement, work: int) -> int:
    """When so much of a placed run is done.

    Args:
        center: Where it is placed.
        place: Its place.
        work: Microseconds a unit has been busy with it.

    Returns:
        Microseconds since 1970, within the place.

    Raises:
        Nothing.
    """
    for index, (day, amount) in enumerate(place.takes):
        if work <= amount:
            bucket = center.buckets.bucket(day)
            is_last = index == len(place.takes) - 1
            return bucket.end_before(place.worked_until if is_last else bucket.end, amount - work)
        work -= amount
    return place.worked_until
