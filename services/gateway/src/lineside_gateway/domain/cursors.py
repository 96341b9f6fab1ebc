"""The cursor a client keeps: `<sequence>.<event id>`, opaque to it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

_FORM = re.compile(r"([0-9]{1,19})\.([0-9a-f-]{36}|-)")


class Lost(StrEnum):
    """Why a cursor cannot be resumed from: the client must read the state anew."""

    TOO_OLD = "cursor_too_old"
    UNKNOWN = "cursor_unknown"
    MALFORMED = "cursor_malformed"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the stream; without an event id where the client has seen no event yet."""

    sequence: int
    event_id: UUID | None = None

    def __str__(self) -> str:
        return f"{self.sequence}.{self.event_id or '-'}"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The sequences a stream holds; `first` is last + 1 when it is empty."""

    first: int
    last: int


def parse(text: str) -> Cursor | None:
    """Read a cursor; None when it never was one."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    try:
        return Cursor(int(match[1]), None if match[2] == "-" else UUID(match[2]))
    except ValueError:
        return None


def lost(cursor: Cursor, bounds: Bounds) -> Lost | None:
    """Judge by the numbers alone whether everything after the cursor is still there."""
    if cursor.sequence > bounds.last:
        return Lost.UNKNOWN
    if cursor.sequence + 1 < bounds.first:
        return Lost.TOO_OLD
    return None
