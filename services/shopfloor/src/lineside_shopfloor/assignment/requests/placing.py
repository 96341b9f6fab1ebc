"""People put work on lanes, take it off, and pin what they placed.

Work orders are locked first, then lanes. Who starts from a lane reads what is on it, locks the work
order, then the lane, and looks again: where it changed meanwhile the request is done anew.
"""

from uuid import UUID

from lineside_chassis.errors import Conflict, Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    RELEASE_LANE,
    SET_ASSIGNMENT_PIN,
    AssignLane,
    AssignmentOrigin,
    LaneAssignment,
    LaneState,
    ReleaseLane,
    SetAssignmentPin,
    WorkOrder,
)
from lineside_shopfloor.assignment.domain import rules
from lineside_shopfloor.assignment.requests import board as shown
from lineside_shopfloor.assignment.store import board
from lineside_shopfloor.execution.store import pausing
from lineside_shopfloor.lanes.domain import fitting, occupancy
from lineside_shopfloor.lanes.domain.fitting import WorkNeeds
from lineside_shopfloor.lanes.domain.occupancy import Lane, Placing
from lineside_shopfloor.lanes.store import lanes
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.work_orders.requests import finding


def register(requests: Requests) -> None:
    """Answer what people do with work on lanes."""
    requests.answer(ASSIGN_LANE)(assign_lane)
    requests.answer(RELEASE_LANE)(release_lane)
    requests.answer(SET_ASSIGNMENT_PIN)(set_pin)


async def assign_lane(uow: UnitOfWork, request: AssignLane) -> LaneAssignment | Problem:
    """Put a released or running work order on a lane; its status stays."""
    work_order = await finding.for_change(uow, request.work_order_id, request.expected_version)
    if problem := rules.unassignable(work_order):
        return problem
    lane = await _wanted(uow, request, work_order)
    problem = fitting.misfit(lane.state, WorkNeeds.of(work_order))
    taken = problem or occupancy.take(lane, _placing(uow, request, work_order), stamp=_stamp(uow))
    if isinstance(taken, Problem):
        return taken
    lanes.save(uow, [taken])
    return taken.placed[0]


async def release_lane(uow: UnitOfWork, request: ReleaseLane) -> LaneState | Problem:
    """Take a work order off a lane, unless it runs there; it waits for a lane again."""
    seen = await shown.shown_lane(uow, request.lane_id)
    leaving = _leaving(seen, request.work_order_id)
    if isinstance(leaving, Problem):
        return leaving
    await finding.existing(uow, leaving.work_order_id, for_update=True)
    lane = await locked_lane(uow, request.lane_id)
    held = occupancy.holds(lane, leaving.work_order_id)
    if held is None or held.id != leaving.id:
        raise Conflict(f"{leaving.work_order_number} left lane {seen.lane_number} meanwhile")
    running = await board.running(uow, lane.state.id)
    if leaving.work_order_id in running:
        return rules.running(held, running[leaving.work_order_id])
    await pausing.leave_lane(uow, leaving.work_order_id, lane.state.id)
    freed = occupancy.free(lane, leaving.work_order_id, reason=request.reason, stamp=_stamp(uow))
    lanes.save(uow, [freed])
    return freed.state


async def set_pin(uow: UnitOfWork, request: SetAssignmentPin) -> LaneAssignment | Problem:
    """Pin an assignment that holds, or let automation move it."""
    seen = await board.assignment(uow, request.assignment_id)
    if seen is None:
        detail, facts = (
            "There is no such assignment.",
            {"assignment_id": str(request.assignment_id)},
        )
        return Problem(code=ProblemCode.NOT_FOUND, detail=detail, facts=facts)
    access.require_plant(uow, seen.plant_code)
    lane = await locked_lane(uow, seen.lane_id)
    if not any(held.id == seen.id for held in lane.state.assignments):
        return rules.not_held(lane.state, seen.work_order_number)
    pinned = occupancy.pin(lane, seen.id, is_pinned=request.is_pinned)
    lanes.save(uow, [pinned])
    return next(held for held in pinned.state.assignments if held.id == seen.id)


async def locked_lane(uow: UnitOfWork, lane_id: UUID) -> Lane:
    """Lock a lane the person may touch.

    Raises:
        Refused: There is none, or it stands in a plant that is not theirs.
    """
    lane = (await lanes.lock(uow, [lane_id])).get(lane_id)
    if lane is None:
        raise shown.missing_lane(lane_id=str(lane_id))
    access.require_plant(uow, lane.state.plant_code)
    return lane


async def _wanted(uow: UnitOfWork, request: AssignLane, work_order: WorkOrder) -> Lane:
    if request.lane_id is not None:
        return await locked_lane(uow, request.lane_id)
    if request.lane_number is None:
        raise Refused(rules.lane_unnamed())
    known = await lanes.ids_by_number(uow, request.lane_number, plant_code=work_order.plant_code)
    if work_order.plant_code not in known:
        raise shown.missing_lane(lane_number=request.lane_number, plant_code=work_order.plant_code)
    return await locked_lane(uow, known[work_order.plant_code])


def _leaving(lane: LaneState, work_order_id: UUID | None) -> LaneAssignment | Problem:
    if work_order_id is None and len(lane.assignments) > 1:
        return rules.several_hold(lane)
    own = [held for held in lane.assignments if work_order_id in {None, held.work_order_id}]
    return own[0] if own else rules.not_held(lane)


def _placing(uow: UnitOfWork, request: AssignLane, work_order: WorkOrder) -> Placing:
    return Placing(
        assignment_id=uow.new_id(),
        work_order_id=work_order.id,
        work_order_number=work_order.work_order_number,
        origin=AssignmentOrigin.MANUAL,
        is_pinned=request.is_pinned,
        notes=request.notes,
    )


def _stamp(uow: UnitOfWork) -> Stamp:
    return Stamp(at=uow.now, by=uow.actor)
