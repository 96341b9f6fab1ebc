"""Work-order numbers: `<prefix>-<year>-<n>`, the year in plant time (RULES 35)."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import NamedTuple
from zoneinfo import ZoneInfo

_AUTOMATIC = re.compile(r"([A-Z]{1,6})-(\d{4})-([1-9]\d{0,14})")
"""Fifteen digits fit the counter with room for every number to come."""


class Series(NamedTuple):
    """One row of counted numbers."""

    prefix: str
    year: int


def series_at(prefix: str, now: datetime, time_zone: str) -> Series:
    """Tell which series a work order made now at a plant is numbered in."""
    return Series(prefix, now.astimezone(ZoneInfo(time_zone)).year)


def written(series: Series, last: int, reserved: int) -> Iterator[str]:
    """Write the numbers of a reservation that ends with `last`, in ascending order."""
    return (f"{series.prefix}-{series.year}-{n}" for n in count(last - reserved + 1))


def read(number: str) -> tuple[Series, int] | None:
    """Recognise a number given by hand that the counter would reach one day.

    Its series must go on behind it, or the counter would run into a taken number.
    """
    match = _AUTOMATIC.fullmatch(number)
    if match is None:
        return None
    return Series(match[1], int(match[2])), int(match[3])
