"""How people end a work order: closed with what was made, or called off (RULES 6, 14)."""

from collections.abc import Mapping
from decimal import Decimal

from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import CompleteWorkOrder, WorkOrder, WorkOrderStatus
from lineside_shopfloor.work_orders.domain import transitions


def completion_problem(work_order: WorkOrder, request: CompleteWorkOrder) -> Problem | None:
    """Tell why a work order may not be completed as asked.

    One that runs may be ended at any quantity; below what was ordered somebody must say why.
    """
    if not transitions.is_allowed(work_order.status, WorkOrderStatus.COMPLETED):
        return transitions.refusal(work_order.status, WorkOrderStatus.COMPLETED)
    ordered, completed = work_order.quantity_ordered, work_order.quantity_completed
    if completed >= ordered or _is_said(request.reason):
        return None
    missing = ordered - completed
    return Problem(
        code=ProblemCode.REASON_REQUIRED,
        detail=f"{work_order.work_order_number} is {missing:f} {work_order.unit_code} short of"
        f" {ordered:f}: say why it ends here.",
        facts={
            "ordered": f"{ordered:f}",
            "completed": f"{completed:f}",
            "short_by": f"{missing:f}",
            "unit": work_order.unit_code,
        },
    )


def cancellation_problem(
    work_order: WorkOrder, *, in_process: Mapping[int, Decimal], is_decided: bool
) -> Problem | None:
    """Tell why a work order may not be called off as asked.

    Args:
        work_order: As it is.
        in_process: What has arrived at its operations and was not reported, and open rework.
        is_decided: Somebody has said what becomes of that.
    """
    if not transitions.is_allowed(work_order.status, WorkOrderStatus.CANCELLED):
        return transitions.refusal(work_order.status, WorkOrderStatus.CANCELLED)
    if work_order.status is not WorkOrderStatus.IN_PROGRESS or is_decided:
        return None
    at = {str(number): f"{quantity:f}" for number, quantity in sorted(in_process.items())}
    return Problem(
        code=ProblemCode.WORK_IN_PROCESS_UNDECIDED,
        detail=f"Work on {work_order.work_order_number} has started: say whether what is at its"
        " operations is scrap, or is returned.",
        facts={"at_operations": [int(number) for number in at], "quantities": at},
    )


def _is_said(reason: str | None) -> bool:
    return bool(reason and reason.strip())
