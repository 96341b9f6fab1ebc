"""Tenants, units, products and projects: answered by the chassis, checked and guarded here."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from lineside_chassis.master_data import MasterData
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.planning import (
    ProductFields,
    Tenant,
    TenantFields,
    Unit,
    UnitFields,
)
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_planning.master_data import tables
from lineside_planning.master_data.domain import checking
from lineside_planning.master_data.store import lookups

Faults = list[tuple[Fault, ...]]
Users = Callable[[UnitOfWork, str], Awaitable[Sequence[str]]]
"""Names some of what uses a code, as another package knows it."""


@dataclass(frozen=True, slots=True)
class UsedBy:
    """What uses a product or a project, by the word for it: "production orders"."""

    product: Mapping[str, Users]
    project: Mapping[str, Users]


def register(requests: Requests, used_by: UsedBy) -> None:
    """Answer the requests about planning's master data.

    Args:
        requests: Where the answers are registered.
        used_by: Who is asked before something is deleted.
    """
    MasterData(
        planning.TENANTS,
        tables.tenants,
        check=check_tenants,
        in_use=keep_tenant,
        new_id=own_tenant_id,
    ).register(requests)
    MasterData(planning.UNITS, tables.units, check=check_units, in_use=keep_unit).register(requests)
    MasterData(
        planning.PRODUCTS,
        tables.products,
        check=check_products,
        in_use=lambda uow, product: _keep(uow, product.product_code, used_by.product),
    ).register(requests)
    MasterData(
        planning.PROJECTS,
        tables.projects,
        in_use=lambda uow, project: _keep(uow, project.project_number, used_by.project),
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
    """A product speaks of units there are."""
    codes = {code for product in rows for code in checking.unit_codes_of(product)}
    own_units = await lookups.own_unit_codes(uow, sorted(codes))
    return [checking.product_faults(product, own_units) for product in rows]


async def keep_tenant(_uow: UnitOfWork, tenant: Tenant) -> Problem | None:
    """The registry row stays; whoever leaves is suspended."""
    detail = f"Tenant {tenant.tenant_code} cannot be deleted; set its status to suspended."
    return Problem(code=ProblemCode.IN_USE, detail=detail)


async def keep_unit(uow: UnitOfWork, unit: Unit) -> Problem | None:
    """A unit that products use stays."""
    return _in_use(unit.unit_code, "products", await lookups.products_in_unit(uow, unit.unit_code))


async def _keep(uow: UnitOfWork, code: str, users: Mapping[str, Users]) -> Problem | None:
    """What something uses stays."""
    for word, named_by in users.items():
        if problem := _in_use(code, word, await named_by(uow, code)):
            return problem
    return None


def _in_use(code: str, users: str, named: Sequence[str]) -> Problem | None:
    if not named:
        return None
    detail = f"{code} is used by {users}: {', '.join(named)}."
    return Problem(code=ProblemCode.IN_USE, detail=detail, facts={"used_by": list(named)})
