"""Operations as the floor keeps them: with what their timing needs besides (RULES 25)."""

from decimal import Decimal

from lineside_contracts.shopfloor import WorkOrder, WorkOrderOperation
from lineside_manufacturing.durations import TimeBasis


class FloorOperation(WorkOrderOperation):
    """An operation of a work order, as it is stored; others read it without these four fields.

    They say how it hands over: in batches of so many good pieces, after so much make-ready, with
    run minutes that grow by piece, by charge or not at all.
    """

    transfer_batch_quantity: Decimal | None = None
    setup_scrap_quantity: Decimal = Decimal(0)
    time_basis: TimeBasis = "per_unit"
    batch_size: Decimal | None = None


def operations_of(work_order: WorkOrder) -> tuple[FloorOperation, ...]:
    """Take a work order's operations as the floor keeps them.

    Raises:
        TypeError: One of them is not from here: what timing needs would be lost.
    """
    own = tuple(o for o in work_order.operations if isinstance(o, FloorOperation))
    if len(own) != len(work_order.operations):
        raise TypeError(f"{work_order.work_order_number} was not loaded or made by the floor")
    return own
