"""What stands behind the engine's ids, for people: names, kinds, and pegs in their words."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import Peg
from lineside_manufacturing import quantities
from lineside_planning.mrp.domain import plans
from lineside_planning.mrp.store.facts_rows import ALLOCATION

_NAMES = text("""
SELECT id, kind, name, source_id, product_code, due_on FROM mrp_demands
WHERE id = ANY(CAST(:ids AS text[]))
UNION ALL
SELECT id, kind, name, source_id, product_code, due_on FROM mrp_supplies
WHERE id = ANY(CAST(:ids AS text[]))
UNION ALL
SELECT plan_key, 'planned_order', '', id, product_code, due_on FROM planned_orders
WHERE plan_key = ANY(CAST(:ids AS text[]))
""")

_STOCK, _PLANNED_ORDER = "stock", "planned_order"


class Named(NamedTuple):
    """A demand or a supply.

    Attributes:
        kind: `sales_order_line`, `project`, `production_order`, `planned_order`, `requisition`,
            `receipt`, `allocation` or `by_product`.
        id: Of the document behind it.
        name: What people call it.
    """

    kind: str
    id: str | None
    name: str


Names = Mapping[str, Named]


async def load(uow: UnitOfWork, ids: Collection[str]) -> dict[str, Named]:
    """Look up demands, supplies and planned orders by the engine's ids.

    Args:
        uow: The unit of work.
        ids: Any of them; the empty one and unknown ones are left out.

    Returns:
        What stands behind each.
    """
    asked = sorted({own for own in ids if own})
    if not asked:
        return {}
    rows = await uow.connection.execute(_NAMES, {"ids": asked})
    return {row[0]: _named(*row[1:]) for row in rows}


def ids_of(pegs: Iterable[plans.Peg]) -> set[str]:
    """Collect the ids that pegs name.

    Args:
        pegs: The pegs.

    Returns:
        Both sides' ids.
    """
    return {own for peg in pegs for own in (peg.demand_id, peg.supply_id)}


def peg(own: plans.Peg, names: Names, decimals: int) -> Peg:
    """Write a peg in people's words.

    Args:
        own: The engine's peg.
        names: What stands behind its ids.
        decimals: Of the item's unit.

    Returns:
        The peg.
    """
    supply, demand = supply_of(own, names), demand_of(own, names)
    return Peg(
        supply_kind=supply.kind,
        supply_id=supply.id,
        supply_name=supply.name,
        supply_date=own.supply_on,
        demand_kind=demand.kind,
        demand_id=demand.id,
        demand_name=demand.name,
        demand_date=own.demand_on,
        quantity=quantities.decimal_of(own.quantity, decimals),
    )


def supply_of(own: plans.Peg, names: Names) -> Named:
    """Say what serves.

    Args:
        own: The peg.
        names: What stands behind its ids.

    Returns:
        It; reserved stock is stock.
    """
    if own.supply_kind == "stock":
        return Named(_STOCK, None, _STOCK)
    found = names.get(own.supply_id, Named(own.supply_kind, None, own.supply_id))
    if found.kind == ALLOCATION:
        return Named(_STOCK, None, f"stock reserved for {found.name}")
    if own.supply_kind == "by_product":
        return Named("by_product", found.id, f"by-product of {found.name}")
    return found


def demand_of(own: plans.Peg, names: Names) -> Named:
    """Say what is served.

    Args:
        own: The peg.
        names: What stands behind its ids.

    Returns:
        It.
    """
    if own.demand_kind == "safety_stock":
        return Named("safety_stock", None, "safety stock")
    if own.demand_kind == "deficit":
        return Named("deficit", None, "stock below zero")
    return names.get(own.demand_id, Named(own.demand_kind, None, own.demand_id))


def in_words(sentence: str, names: Names) -> str:
    """Put names in the place of the engine's ids in a sentence.

    Args:
        sentence: The sentence.
        names: What stands behind ids; longer ids go first, since one may begin another.

    Returns:
        The sentence for people.
    """
    for own in sorted(names, key=len, reverse=True):
        if own in sentence:
            sentence = sentence.replace(own, names[own].name)
    return sentence


def _named(kind: str, name: str, source_id: UUID, product_code: str, due_on: date) -> Named:
    if kind == _PLANNED_ORDER:
        name = f"{name or 'planned order of'} {product_code} due {due_on.isoformat()}"
    return Named(kind, str(source_id), name)
