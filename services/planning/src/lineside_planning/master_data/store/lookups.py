"""What the checks of master data look up."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, or_, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.master_data.tables import products, tenants, units


async def own_unit_codes(uow: UnitOfWork, codes: Sequence[str]) -> frozenset[str]:
    """Tell which codes are units of the tenant's own."""
    query = select(units.c.unit_code).where(one_of(units.c.unit_code, codes), ~units.c.deleted)
    return frozenset((await uow.connection.execute(query)).scalars())


async def registered_tenant_code(uow: UnitOfWork) -> str | None:
    """Tell under which code the tenant is registered."""
    code: str | None = await uow.connection.scalar(select(tenants.c.tenant_code))
    return code


async def products_in_unit(uow: UnitOfWork, unit_code: str) -> list[str]:
    """Name some products that use a unit."""
    query = select(products.c.product_code).where(
        ~products.c.deleted,
        or_(products.c.unit_code == unit_code, products.c.conversions.has_key(unit_code)),
    )
    return await _some(uow, query)


async def _some(uow: UnitOfWork, query: Select[Any]) -> list[str]:
    return list((await uow.connection.execute(query.limit(10))).scalars())
