"""What the floor makes of production runs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import WorkOrder
from lineside_routing import tables
from lineside_routing.domain import progress

_runs = tables.production_runs.c


async def follow(uow: UnitOfWork, work_orders: Sequence[WorkOrder]) -> None:
    """Register the status of every run that these work orders carry out, unless it is older."""
    told = {
        operation.run_id: _told(operation.run_id, work_order, operation.status)
        for work_order in work_orders
        for operation in work_order.operations
        if operation.run_id is not None
    }
    if not told:
        return
    query = (
        select(_runs.id, _runs.work_order_id, _runs.work_order_version)
        .where(one_of(_runs.id, sorted(told)))
        .order_by(_runs.id)
        .with_for_update()
    )
    known = await uow.connection.execute(query)
    rows = [told[row.id] for row in known if not _is_older(told[row.id], row)]
    uow.update(tables.production_runs, rows)


def _told(run_id: UUID, work_order: WorkOrder, operation_status: Any) -> dict[str, Any]:
    return {
        "id": run_id,
        "status": progress.run_status(work_order.status, operation_status),
        "work_order_id": work_order.id,
        "work_order_version": work_order.version,
    }


def _is_older(told: dict[str, Any], known: Any) -> bool:
    same = told["work_order_id"] == known.work_order_id
    return bool(same and told["work_order_version"] <= known.work_order_version)
