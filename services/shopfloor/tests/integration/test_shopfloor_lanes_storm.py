"""Everybody at once at the same lanes: whatever they do to them, the lanes stay true."""

import asyncio
import random
from collections import defaultdict
from typing import Any
from uuid import UUID

from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    CANCEL_WORK_ORDER,
    LANES,
    RECORD_PRODUCTION_LOG,
    RELEASE_LANE,
    RELEASE_WORK_ORDER,
    SET_LANE_MAINTENANCE,
    ActOnWorkOrder,
    AssignLane,
    CancelWorkOrder,
    LaneAssigned,
    LaneReleased,
    LaneStatusChanged,
    RecordProductionLog,
    ReleaseLane,
    SetLaneMaintenance,
)

SEED = 4
"""What is tried is the same every time; in which order it meets is not."""


def step(floor: Any, chance: random.Random, lane_ids: list[UUID], ids: list[UUID]) -> Any:
    lane_id, work_order_id = chance.choice(lane_ids), chance.choice(ids)
    number = f"L{lane_ids.index(lane_id)}"
    update: Any = LANES.update_request
    fields = floor.lane_fields(number, capacity=chance.randint(1, 3))
    return chance.choice(
        [
            (RELEASE_WORK_ORDER, ActOnWorkOrder(work_order_id=work_order_id)),
            (RELEASE_WORK_ORDER, ActOnWorkOrder(work_order_id=work_order_id)),
            (ASSIGN_LANE, AssignLane(work_order_id=work_order_id, lane_id=lane_id)),
            (RELEASE_LANE, ReleaseLane(lane_id=lane_id)),
            (CANCEL_WORK_ORDER, CancelWorkOrder(work_order_id=work_order_id)),
            (SET_LANE_MAINTENANCE, SetLaneMaintenance(lane_id=lane_id, action="start")),
            (SET_LANE_MAINTENANCE, SetLaneMaintenance(lane_id=lane_id, action="end")),
            (LANES.update, update(code=str(lane_id), fields=fields)),
            *((RECORD_PRODUCTION_LOG, log(chance, work_order_id)) for _ in range(4)),
        ]
    )


def log(chance: random.Random, work_order_id: UUID) -> RecordProductionLog:
    kind = chance.choice(["start", "start", "pause", "resume", "complete"])
    fields = {"work_order_id": work_order_id, "kind": kind, "operation_number": 10}
    if kind == "complete":
        fields["good_quantity"] = chance.choice(["1", "5"])
    return RecordProductionLog.model_validate(fields)


async def deadlocks(floor: Any) -> int:
    query = "SELECT sum(deadlocks)::bigint AS n FROM pg_stat_database"
    return int((await floor.harness.owner_sql("shopfloor", query))[0]["n"])


async def test_a_storm_of_changes_neither_deadlocks_nor_overfills_a_lane(lane_floor: Any) -> None:
    await lane_floor.plant(mode="automatic")
    lane_ids = [await lane_floor.lane(f"L{n}", capacity=1 + n % 2) for n in range(4)]
    ids = [(await lane_floor.planned()).id for _ in range(24)]
    chance = random.Random(SEED)  # noqa: S311 -- no secret
    before = await deadlocks(lane_floor)
    asked = [step(lane_floor, chance, lane_ids, ids) for _ in range(360)]
    for start in range(0, len(asked), 60):
        answers = await asyncio.gather(
            *(
                lane_floor.harness.ask(endpoint, request, tenant_id=lane_floor.tenant)
                for endpoint, request in asked[start : start + 60]
            )
        )
        assert {a.problem.code for a in answers if a.status >= 500} == set()
    await lane_floor.harness.settle()
    assert await deadlocks(lane_floor) == before
    assert await lane_floor.harness.dead_letters(tenant_id=lane_floor.tenant) == []
    for lane_id in lane_ids:
        state = await lane_floor.state(lane_id)
        assert len(state.assignments) <= state.capacity
        if state.status != "maintenance":
            is_full = len(state.assignments) == state.capacity
            assert state.status == ("occupied" if is_full else "available")
    await every_change_is_said_once(lane_floor, lane_ids)


async def every_change_is_said_once(floor: Any, lane_ids: list[UUID]) -> None:
    said: dict[UUID, list[int]] = defaultdict(list)
    held: dict[UUID, set[UUID]] = defaultdict(set)
    for kind in (LaneStatusChanged, LaneAssigned, LaneReleased):
        for event in await floor.harness.events(kind, tenant_id=floor.tenant, count=0):
            said[event.payload.lane.id].append(event.payload.lane.version)
            if isinstance(event.payload, LaneAssigned):
                held[event.payload.lane.id].add(event.payload.assignment.id)
    for lane_id in lane_ids:
        state = await floor.state(lane_id)
        assert sorted(said[lane_id]) == list(range(1, state.version + 1))
        assert {one.id for one in state.assignments} <= held[lane_id]
