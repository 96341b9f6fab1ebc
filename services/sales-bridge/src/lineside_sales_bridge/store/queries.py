"""What the queries of this package share: array parameters, and the ids that pages begin after."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, Text, Uuid, bindparam

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_contracts.problems import Problem, ProblemCode


def texts(name: str, values: Iterable[str]) -> BindParameter[Sequence[str]]:
    """A parameter of texts: each once, in order."""
    return bindparam(name, sorted(set(values)), type_=ARRAY(Text))


def uuids(name: str, values: Iterable[UUID]) -> BindParameter[Sequence[UUID]]:
    """A parameter of ids: each once, in order."""
    return bindparam(name, sorted(set(values)), type_=ARRAY(Uuid))


def id_before(cursor: str | None) -> UUID | None:
    """Read the id a page begins after; None for the first page.

    Raises:
        Refused: The cursor is none of ours.
    """
    values = pages.decode_cursor(cursor)
    try:
        return UUID(values[0]) if values else None
    except (ValueError, AttributeError, TypeError):
        detail = "This cursor is not valid here; start again without one."
        raise Refused(Problem(code=ProblemCode.INVALID_CURSOR, detail=detail)) from None
