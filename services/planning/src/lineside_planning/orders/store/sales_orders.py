"""How far each sales order is applied; a cancellation leaves its version as a tombstone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID as PG_UUID
from sqlalchemy.sql.expression import any_

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.sales import SalesOrder
from lineside_planning.orders.tables import sales_order_revisions as table

_APPLIED: Select[Any] = (
    select(table.c.id, table.c.version)
    .where(table.c.id == any_(bindparam("ids", type_=ARRAY(PG_UUID))))
    .order_by(table.c.id)
    .with_for_update()
)


async def lock_applied_versions(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Tell which version of each sales order is applied, and keep others from applying one."""
    rows = await uow.connection.execute(_APPLIED, {"ids": list(ids)})
    return {row.id: row.version for row in rows}


def apply(uow: UnitOfWork, sales_order: SalesOrder, *, is_new: bool) -> None:
    """Remember a state as applied; whoever applies a first one at the same time has to retry."""
    row = {
        "id": sales_order.id,
        "version": sales_order.version,
        "revision": sales_order.revision,
        "status": sales_order.status,
    }
    if is_new:
        uow.insert(table, [row])
    else:
        uow.update(table, [row])
