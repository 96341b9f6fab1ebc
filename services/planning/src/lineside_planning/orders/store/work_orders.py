"""What planning keeps of the floor's work orders, to know when an order has begun and is done."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID as PG_UUID
from sqlalchemy.sql.expression import any_

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import WorkOrderStatus
from lineside_planning.orders.domain.floor_progress import FloorWorkOrder
from lineside_planning.orders.tables import production_order_work_orders as table

_OF_ORDERS: Select[Any] = select(table).where(
    table.c.production_order_id == any_(bindparam("ids", type_=ARRAY(PG_UUID)))
)


async def load(uow: UnitOfWork, production_order_ids: Sequence[UUID]) -> dict[UUID, FloorWorkOrder]:
    """Load the work orders of some production orders, by their own id."""
    rows = await uow.connection.execute(_OF_ORDERS, {"ids": list(production_order_ids)})
    return {row["id"]: _work_order(row) for row in rows.mappings()}


def save(uow: UnitOfWork, work_orders: Sequence[FloorWorkOrder]) -> None:
    """Keep the newest state of each."""
    rows = [
        {
            "id": work_order.id,
            "production_order_id": work_order.production_order_id,
            "version": work_order.version,
            "status": work_order.status,
            "quantity_completed": work_order.quantity_completed,
            "units_per_product": work_order.units_per_product,
            "predecessor_ids": work_order.predecessor_ids,
            "expansion_version": work_order.expansion_version,
        }
        for work_order in work_orders
    ]
    uow.upsert(table, rows, key=("id",), newer_by="version")


def _work_order(row: Any) -> FloorWorkOrder:
    return FloorWorkOrder(
        id=row["id"],
        production_order_id=row["production_order_id"],
        version=row["version"],
        status=WorkOrderStatus(row["status"]),
        quantity_completed=row["quantity_completed"],
        units_per_product=Fraction(row["units_per_product"]),
        predecessor_ids=tuple(row["predecessor_ids"]),
        expansion_version=row["expansion_version"],
    )
