"""What materials keeps of orders: locked before everything else, saved with what follows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.materials.domain.orders import OrderFacts, RunSheet
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


def save(uow: UnitOfWork, changed: Sequence[OrderFacts], known: Mapping[UUID, OrderFacts]) -> None:
    """Register what is known now.

    Args:
        uow: The unit of work.
        changed: As they are now.
        known: As they were; what is not in it is new.
    """
    for order in changed:
        before = known.get(order.id)
        if before is None:
            uow.insert(table, [_row(order) | _runs(order)])
        elif before.expansion_version == order.expansion_version:
            uow.update(table, [_row(order)])
        else:
            uow.update(table, [_row(order) | _runs(order)])


def facts(row: RowMapping) -> OrderFacts:
    """Read an order."""
    return OrderFacts(
        number=row["production_order_number"],
        run_sheet=RunSheet(stored=row["runs"]),
        **{name: row[name] for name in _SAME},
    )


def _row(order: OrderFacts) -> dict[str, Any]:
    return {
        "production_order_number": order.number,
        **{name: getattr(order, name) for name in _SAME},
    }


def _runs(order: OrderFacts) -> dict[str, Any]:
    return {"runs": order.run_sheet.stored}
