"""Numbers of documents: `<prefix>-<year>-<6 digits>`, the year in plant time (RULES 35)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class NumberSeries:
    """One row of counters: numbers run per prefix and year."""

    prefix: str
    year: int

    def number(self, count: int) -> str:
        """Write a number, `PR-2026-000042`."""
        return f"{self.prefix}-{self.year}-{count:06d}"


@dataclass(slots=True)
class TakenNumbers:
    """Numbers that were taken for a batch; every one of them is handed out once."""

    following: dict[NumberSeries, int]

    def next_number(self, series: NumberSeries) -> str:
        """Hand out the next number of a series.

        Raises:
            KeyError: None of this series was taken.
        """
        count = self.following[series]
        self.following[series] = count + 1
        return series.number(count)


def series_of(prefix: str, *, time_zone: str, now: datetime) -> NumberSeries:
    """Find the series of a document made now; the year is that of the plant's calendar.

    Raises:
        ZoneInfoNotFoundError: The zone is unknown.
    """
    return NumberSeries(prefix, now.astimezone(ZoneInfo(time_zone)).year)
