"""Which work orders of a released production order may be worked on (RULES 14)."""

from collections.abc import Sequence

from lineside_contracts.shopfloor import WorkOrderStatus
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.work_orders.domain import outcomes
from lineside_shopfloor.work_orders.domain.outcomes import Outcome


def with_ready_released(
    of_order: Sequence[Outcome], *, stamp: Stamp, all_at_once: bool
) -> list[Outcome]:
    """Release the planned work orders of one production order whose turn it is.

    Args:
        of_order: All work orders of the production order.
        stamp: When, and on whose behalf.
        all_at_once: The tenant's policy; otherwise those wait that follow uncompleted work. A
            cancelled predecessor never completes: what follows it is released by hand.
    """
    completed = {
        outcome.work_order.id
        for outcome in of_order
        if outcome.work_order.status is WorkOrderStatus.COMPLETED
    }
    return [
        outcomes.moved(outcome, WorkOrderStatus.RELEASED, stamp=stamp)
        if outcome.work_order.status is WorkOrderStatus.PLANNED
        and (all_at_once or completed.issuperset(outcome.work_order.predecessor_work_order_ids))
        else outcome
        for outcome in of_order
    ]
