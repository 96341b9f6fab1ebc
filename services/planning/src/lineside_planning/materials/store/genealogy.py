"""Which lots went into which: followed through the journal, level by level (RULES 9).

A link is one component lot used by an order, and a lot that this order made. Where a report named
the lot it was making, the link goes to that lot alone; else to every lot of the order.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, func, select
from sqlalchemy.sql.expression import CompoundSelect, Select, Subquery, union

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import GenealogyLink, MovementKind
from lineside_planning.materials.tables import (
    inventory,
    material_orders,
    material_output_lots,
    stock_movements,
)

MAX_LEVELS = 50
"""No structure is deeper (child orders end there as well)."""

Orders = Select[Any] | CompoundSelect[Any]
"""A question for ids of production orders."""

_USING = (MovementKind.BACKFLUSH, MovementKind.ISSUE, MovementKind.RETURN)


class Lot(NamedTuple):
    """A lot of a product."""

    product_code: str
    lot_number: str


async def up(uow: UnitOfWork, lot: Lot) -> list[GenealogyLink]:
    """Tell where a lot went to, to the ends."""
    return await _follow(uow, lot, column="component_code", lot_column="component_lot_number")


async def down(uow: UnitOfWork, lot: Lot) -> list[GenealogyLink]:
    """Tell what went into a lot, to the ends."""
    return await _follow(uow, lot, column="product_code", lot_column="made_lot_number")


async def _follow(
    uow: UnitOfWork, lot: Lot, *, column: str, lot_column: str
) -> list[GenealogyLink]:
    links: list[GenealogyLink] = []
    seen, wave = {lot}, [lot]
    for level in range(1, MAX_LEVELS + 1):
        if not wave:
            break
        orders = _orders_using(wave) if column == "component_code" else _orders_making(wave)
        query = _of_lots(_links(orders), wave, column=column, lot_column=lot_column)
        found = [
            row
            for row in (await uow.connection.execute(query)).mappings()
            if Lot(row[column], row[lot_column] or "") in wave and row["quantity"] > 0
        ]
        links += [_link(row, level) for row in found]
        wave = _next(found, seen, upwards=column == "component_code")
        seen |= set(wave)
    return links


def _next(found: Sequence[Any], seen: Collection[Lot], *, upwards: bool) -> list[Lot]:
    """The lots at the other end of some links; what has no lot ends the chain."""
    ends = {
        Lot(row["product_code"], row["made_lot_number"] or "")
        if upwards
        else Lot(row["component_code"], row["component_lot_number"] or "")
        for row in found
    }
    return sorted(end for end in ends if end.lot_number and end not in seen)


def _of_lots(links: Subquery, lots: Sequence[Lot], *, column: str, lot_column: str) -> Select[Any]:
    return (
        select(links)
        .where(one_of(links.c[column], [lot.product_code for lot in lots]))
        .where(one_of(links.c[lot_column], [lot.lot_number for lot in lots]))
        .order_by(links.c.first_happened_at, links.c.production_order_id, links.c.component_code)
    )


def _orders_using(lots: Sequence[Lot]) -> Select[Any]:
    table = stock_movements
    return select(table.c.production_order_id).where(
        one_of(table.c.product_code, [lot.product_code for lot in lots]),
        one_of(table.c.lot_number, [lot.lot_number for lot in lots]),
        table.c.production_order_id.is_not(None),
    )


def _orders_making(lots: Sequence[Lot]) -> Orders:
    table = material_output_lots
    reported = select(table.c.production_order_id).where(
        one_of(table.c.lot_number, [lot.lot_number for lot in lots])
    )
    received = _orders_using(lots).where(stock_movements.c.kind == MovementKind.PRODUCTION.value)
    return union(reported, received)


def _links(orders: Orders) -> Subquery:
    """What some orders used of each component lot, joined with the lots they made."""
    used = _used(orders)
    made = _made(orders)
    lot = func.coalesce(used.c.output_lot_number, made.c.lot_number)
    return (
        select(
            material_orders.c.product_code,
            lot.label("made_lot_number"),
            used.c.component_code,
            func.nullif(used.c.lot_number, "", type_=Text()).label("component_lot_number"),
            func.sum(used.c.quantity).label("quantity"),
            func.max(inventory.c.unit_code).label("unit_code"),
            used.c.production_order_id,
            func.max(used.c.production_order_number).label("production_order_number"),
            func.min(used.c.first_happened_at).label("first_happened_at"),
        )
        .select_from(
            used.join(
                material_orders,
                and_(
                    material_orders.c.tenant_id == used.c.tenant_id,
                    material_orders.c.id == used.c.production_order_id,
                ),
            )
            .outerjoin(
                made,
                and_(
                    made.c.production_order_id == used.c.production_order_id,
                    used.c.output_lot_number.is_(None),
                ),
            )
            .join(
                inventory,
                and_(
                    inventory.c.tenant_id == used.c.tenant_id,
                    inventory.c.product_code == used.c.component_code,
                    inventory.c.plant_code == used.c.plant_code,
                ),
            )
        )
        .group_by(
            material_orders.c.product_code,
            lot,
            used.c.component_code,
            used.c.lot_number,
            used.c.production_order_id,
        )
        .subquery("links")
    )


def _used(orders: Orders) -> Subquery:
    table = stock_movements
    return (
        select(
            table.c.tenant_id,
            table.c.production_order_id,
            table.c.production_order_number,
            table.c.product_code.label("component_code"),
            table.c.plant_code,
            table.c.lot_number,
            table.c.output_lot_number,
            (-table.c.quantity).label("quantity"),
            table.c.happened_at.label("first_happened_at"),
        )
        .where(
            table.c.production_order_id.in_(orders),
            one_of(table.c.kind, [kind.value for kind in _USING]),
        )
        .subquery("used")
    )


def _made(orders: Orders) -> Subquery:
    reported, journal = material_output_lots, stock_movements
    return union(
        select(reported.c.production_order_id, reported.c.lot_number).where(
            reported.c.production_order_id.in_(orders)
        ),
        select(journal.c.production_order_id, journal.c.lot_number).where(
            journal.c.production_order_id.in_(orders),
            journal.c.kind == MovementKind.PRODUCTION.value,
            journal.c.lot_number != "",
        ),
    ).subquery("made")


def _link(row: Any, level: int) -> GenealogyLink:
    return GenealogyLink(
        level=level,
        lot_number=row["made_lot_number"],
        quantity=Decimal(row["quantity"]),
        **{
            name: row[name]
            for name in (
                "product_code",
                "component_code",
                "component_lot_number",
                "unit_code",
                "production_order_id",
                "production_order_number",
                "first_happened_at",
            )
        },
    )
