"""Template versions as people edit them: rows to the contract's `Routing` and back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby, zip_longest
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, func, or_, select, text, tuple_

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.routing import (
    ListRoutings,
    Routing,
    RoutingOperation,
    RoutingStatus,
)
from lineside_routing import tables
from lineside_routing.domain.catalogue import Resolution
from lineside_routing.store import ratios, templates

_TAKE_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:turn, 0))")
_templates, _operations = tables.routing_templates.c, tables.routing_operations.c
_HEADER = tuple(name for name in Routing.model_fields if name != "operations")
_OPERATION = tuple(name for name in RoutingOperation.model_fields if name in _operations)


async def take_turn(uow: UnitOfWork) -> None:
    """Wait until no other change of this tenant's templates is under way.

    Version numbers, the one active version of a code and the one active routing of a product are
    decided on what is stored; whoever changes templates does so alone. Unique indexes watch over
    it as well.
    """
    await uow.connection.execute(_TAKE_TURN, {"turn": f"routing_templates {uow.tenant_id}"})


async def get(uow: UnitOfWork, routing_id: UUID) -> Routing | None:
    """Load one version with its operations."""
    found = await _load(uow, _templates.id == routing_id)
    return found[0] if found else None


async def of_codes(uow: UnitOfWork, routing_codes: Sequence[str]) -> Sequence[Routing]:
    """Load the active and the newest version of some codes, with their operations."""
    newest = (
        select(_templates.routing_code, func.max(_templates.routing_version))
        .where(one_of(_templates.routing_code, routing_codes), _templates.deleted_at.is_(None))
        .group_by(_templates.routing_code)
    )
    is_newest = tuple_(_templates.routing_code, _templates.routing_version).in_(newest)
    is_active = (_templates.status == RoutingStatus.ACTIVE) & one_of(
        _templates.routing_code, routing_codes
    )
    return await _load(uow, or_(is_newest, is_active))


async def last_versions(uow: UnitOfWork, routing_codes: Sequence[str]) -> Mapping[str, int]:
    """Load the highest version number of some codes, deleted versions as well."""
    query = (
        select(_templates.routing_code, func.max(_templates.routing_version).label("last"))
        .where(one_of(_templates.routing_code, routing_codes))
        .group_by(_templates.routing_code)
    )
    return {row.routing_code: row.last for row in await uow.connection.execute(query)}


async def last_version(uow: UnitOfWork, routing_code: str) -> int:
    """Load the highest version number of a code; 0 where it is new."""
    return (await last_versions(uow, [routing_code])).get(routing_code, 0)


async def is_code_taken(uow: UnitOfWork, routing_code: str) -> bool:
    """Whether a version of this code exists."""
    query = select(_templates.id).where(
        _templates.routing_code == routing_code, _templates.deleted_at.is_(None)
    )
    return (await uow.connection.execute(query.limit(1))).first() is not None


async def active_version(uow: UnitOfWork, routing_code: str) -> Routing | None:
    """Load the version of a code that is active."""
    found = await _load(
        uow,
        (_templates.routing_code == routing_code) & (_templates.status == RoutingStatus.ACTIVE),
    )
    return found[0] if found else None


async def page(
    uow: UnitOfWork, request: ListRoutings, *, after: tuple[Any, ...] | None
) -> Sequence[Routing]:
    """Load up to one version more than asked for, by code and version, without operations."""
    columns = [_templates[name] for name in _HEADER]
    query = (
        select(*columns)
        .where(_templates.deleted_at.is_(None), *_filters(request))
        .order_by(_templates.routing_code, _templates.routing_version)
        .limit(request.limit + 1)
    )
    if after is not None:
        query = query.where(tuple_(_templates.routing_code, _templates.routing_version) > after)
    rows = (await uow.connection.execute(query)).mappings()
    return [Routing.model_validate(dict(row)) for row in rows]


def add(
    uow: UnitOfWork, routing: Routing, *, resolutions: Sequence[Resolution | None] = ()
) -> None:
    """Register a new version with its operations; one that is active at once, resolved."""
    uow.insert(tables.routing_templates, [_header_row(routing)])
    uow.insert(tables.routing_operations, _operation_rows(routing, resolutions))


def clear(uow: UnitOfWork, routing: Routing) -> None:
    """Register that a draft's operations go; flushed before others are put in their place."""
    uow.delete(tables.routing_operations, [{"routing_id": routing.id}], key=("routing_id",))


