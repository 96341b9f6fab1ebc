"""Operations as the floor keeps them: with what their timing needs besides (RULES 25)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from lineside_contracts.shopfloor import OperationStatus, WorkOrder, WorkOrderOperation
from lineside_manufacturing.durations import TimeBasis
from lineside_shopfloor.places.domain.facts import Stamp

LIVE = frozenset({OperationStatus.PENDING, OperationStatus.IN_PROGRESS})
"""Something may still be reported on it."""


class FloorOperation(WorkOrderOperation):
    """An operation of a work order, as it is stored; others read it without these five fields.

    Four say how it hands over: in batches of so many good pieces, after so much make-ready, with
    run minutes that grow by piece, by charge or not at all. The fifth counts its completions: the
    version of what is said of them.
    """

    transfer_batch_quantity: Decimal | None = None
    setup_scrap_quantity: Decimal = Decimal(0)
    time_basis: TimeBasis = "per_unit"
    batch_size: Decimal | None = None
    completion_count: int = 0

    @property
    def is_open(self) -> bool:
        """Something may still be reported on it."""
        return self.status in LIVE


def operations_of(work_order: WorkOrder) -> tuple[FloorOperation, ...]:
    """Take a work order's operations as the floor keeps them.

    Raises:
        TypeError: One of them is not from here: what timing needs would be lost.
    """
    own = tuple(o for o in work_order.operations if isinstance(o, FloorOperation))
    if len(own) != len(work_order.operations):
        raise TypeError(f"{work_order.work_order_number} was not loaded or made by the floor")
    return own


def completed(
    operation: FloorOperation, *, stamp: Stamp, stated_hours: Decimal | None = None
) -> FloorOperation:
    """Complete an operation that is still open; one that is not stays as it is.

    Args:
        operation: As it is; what was reported on it stays.
        stamp: When, and who says so.
        stated_hours: As a person states them; None leaves those that were stated before.
    """
    if not operation.is_open:
        return operation
    fields: dict[str, Any] = {
        "status": OperationStatus.COMPLETED,
        "completed_by": stamp.by,
        "completed_at": stamp.at,
        "completion_count": operation.completion_count + 1,
    }
    if stated_hours is not None:
        fields["stated_hours"] = stated_hours
    return operation.model_copy(update=fields)


def replaced(
    work_order: WorkOrder, changed: Iterable[FloorOperation]
) -> tuple[FloorOperation, ...]:
    """Put changed operations in the places of those of the same number."""
    by_number = {operation.operation_number: operation for operation in changed}
    return tuple(by_number.get(o.operation_number, o) for o in operations_of(work_order))
