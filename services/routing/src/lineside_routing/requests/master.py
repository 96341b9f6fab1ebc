"""The operations catalogue and the work centers, by the mechanism every kind shares."""

from collections.abc import Mapping, Sequence
from typing import Any

from lineside_chassis.master_data import MasterData
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Done
from lineside_contracts.master_data import DeleteMasterData, GetMasterData
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.routing import (
    OPERATIONS,
    WORK_CENTERS,
    Operation,
    OperationFields,
    WorkCenter,
)
from lineside_routing import tables
from lineside_routing.store import catalogue, operations


def register(requests: Requests) -> None:
    """Answer the requests of both kinds."""
    OperationsCatalogue().register(requests)
    MasterData(WORK_CENTERS, tables.work_centers, in_use=_work_center_in_use).register(requests)


class OperationsCatalogue(MasterData[OperationFields, Operation]):
    """Own entries like any master data, and global ones that nobody here may write."""

    def __init__(self) -> None:
        super().__init__(OPERATIONS, tables.operations, in_use=_operation_in_use)
        self._shelf = operations.OwnOperations()

    async def get(self, uow: UnitOfWork, request: GetMasterData) -> Operation | Problem:
        """Find an entry by its code, the tenant's own first."""
        own = (await self._shelf.load(uow, [request.code])).get(request.code)
        if own is None or own.deleted:
            shared = await operations.global_operation(uow, request.code)
            if shared is not None:
                return shared
        return await super().get(uow, request)

    async def update(self, uow: UnitOfWork, request: Any) -> Operation | Problem:
        """Replace the fields of an own entry."""
        return await self._refused(uow, request.code) or await super().update(uow, request)

    async def delete(self, uow: UnitOfWork, request: DeleteMasterData) -> Done | Problem:
        """Delete an own entry; a global one of the same code shows again."""
        return await self._refused(uow, request.code) or await super().delete(uow, request)

    async def _refused(self, uow: UnitOfWork, code: str) -> Problem | None:
        own = (await self._shelf.load(uow, [code])).get(code)
        if own is not None and not own.deleted:
            return None
        if await operations.global_operation(uow, code) is None:
            return None
        return Problem(
            code=ProblemCode.FORBIDDEN,
            detail=f"Operation {code} belongs to all tenants; create your own of the same code.",
            facts={"code": code, "is_global": True},
        )


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
