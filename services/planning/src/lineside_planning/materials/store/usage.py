"""What stock and purchases need, so that no product, place or vendor goes from under them."""

from typing import Any

from sqlalchemy import Select, select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import ReceiptStatus, RequisitionStatus
from lineside_planning.materials.tables import (
    inventory_balances as balances,
    purchase_requisitions as requisitions,
    receipts,
)

_SOME = 10


async def stock_of_product(uow: UnitOfWork, product_code: str) -> list[str]:
    """Name some places where a product lies."""
    query = select(balances.c.location_code).where(
        balances.c.product_code == product_code, balances.c.quantity != 0
    )
    return await _some(uow, query)


async def stock_at_location(uow: UnitOfWork, location_code: str) -> list[str]:
    """Name some products that lie at a place."""
    query = select(balances.c.product_code).where(
        balances.c.location_code == location_code, balances.c.quantity != 0
    )
    return await _some(uow, query)


async def receipts_of_product(uow: UnitOfWork, product_code: str) -> list[str]:
    """Name some receipts of a product that are on their way."""
    query = select(receipts.c.receipt_number).where(
        receipts.c.product_code == product_code, receipts.c.status == ReceiptStatus.OPEN
    )
    return await _some(uow, query)


async def requisitions_at_vendor(uow: UnitOfWork, vendor_code: str) -> list[str]:
    """Name some requisitions that are to be bought, or were ordered, from a vendor."""
    c = requisitions.c
    query = select(c.requisition_number).where(
        c.vendor_code == vendor_code,
        c.status.in_([RequisitionStatus.OPEN, RequisitionStatus.ORDERED]),
    )
    return await _some(uow, query)


async def _some(uow: UnitOfWork, query: Select[Any]) -> list[str]:
    return list((await uow.connection.execute(query.distinct().limit(_SOME))).scalars())
