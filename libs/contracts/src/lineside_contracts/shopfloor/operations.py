"""Operations of work orders: state, event, requests."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.values import (
    Actor,
    Amount,
    Code,
    Frozen,
    Instant,
    Minutes,
    Name,
    OperationType,
    Ratio,
    Request,
    Text,
)


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


class OperationLaneState(Frozen):
    """Whether an operation runs on a lane (null: reported without one)."""

    lane_id: UUID | None = None
    lane_number: str | None = None
    state: Literal["idle", "running", "paused"]
    activity: Literal["setup", "run"]
    since: Instant


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
    states: tuple[OperationLaneState, ...] = ()


class WorkOrderOperations(Frozen):
    """The operations of one work order, in order."""

    items: tuple[OperationView, ...]


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
