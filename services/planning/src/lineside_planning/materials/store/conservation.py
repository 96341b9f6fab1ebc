"""The sums that must agree, added up by the database for `domain.conservation`.

A background check asks for a tenant's pools page by page.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.sql.expression import Subquery, tuple_

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.materials.domain import floor
from lineside_planning.materials.domain.conservation import (
    IssueSums,
    PlaceSums,
    PoolSums,
    ReceiptSums,
    RunSums,
    Sums,
)
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.store import floor_reports, orders
from lineside_planning.materials.tables import (
    inventory,
    inventory_balances,
    material_allocations,
    material_orders,
    material_requirements,
    receipts,
    stock_discrepancies,
    stock_movements,
)

_KEY = ("product_code", "plant_code")
_PLACE = (*_KEY, "location_code", "lot_number")


async def next_pools(
    uow: UnitOfWork, *, after: PoolKey | None = None, limit: int = 500
) -> list[PoolKey]:
    """Name the next pools by product and plant; none where the round is done."""
    table = inventory
    query = (
        select(table.c.product_code, table.c.plant_code)
        .where(tuple_(table.c.product_code, table.c.plant_code) > tuple_(*(after or ("", ""))))
        .order_by(table.c.product_code, table.c.plant_code)
        .limit(limit)
    )
    return [PoolKey(*row) for row in await uow.connection.execute(query)]


async def load(uow: UnitOfWork, product_codes: Sequence[str]) -> Sums:
    """Add up everything about some products.

    Their pools are locked first, and whoever changes anything about a pool locks it as well: so
    the questions below see the same moment. The unit must not be a read-only one.
    """
    locked = select(inventory.c.id).where(one_of(inventory.c.product_code, product_codes))
    ordered = locked.order_by(inventory.c.product_code, inventory.c.plant_code)
    await uow.connection.execute(ordered.with_for_update(read=True))
    places = await _places(uow, product_codes)
    return Sums(
        pools=await _pools(uow, product_codes, places),
        receipts=await _receipts(uow, product_codes),
        issues=await _issues(uow, product_codes),
    )


async def load_runs(uow: UnitOfWork, order_ids: Sequence[UUID]) -> dict[str, tuple[RunSums, ...]]:
    """Say what became of the pieces of some orders' runs, as the floor reported it, by number."""
    query = select(material_orders).where(one_of(material_orders.c.id, order_ids))
    known = [orders.facts(row) for row in (await uow.connection.execute(query)).mappings()]
    reported = await floor_reports.load(uow, [order.id for order in known])
    return {
        order.number: tuple(
            floor.run_sums(order.runs, reported.get(order.id, {}).values()),
        )
        for order in known
    }


async def _places(uow: UnitOfWork, product_codes: Sequence[str]) -> dict[PoolKey, list[PlaceSums]]:
    journal = _grouped(stock_movements, _PLACE, product_codes)
    lying = inventory_balances
    mine = select(lying).where(one_of(lying.c.product_code, product_codes)).subquery("lying")
    on = and_(*(journal.c[name] == mine.c[name] for name in _PLACE))
    query = select(
        *(func.coalesce(journal.c[name], mine.c[name]).label(name) for name in _PLACE),
        func.coalesce(journal.c.total, 0).label("journal"),
        func.coalesce(mine.c.quantity, 0).label("balance"),
        func.coalesce(mine.c.is_nettable, True).label("is_nettable"),
    ).select_from(journal.join(mine, on, full=True))
    found: dict[PoolKey, list[PlaceSums]] = defaultdict(list)
    for row in await uow.connection.execute(query):
        name = f"{row.location_code} lot {row.lot_number}" if row.lot_number else row.location_code
        sums = PlaceSums(name, row.journal, row.balance, row.is_nettable)
        found[PoolKey(row.product_code, row.plant_code)].append(sums)
    return found


