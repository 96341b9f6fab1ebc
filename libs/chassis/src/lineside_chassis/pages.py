"""Keyset pages: an opaque cursor names the last row seen, so that pages neither skip nor repeat."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson

from lineside_chassis.errors import Refused
from lineside_contracts.endpoint import Page
from lineside_contracts.problems import Problem, ProblemCode

T = TypeVar("T")


def page(found: Sequence[T], *, limit: int, key: Callable[[T], Sequence[Any]]) -> Page[T]:
    """Make a page of at most `limit` rows from up to `limit + 1` that were found.

    Args:
        found: In the list's order; one row more than fits tells that there is a next page.
        limit: How many rows a page has.
        key: The values the list is ordered by, of one row.
    """
    shown = tuple(found[:limit])
    cursor = encode_cursor(key(shown[-1])) if len(found) > limit else None
    return Page[T](items=shown, next_cursor=cursor)


def encode_cursor(values: Sequence[Any]) -> str:
    """Write the key of a row as an opaque text; UUIDs and instants become strings."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values), default=str)).decode().rstrip("=")


def decode_cursor(cursor: str | None, *, length: int = 1) -> tuple[Any, ...] | None:
    """Read a cursor back; None where the list begins.

    Raises:
        Refused: It is none of ours, or of another list.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        values = None
    if not isinstance(values, list) or len(values) != length:
        detail = "This cursor is not valid here; start again without one."
        raise Refused(Problem(code=ProblemCode.INVALID_CURSOR, detail=detail))
    return tuple(values)
