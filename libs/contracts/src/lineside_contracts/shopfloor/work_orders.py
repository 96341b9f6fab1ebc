"""Work orders and their operations: state, events, requests."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.values import (
    Actor,
    Amount,
    Code,
    Day,
    Frozen,
    Instant,
    Minutes,
    Name,
    OperationType,
    Priority,
    Quantity,
    Ratio,
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


class OperationStatus(StrEnum):
    """pending → in_progress → completed | cancelled."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class WorkOrderOperation(Frozen):
    """One operation of a work order; from a routing it is one production run."""

    id: UUID
    operation_number: int
    operation_code: str | None = None
    operation_name: str
    description: str | None = None
    status: OperationStatus
    run_id: UUID | None = None
    work_center_code: str | None = None
    alternate_work_center_codes: tuple[str, ...] = ()
    unit_code: str
    unit_decimals: int = 0
    units_per_product: Ratio = Fraction(1)
    planned_input: Decimal
    planned_output: Decimal
    planned_scrap: Decimal = Decimal(0)
    setup_minutes: Decimal = Decimal(0)
    run_minutes: Decimal = Decimal(0)
    run_seconds_per_unit: Decimal = Decimal(0)
    wait_minutes: Decimal = Decimal(0)
    crew_size: Decimal = Decimal(1)
    planned_hours: Decimal
    actual_hours: Decimal | None = None
    predecessor_operation_numbers: tuple[int, ...] = ()
    assigned_to: UUID | None = None
    completed_by: Actor | None = None
    completed_at: Instant | None = None
    good_quantity: Decimal = Decimal(0)
    scrap_quantity: Decimal = Decimal(0)
    rework_quantity: Decimal = Field(default=Decimal(0), description="Still open.")
    rework_in_quantity: Decimal = Field(
        default=Decimal(0),
        description="Opened at another operation, resolved here to good or scrap.",
    )
    rework_out_quantity: Decimal = Field(
        default=Decimal(0), description="Opened here, resolved at another operation."
    )
    input_added_quantity: Decimal = Decimal(0)
    actual_setup_minutes: Decimal = Decimal(0)
    actual_run_minutes: Decimal = Decimal(0)
    actual_labour_minutes: Decimal = Decimal(0)
    stated_hours: Decimal | None = Field(
        default=None, description="As stated at completion, beside what the logs say."
    )


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


class CompletedOperation(AggregateState):
    """An operation that is done; its version counts how often it was completed (corrections)."""

    work_order_id: UUID
    work_order_number: str
    production_order_id: UUID | None = None
    plant_id: UUID | None = None
    plant_code: str | None = None
    operation_number: int
    operation_code: str | None = None
    operation_name: str
    run_id: UUID | None = None
    work_center_code: str | None = None
    good_quantity: Decimal
    scrap_quantity: Decimal
    rework_quantity: Decimal
    planned_hours: Decimal
    actual_hours: Decimal | None = None
    completed_by: Actor
    completed_at: Instant


class WorkOrderOperationCompleted(EventPayload):
    """An operation of a work order was completed."""

    EVENT: ClassVar[EventType] = EventType("work_order_operation", "completed", "operation")
    operation: CompletedOperation


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
    operations: Annotated[tuple["CreateOperation", ...], Field(max_length=200)] = ()


class CreateOperation(Request):
    """One operation of a work order made by hand."""

    operation_number: Annotated[int, Field(ge=1, le=999_999)]
    operation_name: Name
    operation_code: Code | None = None
    description: Text | None = None
    work_center_code: Code | None = None
    setup_minutes: Minutes = Decimal(0)
    run_minutes: Minutes = Decimal(0)
    is_concurrent: bool = Field(
        default=False, description="It needs not wait for the operation before it in sequence."
    )


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


class OperationView(WorkOrderOperation):
    """An operation as the floor sees it now.

    `version` is that of its work order. `available_quantity` is what it may still report (good,
    scrap and rework): the pieces that have arrived, less what is reported; null where nothing
    bounds it. `states` tells by lane whether it runs.
    """

    version: int
    work_order_id: UUID
    work_order_number: str
    operation_type: OperationType
    available_quantity: Decimal | None = None
    good_ceiling: Decimal | None = None
    states: tuple["OperationLaneState", ...] = ()


class OperationLaneState(Frozen):
    """Whether an operation runs on a lane (null: reported without one)."""

    lane_id: UUID | None = None
    lane_number: str | None = None
    state: Literal["idle", "running", "paused"]
    activity: Literal["setup", "run"]
    since: Instant


class WorkOrderOperations(Frozen):
    """The operations of one work order, in order."""

    items: tuple[OperationView, ...]


class AddOperation(CreateOperation):
    """One more operation of a work order that has not started, where its number puts it."""

    work_order_id: UUID
    expected_version: int | None = None


class OperationChange(Request):
    """What may be changed of an operation; absent fields stay."""

    operation_name: Name | None = None
    description: Text | None = None
    work_center_code: Code | None = None
    setup_minutes: Minutes | None = None
    run_minutes: Minutes | None = None
    assigned_to: UUID | None = None


class UpdateOperation(Request):
    """Change an operation against the version of its work order the person saw."""

    operation_id: UUID
    expected_version: int | None = None
    change: OperationChange


class CompleteOperation(Request):
    """Say that nothing more will come of an operation."""

    operation_id: UUID
    expected_version: int | None = None
    stated_hours: Amount | None = None
    notes: Text | None = None


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
ADD_OPERATION = Endpoint(
    "shopfloor",
    "work_order_operation",
    "create",
    AddOperation,
    OperationView,
    Permission.WORK_ORDER_UPDATE,
    "write",
    201,
)
UPDATE_OPERATION = Endpoint(
    "shopfloor",
    "work_order_operation",
    "update",
    UpdateOperation,
    OperationView,
    Permission.WORK_ORDER_UPDATE,
    "write",
)
COMPLETE_OPERATION = Endpoint(
    "shopfloor",
    "work_order_operation",
    "complete",
    CompleteOperation,
    OperationView,
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

CreateWorkOrder.model_rebuild()
OperationView.model_rebuild()
