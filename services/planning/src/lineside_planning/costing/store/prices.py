"""Average purchase prices, kept from what was received with a price."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import Receipt
from lineside_planning.costing.tables import priced_receipts, purchase_prices

_ZERO = Decimal(0)


async def learn(uow: UnitOfWork, receipts: Sequence[Receipt]) -> None:
    """Put what arrived since into the averages; news of an older version changes nothing."""
    priced = {r.id: r for r in receipts if r.unit_cost is not None and r.quantity_received}
    if not priced:
        return
    known = await _lock(uow, list(priced), sorted({r.product_code for r in priced.values()}))
    added: dict[str, tuple[Decimal, Decimal]] = {}
    rows = []
    for receipt in priced.values():
        before = known.receipts.get(receipt.id, (0, _ZERO))
        if receipt.version <= before[0]:
            continue
        arrived = receipt.quantity_received - before[1]
        quantity, value = added.get(receipt.product_code, (_ZERO, _ZERO))
        cost = receipt.unit_cost or _ZERO
        added[receipt.product_code] = quantity + arrived, value + arrived * cost
        rows.append(
            {
                "id": receipt.id,
                "version": receipt.version,
                "quantity_received": receipt.quantity_received,
            }
        )
    uow.upsert(priced_receipts, rows, key=("id",))
    uow.upsert(purchase_prices, _prices(known.prices, added), key=("product_code",))


class _Known:
    def __init__(
        self,
        receipts: Mapping[UUID, tuple[int, Decimal]],
        prices: Mapping[str, tuple[Decimal, Decimal]],
    ) -> None:
        self.receipts = receipts
        self.prices = prices


async def _lock(uow: UnitOfWork, ids: Sequence[UUID], codes: Sequence[str]) -> _Known:
    """One writer of averages per tenant at a time; rows that do not exist cannot be locked."""
    await uow.connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('purchase_prices' || :tenant, 0))"),
        {"tenant": str(uow.tenant_id)},
    )
    r, p = priced_receipts.c, purchase_prices.c
    receipts = await uow.connection.execute(
        select(r.id, r.version, r.quantity_received).where(one_of(r.id, ids))
    )
    prices = await uow.connection.execute(
        select(p.product_code, p.received_quantity, p.received_value).where(
            one_of(p.product_code, codes)
        )
    )
    return _Known(
        {row.id: (row.version, row.quantity_received) for row in receipts},
        {row.product_code: (row.received_quantity, row.received_value) for row in prices},
    )


def _prices(
    known: Mapping[str, tuple[Decimal, Decimal]], added: Mapping[str, tuple[Decimal, Decimal]]
) -> list[dict[str, Any]]:
    rows = []
    for code, (quantity, value) in added.items():
        before = known.get(code, (_ZERO, _ZERO))
        rows.append(
            {
                "product_code": code,
                "received_quantity": before[0] + quantity,
                "received_value": before[1] + value,
            }
        )
    return rows
