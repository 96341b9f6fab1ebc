"""The life of a bill of material: draft → active → retired; only drafts may be edited."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lineside_contracts.planning import (
    Bom,
    BomFields,
    BomLine,
    BomLineFields,
    BomStatus,
)
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.values import Actor
from lineside_planning.master_data.domain import unchecked

ALLOWED: Mapping[BomStatus, tuple[BomStatus, ...]] = {
    BomStatus.DRAFT: (BomStatus.ACTIVE,),
    BomStatus.ACTIVE: (BomStatus.RETIRED,),
    BomStatus.RETIRED: (),
}

_LINE_FIELDS = tuple(BomLineFields.model_fields)
_WRITTEN, _STORED = set(BomLineFields.model_fields), set(BomLine.model_fields)
_HEADER_FIELDS = tuple(name for name in BomFields.model_fields if name != "lines")

Span = tuple[date | None, date | None]
"""First and last day, both included; None is without end."""


def stale(bom: Bom, expected_version: int | None) -> Problem | None:
    """Refuse a change that was decided on another version than the present one."""
    if expected_version is None or expected_version == bom.version:
        return None
    return Problem(
        code=ProblemCode.VERSION_CONFLICT,
        detail=f"{name_of(bom)} was changed in the meantime; read it again and repeat.",
        facts={"expected_version": expected_version, "current_version": bom.version},
    )


def not_draft(bom: Bom) -> Problem | None:
    """Refuse to edit what orders may have been planned by."""
    if bom.status is BomStatus.DRAFT:
        return None
    return Problem(
        code=ProblemCode.BOM_NOT_DRAFT,
        detail=f"{name_of(bom)} is {bom.status} and never changes; copy it instead.",
        facts={"status": bom.status, "bom_version": bom.bom_version},
    )


def not_active(bom: Bom) -> Problem | None:
    """Refuse to retire what is not active."""
    if bom.status is BomStatus.ACTIVE:
        return None
    return Problem(
        code=ProblemCode.INVALID_STATUS_TRANSITION,
        detail=f"{name_of(bom)} is {bom.status}; only an active one is retired.",
        facts={
            "from": bom.status,
            "to": BomStatus.RETIRED,
            "allowed": list(ALLOWED[bom.status]),
        },
    )


def changed(bom: Bom, *, now: datetime, by: Actor, **values: Any) -> Bom:
    """The next state of a bill."""
    return bom.model_copy(
        update={"version": bom.version + 1, "updated_at": now, "updated_by": by, **values}
    )


def activated(bom: Bom, *, now: datetime, by: Actor) -> Bom:
    """The state of a draft that is found valid and put to use."""
    return changed(bom, now=now, by=by, status=BomStatus.ACTIVE, activated_at=now)


def retired(bom: Bom, *, now: datetime, by: Actor) -> Bom:
    """The state of a version that nothing is planned by any more."""
    return changed(bom, now=now, by=by, status=BomStatus.RETIRED)


def deleted(bom: Bom, *, now: datetime, by: Actor) -> Bom:
    """The tombstone of a draft."""
    return changed(bom, now=now, by=by, deleted=True, lines=())


def drafted(
    fields: BomFields,
    *,
    bom_id: UUID,
    bom_version: int,
    new_id: Callable[[], UUID],
    now: datetime,
    by: Actor,
) -> Bom:
    """A new draft."""
    return Bom(
        id=bom_id,
        version=1,
        bom_version=bom_version,
        status=BomStatus.DRAFT,
        lines=tuple(with_id(line, new_id()) for line in in_order(fields.lines)),
        created_at=now,
        created_by=by,
        updated_at=now,
        updated_by=by,
        **header_of(fields),
    )


def header_of(fields: BomFields | Bom) -> dict[str, Any]:
    """What a person writes of a bill besides its lines."""
    return {name: getattr(fields, name) for name in _HEADER_FIELDS}


def fields_of(bom: Bom) -> BomFields:
    """A stored bill as a person would write it."""
    return BomFields.model_construct(lines=tuple(map(bare, bom.lines)), **header_of(bom))


def bare(line: BomLineFields) -> BomLineFields:
    """A line without what it is stored under."""
    values = {name: getattr(line, name) for name in _LINE_FIELDS}
    return unchecked.made(BomLineFields, values, _WRITTEN)


def with_id(line: BomLineFields, line_id: UUID) -> BomLine:
    """A line with the id it is stored under."""
    values = {name: getattr(line, name) for name in _LINE_FIELDS}
    return unchecked.made(BomLine, {**values, "id": line_id}, _STORED)


def in_order(lines: Sequence[BomLineFields]) -> list[BomLineFields]:
    """Lines as they are stored and answered: by number, then by first day, equals as written."""
    return sorted(lines, key=lambda line: (line.line_number, line.effective_from or date.min))


def span_of(thing: Bom | BomFields | BomLineFields) -> Span:
    """When something holds."""
    return thing.effective_from, thing.effective_until


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans share a day."""
    first = max(one[0] or date.min, other[0] or date.min)
    last = min(one[1] or date.max, other[1] or date.max)
    return first <= last


def told(span: Span) -> str:
    """Say a span to people."""
    first, last = span
    if first is None and last is None:
        return "always"
    return " ".join([f"from {first}" if first else "", f"until {last}" if last else ""]).strip()


def name_of(bom: Bom) -> str:
    """Name a version to people."""
    return f"Bill of material {bom.product_code} version {bom.bom_version}"
