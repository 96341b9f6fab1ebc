"""Balances in, movements and balances out; the lock of their pool's row keeps others away."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Text, cast, func, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_planning.materials.domain.bench import Bench
from lineside_planning.materials.domain.movements import (
    Balance,
    Movement,
    Place,
    PoolKey,
    Stockroom,
)
from lineside_planning.materials.store import miscounts
from lineside_planning.materials.tables import inventory_balances, stock_movements


async def fill(uow: UnitOfWork, bench: Bench) -> None:
    """Lay out what lies in the pools of a bench, and their open miscounts; its pools are locked."""
    bench.room = await load(uow, bench.pools)
    bench.miscounts = await miscounts.load(uow, bench.pools)


def register(
    uow: UnitOfWork,
    bench: Bench,
    *,
    causes: Mapping[UUID, Envelope] | None = None,
    cause: Envelope | None = None,
) -> None:
    """Register everything that moved: journal, balances, miscounts and their events.

    Args:
        uow: Where.
        bench: What was decided on.
        causes: The event that each order's changes follow from.
        cause: The event that everything else follows from; None outside events.
    """
    save(uow, bench.room)
    known = causes or {}
    miscounts.save(
        uow, bench.miscounts, cause_of=lambda order: known.get(order, cause) if order else cause
    )


async def load(uow: UnitOfWork, pools: Iterable[PoolKey]) -> Stockroom:
    """Load what lies where of some pools, whose rows the caller has locked."""
    wanted = set(pools)
    room = Stockroom(balances={key: {} for key in wanted})
    if not wanted:
        return room
    table = inventory_balances
    query = (
        select(table)
        .where(one_of(table.c.product_code, sorted({key.product_code for key in wanted})))
        .where(one_of(table.c.plant_code, sorted({key.plant_code for key in wanted})))
        .where(table.c.quantity > 0)
    )
    for row in (await uow.connection.execute(query)).mappings():
        key = PoolKey(row["product_code"], row["plant_code"])
        if key in wanted:
            balance = _balance(row)
            room.balances[key][balance.place] = balance
    return room


async def pools_otherwise(uow: UnitOfWork, nettable: Mapping[str, bool]) -> list[PoolKey]:
    """Name the pools that have something at these locations which counts otherwise than they do.

    Args:
        uow: Whose.
        nettable: Whether each location is planned with.
    """
    table = inventory_balances
    query = select(
        table.c.product_code, table.c.plant_code, table.c.location_code, table.c.is_nettable
    ).where(one_of(table.c.location_code, sorted(nettable)), table.c.quantity > 0)
    rows = (await uow.connection.execute(query)).all()
    return sorted(
        {
            PoolKey(row.product_code, row.plant_code)
            for row in rows
            if row.is_nettable != nettable[row.location_code]
        }
    )


async def load_used(uow: UnitOfWork, order_ids: Sequence[UUID]) -> dict[UUID, dict[Place, Decimal]]:
    """Tell what the journal took for some orders' needs, by place, the last taken first."""
    table = stock_movements
    query = (
        select(
            table.c.requirement_id,
            table.c.location_code,
            table.c.lot_number,
            (-func.sum(table.c.quantity)).label("used"),
        )
        .where(one_of(table.c.production_order_id, order_ids))
        .where(table.c.requirement_id.is_not(None))
        .group_by(table.c.requirement_id, table.c.location_code, table.c.lot_number)
        .order_by(func.max(cast(table.c.id, Text)).desc())
    )
    used: dict[UUID, dict[Place, Decimal]] = defaultdict(dict)
    for row in await uow.connection.execute(query):
        if row.used > 0:
            used[row.requirement_id][Place(row.location_code, row.lot_number)] = row.used
    return used


def save(uow: UnitOfWork, room: Stockroom) -> None:
    """Register new movements and the balances they left, and forget them."""
    uow.insert(stock_movements, [_movement_row(uow, movement) for movement in room.movements])
    uow.upsert(
        inventory_balances,
        [_balance_row(key, balance) for (key, _), balance in room.changed.items()],
        key=("product_code", "plant_code", "location_code", "lot_number"),
    )
    room.movements, room.changed = [], {}


def _balance(row: RowMapping) -> Balance:
    return Balance(
        place=Place(row["location_code"], row["lot_number"]),
        quantity=row["quantity"],
        is_nettable=row["is_nettable"],
        first_received_at=row["first_received_at"],
    )


def _balance_row(key: PoolKey, balance: Balance) -> dict[str, Any]:
    return {
        **key._asdict(),
        **balance.place._asdict(),
        "quantity": balance.quantity,
        "is_nettable": balance.is_nettable,
        "first_received_at": balance.first_received_at,
    }


def _movement_row(uow: UnitOfWork, movement: Movement) -> dict[str, Any]:
    occasion = movement.occasion
    return {
        "id": uow.new_id(),
        **movement.pool._asdict(),
        **movement.place._asdict(),
        "quantity": movement.quantity,
        "quantity_after": movement.quantity_after,
        "kind": occasion.kind,
        "production_order_id": occasion.production_order_id,
        "production_order_number": occasion.production_order_number,
        "requirement_id": occasion.requirement_id,
        "receipt_id": occasion.receipt_id,
        "output_lot_number": occasion.output_lot_number,
        "unit_cost": occasion.unit_cost,
        "reason": occasion.reason,
        "happened_at": occasion.happened_at,
        "recorded_at": uow.now,
        "recorded_by": occasion.recorded_by.model_dump(),
    }
