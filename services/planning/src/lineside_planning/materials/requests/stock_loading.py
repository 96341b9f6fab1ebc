"""Many counts or receipts at once: pools locked in one go, then decided and written part by part.

While the database takes in one part, the next is decided and encoded aside. Everything is one
transaction; whoever waits for stock is served in the last part.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from lineside_chassis.imports import Progress
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_chassis.writes import Statement
from lineside_contracts.planning import CreateReceipt, MovementKind
from lineside_contracts.values import Actor
from lineside_planning.materials.domain import allocation, counting, parts, receiving
from lineside_planning.materials.domain.bench import Bench
from lineside_planning.materials.domain.counting import HandPosting
from lineside_planning.materials.domain.movements import (
    Occasion,
    Place,
    PoolKey,
    Spot,
    Stockroom,
)
from lineside_planning.materials.domain.stock_checks import LocationFacts
from lineside_planning.materials.domain.stock_files import OPENING, FileFacts, StockRow
from lineside_planning.materials.store import (
    bench as benches,
    movements,
    quiet_pools,
    saving,
)
from lineside_planning.materials.store.bench import Wanted

PART_POOLS = 500
"""Pools per statement: few round trips, and the service answers others between them."""

CREATED, UPDATED, UNCHANGED = "created_count", "updated_count", "unchanged_count"

Counts = Mapping[PoolKey, Sequence[StockRow]]
Entries = Mapping[PoolKey, Sequence[CreateReceipt]]


async def count_all(
    uow: UnitOfWork, counts: Counts, facts: FileFacts, *, dry_run: bool, progress: Progress
) -> Counter[str]:
    """Count place by place; tell how many places are new, changed, or as they were.

    Args:
        uow: The unit of work.
        counts: Rows by pool.
        facts: All that the rows name.
        dry_run: Nothing is locked or written.
        progress: Where it is told how many pools are done.
    """
    total = Counter({CREATED: 0, UPDATED: 0, UNCHANGED: 0})
    if dry_run:
        room = await movements.load(uow, counts)
        total.update(_became(room, key, row) for key, rows in counts.items() for row in rows)
        return total
    writing = _Writing(uow, progress, len(counts))
    async for bench, keys in _benches(uow, counts, facts, with_stock=True):
        total.update(_became(bench.room, key, row) for key in keys for row in counts[key])
        _count(bench, uow.actor, counts, facts.locations, keys)
        await writing.write(bench, keys)
    await writing.end()
    return total


async def enter_all(
    uow: UnitOfWork, entries: Entries, facts: FileFacts, *, progress: Progress
) -> None:
    """Enter goods that were ordered elsewhere; whoever waits for them gets them promised.

    Args:
        uow: The unit of work.
        entries: Rows by pool.
        facts: All that the rows name.
        progress: Where it is told how many pools are done.
    """
    writing = _Writing(uow, progress, len(entries))
    async for bench, keys in _benches(uow, entries, facts, with_stock=False):
        for key in keys:
            for row in entries[key]:
                bench.add_receipt(
                    receiving.entered(
                        row,
                        uow.new_id(),
                        unit_code=bench.pools[key].unit_code,
                        by=uow.actor,
                        now=uow.now,
                    )
                )
        await writing.write(bench, keys)
    await writing.end()


async def _benches(
    uow: UnitOfWork, keys: Collection[PoolKey], facts: FileFacts, *, with_stock: bool
) -> AsyncIterator[tuple[Bench, Sequence[PoolKey]]]:
    """Go through pools some at a time; those that orders want something of come last, together."""
    quiet, busy = await quiet_pools.lay(uow, keys, facts.products, with_stock=with_stock)
    for bench, some in parts.split(quiet, size=PART_POOLS):
        yield bench, some
    if busy:
        wanted = Wanted(pools=busy, balances=with_stock, holders=with_stock)
        yield await benches.load(uow, wanted), busy


def _count(
    bench: Bench,
    actor: Actor,
    counts: Counts,
    locations: Mapping[str, LocationFacts],
    keys: Collection[PoolKey],
) -> None:
    for key in keys:
        pool = bench.pools[key]
        for row in counts[key]:
            spot = Spot(_place(row), locations[row.location_code].is_nettable)
            occasion = _occasion(bench, actor, row)
            counting.count(bench, pool, HandPosting(spot, row.quantity, occasion))


def _became(room: Stockroom, key: PoolKey, row: StockRow) -> str:
    held = room.balances[key].get(_place(row))
    if held is None:
        return CREATED
    return UNCHANGED if held.quantity == row.quantity else UPDATED


def _place(row: StockRow) -> Place:
    return Place(row.location_code, row.lot_number or "")


def _occasion(bench: Bench, actor: Actor, row: StockRow) -> Occasion:
    return Occasion(
        kind=MovementKind.COUNT,
        happened_at=bench.now,
        recorded_by=actor,
        reason=row.reason or OPENING,
        unit_cost=row.unit_cost,
    )


class _Writing:
    """Parts on their way to the database, one at a time."""

    def __init__(self, uow: UnitOfWork, progress: Progress, pool_count: int) -> None:
        self._uow, self._progress = uow, progress
        self._ready: Sequence[Statement] = ()
        progress.begin("writing", pool_count)

    async def write(self, part: Bench, keys: Collection[PoolKey]) -> None:
        """Serve and save a part; what was ready is sent while this one is encoded."""
        if part.plans:
            allocation.serve(part, keys)
        await saving.save(self._uow, part)
        _, self._ready = await asyncio.gather(
            self._uow.send(self._ready), asyncio.to_thread(self._uow.prepare)
        )
        self._progress.done_count += len(keys)

    async def end(self) -> None:
        """Send what is left."""
        await self._uow.send(self._ready)
