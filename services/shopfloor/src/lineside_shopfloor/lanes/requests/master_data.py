"""Lanes as master data; what each takes follows in the same transaction.

A lane that work is on is neither deleted nor taken out of use, narrowed or made another type: the
rows are locked before they are looked at, in the order of their ids.
"""

from collections.abc import Sequence
from uuid import UUID

from lineside_chassis.master_data import MasterData
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import LANES, Lane, LaneFields, LaneState
from lineside_shopfloor import tables
from lineside_shopfloor.lanes.domain import occupancy
from lineside_shopfloor.lanes.store import lanes
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.places.requests import access, places

Faults = tuple[Fault, ...]


def register(requests: Requests) -> None:
    """Answer what changes lanes as master data; how they stand is asked elsewhere."""
    MasterData(LANES, tables.lanes, check=lane_faults, in_use=refuse_lane_in_use).followed_by(
        follow
    ).register(requests)


async def lane_faults(uow: UnitOfWork, rows: Sequence[LaneFields]) -> Sequence[Faults]:
    """Find plants that do not exist, and what work on a lane does not let happen to it."""
    of_plants = await places.plant_code_faults(uow, rows)
    known = await lanes.lock_numbers(uow, [(row.plant_code, row.lane_number) for row in rows])
    states = {(lane.plant_code, lane.lane_number): lane for lane in known}
    return [
        (*faults, *_held_faults(row, states.get((row.plant_code, row.lane_number))))
        for row, faults in zip(rows, of_plants, strict=True)
    ]


async def refuse_lane_in_use(uow: UnitOfWork, lane: Lane) -> Problem | None:
    """Keep a lane that work orders are on."""
    access.require_plant(uow, lane.plant_code)
    locked = (await lanes.lock(uow, [lane.id])).get(lane.id)
    if locked is None or not locked.state.assignments:
        return None
    return Problem(
        code=ProblemCode.IN_USE,
        detail=f"Lane {lane.lane_number} is needed by {_numbers(locked.state)}.",
        facts={"needed_by": [held.work_order_number for held in locked.state.assignments]},
    )


async def follow(uow: UnitOfWork, lane_ids: Sequence[UUID]) -> None:
    """Let what lanes take follow what was written of them, and say it."""
    written = await lanes.lock_written(uow, lane_ids)
    stamp = Stamp(at=uow.now, by=uow.actor)
    lanes.save(
        uow,
        [occupancy.follow(lane, is_usable=usable, stamp=stamp) for lane, usable in written],
    )


def _held_faults(row: LaneFields, state: LaneState | None) -> Faults:
    if state is None or not state.assignments:
        return ()
    most = max(held.track for held in state.assignments)
    broken = {
        "is_active": not row.is_active,
        "capacity": row.capacity < most,
        "lane_type": row.lane_type != state.lane_type,
    }
    message = f"{_numbers(state)} is on lane {state.lane_number}: release it first."
    return tuple(
        Fault(code="in_use", path=path, message=message)
        for path, is_broken in broken.items()
        if is_broken
    )


def _numbers(state: LaneState) -> str:
    return " and ".join(held.work_order_number for held in state.assignments)
