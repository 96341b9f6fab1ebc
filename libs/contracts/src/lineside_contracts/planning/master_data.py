"""Tenants, units, products and projects."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from lineside_contracts.envelope import EventType
from lineside_contracts.master_data import (
    Fields,
    MasterDataChanged,
    MasterDataKind,
    MasterDataState,
)
from lineside_contracts.values import (
    Amount,
    Code,
    Frozen,
    Money,
    Name,
    Percentage,
    Quantity,
    Ratio,
)


class TenantFields(Fields):
    """A tenant's registry entry and settings; the tenant is the token's own."""

    tenant_code: Code
    tenant_name: Name
    status: Literal["active", "suspended"] = "active"
    over_production_tolerance_percentage: Percentage = Decimal(0)
    available_pieces: Literal["strict", "warn"] = "strict"
    production_order_prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,6}$")] = "MO"
    work_order_prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,6}$")] = "WO"
    release_policy: Literal["manual", "automatic"] = "manual"
    release_work_orders: Literal["as_predecessors_allow", "all_at_once"] = "as_predecessors_allow"
    on_time_target_percentage: Percentage = Decimal(90)
    lane_occupancy_target_percentage: Percentage = Decimal(75)
    hours_target_percentage: Percentage = Decimal(95)
    time_zone: Annotated[str, Field(max_length=64)] = "UTC"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"


class Tenant(TenantFields, MasterDataState):
    """A tenant as everybody reads it; its id is the tenant id."""

    model_config = Frozen.model_config


class TenantChanged(MasterDataChanged):
    """A tenant was registered or its settings changed."""

    EVENT: ClassVar[EventType] = EventType("tenant", "changed", "tenant")
    tenant: Tenant


class UnitFields(Fields):
    """A unit of measure; codes of UN/ECE Rec 20 and common ERP codes are known without it."""

    unit_code: Code
    unit_name: Name
    dimension: Literal["count", "mass", "length", "area", "volume", "time", "package", "set"]
    decimals: Annotated[int, Field(ge=0, le=6)]
    factor: Ratio | None = Field(
        default=None, description="How many of the dimension's base units it is; null: packages."
    )


class Unit(UnitFields, MasterDataState):
    """A tenant's own unit."""

    model_config = Frozen.model_config


class UnitChanged(MasterDataChanged):
    """A unit was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("unit", "changed", "unit")
    unit: Unit


class ProductFields(Fields):
    """A product as people maintain it."""

    product_code: Code
    product_name: Name
    product_category: Code | None = None
    unit_code: Code = "EA"
    unit_decimals: Annotated[int, Field(ge=0, le=6)] = 0
    conversions: dict[Code, Ratio] = Field(
        default_factory=dict,
        description='Stock units in one other unit, e.g. {"BX": "12"}; in CSV "BX=12;CT=144".',
    )
    make_or_buy: Literal["make", "buy"] = "make"
    lead_time_days: Annotated[int, Field(ge=0, le=3650)] = 0
    safety_stock_quantity: Amount = Decimal(0)
    lot_sizing: Literal["lot_for_lot", "fixed_order_quantity", "min_max_multiple", "periods"] = (
        "lot_for_lot"
    )
    fixed_lot_quantity: Quantity | None = Field(
        default=None, description="Lot size of fixed_order_quantity."
    )
    minimum_lot_quantity: Amount | None = None
    maximum_lot_quantity: Quantity | None = None
    lot_multiple_quantity: Quantity | None = None
    lot_period_days: Annotated[int, Field(ge=1, le=365)] | None = Field(
        default=None, description="Calendar days of need that one lot of `periods` covers."
    )
    safety_time_days: Annotated[int, Field(ge=0, le=365)] = Field(
        default=0, description="Working days by which supply is planned before its need."
    )
    is_phantom: bool = Field(default=False, description="Blown through: planned by its components.")
    supply_policy: Literal["make_to_order", "make_to_stock"] = Field(
        default="make_to_order",
        description="A made part gets an order per need, or lots planned by MRP.",
    )
    standard_cost: Money | None = None
    plant_code: Code | None = Field(default=None, description="Default plant.")
    is_active: bool = True

    @field_validator("conversions", mode="before")
    @classmethod
    def _from_csv(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [pair.split("=", 1) for pair in value.split(";") if pair.strip()]
        if any(len(pair) != 2 for pair in pairs):  # noqa: PLR2004
            raise ValueError('write conversions as "BX=12;CT=144"')
        return {unit.strip(): factor.strip() for unit, factor in pairs}


class Product(ProductFields, MasterDataState):
    """A product as everybody reads it."""

    model_config = Frozen.model_config


class ProductChanged(MasterDataChanged):
    """A product was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("product", "changed", "product")
    product: Product


class ProjectFields(Fields):
    """A customer project: what deliveries are promised and predicted for."""

    project_number: Code
    project_name: Name
    customer_code: Code | None = None
    customer_name: Name | None = None
    status: Literal["active", "completed", "cancelled"] = "active"


class Project(ProjectFields, MasterDataState):
    """A project as everybody reads it."""

    model_config = Frozen.model_config


class ProjectChanged(MasterDataChanged):
    """A project was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("project", "changed", "project")
    project: Project


TENANTS = MasterDataKind(
    "tenant",
    "tenants",
    "planning",
    "tenant_code",
    "tenant_name",
    TenantFields,
    Tenant,
    TenantChanged,
)
UNITS = MasterDataKind(
    "unit", "units", "planning", "unit_code", "unit_name", UnitFields, Unit, UnitChanged
)
PRODUCTS = MasterDataKind(
    "product",
    "products",
    "planning",
    "product_code",
    "product_name",
    ProductFields,
    Product,
    ProductChanged,
)
PROJECTS = MasterDataKind(
    "project",
    "projects",
    "planning",
    "project_number",
    "project_name",
    ProjectFields,
    Project,
    ProjectChanged,
)
