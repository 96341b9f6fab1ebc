"""Reports that come late, and corrections: kept where they make sense, never in the bin."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.problems import ProblemCode
from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    CANCEL_WORK_ORDER,
    GET_WORK_ORDER,
    LIST_LOG_CONFLICTS,
    LIST_WORK_ORDER_LOGS,
    RECORD_PRODUCTION_LOG,
    RESOLVE_LOG_CONFLICT,
    AssignLane,
    CancelWorkOrder,
    GetWorkOrder,
    ListLogConflicts,
    ListWorkOrderLogs,
    LogConflict,
    ProductionLogRecorded,
    RecordProductionLog,
    ResolveLogConflict,
    WorkOrder,
)

BEGUN = SYSTEM_CLOCK.now() - timedelta(hours=3)
TWO_OPERATIONS = [
    {"operation_number": 10, "operation_name": "Cut"},
    {"operation_number": 20, "operation_name": "Weld"},
]


def at(minutes: int) -> datetime:
    return BEGUN + timedelta(minutes=minutes)


def report(kind: str, work_order: WorkOrder, **over: Any) -> RecordProductionLog:
    values = {"kind": kind, "work_order_id": work_order.id, **over}
    return RecordProductionLog.model_validate(values)


async def logged(floor: Any, kind: str, work_order: WorkOrder, **over: Any) -> Any:
    return await floor.granted(RECORD_PRODUCTION_LOG, report(kind, work_order, **over))


async def refused(floor: Any, kind: str, work_order: WorkOrder, **over: Any) -> Any:
    return await floor.refused(RECORD_PRODUCTION_LOG, report(kind, work_order, **over))


async def now_of(floor: Any, work_order: WorkOrder) -> Any:
    return await floor.granted(GET_WORK_ORDER, GetWorkOrder(work_order_id=work_order.id))


async def waiting(floor: Any, **over: Any) -> list[LogConflict]:
    page = await floor.granted(LIST_LOG_CONFLICTS, ListLogConflicts.model_validate(over))
    return list(page.items)


async def decide(floor: Any, conflict: LogConflict, **over: Any) -> LogConflict:
    values = {"log_conflict_id": conflict.id, "reason": "seen on the floor", **over}
    request = ResolveLogConflict.model_validate(values)
    decided: LogConflict = await floor.granted(RESOLVE_LOG_CONFLICT, request)
    return decided


@pytest.fixture
async def running(lane_floor: Any) -> tuple[WorkOrder, UUID]:
    """A work order of five that was started at minute 0 on lane L1."""
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    made = await lane_floor.released()
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=lane_id))
    await logged(lane_floor, "start", made, happened_at=at(0))
    return made, lane_id


async def test_reports_of_a_phone_that_was_offline_count_in_the_order_things_happened(
    lane_floor: Any, running: tuple[WorkOrder, UUID]
) -> None:
    made, lane_id = running
    await logged(lane_floor, "complete", made, good_quantity="2", happened_at=at(60))
    await logged(lane_floor, "pause", made, happened_at=at(20))
    late = await logged(lane_floor, "resume", made, happened_at=at(50))
    assert late.accepted
    await logged(lane_floor, "complete", made, good_quantity="3", happened_at=at(90))
    done = await now_of(lane_floor, made)
    (operation,) = done.operations
    assert (done.status, done.actual_end_at) == ("completed", at(90))
    assert (operation.actual_run_minutes, operation.actual_setup_minutes) == (60, 0)
    assert str(operation.actual_hours) == "1.0000"
    rows = await lane_floor.harness.sql(
        "shopfloor",
        "SELECT activity, ended_at - started_at AS lasted FROM work_intervals"
        " WHERE work_order_id = %(id)s ORDER BY started_at",
        tenant_id=lane_floor.tenant,
        parameters={"id": made.id},
    )
    minutes = [(row["activity"], row["lasted"].total_seconds() / 60) for row in rows]
    assert minutes == [("run", 20), ("pause", 30), ("run", 40)]
    assert await lane_floor.on(lane_id) == []
    said = await lane_floor.harness.events(
        ProductionLogRecorded, tenant_id=lane_floor.tenant, count=5
    )
    assert [event.payload.production_log.affected_from for event in said] == [
        at(0),
        at(60),
        at(20),
        at(50),
        at(90),
    ]


async def test_a_late_report_that_makes_no_sense_waits_for_a_supervisor(
    lane_floor: Any, running: tuple[WorkOrder, UUID]
) -> None:
    made, _ = running
    await logged(lane_floor, "complete", made, good_quantity="4")
    many = {"good_quantity": "3", "happened_at": at(30)}
    late = await logged(lane_floor, "complete", made, **many)
    assert (late.accepted, late.good_quantity) == (False, 3)
    assert late.conflict is not None
    assert (late.conflict.code, late.conflict.facts["ceiling"]) == (
        "quantity_exceeds_ordered",
        "5",
    )
    assert (await now_of(lane_floor, made)).quantity_completed == 4
    before_start = await logged(lane_floor, "pause", made, happened_at=at(-30))
    assert before_start.conflict is not None
    assert before_start.conflict.code == "production_not_started"
    assert [c.id for c in await waiting(lane_floor)] == [late.id, before_start.id]
    assert await waiting(lane_floor, plant_code="NORTH") == []
    decided = await decide(lane_floor, late.conflict, action="record", good_quantity="1")
    assert (decided.status, decided.version) == ("recorded", 2)
    done = await now_of(lane_floor, made)
    assert (done.status, done.quantity_completed) == ("completed", 5)
    dropped = await decide(lane_floor, before_start.conflict, action="discard")
    assert (dropped.status, dropped.log_id) == ("discarded", None)
    again = await lane_floor.refused(
        RESOLVE_LOG_CONFLICT,
        ResolveLogConflict(log_conflict_id=late.id, action="discard", reason="twice"),
    )
    assert (again.code, again.facts["status"]) == (ProblemCode.CONFLICT_RESOLVED, "recorded")
    assert await waiting(lane_floor) == []


async def test_what_happened_before_a_work_order_was_called_off_waits_too(
    lane_floor: Any, running: tuple[WorkOrder, UUID]
) -> None:
    made, lane_id = running
    await logged(lane_floor, "complete", made, good_quantity="1", happened_at=at(10))
    await lane_floor.granted(
        CANCEL_WORK_ORDER, CancelWorkOrder(work_order_id=made.id, work_in_process="return")
    )
    assert await lane_floor.on(lane_id) == []
    live = await refused(lane_floor, "complete", made, good_quantity="1")
    assert (live.code, live.facts) == (ProblemCode.WORK_ORDER_FINAL, {"status": "cancelled"})
    late = await logged(lane_floor, "complete", made, good_quantity="1", happened_at=at(20))
    assert late.conflict is not None
    assert late.conflict.code == "work_order_final"
    unknown = await refused(
        lane_floor, "complete", made, good_quantity="1", operation_number=99, happened_at=at(20)
    )
    assert unknown.code is ProblemCode.VALIDATION_FAILED


async def test_a_correction_replaces_what_it_names_and_the_newest_counts(
    lane_floor: Any, running: tuple[WorkOrder, UUID]
) -> None:
    made, _ = running
    first = await logged(lane_floor, "complete", made, good_quantity="3", happened_at=at(30))
    fixed = await logged(
        lane_floor,
        "complete",
        made,
        corrects_log_id=first.id,
        good_quantity="2",
        scrap_quantity="1",
    )
    assert (fixed.happened_at, fixed.corrects_log_id) == (at(30), first.id)
    problem = await refused(
        lane_floor, "complete", made, corrects_log_id=first.id, good_quantity="1"
    )
    assert (problem.code, problem.facts["newest_log_id"]) == (
        ProblemCode.CORRECTION_INVALID,
        str(fixed.id),
    )
    problem = await refused(lane_floor, "pause", made, corrects_log_id=fixed.id)
    assert problem.facts["field"] == "kind"
    problem = await refused(
        lane_floor, "complete", made, corrects_log_id=fixed.id, good_quantity="6"
    )
    assert problem.code is ProblemCode.QUANTITY_EXCEEDS_ORDERED
    void = await logged(lane_floor, "complete", made, corrects_log_id=fixed.id, is_void=True)
    now = await now_of(lane_floor, made)
    (operation,) = now.operations
    assert (now.quantity_completed, operation.scrap_quantity) == (0, 0)
    page = await lane_floor.granted(LIST_WORK_ORDER_LOGS, ListWorkOrderLogs(work_order_id=made.id))
    corrected = {log.id: log.corrected_by_log_id for log in page.items}
    assert (corrected[first.id], corrected[fixed.id], corrected[void.id]) == (
        fixed.id,
        void.id,
        None,
    )


async def test_what_a_late_report_makes_repetitive_does_not_keep_it_out(
    lane_floor: Any, running: tuple[WorkOrder, UUID]
) -> None:
    made, _ = running
    for kind, minute in (("pause", 60), ("resume", 120), ("pause", 150)):
        await logged(lane_floor, kind, made, happened_at=at(minute))
    resumed = await logged(lane_floor, "resume", made, happened_at=at(80))
    assert resumed.accepted
    (operation,) = (await now_of(lane_floor, made)).operations
    assert operation.actual_run_minutes == 60 + 70
    paused = await logged(lane_floor, "pause", made, happened_at=at(100))
    assert paused.accepted
    (operation,) = (await now_of(lane_floor, made)).operations
    assert operation.actual_run_minutes == 60 + 20 + 30


async def test_a_start_that_others_build_on_cannot_be_taken_back(
    lane_floor: Any, running: tuple[WorkOrder, UUID]
) -> None:
    made, _ = running
    page = await lane_floor.granted(LIST_WORK_ORDER_LOGS, ListWorkOrderLogs(work_order_id=made.id))
    (start,) = page.items
    pause = await logged(lane_floor, "pause", made, happened_at=at(40))
    problem = await refused(lane_floor, "start", made, corrects_log_id=start.id, is_void=True)
    assert (problem.code, problem.facts) == (
        ProblemCode.LOG_OUT_OF_ORDER,
        {"log_id": str(pause.id), "reason": "production_not_started"},
    )
    await logged(
        lane_floor, "start", made, corrects_log_id=start.id, happened_at=at(10), worker_count=2
    )
    now = await now_of(lane_floor, made)
    (operation,) = now.operations
    assert (now.actual_start_at, operation.actual_run_minutes) == (at(10), 30)
    assert operation.actual_labour_minutes == 60


async def test_pieces_that_were_used_already_bound_a_correction(lane_floor: Any) -> None:
    await lane_floor.plant()
    made = await lane_floor.released(operations=TWO_OPERATIONS)
    for number in (10, 20):
        await logged(lane_floor, "start", made, operation_number=number)
    cut = await logged(lane_floor, "complete", made, operation_number=10, good_quantity="4")
    await logged(lane_floor, "complete", made, operation_number=20, good_quantity="3")
    problem = await refused(lane_floor, "complete", made, corrects_log_id=cut.id, good_quantity="2")
    assert (problem.code, problem.facts) == (
        ProblemCode.PIECES_NOT_AVAILABLE,
        {"operation_number": 20, "available": "2", "attempting": "3"},
    )
    await logged(lane_floor, "complete", made, corrects_log_id=cut.id, good_quantity="3")


async def test_a_completed_work_order_can_be_corrected_and_stays_completed(
    lane_floor: Any, running: tuple[WorkOrder, UUID]
) -> None:
    made, _ = running
    last = await logged(lane_floor, "complete", made, good_quantity="5", happened_at=at(60))
    await logged(lane_floor, "complete", made, corrects_log_id=last.id, good_quantity="4")
    now = await now_of(lane_floor, made)
    assert (now.status, now.quantity_completed, now.actual_end_at) == ("completed", 4, at(60))
    (operation,) = now.operations
    assert (operation.status, operation.good_quantity, operation.actual_run_minutes) == (
        "completed",
        4,
        60,
    )


async def test_what_lies_in_an_archive_is_not_read_as_if_it_had_never_been(
    lane_floor: Any, running: tuple[WorkOrder, UUID]
) -> None:
    made, _ = running
    work = await logged(lane_floor, "complete", made, good_quantity="2", happened_at=at(30))
    await lane_floor.harness.owner_sql(
        "shopfloor",
        "DELETE FROM production_logs WHERE work_order_id = %(id)s AND kind = 'start'",
        parameters={"id": made.id},
    )
    problem = await refused(
        lane_floor, "complete", made, corrects_log_id=work.id, good_quantity="1"
    )
    assert problem.code is ProblemCode.CORRECTION_INVALID
    late = await logged(lane_floor, "pause", made, happened_at=at(20))
    assert (late.accepted, late.conflict.code) == (False, "work_order_final")
    assert (await now_of(lane_floor, made)).quantity_completed == 2
