"""Benches loaded: everything a decision about materials may touch, locked in one fixed order.

Orders by id, then pools by product and plant, then plans by id. Whoever holds a pool's row may read
and change its receipts, requisitions, allocations and requirements: nobody else can. How many
statements that takes does not depend on how many orders, pools or requirements there are.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.master_data.domain.material_facts import MaterialFacts
from lineside_planning.master_data.domain.places import Places
from lineside_planning.master_data.store import calendars, materials_facts
from lineside_planning.materials.domain.bench import NOTHING, Bench, Plan, Requirement
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.store import bench_rows, movements, orders, pools, saving

save = saving.save
"""Write what was decided: see there."""

UNBOUNDED = Decimal(10**15)
"""More than any stock: everybody who waits is wanted."""

_KEYS_OF = text("""
SELECT DISTINCT component_code, plant_code FROM material_requirements
WHERE production_order_id = ANY(CAST(:orders AS uuid[]))
UNION SELECT product_code, plant_code FROM receipts WHERE id = ANY(CAST(:receipts AS uuid[]))
UNION SELECT product_code, plant_code FROM purchase_requisitions
WHERE id = ANY(CAST(:requisitions AS uuid[]))
""")

_CONCERNED = text("""
WITH keys AS MATERIALIZED (
  SELECT * FROM unnest(CAST(:products AS text[]), CAST(:plants AS text[]),
    CAST(:arriving AS numeric[])) AS k (product_code, plant_code, arriving)
), bounds AS MATERIALIZED (
  SELECT k.product_code, k.plant_code, k.arriving
    + COALESCE((SELECT i.quantity_on_hand - i.quantity_allocated FROM inventory i
      WHERE i.product_code = k.product_code AND i.plant_code = k.plant_code), 0)
    + COALESCE((SELECT sum(c.quantity - c.quantity_received - c.quantity_allocated)
      FROM receipts c WHERE c.status = 'open'
      AND c.product_code = k.product_code AND c.plant_code = k.plant_code), 0)
    + COALESCE((SELECT sum(r.needed_quantity) FROM material_requirements r
      WHERE r.production_order_id = ANY(CAST(:orders AS uuid[]))
      AND r.component_code = k.product_code AND r.plant_code = k.plant_code), 0) AS bound
  FROM keys k
), waiting AS MATERIALIZED (
  SELECT r.production_order_id, r.component_code, r.plant_code, r.supply, r.short_quantity,
    r.open_quantity, r.replenish_quantity, b.bound,
    sum(r.short_quantity) OVER turns - r.short_quantity AS before_it,
    sum(greatest(r.replenish_quantity - r.open_quantity, 0)) OVER turns
      - greatest(r.replenish_quantity - r.open_quantity, 0) AS spare_before_it
  FROM bounds b
  JOIN material_requirements r ON r.component_code = b.product_code
    AND r.plant_code = b.plant_code AND (r.short_quantity > 0 OR r.replenish_quantity > 0)
  JOIN material_plans p ON p.id = r.production_order_id
  WINDOW turns AS (PARTITION BY r.component_code, r.plant_code ORDER BY
    array_position(ARRAY['urgent', 'high', 'medium', 'low'], p.priority), r.needed_on,
    p.production_order_number, r.sequence_number, r.id)
)
SELECT 'order' AS kind, production_order_id AS id, NULL AS product_code, NULL AS plant_code,
  0 AS lacking, 0 AS bought
FROM waiting
WHERE (short_quantity > 0 AND before_it < bound)
  OR (replenish_quantity > open_quantity AND spare_before_it < bound)
UNION
SELECT 'order', a.production_order_id, NULL, NULL, 0, 0
FROM keys k JOIN material_allocations a
  ON a.product_code = k.product_code AND a.plant_code = k.plant_code
WHERE :holders OR a.receipt_id = ANY(CAST(:receipts AS uuid[]))
UNION ALL
SELECT 'sums', NULL, component_code, plant_code, sum(open_quantity), sum(replenish_quantity)
FROM waiting WHERE supply IN ('buy', 'stock') GROUP BY component_code, plant_code
""")

_PLANS = text(
    "SELECT * FROM material_plans WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE"
)

_REQUIREMENTS = text("""
SELECT r.*, c.status AS child_status,
  (SELECT json_agg(json_build_array(a.id, a.receipt_id, a.quantity::text) ORDER BY a.id)
    FROM material_allocations a
    WHERE a.production_order_id = r.production_order_id AND a.requirement_id = r.id) AS held