async def _pools(
    uow: UnitOfWork, product_codes: Sequence[str], places: dict[PoolKey, list[PlaceSums]]
) -> tuple[PoolSums, ...]:
    of_stock = material_allocations.c.receipt_id.is_(None)
    allocated = _grouped(material_allocations, _KEY, product_codes, of_stock)
    on = and_(*(inventory.c[name] == allocated.c[name] for name in _KEY))
    query = (
        select(inventory, func.coalesce(allocated.c.total, 0).label("allocations"))
        .select_from(inventory.outerjoin(allocated, on))
        .where(one_of(inventory.c.product_code, product_codes))
    )
    return tuple(
        PoolSums(
            pool=_name(PoolKey(row.product_code, row.plant_code)),
            on_hand=row.quantity_on_hand,
            blocked=row.quantity_blocked,
            allocated=row.quantity_allocated,
            allocations=row.allocations,
            places=tuple(places.get(PoolKey(row.product_code, row.plant_code), ())),
        )
        for row in await uow.connection.execute(query)
    )


async def _receipts(uow: UnitOfWork, product_codes: Sequence[str]) -> tuple[ReceiptSums, ...]:
    of_receipts = material_allocations.c.receipt_id.is_not(None)
    allocated = _grouped(material_allocations, ("receipt_id",), product_codes, of_receipts)
    left = func.greatest(receipts.c.quantity - receipts.c.quantity_received, 0)
    query = (
        select(
            receipts.c.receipt_number,
            case((receipts.c.status == "open", left), else_=0).label("open_quantity"),
            receipts.c.quantity_allocated,
            func.coalesce(allocated.c.total, 0).label("allocations"),
        )
        .select_from(receipts.outerjoin(allocated, receipts.c.id == allocated.c.receipt_id))
        .where(one_of(receipts.c.product_code, product_codes))
    )
    return tuple(
        ReceiptSums(row.receipt_number, row.open_quantity, row.quantity_allocated, row.allocations)
        for row in await uow.connection.execute(query)
    )


async def _issues(uow: UnitOfWork, product_codes: Sequence[str]) -> tuple[IssueSums, ...]:
    """What orders used, by order and component: requirements against journal and miscounts."""
    needs, key = material_requirements, ("production_order_id", "product_code")
    used = (
        select(
            needs.c.production_order_id,
            needs.c.component_code.label("product_code"),
            func.sum(needs.c.issued_quantity).label("total"),
        )
        .where(one_of(needs.c.component_code, product_codes), needs.c.issued_quantity != 0)
        .group_by(needs.c.production_order_id, needs.c.component_code)
        .subquery("used")
    )
    for_needs = stock_movements.c.requirement_id.is_not(None)
    journal = _grouped(stock_movements, key, product_codes, for_needs)
    missing = _missing(product_codes)
    query: Select[Any] = select(
        used, journal.c.total.label("journal"), missing.c.total.label("missing")
    ).select_from(
        used.outerjoin(journal, _same(used, journal, key)).outerjoin(
            missing, _same(used, missing, key)
        )
    )
    return tuple(
        IssueSums(
            subject=f"{row.product_code} for order {row.production_order_id}",
            issued=row.total,
            journal=row.journal or Decimal(0),
            missing=row.missing or Decimal(0),
        )
        for row in await uow.connection.execute(query)
    )


def _missing(product_codes: Sequence[str]) -> Subquery:
    table = stock_discrepancies
    return (
        select(
            table.c.production_order_id,
            table.c.product_code,
            func.sum(table.c.quantity_missing).label("total"),
        )
        .where(one_of(table.c.product_code, product_codes))
        .group_by(table.c.production_order_id, table.c.product_code)
        .subquery("missing")
    )


def _grouped(
    table: Any, key: Sequence[str], product_codes: Sequence[str], *conditions: ColumnElement[bool]
) -> Subquery:
    columns = [table.c[name] for name in key]
    return (
        select(*columns, func.sum(table.c.quantity).label("total"))
        .where(one_of(table.c.product_code, product_codes), *conditions)
        .group_by(*columns)
        .subquery(f"sums_of_{table.name}")
    )


def _same(left: Subquery, right: Subquery, key: Sequence[str]) -> ColumnElement[bool]:
    return and_(*(left.c[name] == right.c[name] for name in key))


def _name(key: PoolKey) -> str:
    return f"{key.product_code}@{key.plant_code}"
