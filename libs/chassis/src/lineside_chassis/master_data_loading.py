"""Files of master data: parsed, checked, then written chunk by chunk, all rows or none.

object store → `imports.parse` in a thread → `check` → what is stored → rows and events. All chunks
are one transaction. While the server takes in one, the next is decided and encoded aside, so that
the service goes on answering others meanwhile.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic
from uuid import UUID

from sqlalchemy import Row

from lineside_chassis import collecting, imports, master_data_checks, plant_access
from lineside_chassis.imports import Progress
from lineside_chassis.master_data_checks import Check
from lineside_chassis.master_data_encoding import Next, StateEncoder
from lineside_chassis.master_data_store import Key, Shelf
from lineside_chassis.requests import ObjectReader
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_chassis.writes import Statement
from lineside_contracts.master_data import F, ImportMasterData, ImportReport, S
from lineside_contracts.problems import Fault, Problem

CHUNK_ROWS = 1_000
"""Rows per statement: few round trips, and the database is done in some tens of milliseconds."""

CREATED, UPDATED, UNCHANGED = "created_count", "updated_count", "unchanged_count"

Lines = Sequence[tuple[int, Any]]
"""Rows of a file, each behind the number of its line."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """What becomes of the rows of a chunk."""

    created: list[Next] = field(default_factory=list)
    changed: list[Next] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Loading(Generic[F, S]):
    """One import of one kind."""

    def __init__(
        self,
        uow: UnitOfWork,
        shelf: Shelf[F, S],
        check: Check | None,
        *,
        after_write: Callable[[UnitOfWork, Sequence[UUID]], Awaitable[None]] | None = None,
    ) -> None:
        self._uow = uow
        self._after_write = after_write
        self._written: list[UUID] = []
        self._shelf = shelf
        self._check = check
        self._encoder = StateEncoder(uow, shelf.kind, shelf.table)
        self._progress = Progress()

    async def run(self, request: ImportMasterData, objects: ObjectReader) -> ImportReport | Problem:
        """Load a file, or say everything that is wrong with it."""
        data = await objects.read(request.object_name)
        with collecting.held_back():
            async with imports.told(self._progress, objects, request.object_name):
                return await self._run(data, dry_run=request.dry_run)

    async def _run(self, data: bytes, *, dry_run: bool) -> ImportReport | Problem:
        fields = self._shelf.kind.fields
        parsed = await imports.parse_aside(data, fields, progress=self._progress)
        faults = [*parsed.faults, *await asyncio.to_thread(self._repeated, parsed.rows)]
        warnings: list[Fault] = []
        if not faults:
            await self._look(parsed.rows, faults, warnings)
        report = ImportReport(
            kind=self._shelf.kind.name,
            dry_run=dry_run,
            row_count=len(parsed.rows),
            faults=tuple(faults[: imports.MAX_FAULTS]),
            warnings=tuple(warnings[: imports.MAX_FAULTS]),
        )
        if faults:
            return report if dry_run else imports.rejected(faults)
        counts = await self._put_all([row for _, row in parsed.rows], dry_run=dry_run)
        return report.model_copy(update=dict(counts))

    def _repeated(self, rows: Lines) -> list[Fault]:
        first: dict[Key, int] = {}
        faults = []
        for line, fields in imports.politely(rows):
            key, code = self._shelf.key_of(fields), self._shelf.code_of(fields)
            if first.setdefault(key, line) != line:
                message = f"{code} stands in row {first[key]} already."
                path = f"row {line}.{self._shelf.kind.code_field}"
                faults.append(Fault(code="repeated_code", path=path, message=message))
        return faults

    async def _look(self, rows: Lines, faults: list[Fault], warnings: list[Fault]) -> None:
        """Check the rows, some at a time, so that others get their turn between."""
        if self._check is None:
            return
        for chunk in _chunks(rows):
            found = await master_data_checks.find(
                self._check, self._uow, [fields for _, fields in chunk]
            )
            faults += _located(chunk, found.faults)
            warnings += _located(chunk, found.warnings or [()] * len(chunk))
            if len(faults) >= imports.MAX_FAULTS:
                return
            await asyncio.sleep(0)

    async def _put_all(self, rows: Sequence[F], *, dry_run: bool) -> Counter[str]:
        """Write every row that is new or changes something; tell how many were which.

        Raises:
            Refused: A row belongs, or belonged, to a plant that is not the asker's.
        """
        total = Counter({CREATED: 0, UPDATED: 0, UNCHANGED: 0})
        ready: Sequence[Statement] = ()
        self._progress.begin("writing", len(rows))
        for chunk in _chunks(rows):
            stored = await self._shelf.fetch(self._uow, list(map(self._shelf.key_of, chunk)))
            preparing = asyncio.create_task(
                asyncio.to_thread(self._prepare, chunk, stored, dry_run=dry_run)
            )
            try:
                await self._uow.send(ready)
            finally:
                counts, ready = await preparing
            total += counts
            self._progress.done_count += len(chunk)
        await self._uow.send(ready)
        if self._after_write is not None and self._written:
            await self._after_write(self._uow, self._written)
        return total

    def _prepare(
        self, chunk: Sequence[F], stored: Sequence[Row[Any]], *, dry_run: bool
    ) -> tuple[Counter[str], Sequence[Statement]]:
        decided = self._decide(chunk, stored)
        if dry_run:
            return decided.counts, ()
        self._written += [row.id for row in (*decided.created, *decided.changed)]
        return decided.counts, self._encoder.statement(decided.created, decided.changed)

    def _decide(self, chunk: Sequence[F], stored: Sequence[Row[Any]]) -> _Decided:
        known = self._shelf.states_of(stored)
        plant_access.require(self._uow, chunk)
        plant_access.require(self._uow, (s for s in known.values() if not s.deleted))
        decided = _Decided()
        for fields in imports.politely(chunk):
            current = known.get(self._shelf.key_of(fields))
            if current is None:
                decided.created.append(Next(fields, self._shelf.new_id(self._uow), None))
                decided.counts[CREATED] += 1
            elif self._shelf.same(fields, current):
                decided.counts[UNCHANGED] += 1
            else:
                decided.changed.append(Next(fields, current.id, current))
                decided.counts[CREATED if current.deleted else UPDATED] += 1
        return decided


def _chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), CHUNK_ROWS):
        yield rows[start : start + CHUNK_ROWS]


def _located(rows: Lines, found: Sequence[tuple[Fault, ...]]) -> Iterator[Fault]:
    for (line, _), faults in zip(rows, found, strict=True):
        for fault in faults:
            yield master_data_checks.below(fault, f"row {line}")
