"""Thirty-two people at once: no report is lost, none counts twice, and nothing deadlocks."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context
from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    GET_WORK_ORDER,
    LIST_WORK_ORDER_LOGS,
    RECORD_PRODUCTION_LOG,
    SET_LANE_MAINTENANCE,
    AssignLane,
    GetWorkOrder,
    ListWorkOrderLogs,
    ProductionLog,
    ProductionLogRecorded,
    RecordProductionLog,
    SetLaneMaintenance,
    WorkOrder,
)
from lineside_shopfloor.execution.domain import logs as floor_logs, progress
from lineside_shopfloor.execution.domain.progress import Totals
from lineside_shopfloor.execution.store import logs, states
from lineside_testkit.harness import Harness

OPERATORS = 32
GESTURES = 8
ORDERED = 40
SEED = 7
TWO_OPERATIONS = [
    {"operation_number": 10, "operation_name": "Cut"},
    {"operation_number": 20, "operation_name": "Weld"},
]
KINDS = ("start", "start", "pause", "resume", "complete", "complete", "complete", "issue")


@pytest.fixture
async def database(harness: Harness) -> AsyncIterator[Database]:
    opened = Database(harness.installation.database("shopfloor").urls["app"], service="observer")
    yield opened
    await opened.close()


def gesture(chance: random.Random, work_order_id: UUID) -> RecordProductionLog:
    kind = chance.choice(KINDS)
    counts = kind == "complete"
    values = {
        "kind": kind,
        "work_order_id": work_order_id,
        "operation_number": chance.choice([10, 20]),
        "good_quantity": str(chance.randint(1, 4)) if counts else "0",
        "scrap_quantity": str(chance.randint(0, 1)) if counts else "0",
        "reason_code": "noise" if kind == "issue" else None,
    }
    return RecordProductionLog.model_validate(values)


async def deadlocks(floor: Any) -> int:
    query = "SELECT sum(deadlocks)::bigint AS n FROM pg_stat_database"
    return int((await floor.harness.owner_sql("shopfloor", query))[0]["n"])


async def test_thirty_two_operators_lose_nothing(lane_floor: Any, database: Database) -> None:
    await lane_floor.plant()
    lanes = [await lane_floor.lane(f"L{n}") for n in range(8)]
    orders = [
        await lane_floor.released(quantity_ordered=str(ORDERED), operations=TWO_OPERATIONS)
        for _ in lanes
    ]
    for made, lane_id in zip(orders, lanes, strict=True):
        await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=lane_id))
    before = await deadlocks(lane_floor)

    async def operator(number: int) -> list[ProductionLog]:
        chance = random.Random(SEED * 100 + number)  # noqa: S311 -- no secret
        kept = []
        for position in range(GESTURES):
            made = chance.choice(orders)
            key = f"{number}-{position}"
            request = gesture(chance, made.id)
            answers = await asyncio.gather(
                *(
                    lane_floor.harness.ask(
                        RECORD_PRODUCTION_LOG,
                        request,
                        tenant_id=lane_floor.tenant,
                        idempotency_key=key,
                    )
                    for _ in range(chance.choice([1, 1, 2]))
                )
            )
            assert {a.problem.code for a in answers if a.status >= 500} == set()
            accepted = [a.body for a in answers if a.status == 201]
            assert len({log.id for log in accepted}) <= 1
            kept += accepted[:1]
        return kept

    kept = [log for own in await asyncio.gather(*map(operator, range(OPERATORS))) for log in own]
    await lane_floor.granted(
        SET_LANE_MAINTENANCE,
        SetLaneMaintenance(lane_id=lanes[0], action="start", reason="oil"),
    )
    assert await deadlocks(lane_floor) == before
    assert len(kept) > OPERATORS
    for made in orders:
        await stored_agrees_with_logs(lane_floor, database, made)
        await totals_are_true(
            lane_floor, made, [log for log in kept if log.work_order_id == made.id]
        )
    logs = [log for made in orders for log in await all_logs(lane_floor, made)]
    said = await lane_floor.harness.events(
        ProductionLogRecorded, tenant_id=lane_floor.tenant, count=len(logs)
    )
    assert {e.payload.production_log.log_id for e in said} == {log.id for log in logs}


async def stored_agrees_with_logs(floor: Any, database: Database, made: WorkOrder) -> None:
    """Whatever way it took, what is kept is what its logs say when read anew."""
    context = Context(tenant_id=floor.tenant, correlation_id=SYSTEM_CLOCK.new_id())
    async with database.unit_of_work(context, read_only=True) as uow:
        state = await states.read(uow, made.id)
        assert state is not None
        known = await logs.of_work_order(uow, state.work_order)
        left = await logs.departures(uow, made.id)
    plan = replace(state.plan, departures=tuple(left))
    anew = progress.fold(plan, floor_logs.effective(known))
    kept = state.progress
    assert {k: (t.state, t.activity) for k, t in kept.tracks.items()} == {
        k: (t.state, t.activity) for k, t in anew.tracks.items()
    }
    assert {n: t for n, t in kept.totals.items() if t != Totals()} == {
        n: t for n, t in anew.totals.items() if t != Totals()
    }
    assert kept.completions.keys() == anew.completions.keys()
    assert kept.started_at == anew.started_at
    if anew.completion is not None:
        assert state.work_order.actual_end_at == anew.completion.at
    rows = await floor.harness.sql(
        "shopfloor",
        "SELECT operation_number, activity, started_at, ended_at FROM work_intervals"
        " WHERE work_order_id = %(id)s",
        tenant_id=floor.tenant,
        parameters={"id": made.id},
    )
    going = [track.open for track in anew.tracks.values() if track.open is not None]
    wanted = [
        (i.key.operation_number, i.activity, i.started_at, i.ended_at)
        for i in (*anew.closed, *going)
    ]
    found = [tuple(row.values()) for row in rows]
    assert sorted(found, key=repr) == sorted(wanted, key=repr)


async def test_late_reports_in_any_order_come_to_what_their_order_of_happening_says(
    lane_floor: Any, database: Database
) -> None:
    await lane_floor.plant()
    chance = random.Random(SEED)  # noqa: S311 -- no secret
    begun = SYSTEM_CLOCK.now() - timedelta(days=1)
    kept = 0
    for _ in range(4):
        made = await lane_floor.released(quantity_ordered=str(ORDERED), operations=TWO_OPERATIONS)
        for position in chance.sample(range(40), 40):
            at = begun + timedelta(minutes=position)
            request = gesture(chance, made.id).model_copy(update={"happened_at": at})
            answer = await lane_floor.granted(RECORD_PRODUCTION_LOG, request)
            kept += answer.accepted
        await stored_agrees_with_logs(lane_floor, database, made)
    assert kept > ORDERED


async def totals_are_true(floor: Any, made: WorkOrder, kept: list[ProductionLog]) -> None:
    """What is kept of the work order is the sum of what was accepted, and conserved (RULES 8)."""
    now: WorkOrder = await floor.granted(GET_WORK_ORDER, GetWorkOrder(work_order_id=made.id))
    stored = await all_logs(floor, made)
    assert {log.id for log in kept} <= {log.id for log in stored}
    for operation in now.operations:
        own = [log for log in kept if log.operation_number == operation.operation_number]
        assert operation.good_quantity == sum((log.good_quantity for log in own), Decimal(0))
        assert operation.scrap_quantity == sum((log.scrap_quantity for log in own), Decimal(0))
    first, last = now.operations
    assert last.good_quantity + last.scrap_quantity <= first.good_quantity
    assert now.quantity_completed == last.good_quantity <= ORDERED
    assert (now.status == "completed") == (last.good_quantity == ORDERED)


async def all_logs(floor: Any, made: WorkOrder) -> list[ProductionLog]:
    page = await floor.granted(
        LIST_WORK_ORDER_LOGS, ListWorkOrderLogs(work_order_id=made.id, limit=500)
    )
    return list(page.items)


async def test_of_two_who_start_on_one_free_lane_one_gets_it(lane_floor: Any) -> None:
    await lane_floor.plant(mode="suggest")
    lane_id = await lane_floor.lane()
    orders = [await lane_floor.released() for _ in range(6)]
    answers = await asyncio.gather(
        *(
            lane_floor.harness.ask(
                RECORD_PRODUCTION_LOG,
                RecordProductionLog(kind="start", work_order_id=made.id, lane_id=lane_id),
                tenant_id=lane_floor.tenant,
                idempotency_key=str(SYSTEM_CLOCK.new_id()),
            )
            for made in orders
        )
    )
    won = [answer.body.work_order_id for answer in answers if answer.status == 201]
    lost = [answer.problem for answer in answers if answer.status != 201]
    assert await lane_floor.on(lane_id) == won
    assert {problem.code for problem in lost} == {"lane_occupied"}
    assert {problem.facts["current_work_order_id"] for problem in lost} == {str(won[0])}


async def test_maintenance_and_starts_meet_at_the_lane(lane_floor: Any) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    made = await lane_floor.released()
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=lane_id))
    start = RecordProductionLog(kind="start", work_order_id=made.id, lane_id=lane_id)
    closing = SetLaneMaintenance(lane_id=lane_id, action="start", reason="oil")
    started, closed = await asyncio.gather(
        lane_floor.harness.ask(RECORD_PRODUCTION_LOG, start, tenant_id=lane_floor.tenant),
        lane_floor.harness.ask(SET_LANE_MAINTENANCE, closing, tenant_id=lane_floor.tenant),
    )
    assert closed.status == 200
    rows = await lane_floor.harness.sql(
        "shopfloor",
        "SELECT state FROM work_tracks WHERE work_order_id = %(id)s",
        tenant_id=lane_floor.tenant,
        parameters={"id": made.id},
    )
    states = [row["state"] for row in rows]
    assert states == (["paused"] if started.status == 201 else [])
    if started.status == 201:
        resume = RecordProductionLog(kind="resume", work_order_id=made.id)
        problem = await lane_floor.refused(RECORD_PRODUCTION_LOG, resume)
        assert problem.code == "lane_unavailable"
