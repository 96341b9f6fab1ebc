"""The queue of a plant as a supervisor reads it: who is next, on which lane, and why who waits."""

from collections.abc import Sequence

from lineside_contracts.shopfloor import LaneState, LaneStatus, WaitingWorkOrder
from lineside_shopfloor.assignment.domain import matching
from lineside_shopfloor.assignment.domain.matching import Match, OpenLane, Waiting
from lineside_shopfloor.lanes.domain import fitting


def view(
    queue: Sequence[Waiting], lanes: Sequence[LaneState], free: Sequence[OpenLane]
) -> list[WaitingWorkOrder]:
    """Show who waits, in order, with the lane each would get now.

    Args:
        queue: Those who wait.
        lanes: Every lane of the plant.
        free: Those of them that have room.
    """
    matches = {found.waiting.id: found for found in matching.match(free, queue)}
    listed = matching.ordered(queue)
    order = sorted(listed, key=lambda one: (*one.urgency, _cost(matches.get(one.id)), one.id))
    return [
        _item(position, waiting, matches.get(waiting.id), lanes)
        for position, waiting in enumerate(order, start=1)
    ]


def waits_because(waiting: Waiting, lanes: Sequence[LaneState]) -> str:
    """Say why no lane is suggested for a work order."""
    needs = waiting.needs
    fitting_lanes = [lane for lane in lanes if fitting.misfit(lane, needs) is None]
    if not fitting_lanes:
        centers = " or ".join(sorted(needs.work_center_codes))
        where = f" of work center {centers}" if centers else ""
        return f"No lane{where} in {needs.plant_code} does {needs.operation_type}."
    return " ".join(_why_not(lane, waiting) for lane in fitting_lanes)


def _why_not(lane: LaneState, waiting: Waiting) -> str:
    number = lane.lane_number
    match lane.status:
        case LaneStatus.OCCUPIED:
            held = " and ".join(one.work_order_number for one in lane.assignments)
            return f"Lane {number} is taken by {held}."
        case LaneStatus.MAINTENANCE:
            return f"Lane {number} is in maintenance."
        case LaneStatus.INACTIVE:
            return f"Lane {number} is out of use."
        case LaneStatus.AVAILABLE if lane.last_work_order_id == waiting.id:
            return f"It was taken off lane {number}; a person or a start puts it back."
        case _:
            return f"Lane {number} goes to one before it."


def _cost(found: Match | None) -> int:
    kinds = list(matching.Changeover)
    return len(kinds) if found is None else kinds.index(found.changeover)


def _item(
    position: int, waiting: Waiting, found: Match | None, lanes: Sequence[LaneState]
) -> WaitingWorkOrder:
    return WaitingWorkOrder(
        position=position,
        work_order_id=waiting.id,
        work_order_number=waiting.work_order_number,
        operation_type=waiting.needs.operation_type,
        priority=waiting.priority,
        due_date=waiting.due_date,
        product_code=waiting.making.product_code,
        work_center_codes=tuple(sorted(waiting.needs.work_center_codes)),
        suggested_lane_id=found.lane.id if found else None,
        suggested_lane_number=found.lane.lane_number if found else None,
        changeover=found.changeover.value if found else None,
        waits_because=None if found else waits_because(waiting, lanes),
    )
