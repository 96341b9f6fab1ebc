"""Operations that people add to a work order: where they stand, and what goes through them."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import AddOperation, OperationStatus, WorkOrder
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.work_orders.domain import (
    by_hand,
    operation_changes,
    operations,
    outcomes,
    sequences,
    transitions,
)
from lineside_shopfloor.work_orders.domain.operations import FloorOperation
from lineside_shopfloor.work_orders.domain.outcomes import Outcome

_TAKEN = "duplicate_operation_number"


def add(
    work_order: WorkOrder,
    request: AddOperation,
    *,
    siblings: Sequence[WorkOrder],
    stamp: Stamp,
    new_id: UUID,
) -> Outcome | Problem:
    """Add an operation to a work order that has not started.

    It takes and gives what the operation before it gives; a first one what the first one takes.

    Args:
        work_order: Locked.
        request: What a person wants.
        siblings: The other work orders of its production order: their operations' numbers are
            taken too, and what follows this work order follows its last operation.
        stamp: When, and who.
        new_id: Of the operation.
    """
    if work_order.status not in transitions.NOT_STARTED:
        return _started(work_order)
    faults = tuple(_addition_faults(work_order, request, siblings))
    if faults:
        return _refused(faults, request)
    known = operations.operations_of(work_order)
    made = _made(work_order, request, new_id)
    become = chained(known, made, is_concurrent=request.is_concurrent)
    return outcomes.changed(Outcome(work_order), {"operations": become}, stamp=stamp)


def kept_by_hand(
    planned: Sequence[FloorOperation],
    kept: WorkOrder,
    *,
    taken: frozenset[int],
    is_followed: bool,
) -> tuple[FloorOperation, ...]:
    """Put what people added to a work order among the operations planned anew for it.

    Args:
        planned: Its operations from routing, by number.
        kept: The work order as it was.
        taken: Numbers of the whole production order's new runs: an added operation of such a number
            gives way.
        is_followed: Other work orders go on with what its last planned operation gives.
    """
    last = max(operation.operation_number for operation in planned)
    become = tuple(planned)
    for added in operations.operations_of(kept):
        number = added.operation_number
        if added.run_id is None and number not in taken and not (is_followed and number > last):
            fields = _quantities(become, number)
            moved = added.model_copy(update=fields)
            timed = moved.model_copy(update=operation_changes.planned_times(moved))
            become = chained(become, timed, is_concurrent=_is_concurrent(kept, number))
    return become


def chained(
    known: Sequence[FloorOperation], added: FloorOperation, *, is_concurrent: bool
) -> tuple[FloorOperation, ...]:
    """Put one more operation among those there are, by its number."""
    before = sequences.with_added(
        {o.operation_number: o.predecessor_operation_numbers for o in known},
        added.operation_number,
        is_concurrent=is_concurrent,
    )
    return tuple(
        o.model_copy(update={"predecessor_operation_numbers": before[o.operation_number]})
        for o in sorted((*known, added), key=lambda o: o.operation_number)
    )


def _addition_faults(
    work_order: WorkOrder, request: AddOperation, siblings: Sequence[WorkOrder]
) -> Iterator[Fault]:
    number = request.operation_number
    own = [o.operation_number for o in work_order.operations]
    taken = {*own, *(o.operation_number for s in siblings for o in s.operations)}
    if number in taken:
        yield Fault(
            code=_TAKEN,
            path="operation_number",
            message=f"There is an operation {number} already.",
            facts={"operation_number": number, "taken": sorted(taken)},
        )
    if request.is_concurrent and not any(known < number for known in own):
        message = "The first operation has none beside which it could run."
        yield Fault(code="first_is_concurrent", path="is_concurrent", message=message)
    followers = [s for s in siblings if work_order.id in s.predecessor_work_order_ids]
    if followers and own and number > max(own):
        names = ", ".join(sorted(s.work_order_number for s in followers))
        yield Fault(
            code="followed_by_work_order",
            path="operation_number",
            message=f"{names} goes on with what operation {max(own)} gives: add one before it.",
            facts={"last_operation_number": max(own), "followers": names},
        )


def _refused(faults: Sequence[Fault], request: AddOperation) -> Problem:
    """Say all faults; a number that is taken gives the refusal its code."""
    problem = by_hand.invalid(faults)
    if all(fault.code != _TAKEN for fault in faults):
        return problem
    facts = {"operation_number": request.operation_number}
    return problem.model_copy(update={"code": ProblemCode.CODE_TAKEN, "facts": facts})


def _made(work_order: WorkOrder, request: AddOperation, new_id: UUID) -> FloorOperation:
    copied = request.model_dump(exclude={"work_order_id", "expected_version", "is_concurrent"})
    own = operations.operations_of(work_order)
    quantities = _quantities(own, request.operation_number) if own else _whole_quantity(work_order)
    made = FloorOperation(
        **copied,
        **quantities,
        id=new_id,
        status=OperationStatus.PENDING,
        planned_hours=Decimal(0),
    )
    return made.model_copy(update=operation_changes.planned_times(made))


def _quantities(own: Sequence[FloorOperation], number: int) -> dict[str, Any]:
    """What goes through an added operation, in the unit of its neighbour."""
    earlier = [o for o in own if o.operation_number < number]
    neighbour = earlier[-1] if earlier else own[0]
    quantity = neighbour.planned_output if earlier else neighbour.planned_input
    names = ("unit_code", "unit_decimals", "units_per_product")
    unit = {name: getattr(neighbour, name) for name in names}
    return {**unit, "planned_input": quantity, "planned_output": quantity}


def _whole_quantity(work_order: WorkOrder) -> dict[str, Any]:
    quantity = work_order.quantity_ordered
    return {
        "unit_code": work_order.unit_code,
        "unit_decimals": by_hand.decimals_of(quantity),
        "planned_input": quantity,
        "planned_output": quantity,
    }


def _is_concurrent(work_order: WorkOrder, number: int) -> bool:
    """Whether an operation stands beside the one before it."""
    own = operations.operations_of(work_order)
    before = {o.operation_number: o.predecessor_operation_numbers for o in own}
    earlier = [known for known in before if known < number]
    return bool(earlier) and before[max(earlier)] == before[number]


def _started(work_order: WorkOrder) -> Problem:
    return Problem(
        code=ProblemCode.WORK_ORDER_FINAL
        if transitions.is_final(work_order.status)
        else ProblemCode.ORDER_IN_PROGRESS,
        detail=f"{work_order.work_order_number} is {work_order.status}:"
        " operations are added before work starts.",
        facts={"status": work_order.status.value},
    )
