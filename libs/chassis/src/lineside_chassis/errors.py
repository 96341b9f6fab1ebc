"""What can go wrong while a message is handled, and the one function that judges it."""

from collections.abc import Iterator
from enum import StrEnum

import nats.errors
import nats.js.errors
import psycopg
import psycopg.errors
import pydantic
import sqlalchemy.exc

from lineside_contracts.problems import Problem, ProblemCode


class Poison(Exception):  # noqa: N818 -- the names of the Errors table
    """A message that can never be processed; it is dead-lettered at once."""


class UnknownVersion(Exception):  # noqa: N818
    """An event of a schema version this service does not know yet; retried for a while."""


class Transient(Exception):  # noqa: N818
    """Something outside is away for the moment; work pauses until it is back."""


class Conflict(Exception):  # noqa: N818
    """Somebody else was faster; trying again reads what they did."""


class StaleWrite(Conflict):
    """A versioned update found another version than the one it was decided on."""


class Refused(Exception):  # noqa: N818
    """A rule said no deep inside a request; the same as returning its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class Verdict(StrEnum):
    """What an error means for the message that met it."""

    POISON = "poison"
    TRANSIENT = "transient"
    CONFLICT = "conflict"
    BUG = "bug"


_TABLE: tuple[tuple[tuple[type[BaseException], ...], Verdict], ...] = (
    ((Poison, pydantic.ValidationError), Verdict.POISON),
    ((psycopg.DataError,), Verdict.POISON),
    ((Conflict, psycopg.errors.UniqueViolation), Verdict.CONFLICT),
    (
        (
            nats.errors.MaxPayloadError,
            nats.errors.BadSubjectError,
            nats.errors.BadHeaderError,
            nats.js.errors.NotFoundError,
            nats.js.errors.BadRequestError,
        ),
        Verdict.BUG,
    ),
    (
        (
            Transient,
            psycopg.OperationalError,
            sqlalchemy.exc.TimeoutError,
            nats.errors.Error,
            OSError,
            TimeoutError,
        ),
        Verdict.TRANSIENT,
    ),
)
"""First match wins. OperationalError includes locks, deadlocks and failed serialization."""


def verdict_of(error: BaseException) -> Verdict:
    """Judge an error by its type, or by the type of the driver's error inside it."""
    if isinstance(error, sqlalchemy.exc.DBAPIError) and error.connection_invalidated:
        return Verdict.TRANSIENT
    for candidate in _layers(error):
        for types, verdict in _TABLE:
            if isinstance(candidate, types):
                return verdict
    return Verdict.BUG


def problem_of(error: BaseException, *, correlation_id: str) -> Problem:
    """Say an error as a problem document, without telling what happened inside."""
    if isinstance(error, Refused):
        return error.problem
    if isinstance(error, Conflict):
        return Problem(
            code=ProblemCode.VERSION_CONFLICT,
            detail="Somebody else changed it in the meantime; read it again and repeat.",
        )
    if isinstance(error, Poison):
        return Problem(code=ProblemCode.MALFORMED, detail=str(error))
    if any(isinstance(layer, psycopg.DataError) for layer in _layers(error)):
        detail = "It holds a value that cannot be stored, such as a NUL character in a text."
        return Problem(code=ProblemCode.MALFORMED, detail=detail)
    if verdict_of(error) is Verdict.TRANSIENT:
        return Problem(code=ProblemCode.UNAVAILABLE, detail="Not available now; try again soon.")
    return Problem(
        code=ProblemCode.INTERNAL,
        detail="Something went wrong here; the log has it under this correlation id.",
        facts={"correlation_id": correlation_id},
    )


def may_repeat(error: BaseException) -> bool:
    """Whether doing the same once more reads what made it fail, and so may end otherwise."""
    losing = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
    return verdict_of(error) is Verdict.CONFLICT or any(
        isinstance(layer, losing) for layer in _layers(error)
    )


def text_of(error: BaseException) -> str:
    """Say an error in one line, with the driver's words rather than the whole statement."""
    *_, inner = _layers(error)
    return f"{type(inner).__name__}: {' '.join(str(inner).split())}"


def _layers(error: BaseException) -> Iterator[BaseException]:
    """Yield the error itself and what SQLAlchemy wrapped, never a mere `__context__`."""
    yield error
    if isinstance(error, sqlalchemy.exc.DBAPIError) and error.orig is not None:
        yield error.orig
