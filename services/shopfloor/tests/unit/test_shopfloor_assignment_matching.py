"""Which waiting work goes on which free lane."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lineside_contracts.values import OperationType, Priority
from lineside_shopfloor.assignment.domain import matching
from lineside_shopfloor.assignment.domain.matching import (
    Changeover,
    Making,
    Match,
    OpenLane,
    Waiting,
)
from lineside_shopfloor.lanes.domain.fitting import WorkNeeds

RED, BLUE = Making("RED-1", "RED"), Making("BLUE-1", "BLUE")


def waiting(number: int, **over: Any) -> Waiting:
    values: dict[str, Any] = {
        "id": UUID(int=number),
        "work_order_number": f"WO-{number}",
        "needs": WorkNeeds("MAIN", OperationType.FABRICATION, frozenset({"PRESS"})),
        "priority": Priority.MEDIUM,
        "due_date": date(2026, 12, 1),
        "making": RED,
    }
    return Waiting(**values | over)


def lane(number: int, **over: Any) -> OpenLane:
    values: dict[str, Any] = {
        "id": UUID(int=1000 + number),
        "lane_number": f"L{number}",
        "plant_code": "MAIN",
        "lane_type": OperationType.FABRICATION,
        "work_center_code": "PRESS",
        "room": 1,
        "last_work_order_id": None,
        "made": Making(),
    }
    return OpenLane(**values | over)


def pairs(found: Sequence[Match]) -> dict[str, str]:
    return {one.waiting.work_order_number: one.lane.lane_number for one in found}


def test_priority_goes_before_due_date_and_due_date_before_age() -> None:
    queue = [
        waiting(1),
        waiting(2, due_date=date(2026, 11, 30)),
        waiting(3, priority=Priority.URGENT, due_date=None),
        waiting(4, due_date=None),
    ]
    assert [one.id.int for one in matching.ordered(queue)] == [3, 2, 1, 4]
    assert pairs(matching.match([lane(1)], queue)) == {"WO-3": "L1"}


def test_between_equals_the_lane_takes_what_changes_it_least() -> None:
    queue = [waiting(1, making=BLUE), waiting(2, making=Making("RED-2", "RED")), waiting(3)]
    red = lane(1, made=RED)
    assert pairs(matching.match([red], queue)) == {"WO-3": "L1"}
    assert pairs(matching.match([red], queue[:2])) == {"WO-2": "L1"}
    assert pairs(matching.match([red], queue[:1])) == {"WO-1": "L1"}


def test_a_changeover_never_goes_before_a_due_date() -> None:
    queue = [waiting(1, making=BLUE, due_date=date(2026, 11, 1)), waiting(2)]
    assert pairs(matching.match([lane(1, made=RED)], queue)) == {"WO-1": "L1"}


def test_of_several_free_lanes_a_work_order_gets_the_one_that_changes_least() -> None:
    lanes = [lane(1), lane(2, made=RED), lane(3, made=BLUE)]
    (found,) = matching.match(lanes, [waiting(1, making=BLUE)])
    assert (found.lane.lane_number, found.changeover) == ("L3", Changeover.SAME_PRODUCT)


def test_a_lane_of_no_work_center_is_left_to_whoever_fits_no_other() -> None:
    saw = WorkNeeds("MAIN", OperationType.FABRICATION, frozenset({"SAW"}))
    lanes = [lane(1, work_center_code=None), lane(2)]
    assert pairs(matching.match(lanes, [waiting(1), waiting(2, needs=saw)])) == {
        "WO-1": "L2",
        "WO-2": "L1",
    }


def test_work_does_not_go_back_to_the_lane_it_was_taken_off() -> None:
    left = lane(1, last_work_order_id=UUID(int=1))
    assert matching.match([left], [waiting(1)]) == []
    assert pairs(matching.match([left, lane(2)], [waiting(1), waiting(2)])) == {
        "WO-1": "L2",
        "WO-2": "L1",
    }


@pytest.mark.parametrize(
    "over",
    [
        {"plant_code": "NORTH"},
        {"lane_type": OperationType.ASSEMBLY},
        {"work_center_code": "SAW"},
        {"room": 0},
    ],
    ids=["another plant", "another type", "another work center", "full"],
)
def test_nothing_goes_where_it_does_not_fit(over: dict[str, Any]) -> None:
    assert matching.match([lane(1, **over)], [waiting(1)]) == []


def test_a_lane_of_capacity_two_takes_two() -> None:
    found = matching.match([lane(1, room=2)], [waiting(1), waiting(2), waiting(3)])
    assert pairs(found) == {"WO-1": "L1", "WO-2": "L1"}


_CENTERS = st.sampled_from(["PRESS", "SAW"])
_TYPES = st.sampled_from([OperationType.FABRICATION, OperationType.ASSEMBLY])
_PLANTS = st.sampled_from(["MAIN", "NORTH"])
_MAKINGS = st.sampled_from([RED, BLUE, Making("RED-2", "RED"), Making()])

_WAITING = st.builds(
    lambda number, plant, kind, centers, priority, due, making: waiting(
        number,
        needs=WorkNeeds(plant, kind, centers),
        priority=priority,
        due_date=due,
        making=making,
    ),
    st.integers(1, 40),
    _PLANTS,
    _TYPES,
    st.frozensets(_CENTERS),
    st.sampled_from(list(Priority)),
    st.none() | st.sampled_from([date(2026, 12, 1), date(2026, 12, 2)]),
    _MAKINGS,
)
_LANES = st.builds(
    lambda number, plant, kind, center, room, last, made: lane(
        number,
        plant_code=plant,
        lane_type=kind,
        work_center_code=center,
        room=room,
        last_work_order_id=UUID(int=last),
        made=made,
    ),
    st.integers(1, 8),
    _PLANTS,
    _TYPES,
    st.none() | _CENTERS,
    st.integers(0, 3),
    st.integers(1, 40),
    _MAKINGS,
)


@given(
    st.lists(_LANES, max_size=6, unique_by=lambda one: one.id),
    st.lists(_WAITING, max_size=20, unique_by=lambda one: one.id),
)
def test_every_track_is_taken_once_by_what_fits_and_nobody_more_urgent_is_passed_over(
    lanes: list[OpenLane], queue: list[Waiting]
) -> None:
    found = matching.match(lanes, queue)
    taken = Counter(one.lane.id for one in found)
    placed = {one.waiting.id for one in found}
    assert len(placed) == len(found)
    assert all(taken[one.id] <= one.room for one in lanes)
    assert all(matching.may_take(one.lane, one.waiting) for one in found)
    for passed in (one for one in queue if one.id not in placed):
        for lane_left in (one for one in lanes if matching.may_take(one, passed)):
            on_it = [one for one in found if one.lane.id == lane_left.id]
            assert len(on_it) == lane_left.room
            assert all(one.waiting.urgency <= passed.urgency for one in on_it)
            equals = [one for one in on_it if one.waiting.urgency == passed.urgency]
            change = matching.changeover(lane_left.made, passed.making)
            kinds = list(Changeover)
            assert all(kinds.index(one.changeover) <= kinds.index(change) for one in equals)


def test_who_finds_a_lane_filled_by_the_more_urgent_gets_another_one() -> None:
    lanes = [lane(1, room=2, made=RED), lane(2)]
    queue = [waiting(1, priority=Priority.URGENT), waiting(2), waiting(3)]
    assert pairs(matching.match(lanes, queue)) == {"WO-1": "L1", "WO-2": "L1", "WO-3": "L2"}
