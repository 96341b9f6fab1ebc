"""Released work comes to free lanes by itself, once, in the queue's order."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts.planning import ProductChanged
from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    CANCEL_WORK_ORDER,
    GET_LANE_QUEUE,
    RELEASE_LANE,
    RELEASE_WORK_ORDER,
    ActOnWorkOrder,
    AssignLane,
    CancelWorkOrder,
    GetLaneQueue,
    LaneAssigned,
    ReleaseLane,
    WorkOrderStatusChanged,
)
from lineside_testkit import builders


async def eventually(floor: Any, lane_id: UUID, expected: list[UUID]) -> None:
    for _ in range(100):
        if await floor.on(lane_id) == expected:
            return
        await asyncio.sleep(0.05)
    assert await floor.on(lane_id) == expected


async def queue(floor: Any, **over: Any) -> Any:
    return await floor.granted(GET_LANE_QUEUE, GetLaneQueue(plant_code="MAIN", **over))


async def test_a_released_work_order_gets_a_free_lane_and_the_next_one_waits_for_it(
    lane_floor: Any,
) -> None:
    await lane_floor.plant(mode="automatic")
    lane_id = await lane_floor.lane()
    first = await lane_floor.released()
    await eventually(lane_floor, lane_id, [first.id])
    low = await lane_floor.released(priority="low")
    urgent = await lane_floor.released(priority="urgent")
    await lane_floor.harness.settle()
    waiting = (await queue(lane_floor)).items
    assert [one.work_order_id for one in waiting] == [urgent.id, low.id]
    assert waiting[0].waits_because == f"Lane L1 is taken by {first.work_order_number}."
    await lane_floor.granted(CANCEL_WORK_ORDER, CancelWorkOrder(work_order_id=first.id))
    await eventually(lane_floor, lane_id, [urgent.id])
    state = await lane_floor.state(lane_id)
    (held,) = state.assignments
    assert (held.origin, held.is_pinned, held.assigned_by.id) == (
        "automatic",
        False,
        "service:shopfloor",
    )
    assert state.last_work_order_id == first.id


async def test_what_a_person_takes_off_a_lane_waits_and_does_not_go_straight_back(
    lane_floor: Any,
) -> None:
    await lane_floor.plant(mode="automatic")
    lane_id = await lane_floor.lane()
    work_order = await lane_floor.released(priority="urgent")
    await eventually(lane_floor, lane_id, [work_order.id])
    await lane_floor.granted(RELEASE_LANE, ReleaseLane(lane_id=lane_id, reason="No paper"))
    await lane_floor.harness.settle()
    assert await lane_floor.on(lane_id) == []
    (waiting,) = (await queue(lane_floor)).items
    assert waiting.work_order_id == work_order.id
    assert "a person or a start" in waiting.waits_because
    other = await lane_floor.released(priority="low")
    await eventually(lane_floor, lane_id, [other.id])
    second = await lane_floor.lane("L2")
    await eventually(lane_floor, second, [work_order.id])


@pytest.mark.parametrize("mode", ["suggest", "manual"])
async def test_only_automatic_plants_assign_by_themselves(lane_floor: Any, mode: str) -> None:
    await lane_floor.plant(mode=mode)
    lane_id = await lane_floor.lane()
    work_order = await lane_floor.released()
    await lane_floor.harness.settle()
    assert await lane_floor.on(lane_id) == []
    answer = await queue(lane_floor)
    assert answer.assignment_mode == mode
    (waiting,) = answer.items
    assert (waiting.suggested_lane_id, waiting.changeover) == (lane_id, "other")
    await lane_floor.mode("automatic")
    await eventually(lane_floor, lane_id, [work_order.id])


async def test_a_new_lane_takes_who_waits_at_once(lane_floor: Any) -> None:
    await lane_floor.plant(mode="automatic")
    work_order = await lane_floor.released()
    await lane_floor.harness.settle()
    assert (await queue(lane_floor)).items[0].waits_because == "No lane in MAIN does assembly."
    lane_id = await lane_floor.lane()
    await eventually(lane_floor, lane_id, [work_order.id])


async def test_between_equals_the_lane_takes_the_family_it_made_last(lane_floor: Any) -> None:
    families = {"RED-1": "RED", "RED-2": "RED", "BLUE-1": "BLUE"}
    for code, family in families.items():
        product = builders.product(product_code=code, product_category=family)
        await lane_floor.harness.publish(
            ProductChanged(product=product), tenant_id=lane_floor.tenant
        )
    await lane_floor.plant(mode="automatic")
    lane_id = await lane_floor.lane()
    first = await lane_floor.released(product_code="RED-1")
    await eventually(lane_floor, lane_id, [first.id])
    blue = await lane_floor.released(product_code="BLUE-1")
    red = await lane_floor.released(product_code="RED-2")
    await lane_floor.harness.settle()
    await lane_floor.granted(CANCEL_WORK_ORDER, CancelWorkOrder(work_order_id=first.id))
    await eventually(lane_floor, lane_id, [red.id])
    (waiting,) = (await queue(lane_floor)).items
    assert waiting.work_order_id == blue.id


async def test_work_goes_only_where_it_fits(lane_floor: Any) -> None:
    await lane_floor.plant(mode="automatic")
    await lane_floor.plant("NORTH", mode="automatic")
    elsewhere = [
        await lane_floor.lane("L1", plant_code="NORTH"),
        await lane_floor.lane("L2", lane_type="testing"),
        await lane_floor.lane("L3", work_center_code="BENCH-2"),
    ]
    operation = {"operation_number": 10, "operation_name": "Fold", "work_center_code": "BENCH-1"}
    work_order = await lane_floor.released(operations=[operation])
    await lane_floor.harness.settle()
    assert [await lane_floor.on(lane_id) for lane_id in elsewhere] == [[], [], []]
    fitting = await lane_floor.lane("L4", work_center_code="BENCH-1")
    await eventually(lane_floor, fitting, [work_order.id])


async def test_a_work_order_that_a_person_placed_gets_no_second_lane(lane_floor: Any) -> None:
    await lane_floor.plant(mode="manual")
    one, two = await lane_floor.lane("L1"), await lane_floor.lane("L2")
    work_order = await lane_floor.released()
    assign = AssignLane(work_order_id=work_order.id, lane_number="L2")
    held = await lane_floor.granted(ASSIGN_LANE, assign)
    assert held.is_pinned
    await lane_floor.mode("automatic")
    await lane_floor.harness.settle()
    assert (await lane_floor.on(one), await lane_floor.on(two)) == ([], [work_order.id])


async def test_events_twice_late_and_reordered_assign_once(lane_floor: Any) -> None:
    await lane_floor.plant(mode="automatic")
    lane_ids = [await lane_floor.lane(f"L{n}") for n in range(4)]
    work = [await lane_floor.released() for _ in range(6)]
    await lane_floor.harness.settle()
    released = [
        event
        for event in await lane_floor.harness.events(
            WorkOrderStatusChanged, tenant_id=lane_floor.tenant, count=6
        )
        if event.payload.new_status == "released"
    ]
    for event in reversed(released):
        await lane_floor.harness.publish(event.payload, tenant_id=lane_floor.tenant)
    await lane_floor.harness.settle()
    assigned = await lane_floor.harness.events(LaneAssigned, tenant_id=lane_floor.tenant, count=4)
    assert len(assigned) == 4
    held = [work_order_id for lane in lane_ids for work_order_id in await lane_floor.on(lane)]
    assert len(set(held)) == 4
    assert set(held) <= {one.id for one in work}


async def test_a_burst_through_two_replicas_fills_every_lane_once_by_priority(
    lane_floor: Any,
) -> None:
    await lane_floor.plant(mode="automatic")
    priorities = ["low", "medium", "high", "urgent"]
    planned = [await lane_floor.planned(priority=priorities[n % 4]) for n in range(24)]
    lane_ids = [await lane_floor.lane(f"L{n}", capacity=1 + n % 2) for n in range(8)]
    await asyncio.gather(
        *(
            lane_floor.granted(RELEASE_WORK_ORDER, ActOnWorkOrder(work_order_id=one.id))
            for one in planned
        )
    )
    await lane_floor.harness.settle()
    states = [await lane_floor.state(lane_id) for lane_id in lane_ids]
    assert [len(state.assignments) for state in states] == [1, 2] * 4
    held = [one.work_order_id for state in states for one in state.assignments]
    assert len(set(held)) == 12
    assert await lane_floor.harness.dead_letters(tenant_id=lane_floor.tenant) == []
    rank = {one.id: (-priorities.index(one.priority), one.id) for one in planned}
    waiting = [one.work_order_id for one in (await queue(lane_floor)).items]
    assert waiting == sorted(waiting, key=rank.__getitem__)
    assert set(waiting) | set(held) == set(rank)
