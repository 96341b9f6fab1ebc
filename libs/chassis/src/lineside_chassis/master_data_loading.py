"""Many rows of master data at once: decided in a thread, chunk by chunk, while the database writes.

All chunks are one transaction. While the server takes in one, the next is decided and encoded
aside, so that the service goes on answering others meanwhile.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

from sqlalchemy import Row

from lineside_chassis import plant_access
from lineside_chassis.master_data_store import Shelf
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_chassis.writes import Statement
from lineside_contracts.master_data import F, S

CHUNK_ROWS = 1_000
"""Rows per statement: few round trips, and the database is done in some tens of milliseconds."""

CREATED, UPDATED, UNCHANGED = "created_count", "updated_count", "unchanged_count"


@dataclass(frozen=True, slots=True)
class _Decided(Generic[S]):
    """What becomes of the rows of a chunk."""

    created: list[S] = field(default_factory=list)
    changed: list[S] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


async def put_all(
    uow: UnitOfWork, shelf: Shelf[F, S], rows: Sequence[F], *, dry_run: bool
) -> Counter[str]:
    """Write every row that is new or changes something; tell how many were which.

    Raises:
        Refused: A row belongs, or belonged, to a plant that is not the asker's.
    """
    total = Counter({CREATED: 0, UPDATED: 0, UNCHANGED: 0})
    ready: Sequence[Statement] = ()
    for start in range(0, len(rows), CHUNK_ROWS):
        chunk = rows[start : start + CHUNK_ROWS]
        stored = await shelf.fetch(uow, [shelf.code_of(fields) for fields in chunk])
        _, (counts, ready) = await asyncio.gather(
            uow.send(ready), asyncio.to_thread(_prepare, uow, shelf, chunk, stored, dry_run=dry_run)
        )
        total += counts
    await uow.send(ready)
    return total


def _prepare(
    uow: UnitOfWork,
    shelf: Shelf[F, S],
    chunk: Sequence[F],
    stored: Sequence[Row[Any]],
    *,
    dry_run: bool,
) -> tuple[Counter[str], Sequence[Statement]]:
    decided = _decide(uow, shelf, chunk, stored)
    if dry_run:
        return decided.counts, ()
    shelf.write(uow, decided.created, new=True)
    shelf.write(uow, decided.changed, new=False)
    return decided.counts, uow.prepare()


def _decide(
    uow: UnitOfWork, shelf: Shelf[F, S], chunk: Sequence[F], stored: Sequence[Row[Any]]
) -> _Decided[S]:
    known = shelf.states_of(stored)
    plant_access.require(uow, chunk)
    plant_access.require(uow, (state for state in known.values() if not state.deleted))
    decided: _Decided[S] = _Decided()
    for fields in chunk:
        current = known.get(shelf.code_of(fields))
        if current is not None and shelf.same(fields, current):
            decided.counts[UNCHANGED] += 1
            continue
        state = shelf.next_state(uow, fields, current)
        (decided.created if current is None else decided.changed).append(state)
        is_new = current is None or current.deleted
        decided.counts[CREATED if is_new else UPDATED] += 1
    return decided
