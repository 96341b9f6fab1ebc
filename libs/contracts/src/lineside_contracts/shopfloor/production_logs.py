"""Production logs: what operators report, as everybody else hears it."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.shopfloor.work_orders import WorkOrderStatus
from lineside_contracts.values import (
    Actor,
    Amount,
    Code,
    Frozen,
    Instant,
    Name,
    OperationType,
    Request,
    Text,
)


class LogKind(StrEnum):
    """What a log reports; `issue` stops nothing unless it says so (RULES 13)."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    COMPLETE = "complete"
    ISSUE = "issue"


class OperationTotals(Frozen):
    """What has been reported on one operation in all, this log included.

    Totals make the event safe to hear twice or late: the highest version of a work order's logs
    says where each operation stands.
    """

    operation_id: UUID
    operation_number: int
    run_id: UUID | None = None
    sequence_number: int | None = None
    work_center_code: str | None = None
    good_quantity: Decimal = Decimal(0)
    scrap_quantity: Decimal = Decimal(0)
    rework_quantity: Decimal = Field(
        default=Decimal(0), description="Still open here, or resolved at another operation."
    )
    setup_minutes: Decimal = Decimal(0)
    run_minutes: Decimal = Decimal(0)
    labour_minutes: Decimal = Decimal(0)
    is_completed: bool = False
    input_added_quantity: Decimal = Decimal(0)
    rework_in_quantity: Decimal = Field(
        default=Decimal(0),
        description="Of good and scrap: what was opened as rework at another operation.",
    )


class WorkOrderLog(AggregateState):
    """One log, keyed by its work order: `id` is the work order's, `version` counts its logs."""

    log_id: UUID
    kind: LogKind
    activity: Literal["setup", "run"] = "run"
    work_order_number: str
    production_order_id: UUID | None = None
    production_order_number: str | None = None
    product_code: str | None = None
    plant_code: str | None = None
    lane_number: str | None = None
    operation_number: int | None = None
    good_quantity: Decimal = Decimal(0)
    scrap_quantity: Decimal = Decimal(0)
    rework_quantity: Decimal = Decimal(0)
    reason_code: str | None = None
    lot_number: str | None = None
    serial_numbers: tuple[str, ...] = ()
    corrects_log_id: UUID | None = None
    operations: tuple[OperationTotals, ...] = ()
    plant_id: UUID | None = None
    lane_id: UUID | None = None
    operation_id: UUID | None = None
    operation_name: str | None = None
    operation_type: OperationType | None = None
    unit_code: str | None = None
    is_from_rework: bool = Field(
        default=False, description="Good and scrap come out of open rework, not of new input."
    )
    rework_operation_number: int | None = None
    input_added_quantity: Decimal = Decimal(0)
    completes_operation: bool = False
    stops_production: bool = False
    is_void: bool = Field(default=False, description="It takes the corrected log back altogether.")
    worker_count: int = 1
    stated_hours: Decimal | None = None
    inspection_reference: str | None = None
    nonconformance_reference: str | None = None
    notes: str | None = None
    work_order_status: WorkOrderStatus | None = None
    quantity_completed: Decimal | None = None
    affected_from: Instant | None = Field(
        default=None,
        description="Since when times or quantities of the lane are other than before.",
    )
    happened_at: Instant
    logged_at: Instant
    logged_by: Actor


class ProductionLogRecorded(EventPayload):
    """Something was reported from the floor."""

    EVENT: ClassVar[EventType] = EventType("production_log", "recorded", "production_log")
    production_log: WorkOrderLog


class RecordProductionLog(Request):
    """What an operator reports, in one gesture: what happened, good, scrap, and why.

    A log that names a work order of several operations names the operation. `happened_at` in the
    past says that the device was offline: such a report is kept even where it no longer makes
    sense, on the list of conflicts.
    """

    kind: LogKind
    work_order_id: UUID
    operation_number: Annotated[int, Field(ge=1, le=999_999)] | None = None
    lane_id: UUID | None = None
    lane_number: Code | None = Field(
        default=None, description="Of the work order's plant; instead of the id."
    )
    activity: Literal["setup", "run"] | None = Field(
        default=None,
        description="Null: as before; `run` at a start. Starting the other one changes over to it.",
    )
    good_quantity: Amount = Decimal(0)
    scrap_quantity: Amount = Decimal(0)
    rework_quantity: Amount = Decimal(0)
    is_from_rework: bool = Field(
        default=False, description="Good and scrap resolve open rework instead of using new input."
    )
    rework_operation_number: Annotated[int, Field(ge=1, le=999_999)] | None = Field(
        default=None, description="Where the rework was opened; this operation where absent."
    )
    input_added_quantity: Amount = Field(
        default=Decimal(0),
        description="Further input of a first operation, beyond the plan.",
    )
    completes_operation: bool = Field(
        default=False, description="Nothing more will come of this operation."
    )
    reason_code: Code | None = Field(
        default=None, description="Why: a downtime reason, a scrap reason."
    )
    stops_production: bool = Field(default=False, description="Of an issue: it is a pause as well.")
    stated_hours: Amount | None = Field(
        default=None, description="Hours as the operator states them, beside those of the logs."
    )
    worker_count: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="Null: as before; 1 at a start."
    )
    lot_number: Code | None = None
    serial_numbers: Annotated[tuple[Code, ...], Field(max_length=1000)] = ()
    inspection_reference: Name | None = None
    nonconformance_reference: Name | None = None
    corrects_log_id: UUID | None = Field(
        default=None, description="The log this one replaces: same work order, operation and kind."
    )
    is_void: bool = Field(default=False, description="Take the corrected log back altogether.")
    happened_at: Instant | None = Field(default=None, description="Null: now.")
    notes: Text | None = None


