"""Orders planned anew: master data and stock loaded, needs computed, everybody served, saved.

One set of loads and one write for any number of orders; the orders themselves are locked already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_planning.master_data.domain.material_facts import MaterialFacts
from lineside_planning.master_data.domain.places import Places
from lineside_planning.master_data.store import calendars, materials_facts
from lineside_planning.materials.domain import allocation, needs, plans
from lineside_planning.materials.domain.bench import Bench
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.domain.needs import Outline
from lineside_planning.materials.domain.orders import OrderFacts
from lineside_planning.materials.store import bench as benches
from lineside_planning.materials.store.bench import Wanted

_KEYS = text("""
SELECT DISTINCT component_code, plant_code FROM material_requirements
WHERE production_order_id = ANY(CAST(:ids AS uuid[]))
""")


@dataclass(frozen=True, slots=True)
class Work:
    """Orders to be planned.

    Attributes:
        orders: As they are known now; locked.
        causes: Which event made each of them due.
        beside: Further orders whose plans are judged anew: a child of theirs was called off.
        called_off: Those children.
        renews: Whether children that were called off are asked for anew.
        revises: Whether vendors' terms may have changed.
    """

    orders: Sequence[OrderFacts]
    causes: Mapping[UUID, Envelope]
    beside: Sequence[UUID] = ()
    called_off: frozenset[UUID] = frozenset()
    renews: bool = False
    revises: bool = False


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What was found out before stock is looked at."""

    facts: MaterialFacts
    places: Places
    outlines: Mapping[UUID, Outline]


async def replan(uow: UnitOfWork, work: Work) -> Bench:
    """Plan orders, serve everybody concerned, save and tell."""
    planned = [order.id for order in work.orders if order.is_planned] + list(work.beside)
    keys = await _keys_of(uow, planned) if planned else set()
    drawn = await _draw(uow, work, keys)
    outlines = drawn.outlines.values()
    wanted = Wanted(
        orders=planned,
        pools=keys.union(*(outline.pools for outline in outlines)),
        dates={c.needed_on for outline in outlines for c in outline.consumers.values()},
        waiting=bool(planned),
        arriving={},
    )
    bench = await benches.lay(uow, wanted, drawn.facts, drawn.places)
    bench.revises = work.revises
    for order in work.orders:
        _follow(bench, order, drawn, renews=work.renews)
    _call_off(bench, work.called_off)
    allocation.serve(bench)
    await benches.save(uow, bench, causes=work.causes)
    return bench


async def _keys_of(uow: UnitOfWork, ids: Sequence[UUID]) -> set[PoolKey]:
    rows = await uow.connection.execute(_KEYS, {"ids": list(ids)})
    return {PoolKey(*row) for row in rows}


async def _draw(uow: UnitOfWork, work: Work, keys: set[PoolKey]) -> _Drawn:
    live = [order for order in work.orders if not order.is_final]
    codes = {order.product_code for order in live} | {key.product_code for key in keys}
    facts = await materials_facts.load(uow, codes) if codes else MaterialFacts()
    own_plants = {order.product_code: facts.products.get(order.product_code) for order in live}
    places = await calendars.load(
        uow,
        work_center_codes={
            run.work_center_code for order in live for run in order.runs if run.work_center_code
        },
        plant_codes={
            *(key.plant_code for key in keys),
            *(order.plant_code for order in live),
            *(run.plant_code for order in live for run in order.runs),
            *(product.plant_code for product in own_plants.values() if product),
        },
    )
    outlines = {order.id: needs.outline(order, facts, places, now=uow.now) for order in live}
    return _Drawn(facts, places, outlines)


def _follow(bench: Bench, order: OrderFacts, drawn: _Drawn, *, renews: bool) -> None:
    if order.is_final:
        plans.finish(bench, order)
        return
    outline = drawn.outlines[order.id]
    found = needs.quantify(outline, drawn.facts, _phantom_stock(bench, outline))
    plan = plans.follow(bench, order, found, outline.warnings)
    if renews:
        plans.renew_children(plan)


def _phantom_stock(bench: Bench, outline: Outline) -> dict[PoolKey, Decimal]:
    """What is free of phantoms, and what the order holds of them already."""
    if not outline.has_phantoms:
        return {}
    products = bench.facts.products
    stock = {
        key: pool.free
        for key in outline.pools
        if products[key.product_code].is_phantom and (pool := bench.pools.get(key))
    }
    plan = bench.plans.get(outline.order.id)
    for requirement in plan.requirements if plan else ():
        if requirement.pool_key in stock:
            stock[requirement.pool_key] += requirement.allocated_from_stock
    return stock


def _call_off(bench: Bench, children: frozenset[UUID]) -> None:
    for _, requirement in bench.requirements():
        if requirement.child_order_id in children:
            requirement.child_status = "cancelled"
