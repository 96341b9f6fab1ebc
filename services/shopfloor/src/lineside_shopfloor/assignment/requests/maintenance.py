"""A lane goes to maintenance and comes back; what runs on it is paused, and stays on it."""

from lineside_chassis.errors import Conflict
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import SET_LANE_MAINTENANCE, LaneState, SetLaneMaintenance
from lineside_shopfloor.assignment.requests import board as shown, placing
from lineside_shopfloor.assignment.store import board
from lineside_shopfloor.execution.store import pausing
from lineside_shopfloor.lanes.domain import occupancy
from lineside_shopfloor.lanes.domain.occupancy import Lane
from lineside_shopfloor.lanes.store import lanes
from lineside_shopfloor.places.domain.facts import Stamp


def register(requests: Requests) -> None:
    """Answer the beginning and the end of maintenance."""
    requests.answer(SET_LANE_MAINTENANCE)(set_maintenance)


async def set_maintenance(uow: UnitOfWork, request: SetLaneMaintenance) -> LaneState | Problem:
    """Begin or end the maintenance of a lane."""
    await shown.shown_lane(uow, request.lane_id)
    changed = await (_begun(uow, request) if request.action == "start" else _ended(uow, request))
    if isinstance(changed, Problem):
        return changed
    lanes.save(uow, [changed])
    return changed.state


async def _begun(uow: UnitOfWork, request: SetLaneMaintenance) -> Lane | Problem:
    """Pause what runs, then close the lane: work orders are locked before lanes."""
    running = await board.running(uow, request.lane_id)
    await pausing.pause_all(
        uow, dict.fromkeys(running, request.lane_id), reason=request.reason, by=uow.actor
    )
    lane = await placing.locked_lane(uow, request.lane_id)
    if (await board.running(uow, request.lane_id)).keys() - running.keys():
        raise Conflict(f"Work began on lane {lane.state.lane_number} meanwhile")
    return occupancy.begin_maintenance(
        lane, reason=request.reason, stamp=Stamp(at=uow.now, by=uow.actor)
    )


async def _ended(uow: UnitOfWork, request: SetLaneMaintenance) -> Lane | Problem:
    lane = await placing.locked_lane(uow, request.lane_id)
    return occupancy.end_maintenance(
        lane, reason=request.reason, stamp=Stamp(at=uow.now, by=uow.actor)
    )