class LogConflict(Frozen):
    """A late report that no longer made sense when it came, and what became of it."""

    id: UUID
    version: int
    status: Literal["open", "recorded", "discarded"]
    work_order_id: UUID | None = None
    work_order_number: str | None = None
    plant_code: str | None = None
    code: str = Field(description="The problem code a live report would have been refused with.")
    detail: str
    facts: dict[str, Any] = Field(default_factory=dict)
    report: RecordProductionLog
    happened_at: Instant
    logged_at: Instant
    logged_by: Actor
    resolved_at: Instant | None = None
    resolved_by: Actor | None = None
    resolution_reason: str | None = None
    log_id: UUID | None = Field(default=None, description="The log it became in the end.")


class ProductionLog(Frozen):
    """A log as it is kept; nothing of it ever changes.

    Of a late report that no longer makes sense `accepted` is false, `conflict` says why, and `id`
    is the conflict's.
    """

    id: UUID
    accepted: bool = True
    conflict: LogConflict | None = None
    kind: LogKind
    activity: Literal["setup", "run"]
    work_order_id: UUID
    work_order_number: str | None = None
    work_order_status: WorkOrderStatus | None = Field(
        default=None, description="After this log; in lists: now."
    )
    work_order_status_updated: bool = Field(
        default=False, description="This log changed the status of its work order."
    )
    production_order_id: UUID | None = None
    product_code: str | None = None
    plant_code: str | None = None
    operation_id: UUID | None = None
    operation_number: int | None = None
    lane_id: UUID | None = None
    lane_number: str | None = None
    good_quantity: Decimal
    scrap_quantity: Decimal
    rework_quantity: Decimal
    is_from_rework: bool = False
    rework_operation_number: int | None = None
    input_added_quantity: Decimal = Decimal(0)
    completes_operation: bool = False
    reason_code: str | None = None
    stops_production: bool = False
    stated_hours: Decimal | None = None
    worker_count: int = 1
    lot_number: str | None = None
    serial_numbers: tuple[str, ...] = ()
    inspection_reference: str | None = None
    nonconformance_reference: str | None = None
    corrects_log_id: UUID | None = None
    corrected_by_log_id: UUID | None = None
    is_void: bool = False
    happened_at: Instant
    logged_at: Instant
    logged_by: Actor
    logged_by_name: str
    notes: str | None = None


class ListProductionLogs(Request):
    """Which logs: a page of those that match, what was recorded last first.

    Where a range of happening is given: what happened last first.
    """

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    work_order_id: UUID | None = None
    kind: LogKind | None = None
    plant_code: Code | None = None
    lane_id: UUID | None = None
    operation_number: int | None = None
    logged_by: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="Subject of the token."
    )
    happened_from: Instant | None = None
    happened_until: Instant | None = Field(default=None, description="Itself excluded.")


class ListWorkOrderLogs(Request):
    """The logs of one work order, in the order things happened."""

    work_order_id: UUID
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: str | None = None


class GetProductionLog(Request):
    """One log."""

    production_log_id: UUID


class ListLogConflicts(Request):
    """Reports that wait for a supervisor, the oldest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    status: Literal["open", "recorded", "discarded"] | None = "open"
    work_order_id: UUID | None = None
    plant_code: Code | None = None


class ResolveLogConflict(Request):
    """Decide about a report: record it after all, with other quantities if need be, or drop it."""

    log_conflict_id: UUID
    expected_version: int | None = None
    action: Literal["record", "discard"]
    reason: Text
    good_quantity: Amount | None = None
    scrap_quantity: Amount | None = None
    rework_quantity: Amount | None = None
    happened_at: Instant | None = None


RECORD_PRODUCTION_LOG = Endpoint(
    "shopfloor",
    "production_log",
    "record",
    RecordProductionLog,
    ProductionLog,
    Permission.PRODUCTION_LOG,
    "write",
    201,
)
LIST_PRODUCTION_LOGS = Endpoint(
    "shopfloor",
    "production_log",
    "list",
    ListProductionLogs,
    Page[ProductionLog],
    Permission.PRODUCTION_READ,
)
GET_PRODUCTION_LOG = Endpoint(
    "shopfloor",
    "production_log",
    "get",
    GetProductionLog,
    ProductionLog,
    Permission.PRODUCTION_READ,
)
LIST_WORK_ORDER_LOGS = Endpoint(
    "shopfloor",
    "work_order_log",
    "list",
    ListWorkOrderLogs,
    Page[ProductionLog],
    Permission.WORK_ORDER_READ,
)
LIST_LOG_CONFLICTS = Endpoint(
    "shopfloor",
    "log_conflict",
    "list",
    ListLogConflicts,
    Page[LogConflict],
    Permission.PRODUCTION_READ,
)
RESOLVE_LOG_CONFLICT = Endpoint(
    "shopfloor",
    "log_conflict",
    "resolve",
    ResolveLogConflict,
    LogConflict,
    Permission.WORK_ORDER_UPDATE,
    "write",
)
