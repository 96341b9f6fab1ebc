"""What becomes of a work order within one transaction: its state after it, and what is said.

Each step counts the version once and says one event, so that versions stay 1, 2, 3 … per work
order however many steps a transaction takes. Of operations that a step completes it says one more
each, under their own ids.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from lineside_contracts.envelope import EventPayload
from lineside_contracts.shopfloor import (
    CompletedOperation,
    OperationStatus,
    WorkOrder,
    WorkOrderChanged,
    WorkOrderCreated,
    WorkOrderOperationCompleted,
    WorkOrderProgressed,
    WorkOrderReplanRefused,
    WorkOrderStatus,
    WorkOrderStatusChanged,
)
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.work_orders.domain import operations, transitions
from lineside_shopfloor.work_orders.domain.operations import FloorOperation

NewId = Callable[[], UUID]
"""Where ids come from; the caller's clock makes them."""

_UNCHANGED: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A work order after some steps.

    Attributes:
        work_order: Its state after the last one.
        events: What is said, one event per step.
        is_new: It did not exist before.
        touched: Fields that differ from what is stored, apart from version and update stamp.
        left_operation_ids: Operations it had and no longer has.
    """

    work_order: WorkOrder
    events: tuple[EventPayload, ...] = ()
    is_new: bool = False
    touched: frozenset[str] = frozenset()
    left_operation_ids: tuple[UUID, ...] = ()


def created(work_order: WorkOrder) -> Outcome:
    """A work order comes to be; its version is 1."""
    return Outcome(work_order, (WorkOrderCreated(work_order=work_order),), is_new=True)


def changed(outcome: Outcome, fields: Mapping[str, Any], *, stamp: Stamp) -> Outcome:
    """Some fields take values; the outcome stays as it is where none of them differs."""
    before = outcome.work_order
    different = _different(before, fields)
    if not different:
        return outcome
    after = _next(before, stamp, different)
    said = WorkOrderChanged(work_order=after, changed_fields=tuple(sorted(different)))
    kept = {operation.id for operation in after.operations}
    left = tuple(operation.id for operation in before.operations if operation.id not in kept)
    stepped = _stepped(outcome, after, said, touched=different.keys())
    return replace(stepped, left_operation_ids=(*outcome.left_operation_ids, *left))


def progressed(outcome: Outcome, fields: Mapping[str, Any], *, stamp: Stamp) -> Outcome:
    """Something was reported: quantities, times, operations; the status stays.

    Nothing is said where no field differs.
    """
    before = outcome.work_order
    different = _different(before, fields)
    if not different:
        return outcome
    after = _next(before, stamp, different)
    said = WorkOrderProgressed(work_order=after)
    return _stepped(outcome, after, said, touched=different.keys())


def moved(
    outcome: Outcome,
    to: WorkOrderStatus,
    *,
    stamp: Stamp,
    reason: str | None = None,
    fields: Mapping[str, Any] = _UNCHANGED,
) -> Outcome:
    """The status changes, and with a cancellation that of the open operations.

    Args:
        outcome: The work order so far.
        to: Its next status.
        stamp: When, and on whose behalf.
        reason: Why; kept of a cancellation.
        fields: What else changes with it, such as quantities and the operations of a completion.

    Raises:
        ValueError: The table of transitions does not allow it; ask it first.
    """
    before = outcome.work_order
    if not transitions.is_allowed(before.status, to):
        raise ValueError(f"{before.work_order_number} cannot go from {before.status} to {to}")
    become: dict[str, Any] = {"status": to, **_different(before, fields)}
    if to is WorkOrderStatus.CANCELLED:
        reported = before.model_copy(update=become)
        become |= {"cancel_reason": reason, "operations": _cancelled_operations(reported)}
    after = _next(before, stamp, become)
    said = WorkOrderStatusChanged(
        work_order=after, old_status=before.status, new_status=to, reason=reason
    )
    return _stepped(outcome, after, said, touched=become.keys())


def cancelled_ids(become: Sequence[Outcome]) -> list[UUID]:
    """Tell which work orders these steps called off: whatever lanes they hold are to be freed."""
    return [
        outcome.work_order.id
        for outcome in become
        if outcome.work_order.status is WorkOrderStatus.CANCELLED and outcome.events
    ]


def replan_refused(
    work_order: WorkOrder, *, production_order_id: UUID, planning_version: int, stamp: Stamp
) -> Outcome:
    """An amendment is refused on behalf of a work order that has started.

    Nothing changes but the version: two events of one work order never share it.
    """
    after = _next(work_order, stamp, {})
    said = WorkOrderReplanRefused(
        work_order=after,
        production_order_id=production_order_id,
        planning_version=planning_version,
        reason=f"Work order {after.work_order_number} is {after.status}: work has started.",
    )
    return Outcome(after, (said,))


def _stepped(
    outcome: Outcome, after: WorkOrder, said: EventPayload, *, touched: AbstractSet[str]
) -> Outcome:
    return replace(
        outcome,
        work_order=after,
        events=(*outcome.events, said, *_completions(outcome.work_order, after)),
        touched=outcome.touched | touched,
    )


def _completions(before: WorkOrder, after: WorkOrder) -> Iterator[WorkOrderOperationCompleted]:
    """Say which operations were completed: those whose count rose."""
    counts = {o.id: o.completion_count for o in before.operations if isinstance(o, FloorOperation)}
    for operation in after.operations:
        if isinstance(operation, FloorOperation) and operation.completion_count > counts.get(
            operation.id, 0
        ):
            yield WorkOrderOperationCompleted(operation=_completed(after, operation))


def _completed(work_order: WorkOrder, operation: FloorOperation) -> CompletedOperation:
    return CompletedOperation.model_validate(
        {
            **{name: getattr(operation, name, None) for name in CompletedOperation.model_fields},
            "version": operation.completion_count,
            "work_order_id": work_order.id,
            "work_order_number": work_order.work_order_number,
            "production_order_id": work_order.production_order_id,
            "plant_id": work_order.plant_id,
            "plant_code": work_order.plant_code,
        }
    )


def _different(before: WorkOrder, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if getattr(before, name) != value}


def _next(work_order: WorkOrder, stamp: Stamp, fields: Mapping[str, Any]) -> WorkOrder:
    counted = {
        "version": work_order.version + 1,
        "updated_at": stamp.at,
        "updated_by": stamp.by,
    }
    return work_order.model_copy(update={**fields, **counted})


def _cancelled_operations(work_order: WorkOrder) -> tuple[Any, ...]:
    return tuple(
        operation.model_copy(update={"status": OperationStatus.CANCELLED})
        if operation.status in operations.LIVE
        else operation
        for operation in work_order.operations
    )
