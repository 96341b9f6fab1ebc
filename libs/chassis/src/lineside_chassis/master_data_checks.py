"""What a kind's own checks find in rows of master data, and how a person hears of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Fault, Problem, ProblemCode


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in some rows, in their order.

    Attributes:
        faults: Of each row; one with any is refused.
        warnings: Of each row, or nothing at all; told in the report of an import.
    """

    faults: Sequence[tuple[Fault, ...]]
    warnings: Sequence[tuple[Fault, ...]] = ()


Check = Callable[[UnitOfWork, Sequence[Any]], Awaitable[Findings | Sequence[tuple[Fault, ...]]]]
"""Checks fields against what else is stored: the faults of each, in the same order."""


async def find(check: Check | None, uow: UnitOfWork, rows: Sequence[Any]) -> Findings:
    """Ask a kind's check, where it has one."""
    if check is None:
        return Findings(())
    found = await check(uow, rows)
    return found if isinstance(found, Findings) else Findings(found)


async def refuse(check: Check | None, uow: UnitOfWork, fields: Any, *, prefix: str = "") -> None:
    """Go on where nothing is wrong with what a person wrote.

    Raises:
        Refused: Something is; everything is told at once.
    """
    found = await find(check, uow, [fields])
    faults = [below(fault, prefix) for row in found.faults for fault in row]
    if faults:
        raise Refused(invalid(*faults))


def invalid(*faults: Fault) -> Problem:
    """Refuse with every fault."""
    detail = "; ".join(fault.message for fault in faults)
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=detail, faults=faults)


def below(fault: Fault, prefix: str) -> Fault:
    """Place a fault below another path."""
    path = ".".join(part for part in (prefix, fault.path) if part)
    return fault.model_copy(update={"path": path})
