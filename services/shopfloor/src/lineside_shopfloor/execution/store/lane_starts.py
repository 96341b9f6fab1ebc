"""Work that starts or goes on meets others at its lane: locked, and taken where that is allowed."""

from dataclasses import dataclass
from uuid import UUID

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import AssignmentOrigin, LaneStatus, LogKind
from lineside_shopfloor.execution.domain import judging
from lineside_shopfloor.execution.domain.logs import FloorLog
from lineside_shopfloor.execution.domain.states import WorkState
from lineside_shopfloor.execution.store import logs
from lineside_shopfloor.lanes.domain import fitting, occupancy
from lineside_shopfloor.lanes.domain.fitting import WorkNeeds
from lineside_shopfloor.lanes.domain.occupancy import Lane, Placing
from lineside_shopfloor.lanes.store import lanes
from lineside_shopfloor.places.domain.facts import Stamp

_CLOSED = frozenset({LaneStatus.MAINTENANCE, LaneStatus.INACTIVE})


@dataclass(frozen=True, slots=True)
class LaneStart:
    """What a lane says to work that starts there or goes on.

    Attributes:
        taken: The lane, taken for it just now.
        problem: Why it cannot.
        has_left: It happened while the work order held the lane, which it has left since.
    """

    taken: Lane | None = None
    problem: Problem | None = None
    has_left: bool = False


async def look_up(uow: UnitOfWork, state: WorkState, log: FloorLog) -> LaneStart:
    """Lock the lane of a start or resume and see whether it takes the work.

    Whatever else is reported meets nobody at the lane; nor do corrections, or starts on a track
    that runs.
    """
    goes_on = log.kind in {LogKind.START, LogKind.RESUME} and log.corrects_log_id is None
    if log.lane_id is None or not goes_on:
        return LaneStart()
    if log.kind is LogKind.START and judging.is_running_already(state.progress, log):
        return LaneStart()
    locked = await lanes.lock(uow, [log.lane_id])
    lane = locked.get(log.lane_id)
    if lane is None:
        return LaneStart(problem=judging.not_assigned(state, log.lane_number))
    if occupancy.holds(lane, state.work_order.id) is not None:
        return LaneStart(problem=_closed(lane))
    if log.kind is LogKind.RESUME:
        return LaneStart()
    return await _without_assignment(uow, state, lane, log)


async def _without_assignment(
    uow: UnitOfWork, state: WorkState, lane: Lane, log: FloorLog
) -> LaneStart:
    if log.happened_at < uow.now and await _held_then(uow, state.work_order.id, log):
        return LaneStart(has_left=True)
    if not state.rules.assigns_at_start:
        return LaneStart(problem=judging.not_assigned(state, log.lane_number))
    misfit = fitting.misfit(lane.state, WorkNeeds.of(state.work_order))
    if misfit is not None:
        return LaneStart(problem=misfit)
    placing = Placing(
        assignment_id=uow.new_id(),
        work_order_id=state.work_order.id,
        work_order_number=state.work_order.work_order_number,
        origin=AssignmentOrigin.START,
    )
    taken = occupancy.take(lane, placing, stamp=Stamp(at=uow.now, by=log.logged_by))
    return LaneStart(problem=taken) if isinstance(taken, Problem) else LaneStart(taken=taken)


async def _held_then(uow: UnitOfWork, work_order_id: UUID, log: FloorLog) -> bool:
    left = await logs.departures(uow, work_order_id)
    return any(one.lane_id == log.lane_id and one.at > log.happened_at for one in left)


def _closed(lane: Lane) -> Problem | None:
    state = lane.state
    if state.status not in _CLOSED:
        return None
    return judging.lane_unavailable(state.lane_number, state.status.value)
