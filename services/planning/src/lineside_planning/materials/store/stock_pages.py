"""Pools, the journal and miscounts as people read them: one pool, or pages of each."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, or_, select, tuple_

from lineside_chassis import pages, plant_access
from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import (
    Discrepancy,
    ListDiscrepancies,
    ListStock,
    ListStockMovements,
    Stock,
    StockBalance,
    StockMovement,
)
from lineside_planning.master_data.tables import products
from lineside_planning.materials.store import cursors
from lineside_planning.materials.tables import (
    inventory,
    inventory_balances,
    stock_discrepancies,
    stock_movements,
)

_AVAILABLE = inventory.c.quantity_on_hand - inventory.c.quantity_allocated
_SAFETY = func.coalesce(products.c.safety_stock_quantity, 0)
_POOLS: Select[Any] = (
    select(
        inventory,
        _AVAILABLE.label("quantity_available"),
        products.c.product_name,
        _SAFETY.label("safety_stock_quantity"),
    )
    .select_from(
        inventory.outerjoin(
            products,
            and_(
                products.c.tenant_id == inventory.c.tenant_id,
                products.c.product_code == inventory.c.product_code,
            ),
        )
    )
    .where(inventory.c.is_recorded)
)
_MOVEMENT_FIELDS = tuple(StockMovement.model_fields)
_DISCREPANCY_FIELDS = tuple(Discrepancy.model_fields)


async def find(uow: UnitOfWork, *, product_code: str, plant_code: str) -> Stock | None:
    """Read one pool with its balances."""
    query = _POOLS.where(
        inventory.c.product_code == product_code, inventory.c.plant_code == plant_code
    )
    rows = (await uow.connection.execute(query)).mappings().all()
    found = await _stocks(uow, rows)
    return found[0] if found else None


async def page(uow: UnitOfWork, request: ListStock) -> Page[Stock]:
    """Read one page of pools, by product and plant.

    Raises:
        Refused: The cursor is none of ours.
    """
    key = tuple_(inventory.c.product_code, inventory.c.plant_code)
    query = plant_access.visible(uow, _POOLS, inventory.c.plant_code).where(*_asked(request))
    if (after := pages.decode_cursor(request.cursor, length=2)) is not None:
        query = query.where(key > tuple_(str(after[0]), str(after[1])))
    query = query.order_by(inventory.c.product_code, inventory.c.plant_code)
    rows = (await uow.connection.execute(query.limit(request.limit + 1))).mappings().all()
    stocks = await _stocks(uow, rows)
    return pages.page(
        stocks, limit=request.limit, key=lambda stock: [stock.product_code, stock.plant_code]
    )


async def movements(uow: UnitOfWork, request: ListStockMovements) -> Page[StockMovement]:
    """Read one page of the journal, newest first.

    Raises:
        Refused: The cursor is none of ours.
    """
    table = stock_movements
    query = plant_access.visible(uow, select(table), table.c.plant_code)
    for name in ("product_code", "plant_code", "production_order_id", "kind"):
        if (wanted := getattr(request, name)) is not None:
            query = query.where(table.c[name] == wanted)
    query = cursors.before_id(query, table.c.id, request.cursor)
    rows = await uow.connection.execute(query.order_by(table.c.id.desc()).limit(request.limit + 1))
    found = [_movement(row) for row in rows.mappings()]
    return pages.page(found, limit=request.limit, key=lambda movement: [movement.id])


async def discrepancies(uow: UnitOfWork, request: ListDiscrepancies) -> Page[Discrepancy]:
    """Read one page of miscounts, newest first.

    Raises:
        Refused: The cursor is none of ours.
    """
    table = stock_discrepancies
    query = plant_access.visible(uow, select(table), table.c.plant_code)
    for name in ("product_code", "status"):
        if (wanted := getattr(request, name)) is not None:
            query = query.where(table.c[name] == wanted)
    query = cursors.before_id(query, table.c.id, request.cursor)
    rows = await uow.connection.execute(query.order_by(table.c.id.desc()).limit(request.limit + 1))
    found = [
        Discrepancy.model_validate({name: row[name] for name in _DISCREPANCY_FIELDS})
        for row in rows.mappings()
    ]
    return pages.page(found, limit=request.limit, key=lambda discrepancy: [discrepancy.id])


def _asked(request: ListStock) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if request.product_code is not None:
        asked.append(inventory.c.product_code == request.product_code)
    if request.plant_code is not None:
        asked.append(inventory.c.plant_code == request.plant_code)
    if request.below_safety is not None:
        below = _AVAILABLE < _SAFETY
        asked.append(below if request.below_safety else ~below)
    if request.search:
        columns = (inventory.c.product_code, products.c.product_name)
        asked.append(or_(*(c.icontains(request.search, autoescape=True) for c in columns)))
    return asked


async def _stocks(uow: UnitOfWork, rows: Sequence[RowMapping]) -> list[Stock]:
    """Complete pools with what lies where."""
    if not rows:
        return []
    table = inventory_balances
    query = (
        select(table)
        .where(one_of(table.c.product_code, [row["product_code"] for row in rows]))
        .where(table.c.quantity > 0)
        .order_by(table.c.location_code, table.c.lot_number)
    )
    lying: dict[tuple[str, str], list[StockBalance]] = {}
    for row in (await uow.connection.execute(query)).mappings():
        balance = StockBalance(
            location_code=row["location_code"],
            lot_number=row["lot_number"] or None,
            quantity=row["quantity"],
            is_nettable=row["is_nettable"],
        )
        lying.setdefault((row["product_code"], row["plant_code"]), []).append(balance)
    return [_stock(row, lying.get((row["product_code"], row["plant_code"]), [])) for row in rows]


def _stock(row: RowMapping, balances: Sequence[StockBalance]) -> Stock:
    return Stock.model_validate({**row, "balances": tuple(balances)})


def _movement(row: RowMapping) -> StockMovement:
    values = {name: row[name] for name in _MOVEMENT_FIELDS}
    return StockMovement.model_validate({**values, "lot_number": row["lot_number"] or None})
