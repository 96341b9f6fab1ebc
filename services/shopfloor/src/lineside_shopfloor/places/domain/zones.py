"""Which time zones there are."""

from functools import lru_cache
from zoneinfo import available_timezones


def is_time_zone(name: str) -> bool:
    """Say whether a name is one of the IANA time-zone database."""
    return name in _time_zones()


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    """Read the names once: looking them up walks the machine's files."""
    return frozenset(available_timezones())
