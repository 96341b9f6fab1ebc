"""Pages by id, the newest first: what a cursor of this package holds."""

from uuid import UUID

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_contracts.problems import Problem, ProblemCode


def before(cursor: str | None) -> UUID | None:
    """Read the id of the last row seen.

    Raises:
        Refused: The cursor is none of ours.
    """
    decoded = pages.decode_cursor(cursor)
    if decoded is None:
        return None
    try:
        return UUID(str(decoded[0]))
    except ValueError:
        detail = "This cursor is not valid here; start again without one."
        raise Refused(Problem(code=ProblemCode.INVALID_CURSOR, detail=detail)) from None
