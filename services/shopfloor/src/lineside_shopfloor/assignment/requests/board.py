"""The lane board, the history of assignments, and who waits for which lane."""

from datetime import datetime
from uuid import UUID

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    GET_LANE,
    GET_LANE_QUEUE,
    LIST_LANE_ASSIGNMENTS,
    LIST_LANES,
    GetLane,
    GetLaneQueue,
    LaneAssignment,
    LaneQueue,
    LaneState,
    ListLaneAssignments,
    ListLanes,
)
from lineside_contracts.values import OperationType
from lineside_shopfloor.assignment.domain import queueing
from lineside_shopfloor.assignment.store import board, queue
from lineside_shopfloor.assignment.store.queue import Group
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.work_orders.requests import finding

_MODES = ("automatic", "suggest", "manual")


def register(requests: Requests) -> None:
    """Answer what people ask about lanes."""
    requests.answer(LIST_LANES)(list_lanes)
    requests.answer(GET_LANE)(get_lane)
    requests.answer(LIST_LANE_ASSIGNMENTS)(list_assignments)
    requests.answer(GET_LANE_QUEUE)(get_queue)


async def list_lanes(uow: UnitOfWork, request: ListLanes) -> Page[LaneState]:
    """Page through the lanes, by plant and number."""
    plants = access.shown_plants(uow, request.plant_code)
    cursor = pages.decode_cursor(request.cursor, length=2)
    after = (str(cursor[0]), str(cursor[1])) if cursor else None
    found = await board.page(uow, request, plants=plants, after=after)
    return pages.page(
        found, limit=request.limit, key=lambda lane: [lane.plant_code, lane.lane_number]
    )


async def get_lane(uow: UnitOfWork, request: GetLane) -> LaneState:
    """Find one lane as it stands."""
    return await shown_lane(uow, request.lane_id)


async def list_assignments(uow: UnitOfWork, request: ListLaneAssignments) -> Page[LaneAssignment]:
    """Page through the assignments of lanes or work orders, the newest first."""
    plants = access.shown_plants(uow, request.plant_code)
    cursor = pages.decode_cursor(request.cursor, length=2)
    before = (_instant_of(cursor[0]), finding.id_of(cursor[1])) if cursor else None
    found = await board.history(uow, request, plants=plants, before=before)
    return pages.page(
        found, limit=request.limit, key=lambda one: [one.assigned_at.isoformat(), one.id]
    )


async def get_queue(uow: UnitOfWork, request: GetLaneQueue) -> LaneQueue | Problem:
    """Show who waits in a plant, with the lanes they would get now; nothing is written."""
    access.require_plant(uow, request.plant_code)
    mode = await board.mode_of(uow, request.plant_code)
    if mode is None:
        return Problem(
            code=ProblemCode.NOT_FOUND,
            detail=f"There is no plant {request.plant_code}.",
            facts={"plant_code": request.plant_code},
        )
    types = [request.lane_type] if request.lane_type else list(OperationType)
    groups = [Group(request.plant_code, lane_type) for lane_type in types]
    waiting = await queue.waiting(uow, groups, most=request.limit)
    lanes = await board.of_plant(uow, request.plant_code)
    free = await queue.free_lanes(uow, [request.plant_code], modes=_MODES)
    items = queueing.view(waiting, lanes, free)[: request.limit]
    return LaneQueue(plant_code=request.plant_code, assignment_mode=mode, items=tuple(items))


async def shown_lane(uow: UnitOfWork, lane_id: UUID) -> LaneState:
    """Find a lane the person may see.

    Raises:
        Refused: There is none, or it stands in a plant that is not theirs.
    """
    lane = await board.one(uow, lane_id)
    if lane is None:
        raise missing_lane(lane_id=str(lane_id))
    access.require_plant(uow, lane.plant_code)
    return lane


def missing_lane(**facts: str | None) -> Refused:
    """Refuse what names a lane that is not there."""
    detail = "There is no such lane."
    return Refused(Problem(code=ProblemCode.NOT_FOUND, detail=detail, facts=dict(facts)))


def _instant_of(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise finding.foreign_cursor() from None
    if found.tzinfo is None:
        raise finding.foreign_cursor()
    return found
