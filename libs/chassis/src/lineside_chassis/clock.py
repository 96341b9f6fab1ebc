"""The only place that reads the clock or makes ids; everything else gets them as arguments."""

from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from uuid_utils.compat import uuid7


class Clock(Protocol):
    """Where instants and new ids come from."""

    def now(self) -> datetime:
        """Tell the present instant, aware and in UTC."""

    def new_id(self) -> UUID:
        """Make a UUIDv7, ordered by time within this process."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Tell the present instant, aware and in UTC."""
        return datetime.now(UTC)

    def new_id(self) -> UUID:
        """Make a UUIDv7, ordered by time within this process."""
        return uuid7()


class FixedClock(SystemClock):
    """A clock that stands where a test puts it; ids stay real."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """Tell the instant it was set to."""
        return self.instant


SYSTEM_CLOCK: Clock = SystemClock()
