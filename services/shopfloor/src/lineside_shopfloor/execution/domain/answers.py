"""Logs as others hear and see them: the event that is said, the answer that is given."""

from dataclasses import fields
from datetime import datetime
from uuid import UUID

from lineside_contracts.shopfloor import (
    LogConflict,
    OperationStatus,
    OperationTotals,
    ProductionLog,
    ProductionLogRecorded,
    WorkOrder,
    WorkOrderLog,
    WorkOrderOperation,
    WorkOrderStatus,
)
from lineside_shopfloor.execution.domain.logs import FloorLog

_OWN = tuple(field.name for field in fields(FloorLog))
_SAID = tuple(name for name in _OWN if name in WorkOrderLog.model_fields and name != "id")
_SHOWN = tuple(name for name in _OWN if name in ProductionLog.model_fields)


def said(log: FloorLog, work_order: WorkOrder, *, affected_from: datetime) -> ProductionLogRecorded:
    """Tell of a log, with what has been reported in all on each operation, it included.

    Args:
        log: As it is kept.
        work_order: After it.
        affected_from: Since when times or quantities of its lane are other than before.
    """
    operation = next((o for o in work_order.operations if o.id == log.operation_id), None)
    told = WorkOrderLog(
        **{name: getattr(log, name) for name in _SAID},
        id=log.work_order_id,
        version=log.log_version,
        log_id=log.id,
        production_order_number=work_order.production_order_number,
        plant_id=work_order.plant_id,
        operation_name=operation.operation_name if operation else None,
        operation_type=work_order.operation_type,
        unit_code=operation.unit_code if operation else work_order.unit_code,
        operations=tuple(_totals(o) for o in work_order.operations),
        work_order_status=work_order.status,
        quantity_completed=work_order.quantity_completed,
        affected_from=affected_from,
    )
    return ProductionLogRecorded(production_log=told)


def shown(
    log: FloorLog,
    *,
    status: WorkOrderStatus | None,
    is_updated: bool = False,
    corrected_by: UUID | None = None,
) -> ProductionLog:
    """Show a log as it is kept.

    Args:
        log: The log.
        status: Of its work order.
        is_updated: The log changed that status.
        corrected_by: The log that corrects it.
    """
    return ProductionLog(
        **{name: getattr(log, name) for name in _SHOWN},
        work_order_status=status,
        work_order_status_updated=is_updated,
        corrected_by_log_id=corrected_by,
        logged_by_name=log.logged_by.name,
    )


def waiting(conflict: LogConflict, log: FloorLog, status: WorkOrderStatus) -> ProductionLog:
    """Answer a late report that waits for a supervisor."""
    answer = shown(log, status=status)
    return answer.model_copy(update={"id": conflict.id, "accepted": False, "conflict": conflict})


def _totals(operation: WorkOrderOperation) -> OperationTotals:
    return OperationTotals(
        operation_id=operation.id,
        operation_number=operation.operation_number,
        run_id=operation.run_id,
        sequence_number=operation.operation_number if operation.run_id else None,
        work_center_code=operation.work_center_code,
        good_quantity=operation.good_quantity,
        scrap_quantity=operation.scrap_quantity,
        rework_quantity=operation.rework_quantity + operation.rework_out_quantity,
        setup_minutes=operation.actual_setup_minutes,
        run_minutes=operation.actual_run_minutes,
        labour_minutes=operation.actual_labour_minutes,
        is_completed=operation.status is OperationStatus.COMPLETED,
        input_added_quantity=operation.input_added_quantity,
        rework_in_quantity=operation.rework_in_quantity,
    )
