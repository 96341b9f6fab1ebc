"""Orders, requisitions and receipts as they were told of, and the demands and supplies they are.

Loaded by what an event batch names, with everything derived of it before; saved as differences.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.mrp.tables import (
    mrp_demands,
    mrp_orders,
    mrp_purchases,
    mrp_stock,
    mrp_supplies,
)

_KNOWN = text("""
WITH purchases AS MATERIALIZED (
  SELECT * FROM mrp_purchases WHERE id = ANY(CAST(:purchases AS uuid[]))
    OR requisition_id = ANY(CAST(:purchases AS uuid[]))
), sources AS MATERIALIZED (
  SELECT unnest(CAST(:sources AS uuid[])) AS id UNION SELECT id FROM purchases
)
SELECT json_build_object(
  'orders', (SELECT json_agg(json_build_array(id, version, plan_version, production_order_number,
      status, product_code, plant_code, quantity_ordered::text, quantity_completed::text, due_date,
      serves_kind, serves_name, pegged_to, requirements))
    FROM mrp_orders WHERE id = ANY(CAST(:orders AS uuid[]))),
  'purchases', (SELECT json_agg(json_build_array(id, kind, version, requisition_id, is_open, name,
      product_code, plant_code, due_on, quantity::text, quantity_allocated::text, pegs))
    FROM purchases),
  'stock', (SELECT json_agg(json_build_array(s.product_code, s.plant_code, s.version,
      s.quantity_on_hand::text))
    FROM unnest(CAST(:products AS text[]), CAST(:plants AS text[])) AS a (product_code, plant_code)
    JOIN mrp_stock s USING (product_code, plant_code)),
  'demands', (SELECT json_agg(json_build_array(d.id, d.source_id, d.kind, d.name, d.product_code,
      d.plant_code, d.due_on, d.quantity::text, d.pairing))
    FROM sources s JOIN mrp_demands d ON d.source_id = s.id),
  'supplies', (SELECT json_agg(json_build_array(d.id, d.source_id, d.kind, d.name, d.product_code,
      d.plant_code, d.due_on, d.quantity::text, d.pairing, d.pegged_to, d.explodes, d.starts_on))
    FROM sources s JOIN mrp_supplies d ON d.source_id = s.id)
)::text
""")


class Pairing(IntEnum):
    """Whether a demand and the supply pegged to it are one another's, wholly and in time.

    Such a pair takes no part in netting, so planning leaves it out: what is made for a sales line
    unless it is overdue, what lies in stock for somebody always.
    """

    NONE = 0
    MADE = 1
    LYING = 2


class DemandRow(NamedTuple):
    """A row of mrp_demands."""

    id: str
    source_id: UUID
    kind: str
    name: str
    product_code: str
    plant_code: str
    due_on: date
    quantity: Decimal
    pairing: int = Pairing.NONE


class SupplyRow(NamedTuple):
    """A row of mrp_supplies."""

    id: str
    source_id: UUID
    kind: str
    name: str
    product_code: str
    plant_code: str
    due_on: date
    quantity: Decimal
    pairing: int = Pairing.NONE
    pegged_to: str | None = None
    explodes: bool = False
    starts_on: date | None = None


_Row = TypeVar("_Row", DemandRow, SupplyRow)


class Need(NamedTuple):
    """What an order still needs of a component; `reserved` of it lies in stock for the order.

    A negative quantity is a by-product that is still to come.
    """

    id: UUID
    component_code: str
    plant_code: str
    quantity: Decimal
    reserved: Decimal
    needed_on: date


class Share(NamedTuple):
    """For whom a part of a requisition is: a requirement, or a planned order that was firmed."""

    requirement_id: UUID | None
    planned_order_id: UUID | None
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """A production order, and its materials.

    Attributes:
        version: Of the order; 0: only its materials, or its parent's, were told of.
        plan_version: Of its materials; 0: not planned yet.
        status: "" where the order was not told of; its other fields mean nothing then.
        serves_kind: `sales_order_line` or `project`; None: made for stock, or for a parent.
        pegged_to: The parent's requirement it was made for.
    """

    id: UUID
    version: int = 0
    plan_version: int = 0
    production_order_number: str = ""
    status: str = ""
    product_code: str = ""
    plant_code: str = ""
    quantity_ordered: Decimal = Decimal(0)
    quantity_completed: Decimal = Decimal(0)
    due_date: date = date.max
    serves_kind: str | None = None
    serves_name: str | None = None
    pegged_to: UUID | None = None
    requirements: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class PurchaseRecord:
    """A requisition or a receipt; quantity is what is still to come."""

    id: UUID
    kind: str
    version: int
    requisition_id: UUID | None
    is_open: bool
    name: str
    product_code: str
    plant_code: str
    due_on: date
    quantity: Decimal
    quantity_allocated: Decimal
    pegs: tuple[Share, ...] = ()


class StockRecord(NamedTuple):
    """What lies in a pool."""

    product_code: str
    plant_code: str
    version: int
    quantity_on_hand: Decimal


@dataclass(frozen=True, slots=True)
class Known:
    """What was kept of the things a batch names."""

    orders: Mapping[UUID, OrderRecord] = field(default_factory=dict)
    purchases: Mapping[UUID, PurchaseRecord] = field(default_factory=dict)
    stock: Mapping[tuple[str, str], StockRecord] = field(default_factory=dict)
    demands: Sequence[DemandRow] = ()
    supplies: Sequence[SupplyRow] = ()


async def load(
    uow: UnitOfWork,
    *,
    orders: Collection[UUID] = (),
    purchases: Collection[UUID] = (),
    pools: Collection[tuple[str, str]] = (),
    sources: Collection[UUID] = (),
) -> Known:
    """Load what is kept, in one statement.

    Args:
        uow: The unit of work.
        orders: Production orders.
        purchases: Requisitions and receipts; receipts of these requisitions come along.
        pools: Product and plant.
        sources: Whose demands and supplies; those of the purchases come along.

    Returns:
        What there is.

    Raises:
        Nothing of its own.
    """
    answer = await uow.connection.scalar(
        _KNOWN,
        {
            "orders": list(orders),
            "purchases": list(purchases),
            "sources": list(sources),
            "products": [product for product, _ in pools],
            "plants": [plant for _, plant in pools],
        },
    )
    found = orjson.loads(answer)
    known_orders = [_order(row) for row in found["orders"] or ()]
    known_purchases = [_purchase(row) for row in found["purchases"] or ()]
    stock = [_stock(row) for row in found["stock"] or ()]
    return Known(
        orders={order.id: order for order in known_orders},
        purchases={purchase.id: purchase for purchase in known_purchases},
        stock={(row.product_code, row.plant_code): row for row in stock},
        demands=[_demand(row) for row in found["demands"] or ()],
        supplies=[_supply(row) for row in found["supplies"] or ()],
    )


def keep_orders(uow: UnitOfWork, orders: Iterable[OrderRecord]) -> None:
    """Keep orders as they were told of.

    Args:
        uow: The unit of work.
        orders: Those that are newer than what is kept.
    """
    rows = [
        {**_fields(order), "requirements": [list(need) for need in order.requirements]}
        for order in orders
    ]
    uow.upsert(mrp_orders, rows, key=("id",))


def keep_purchases(uow: UnitOfWork, purchases: Iterable[PurchaseRecord]) -> None:
    """Keep requisitions and receipts as they were told of.

    Args:
        uow: The unit of work.
        purchases: Those that are newer than what is kept.
    """
    rows = [
        {**_fields(purchase), "pegs": [list(share) for share in purchase.pegs]}
        for purchase in purchases
    ]
    uow.upsert(mrp_purchases, rows, key=("id",))


def keep_stock(uow: UnitOfWork, pools: Iterable[StockRecord]) -> None:
    """Keep what lies in pools.

    Args:
        uow: The unit of work.
        pools: Those that are newer than what is kept.
    """
    rows = [pool._asdict() for pool in pools]
    uow.upsert(mrp_stock, rows, key=("product_code", "plant_code"))


def replace_rows(
    uow: UnitOfWork,
    known: Known,
    demands: Collection[DemandRow],
    supplies: Collection[SupplyRow],
    *,
    today: date,
) -> set[tuple[str, str]]:
    """Put demands and supplies in the place of those that were loaded, as differences.

    Args:
        uow: The unit of work.
        known: With the rows that are to be replaced.
        demands: All that there shall be of the same sources.
        supplies: Likewise.
        today: Of the plan.

    Returns:
        Product and plant of everything that changed, as far as the plan depends on it.
    """
    gone_demands, new_demands = _differences(known.demands, demands)
    gone_supplies, new_supplies = _differences(known.supplies, supplies)
    uow.delete(mrp_demands, [{"id": row.id} for row in gone_demands.values()], key=("id",))
    uow.delete(mrp_supplies, [{"id": row.id} for row in gone_supplies.values()], key=("id",))
    uow.upsert(mrp_demands, [row._asdict() for row in new_demands], key=("id",))
    uow.upsert(mrp_supplies, [row._asdict() for row in new_supplies], key=("id",))
    demanded = {row.id: row for row in known.demands}
    supplied = {row.id: row for row in known.supplies}
    rows: list[DemandRow | SupplyRow] = [*gone_demands.values(), *gone_supplies.values()]
    rows += [*new_demands, *new_supplies]
    rows += [demanded[row.id] for row in new_demands if row.id in demanded]
    rows += [supplied[row.id] for row in new_supplies if row.id in supplied]
    return {(row.product_code, row.plant_code) for row in rows if _matters(row, today)}


def _matters(row: DemandRow | SupplyRow, today: date) -> bool:
    return row.pairing != Pairing.MADE or row.due_on < today


def _fields(record: OrderRecord | PurchaseRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _differences(
    before: Iterable[_Row], after: Iterable[_Row]
) -> tuple[dict[str, _Row], list[_Row]]:
    """Rows that are no more, by id, and rows that are new or other than they were."""
    was, now = {row.id: row for row in before}, {row.id: row for row in after}
    gone = {own: row for own, row in was.items() if own not in now}
    return gone, [row for own, row in now.items() if was.get(own) != row]


def _order(row: Sequence[Any]) -> OrderRecord:
    return OrderRecord(
        id=UUID(row[0]),
        version=row[1],
        plan_version=row[2],
        production_order_number=row[3],
        status=row[4],
        product_code=row[5],
        plant_code=row[6],
        quantity_ordered=Decimal(row[7]),
        quantity_completed=Decimal(row[8]),
        due_date=date.fromisoformat(row[9]),
        serves_kind=row[10],
        serves_name=row[11],
        pegged_to=_id(row[12]),
        requirements=tuple(_need(need) for need in row[13]),
    )


def _need(row: Sequence[Any]) -> Need:
    own, component, plant, quantity, reserved, on = row
    needed_on = date.fromisoformat(on)
    return Need(UUID(own), component, plant, Decimal(quantity), Decimal(reserved), needed_on)


def _purchase(row: Sequence[Any]) -> PurchaseRecord:
    return PurchaseRecord(
        id=UUID(row[0]),
        kind=row[1],
        version=row[2],
        requisition_id=_id(row[3]),
        is_open=row[4],
        name=row[5],
        product_code=row[6],
        plant_code=row[7],
        due_on=date.fromisoformat(row[8]),
        quantity=Decimal(row[9]),
        quantity_allocated=Decimal(row[10]),
        pegs=tuple(Share(_id(one), _id(other), Decimal(n)) for one, other, n in row[11]),
    )


def _stock(row: Sequence[Any]) -> StockRecord:
    product, plant, version, on_hand = row
    return StockRecord(product, plant, version, Decimal(on_hand))


def _demand(row: Sequence[Any]) -> DemandRow:
    own, source, kind, name, product, plant, on, quantity, pairing = row
    day, amount = date.fromisoformat(on), Decimal(quantity)
    return DemandRow(own, UUID(source), kind, name, product, plant, day, amount, pairing)


def _supply(row: Sequence[Any]) -> SupplyRow:
    own, source, kind, name, product, plant, on, quantity, pairing, *rest = row
    pegged_to, explodes, starts = rest
    what = (own, UUID(source), kind, name, product, plant)
    when = (date.fromisoformat(on), Decimal(quantity), pairing)
    return SupplyRow(*what, *when, pegged_to, explodes, _day(starts))


def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


def _id(stored: str | None) -> UUID | None:
    return None if stored is None else UUID(stored)
