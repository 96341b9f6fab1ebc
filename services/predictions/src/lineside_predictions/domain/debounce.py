"""When a stream of reports is looked at: at the end of the slot of time each of them falls into."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def slot_end(now: datetime, *, seconds: float) -> datetime:
    """Find the end of the present slot; everybody finds the same one.

    Args:
        now: Aware.
        seconds: Length of a slot, above 0.

    Returns:
        After `now`, and at most a slot later.
    """
    length = timedelta(seconds=seconds)
    return _EPOCH + ((now - _EPOCH) // length + 1) * length


def slot_name(end: datetime) -> str:
    """Name a slot by its end; slots of different ends have different names."""
    return str((end - _EPOCH) // timedelta(milliseconds=1))
