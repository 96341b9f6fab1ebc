"""The operations catalogue and the work centers, by the mechanism every kind shares."""

from collections.abc import Mapping, Sequence
from typing import Any

from lineside_chassis.master_data import MasterData
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.routing import (
    OPERATIONS,
    WORK_CENTERS,
    Operation,
    WorkCenter,
)
from lineside_routing import tables
from lineside_routing.store import catalogue


def register(requests: Requests) -> None:
    """Answer the requests of both kinds."""
    MasterData(
        OPERATIONS, tables.operations, in_use=_operation_in_use, shares_global_rows=True
    ).register(requests)
    MasterData(WORK_CENTERS, tables.work_centers, in_use=_work_center_in_use).register(requests)


async def _operation_in_use(uow: UnitOfWork, operation: Operation) -> Problem | None:
    uses = await catalogue.operation_uses(uow, operation.operation_code)
    return _in_use(f"Operation {operation.operation_code}", uses)


async def _work_center_in_use(uow: UnitOfWork, center: WorkCenter) -> Problem | None:
    uses = await catalogue.work_center_uses(uow, center.work_center_code)
    return _in_use(f"Work center {center.work_center_code}", uses)


def _in_use(what: str, uses: Sequence[Mapping[str, Any]]) -> Problem | None:
    if not uses:
        return None
    names = ", ".join(f"{use['routing_code']} version {use['routing_version']}" for use in uses)
    return Problem(
        code=ProblemCode.IN_USE,
        detail=f"{what} is part of active routings ({names}); make it inactive instead.",
        facts={"routings": list(uses)},
    )
