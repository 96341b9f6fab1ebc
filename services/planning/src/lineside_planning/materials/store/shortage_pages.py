"""Shortages read: requirements that lack something, soonest first, with their orders."""

from typing import Any

from sqlalchemy import RowMapping, Select, select, tuple_

from lineside_chassis import pages, plant_access
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import ListShortages, OrderShortage
from lineside_planning.materials.store import cursors, requisition_pages
from lineside_planning.materials.tables import material_plans, material_requirements as table

_SHORTAGES = (
    select(
        table,
        material_plans.c.production_order_number,
        material_plans.c.product_code,
        material_plans.c.priority,
    )
    .join(material_plans, material_plans.c.id == table.c.production_order_id)
    .where(table.c.short_quantity > 0)
)


async def page(uow: UnitOfWork, request: ListShortages) -> Page[OrderShortage]:
    """Read one page of shortages, by need date.

    Raises:
        Refused: The cursor is none of ours.
    """
    query = plant_access.visible(uow, _SHORTAGES, table.c.plant_code)
    if request.component_code is not None:
        query = query.where(table.c.component_code == request.component_code)
    if request.plant_code is not None:
        query = query.where(table.c.plant_code == request.plant_code)
    if request.needed_before is not None:
        query = query.where(table.c.needed_on < request.needed_before)
    query = _after(query, request.cursor).order_by(table.c.needed_on, table.c.id)
    rows = await uow.connection.execute(query.limit(request.limit + 1))
    found = [_shortage(row) for row in rows.mappings()]
    return pages.page(found, limit=request.limit, key=lambda s: [s.needed_on, s.requirement_id])


def _after(query: Select[Any], cursor: str | None) -> Select[Any]:
    after = pages.decode_cursor(cursor, length=2)
    if after is None:
        return query
    key = tuple_(table.c.needed_on, table.c.id)
    return query.where(
        key > tuple_(requisition_pages.read_day(after[0]), cursors.read_id(after[1]))
    )


def _shortage(row: RowMapping) -> OrderShortage:
    return OrderShortage(
        requirement_id=row["id"],
        component_code=row["component_code"],
        component_name=row["component_name"],
        needed_quantity=row["needed_quantity"],
        short_quantity=row["short_quantity"],
        unit_code=row["unit_code"],
        needed_on=row["needed_on"],
        available_on=row["available_on"],
        production_order_id=row["production_order_id"],
        production_order_number=row["production_order_number"],
        product_code=row["product_code"],
        priority=row["priority"],
    )
