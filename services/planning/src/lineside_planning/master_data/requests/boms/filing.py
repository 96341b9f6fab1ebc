"""Bills from CSV, one row per line: all are loaded and active, or none and every fault is told.

object store → `imports.parse` → `bom_files.gathered` → what is stored → `bom_filing.decide` → rows
and events. What computes runs in threads, `CHUNK_LINES` at a time where it writes: the next chunk
is prepared while the database takes the one before. All of it is one transaction.
"""

import asyncio
from collections.abc import Iterator, Sequence

from lineside_chassis import collecting, imports
from lineside_chassis.imports import Progress
from lineside_chassis.requests import ObjectReader, Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_chassis.writes import Statement
from lineside_contracts.master_data import ImportMasterData, ImportReport
from lineside_contracts.planning import IMPORT_BOMS, Bom
from lineside_contracts.problems import Fault, Problem
from lineside_planning.master_data.domain import bom_files, bom_filing, boms as versions
from lineside_planning.master_data.domain.bom_files import BomRow, FiledBom
from lineside_planning.master_data.domain.bom_filing import Change, Stored
from lineside_planning.master_data.store import boms, lookups

KIND = "bom"
CHUNK_LINES = 1_000
"""Lines per statement: some 20 ms to prepare."""

CODES_AT_ONCE = 200
"""Bills that are read together; then others get their turn."""


def register(requests: Requests) -> None:
    """Answer the import."""

    @requests.answer(IMPORT_BOMS)
    async def import_boms(uow: UnitOfWork, request: ImportMasterData) -> ImportReport | Problem:
        if requests.objects is None:
            raise RuntimeError("imports need a running service")
        with collecting.held_back():
            return await _Import(uow, request).run(requests.objects)


class _Import:
    """One import."""

    def __init__(self, uow: UnitOfWork, request: ImportMasterData) -> None:
        self._uow = uow
        self._request = request
        self._progress = Progress()

    async def run(self, objects: ObjectReader) -> ImportReport | Problem:
        name = self._request.object_name
        data = await objects.read(name)
        async with imports.told(self._progress, objects, name):
            return await self._run(data)

    async def _run(self, data: bytes) -> ImportReport | Problem:
        row_count, filed, unfit = await asyncio.to_thread(self._read, data)
        await boms.take_turn(self._uow)
        filing = await asyncio.to_thread(bom_filing.decide, filed, await self._load(filed))
        faults = [*unfit, *filing.faults]
        report = ImportReport(
            kind=KIND,
            dry_run=self._request.dry_run,
            row_count=row_count,
            faults=tuple(faults[: imports.MAX_FAULTS]),
            warnings=tuple(filing.warnings[: imports.MAX_FAULTS]),
        )
        if faults:
            return report if self._request.dry_run else imports.rejected(faults)
        if not self._request.dry_run:
            await self._write(filing.changes, row_count)
        return report.model_copy(update=dict(filing.counts))

    def _read(self, data: bytes) -> tuple[int, Sequence[FiledBom], Sequence[Fault]]:
        parsed = imports.parse(data, BomRow, progress=self._progress)
        filed, faults = bom_files.gathered(parsed.rows)
        return len(parsed.rows), filed, (*parsed.faults, *faults)

    async def _load(self, filed: Sequence[FiledBom]) -> Stored:
        products = {bom.fields.product_code for bom in filed}
        lines = [line for bom in filed for line in bom.fields.lines]
        components = {line.component_code for line in lines}
        units = {line.unit_code for line in lines if line.unit_code}
        known = await boms.components(self._uow, products | components)
        routed = {
            bom.fields.product_code
            for bom in filed
            if any(line.sequence_number is not None for line in bom.fields.lines)
        }
        return Stored(
            products=known,
            own_units=await lookups.own_unit_codes(self._uow, sorted(units)),
            active=await self._active(sorted(products)),
            last_versions=await boms.last_versions(self._uow, products),
            components=await boms.components_below(self._uow, components),
            operations=await boms.operations(
                self._uow, {code: known[code] for code in routed if code in known}
            ),
        )

    async def _active(self, products: Sequence[str]) -> dict[str, list[Bom]]:
        found: dict[str, list[Bom]] = {}
        for start in range(0, len(products), CODES_AT_ONCE):
            some = products[start : start + CODES_AT_ONCE]
            for bom in await boms.active_of(self._uow, some):
                found.setdefault(bom.product_code, []).append(bom)
        return found

    async def _write(self, changes: Sequence[Change], row_count: int) -> None:
        """Write chunk by chunk; each is prepared while the one before is on its way."""
        self._progress.begin("writing", row_count)
        ready: Sequence[Statement] = ()
        for chunk in _chunks(changes):
            preparing = asyncio.create_task(asyncio.to_thread(self._prepare, chunk))
            try:
                await self._uow.send(ready)
            finally:
                ready = await preparing  # nobody else may touch the unit before
            self._progress.done_count += sum(len(change.filed.rows) for change in chunk)
        await self._uow.send(ready)

    def _prepare(self, changes: Sequence[Change]) -> Sequence[Statement]:
        uow = self._uow
        for change in imports.politely(changes):
            if change.replaced is not None:
                retired = versions.retired(change.replaced, now=uow.now, by=uow.actor)
                boms.change_header(uow, retired)
            boms.add(uow, self._activated(change))
        return uow.prepare()

    def _activated(self, change: Change) -> Bom:
        uow = self._uow
        draft = versions.drafted(
            change.filed.fields,
            bom_id=uow.new_id(),
            bom_version=change.bom_version,
            new_id=uow.new_id,
            now=uow.now,
            by=uow.actor,
        )
        return versions.activated(draft, now=uow.now, by=uow.actor)


def _chunks(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    chunk: list[Change] = []
    count = 0
    for change in changes:
        chunk.append(change)
        count += len(change.filed.rows)
        if count >= CHUNK_LINES:
            yield chunk
            chunk, count = [], 0
    yield chunk
