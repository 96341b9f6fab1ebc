"""Pools that nobody waits for or holds anything of: they can be counted without looking at orders.

Files of opening balances are about such pools mostly; asking for 100,000 of them what orders want
of each would take longer than all the rest.
"""

from collections.abc import Collection, Mapping
from typing import Any, cast

from sqlalchemy import or_, select, union

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.master_data.domain.material_facts import MaterialFacts
from lineside_planning.master_data.domain.places import Places
from lineside_planning.materials.domain.bench import Bench
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.domain.stock_checks import ProductFacts
from lineside_planning.materials.store import bench_rows, movements, pools
from lineside_planning.materials.tables import material_requirements, stock_discrepancies


async def lay(
    uow: UnitOfWork,
    keys: Collection[PoolKey],
    products: Mapping[str, ProductFacts],
    *,
    with_stock: bool,
) -> tuple[Bench, list[PoolKey]]:
    """Lock all pools in one go, and lay out those that are quiet.

    Args:
        uow: The unit of work.
        keys: Of known products; a pool without a row is made.
        products: What is known of them.
        with_stock: Whether balances are wanted.

    Returns:
        A bench of the quiet ones, and the names of the others.
    """
    # a pool is made and dressed from unit, name and safety stock alone
    facts = MaterialFacts(products=cast("Any", products))
    locked = await pools.lock(uow, keys, facts)
    wanted = await _wanted(uow)
    quiet = {k: pool for k, pool in locked.items() if k not in wanted and not pool.allocated}
    bench = Bench(
        now=uow.now,
        new_id=uow.new_id,
        facts=facts,
        places=Places("UTC", {}, {}),
        pools=quiet,
        stored={pool.id: bench_rows.pool_row(pool) for pool in quiet.values()},
    )
    if with_stock:
        bench.room = await movements.load(uow, quiet)
    return bench, sorted(set(locked) - set(quiet))


async def _wanted(uow: UnitOfWork) -> set[PoolKey]:
    """Name the pools that anybody waits for, or that have an open miscount."""
    needs, missing = material_requirements, stock_discrepancies
    query = union(
        select(needs.c.component_code, needs.c.plant_code).where(
            or_(
                needs.c.open_quantity > 0,
                needs.c.short_quantity > 0,
                needs.c.replenish_quantity > 0,
            )
        ),
        select(missing.c.product_code, missing.c.plant_code).where(missing.c.status == "open"),
    )
    return {PoolKey(*row) for row in await uow.connection.execute(query)}
