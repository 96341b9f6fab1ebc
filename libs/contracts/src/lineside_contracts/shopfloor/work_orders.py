"""Work orders: state, events, requests."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.shopfloor.operations import (
    CreateOperation,
    WorkOrderOperation,
    WorkOrderOperations,
)
from lineside_contracts.values import (
    Actor,
    Amount,
    Code,
    Day,
    Instant,
    OperationType,
    Priority,
    Quantity,
    Request,
    Text,
)


class WorkOrderStatus(StrEnum):
    """planned → released → in_progress → completed; cancelled; the last two are final."""

    PLANNED = "planned"
    RELEASED = "released"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class WorkOrder(AggregateState):
    """A work order with its operations: what a supervisor releases and a lane runs."""

    work_order_number: str
    status: WorkOrderStatus
    priority: Priority
    operation_type: OperationType
    description: str | None = None
    production_order_id: UUID | None = None
    production_order_number: str | None = None
    sales_order_number: str | None = None
    project_id: UUID | None = None
    project_number: str | None = None
    project_name: str | None = None
    product_code: str | None = None
    product_name: str | None = None
    plant_id: UUID | None = None
    plant_code: str | None = None
    plant_name: str | None = None
    department_id: UUID | None = None
    department_code: str | None = None
    quantity_ordered: Decimal
    quantity_completed: Decimal = Decimal(0)
    unit_code: str
    due_date: date | None = None
    planned_start_date: date | None = None
    planned_start_at: Instant | None = None
    planned_end_date: date | None = None
    planned_end_at: Instant | None = None
    actual_start_date: date | None = None
    actual_start_at: Instant | None = None
    actual_end_date: date | None = None
    actual_end_at: Instant | None = None
    sap_production_order: str | None = None
    assigned_to: UUID | None = None
    predecessor_work_order_ids: tuple[UUID, ...] = ()
    expansion_version: int | None = None
    cancel_reason: str | None = None
    completion_reason: str | None = Field(
        default=None, description="Why it was closed below the quantity ordered."
    )
    stated_hours: Decimal | None = None
    operations: tuple[WorkOrderOperation, ...] = ()
    created_at: Instant
    created_by: Actor
    updated_at: Instant
    updated_by: Actor


class WorkOrderCreated(EventPayload):
    """A work order came to be, planned from a routing or made by hand."""

    EVENT: ClassVar[EventType] = EventType("work_order", "created", "work_order")
    work_order: WorkOrder


class WorkOrderChanged(EventPayload):
    """A person or a re-expansion changed data of a work order; its status did not change."""

    EVENT: ClassVar[EventType] = EventType("work_order", "changed", "work_order")
    work_order: WorkOrder
    changed_fields: tuple[str, ...]


class WorkOrderStatusChanged(EventPayload):
    """The status of a work order changed."""

    EVENT: ClassVar[EventType] = EventType("work_order", "status_changed", "work_order")
    work_order: WorkOrder
    old_status: WorkOrderStatus
    new_status: WorkOrderStatus
    reason: str | None = None


class WorkOrderProgressed(EventPayload):
    """Something was reported on a work order; its status did not change."""

    EVENT: ClassVar[EventType] = EventType("work_order", "progressed", "work_order")
    work_order: WorkOrder


class WorkOrderReplanRefused(EventPayload):
    """An amendment came too late: work has started, so the floor keeps what it has."""

    EVENT: ClassVar[EventType] = EventType("work_order", "replan_refused", "work_order")
    work_order: WorkOrder
    production_order_id: UUID
    planning_version: int
    reason: str


class CreateWorkOrder(Request):
    """A work order made by hand."""

    work_order_number: Code | None = None
    plant_code: Code
    department_code: Code | None = None
    operation_type: OperationType
    project_number: Code | None = None
    product_code: Code | None = None
    description: Text | None = None
    quantity_ordered: Quantity
    unit_code: Code = "EA"
    priority: Priority = Priority.MEDIUM
    due_date: Day | None = None
    planned_start_date: Day | None = None
    planned_end_date: Day | None = None
    sap_production_order: Code | None = None
    assigned_to: UUID | None = None
    operations: Annotated[tuple[CreateOperation, ...], Field(max_length=200)] = ()


class WorkOrderChange(Request):
    """What may be changed by hand; absent fields stay."""

    priority: Priority | None = None
    description: Text | None = None
    department_code: Code | None = None
    due_date: Day | None = None
    planned_start_date: Day | None = None
    planned_end_date: Day | None = None
    sap_production_order: Code | None = None
    assigned_to: UUID | None = None
    quantity_ordered: Quantity | None = Field(
        default=None, description="Only of work orders made by hand that have not started."
    )


class UpdateWorkOrder(Request):
    """A change against the version the person saw."""

    work_order_id: UUID
    expected_version: int | None = None
    change: WorkOrderChange


class ListWorkOrders(Request):
    """Which work orders: a page of those that match; `search` ranks and tolerates typing errors."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    status: WorkOrderStatus | None = None
    priority: Priority | None = None
    operation_type: OperationType | None = None
    plant_code: Code | None = None
    project_number: Code | None = None
    production_order_id: UUID | None = None
    sales_order_number: Code | None = None
    product_code: Code | None = None
    department_code: Code | None = None
    sap_production_order: Code | None = None
    assigned_to: UUID | None = None
    lane_id: UUID | None = Field(default=None, description="Those on this lane now.")
    due_from: Day | None = None
    due_until: Day | None = Field(default=None, description="Itself included.")
    is_active: bool | None = Field(
        default=None, description="True: planned, released or in progress; false: the others."
    )
    search: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class GetWorkOrder(Request):
    """One work order by id."""

    work_order_id: UUID


