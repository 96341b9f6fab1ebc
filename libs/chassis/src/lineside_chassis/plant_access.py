"""Which rows people limited to some plants see and touch (SPEC 2)."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Select, or_

from lineside_chassis import tables
from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode

PLANT = "plant_code"
T = TypeVar("T")


def require(uow: UnitOfWork, things: Iterable[Any]) -> None:
    """Let people touch what belongs to their plants or, like a unit, to none.

    Args:
        uow: On whose behalf.
        things: Fields or states; a `plant_code` tells where they belong.

    Raises:
        Refused: One belongs to another plant.
    """
    plants = uow.context.plants
    if plants is None:
        return
    for thing in things:
        code = getattr(thing, PLANT, None)
        if code is not None and code not in plants:
            raise Refused(
                Problem(
                    code=ProblemCode.PLANT_FORBIDDEN,
                    detail=f"This belongs to plant {code}, which is not among yours.",
                    facts={"plant_code": code, "plants": sorted(plants)},
                )
            )


def theirs(uow: UnitOfWork, things: Sequence[T]) -> list[T]:
    """Leave out what belongs to other plants."""
    plants = uow.context.plants
    allowed = None if plants is None else {None, *plants}
    return [thing for thing in things if allowed is None or getattr(thing, PLANT, None) in allowed]


def visible(uow: UnitOfWork, query: Select[Any], plant: Column[Any] | None) -> Select[Any]:
    """Leave out what belongs to other plants."""
    plants = uow.context.plants
    if plants is None or plant is None:
        return query
    return query.where(or_(plant.is_(None), tables.one_of(plant, sorted(plants))))
