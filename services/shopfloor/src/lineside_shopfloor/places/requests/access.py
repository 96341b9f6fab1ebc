"""Which plants a person may see and touch (SPEC 2)."""

from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode


def require_plant(uow: UnitOfWork, plant_code: str | None) -> None:
    """Let a person limited to some plants touch those only; what has no plant is none of theirs.

    Raises:
        Refused: The plant is not theirs.
    """
    plants = uow.context.plants
    if plants is None or plant_code in plants:
        return
    raise Refused(
        Problem(
            code=ProblemCode.PLANT_FORBIDDEN,
            detail=f"This belongs to plant {plant_code}, which is not among yours."
            if plant_code
            else "This belongs to no plant, and you are limited to some.",
            facts={"plant_code": plant_code, "plants": sorted(plants)},
        )
    )


def shown_plants(uow: UnitOfWork, asked: str | None) -> list[str] | None:
    """Tell which plants a list shows: those asked for that are theirs; None for all."""
    plants = uow.context.plants
    if asked is None:
        return None if plants is None else sorted(plants)
    return [asked] if plants is None or asked in plants else []
