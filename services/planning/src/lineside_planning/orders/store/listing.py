"""Pages of production orders, newest first: ids are ordered by time, so the id is the cursor."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import ListProductionOrders, ProductionOrder
from lineside_contracts.problems import Problem, ProblemCode
from lineside_planning.orders.store import orders
from lineside_planning.orders.tables import production_orders as table

_EQUAL = (
    "status",
    "priority",
    "project_number",
    "sales_order_number",
    "product_code",
    "plant_code",
    "materials_status",
    "capacity_status",
    "parent_order_id",
)
_SEARCHED = (
    table.c.production_order_number,
    table.c.product_code,
    table.c.product_name,
    table.c.project_number,
    table.c.project_name,
    table.c.sales_order_number,
)


async def page(
    uow: UnitOfWork, request: ListProductionOrders, plants: Collection[str] | None
) -> Page[ProductionOrder]:
    """Read one page of the orders that match, of some plants only where these are given.

    Raises:
        Refused: The cursor is none of ours.
    """
    query = _matching(request, plants).order_by(table.c.id.desc()).limit(request.limit + 1)
    rows = (await uow.connection.execute(query)).mappings().all()
    found = [orders.production_order(row) for row in rows]
    return pages.page(found, limit=request.limit, key=lambda order: [order.id])


def _matching(request: ListProductionOrders, plants: Collection[str] | None) -> Select[Any]:
    query = select(table)
    for name in _EQUAL:
        wanted = getattr(request, name)
        if wanted is not None:
            query = query.where(table.c[name] == wanted)
    if (after := pages.decode_cursor(request.cursor)) is not None:
        query = query.where(table.c.id < _order_id(after[0]))
    if request.due_before is not None:
        query = query.where(table.c.due_date < request.due_before)
    if plants is not None:
        query = query.where(table.c.plant_code.in_(sorted(plants)))
    if request.search:
        query = query.where(_found(request.search))
    return query


def _order_id(text: Any) -> UUID:
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        detail = "This cursor is not one of this list; start again without one."
        problem = Problem(code=ProblemCode.INVALID_CURSOR, detail=detail)
        raise Refused(problem) from None


def _found(search: str) -> ColumnElement[bool]:
    return or_(*(column.icontains(search, autoescape=True) for column in _SEARCHED))
