"""Plants and departments: the chassis' master data with the floor's own checks."""

from collections.abc import Sequence

from lineside_chassis.master_data import MasterData
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import (
    DEPARTMENTS,
    PLANTS,
    Department,
    DepartmentFields,
    LaneFields,
    Plant,
    PlantFields,
)
from lineside_shopfloor import tables
from lineside_shopfloor.places.domain import zones
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.places.store import places


def register(requests: Requests) -> None:
    """Answer the requests of both kinds."""
    MasterData(PLANTS, tables.plants, check=plant_faults, in_use=refuse_plant_in_use).register(
        requests
    )
    MasterData(
        DEPARTMENTS, tables.departments, check=plant_code_faults, in_use=refuse_department_in_use
    ).register(requests)


async def plant_faults(uow: UnitOfWork, rows: Sequence[PlantFields]) -> Sequence[tuple[Fault, ...]]:
    """Find time zones that are none; people limited to some plants write those only."""
    _require_plants(uow, [row.plant_code for row in rows])
    return [_zone_faults(row.time_zone) for row in rows]


async def plant_code_faults(
    uow: UnitOfWork, rows: Sequence[DepartmentFields | LaneFields]
) -> Sequence[tuple[Fault, ...]]:
    """Find plants that do not exist; people limited to some plants write theirs only."""
    _require_plants(uow, [row.plant_code for row in rows])
    known = await places.known_plants(uow, [row.plant_code for row in rows])
    return [() if row.plant_code in known else (_unknown_plant(row.plant_code),) for row in rows]


async def refuse_plant_in_use(uow: UnitOfWork, plant: Plant) -> Problem | None:
    """Keep a plant that departments, lanes or unfinished work orders name."""
    access.require_plant(uow, plant.plant_code)
    uses = await places.uses_of_plant(uow, plant.plant_code)
    return _in_use(f"Plant {plant.plant_code}", uses)


async def refuse_department_in_use(uow: UnitOfWork, department: Department) -> Problem | None:
    """Keep a department that unfinished work orders name."""
    access.require_plant(uow, department.plant_code)
    uses = await places.uses_of_department(uow, department.id)
    return _in_use(f"Department {department.department_code}", uses)


def _require_plants(uow: UnitOfWork, codes: Sequence[str]) -> None:
    for code in codes:
        access.require_plant(uow, code)


def _zone_faults(time_zone: str) -> tuple[Fault, ...]:
    if zones.is_time_zone(time_zone):
        return ()
    message = f"{time_zone} is not an IANA time zone such as Europe/Berlin."
    return (Fault(code="unknown_time_zone", path="time_zone", message=message),)


def _unknown_plant(code: str) -> Fault:
    return Fault(code="unknown_plant", path="plant_code", message=f"There is no plant {code}.")


def _in_use(name: str, uses: Sequence[str]) -> Problem | None:
    if not uses:
        return None
    return Problem(
        code=ProblemCode.IN_USE,
        detail=f"{name} is needed by {' and '.join(uses)}.",
        facts={"needed_by": list(uses)},
    )
