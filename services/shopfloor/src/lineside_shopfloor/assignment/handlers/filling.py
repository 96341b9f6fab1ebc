"""Free lanes take who waits for them: one decision for all that a batch of events may have moved.

Most batches free nothing and end after one cheap query. Who decides for a plant takes turns with
the other replicas, reads what is free and who waits, matches, locks the work orders and then the
lanes, and looks again. Where somebody was faster nothing is written, and the batch is decided anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from lineside_chassis.errors import Conflict
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import AssignmentOrigin
from lineside_contracts.values import Actor
from lineside_shopfloor.assignment.domain import matching
from lineside_shopfloor.assignment.domain.matching import Match, OpenLane
from lineside_shopfloor.assignment.store import live, queue
from lineside_shopfloor.assignment.store.queue import Group
from lineside_shopfloor.lanes.domain import occupancy
from lineside_shopfloor.lanes.domain.occupancy import Lane, Placing
from lineside_shopfloor.lanes.store import lanes as lane_store
from lineside_shopfloor.places.domain.facts import Stamp

AUTOMATIC = Actor(id="service:shopfloor", name="Automatic assignment")

EXTRA = 50
"""So many more than there are lanes are read of the queue: equals among them may change less."""


@dataclass(slots=True)
class Moved:
    """What events may have moved.

    Attributes:
        plants: The plants they are of, each with one event: the cause of what no other explains.
        whole: Plants of which everything is to be looked at.
        lanes: Lanes that may have become free, each with its event.
        work_orders: Work orders that may have begun to wait, each with its event.
    """

    plants: dict[str, Envelope] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    lanes: dict[UUID, Envelope] = field(default_factory=dict)
    work_orders: dict[UUID, Envelope] = field(default_factory=dict)

    def cause_of(self, found: Match) -> Envelope:
        """Tell which event led to an assignment."""
        own = self.work_orders.get(found.waiting.id) or self.lanes.get(found.lane.id)
        return own or self.plants[found.lane.plant_code]


async def fill(uow: UnitOfWork, moved: Moved) -> None:
    """Put who waits on the lanes that are free.

    Raises:
        Conflict: Somebody else was faster.
    """
    if not moved.plants or not (free := await _concerned(uow, moved)):
        return
    await queue.take_turns(uow, [lane.plant_code for lane in free])
    ids = {lane.id for lane in free}
    still = await queue.free_lanes(uow, [lane.plant_code for lane in free])
    lanes = [lane for lane in still if lane.id in ids]
    matches = matching.match(lanes, await _queue(uow, lanes))
    if matches:
        await _place(uow, matches, moved)


async def _concerned(uow: UnitOfWork, moved: Moved) -> list[OpenLane]:
    """Tell which free lanes may take somebody now who could not before."""
    free = await queue.free_lanes(uow, moved.plants)
    if not free:
        return []
    newly = await queue.named(uow, moved.work_orders)
    return [
        lane
        for lane in free
        if lane.id in moved.lanes
        or lane.plant_code in moved.whole
        or any(matching.may_take(lane, waiting) for waiting in newly)
    ]


async def _queue(uow: UnitOfWork, lanes: Sequence[OpenLane]) -> list[matching.Waiting]:
    if not lanes:
        return []
    groups = {Group(one.plant_code, one.lane_type, one.work_center_code) for one in lanes}
    most = sum(lane.room for lane in lanes) + EXTRA
    return await queue.waiting(uow, groups, most=most)


async def _place(uow: UnitOfWork, matches: Sequence[Match], moved: Moved) -> None:
    waiting = await live.lock_waiting(uow, [found.waiting.id for found in matches])
    locked = await lane_store.lock(uow, [found.lane.id for found in matches])
    for found in matches:
        if found.waiting.id not in waiting or found.lane.id not in locked:
            raise Conflict(f"{found.waiting.work_order_number} or its lane is taken meanwhile")
        lane = _taken(uow, locked[found.lane.id], found)
        lane_store.save(uow, [lane], caused_by=moved.cause_of(found))
        locked[found.lane.id] = Lane(lane.state)


def _taken(uow: UnitOfWork, lane: Lane, found: Match) -> Lane:
    placing = Placing(
        assignment_id=uow.new_id(),
        work_order_id=found.waiting.id,
        work_order_number=found.waiting.work_order_number,
        origin=AssignmentOrigin.AUTOMATIC,
    )
    taken = occupancy.take(lane, placing, stamp=Stamp(at=uow.now, by=AUTOMATIC))
    if isinstance(taken, Problem):
        raise Conflict(taken.detail)
    return taken
