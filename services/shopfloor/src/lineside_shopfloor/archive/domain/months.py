"""Months of recording, in UTC, each named by its first day."""

from datetime import UTC, date, datetime

_MONTHS = 12


def of(instant: datetime) -> date:
    """The month an instant lies in."""
    return instant.astimezone(UTC).date().replace(day=1)


def shifted(month: date, by: int) -> date:
    """Another month, so many later (negative: earlier)."""
    number = month.year * _MONTHS + month.month - 1 + by
    return date(number // _MONTHS, number % _MONTHS + 1, 1)


def bounds(month: date) -> tuple[datetime, datetime]:
    """When it begins, and when the next one does."""
    return _midnight(month), _midnight(shifted(month, 1))


def is_due(month: date, *, now: datetime, retention_months: int) -> bool:
    """Whether every log of a month is older than logs are kept.

    Args:
        month: Its first day.
        now: The present.
        retention_months: For how many months logs stay in the database.
    """
    return month < shifted(of(now), -retention_months)


def written(month: date) -> str:
    """As people write it: 2024-11."""
    return f"{month:%Y-%m}"


def read(text: str) -> date:
    """Read what `written` wrote.

    Raises:
        ValueError: It is no month.
    """
    return date.fromisoformat(f"{text}-01")


def file_name(month: date, part: int) -> str:
    """The archive's name within its tenant's folder; only later parts carry a number."""
    suffix = "" if part == 1 else f"-{part}"
    return f"{written(month)}{suffix}.parquet"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
