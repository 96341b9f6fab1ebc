"""A lane takes work and is freed again: its tracks, its status, and what is said of it.

A lane of capacity n has the tracks 1 to n; it is occupied when all are taken. Each step counts the
version once and says one event. What a step needs of time and people comes in a stamp.
"""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from lineside_contracts.envelope import EventPayload
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    AssignmentOrigin,
    LaneAssigned,
    LaneAssignment,
    LaneReleased,
    LaneState,
    LaneStatus,
    LaneStatusChanged,
)
from lineside_shopfloor.places.domain.facts import Stamp

_CLOSED = frozenset({LaneStatus.MAINTENANCE, LaneStatus.INACTIVE})


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane after some steps.

    Attributes:
        state: As it stands after the last one, with the assignments that hold.
        events: What is said, one event per step.
        placed: Assignments that did not exist before.
        ended: Assignments that held before and no longer do.
        repinned: Assignments whose pin changed.
    """

    state: LaneState
    events: tuple[EventPayload, ...] = ()
    placed: tuple[LaneAssignment, ...] = ()
    ended: tuple[LaneAssignment, ...] = ()
    repinned: tuple[LaneAssignment, ...] = ()


@dataclass(frozen=True, slots=True)
class Placing:
    """A work order that is to come to a lane, and how it came there."""

    assignment_id: UUID
    work_order_id: UUID
    work_order_number: str
    origin: AssignmentOrigin
    is_pinned: bool = False
    notes: str | None = None


def holds(lane: Lane, work_order_id: UUID) -> LaneAssignment | None:
    """Find the assignment by which a work order holds a lane."""
    own = (held for held in lane.state.assignments if held.work_order_id == work_order_id)
    return next(own, None)


def refusal(lane: Lane, work_order_id: UUID) -> Problem | None:
    """Tell why a lane does not take a work order now (RULES 39); None where it does."""
    state = lane.state
    if holds(lane, work_order_id) is not None:
        return _already_assigned(state, work_order_id)
    if state.status in _CLOSED:
        return _unavailable(state)
    if len(state.assignments) >= state.capacity:
        return _occupied(state)
    return None


def take(lane: Lane, placing: Placing, *, stamp: Stamp) -> Lane | Problem:
    """Put a work order on the lowest free track, or tell why it cannot go there."""
    problem = refusal(lane, placing.work_order_id)
    if problem is not None:
        return problem
    assignment = _assignment(lane.state, placing, stamp)
    held = tuple(sorted((*lane.state.assignments, assignment), key=lambda one: one.track))
    after = _next(lane.state, assignments=held, current_work_order_id=held[0].work_order_id)
    taken = replace(
        lane,
        state=after,
        events=(*lane.events, LaneAssigned(lane=after, assignment=assignment)),
        placed=(*lane.placed, assignment),
    )
    return _settled(taken, stamp=stamp)


def free(lane: Lane, work_order_id: UUID, *, reason: str | None, stamp: Stamp) -> Lane:
    """Take a work order off a lane; the lane stays as it is where it does not hold it."""
    held = holds(lane, work_order_id)
    if held is None:
        return lane
    ended = held.model_copy(
        update={"released_at": stamp.at, "released_by": stamp.by, "release_reason": reason}
    )
    left = tuple(one for one in lane.state.assignments if one.id != held.id)
    after = _next(
        lane.state,
        assignments=left,
        current_work_order_id=left[0].work_order_id if left else None,
        last_work_order_id=work_order_id,
    )
    freed = replace(
        lane,
        state=after,
        events=(*lane.events, LaneReleased(lane=after, assignment=ended)),
        ended=(*lane.ended, ended),
    )
    return _settled(freed, stamp=stamp)


def pin(lane: Lane, assignment_id: UUID, *, is_pinned: bool) -> Lane:
    """Pin an assignment that holds, or let automation move it; it is said again."""
    held = next(one for one in lane.state.assignments if one.id == assignment_id)
    if held.is_pinned is is_pinned:
        return lane
    pinned = held.model_copy(update={"is_pinned": is_pinned})
    every = tuple(pinned if one.id == held.id else one for one in lane.state.assignments)
    after = _next(lane.state, assignments=every)
    return replace(
        lane,
        state=after,
        events=(*lane.events, LaneAssigned(lane=after, assignment=pinned)),
        repinned=(*lane.repinned, pinned),
    )


def begin_maintenance(lane: Lane, *, reason: str | None, stamp: Stamp) -> Lane | Problem:
    """Close a lane for maintenance; what is on it stays on it."""
    if lane.state.status in _CLOSED:
        return _unavailable(lane.state)
    return _changed(lane, LaneStatus.MAINTENANCE, reason=reason, stamp=stamp)


def end_maintenance(lane: Lane, *, reason: str | None, stamp: Stamp) -> Lane | Problem:
    """Open a lane again after maintenance."""
    if lane.state.status is not LaneStatus.MAINTENANCE:
        return Problem(
            code=ProblemCode.INVALID_STATUS_TRANSITION,
            detail=f"Lane {lane.state.lane_number} is {lane.state.status}, not in maintenance.",
            facts={
                "from": lane.state.status.value,
                "to": LaneStatus.AVAILABLE.value,
                "allowed": [LaneStatus.MAINTENANCE.value]
                if lane.state.status is not LaneStatus.INACTIVE
                else [],
                "lane_number": lane.state.lane_number,
            },
        )
    return _changed(lane, open_status(lane.state), reason=reason, stamp=stamp)


def follow(lane: Lane, *, is_usable: bool, stamp: Stamp) -> Lane:
    """Follow what was written of a lane: it is in use, or no longer, or takes more or less.

    A lane in maintenance stays there while it is in use. One of which nothing was ever said comes
    from where it is not.
    """
    if lane.state.version == 0:
        before = LaneStatus.INACTIVE if is_usable else LaneStatus.AVAILABLE
        lane = replace(lane, state=lane.state.model_copy(update={"status": before}))
    if not is_usable:
        return _changed(lane, LaneStatus.INACTIVE, reason=None, stamp=stamp)
    if lane.state.status is LaneStatus.MAINTENANCE:
        return lane
    return _changed(lane, open_status(lane.state), reason=None, stamp=stamp)


def open_status(state: LaneState) -> LaneStatus:
    """Tell what a lane that is open stands at: occupied when every track is taken."""
    is_full = len(state.assignments) >= state.capacity
    return LaneStatus.OCCUPIED if is_full else LaneStatus.AVAILABLE


def _settled(lane: Lane, *, stamp: Stamp) -> Lane:
    """Let the status follow the tracks, where the lane is open."""
    if lane.state.status in _CLOSED:
        return lane
    return _changed(lane, open_status(lane.state), reason=None, stamp=stamp)


def _changed(lane: Lane, to: LaneStatus, *, reason: str | None, stamp: Stamp) -> Lane:
    old = lane.state.status
    if old is to:
        return lane
    after = _next(lane.state, status=to, status_reason=reason, status_changed_at=stamp.at)
    said = LaneStatusChanged(lane=after, old_status=old, new_status=to, reason=reason)
    return replace(lane, state=after, events=(*lane.events, said))


def _assignment(state: LaneState, placing: Placing, stamp: Stamp) -> LaneAssignment:
    taken = {held.track for held in state.assignments}
    return LaneAssignment(
        id=placing.assignment_id,
        lane_id=state.id,
        lane_number=state.lane_number,
        track=next(track for track in range(1, state.capacity + 1) if track not in taken),
        work_order_id=placing.work_order_id,
        work_order_number=placing.work_order_number,
        plant_code=state.plant_code,
        origin=placing.origin,
        is_pinned=placing.is_pinned,
        notes=placing.notes,
        assigned_at=stamp.at,
        assigned_by=stamp.by,
    )


def _next(state: LaneState, **fields: Any) -> LaneState:
    return state.model_copy(update={**fields, "version": state.version + 1})


def _already_assigned(state: LaneState, work_order_id: UUID) -> Problem:
    return Problem(
        code=ProblemCode.ALREADY_ASSIGNED,
        detail=f"The work order is on lane {state.lane_number} already.",
        facts={"lane_number": state.lane_number, "work_order_id": str(work_order_id)},
    )


def _unavailable(state: LaneState) -> Problem:
    words = "in maintenance" if state.status is LaneStatus.MAINTENANCE else "out of use"
    why = f" ({state.status_reason})" if state.status_reason else ""
    return Problem(
        code=ProblemCode.LANE_UNAVAILABLE,
        detail=f"Lane {state.lane_number} is {words}{why}.",
        facts={"lane_number": state.lane_number, "status": state.status.value},
    )


def _occupied(state: LaneState) -> Problem:
    current = state.current_work_order_id
    numbers = ", ".join(held.work_order_number for held in state.assignments)
    return Problem(
        code=ProblemCode.LANE_OCCUPIED,
        detail=f"Lane {state.lane_number} is occupied by {numbers}.",
        facts={
            "lane_number": state.lane_number,
            "current_work_order_id": None if current is None else str(current),
        },
    )
