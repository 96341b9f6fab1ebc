"""Production logs: what operators report, as everybody else hears it."""

from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.values import Actor, Frozen, Instant


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
    rework_quantity: Decimal = Decimal(0)
    setup_minutes: Decimal = Decimal(0)
    run_minutes: Decimal = Decimal(0)
    labour_minutes: Decimal = Decimal(0)
    is_completed: bool = False


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
    happened_at: Instant
    logged_at: Instant
    logged_by: Actor


class ProductionLogRecorded(EventPayload):
    """Something was reported from the floor."""

    EVENT: ClassVar[EventType] = EventType("production_log", "recorded", "production_log")
    production_log: WorkOrderLog