def fill(uow: UnitOfWork, routing: Routing) -> None:
    """Register a draft's new state and operations; the ones before are gone."""
    change_header(uow, routing)
    uow.insert(tables.routing_operations, _operation_rows(routing))


def change_header(uow: UnitOfWork, routing: Routing, **columns: Any) -> None:
    """Register a version's new state; its operations stay."""
    row = {**_header_row(routing), **columns}
    uow.update(tables.routing_templates, [row], expect_version=True)


def save_resolutions(
    uow: UnitOfWork, routing: Routing, resolutions: Sequence[Resolution | None]
) -> None:
    """Register what activation copied from the catalogue, beside each operation."""
    rows = [
        {"id": operation.id, **templates.resolution_columns(resolution)}
        for operation, resolution in zip(routing.operations, resolutions, strict=True)
        if resolution is not None
    ]
    uow.update(tables.routing_operations, rows)


def remove(uow: UnitOfWork, routing: Routing) -> None:
    """Register a draft's deletion; its operations go with it."""
    uow.delete(tables.routing_templates, [{"id": routing.id}], key=("id",))


async def _load(uow: UnitOfWork, condition: ColumnElement[bool]) -> Sequence[Routing]:
    query = (
        select(*(_templates[name] for name in _HEADER))
        .where(condition, _templates.deleted_at.is_(None))
        .order_by(_templates.routing_code, _templates.routing_version)
    )
    headers = (await uow.connection.execute(query)).mappings().all()
    operations = await _operations_of(uow, [row["id"] for row in headers])
    return [
        Routing.model_validate({**row, "operations": operations.get(row["id"], ())})
        for row in headers
    ]


async def _operations_of(
    uow: UnitOfWork, routing_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[Mapping[str, Any]]]:
    if not routing_ids:
        return {}
    query = (
        select(_operations.routing_id, *(_operations[name] for name in _OPERATION))
        .where(one_of(_operations.routing_id, routing_ids))
        .order_by(_operations.routing_id, _operations.sequence_number, _operations.id)
    )
    rows = (await uow.connection.execute(query)).mappings().all()
    grouped = groupby(rows, key=lambda row: row["routing_id"])
    return {routing_id: [_fields(row) for row in group] for routing_id, group in grouped}


def _fields(row: RowMapping) -> Mapping[str, Any]:
    return {name: row[name] for name in _OPERATION}


def _filters(request: ListRoutings) -> Sequence[ColumnElement[bool]]:
    names = ("routing_code", "status", "product_code", "product_category")
    wanted = {name: getattr(request, name) for name in names}
    return [_templates[name] == value for name, value in wanted.items() if value is not None]


def _header_row(routing: Routing) -> dict[str, Any]:
    return {name: getattr(routing, name) for name in _HEADER}


def _operation_rows(
    routing: Routing, resolutions: Sequence[Resolution | None] = ()
) -> Sequence[dict[str, Any]]:
    counts = Counter(operation.sequence_number for operation in routing.operations)
    ids = {o.sequence_number: o.id for o in routing.operations if counts[o.sequence_number] == 1}
    return [
        {
            # the fields as they are: the database's encoding writes each once
            **{name: getattr(operation, name) for name in _OPERATION},
            "units_per_product": ratios.text(operation.units_per_product),
            "routing_id": routing.id,
            "predecessor_operation_id": ids.get(operation.predecessor_sequence_number or 0),
            **(templates.resolution_columns(resolution) if resolution else {}),
        }
        for operation, resolution in zip_longest(routing.operations, resolutions)
    ]
