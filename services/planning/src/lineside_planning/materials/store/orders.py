"""What materials keeps of orders: locked before everything else, saved with what follows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.materials.domain import orders as knowing
from lineside_planning.materials.domain.orders import OrderFacts
from lineside_planning.materials.tables import material_orders as table

_SAME = (
    "id",
    "order_version",
    "expansion_version",
    "expansion_planning_version",
    "planning_version",
    "product_code",
    "quantity",
    "unit_code",
    "priority",
    "due_date",
    "plant_code",
    "status",
    "is_planned",
    "level",
    "parent_order_id",
    "sales_order_id",
)

_WITH_PARENTS = text(
    "SELECT * FROM material_orders WHERE id = ANY(CAST(:ids AS uuid[])) OR id IN ("
    "SELECT parent_order_id FROM material_orders WHERE id = ANY(CAST(:ids AS uuid[])))"
    " ORDER BY id FOR UPDATE"
)


async def lock(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, OrderFacts]:
    """Load what is known of orders and keep others from changing it, and their plans' needs."""
    query = select(table).where(one_of(table.c.id, list(ids))).order_by(table.c.id)
    rows = await uow.connection.execute(query.with_for_update())
    return {row["id"]: facts(row) for row in rows.mappings()}


async def lock_with_parents(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, OrderFacts]:
    """The same, and the orders these were made for."""
    rows = await uow.connection.execute(_WITH_PARENTS, {"ids": list(ids)})
    return {row["id"]: facts(row) for row in rows.mappings()}


def save(uow: UnitOfWork, changed: Sequence[OrderFacts], known: Mapping[UUID, Any]) -> None:
    """Register what is known now.

    Args:
        uow: The unit of work.
        changed: As they are now.
        known: As they were; what is not in it is new.
    """
    uow.insert(table, [_row(order) for order in changed if order.id not in known])
    uow.update(table, [_row(order) for order in changed if order.id in known])


def facts(row: RowMapping) -> OrderFacts:
    """Read an order."""
    return OrderFacts(
        number=row["production_order_number"],
        runs=knowing.loaded_runs(row["runs"]),
        **{name: row[name] for name in _SAME},
    )


def _row(order: OrderFacts) -> dict[str, Any]:
    return {
        "production_order_number": order.number,
        "runs": knowing.stored_runs(order.runs),
        **{name: getattr(order, name) for name in _SAME},
    }
