"""Arithmetic of half-open time spans, and of local times that daylight saving skips or repeats.

Instants are counted in whole microseconds since 1970 (UTC): integers compare and subtract exactly
and fast. `calendars` stands on this module; nothing here knows shifts or holidays.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

Span = tuple[int, int]
"""Start and end in microseconds since 1970, the end not included."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds_of(instant: datetime) -> int:
    """Count an instant.

    Args:
        instant: Any aware instant.

    Returns:
        Whole microseconds since 1970 in UTC, exact.

    Raises:
        ValueError: If the instant carries no zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs its zone: {instant.isoformat()}")
    return (instant - EPOCH) // MICROSECOND


def instant_of(microseconds: int) -> datetime:
    """Turn a count back into an instant.

    Args:
        microseconds: Since 1970 in UTC.

    Returns:
        The instant, in UTC.

    Raises:
        OverflowError: If it is outside the years 1 to 9999.
    """
    return EPOCH + timedelta(microseconds=microseconds)


def local_microseconds(wall: datetime, zone: ZoneInfo) -> int:
    """Find the instant of a wall-clock time (RULES 28).

    A time that daylight saving skips moves forward by what was skipped (02:30 is 03:30); a time
    that comes twice is its first occurrence.

    Args:
        wall: Date and time on the wall, without zone.
        zone: The zone the wall stands in.

    Returns:
        Microseconds since 1970 in UTC.

    Raises:
        OverflowError: If the instant is outside the years 1 to 9999.

    Source:
        RFC 5545 section 3.3.5, and PEP 495 with fold 0, which decide both cases alike.
    """
    return microseconds_of(wall.replace(tzinfo=zone, fold=0).astimezone(UTC))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Unite spans that overlap or touch.

    Args:
        spans: In any order; empty and inverted ones count as nothing.

    Returns:
        Disjoint spans, ascending, with a gap between any two.

    Raises:
        Nothing.
    """
    united: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    return united


def without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """Cut holes out of spans.

    Args:
        spans: Disjoint and ascending.
        holes: Disjoint and ascending, as `merged` returns them.

    Returns:
        What is left of the spans, ascending.

    Raises:
        Nothing.
    """
    left: list[Span] = []
    for span in spans:
        start, end = span
        first = max(0, bisect_right(holes, (start,)) - 1)
        for hole_start, hole_end in holes[first : bisect_left(holes, (end,))]:
            if start < hole_start:
                left.append((start, hole_start))
            start = max(start, hole_end)
        if start < end:
            left.append((start, end))
    return left


@dataclass(frozen=True, slots=True)
class Ruler:
    """Working time within one stretch of the line, ready to be measured by bisection.

    Attributes:
        starts: Where each span begins, ascending.
        ends: Where it ends.
        before: Working microseconds in the stretch before each span.
        until: Working microseconds in the stretch up to the end of each span.
        total: Working microseconds of the whole stretch.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    until: tuple[int, ...]
    total: int

    def work_before(self, moment: int) -> int:
        """Measure the working time of the stretch before a moment.

        Args:
            moment: Microseconds since 1970, anywhere.

        Returns:
            Microseconds of work, in [0, total].

        Raises:
            Nothing.
        """
        index = bisect_right(self.starts, moment) - 1
        if index < 0:
            return 0
        return self.before[index] + min(moment, self.ends[index]) - self.starts[index]

    def earliest(self, work: int) -> int:
        """Find the earliest moment with that much work before it.

        Args:
            work: Microseconds of work, in (0, total].

        Returns:
            Microseconds since 1970.

        Raises:
            IndexError: If there is not that much work in the stretch.
        """
        index = bisect_left(self.until, work)
        return self.ends[index] - (self.until[index] - work)

    def latest(self, work: int) -> int:
        """Find the latest moment with that much work before it.

        Args:
            work: Microseconds of work, in [0, total).

        Returns:
            Microseconds since 1970.

        Raises:
            IndexError: If the stretch has no work at all.
        """
        index = bisect_right(self.before, work) - 1
        return self.starts[index] + work - self.before[index]


def ruler(spans: Sequence[Span]) -> Ruler:
    """Prepare spans for measuring.

    Args:
        spans: Disjoint, ascending, none empty.

    Returns:
        Their ruler.

    Raises:
        Nothing.
    """
    until = tuple(accumulate(end - start for start, end in spans))
    return Ruler(
        starts=tuple(start for start, _ in spans),
        ends=tuple(end for _, end in spans),
        before=(0, *until[:-1]) if until else (),
        until=until,
        total=until[-1] if until else 0,
    )
