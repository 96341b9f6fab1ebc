"""What in master data uses a code of master data, so that neither disappears under the other."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.master_data.tables import (
    bom_lines,
    boms,
    plants,
    products,
    vendor_products,
    work_centers,
)

Users = Callable[[UnitOfWork, str], Awaitable[Sequence[str]]]

_SOME = 10


async def products_in_unit(uow: UnitOfWork, unit_code: str) -> list[str]:
    """Name some products that use a unit."""
    query = select(products.c.product_code).where(
        ~products.c.deleted,
        or_(products.c.unit_code == unit_code, products.c.conversions.has_key(unit_code)),
    )
    return await _some(uow, query)


async def bills_in_unit(uow: UnitOfWork, unit_code: str) -> list[str]:
    """Name some products whose bills, drafts as well, have a line in a unit."""
    return await _some(uow, _bills_with(bom_lines.c.unit_code == unit_code, or_draft=True))


async def bills_of_product(uow: UnitOfWork, product_code: str) -> list[str]:
    """Name a product that has an active bill itself."""
    query = select(boms.c.product_code).where(
        boms.c.product_code == product_code, boms.c.status == "active", ~boms.c.deleted
    )
    return await _some(uow, query.distinct())


async def bills_with_component(uow: UnitOfWork, product_code: str) -> list[str]:
    """Name some products whose active bills take a component."""
    return await _some(uow, _bills_with(bom_lines.c.component_code == product_code))


async def vendor_products_of_product(uow: UnitOfWork, product_code: str) -> list[str]:
    """Name some vendor products of a product."""
    return await _vendor_products(uow, vendor_products.c.product_code == product_code)


async def vendor_products_of_vendor(uow: UnitOfWork, vendor_code: str) -> list[str]:
    """Name some vendor products of a vendor."""
    return await _vendor_products(uow, vendor_products.c.vendor_code == vendor_code)


async def vendor_products_in_unit(uow: UnitOfWork, unit_code: str) -> list[str]:
    """Name some vendor products sold in a unit."""
    return await _vendor_products(uow, vendor_products.c.purchase_unit_code == unit_code)


async def plants_by_calendar(uow: UnitOfWork, calendar_code: str) -> list[str]:
    """Name some plants that work by a calendar."""
    query = select(plants.c.plant_code).where(
        plants.c.calendar_code == calendar_code, ~plants.c.deleted
    )
    return await _some(uow, query)


async def work_centers_by_calendar(uow: UnitOfWork, calendar_code: str) -> list[str]:
    """Name some work centers that work by a calendar."""
    return await _work_centers(uow, work_centers.c.calendar_code == calendar_code)


async def work_centers_by_role(uow: UnitOfWork, role_code: str) -> list[str]:
    """Name some work centers whose labour is costed at a role's rate."""
    return await _work_centers(uow, work_centers.c.labour_role == role_code)


OF_UNIT: Mapping[str, Users] = {
    "products": products_in_unit,
    "bills of material": bills_in_unit,
    "vendor products": vendor_products_in_unit,
}
OF_PRODUCT: Mapping[str, Users] = {
    "its active bill of material": bills_of_product,
    "bills of material": bills_with_component,
    "vendor products": vendor_products_of_product,
}
OF_VENDOR: Mapping[str, Users] = {"vendor products": vendor_products_of_vendor}
OF_CALENDAR: Mapping[str, Users] = {
    "plants": plants_by_calendar,
    "work centers": work_centers_by_calendar,
}
OF_LABOUR_RATE: Mapping[str, Users] = {"work centers": work_centers_by_role}
"""Who is asked before a row is deleted, by the word for them."""


def _bills_with(condition: ColumnElement[bool], *, or_draft: bool = False) -> Select[Any]:
    states = ("active", "draft") if or_draft else ("active",)
    return (
        select(boms.c.product_code)
        .join(bom_lines, bom_lines.c.bom_id == boms.c.id)
        .where(condition, boms.c.status.in_(states), ~boms.c.deleted)
        .distinct()
    )


async def _vendor_products(uow: UnitOfWork, condition: ColumnElement[bool]) -> list[str]:
    query = select(vendor_products.c.vendor_product_code)
    return await _some(uow, query.where(condition, ~vendor_products.c.deleted))


async def _work_centers(uow: UnitOfWork, condition: ColumnElement[bool]) -> list[str]:
    query = select(work_centers.c.work_center_code)
    return await _some(uow, query.where(condition, ~work_centers.c.deleted))


async def _some(uow: UnitOfWork, query: Select[Any]) -> list[str]:
    return list((await uow.connection.execute(query.limit(_SOME))).scalars())
