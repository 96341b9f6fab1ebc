"""Reports from the floor: what they do to a work order, its lane and hours, and what is said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.problems import ProblemCode
from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    GET_PRODUCTION_LOG,
    GET_WORK_ORDER,
    LIST_PRODUCTION_LOGS,
    LIST_WORK_ORDER_LOGS,
    RECORD_PRODUCTION_LOG,
    AssignLane,
    GetProductionLog,
    GetWorkOrder,
    LaneReleased,
    ListProductionLogs,
    ListWorkOrderLogs,
    ProductionLogRecorded,
    RecordProductionLog,
    WorkOrder,
    WorkOrderOperationCompleted,
    WorkOrderProgressed,
    WorkOrderStatusChanged,
)

MINUTE = timedelta(minutes=1)
TWO_OPERATIONS = [
    {"operation_number": 10, "operation_name": "Cut"},
    {"operation_number": 20, "operation_name": "Weld"},
]


async def logged(floor: Any, kind: str, work_order: WorkOrder, **over: Any) -> Any:
    request = RecordProductionLog.model_validate(
        {"kind": kind, "work_order_id": work_order.id, **over}
    )
    return await floor.granted(RECORD_PRODUCTION_LOG, request)


async def refused(floor: Any, kind: str, work_order: WorkOrder, **over: Any) -> Any:
    request = RecordProductionLog.model_validate(
        {"kind": kind, "work_order_id": work_order.id, **over}
    )
    return await floor.refused(RECORD_PRODUCTION_LOG, request)


async def now_of(floor: Any, work_order: WorkOrder) -> Any:
    return await floor.granted(GET_WORK_ORDER, GetWorkOrder(work_order_id=work_order.id))


@pytest.fixture
async def assigned(lane_floor: Any) -> tuple[WorkOrder, UUID]:
    """A released work order of five on lane L1 of a plant where people assign."""
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    made = await lane_floor.released()
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=lane_id))
    return made, lane_id


async def test_a_day_of_work_goes_from_the_first_start_to_the_free_lane(
    lane_floor: Any, assigned: tuple[WorkOrder, UUID]
) -> None:
    made, lane_id = assigned
    start = await logged(lane_floor, "start", made, activity="setup", worker_count=2)
    assert (start.work_order_status, start.work_order_status_updated) == ("in_progress", True)
    assert (start.lane_number, start.operation_number) == ("L1", 10)
    await logged(lane_floor, "start", made)
    await logged(lane_floor, "pause", made, reason_code="material", good_quantity="2")
    await logged(lane_floor, "resume", made)
    await logged(lane_floor, "issue", made, reason_code="noise")
    scrapped = await logged(lane_floor, "complete", made, good_quantity="1", scrap_quantity="1")
    assert not scrapped.work_order_status_updated
    last = await logged(lane_floor, "complete", made, good_quantity="2", lot_number="LOT-7")
    assert (last.work_order_status, last.work_order_status_updated) == ("completed", True)
    done = await now_of(lane_floor, made)
    assert done.actual_end_at == last.happened_at
    assert await lane_floor.on(lane_id) == []
    _is_done(done)
    await _all_is_said(lane_floor, done)


def _is_done(done: Any) -> None:
    assert (done.status, done.quantity_completed) == ("completed", 5)
    assert done.actual_start_at is not None
    (operation,) = done.operations
    assert (operation.status, operation.good_quantity, operation.scrap_quantity) == (
        "completed",
        5,
        1,
    )
    assert operation.actual_setup_minutes > 0
    assert operation.actual_run_minutes > 0


async def _all_is_said(floor: Any, done: WorkOrder) -> None:
    tenant = floor.tenant
    said = await floor.harness.events(ProductionLogRecorded, tenant_id=tenant, count=7)
    assert [event.payload.production_log.version for event in said] == [1, 2, 3, 4, 5, 6, 7]
    totals = said[-1].payload.production_log.operations[0]
    assert (totals.good_quantity, totals.scrap_quantity, totals.is_completed) == (5, 1, True)
    changes = await floor.harness.events(WorkOrderStatusChanged, tenant_id=tenant, count=3)
    moved = [change.payload.new_status for change in changes]
    assert moved == ["released", "in_progress", "completed"]
    progressed = await floor.harness.events(WorkOrderProgressed, tenant_id=tenant)
    versions = [e.payload.work_order.version for e in (*changes, *progressed)]
    assert sorted(versions) == list(range(2, done.version + 1))
    (completion,) = await floor.harness.events(WorkOrderOperationCompleted, tenant_id=tenant)
    assert completion.payload.operation.good_quantity == 5
    assert await floor.harness.events(LaneReleased, tenant_id=tenant)


async def test_each_rule_of_state_is_refused_with_its_code_and_changes_nothing(
    lane_floor: Any, assigned: tuple[WorkOrder, UUID]
) -> None:
    made, _ = assigned
    for kind, over in (("pause", {}), ("complete", {"good_quantity": "1"}), ("resume", {})):
        problem = await refused(lane_floor, kind, made, **over)
        assert problem.code is ProblemCode.PRODUCTION_NOT_STARTED
    assert (await now_of(lane_floor, made)).status == "released"
    await logged(lane_floor, "start", made)
    before = await now_of(lane_floor, made)
    assert (await refused(lane_floor, "start", made)).code is ProblemCode.ALREADY_RUNNING
    assert (
        await refused(lane_floor, "resume", made)
    ).code is ProblemCode.CANNOT_RESUME_WITHOUT_PAUSE
    await logged(lane_floor, "pause", made)
    problem = await refused(lane_floor, "pause", made)
    assert (problem.code, problem.facts["allowed"]) == (
        ProblemCode.ALREADY_PAUSED,
        ["resume", "complete", "issue"],
    )
    assert (await refused(lane_floor, "start", made)).code is ProblemCode.ALREADY_PAUSED
    problem = await refused(lane_floor, "complete", made, good_quantity="6")
    assert (problem.code, problem.facts) == (
        ProblemCode.QUANTITY_EXCEEDS_ORDERED,
        {"ordered": "5", "completed": "0", "attempting": "6", "ceiling": "5"},
    )
    after = await now_of(lane_floor, made)
    assert (after.quantity_completed, after.version) == (0, before.version + 1)
    await logged(lane_floor, "complete", made, good_quantity="5")
    problem = await refused(lane_floor, "start", made)
    assert (problem.code, problem.facts) == (
        ProblemCode.WORK_ORDER_FINAL,
        {"status": "completed"},
    )
    planned = await lane_floor.planned()
    problem = await refused(lane_floor, "start", planned, lane_number="L1")
    assert problem.code is ProblemCode.WORK_ORDER_NOT_RELEASED


async def test_a_start_needs_its_lane_and_takes_it_where_the_plant_lets_it(
    lane_floor: Any,
) -> None:
    await lane_floor.plant()
    first, second = [await lane_floor.lane(number) for number in ("L1", "L2")]
    other, made = await lane_floor.released(), await lane_floor.released()
    problem = await refused(lane_floor, "start", made)
    assert (problem.code, problem.facts) == (
        ProblemCode.LANE_REQUIRED,
        {"lanes": ["L1", "L2"]},
    )
    problem = await refused(lane_floor, "start", made, lane_number="L1")
    assert (problem.code, problem.facts["lane_number"]) == (ProblemCode.NOT_ASSIGNED, "L1")
    problem = await refused(lane_floor, "start", made, lane_number="NOWHERE")
    assert problem.faults[0].path == "lane_number"
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=other.id, lane_id=first))
    await lane_floor.mode("suggest")
    problem = await refused(lane_floor, "start", made, lane_id=first)
    assert (problem.code, problem.facts) == (
        ProblemCode.LANE_OCCUPIED,
        {"lane_number": "L1", "current_work_order_id": str(other.id)},
    )
    await logged(lane_floor, "start", made, lane_id=second)
    state = await lane_floor.state(second)
    assert [held.origin for held in state.assignments] == ["start"]


async def test_a_plant_without_lanes_works_without_them(lane_floor: Any) -> None:
    await lane_floor.plant()
    made = await lane_floor.released()
    start = await logged(lane_floor, "start", made)
    assert start.lane_id is None
    done = await logged(lane_floor, "complete", made, good_quantity="5")
    assert done.work_order_status == "completed"


async def test_a_successor_sees_the_pieces_that_have_come_to_it(lane_floor: Any) -> None:
    await lane_floor.plant()
    made = await lane_floor.released(operations=TWO_OPERATIONS)
    assert (await refused(lane_floor, "start", made)).facts == {"operations": [10, 20]}
    await logged(lane_floor, "start", made, operation_number=10)
    await logged(lane_floor, "start", made, operation_number=20)
    problem = await refused(lane_floor, "complete", made, operation_number=20, good_quantity="1")
    assert (problem.code, problem.facts) == (
        ProblemCode.PIECES_NOT_AVAILABLE,
        {"operation_number": 20, "available": "0", "attempting": "1"},
    )
    await logged(lane_floor, "complete", made, operation_number=10, good_quantity="3")
    await logged(lane_floor, "complete", made, operation_number=20, good_quantity="2")
    problem = await refused(
        lane_floor, "complete", made, operation_number=20, completes_operation=True
    )
    assert (problem.code, problem.facts) == (
        ProblemCode.PREVIOUS_OPERATIONS_INCOMPLETE,
        {"operation_number": 20, "incomplete_operations": [10]},
    )
    await logged(lane_floor, "complete", made, operation_number=10, good_quantity="2")
    await logged(lane_floor, "complete", made, operation_number=20, good_quantity="3")
    done = await now_of(lane_floor, made)
    assert (done.status, done.quantity_completed) == ("completed", 5)
    assert [operation.status for operation in done.operations] == ["completed", "completed"]


async def test_rework_stays_open_until_it_is_resolved(lane_floor: Any) -> None:
    await lane_floor.plant()
    made = await lane_floor.released()
    await logged(lane_floor, "start", made)
    problem = await refused(lane_floor, "complete", made, rework_quantity="2")
    assert problem.code is ProblemCode.REASON_REQUIRED
    await logged(lane_floor, "complete", made, rework_quantity="2", reason_code="burr")
    problem = await refused(lane_floor, "complete", made, good_quantity="3", is_from_rework=True)
    assert (problem.code, problem.facts) == (
        ProblemCode.REWORK_NOT_OPEN,
        {"operation_number": 10, "open": "2", "attempting": "3"},
    )
    await logged(
        lane_floor, "complete", made, good_quantity="1", scrap_quantity="1", is_from_rework=True
    )
    (operation,) = (await now_of(lane_floor, made)).operations
    assert (operation.good_quantity, operation.scrap_quantity, operation.rework_quantity) == (
        1,
        1,
        0,
    )


async def test_every_fault_of_a_report_is_named_at_once(lane_floor: Any) -> None:
    await lane_floor.plant()
    made = await lane_floor.released()
    problem = await refused(
        lane_floor,
        "start",
        made,
        good_quantity="2",
        completes_operation=True,
        serial_numbers=["S1", "S1", "S2"],
    )
    assert problem.code is ProblemCode.VALIDATION_FAILED
    assert [fault.path for fault in problem.faults] == [
        "completes_operation",
        "good_quantity",
        "serial_numbers",
        "serial_numbers",
    ]
    assert (await refused(lane_floor, "issue", made)).code is ProblemCode.REASON_REQUIRED
    assert (await refused(lane_floor, "complete", made)).faults[0].path == "good_quantity"
    ahead = (SYSTEM_CLOCK.now() + 5 * MINUTE).isoformat()
    problem = await refused(lane_floor, "start", made, happened_at=ahead)
    assert problem.code is ProblemCode.HAPPENED_IN_FUTURE
    problem = await refused(lane_floor, "start", made, happened_at="0001-01-01T00:00:00+14:00")
    assert problem.faults[0].path == "happened_at"


async def test_serial_numbers_stand_for_one_piece_of_a_product(lane_floor: Any) -> None:
    await lane_floor.plant()
    first = await lane_floor.released(product_code="PUMP")
    second = await lane_floor.released(product_code="PUMP")
    for made in (first, second):
        await logged(lane_floor, "start", made)
    made = await logged(
        lane_floor, "complete", first, good_quantity="2", serial_numbers=["S1", "S2"]
    )
    for work_order in (first, second):
        problem = await refused(
            lane_floor, "complete", work_order, good_quantity="1", serial_numbers=["S2"]
        )
        assert (problem.code, problem.facts) == (
            ProblemCode.SERIAL_NUMBER_TAKEN,
            {"serial_numbers": ["S2"]},
        )
    await logged(
        lane_floor,
        "complete",
        first,
        corrects_log_id=made.id,
        good_quantity="1",
        serial_numbers=["S1"],
    )
    await logged(lane_floor, "complete", second, good_quantity="1", serial_numbers=["S2"])


async def test_logs_are_listed_as_people_look_for_them(
    lane_floor: Any, assigned: tuple[WorkOrder, UUID]
) -> None:
    made, lane_id = assigned
    begun = SYSTEM_CLOCK.now() - 60 * MINUTE
    start = await logged(lane_floor, "start", made, happened_at=begun.isoformat())
    work = await logged(lane_floor, "complete", made, good_quantity="1", notes="first piece")
    early = await logged(lane_floor, "pause", made, happened_at=(begun + 20 * MINUTE).isoformat())
    assert early.accepted

    async def listed(**over: Any) -> list[UUID]:
        request = ListProductionLogs.model_validate(over)
        page = await lane_floor.granted(LIST_PRODUCTION_LOGS, request)
        return [log.id for log in page.items]

    everything = [early.id, work.id, start.id]
    assert await listed() == everything
    assert await listed(lane_id=lane_id, plant_code="MAIN") == everything
    assert await listed(kind="complete") == [work.id]
    assert await listed(logged_by=str(start.logged_by.id), work_order_id=made.id) == everything
    assert await listed(happened_from=begun.isoformat()) == [work.id, early.id, start.id]
    assert await listed(happened_until=(begun + MINUTE).isoformat()) == [start.id]
    assert await listed(plant_code="NORTH") == []
    assert await listed(happened_from="0001-01-01T00:00:00Z") == [work.id, early.id, start.id]
    pages: list[UUID] = []
    cursor = None
    for _ in range(3):
        page = await lane_floor.granted(
            LIST_PRODUCTION_LOGS, ListProductionLogs(limit=1, cursor=cursor)
        )
        pages += [log.id for log in page.items]
        cursor = page.next_cursor
    assert (pages, cursor) == (everything, None)
    happened = await lane_floor.granted(
        LIST_WORK_ORDER_LOGS, ListWorkOrderLogs(work_order_id=made.id)
    )
    assert [log.id for log in happened.items] == [start.id, early.id, work.id]
    one = await lane_floor.granted(GET_PRODUCTION_LOG, GetProductionLog(production_log_id=work.id))
    assert (one.notes, one.good_quantity, one.work_order_status) == (
        "first piece",
        Decimal(1),
        "in_progress",
    )
    elsewhere = await lane_floor.refused(
        GET_PRODUCTION_LOG, GetProductionLog(production_log_id=work.id), plants=["NORTH"]
    )
    assert elsewhere.code is ProblemCode.PLANT_FORBIDDEN
