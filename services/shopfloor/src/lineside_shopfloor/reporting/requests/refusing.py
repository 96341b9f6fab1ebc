"""Refusals that several requests of this package share."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from lineside_chassis.errors import Refused
from lineside_contracts.problems import Fault, Problem, ProblemCode

MOST_DAYS = 366
"""A question covers a year at most."""


def invalid(faults: Iterable[Fault]) -> Problem:
    """Refuse with every fault."""
    listed = tuple(faults)
    detail = " ".join(fault.message for fault in listed)
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=detail, faults=listed)


def missing(what: str, **facts: str | UUID) -> Problem:
    """Refuse what is not there."""
    return Problem(
        code=ProblemCode.NOT_FOUND,
        detail=f"There is no such {what}.",
        facts={name: str(value) for name, value in facts.items()},
    )


def refuse_period(from_date: date, to_date: date) -> None:
    """Let pass a period that begins before it ends, and not years before.

    Raises:
        Refused: It does not.
    """
    if to_date < from_date:
        message = "The period ends before it begins."
        raise Refused(invalid([Fault(code="period_reversed", path="to_date", message=message)]))
    if (to_date - from_date).days >= MOST_DAYS:
        message = f"A period has at most {MOST_DAYS} days."
        raise Refused(invalid([Fault(code="period_too_long", path="to_date", message=message)]))
