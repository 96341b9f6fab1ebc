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

SHORT_BY = "short_by"
"""Exception of an order that was completed below the quantity ordered."""

_BEGUN = frozenset({WorkOrderStatus.IN_PROGRESS, WorkOrderStatus.COMPLETED})


@dataclass(frozen=True, slots=True)
class FloorWorkOrder:
    """What planning keeps of a work order.

    Attributes:
        quantity_completed: Good pieces in the unit of its last operation.
        units_per_product: How many of these are in one product.
        predecessor_ids: Work orders directly before it.
        expansion_version: The expansion it was last planned for; 0 where none is known.
    """

    id: UUID
    production_order_id: UUID
    version: int
    status: WorkOrderStatus
    quantity_completed: Decimal
    units_per_product: Fraction
    predecessor_ids: tuple[UUID, ...]
    expansion_version: int = 0


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
        expansion_version=work_order.expansion_version or 0,
    )


def follow_floor(order: PlannedOrder, floor: Collection[FloorWorkOrder]) -> PlannedOrder:
    """Let an order stand where its work orders are.

    It is completed with the last of them; where people cancelled the rest, with what was made, and
    where nothing good was, it goes back to routed and a person decides.

    Args:
        order: As it is.
        floor: All of its work orders that have begun or ended.
    """
    if order.state.status in orders.FINAL:
        return order
    completed = [w for w in floor if w.status is WorkOrderStatus.COMPLETED]
    followed = order.having(work_orders_completed=len(completed))
    if orders.standing(order) in orders.UNSTARTED and any(w.status in _BEGUN for w in floor):
        followed = orders.begin(followed)
    count = order.state.work_order_count
    if 0 < count <= len(completed):
        return _complete(followed, completed)
    called_off = _called_off_by_hand(order, floor)
    if called_off and 0 < count <= len(completed) + len(called_off):
        return _end(followed, [*completed, *called_off])
    return followed


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


def _called_off_by_hand(
    order: PlannedOrder, floor: Collection[FloorWorkOrder]
) -> list[FloorWorkOrder]:
    """Cancelled work orders of the expansion in force; none while another one is awaited.

    Work orders that a newer expansion made superfluous are cancelled too, but belong to older ones.
    """
    if orders.is_replanning(order):
        return []
    state = order.state
    version = state.expansion_version
    if routing_answers.is_kept_by_floor(order, state.planning_version):
        version = max((w.expansion_version for w in floor if w.status in _BEGUN), default=version)
    return [
        w for w in floor if w.status is WorkOrderStatus.CANCELLED and w.expansion_version >= version
    ]


def _complete(order: PlannedOrder, ended: Collection[FloorWorkOrder]) -> PlannedOrder:
    """Complete an order with what was made; what is missing is noted for a person (RULES 6)."""
    state = order.state
    made = _good_quantity(ended, decimals=state.unit_decimals)
    finished = orders.advance(order.having(quantity_completed=made), Status.COMPLETED)
    if made >= state.quantity_ordered:
        return finished
    short = state.quantity_ordered - made
    note = Fault(
        code=SHORT_BY,
        path="quantity_completed",
        message=f"It ended {short:f} {state.unit_code} short of {state.quantity_ordered:f}:"
        " decide whether to top up, accept or reschedule.",
        facts={
            "ordered": f"{state.quantity_ordered:f}",
            "completed": f"{made:f}",
            "short_by": f"{short:f}",
            "unit": state.unit_code,
        },
    )
    return orders.with_exceptions(finished, (note,), code=SHORT_BY)


def _end(order: PlannedOrder, ended: Collection[FloorWorkOrder]) -> PlannedOrder:
    """End an order whose last work was called off by hand."""
    if _good_quantity(ended, decimals=order.state.unit_decimals) > 0:
        return _complete(order, ended)
    note = Fault(
        code=orders.ALL_WORK_CANCELLED,
        path="work_orders",
        message="Every work order that was left has been cancelled and nothing good was made:"
        " plan the work anew, or cancel the order.",
        facts={"work_orders": len(ended)},
    )
    back = orders.advance(order, Status.ROUTED)
    return orders.with_exceptions(back, (note,), code=orders.ALL_WORK_CANCELLED)


def _good_quantity(ended: Collection[FloorWorkOrder], *, decimals: int) -> Decimal:
    """Finished products: the good of the last work order, the least where several end."""
    followed = {before for work_order in ended for before in work_order.predecessor_ids}
    ends = [w for w in ended if w.id not in followed] or list(ended)
    products = min(Fraction(w.quantity_completed) / w.units_per_product for w in ends)
    steps = products * 10**decimals
    return quantities.decimal_of(steps.numerator // steps.denominator, decimals)