class ActOnWorkOrder(Request):
    """Release or cancel a work order."""

    work_order_id: UUID
    expected_version: int | None = None
    reason: Text | None = None


class CancelWorkOrder(ActOnWorkOrder):
    """Call a work order off; one that runs says what becomes of its work in process."""

    work_in_process: Literal["scrap", "return"] | None = Field(
        default=None,
        description="Of a running order: scrap what is at its operations, or return it to where"
        " it came from. Consumed material is not given back by itself.",
    )


class CompleteWorkOrder(Request):
    """End a work order, with a reason when less than the quantity ordered was made."""

    work_order_id: UUID
    expected_version: int | None = None
    reason: Text | None = None
    stated_hours: Amount | None = None


LIST_WORK_ORDERS = Endpoint(
    "shopfloor", "work_order", "list", ListWorkOrders, Page[WorkOrder], Permission.WORK_ORDER_READ
)
GET_WORK_ORDER = Endpoint(
    "shopfloor", "work_order", "get", GetWorkOrder, WorkOrder, Permission.WORK_ORDER_READ
)
CREATE_WORK_ORDER = Endpoint(
    "shopfloor",
    "work_order",
    "create",
    CreateWorkOrder,
    WorkOrder,
    Permission.WORK_ORDER_CREATE,
    "write",
    201,
)
UPDATE_WORK_ORDER = Endpoint(
    "shopfloor",
    "work_order",
    "update",
    UpdateWorkOrder,
    WorkOrder,
    Permission.WORK_ORDER_UPDATE,
    "write",
)
RELEASE_WORK_ORDER = Endpoint(
    "shopfloor",
    "work_order",
    "release",
    ActOnWorkOrder,
    WorkOrder,
    Permission.WORK_ORDER_RELEASE,
    "write",
)
CANCEL_WORK_ORDER = Endpoint(
    "shopfloor",
    "work_order",
    "cancel",
    CancelWorkOrder,
    WorkOrder,
    Permission.WORK_ORDER_CANCEL,
    "write",
)
COMPLETE_WORK_ORDER = Endpoint(
    "shopfloor",
    "work_order",
    "complete",
    CompleteWorkOrder,
    WorkOrder,
    Permission.WORK_ORDER_UPDATE,
    "write",
)
LIST_WORK_ORDER_OPERATIONS = Endpoint(
    "shopfloor",
    "work_order_operation",
    "list",
    GetWorkOrder,
    WorkOrderOperations,
    Permission.WORK_ORDER_READ,
)
