"""What planning knows of tenant, product and project when it decides about an order."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from lineside_manufacturing import units

STOCK_PROJECT_NUMBER = "STOCK"
STOCK_PROJECT_NAME = "Make to stock"
"""The project of orders that are made for nobody in particular."""


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """A tenant's settings; the defaults hold until it is registered."""

    production_order_prefix: str = "MO"
    time_zone: str = "UTC"
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product, and the time zone of its default plant where that is known."""

    product_code: str
    product_name: str
    product_category: str | None
    unit_code: str
    unit_decimals: int
    plant_code: str | None
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """A project as an order names it."""

    id: UUID
    project_number: str
    project_name: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known, by code; what is missing is unknown."""

    tenant: TenantFacts = TenantFacts()
    products: dict[str, ProductFacts] = field(default_factory=dict)
    projects: dict[str, ProjectFacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NumberSeries:
    """One row of counters: order numbers run per prefix and year."""

    prefix: str
    year: int

    def number(self, count: int) -> str:
        """Write a production order number, `MO-2026-000042` (RULES 35)."""
        return f"{self.prefix}-{self.year}-{count:06d}"


def number_series(tenant: TenantFacts, product: ProductFacts | None, now: datetime) -> NumberSeries:
    """Find the counter of a new order; the year is that of the plant's calendar."""
    zone = (product.time_zone if product else None) or tenant.time_zone
    return NumberSeries(tenant.production_order_prefix, now.astimezone(ZoneInfo(zone)).year)


def product_fields(product: ProductFacts, *, unit_code: str) -> dict[str, object]:
    """Say a product in the fields of an order whose quantity is in `unit_code`.

    The quantity was converted to the stock unit when the order was accepted; if the product has
    another one by now, the order keeps the unit its quantity is in.
    """
    same = _canonical(unit_code) == _canonical(product.unit_code)
    return {
        "product_code": product.product_code,
        "product_name": product.product_name,
        "product_category": product.product_category,
        "plant_code": product.plant_code,
        "unit_code": product.unit_code if same else unit_code,
        "unit_decimals": product.unit_decimals if same else default_decimals(unit_code),
    }


def default_decimals(unit_code: str) -> int:
    """Decimals of a unit nobody has said more about."""
    unit = units.standard_unit(unit_code)
    return unit.decimals if unit else 0


def _canonical(code: str) -> str:
    return units.canonical_unit(code) or code
