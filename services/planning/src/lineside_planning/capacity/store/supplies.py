"""What promises need of others: stock, receipts on their way, predicted dates."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import Receipt, ReceiptStatus, Stock
from lineside_contracts.predictions import DeliveryPredictionUpdated
from lineside_planning.capacity.tables import (
    capacity_predictions,
    capacity_receipts,
    capacity_stock,
)

_SUPPLIES = text("""
SELECT product_code, NULL AS expected_on, sum(quantity_on_hand) AS quantity
FROM capacity_stock WHERE product_code = ANY(CAST(:codes AS text[])) AND plant_code = ANY(:plants)
GROUP BY product_code
UNION ALL
SELECT product_code, expected_on, sum(free_quantity) FROM capacity_receipts
WHERE product_code = ANY(CAST(:codes AS text[])) AND plant_code = ANY(:plants)
  AND free_quantity > 0
GROUP BY product_code, expected_on
UNION ALL
SELECT a.key, NULL, -sum(b.value::numeric)
FROM capacity_plans, jsonb_each(allocated) AS a, jsonb_each_text(a.value) AS b
WHERE NOT is_over AND allocated <> '{}' AND b.key = ANY(:plants)
  AND a.key = ANY(CAST(:codes AS text[]))
GROUP BY a.key
""")


class Supply(NamedTuple):
    """Something free; `expected_on` is None for what lies in stock (below 0: reserved)."""

    product_code: str
    expected_on: date | None
    quantity: Decimal


def keep_stock(uow: UnitOfWork, states: Iterable[Stock]) -> None:
    """Register pools as they are; older states change nothing."""
    rows = [
        {
            "id": stock.id,
            "version": stock.version,
            "product_code": stock.product_code,
            "plant_code": stock.plant_code,
            "quantity_on_hand": stock.quantity_on_hand,
        }
        for stock in states
    ]
    uow.upsert(capacity_stock, rows, key=("id",), newer_by="version")


def keep_receipts(uow: UnitOfWork, states: Iterable[Receipt]) -> None:
    """Register what of receipts is still to come and allocated to nobody."""
    rows = [
        {
            "id": receipt.id,
            "version": receipt.version,
            "product_code": receipt.product_code,
            "plant_code": receipt.plant_code,
            "free_quantity": _free(receipt),
            "expected_on": receipt.expected_on,
        }
        for receipt in states
    ]
    uow.upsert(capacity_receipts, rows, key=("id",), newer_by="version")


def keep_predictions(uow: UnitOfWork, updates: Sequence[DeliveryPredictionUpdated]) -> None:
    """Register the P80 dates of the orders that were predicted anew."""
    rows = [
        {
            "id": order.production_order_id,
            "version": update.delivery_prediction.version,
            "predicted_on": order.p80_date,
        }
        for update in updates
        for order in update.changed_orders
    ]
    uow.upsert(capacity_predictions, rows, key=("id",), newer_by="version")


async def predicted_on(uow: UnitOfWork, order_id: UUID) -> date | None:
    """Read when an order will be ready with a probability of 80 %."""
    query = select(capacity_predictions.c.predicted_on).where(capacity_predictions.c.id == order_id)
    return (await uow.connection.execute(query)).scalar_one_or_none()


async def load(uow: UnitOfWork, codes: Iterable[str], plants: Iterable[str]) -> list[Supply]:
    """Load what is free of some products in some plants."""
    asked = {"codes": sorted(set(codes)), "plants": sorted(set(plants))}
    rows = await uow.connection.execute(_SUPPLIES, asked)
    return [Supply(*row) for row in rows]


def _free(receipt: Receipt) -> Decimal:
    if receipt.status is not ReceiptStatus.OPEN:
        return Decimal(0)
    open_quantity = receipt.quantity - receipt.quantity_received
    return max(Decimal(0), open_quantity - receipt.quantity_allocated)


def in_stock(supplies: Iterable[Supply]) -> dict[str, Decimal]:
    """What is free in stock, by product: on hand less what is reserved."""
    found: dict[str, Decimal] = {}
    for supply in supplies:
        if supply.expected_on is None:
            found[supply.product_code] = (
                found.get(supply.product_code, Decimal(0)) + supply.quantity
            )
    return found


def expected(supplies: Iterable[Supply]) -> list[tuple[str, date, Decimal]]:
    """What is free and on its way."""
    return [
        (supply.product_code, supply.expected_on, supply.quantity)
        for supply in supplies
        if supply.expected_on is not None
    ]
