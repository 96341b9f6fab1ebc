"""Refusals that several requests of this package share."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from lineside_chassis.errors import Refused
from lineside_contracts.problems import Fault, Problem, ProblemCode

MOST_DAYS = 366
"""A question covers a year at most."""

_YEARS = range(1970, 2201)


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
        Refused: It does not, or is of no year in which a factory works.
    """
    if faults := [*_year_faults(from_date, to_date), *_length_faults(from_date, to_date)]:
        raise Refused(invalid(faults))


def _year_faults(from_date: date, to_date: date) -> Iterator[Fault]:
    for path, day in (("from_date", from_date), ("to_date", to_date)):
        if day.year not in _YEARS:
            message = f"Ask about a year from {_YEARS[0]} to {_YEARS[-1]}."
            yield Fault(code="date_out_of_range", path=path, message=message)


def _length_faults(from_date: date, to_date: date) -> Iterator[Fault]:
    if to_date < from_date:
        message = "The period ends before it begins."
        yield Fault(code="period_reversed", path="to_date", message=message)
    if (to_date - from_date).days >= MOST_DAYS:
        message = f"A period has at most {MOST_DAYS} days."
        yield Fault(code="period_too_long", path="to_date", message=message)
