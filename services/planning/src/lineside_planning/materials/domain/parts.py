"""A large bench in parts: its pools are decided and saved some at a time.

Files of 100,000 counts are written part by part, so that others get their turn between. Parts share
the objects of their bench and what it remembers of the rows.
"""

from collections.abc import Collection, Iterator, Sequence

from lineside_planning.materials.domain.bench import Bench
from lineside_planning.materials.domain.movements import PoolKey, Stockroom


def split(bench: Bench, *, size: int) -> Iterator[tuple[Bench, Sequence[PoolKey]]]:
    """Go through a bench without plans part by part.

    Args:
        bench: Of pools that no order needs anything of.
        size: Pools in a part.

    Yields:
        A bench of some pools, and their names.
    """
    keys = sorted(bench.pools)
    for start in range(0, len(keys), size):
        some = keys[start : start + size]
        yield _part(bench, some), some


def _part(bench: Bench, keys: Collection[PoolKey]) -> Bench:
    return Bench(
        now=bench.now,
        new_id=bench.new_id,
        facts=bench.facts,
        places=bench.places,
        pools={key: bench.pools[key] for key in keys},
        room=Stockroom({key: bench.room.balances.get(key, {}) for key in keys}),
        stored=bench.stored,
    )
