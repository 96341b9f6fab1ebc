"""Routings from CSV, one row per operation: all are loaded, or none and every fault is told."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lineside_chassis import imports
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.master_data import ImportMasterData, ImportReport
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.routing import IMPORT_ROUTINGS, Routing, RoutingStatus
from lineside_routing.domain import catalogue as resolving, importing, validation
from lineside_routing.domain.catalogue import Catalogue, Resolution
from lineside_routing.domain.importing import ImportedRouting, RoutingRow
from lineside_routing.domain.validation import Rival
from lineside_routing.requests import lifecycle, routings as editing
from lineside_routing.store import catalogue, routings

KIND = "routing"
UNCHANGED = "unchanged_count"
CHUNK = 200
"""Templates per statement; all chunks are one transaction, and others get their turn between."""


@dataclass(frozen=True)
class Stored:
    """What the templates of a file meet: catalogue, active routings, versions of their codes."""

    catalogue: Catalogue
    rivals: Mapping[tuple[str, str], Rival]
    newest: Mapping[str, Routing]
    active: Mapping[str, Routing]
    last_versions: Mapping[str, int]
    replaced: frozenset[str]


def register(requests: Requests) -> None:
    """Answer the import."""

    @requests.answer(IMPORT_ROUTINGS)
    async def import_routings(uow: UnitOfWork, request: ImportMasterData) -> ImportReport | Problem:
        if requests.objects is None:
            raise RuntimeError("imports need a running service")
        data = await requests.objects.read(request.object_name)
        parsed = await imports.parse_aside(data, RoutingRow)
        gathered, faults = await asyncio.to_thread(importing.gathered, parsed.rows)
        await routings.take_turn(uow)
        stored = await _load(uow, gathered)
        effects = await asyncio.to_thread(lambda: [_effect(r, stored) for r in gathered])
        changing = [r for r, effect in zip(gathered, effects, strict=True) if effect != UNCHANGED]
        found = await asyncio.to_thread(_faults, changing, stored)
        faults = (*parsed.faults, *faults, *found)[: imports.MAX_FAULTS]
        report = ImportReport(
            kind=KIND, dry_run=request.dry_run, row_count=len(parsed.rows), faults=faults
        )
        if faults:
            return report if request.dry_run else _rejected(faults)
        if not request.dry_run:
            await _write(uow, changing, stored)
        return report.model_copy(update=dict(Counter(effects)))


async def _load(uow: UnitOfWork, imported: Sequence[ImportedRouting]) -> Stored:
    targets = [importing.target_of(routing.fields) for routing in imported if routing.activate]
    codes = sorted({routing.fields.routing_code for routing in imported})
    versions = await routings.of_codes(uow, codes)
    return Stored(
        catalogue=await catalogue.catalogue(
            uow, (o for routing in imported for o in routing.fields.operations)
        ),
        rivals=await catalogue.rivals(
            uow,
            product_codes=[c for field, c in targets if c and field == "product_code"],
            categories=[c for field, c in targets if c and field == "product_category"],
        ),
        newest={version.routing_code: version for version in versions},
        active={v.routing_code: v for v in versions if v.status is RoutingStatus.ACTIVE},
        last_versions=await routings.last_versions(uow, codes),
        replaced=frozenset(r.fields.routing_code for r in imported if r.activate),
    )


def _faults(imported: Sequence[ImportedRouting], stored: Stored) -> Sequence[Fault]:
    return [
        routing.located(fault) for routing in imported for fault in _routing_faults(routing, stored)
    ]


def _routing_faults(routing: ImportedRouting, stored: Stored) -> Sequence[Fault]:
    unstorable = validation.unstorable_faults(routing.fields.operations)
    if unstorable or not routing.activate:
        return unstorable
    return validation.examine(
        routing.fields, stored.catalogue, rival=_rival(routing, stored)
    ).faults


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


async def _write(uow: UnitOfWork, imported: Sequence[ImportedRouting], stored: Stored) -> None:
    for routing in imported:
        active = stored.active.get(routing.fields.routing_code)
        if routing.activate and active is not None:
            lifecycle.retire(uow, active)
    await uow.flush()  # before others become active: the unique indexes know one at any moment
    for start in range(0, len(imported), CHUNK):
        for routing in imported[start : start + CHUNK]:
            draft = await _draft(uow, routing, stored)
            if routing.activate:
                lifecycle.activate(uow, draft, _resolutions(routing, stored))
        await uow.flush()


async def _draft(uow: UnitOfWork, routing: ImportedRouting, stored: Stored) -> Routing:
    code = routing.fields.routing_code
    newest = stored.newest.get(code)
    if newest is None or newest.status is not RoutingStatus.DRAFT:
        return editing.new_version(uow, routing.fields, after=stored.last_versions.get(code, 0))
    if importing.is_unchanged(routing, newest):
        return newest
    return await editing.overwrite(uow, newest, routing.fields)


def _resolutions(routing: ImportedRouting, stored: Stored) -> tuple[Resolution | None, ...]:
    return resolving.resolve(routing.fields.operations, stored.catalogue).resolutions


def _rejected(faults: Sequence[Fault]) -> Problem:
    detail = f"Nothing was imported: the file has {len(faults)} faults."
    return Problem(code=ProblemCode.IMPORT_REJECTED, detail=detail, faults=tuple(faults))
