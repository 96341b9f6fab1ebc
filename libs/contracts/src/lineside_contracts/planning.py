"""Planning: tenants, units, products, projects and production orders."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field, field_validator

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.master_data import (
    Fields,
    MasterDataChanged,
    MasterDataKind,
    MasterDataState,
)
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import Fault
from lineside_contracts.values import (
    Actor,
    Amount,
    Code,
    Day,
    Frozen,
    Instant,
    Money,
    Name,
    Percentage,
    Priority,
    Quantity,
    Ratio,
    Request,
    Text,
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


class ProductionOrderStatus(StrEnum):
    """planned → routed → released → in_progress → completed → closed; on_hold, cancelled."""

    PLANNED = "planned"
    ROUTED = "routed"
    RELEASED = "released"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    ON_HOLD = "on_hold"


class ProductionOrder(AggregateState):
    """A production order: one sales line's (or one stock need's) goods to be made."""

    production_order_number: str
    status: ProductionOrderStatus
    hold_reason: str | None = None
    held_by: Literal["system", "person"] | None = None
    status_before_hold: ProductionOrderStatus | None = None
    faults: tuple[Fault, ...] = ()
    exceptions: tuple[Fault, ...] = Field(
        default=(), description="Planning exceptions a person must decide on."
    )
    project_id: UUID
    project_number: str
    project_name: str
    sales_order_id: UUID | None = None
    sales_order_number: str | None = None
    sales_line_number: int | None = None
    sales_revision: int | None = None
    product_code: str
    product_name: str | None = None
    product_category: str | None = None
    quantity_ordered: Decimal
    quantity_completed: Decimal = Decimal(0)
    unit_code: str
    unit_decimals: int
    priority: Priority
    due_date: date
    plant_code: str | None = None
    routing_id: UUID | None = None
    routing_code: str | None = None
    routing_version: int | None = None
    expansion_version: int = 0
    planning_version: int = Field(
        default=1, description="Counts changes that need a new expansion: product, quantity."
    )
    work_order_count: int = 0
    work_orders_completed: int = 0
    created_at: Instant
    created_by: Actor
    updated_at: Instant
    updated_by: Actor


class ProductionOrderCreated(EventPayload):
    """A production order came to be."""

    EVENT: ClassVar[EventType] = EventType("production_order", "created", "production_order")
    production_order: ProductionOrder


class ProductionOrderChanged(EventPayload):
    """Quantity, dates, priority or other data changed; the status did not."""

    EVENT: ClassVar[EventType] = EventType("production_order", "changed", "production_order")
    production_order: ProductionOrder
    changed_fields: tuple[str, ...]


class ProductionOrderStatusChanged(EventPayload):
    """The status changed (release and cancellation have events of their own)."""

    EVENT: ClassVar[EventType] = EventType("production_order", "status_changed", "production_order")
    production_order: ProductionOrder
    old_status: ProductionOrderStatus
    new_status: ProductionOrderStatus


class ProductionOrderReleased(EventPayload):
    """The order may be worked on: its work orders follow."""

    EVENT: ClassVar[EventType] = EventType("production_order", "released", "production_order")
    production_order: ProductionOrder


class ProductionOrderCancelled(EventPayload):
    """The order is called off; what has not started is cancelled with it."""

    EVENT: ClassVar[EventType] = EventType("production_order", "cancelled", "production_order")
    production_order: ProductionOrder
    reason: str | None = None


class ListProductionOrders(Request):
    """Which production orders: a page of those that match, newest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    status: ProductionOrderStatus | None = None
    priority: Priority | None = None
    project_number: Code | None = None
    sales_order_number: Code | None = None
    product_code: Code | None = None
    plant_code: Code | None = None
    due_before: date | None = None
    search: Annotated[str, Field(max_length=100)] | None = None


class GetProductionOrder(Request):
    """One production order by id."""

    production_order_id: UUID


class CreateProductionOrder(Request):
    """An order made by hand: to stock, or for a project."""

    product_code: Code
    quantity: Quantity
    due_date: Day
    priority: Priority = Priority.MEDIUM
    project_number: Code | None = None


class ProductionOrderChange(Request):
    """What a planner may change before work starts; absent fields stay."""

    quantity: Quantity | None = None
    due_date: Day | None = None
    priority: Priority | None = None


class UpdateProductionOrder(Request):
    """A planner's change, against the version they saw."""

    production_order_id: UUID
    expected_version: int | None = None
    change: ProductionOrderChange


class ProductionOrderReason(Request):
    """Why, in a person's words."""

    reason: Text | None = None


class ActOnProductionOrder(Request):
    """Release, hold, resume or cancel an order."""

    production_order_id: UUID
    expected_version: int | None = None
    reason: Text | None = None


def _order_endpoint(verb: str) -> Endpoint[ActOnProductionOrder, ProductionOrder]:
    return Endpoint(
        "planning",
        "production_order",
        verb,
        ActOnProductionOrder,
        ProductionOrder,
        Permission.PRODUCTION_ORDER_MANAGE,
        "write",
    )


LIST_PRODUCTION_ORDERS = Endpoint(
    "planning",
    "production_order",
    "list",
    ListProductionOrders,
    Page[ProductionOrder],
    Permission.PRODUCTION_ORDER_READ,
)
GET_PRODUCTION_ORDER = Endpoint(
    "planning",
    "production_order",
    "get",
    GetProductionOrder,
    ProductionOrder,
    Permission.PRODUCTION_ORDER_READ,
)
CREATE_PRODUCTION_ORDER = Endpoint(
    "planning",
    "production_order",
    "create",
    CreateProductionOrder,
    ProductionOrder,
    Permission.PRODUCTION_ORDER_MANAGE,
    "write",
    201,
)
UPDATE_PRODUCTION_ORDER = Endpoint(
    "planning",
    "production_order",
    "update",
    UpdateProductionOrder,
    ProductionOrder,
    Permission.PRODUCTION_ORDER_MANAGE,
    "write",
)
RELEASE_PRODUCTION_ORDER = _order_endpoint("release")
HOLD_PRODUCTION_ORDER = _order_endpoint("hold")
RESUME_PRODUCTION_ORDER = _order_endpoint("resume")
CANCEL_PRODUCTION_ORDER = _order_endpoint("cancel")
