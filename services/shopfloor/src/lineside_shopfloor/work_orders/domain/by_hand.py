"""What people do to work orders: make one, change one, release or cancel one."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import (
    CreateOperation,
    CreateWorkOrder,
    OperationStatus,
    WorkOrder,
    WorkOrderChange,
    WorkOrderOperation,
    WorkOrderStatus,
)
from lineside_shopfloor.places.domain.facts import Facts, Stamp
from lineside_shopfloor.work_orders.domain import outcomes, planning, sequences, transitions
from lineside_shopfloor.work_orders.domain.operations import FloorOperation
from lineside_shopfloor.work_orders.domain.outcomes import NewId, Outcome

_INSTANT_OF = {"planned_start_date": "planned_start_at", "planned_end_date": "planned_end_at"}


def creation_faults(request: CreateWorkOrder, facts: Facts) -> tuple[Fault, ...]:
    """Find everything that keeps a work order from being made as asked."""
    return (
        *_unknown_plant(request.plant_code, facts),
        *_unknown_department(request.department_code, facts),
        *_inverted_dates(request.planned_start_date, request.planned_end_date),
        *_repeated_operations(request.operations),
        *_concurrent_first(request.operations),
    )


def make(
    request: CreateWorkOrder,
    *,
    number: str,
    project: tuple[UUID, str] | None,
    facts: Facts,
    stamp: Stamp,
    new_id: NewId,
) -> Outcome:
    """Make a work order by hand; `creation_faults` has found nothing.

    Args:
        request: As a person wrote it.
        number: Theirs or a reserved one.
        project: Id and name, where the project is known.
        facts: With the plant, and the department where one is named.
        stamp: When, and who.
        new_id: Makes ids.
    """
    plant = facts.plants[request.plant_code]
    operations = sorted(request.operations, key=lambda operation: operation.operation_number)
    copied = request.model_dump(exclude={"work_order_number", "operations"})
    work_order = WorkOrder(
        **copied,
        id=new_id(),
        version=1,
        work_order_number=number,
        status=WorkOrderStatus.PLANNED,
        plant_id=plant.id,
        plant_name=plant.plant_name,
        department_id=facts.department_ids.get(request.department_code or ""),
        project_id=project[0] if project else None,
        project_name=project[1] if project else None,
        product_name=facts.product_names.get(request.product_code or ""),
        operations=tuple(_operations(operations, request, new_id)),
        created_at=stamp.at,
        created_by=stamp.by,
        updated_at=stamp.at,
        updated_by=stamp.by,
    )
    return outcomes.created(work_order)


def change(
    work_order: WorkOrder, wanted: WorkOrderChange, *, facts: Facts, stamp: Stamp
) -> Outcome | Problem:
    """Change what a person may change; fields that are absent (or null) stay."""
    fields: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in WorkOrderChange.model_fields
        if getattr(wanted, name) is not None
    }
    faults = tuple(_change_faults(work_order, fields, facts))
    if faults:
        return invalid(faults)
    if "department_code" in fields:
        fields["department_id"] = facts.department_ids[fields["department_code"]]
    for name, instant in _INSTANT_OF.items():
        if fields.get(name, getattr(work_order, name)) != getattr(work_order, name):
            fields[instant] = None
    if "quantity_ordered" in fields:
        fields["operations"] = _for_quantity(work_order, fields["quantity_ordered"])
    return outcomes.changed(Outcome(work_order), fields, stamp=stamp)


def move(
    work_order: WorkOrder, to: WorkOrderStatus, *, stamp: Stamp, reason: str | None
) -> Outcome | Problem:
    """Take a step a person asks for, where the table allows it.

    Releasing a work order whose predecessors are still to be done is allowed (RULES 14).
    """
    if not transitions.is_allowed(work_order.status, to):
        return transitions.refusal(work_order.status, to)
    return outcomes.moved(Outcome(work_order), to, stamp=stamp, reason=reason)


def invalid(faults: Sequence[Fault]) -> Problem:
    """Say faults as one refusal."""
    detail = " ".join(fault.message for fault in faults)
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=detail, faults=tuple(faults))


def decimals_of(quantity: Decimal) -> int:
    """Tell how many decimals a quantity is written with, trailing zeros apart."""
    exponent = quantity.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _change_faults(work_order: WorkOrder, fields: dict[str, Any], facts: Facts) -> Iterator[Fault]:
    if fields and transitions.is_final(work_order.status):
        message = f"A work order that is {work_order.status} does not change any more."
        yield Fault(code="work_order_final", path="change", message=message)
        return
    yield from _unknown_department(fields.get("department_code"), facts, prefix="change.")
    if fields.keys() & _INSTANT_OF.keys():
        start = fields.get("planned_start_date", work_order.planned_start_date)
        end = fields.get("planned_end_date", work_order.planned_end_date)
        yield from _inverted_dates(start, end, prefix="change.")
    if "quantity_ordered" in fields and work_order.production_order_id is not None:
        message = "The quantity comes from the production order; change it there."
        yield Fault(code="quantity_planned", path="change.quantity_ordered", message=message)
    elif "quantity_ordered" in fields and work_order.status not in transitions.NOT_STARTED:
        message = "Work has started: the quantity stays."
        yield Fault(code="work_started", path="change.quantity_ordered", message=message)


def _unknown_plant(code: str, facts: Facts) -> Iterator[Fault]:
    if code not in facts.plants:
        message = f"There is no plant {code}."
        yield Fault(code="unknown_plant", path="plant_code", message=message)


def _unknown_department(code: str | None, facts: Facts, *, prefix: str = "") -> Iterator[Fault]:
    if code is not None and code not in facts.department_ids:
        message = f"The plant has no department {code}."
        yield Fault(code="unknown_department", path=f"{prefix}department_code", message=message)


def _inverted_dates(start: date | None, end: date | None, *, prefix: str = "") -> Iterator[Fault]:
    if start is not None and end is not None and end < start:
        message = f"The planned end {end} is before the planned start {start}."
        yield Fault(code="inverted_dates", path=f"{prefix}planned_end_date", message=message)


def _repeated_operations(operations: Sequence[CreateOperation]) -> Iterator[Fault]:
    seen: set[int] = set()
    for index, operation in enumerate(operations):
        number = operation.operation_number
        if number in seen:
            yield Fault(
                code="duplicate_operation_number",
                path=f"operations[{index}].operation_number",
                message=f"Operation {number} stands twice.",
                facts={"operation_number": number},
            )
        seen.add(number)


def _concurrent_first(operations: Sequence[CreateOperation]) -> Iterator[Fault]:
    numbers = [operation.operation_number for operation in operations]
    for index, operation in enumerate(operations):
        if operation.is_concurrent and operation.operation_number == min(numbers):
            message = "The first operation has none beside which it could run."
            path = f"operations[{index}].is_concurrent"
            yield Fault(code="first_is_concurrent", path=path, message=message)


def _operations(
    operations: Sequence[CreateOperation], request: CreateWorkOrder, new_id: NewId
) -> Iterator[FloorOperation]:
    """Put hand-made operations in sequence; each takes and gives the whole quantity."""
    quantity = request.quantity_ordered
    before = sequences.predecessors_of([(o.operation_number, o.is_concurrent) for o in operations])
    for operation in operations:
        yield FloorOperation(
            **operation.model_dump(exclude={"is_concurrent"}),
            id=new_id(),
            status=OperationStatus.PENDING,
            unit_code=request.unit_code,
            unit_decimals=decimals_of(quantity),
            planned_input=quantity,
            planned_output=quantity,
            planned_hours=planning.planned_hours(operation.setup_minutes, operation.run_minutes),
            run_seconds_per_unit=planning.run_seconds_per_unit(operation.run_minutes, quantity),
            predecessor_operation_numbers=before[operation.operation_number],
        )


def _for_quantity(work_order: WorkOrder, quantity: Decimal) -> tuple[WorkOrderOperation, ...]:
    return tuple(
        operation.model_copy(
            update={
                "planned_input": quantity,
                "planned_output": quantity,
                "run_seconds_per_unit": planning.run_seconds_per_unit(
                    operation.run_minutes, quantity
                ),
            }
        )
        for operation in work_order.operations
    )
