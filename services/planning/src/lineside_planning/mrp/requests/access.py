"""What people limited to plants may see of a plan: theirs, and what has no plant."""

from typing import Any
from uuid import UUID

from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode


def require_plant(uow: UnitOfWork, plant_code: str) -> None:
    """Refuse what lies outside a person's plants.

    Args:
        uow: On whose behalf.
        plant_code: The plant; "" is everybody's.

    Raises:
        Refused: It is none of theirs.
    """
    plants = uow.context.plants
    if plants is None or not plant_code or plant_code in plants:
        return
    detail = f"It belongs to plant {plant_code}, which is not yours."
    facts = {"plant_code": plant_code}
    raise Refused(Problem(code=ProblemCode.PLANT_FORBIDDEN, detail=detail, facts=facts))


def not_found(what: str, name: UUID | str, **facts: Any) -> Problem:
    """Say that something does not exist.

    Args:
        what: In words.
        name: Which.
        **facts: Fields of the problem.

    Returns:
        The problem.
    """
    detail = f"There is no {what} {name}."
    return Problem(code=ProblemCode.NOT_FOUND, detail=detail, facts=facts)
