"""A large bench in parts: pools that nobody waits for or holds of can be written apart.

Files of 100,000 counts are decided and saved part by part, so that others get their turn between.
Parts share the objects of their bench and what it remembers of the rows.
"""

from collections.abc import Collection, Iterator, Sequence

from lineside_planning.materials.domain.bench import Bench
from lineside_planning.materials.domain.discrepancies import Miscounts
from lineside_planning.materials.domain.movements import PoolKey, Stockroom


def busy(bench: Bench) -> set[PoolKey]:
    """Name the pools that plans on the bench need something of, or hold something of."""
    keys = {requirement.pool_key for _, requirement in bench.requirements()}
    keys |= {
        PoolKey(goods.product_code, goods.plant_code)
        for plan in bench.plans.values()
        for goods in plan.goods
    }
    return (keys & set(bench.pools)) | {p.key for p in bench.pools.values() if p.allocated}


def split(bench: Bench, *, size: int) -> Iterator[tuple[Bench, Sequence[PoolKey]]]:
    """Go through a bench part by part: quiet pools some at a time, all busy ones together.

    Args:
        bench: With everybody concerned.
        size: Pools in a part.

    Yields:
        A bench of some pools, and their names; the last one has every plan.
    """
    together = busy(bench)
    apart = sorted(set(bench.pools) - together)
    for start in range(0, len(apart), size):
        keys = apart[start : start + size]
        yield _part(bench, keys), keys
    if together:
        yield bench, sorted(together)


def _part(bench: Bench, keys: Collection[PoolKey]) -> Bench:
    open_miscounts = bench.miscounts.open.items() if bench.miscounts.open else ()
    return Bench(
        now=bench.now,
        new_id=bench.new_id,
        facts=bench.facts,
        places=bench.places,
        pools={key: bench.pools[key] for key in keys},
        room=Stockroom({key: bench.room.balances.get(key, {}) for key in keys}),
        miscounts=Miscounts({key: held for key, held in open_miscounts if key[0] in keys}),
        stored=bench.stored,
    )
