"""A lane takes work, is freed, and follows what people write of it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import (
    AssignmentOrigin,
    LaneAssigned,
    LaneReleased,
    LaneState,
    LaneStatus,
    LaneStatusChanged,
)
from lineside_contracts.values import Actor, OperationType
from lineside_shopfloor.lanes.domain import fitting, occupancy
from lineside_shopfloor.lanes.domain.fitting import WorkNeeds
from lineside_shopfloor.lanes.domain.occupancy import Lane, Placing
from lineside_shopfloor.places.domain.facts import Stamp

STAMP = Stamp(at=datetime(2026, 11, 20, 8, tzinfo=UTC), by=Actor(id="u1", name="Sue"))


def lane(**over: Any) -> Lane:
    values = {
        "id": UUID(int=1),
        "version": 1,
        "lane_number": "L1",
        "lane_name": "Press 1",
        "plant_code": "MAIN",
        "lane_type": OperationType.FABRICATION,
        "capacity": 1,
        "status": LaneStatus.AVAILABLE,
    }
    return Lane(LaneState.model_validate(values | over))


def placing(number: int) -> Placing:
    return Placing(
        assignment_id=UUID(int=100 + number),
        work_order_id=UUID(int=number),
        work_order_number=f"WO-{number}",
        origin=AssignmentOrigin.MANUAL,
    )


def taken(before: Lane, *numbers: int) -> Lane:
    for number in numbers:
        after = occupancy.take(before, placing(number), stamp=STAMP)
        assert isinstance(after, Lane)
        before = after
    return before


def test_each_step_counts_the_version_once_and_says_one_event() -> None:
    after = occupancy.free(taken(lane(), 1), UUID(int=1), reason="done", stamp=STAMP)
    assert [type(event) for event in after.events] == [
        LaneAssigned,
        LaneStatusChanged,
        LaneReleased,
        LaneStatusChanged,
    ]
    assert [event.state.version for event in after.events] == [2, 3, 4, 5]
    assert after.state.last_work_order_id == UUID(int=1)
    assert (after.state.status, after.state.current_work_order_id) == ("available", None)
    (ended,) = after.ended
    assert (ended.released_by, ended.release_reason) == (STAMP.by, "done")


def test_a_full_lane_names_who_is_on_it() -> None:
    problem = occupancy.take(taken(lane(), 1), placing(2), stamp=STAMP)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.facts) == (
        "lane_occupied",
        {"lane_number": "L1", "current_work_order_id": str(UUID(int=1))},
    )


def test_a_lane_of_capacity_two_is_available_until_both_tracks_are_taken() -> None:
    one = taken(lane(capacity=2), 1)
    assert one.state.status is LaneStatus.AVAILABLE
    two = taken(one, 2)
    assert two.state.status is LaneStatus.OCCUPIED
    freed = occupancy.free(two, UUID(int=1), reason=None, stamp=STAMP)
    assert (freed.state.current_work_order_id, freed.state.assignments[0].track) == (
        UUID(int=2),
        2,
    )
    assert taken(freed, 3).placed[-1].track == 1


def test_work_is_on_a_lane_once() -> None:
    problem = occupancy.take(taken(lane(capacity=2), 1), placing(1), stamp=STAMP)
    assert isinstance(problem, Problem)
    assert problem.code == "already_assigned"


@pytest.mark.parametrize("status", [LaneStatus.MAINTENANCE, LaneStatus.INACTIVE])
def test_a_closed_lane_says_how_it_stands(status: LaneStatus) -> None:
    problem = occupancy.take(lane(status=status), placing(1), stamp=STAMP)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.facts) == (
        "lane_unavailable",
        {"lane_number": "L1", "status": status.value},
    )


def test_work_stays_on_a_lane_through_its_maintenance_and_may_be_freed_in_it() -> None:
    closed = occupancy.begin_maintenance(taken(lane(), 1), reason="belt", stamp=STAMP)
    assert isinstance(closed, Lane)
    assert (closed.state.status, len(closed.state.assignments)) == ("maintenance", 1)
    opened = occupancy.end_maintenance(closed, reason=None, stamp=STAMP)
    assert isinstance(opened, Lane)
    assert opened.state.status is LaneStatus.OCCUPIED
    freed = occupancy.free(closed, UUID(int=1), reason=None, stamp=STAMP)
    assert freed.state.status is LaneStatus.MAINTENANCE
    assert isinstance(occupancy.begin_maintenance(closed, reason=None, stamp=STAMP), Problem)
    assert isinstance(occupancy.end_maintenance(opened, reason=None, stamp=STAMP), Problem)


def test_a_new_lane_comes_from_where_it_is_not() -> None:
    (said,) = occupancy.follow(lane(version=0), is_usable=True, stamp=STAMP).events
    assert isinstance(said, LaneStatusChanged)
    assert (said.old_status, said.new_status, said.lane.version) == ("inactive", "available", 1)
    (said,) = occupancy.follow(lane(version=0), is_usable=False, stamp=STAMP).events
    assert isinstance(said, LaneStatusChanged)
    assert said.new_status is LaneStatus.INACTIVE


def test_a_lane_that_takes_more_is_available_again() -> None:
    full = taken(lane(), 1)
    wider = Lane(full.state.model_copy(update={"capacity": 2}))
    after = occupancy.follow(wider, is_usable=True, stamp=STAMP)
    assert after.state.status is LaneStatus.AVAILABLE
    assert occupancy.follow(full, is_usable=True, stamp=STAMP) == full


@pytest.mark.parametrize(
    ("needs", "code"),
    [
        (WorkNeeds("NORTH", OperationType.FABRICATION), "lane_plant_mismatch"),
        (WorkNeeds(None, OperationType.FABRICATION), "lane_plant_mismatch"),
        (WorkNeeds("MAIN", OperationType.TESTING), "lane_type_mismatch"),
        (
            WorkNeeds("MAIN", OperationType.FABRICATION, frozenset({"SAW"})),
            "lane_work_center_mismatch",
        ),
        (WorkNeeds("MAIN", OperationType.FABRICATION, frozenset({"SAW", "PRESS"})), None),
        (WorkNeeds("MAIN", OperationType.FABRICATION), None),
    ],
    ids=["plant", "no plant", "type", "work center", "alternate", "by hand"],
)
def test_a_lane_fits_work_of_its_plant_type_and_work_center(
    needs: WorkNeeds, code: str | None
) -> None:
    problem = fitting.misfit(lane(work_center_code="PRESS").state, needs)
    assert (problem.code.value if problem else None) == code


_STEPS = st.lists(st.tuples(st.sampled_from(["take", "free", "begin", "end"]), st.integers(1, 5)))


@given(st.integers(1, 3), _STEPS)
def test_whatever_happens_no_track_is_held_twice_and_the_status_tells_the_truth(
    capacity: int, steps: list[tuple[str, int]]
) -> None:
    now = lane(capacity=capacity)
    for step, number in steps:
        match step:
            case "take":
                after = occupancy.take(now, placing(number), stamp=STAMP)
            case "free":
                after = occupancy.free(now, UUID(int=number), reason=None, stamp=STAMP)
            case "begin":
                after = occupancy.begin_maintenance(now, reason=None, stamp=STAMP)
            case _:
                after = occupancy.end_maintenance(now, reason=None, stamp=STAMP)
        now = after if isinstance(after, Lane) else now
    held = now.state.assignments
    tracks = [one.track for one in held]
    assert tracks == sorted(set(tracks))
    assert all(1 <= track <= capacity for track in tracks)
    assert len({one.work_order_id for one in held}) == len(held)
    if now.state.status is not LaneStatus.MAINTENANCE:
        assert (now.state.status is LaneStatus.OCCUPIED) == (len(held) == capacity)
    assert [event.state.version for event in now.events] == list(range(2, now.state.version + 1))
    assert now.state.current_work_order_id == (held[0].work_order_id if held else None)
