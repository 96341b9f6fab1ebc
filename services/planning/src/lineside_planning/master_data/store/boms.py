"""Bills of material as people edit them, and what else is needed to judge one: the queries."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, exists, func, select, text, tuple_

from lineside_chassis.tables import among, one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import Bom, BomChanged, BomLine, BomStatus, ListBoms
from lineside_planning.master_data import tables
from lineside_planning.master_data.domain.bom_checks import Component
from lineside_planning.master_data.store import routings

_TAKE_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:turn, 0))")
_BELOW = text("""
WITH RECURSIVE below (code) AS (
  SELECT unnest(CAST(:codes AS text[]))
  UNION
  SELECT l.component_code FROM below a
  JOIN boms b ON b.product_code = a.code AND b.status = 'active' AND NOT b.deleted
  JOIN bom_lines l ON l.bom_id = b.id
)
SELECT b.product_code, array_agg(DISTINCT l.component_code) AS components
FROM below a
JOIN boms b ON b.product_code = a.code AND b.status = 'active' AND NOT b.deleted
JOIN bom_lines l ON l.bom_id = b.id
GROUP BY b.product_code
""")
_boms, _lines, _products = tables.boms.c, tables.bom_lines.c, tables.products.c
_HEADER = tuple(name for name in Bom.model_fields if name != "lines")
_LINE = tuple(BomLine.model_fields)


async def take_turn(uow: UnitOfWork) -> None:
    """Wait until no other change of this tenant's bills is under way.

    Version numbers, effectivity and cycles are decided on all that is stored; whoever changes bills
    does so alone. A unique key watches over version numbers as well.
    """
    await uow.connection.execute(_TAKE_TURN, {"turn": f"boms {uow.tenant_id}"})


async def get(uow: UnitOfWork, bom_id: UUID) -> Bom | None:
    """Load one version with its lines."""
    found = await _load(uow, _boms.id == bom_id)
    return found[0] if found else None


async def active_of(uow: UnitOfWork, product_codes: Collection[str]) -> Sequence[Bom]:
    """Load the active versions of some products with their lines."""
    is_one = one_of(_boms.product_code, list(product_codes))
    return await _load(uow, is_one & (_boms.status == BomStatus.ACTIVE))


async def last_versions(uow: UnitOfWork, product_codes: Collection[str]) -> Mapping[str, int]:
    """Load the highest version number of some products, deleted versions as well."""
    query = (
        select(_boms.product_code, func.max(_boms.bom_version).label("last"))
        .where(one_of(_boms.product_code, list(product_codes)))
        .group_by(_boms.product_code)
    )
    return {row.product_code: row.last for row in await uow.connection.execute(query)}


async def components_below(uow: UnitOfWork, codes: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Load what active bills take, of some products and of everything below them."""
    rows = await uow.connection.execute(_BELOW, {"codes": list(codes)})
    return {row.product_code: row.components for row in rows}


async def components(uow: UnitOfWork, codes: Collection[str]) -> Mapping[str, Component]:
    """Load what is known of the products of bills."""
    names = ("product_code", "unit_code", "conversions", "is_active", "product_category")
    query = select(*(_products[name] for name in names)).where(
        among(_products.product_code, list(codes)), ~_products.deleted
    )
    return {
        row.product_code: Component(
            row.unit_code,
            {unit: Fraction(factor) for unit, factor in row.conversions.items()},
            row.is_active,
            row.product_category,
        )
        for row in await uow.connection.execute(query)
    }


async def operations(
    uow: UnitOfWork, products: Mapping[str, Component]
) -> Mapping[str, frozenset[int]]:
    """Load the sequence numbers of the active routings of some products, where there are any."""
    if not products:
        return {}
    categories = {code: product.product_category for code, product in products.items()}
    active = await routings.load_active(uow, categories)
    return {
        code: frozenset(operation.sequence_number for operation in routing.operations)
        for code, routing in active.items()
    }


async def page(
    uow: UnitOfWork, request: ListBoms, *, after: tuple[Any, ...] | None
) -> Sequence[Bom]:
    """Load up to one version more than asked for, by product and version.

    Lines come with one version alone; asked where a component is used, with those that use it.
    """
    query = (
        select(*(_boms[name] for name in _HEADER))
        .where(~_boms.deleted, *_filters(request))
        .order_by(_boms.product_code, _boms.bom_version)
        .limit(request.limit + 1)
    )
    if after is not None:
        query = query.where(tuple_(_boms.product_code, _boms.bom_version) > after)
    headers = (await uow.connection.execute(query)).mappings().all()
    if request.component_code is None:
        return [Bom.model_validate(dict(row)) for row in headers]
    return await _with_lines(uow, headers, _lines.component_code == request.component_code)


def add(uow: UnitOfWork, bom: Bom) -> None:
    """Register a new version with its lines and its event."""
    uow.insert(tables.boms, [_header_row(bom)])
    uow.insert(tables.bom_lines, _line_rows(bom))
    uow.emit(BomChanged(bom=bom))


def change_header(uow: UnitOfWork, bom: Bom) -> None:
    """Register a version's new state and its event; its lines stay."""
    uow.update(tables.boms, [_header_row(bom)], expect_version=True)
    uow.emit(BomChanged(bom=bom))


def clear(uow: UnitOfWork, bom: Bom) -> None:
    """Register that a draft's lines go; flushed before others are put in their place."""
    uow.delete(tables.bom_lines, [{"bom_id": bom.id}], key=("bom_id",))


def fill(uow: UnitOfWork, bom: Bom) -> None:
    """Register a draft's new state and lines; those before are gone."""
    change_header(uow, bom)
    uow.insert(tables.bom_lines, _line_rows(bom))


async def _load(uow: UnitOfWork, condition: ColumnElement[bool]) -> Sequence[Bom]:
    query = (
        select(*(_boms[name] for name in _HEADER))
        .where(condition, ~_boms.deleted)
        .order_by(_boms.product_code, _boms.bom_version)
    )
    return await _with_lines(uow, (await uow.connection.execute(query)).mappings().all())


async def _with_lines(
    uow: UnitOfWork, headers: Sequence[RowMapping], *conditions: ColumnElement[bool]
) -> Sequence[Bom]:
    if not headers:
        return []
    query = (
        select(_lines.bom_id, *(_lines[name] for name in _LINE))
        .where(one_of(_lines.bom_id, [row["id"] for row in headers]), *conditions)
        .order_by(_lines.bom_id, _lines.line_number, _lines.effective_from.nulls_first(), _lines.id)
    )
    rows = (await uow.connection.execute(query)).mappings()
    lines = {
        bom_id: tuple(BomLine.model_construct(**{name: row[name] for name in _LINE}) for row in own)
        for bom_id, own in groupby(rows, key=lambda row: row["bom_id"])
    }
    return [Bom.model_validate({**row, "lines": lines.get(row["id"], ())}) for row in headers]


def _filters(request: ListBoms) -> Sequence[ColumnElement[bool]]:
    wanted = {name: getattr(request, name) for name in ("product_code", "status")}
    filters = [_boms[name] == value for name, value in wanted.items() if value is not None]
    if request.component_code is not None:
        uses = exists().where(
            _lines.bom_id == _boms.id, _lines.component_code == request.component_code
        )
        filters.append(uses)
    return filters


def _header_row(bom: Bom) -> dict[str, Any]:
    return {name: getattr(bom, name) for name in _HEADER}


def _line_rows(bom: Bom) -> Sequence[dict[str, Any]]:
    return [{**vars(line), "bom_id": bom.id} for line in bom.lines]
