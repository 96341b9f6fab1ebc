"""Pegging of a production order, both ways down to the ends, one question for each level.

Downwards: the order's needs, what serves them, what those orders need in turn. Upwards: whom its
goods serve, and whom those orders serve. An order whose materials are known needs under its
requirements' ids (`mrp_demands`), others under their own (`mrp_requirements`).
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.mrp.store import item_keys, proposal_pegs
from lineside_planning.mrp.store.proposal_pegs import OwnPeg, Pool

MOST_NODES = 5000
"""A chain ends here: an order that serves a thousand others must not fill a page."""

MOST_LEVELS = 60

Direction = Literal["upstream", "downstream"]

_NEEDS = text("""
SELECT d.id, d.product_code, d.plant_code FROM mrp_demands d
WHERE d.source_id = ANY(CAST(:sources AS uuid[])) AND d.kind = 'production_order'
UNION ALL
SELECT '', r.product_code, r.plant_code
FROM unnest(CAST(:products AS text[]), CAST(:plants AS text[])) AS a (product_code, plant_code)
JOIN mrp_requirements r ON r.parent_code = a.product_code AND r.plant_code = a.plant_code
""")
_TAKERS = text("""
SELECT s.id, s.product_code, s.plant_code FROM mrp_demands d
JOIN mrp_supplies s ON s.id = d.source_id::text
WHERE d.id = ANY(CAST(:ids AS text[])) AND d.kind = 'production_order'
UNION
SELECT s.id, s.product_code, s.plant_code FROM mrp_supplies s
WHERE s.id = ANY(CAST(:ids AS text[]))
""")
_ORDER = text("""
SELECT production_order_number, product_code, plant_code FROM mrp_orders
WHERE id = :id AND status <> ''
""")


class Link(NamedTuple):
    """A peg in a chain; level 1 is next to the order."""

    level: int
    direction: Direction
    own: OwnPeg


class OrderFacts(NamedTuple):
    """The order a chain begins with."""

    production_order_number: str
    product_code: str
    plant_code: str


class _Place(NamedTuple):
    """A supply or demand id, and the item in whose pegs it stands."""

    own_id: str
    pool: Pool


async def find_order(uow: UnitOfWork, order_id: UUID) -> OrderFacts | None:
    """Find the order.

    Args:
        uow: The unit of work.
        order_id: Which.

    Returns:
        It, or None where it was never told of.
    """
    row = (await uow.connection.execute(_ORDER, {"id": order_id})).one_or_none()
    return None if row is None else OrderFacts(*row)


async def downstream(uow: UnitOfWork, order_id: UUID, pool: Pool) -> list[Link]:
    """Follow what an order needs down to stock and purchases.

    Args:
        uow: The unit of work.
        order_id: The order.
        pool: Product and plant it makes.

    Returns:
        Links, nearest first.
    """

    async def onward(places: Collection[_Place]) -> list[_Place]:
        return await _needs_of(uow, places)

    return await _walk(uow, "downstream", [_Place(str(order_id), pool)], onward)


async def upstream(uow: UnitOfWork, order_id: UUID, pool: Pool) -> list[Link]:
    """Follow whom an order's goods serve, up to sales.

    Args:
        uow: The unit of work.
        order_id: The order.
        pool: Product and plant it makes.

    Returns:
        Links, nearest first.
    """

    async def onward(places: Collection[_Place]) -> list[_Place]:
        return list(places)

    return await _walk(uow, "upstream", [_Place(str(order_id), pool)], onward)


async def _walk(
    uow: UnitOfWork,
    direction: Direction,
    begin: list[_Place],
    onward: Callable[[Collection[_Place]], Awaitable[list[_Place]]],
) -> list[Link]:
    links: list[Link] = []
    seen, places, level = set(begin), begin, 1
    while places and len(links) < MOST_NODES and level <= MOST_LEVELS:
        wanted = set(await onward(places))
        pegs = await proposal_pegs.pegs_of(uow, {place.pool for place in wanted})
        found = [own for own in pegs if _Place(_near(direction, own), own.pool) in wanted]
        links += (Link(level, direction, own) for own in found)
        nexts = await _next(uow, direction, found)
        places = [place for place in nexts if place not in seen]
        seen.update(places)
        level += 1
    return links[:MOST_NODES]


def _near(direction: Direction, own: OwnPeg) -> str:
    return own.peg.demand_id if direction == "downstream" else own.peg.supply_id


async def _next(uow: UnitOfWork, direction: Direction, found: Iterable[OwnPeg]) -> list[_Place]:
    if direction == "downstream":
        return [
            _Place(own.peg.supply_id, own.pool)
            for own in found
            if own.peg.supply_kind in {"planned", "receipt"}
        ]
    return await _takers(uow, {own.peg.demand_id for own in found if own.peg.demand_id})


async def _needs_of(uow: UnitOfWork, places: Collection[_Place]) -> list[_Place]:
    """Under which ids, in which items, orders need their components."""
    asked = {
        "sources": [own for own in map(_uuid, (place.own_id for place in places)) if own],
        "products": [place.pool[0] for place in places],
        "plants": [place.pool[1] for place in places],
    }
    rows = (await uow.connection.execute(_NEEDS, asked)).all()
    known = [_Place(row[0], (row[1], row[2])) for row in rows if row[0]]
    pools = {(row[1], row[2]) for row in rows if not row[0]}
    return known + [_Place(place.own_id, pool) for place in places for pool in pools]


async def _takers(uow: UnitOfWork, ids: Collection[str]) -> list[_Place]:
    """The orders that need under some ids, in their own items."""
    planned = [_Place(own, item_keys.parse_plan_key(own)) for own in ids if own.count("|") > 1]
    if not ids:
        return []
    rows = await uow.connection.execute(_TAKERS, {"ids": sorted(ids)})
    return planned + [_Place(row[0], (row[1], row[2])) for row in rows]


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
