"""Plants, departments and projects as people's commands need them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, true

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import WorkOrderStatus
from lineside_shopfloor import tables
from lineside_shopfloor.places.domain.facts import Facts, PlantFacts, TenantRules

_LIVE = [
    WorkOrderStatus.PLANNED.value,
    WorkOrderStatus.RELEASED.value,
    WorkOrderStatus.IN_PROGRESS.value,
]


async def facts_of(
    uow: UnitOfWork,
    plant_code: str,
    department_code: str | None,
    *,
    product_code: str | None = None,
) -> Facts:
    """Load the tenant's rules, a plant, a department of it, a product, as far as they exist."""
    plants, departments, settings = tables.plants, tables.departments, tables.tenant_settings
    query = select(
        plants.c.id,
        plants.c.plant_name,
        plants.c.time_zone.label("plant_time_zone"),
        departments.c.id.label("department_id"),
        settings.c.work_order_prefix,
        settings.c.release_work_orders,
        settings.c.time_zone,
        _product_name(product_code).label("product_name"),
    ).select_from(
        select(true().label("one"))
        .subquery()
        .outerjoin(plants, (plants.c.plant_code == plant_code) & ~plants.c.deleted)
        .outerjoin(
            departments,
            (departments.c.department_code == department_code)
            & (departments.c.plant_code == plants.c.plant_code)
            & (departments.c.tenant_id == plants.c.tenant_id)
            & ~departments.c.deleted,
        )
        .outerjoin(settings, true())
    )
    row = (await uow.connection.execute(query)).one()
    plant = PlantFacts(row.id, plant_code, row.plant_name, row.plant_time_zone) if row.id else None
    return Facts(
        rules=rules_of(row),
        plants={plant_code: plant} if plant else {},
        department_ids={department_code: row.department_id}
        if department_code and row.department_id
        else {},
        product_names={product_code: row.product_name} if product_code and row.product_name else {},
    )


def _product_name(product_code: str | None) -> ColumnElement[Any]:
    c = tables.products.c
    named = select(c.product_name).where(c.product_code == product_code, ~c.deleted)
    return named.limit(1).scalar_subquery()


async def project_of(uow: UnitOfWork, number: str | None) -> tuple[UUID, str] | None:
    """Find a project's id and name by its number, where it is known here."""
    if number is None:
        return None
    projects = tables.projects
    query = (
        select(projects.c.id, projects.c.project_name)
        .where(projects.c.project_number == number, ~projects.c.deleted)
        .limit(1)
    )
    row = (await uow.connection.execute(query)).first()
    return (row.id, row.project_name) if row else None


async def known_plants(uow: UnitOfWork, codes: Sequence[str]) -> frozenset[str]:
    """Tell which of some plant codes exist."""
    column = tables.plants.c.plant_code
    query = select(column).where(one_of(column, sorted(set(codes))), ~tables.plants.c.deleted)
    return frozenset((await uow.connection.execute(query)).scalars())


async def uses_of_plant(uow: UnitOfWork, plant_code: str) -> list[str]:
    """Name what still needs a plant."""
    departments, lanes, work_orders = tables.departments, tables.lanes, tables.work_orders
    return await _uses(
        uow,
        {
            "departments": (departments.c.plant_code == plant_code) & ~departments.c.deleted,
            "lanes": (lanes.c.plant_code == plant_code) & ~lanes.c.deleted,
            "work orders": (work_orders.c.plant_code == plant_code)
            & one_of(work_orders.c.status, _LIVE),
        },
    )


async def uses_of_department(uow: UnitOfWork, department_id: UUID) -> list[str]:
    """Name what still needs a department."""
    c = tables.work_orders.c
    condition = (c.department_id == department_id) & one_of(c.status, _LIVE)
    return await _uses(uow, {"work orders": condition})


async def _uses(uow: UnitOfWork, conditions: dict[str, ColumnElement[Any]]) -> list[str]:
    query = select(*(exists().where(condition) for condition in conditions.values()))
    row = (await uow.connection.execute(query)).one()
    return [name for name, used in zip(conditions, row, strict=True) if used]


def rules_of(row: Any) -> TenantRules:
    """Read the tenant's rules from a row with its settings; the defaults where it has none."""
    if row.work_order_prefix is None:
        return TenantRules()
    return TenantRules(
        work_order_prefix=row.work_order_prefix,
        releases_all_at_once=row.release_work_orders == "all_at_once",
        time_zone=row.time_zone,
    )
