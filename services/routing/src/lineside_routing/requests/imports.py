"""Routings from CSV, one row per operation: all are loaded, or none and every fault is told.

object store → `imports.parse` → `importing.gathered` → what is stored → effects and faults → rows.
What computes runs in threads, `CHUNK_OPERATIONS` at a time where it writes: the next chunk is
prepared while the database takes the one before, and other requests get their turn. All of it is
one transaction.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lineside_chassis import imports
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_chassis.writes import Statement
from lineside_contracts.master_data import ImportMasterData, ImportReport
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.routing import IMPORT_ROUTINGS, Routing, RoutingStatus
from lineside_routing.domain import catalogue as resolving, importing, validation, versions
from lineside_routing.domain.catalogue import Catalogue, References, Resolution
from lineside_routing.domain.importing import ImportedRouting, RoutingRow
from lineside_routing.domain.validation import Rival
from lineside_routing.requests import aside, lifecycle, routings as editing
from lineside_routing.store import catalogue, routings

KIND = "routing"
UNCHANGED = "unchanged_count"
CHUNK_OPERATIONS = 1_000
"""Operations per statement: some 20 ms to prepare, and one template may have as many."""

CODES_AT_ONCE = 200
"""Reading a thousand operations keeps everybody waiting for some 40 ms; then it is their turn."""


@dataclass(frozen=True)
class Stored:
    """What the templates of a file meet: catalogue, active routings, versions of their codes."""

    catalogue: Catalogue
    rivals: Mapping[tuple[str, str], Rival]
    newest: Mapping[str, Routing]
    active: Mapping[str, Routing]
    last_versions: Mapping[str, int]
    replaced: frozenset[str]


@dataclass(frozen=True, slots=True)
class Change:
    """A template of the file that is to be written.

    Attributes:
        draft: The draft its content replaces, or which is just activated; None for a new version.
        resolutions: What its operations mean, where it is to be active.
    """

    routing: ImportedRouting
    draft: Routing | None
    resolutions: tuple[Resolution | None, ...]

    @property
    def overwrites(self) -> bool:
        """Whether it takes the place of other content."""
        return self.draft is not None and not importing.is_unchanged(self.routing, self.draft)


def register(requests: Requests) -> None:
    """Answer the import."""

    @requests.answer(IMPORT_ROUTINGS)
    async def import_routings(uow: UnitOfWork, request: ImportMasterData) -> ImportReport | Problem:
        if requests.objects is None:
            raise RuntimeError("imports need a running service")
        data = await requests.objects.read(request.object_name)
        with aside.many_objects():
            return await _import(uow, data, dry_run=request.dry_run)


async def _import(uow: UnitOfWork, data: bytes, *, dry_run: bool) -> ImportReport | Problem:
    row_count, gathered, unfit = await aside.compute(_read, data)
    await routings.take_turn(uow)
    stored = await _load(uow, gathered)
    effects, changes, found = await aside.compute(_decide, gathered, stored)
    faults = (*unfit, *found)[: imports.MAX_FAULTS]
    report = ImportReport(kind=KIND, dry_run=dry_run, row_count=row_count, faults=faults)
    if faults:
        return report if dry_run else _rejected(faults)
    if not dry_run:
        await _write(uow, changes, stored)
    return report.model_copy(update=effects)


def _read(data: bytes) -> tuple[int, Sequence[ImportedRouting], tuple[Fault, ...]]:
    """Parse and gather; the rows end here, as so many objects slow down everything after."""
    parsed = imports.parse(data, RoutingRow)
    gathered, faults = importing.gathered(parsed.rows)
    return len(parsed.rows), gathered, (*parsed.faults, *faults)


async def _load(uow: UnitOfWork, imported: Sequence[ImportedRouting]) -> Stored:
    targets = [importing.target_of(routing.fields) for routing in imported if routing.activate]
    codes = [routing.fields.routing_code for routing in imported]
    found: list[Routing] = []
    for start in range(0, len(codes), CODES_AT_ONCE):
        found += await routings.of_codes(uow, codes[start : start + CODES_AT_ONCE])
        aside.leave_alone()
    return Stored(
        catalogue=await catalogue.catalogue(uow, await asyncio.to_thread(_references, imported)),
        rivals=await catalogue.rivals(
            uow,
            product_codes=[c for field, c in targets if c and field == "product_code"],
            categories=[c for field, c in targets if c and field == "product_category"],
        ),
        newest={version.routing_code: version for version in found},
        active={v.routing_code: v for v in found if v.status is RoutingStatus.ACTIVE},
        last_versions=await routings.last_versions(uow, codes),
        replaced=frozenset(r.fields.routing_code for r in imported if r.activate),
    )


def _references(imported: Sequence[ImportedRouting]) -> References:
    return resolving.references(o for routing in imported for o in routing.fields.operations)


def _decide(
    imported: Sequence[ImportedRouting], stored: Stored
) -> tuple[Mapping[str, int], Sequence[Change], Sequence[Fault]]:
    effects: Counter[str] = Counter()
    changes: list[Change] = []
    faults: list[Fault] = []
    for routing in imported:
        effect = _effect(routing, stored)
        effects[effect] += 1
        if effect != UNCHANGED:
            found, resolutions = _examined(routing, stored)
            faults += [routing.located(fault) for fault in found]
            changes.append(Change(routing, _draft(routing, stored), resolutions))
    return effects, changes, faults


def _examined(
    routing: ImportedRouting, stored: Stored
) -> tuple[Sequence[Fault], tuple[Resolution | None, ...]]:
    unstorable = validation.unstorable_faults(routing.fields.operations)
    if unstorable or not routing.activate:
        return unstorable, ()
    found = validation.examine(routing.fields, stored.catalogue, rival=_rival(routing, stored))
    return found.faults, found.resolutions


def _rival(routing: ImportedRouting, stored: Stored) -> Rival | None:
    """Another active routing of the target; one that this file replaces is none any more."""
    field, code = importing.target_of(routing.fields)
    rival = stored.rivals.get((field, code)) if code else None
    return rival if rival and rival.routing_code not in stored.replaced else None


def _effect(routing: ImportedRouting, stored: Stored) -> str:
    """Which count of the report a template falls under."""
    newest = stored.newest.get(routing.fields.routing_code)
    if newest is None:
        return "created_count"
    done = newest.status is RoutingStatus.ACTIVE or not routing.activate
    same = done and importing.is_unchanged(routing, newest)
    return UNCHANGED if same else "updated_count"


def _draft(routing: ImportedRouting, stored: Stored) -> Routing | None:
    newest = stored.newest.get(routing.fields.routing_code)
    return newest if newest is not None and newest.status is RoutingStatus.DRAFT else None


async def _write(uow: UnitOfWork, changes: Sequence[Change], stored: Stored) -> None:
    """Write chunk by chunk; each is prepared while the one before is on its way."""
    await uow.send(await asyncio.to_thread(_make_room, uow, changes, stored))
    sending: Sequence[Statement] = ()
    for chunk in _chunks(changes):
        preparing = asyncio.create_task(asyncio.to_thread(_prepare, uow, chunk, stored))
        try:
            await uow.send(sending)
        finally:
            sending = await preparing  # nobody else may touch the unit before
    await uow.send(sending)


def _make_room(uow: UnitOfWork, changes: Sequence[Change], stored: Stored) -> Sequence[Statement]:
    """What must be gone before: the unique indexes know one active version at any moment."""
    for change in changes:
        active = stored.active.get(change.routing.fields.routing_code)
        if change.routing.activate and active is not None:
            lifecycle.retire(uow, active)
        if change.draft is not None and change.overwrites:
            routings.clear(uow, change.draft)
    return uow.prepare()


def _chunks(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    chunk: list[Change] = []
    count = 0
    for change in changes:
        chunk.append(change)
        count += len(change.routing.fields.operations)
        if count >= CHUNK_OPERATIONS:
            yield chunk
            chunk, count = [], 0
    yield chunk


def _prepare(uow: UnitOfWork, chunk: Sequence[Change], stored: Stored) -> Sequence[Statement]:
    """Register some templates; drafts are all written before any of them is activated."""
    drafts = [(change, _written(uow, change, stored)) for change in chunk]
    for change, draft in drafts:
        if draft is not None and change.routing.activate:
            lifecycle.activate(uow, draft, change.resolutions)
    return uow.prepare()


def _written(uow: UnitOfWork, change: Change, stored: Stored) -> Routing | None:
    """Register a template's content; the draft, where there is one that may be activated yet."""
    fields, draft = change.routing.fields, change.draft
    if draft is not None:
        if change.overwrites:
            draft = editing.rewritten(uow, draft, fields)
            routings.fill(uow, draft)
        return draft
    last = stored.last_versions.get(fields.routing_code, 0)
    new = editing.next_version(uow, fields, after=last)
    if change.routing.activate:
        active = versions.activated(new, now=uow.now, by=uow.actor)
        lifecycle.add_active(uow, active, change.resolutions)
    else:
        routings.add(uow, new)
    return None


def _rejected(faults: Sequence[Fault]) -> Problem:
    detail = f"Nothing was imported: the file has {len(faults)} faults."
    return Problem(code=ProblemCode.IMPORT_REJECTED, detail=detail, faults=tuple(faults))
