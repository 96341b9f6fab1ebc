"""When work may be put on lanes and taken off them (RULES 12): refusals with their facts."""

from collections.abc import Sequence

from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import LaneAssignment, LaneState, WorkOrder, WorkOrderStatus

_FINAL = frozenset({WorkOrderStatus.COMPLETED, WorkOrderStatus.CANCELLED})


def unassignable(work_order: WorkOrder) -> Problem | None:
    """Tell why a work order is not put on lanes; None for a released or running one."""
    number, status = work_order.work_order_number, work_order.status
    facts = {"work_order_number": number, "status": status.value}
    if status is WorkOrderStatus.PLANNED:
        detail = f"{number} is planned: release it first."
        return Problem(code=ProblemCode.WORK_ORDER_NOT_RELEASED, detail=detail, facts=facts)
    if status in _FINAL:
        detail = f"{number} is {status}: it needs no lane any more."
        return Problem(code=ProblemCode.WORK_ORDER_FINAL, detail=detail, facts=facts)
    return None


def lane_unnamed() -> Problem:
    """Refuse an assignment that names no lane."""
    message = "Name a lane, by lane_id or lane_number."
    fault = Fault(code="missing", path="lane_id", message=message)
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=message, faults=(fault,))


def not_held(lane: LaneState, work_order_number: str | None = None) -> Problem:
    """Refuse to take off a lane what is not on it."""
    who = work_order_number or "No work order"
    negation = "is not" if work_order_number else "is"
    return Problem(
        code=ProblemCode.NOT_ASSIGNED,
        detail=f"{who} {negation} on lane {lane.lane_number}.",
        facts={
            "lane_number": lane.lane_number,
            "work_order_ids": [str(held.work_order_id) for held in lane.assignments],
        },
    )


def several_hold(lane: LaneState) -> Problem:
    """Refuse to guess which of several work orders leaves a lane."""
    numbers = [held.work_order_number for held in lane.assignments]
    message = f"{' and '.join(numbers)} are on lane {lane.lane_number}: name one of them."
    fault = Fault(
        code="missing",
        path="work_order_id",
        message=message,
        facts={"work_order_ids": [str(held.work_order_id) for held in lane.assignments]},
    )
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=message, faults=(fault,))


def running(held: LaneAssignment, operation_numbers: Sequence[int]) -> Problem:
    """Refuse to take work off a lane while it runs there."""
    number, lane = held.work_order_number, held.lane_number
    return Problem(
        code=ProblemCode.PRODUCTION_RUNNING,
        detail=f"{number} is running on lane {lane}: pause or complete it first.",
        facts={
            "lane_number": lane,
            "work_order_id": str(held.work_order_id),
            "work_order_number": number,
            "operation_numbers": list(operation_numbers),
        },
    )
