"""No lane ever takes more than it can, whoever asks and however many at once."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import psycopg
import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    SET_LANE_MAINTENANCE,
    AssignLane,
    LaneAssigned,
    LaneStatusChanged,
    SetLaneMaintenance,
    WorkOrder,
)

AT_ONCE = 32


async def assign_all(floor: Any, lane_id: UUID, work: list[WorkOrder]) -> list[Any]:
    asked = (
        floor.harness.ask(
            ASSIGN_LANE,
            AssignLane(work_order_id=one.id, lane_id=lane_id),
            tenant_id=floor.tenant,
            idempotency_key=str(one.id),
        )
        for one in work
    )
    return list(await asyncio.gather(*asked))


@pytest.mark.parametrize("capacity", [1, 2])
async def test_of_32_at_the_same_instant_a_lane_takes_its_capacity_and_refuses_the_rest(
    lane_floor: Any, capacity: int
) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane(capacity=capacity)
    work = [await lane_floor.released() for _ in range(AT_ONCE)]
    answers = await assign_all(lane_floor, lane_id, work)
    said = Counter(str(a.status if a.status < 400 else a.problem.code) for a in answers)
    assert said == {"201": capacity, "lane_occupied": AT_ONCE - capacity}
    state = await lane_floor.state(lane_id)
    assert (state.status, len(state.assignments)) == ("occupied", capacity)
    assert [held.track for held in state.assignments] == list(range(1, capacity + 1))
    facts = next(a.problem.facts for a in answers if a.status >= 400)
    assert facts == {
        "lane_number": "L1",
        "current_work_order_id": str(state.current_work_order_id),
    }
    events = await lane_floor.harness.events(
        LaneAssigned, tenant_id=lane_floor.tenant, count=capacity
    )
    assert len(events) == capacity


async def test_the_same_work_order_comes_to_a_lane_once_however_often_it_is_asked(
    lane_floor: Any,
) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane(capacity=2)
    work_order = await lane_floor.released()
    answers = await assign_all(lane_floor, lane_id, [work_order] * 8)
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body.id for answer in answers}) == 1
    again = AssignLane(work_order_id=work_order.id, lane_id=lane_id)
    assert (await lane_floor.refused(ASSIGN_LANE, again)).code == "already_assigned"


def raw(floor: Any, lane_id: UUID, work_order_id: UUID, track: int = 1) -> dict[str, Any]:
    return {
        "tenant_id": floor.tenant,
        "parameters": {
            "id": SYSTEM_CLOCK.new_id(),
            "tenant": floor.tenant,
            "lane": lane_id,
            "work_order": work_order_id,
            "track": track,
        },
    }


INSERT = (
    "INSERT INTO lane_assignments (tenant_id, id, lane_id, track, work_order_id, origin, is_pinned,"
    " assigned_at, assigned_by) VALUES (%(tenant)s, %(id)s, %(lane)s, %(track)s, %(work_order)s,"
    " 'manual', false, now(), '{}')"
)


async def test_the_database_refuses_what_would_overfill_a_lane(lane_floor: Any) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    one, two = await lane_floor.released(), await lane_floor.released()
    sql = lane_floor.harness.sql
    await sql("shopfloor", INSERT, **raw(lane_floor, lane_id, one.id))
    with pytest.raises(psycopg.errors.UniqueViolation):
        await sql("shopfloor", INSERT, **raw(lane_floor, lane_id, two.id))
    with pytest.raises(psycopg.errors.CheckViolation, match="no track 2"):
        await sql("shopfloor", INSERT, **raw(lane_floor, lane_id, two.id, track=2))
    with pytest.raises(psycopg.errors.CheckViolation, match="has work on it"):
        await sql(
            "shopfloor",
            "UPDATE lanes SET is_active = false WHERE id = %(lane)s",
            **raw(lane_floor, lane_id, two.id),
        )


async def test_the_database_refuses_work_for_a_lane_that_is_closed(lane_floor: Any) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    work_order = await lane_floor.released()
    begin = SetLaneMaintenance(lane_id=lane_id, action="start", reason="New belt")
    await lane_floor.granted(SET_LANE_MAINTENANCE, begin)
    problem = await lane_floor.refused(
        ASSIGN_LANE, AssignLane(work_order_id=work_order.id, lane_id=lane_id)
    )
    assert problem.code == "lane_unavailable"
    assert problem.facts == {"lane_number": "L1", "status": "maintenance"}
    with pytest.raises(psycopg.errors.CheckViolation, match="takes no work"):
        await lane_floor.harness.sql("shopfloor", INSERT, **raw(lane_floor, lane_id, work_order.id))
    said = await lane_floor.harness.events(LaneStatusChanged, tenant_id=lane_floor.tenant, count=2)
    assert [(e.payload.old_status, e.payload.new_status) for e in said] == [
        ("inactive", "available"),
        ("available", "maintenance"),
    ]
