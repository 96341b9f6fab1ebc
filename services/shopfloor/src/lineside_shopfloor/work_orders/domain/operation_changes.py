"""What people change of the operations of a work order, and when one may be completed."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import (
    OperationChange,
    OperationStatus,
    WorkOrder,
    WorkOrderStatus,
)
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.work_orders.domain import (
    by_hand,
    operations,
    outcomes,
    planning,
    sequences,
    transitions,
)
from lineside_shopfloor.work_orders.domain.operations import FloorOperation
from lineside_shopfloor.work_orders.domain.outcomes import Outcome

_OF_A_PENDING_ONE = ("work_center_code", "setup_minutes", "run_minutes")


def change(
    work_order: WorkOrder, operation_id: UUID, wanted: OperationChange, *, stamp: Stamp
) -> Outcome | Problem:
    """Change what a person may change of an operation; fields that are absent (or null) stay."""
    operation = one_of(work_order, operation_id)
    if transitions.is_final(work_order.status) or not operation.is_open:
        return final(work_order, operation)
    fields: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in OperationChange.model_fields
        if getattr(wanted, name) is not None
    }
    faults = tuple(_change_faults(operation, fields))
    if faults:
        return by_hand.invalid(faults)
    changed = operation.model_copy(update=fields)
    timed = changed.model_copy(update=planned_times(changed) if _is_timed(fields) else {})
    become = operations.replaced(work_order, [timed])
    return outcomes.changed(Outcome(work_order), {"operations": become}, stamp=stamp)


def completion_problem(work_order: WorkOrder, operation: FloorOperation) -> Problem | None:
    """Tell why an operation may not be completed: it is over, or those before it are not.

    Operations that are concurrent are free of each other (SPEC 10).
    """
    if transitions.is_final(work_order.status) or not operation.is_open:
        return final(work_order, operation)
    if work_order.status is WorkOrderStatus.PLANNED:
        return Problem(
            code=ProblemCode.WORK_ORDER_NOT_RELEASED,
            detail=f"{work_order.work_order_number} is planned; release it first.",
            facts={"status": work_order.status.value},
        )
    own = operations.operations_of(work_order)
    incomplete = sequences.incomplete_before(own, operation.operation_number)
    return _out_of_sequence(operation, incomplete) if incomplete else None


def one_of(work_order: WorkOrder, operation_id: UUID) -> FloorOperation:
    """Take the operation of an id; the work order was found by it."""
    return next(o for o in operations.operations_of(work_order) if o.id == operation_id)


def planned_times(operation: FloorOperation) -> dict[str, Any]:
    """Tell the hours of an operation, and what a unit of one made by hand takes."""
    times: dict[str, Any] = {
        "planned_hours": planning.planned_hours(operation.setup_minutes, operation.run_minutes)
    }
    if operation.run_id is None:
        times["run_seconds_per_unit"] = planning.run_seconds_per_unit(
            operation.run_minutes, operation.planned_input
        )
    return times


def final(work_order: WorkOrder, operation: FloorOperation) -> Problem:
    """Refuse to touch an operation that is over, or whose work order is."""
    status = work_order.status if operation.is_open else operation.status
    return Problem(
        code=ProblemCode.OPERATION_FINAL,
        detail=f"Operation {operation.operation_number} of {work_order.work_order_number}"
        f" is {status}: nothing changes it any more.",
        facts={
            "operation_number": operation.operation_number,
            "status": operation.status.value,
            "work_order_status": work_order.status.value,
        },
    )


def _change_faults(operation: FloorOperation, fields: dict[str, Any]) -> Iterator[Fault]:
    if operation.status is OperationStatus.PENDING:
        return
    for name in _OF_A_PENDING_ONE:
        if name in fields:
            message = f"Operation {operation.operation_number} has begun: this stays."
            yield Fault(code="operation_started", path=f"change.{name}", message=message)


def _is_timed(fields: dict[str, Any]) -> bool:
    return bool(fields.keys() & {"setup_minutes", "run_minutes"})


def _out_of_sequence(operation: FloorOperation, incomplete: Sequence[int]) -> Problem:
    names = ", ".join(map(str, incomplete))
    return Problem(
        code=ProblemCode.PREVIOUS_OPERATIONS_INCOMPLETE,
        detail=f"Operation {operation.operation_number} comes after {names}: complete those first.",
        facts={
            "operation_number": operation.operation_number,
            "incomplete_operations": list(incomplete),
        },
    )
