"""Cursors of lists that are ordered by id, which is by time."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_contracts.problems import Problem, ProblemCode


def before_id(query: Select[Any], column: Column[Any], cursor: str | None) -> Select[Any]:
    """Go on after the last row seen of a list that shows the newest first.

    Raises:
        Refused: The cursor is none of ours.
    """
    after = pages.decode_cursor(cursor)
    return query if after is None else query.where(column < read_id(after[0]))


def read_id(value: Any) -> UUID:
    """Read an id from a cursor.

    Raises:
        Refused: It is none.
    """
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        detail = "This cursor is not one of this list; start again without one."
        problem = Problem(code=ProblemCode.INVALID_CURSOR, detail=detail)
        raise Refused(problem) from None
