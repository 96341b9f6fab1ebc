"""What the shop floor reports, and what it means for a production order (SPEC 10, RULES 5, 14)."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from lineside_contracts.planning import ProductionOrderStatus as Status
from lineside_contracts.problems import Fault
from lineside_contracts.shopfloor import WorkOrder, WorkOrderReplanRefused, WorkOrderStatus
from lineside_manufacturing import quantities
from lineside_planning.orders.domain import orders, routing_answers
from lineside_planning.orders.domain.orders import PlannedOrder

TELLING = frozenset(
    {WorkOrderStatus.IN_PROGRESS, WorkOrderStatus.COMPLETED, WorkOrderStatus.CANCELLED}
)
"""Work order states that may move a production order; releases do not."""

_BEGUN = frozenset({WorkOrderStatus.IN_PROGRESS, WorkOrderStatus.COMPLETED})


@dataclass(frozen=True, slots=True)
class FloorWorkOrder:
    """What planning keeps of a work order.

    Attributes:
        quantity_completed: Good pieces in the unit of its last operation.
        units_per_product: How many of these are in one product.
        predecessor_ids: Work orders directly before it.
    """

    id: UUID
    production_order_id: UUID
    version: int
    status: WorkOrderStatus
    quantity_completed: Decimal
    units_per_product: Fraction
    predecessor_ids: tuple[UUID, ...]


def floor_work_order(work_order: WorkOrder, production_order_id: UUID) -> FloorWorkOrder:
    """Keep what matters of a work order."""
    last = max(work_order.operations, key=lambda o: o.operation_number, default=None)
    return FloorWorkOrder(
        id=work_order.id,
        production_order_id=production_order_id,
        version=work_order.version,
        status=work_order.status,
        quantity_completed=work_order.quantity_completed,
        units_per_product=last.units_per_product if last else Fraction(1),
        predecessor_ids=work_order.predecessor_work_order_ids,
    )


def follow_floor(order: PlannedOrder, floor: Collection[FloorWorkOrder]) -> PlannedOrder:
    """Let an order stand where its work orders are.

    Args:
        order: As it is.
        floor: All of its work orders that have begun or ended.
    """
    if order.state.status in orders.FINAL:
        return order
    completed = [w for w in floor if w.status is WorkOrderStatus.COMPLETED]
    followed = order.having(work_orders_completed=len(completed))
    if orders.standing(order) in orders.UNSTARTED and any(w.status in _BEGUN for w in floor):
        followed = orders.advance(followed, Status.IN_PROGRESS)
    if not 0 < order.state.work_order_count <= len(completed):
        return followed
    finished = followed.having(
        quantity_completed=_good_quantity(completed, decimals=order.state.unit_decimals)
    )
    return orders.advance(finished, Status.COMPLETED)


def note_refusal(order: PlannedOrder, refusal: WorkOrderReplanRefused) -> PlannedOrder:
    """Note that the floor keeps what it has: work had started before the amendment came."""
    state = order.state
    exception = Fault(
        code=routing_answers.REPLAN_REFUSED,
        path=f"work_orders[{refusal.work_order.work_order_number}]",
        message=f"The floor keeps its work order: {refusal.reason}",
        facts={
            "work_order_number": refusal.work_order.work_order_number,
            "planning_version": refusal.planning_version,
            "quantity_ordered": str(state.quantity_ordered),
        },
    )
    noted = orders.with_exception(order, exception)
    if not _is_older_expansion(order, refusal.work_order):
        return noted
    return noted.having(work_order_count=order.previous_work_order_count)


def _is_older_expansion(order: PlannedOrder, work_order: WorkOrder) -> bool:
    version = work_order.expansion_version
    return version is not None and version < order.state.expansion_version


def _good_quantity(completed: Collection[FloorWorkOrder], *, decimals: int) -> Decimal:
    """Finished products: the good of the last work order, the least where several end."""
    followed = {before for work_order in completed for before in work_order.predecessor_ids}
    ends = [w for w in completed if w.id not in followed] or list(completed)
    products = min(Fraction(w.quantity_completed) / w.units_per_product for w in ends)
    steps = products * 10**decimals
    return quantities.decimal_of(steps.numerator // steps.denominator, decimals)
