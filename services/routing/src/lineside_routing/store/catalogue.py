"""What the operations of templates refer to: catalogue, work centers, units, other routings."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, or_, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.routing import RoutingStatus
from lineside_contracts.values import OperationType
from lineside_routing import tables
from lineside_routing.domain.catalogue import (
    Catalogue,
    CatalogueOperation,
    CatalogueWorkCenter,
    References,
)
from lineside_routing.domain.validation import Rival

_operations, _centers, _units = tables.operations.c, tables.work_centers.c, tables.units.c
_templates, _steps = tables.routing_templates.c, tables.routing_operations.c


async def catalogue(uow: UnitOfWork, named: References) -> Catalogue:
    """Load everything some operations refer to; a tenant's own entry comes before a global one."""
    entries = await _entries(uow, named.operations)
    usual = {entry.work_center_code for entry in entries.values() if entry.work_center_code}
    places = await _work_centers(uow, sorted(usual.union(named.work_centers)))
    return Catalogue(
        operations=entries,
        work_centers=places,
        plant_codes=await _plants(uow, sorted({place.plant_code for place in places.values()})),
        unit_decimals=await _unit_decimals(uow, named.units),
    )


async def rivals(
    uow: UnitOfWork, *, product_codes: Sequence[str], categories: Sequence[str]
) -> Mapping[tuple[str, str], Rival]:
    """Load what is active for some products and categories, by (field, code)."""
    query = select(
        _templates.id,
        _templates.routing_code,
        _templates.routing_version,
        _templates.product_code,
        _templates.product_category,
    ).where(
        _templates.status == RoutingStatus.ACTIVE,
        or_(
            one_of(_templates.product_code, product_codes),
            _templates.product_code.is_(None) & one_of(_templates.product_category, categories),
        ),
    )
    return {
        ("product_code", row.product_code)
        if row.product_code is not None
        else ("product_category", row.product_category): Rival(
            row.id, row.routing_code, row.routing_version
        )
        for row in await uow.connection.execute(query)
    }


async def operation_uses(uow: UnitOfWork, operation_code: str) -> Sequence[Mapping[str, Any]]:
    """Load the active template versions that contain an operation."""
    return await _uses(uow, _steps.operation_code == operation_code)


async def work_center_uses(uow: UnitOfWork, work_center_code: str) -> Sequence[Mapping[str, Any]]:
    """Load the active template versions that are done at a work center, or may be."""
    return await _uses(
        uow,
        or_(
            _steps.planned_work_center_code == work_center_code,
            _steps.alternate_work_center_codes.contains([work_center_code]),
        ),
    )


async def _uses(uow: UnitOfWork, condition: Any) -> Sequence[Mapping[str, Any]]:
    query = (
        select(_templates.routing_code, _templates.routing_version)
        .select_from(
            tables.routing_templates.join(
                tables.routing_operations,
                (_steps.tenant_id == _templates.tenant_id) & (_steps.routing_id == _templates.id),
            )
        )
        .where(_templates.status == RoutingStatus.ACTIVE, condition)
        .distinct()
        .order_by(_templates.routing_code)
        .limit(10)
    )
    return [dict(row) for row in (await uow.connection.execute(query)).mappings()]


async def _entries(uow: UnitOfWork, codes: Sequence[str]) -> Mapping[str, CatalogueOperation]:
    query = (
        select(
            _operations.operation_code,
            _operations.operation_name,
            _operations.operation_type,
            _operations.default_setup_minutes,
            _operations.default_run_seconds_per_unit,
            _operations.work_center_code,
            _operations.is_active,
        )
        .where(one_of(_operations.operation_code, codes), ~_operations.deleted)
        .order_by(_operations.is_global.desc())
    )
    return {
        row["operation_code"]: CatalogueOperation(
            **{**row, "operation_type": OperationType(row["operation_type"])}
        )
        for row in (await uow.connection.execute(query)).mappings()
    }


async def _work_centers(uow: UnitOfWork, codes: Sequence[str]) -> Mapping[str, CatalogueWorkCenter]:
    if not codes:
        return {}
    query = select(
        _centers.work_center_code, _centers.plant_code, _centers.department_code, _centers.is_active
    ).where(one_of(_centers.work_center_code, codes), ~_centers.deleted)
    return {
        row.work_center_code: CatalogueWorkCenter(*row)
        for row in await uow.connection.execute(query)
    }


async def _plants(uow: UnitOfWork, codes: Sequence[str]) -> frozenset[str]:
    plants = tables.plants.c
    query = select(plants.plant_code).where(one_of(plants.plant_code, codes), ~plants.deleted)
    return frozenset((await uow.connection.execute(query)).scalars()) if codes else frozenset()


async def _unit_decimals(uow: UnitOfWork, codes: Sequence[str]) -> Mapping[str, int]:
    if not codes:
        return {}
    query = select(_units.unit_code, func.max(_units.decimals).label("decimals")).where(
        one_of(_units.unit_code, codes), ~_units.deleted
    )
    found = await uow.connection.execute(query.group_by(_units.unit_code))
    return {row.unit_code: row.decimals for row in found}