FROM material_requirements r LEFT JOIN material_orders c ON c.id = r.child_order_id
WHERE r.production_order_id = ANY(CAST(:ids AS uuid[])) ORDER BY r.id
""")

_GOODS = text("""
SELECT * FROM material_allocations
WHERE requirement_id IS NULL AND production_order_id = ANY(CAST(:ids AS uuid[])) ORDER BY id
""")

_RECEIPTS = text("""
SELECT c.* FROM receipts c
JOIN unnest(CAST(:products AS text[]), CAST(:plants AS text[])) AS k (product_code, plant_code)
  ON c.product_code = k.product_code AND c.plant_code = k.plant_code
WHERE c.status = 'open' OR c.id = ANY(CAST(:ids AS uuid[])) ORDER BY c.id
""")

_REQUISITIONS = text("""
SELECT q.*, (SELECT json_agg(json_build_array(g.id, g.production_order_id,
    g.production_order_number, g.requirement_id, g.planned_order_id, g.quantity::text)
    ORDER BY g.id) FROM requisition_pegs g WHERE g.requisition_id = q.id) AS pegs
FROM purchase_requisitions q
JOIN unnest(CAST(:products AS text[]), CAST(:plants AS text[])) AS k (product_code, plant_code)
  ON q.product_code = k.product_code AND q.plant_code = k.plant_code
WHERE (q.status = 'open' AND q.needed_on = ANY(CAST(:dates AS date[])))
  OR q.id = ANY(CAST(:ids AS uuid[])) OR q.receipt_id = ANY(CAST(:receipts AS uuid[]))
