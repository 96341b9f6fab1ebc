"""What routing keeps of other services' master data, and the coverage computed from it."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, select

from lineside_chassis import master_data
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import Product, Unit
from lineside_contracts.routing import RoutingCoverage, RoutingStatus
from lineside_contracts.shopfloor import Plant
from lineside_manufacturing import quantities
from lineside_routing import tables

PERCENT_DECIMALS = 1
_products, _templates = tables.products.c, tables.routing_templates.c


def keep_products(uow: UnitOfWork, states: Sequence[Product]) -> None:
    """Register products as planning has them now; older states change nothing."""
    master_data.project_state(uow, tables.products, states, key=("id",))


def keep_plants(uow: UnitOfWork, states: Sequence[Plant]) -> None:
    """Register plants as shop floor has them now."""
    master_data.project_state(uow, tables.plants, states, key=("id",))


def keep_units(uow: UnitOfWork, states: Sequence[Unit]) -> None:
    """Register the tenant's own units."""
    master_data.project_state(uow, tables.units, states, key=("id",))


async def unit_of(uow: UnitOfWork, product_code: str | None) -> tuple[str, int, str | None] | None:
    """Load a product's unit, its decimals and its default plant."""
    query = select(_products.unit_code, _products.unit_decimals, _products.plant_code).where(
        _products.product_code == product_code, ~_products.deleted
    )
    row = (await uow.connection.execute(query.limit(1))).one_or_none()
    return (row.unit_code, row.unit_decimals, row.plant_code) if row else None


async def coverage(uow: UnitOfWork) -> RoutingCoverage:
    """Compute which active products made in house have an active routing (RULES 36)."""
    active = _templates.status == RoutingStatus.ACTIVE
    own = select(_templates.product_code).where(active, _templates.product_code.isnot(None))
    shared = select(_templates.product_category).where(active, _templates.product_code.is_(None))
    is_covered = _products.product_code.in_(own) | func.coalesce(
        _products.product_category.in_(shared),
        False,
    )
    query = (
        select(_products.product_code, is_covered.label("is_covered"))
        .where(~_products.deleted, _products.is_active, _products.make_or_buy == "make")
        .order_by(_products.product_code)
    )
    rows = (await uow.connection.execute(query)).all()
    uncovered = tuple(code for code, is_covered in rows if not is_covered)
    covered = len(rows) - len(uncovered)
    return RoutingCoverage(
        product_count=len(rows),
        covered_count=covered,
        coverage_percentage=_percentage(covered, len(rows)),
        uncovered_product_codes=uncovered,
    )


def _percentage(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    return quantities.round_half_up(quantities.exact(100 * part) / whole, PERCENT_DECIMALS)
