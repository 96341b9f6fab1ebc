"""What becomes of a work order within one transaction: its state after it, and what is said.

Each step counts the version once and says one event, so that versions stay 1, 2, 3 … per work
order however many steps a transaction takes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from lineside_contracts.envelope import EventPayload
from lineside_contracts.shopfloor import (
    OperationStatus,
    WorkOrder,
    WorkOrderChanged,
    WorkOrderCreated,
    WorkOrderReplanRefused,
    WorkOrderStatus,
    WorkOrderStatusChanged,
)
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.work_orders.domain import transitions

NewId = Callable[[], UUID]
"""Where ids come from; the caller's clock makes them."""

_LIVE_OPERATION = frozenset({OperationStatus.PENDING, OperationStatus.IN_PROGRESS})


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
    different = {name: value for name, value in fields.items() if getattr(before, name) != value}
    if not different:
        return outcome
    after = _next(before, stamp, different)
    said = WorkOrderChanged(work_order=after, changed_fields=tuple(sorted(different)))
    kept = {operation.id for operation in after.operations}
    left = tuple(operation.id for operation in before.operations if operation.id not in kept)
    return replace(
        outcome,
        work_order=after,
        events=(*outcome.events, said),
        touched=outcome.touched | different.keys(),
        left_operation_ids=(*outcome.left_operation_ids, *left),
    )


def moved(
    outcome: Outcome, to: WorkOrderStatus, *, stamp: Stamp, reason: str | None = None
) -> Outcome:
    """The status changes, and with a cancellation that of the open operations.

    Raises:
        ValueError: The table of transitions does not allow it; ask it first.
    """
    before = outcome.work_order
    if not transitions.is_allowed(before.status, to):
        raise ValueError(f"{before.work_order_number} cannot go from {before.status} to {to}")
    fields: dict[str, Any] = {"status": to}
    if to is WorkOrderStatus.CANCELLED:
        fields |= {"cancel_reason": reason, "operations": _cancelled_operations(before)}
    after = _next(before, stamp, fields)
    said = WorkOrderStatusChanged(
        work_order=after, old_status=before.status, new_status=to, reason=reason
    )
    return replace(
        outcome,
        work_order=after,
        events=(*outcome.events, said),
        touched=outcome.touched | fields.keys(),
    )


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
        if operation.status in _LIVE_OPERATION
        else operation
        for operation in work_order.operations
    )
