"""Which orders use a product or a project, so that neither disappears under them."""

from typing import Any

from sqlalchemy import Select, select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import ProductionOrderStatus as Status
from lineside_planning.orders.tables import production_orders as table

_DONE = (Status.COMPLETED, Status.CLOSED, Status.CANCELLED)
_SOME = 10


async def orders_of_product(uow: UnitOfWork, product_code: str) -> list[str]:
    """Name some open orders of a product."""
    query = select(table.c.production_order_number).where(
        table.c.product_code == product_code, table.c.status.not_in(_DONE)
    )
    return await _some(uow, query)


async def orders_of_project(uow: UnitOfWork, project_number: str) -> list[str]:
    """Name some orders of a project."""
    query = select(table.c.production_order_number).where(table.c.project_number == project_number)
    return await _some(uow, query)


async def _some(uow: UnitOfWork, query: Select[Any]) -> list[str]:
    return list((await uow.connection.execute(query.limit(_SOME))).scalars())
