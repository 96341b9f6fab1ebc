"""Spans of time measured and cut against each other, beside those of `time_spans`."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from lineside_manufacturing import time_spans
from lineside_manufacturing.time_spans import MICROSECOND, Span

LONGEST_INTERVAL = timedelta(days=7)
"""Nobody works for a week without a word: an interval counts for its first week at most."""

_LONGEST = LONGEST_INTERVAL // MICROSECOND


def length(spans: Iterable[Span]) -> int:
    """Measure disjoint spans, in microseconds."""
    return sum(end - start for start, end in spans)


def within(spans: Sequence[Span], bounds: Sequence[Span]) -> list[Span]:
    """Keep what of some spans lies within others; both disjoint and ascending."""
    return time_spans.without(spans, time_spans.without(_around(spans), bounds))


def until(spans: Sequence[Span], moment: int) -> list[Span]:
    """Keep what of some spans lies before a moment."""
    return [(start, min(end, moment)) for start, end in spans if start < moment]


def believed(start: int, end: int | None, *, now: int) -> Span:
    """Say how long an interval counts: until it ended, or now, and for a week at most."""
    return start, max(start, min(now if end is None else end, start + _LONGEST, now))


def _around(spans: Sequence[Span]) -> list[Span]:
    return [(spans[0][0], spans[-1][1])] if spans else []
