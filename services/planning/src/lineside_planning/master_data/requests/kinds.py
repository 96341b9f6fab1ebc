"""Tenants, units, products and projects: answered by the chassis, checked and guarded here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from lineside_chassis.master_data import MasterData
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.planning import (
    ProductFields,
    Tenant,
    TenantFields,
    UnitFields,
)
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_planning.master_data import tables
from lineside_planning.master_data.domain import checking
from lineside_planning.master_data.requests import in_use
from lineside_planning.master_data.requests.in_use import Users
from lineside_planning.master_data.store import lookups, users

Faults = list[tuple[Fault, ...]]


@dataclass(frozen=True, slots=True)
class UsedBy:
    """What other packages use a code for, by the word for it: "production orders"."""

    product: Mapping[str, Users] = field(default_factory=dict)
    project: Mapping[str, Users] = field(default_factory=dict)
    stock_location: Mapping[str, Users] = field(default_factory=dict)
    vendor: Mapping[str, Users] = field(default_factory=dict)


def register(requests: Requests, used_by: UsedBy) -> None:
    """Answer the requests about planning's master data.

    Args:
        requests: Where the answers are registered.
        used_by: Who is asked before something is deleted.
    """
    product_users = {**used_by.product, **users.OF_PRODUCT}
    MasterData(
        planning.TENANTS,
        tables.tenants,
        check=check_tenants,
        in_use=keep_tenant,
        new_id=own_tenant_id,
    ).register(requests)
    MasterData(
        planning.UNITS,
        tables.units,
        check=check_units,
        in_use=lambda uow, unit: in_use.keep(uow, unit.unit_code, users.OF_UNIT),
    ).register(requests)
    MasterData(
        planning.PRODUCTS,
        tables.products,
        check=check_products,
        in_use=lambda uow, product: in_use.keep(uow, product.product_code, product_users),
    ).register(requests)
    MasterData(
        planning.PROJECTS,
        tables.projects,
        in_use=lambda uow, project: in_use.keep(uow, project.project_number, used_by.project),
    ).register(requests)


def own_tenant_id(uow: UnitOfWork) -> UUID:
    """A tenant's registry row bears the tenant's id."""
    return uow.tenant_id


async def check_tenants(uow: UnitOfWork, rows: Sequence[TenantFields]) -> Faults:
    """A tenant registers itself once, in a time zone there is."""
    registered = await lookups.registered_tenant_code(uow)
    code = registered or (rows[0].tenant_code if rows else None)
    return [checking.tenant_faults(tenant, registered_code=code) for tenant in rows]


async def check_units(_uow: UnitOfWork, rows: Sequence[UnitFields]) -> Faults:
    """A tenant's unit is none of the standard ones."""
    return [checking.unit_faults(unit) for unit in rows]


async def check_products(uow: UnitOfWork, rows: Sequence[ProductFields]) -> Faults:
    """A product speaks of units there are, and its lots can be made."""
    codes = {code for product in rows for code in checking.unit_codes_of(product)}
    own_units = await lookups.own_unit_codes(uow, sorted(codes))
    return [checking.product_faults(product, own_units) for product in rows]


async def keep_tenant(_uow: UnitOfWork, tenant: Tenant) -> Problem | None:
    """The registry row stays; whoever leaves is suspended."""
    detail = f"Tenant {tenant.tenant_code} cannot be deleted; set its status to suspended."
    return Problem(code=ProblemCode.IN_USE, detail=detail)