ORDER BY q.id
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a bench is to hold.

    Attributes:
        orders: Whose plans; the pools of all their requirements come with them.
        pools: Further pools; one that has no row yet is made where its product is known.
        receipts: Their pools; they are loaded whatever their status.
        requisitions: Likewise.
        dates: Need dates that something new may fall on, so that its open requisition is there.
        parents: Whether the orders that these were made for are wanted as well.
        waiting: Whether anything can become free at all.
        arriving: What will become free in a pool beside what its orders give back, so that enough
            of those who wait are there; None: all of them.
        holders: Whether everybody who holds something of the pools is wanted.
        balances: Whether balances and miscounts are wanted.
    """

    orders: Collection[UUID] = ()
    pools: Collection[PoolKey] = ()
    receipts: Collection[UUID] = ()
    requisitions: Collection[UUID] = ()
    dates: Collection[date] = ()
    parents: bool = True
    waiting: bool = True
    arriving: Mapping[PoolKey, Decimal] | None = None
    holders: bool = False
    balances: bool = False


async def load(uow: UnitOfWork, wanted: Wanted) -> Bench:
    """Lock and load what is wanted, master data included."""
    named = await _lock_orders(uow, wanted)
    found = await uow.connection.execute(
        _KEYS_OF,
        {
            "orders": named,
            "receipts": list(wanted.receipts),
            "requisitions": list(wanted.requisitions),
        },
    )
    keys = {PoolKey(*row) for row in found} | set(wanted.pools)
    facts = await materials_facts.load(uow, {key.product_code for key in keys})
    places = await calendars.load(uow, plant_codes={key.plant_code for key in keys})
    return await lay(uow, replace(wanted, orders=named, pools=keys), facts, places)


async def lay(uow: UnitOfWork, wanted: Wanted, facts: MaterialFacts, places: Places) -> Bench:
    """Lock and load what is wanted, named in full; the orders are locked already."""
    bench = Bench(now=uow.now, new_id=uow.new_id, facts=facts, places=places)
    bench.pools = await pools.lock(uow, wanted.pools, facts)
    keys = sorted(bench.pools)
    concerned = set(wanted.orders)
    if keys and (wanted.waiting or wanted.holders or wanted.receipts):
        concerned |= await _concerned(uow, bench, wanted, keys)
    if concerned:
        await _load_plans(uow, bench, concerned, with_goods=wanted.holders or wanted.balances)
    if keys:
        await _load_supplies(uow, bench, wanted, keys)
    if wanted.balances and keys:
        await movements.fill(uow, bench)
    _remember(bench)
    return bench


async def _lock_orders(uow: UnitOfWork, wanted: Wanted) -> list[UUID]:
    if not wanted.orders:
        return []
    lock = orders.lock_with_parents if wanted.parents else orders.lock
    return list(await lock(uow, wanted.orders))


async def _concerned(
    uow: UnitOfWork, bench: Bench, wanted: Wanted, keys: Sequence[PoolKey]
) -> set[UUID]:
    """Who waits for what may become free, or holds what may be taken."""
    arriving = wanted.arriving
    rows = await uow.connection.execute(
        _CONCERNED,
        {
            **_named(keys),
            "arriving": [
                UNBOUNDED if arriving is None else arriving.get(key, NOTHING) for key in keys
            ],
            "orders": list(wanted.orders),
            "holders": wanted.holders,
            "receipts": list(wanted.receipts),
        },
    )
    found = set()
    for row in rows:
        if row.kind == "order":
            found.add(row.id)
        else:
            pool = bench.pools[PoolKey(row.product_code, row.plant_code)]
            pool.open_elsewhere, pool.replenished_elsewhere = row.lacking, row.bought
    return found


async def _load_plans(
    uow: UnitOfWork, bench: Bench, ids: Iterable[UUID], *, with_goods: bool
) -> None:
    asked = {"ids": list(ids)}
    for row in (await uow.connection.execute(_PLANS, asked)).mappings():
        plan = bench_rows.plan(row)
        bench.plans[plan.id] = plan
    if not bench.plans:
        return
    await requirements_of(uow, bench.plans.values())
    _take_off_sums(bench, bench.plans.values())
    if with_goods:
        asked = {"ids": list(bench.plans)}
        for row in (await uow.connection.execute(_GOODS, asked)).mappings():
            bench.plans[row["production_order_id"]].goods.append(bench_rows.goods(row))


async def requirements_of(uow: UnitOfWork, plans: Iterable[Plan]) -> list[Requirement]:
    """Load the requirements of plans, with what they hold, and hang them up there."""
    known = {plan.id: plan for plan in plans}
    found = []
    for row in (await uow.connection.execute(_REQUIREMENTS, {"ids": list(known)})).mappings():
        requirement = bench_rows.requirement(row)
        plan = known[requirement.order_id]
        requirement.is_closed = plan.is_final
        plan.requirements.append(requirement)
        found.append(requirement)
    return found


def _take_off_sums(bench: Bench, plans: Iterable[Plan]) -> None:
    """What is on the bench is not elsewhere."""
    for plan in plans:
        for requirement in plan.requirements:
            pool = bench.pools.get(requirement.pool_key)
            if pool is not None and requirement.supply in {"buy", "stock"}:
                pool.open_elsewhere = max(NOTHING, pool.open_elsewhere - requirement.open)
                bought = pool.replenished_elsewhere - requirement.replenish
                pool.replenished_elsewhere = max(NOTHING, bought)


async def _load_supplies(
    uow: UnitOfWork, bench: Bench, wanted: Wanted, keys: Sequence[PoolKey]
) -> None:
    asked: dict[str, Any] = {**_named(keys), "ids": list(wanted.receipts)}
    for row in (await uow.connection.execute(_RECEIPTS, asked)).mappings():
        bench.add_receipt(bench_rows.receipt(row))
    dates = {r.needed_on for _, r in bench.requirements()} | set(wanted.dates)
    asked = {
        **_named(keys),
        "ids": list(wanted.requisitions),
        "receipts": list(wanted.receipts),
        "dates": list(dates),
    }
    for row in (await uow.connection.execute(_REQUISITIONS, asked)).mappings():
        requisition = bench_rows.requisition(row)
        bench.requisitions[requisition.id] = requisition
    _attach_pegs(bench)


def _attach_pegs(bench: Bench) -> None:
    pegs = {
        peg.requirement_id: peg
        for requisition in bench.requisitions.values()
        if requisition.status == "open"
        for peg in requisition.pegs
    }
    for _, requirement in bench.requirements():
        requirement.peg = pegs.get(requirement.id)


def _remember(bench: Bench) -> None:
    """Keep what the rows say, so that exactly the differences are written."""
    stored = bench.stored
    stored |= {pool.id: bench_rows.pool_row(pool) for pool in bench.pools.values()}
    stored |= {receipt.id: bench_rows.receipt_row(receipt) for receipt in bench.receipts.values()}
    for requisition in bench.requisitions.values():
        stored[requisition.id] = bench_rows.requisition_row(requisition)
        stored |= {peg.id: bench_rows.peg_row(peg) for peg in requisition.pegs}
    for plan in bench.plans.values():
        stored[plan.id] = bench_rows.plan_row(plan)
        stored |= {held.id: bench_rows.allocation_row(held) for held in plan.goods}
        for requirement in plan.requirements:
            stored[requirement.id] = bench_rows.requirement_row(requirement)
            for held in requirement.allocations:
                stored[held.id] = bench_rows.allocation_row(held)


def _named(keys: Sequence[PoolKey]) -> dict[str, list[str]]:
    return {
        "products": [key.product_code for key in keys],
        "plants": [key.plant_code for key in keys],
    }
