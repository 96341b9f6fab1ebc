"""Production orders: state, events, requests."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import Fault
from lineside_contracts.values import (
    Actor,
    Code,
    Day,
    Instant,
    Priority,
    Quantity,
    Request,
    Text,
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


class MaterialsStatus(StrEnum):
    """unknown until planned; covered from stock; expected in time; short: something is missing."""

    UNKNOWN = "unknown"
    COVERED = "covered"
    EXPECTED = "expected"
    SHORT = "short"


class CapacityStatus(StrEnum):
    """unknown until checked; feasible or not in time as things stand."""

    UNKNOWN = "unknown"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"


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
    parent_order_id: UUID | None = Field(
        default=None, description="The order whose need this one was made for."
    )
    parent_order_number: str | None = None
    level: int = Field(default=0, description="0 for an order of its own, 1 for its children …")
    materials_status: MaterialsStatus = MaterialsStatus.UNKNOWN
    materials_available_on: date | None = Field(
        default=None, description="When the last material is expected; null: at once or unknown."
    )
    capacity_status: CapacityStatus = CapacityStatus.UNKNOWN
    estimated_completion_at: Instant | None = Field(
        default=None, description="Finite forward loading, not before materials can arrive."
    )
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
    reason: str | None = None


class ProductionOrderAssessed(EventPayload):
    """Materials, capacity or the estimated completion were judged anew; nothing else changed."""

    EVENT: ClassVar[EventType] = EventType("production_order", "assessed", "production_order")
    production_order: ProductionOrder


class ProductionOrderStatusChanged(EventPayload):
    """The status changed (release and cancellation have events of their own)."""

    EVENT: ClassVar[EventType] = EventType("production_order", "status_changed", "production_order")
    production_order: ProductionOrder
    old_status: ProductionOrderStatus
    new_status: ProductionOrderStatus
    reason: str | None = None


class ProductionOrderReleased(EventPayload):
    """The order may be worked on: its work orders follow."""

    EVENT: ClassVar[EventType] = EventType("production_order", "released", "production_order")
    production_order: ProductionOrder


class ProductionOrderCancelled(EventPayload):
    """The order is called off; what has not started is cancelled with it."""

    EVENT: ClassVar[EventType] = EventType("production_order", "cancelled", "production_order")
    production_order: ProductionOrder
    reason: str | None = None


class ProductionOrderCompleted(EventPayload):
    """Everything is made: its output goes to stock, allocated to whoever it was made for."""

    EVENT: ClassVar[EventType] = EventType("production_order", "completed", "production_order")
    production_order: ProductionOrder


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
    materials_status: MaterialsStatus | None = None
    capacity_status: CapacityStatus | None = None
    parent_order_id: UUID | None = None
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


class ActOnProductionOrder(Request):
    """Release, hold, resume or cancel an order."""

    production_order_id: UUID
    expected_version: int | None = None
    reason: Text | None = None


class ResolveException(Request):
    """A person's answer to a planning exception: it is taken off the order, with the reason kept.

    `follow_sales` takes over what sales asked for after work had started (quantity, date, priority)
    as far as the floor still allows; `keep` leaves the order as it is. Of an order that ended short
    (`short_by`) `accept` lets it be at that, `top_up` makes what is missing in a further order, by
    the same date, and `reschedule` by another one.
    """

    production_order_id: UUID
    expected_version: int | None = None
    code: Code
    path: Annotated[str, Field(max_length=200)] = ""
    decision: Literal["follow_sales", "keep", "accept", "top_up", "reschedule"]
    reason: Text
    due_date: Day | None = Field(default=None, description="Of what is rescheduled, else absent.")


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
CLOSE_PRODUCTION_ORDER = _order_endpoint("close")
RESOLVE_PRODUCTION_ORDER_EXCEPTION = Endpoint(
    "planning",
    "production_order",
    "resolve_exception",
    ResolveException,
    ProductionOrder,
    Permission.PRODUCTION_ORDER_MANAGE,
    "write",
)
