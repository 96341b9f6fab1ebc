"""The refusals that requests about stock have in common."""

from typing import Any

from lineside_chassis.errors import Refused
from lineside_contracts.problems import Fault, Problem, ProblemCode


def not_found(thing: str, key: Any, *, name: str) -> Problem:
    """Say that there is no such thing."""
    return Problem(
        code=ProblemCode.NOT_FOUND, detail=f"There is no {thing} {key}.", facts={name: str(key)}
    )


def invalid(faults: tuple[Fault, ...]) -> Problem:
    """Say everything that is wrong at once."""
    detail = "; ".join(fault.message for fault in faults)
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=detail, faults=faults)


def require_version(current: int, expected: int | None) -> None:
    """Let nobody overwrite what they have not seen.

    Raises:
        Refused: It is at another version.
    """
    if expected is not None and expected != current:
        raise Refused(
            Problem(
                code=ProblemCode.VERSION_CONFLICT,
                detail=f"It is at version {current}, not {expected}.",
                facts={"expected_version": expected, "current_version": current},
            )
        )
