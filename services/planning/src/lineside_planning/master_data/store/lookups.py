"""What the checks of master data look up."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from sqlalchemy import Column, Table, select

from lineside_chassis.tables import among
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import VendorProductFields
from lineside_planning.master_data.domain.vendor_checks import SoldProduct, VendorContext
from lineside_planning.master_data.tables import (
    plants,
    products,
    tenants,
    units,
    vendors,
    work_centers,
)


async def own_unit_codes(uow: UnitOfWork, codes: Sequence[str]) -> frozenset[str]:
    """Tell which codes are units of the tenant's own."""
    return await _known(uow, units, units.c.unit_code, codes)


async def known_plants(uow: UnitOfWork, codes: Collection[str]) -> frozenset[str]:
    """Tell which plants we were told of."""
    return await _known(uow, plants, plants.c.plant_code, codes)


async def plants_of_work_centers(uow: UnitOfWork, codes: Collection[str]) -> Mapping[str, str]:
    """Tell where work centers stand, those we were told of."""
    if not codes:
        return {}
    query = select(work_centers.c.work_center_code, work_centers.c.plant_code).where(
        among(work_centers.c.work_center_code, sorted(codes)), ~work_centers.c.deleted
    )
    rows = await uow.connection.execute(query)
    return {row.work_center_code: row.plant_code for row in rows}


async def registered_tenant_code(uow: UnitOfWork) -> str | None:
    """Tell under which code the tenant is registered."""
    code: str | None = await uow.connection.scalar(select(tenants.c.tenant_code))
    return code


async def vendor_context(uow: UnitOfWork, rows: Sequence[VendorProductFields]) -> VendorContext:
    """Load what some vendor products speak of."""
    unit_codes = {row.purchase_unit_code for row in rows if row.purchase_unit_code}
    return VendorContext(
        products=await sold_products(uow, {row.product_code for row in rows}),
        vendors=await _known(uow, vendors, vendors.c.vendor_code, {r.vendor_code for r in rows}),
        own_units=await own_unit_codes(uow, sorted(unit_codes)),
    )


async def sold_products(uow: UnitOfWork, codes: Collection[str]) -> Mapping[str, SoldProduct]:
    """Load the units of products."""
    query = select(products.c.product_code, products.c.unit_code, products.c.conversions).where(
        among(products.c.product_code, sorted(codes)), ~products.c.deleted
    )
    return {
        code: SoldProduct(unit, {other: Fraction(factor) for other, factor in conversions.items()})
        for code, unit, conversions in await uow.connection.execute(query)
    }


async def _known(
    uow: UnitOfWork, table: Table, column: Column[str], codes: Collection[str]
) -> frozenset[str]:
    if not codes:
        return frozenset()
    query = select(column).where(among(column, sorted(codes)), ~table.c.deleted)
    return frozenset((await uow.connection.execute(query)).scalars())
