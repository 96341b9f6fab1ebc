"""Work from a routing: pieces pass from work order to work order, counted in each one's unit."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts.planning import TenantChanged
from lineside_contracts.problems import ProblemCode
from lineside_contracts.routing import Expansion, ProductionRun, RoutingExpanded
from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    CANCEL_WORK_ORDER,
    COMPLETE_WORK_ORDER,
    GET_WORK_ORDER,
    LIST_WORK_ORDER_OPERATIONS,
    LIST_WORK_ORDERS,
    RECORD_PRODUCTION_LOG,
    RELEASE_LANE,
    RELEASE_WORK_ORDER,
    SET_LANE_MAINTENANCE,
    ActOnWorkOrder,
    AssignLane,
    CancelWorkOrder,
    CompleteWorkOrder,
    GetWorkOrder,
    ListWorkOrders,
    ProductionLogRecorded,
    RecordProductionLog,
    ReleaseLane,
    SetLaneMaintenance,
    WorkOrder,
)
from lineside_testkit import builders


async def logged(floor: Any, kind: str, work_order: WorkOrder, **over: Any) -> Any:
    values = {"kind": kind, "work_order_id": work_order.id, **over}
    request = RecordProductionLog.model_validate(values)
    return await floor.granted(RECORD_PRODUCTION_LOG, request)


async def refused(floor: Any, kind: str, work_order: WorkOrder, **over: Any) -> Any:
    values = {"kind": kind, "work_order_id": work_order.id, **over}
    return await floor.refused(RECORD_PRODUCTION_LOG, RecordProductionLog.model_validate(values))


async def now_of(floor: Any, work_order: WorkOrder) -> Any:
    return await floor.granted(GET_WORK_ORDER, GetWorkOrder(work_order_id=work_order.id))


@pytest.fixture
async def sheets_and_folding(
    lane_floor: Any, run: Callable[..., ProductionRun], expansion: Callable[..., Expansion]
) -> tuple[WorkOrder, WorkOrder]:
    """40 cards, four to a sheet: 10 sheets (11 with make-ready) are printed, then folded."""
    await lane_floor.plant()
    printing = run(
        10,
        units_per_product="0.25",
        unit_code="sheet",
        planned_input=Decimal(11),
        planned_output=Decimal(10),
        planned_scrap=Decimal(1),
    )
    folding = run(
        20,
        after=[10],
        operation_type="assembly",
        planned_input=Decimal(40),
        planned_output=Decimal(40),
    )
    expanded = RoutingExpanded(expansion=expansion([printing, folding], quantity=Decimal(40)))
    await lane_floor.harness.publish(expanded, tenant_id=lane_floor.tenant)
    await lane_floor.harness.settle()
    page = await lane_floor.granted(LIST_WORK_ORDERS, ListWorkOrders())
    released = [
        await lane_floor.granted(RELEASE_WORK_ORDER, ActOnWorkOrder(work_order_id=made.id))
        for made in page.items
    ]
    first, second = sorted(released, key=lambda w: w.operations[0].operation_number)
    return first, second


async def test_pieces_cross_work_orders_converted_and_rounded_down(
    lane_floor: Any, sheets_and_folding: tuple[WorkOrder, WorkOrder]
) -> None:
    printing, folding = sheets_and_folding
    for made in (printing, folding):
        await logged(lane_floor, "start", made)
    problem = await refused(lane_floor, "complete", folding, good_quantity="1")
    assert problem.facts == {"operation_number": 20, "available": "0", "attempting": "1"}
    problem = await refused(lane_floor, "complete", printing, good_quantity="0.5")
    assert problem.faults[0].code == "decimals"
    printed = await logged(lane_floor, "complete", printing, good_quantity="3")
    problem = await refused(lane_floor, "complete", folding, good_quantity="13")
    assert (problem.code, problem.facts["available"]) == (ProblemCode.PIECES_NOT_AVAILABLE, "12")
    await logged(lane_floor, "complete", folding, good_quantity="11", scrap_quantity="1")
    problem = await refused(
        lane_floor, "complete", printing, corrects_log_id=printed.id, good_quantity="2"
    )
    assert problem.facts == {"operation_number": 20, "available": "8", "attempting": "12"}
    problem = await refused(lane_floor, "complete", printing, good_quantity="8")
    assert problem.facts == {
        "ordered": "10",
        "completed": "3",
        "attempting": "8",
        "ceiling": "10",
    }
    much = {"good_quantity": "7", "scrap_quantity": "2"}
    problem = await refused(lane_floor, "complete", printing, **much)
    assert problem.facts == {"operation_number": 10, "available": "8", "attempting": "9"}
    problem = await refused(
        lane_floor, "complete", folding, good_quantity="1", input_added_quantity="1"
    )
    assert problem.faults[0].code == "not_a_first_operation"
    await logged(lane_floor, "complete", printing, **much, input_added_quantity="1")
    done = await now_of(lane_floor, printing)
    assert (done.status, done.quantity_completed) == ("completed", 10)
    views = await lane_floor.granted(
        LIST_WORK_ORDER_OPERATIONS, GetWorkOrder(work_order_id=folding.id)
    )
    assert (views.items[0].available_quantity, views.items[0].good_ceiling) == (28, 40)
    said = await lane_floor.harness.events(
        ProductionLogRecorded, tenant_id=lane_floor.tenant, count=5
    )
    of_printing = [e.payload.production_log for e in said if e.envelope.aggregate_id == printing.id]
    (totals,) = of_printing[-1].operations
    run_ids = {printing.operations[0].run_id}
    assert (totals.run_id in run_ids, totals.sequence_number) == (True, 10)
    assert (totals.good_quantity, totals.scrap_quantity, totals.input_added_quantity) == (10, 2, 1)


async def test_a_tenant_may_be_warned_only_and_tolerate_over_production(
    lane_floor: Any, sheets_and_folding: tuple[WorkOrder, WorkOrder]
) -> None:
    _, folding = sheets_and_folding
    rules = builders.tenant(
        lane_floor.tenant,
        available_pieces="warn",
        over_production_tolerance_percentage=Decimal(10),
    )
    await lane_floor.harness.publish(TenantChanged(tenant=rules), tenant_id=lane_floor.tenant)
    await lane_floor.harness.settle()
    await logged(lane_floor, "start", folding)
    await logged(lane_floor, "complete", folding, good_quantity="30")
    problem = await refused(lane_floor, "complete", folding, good_quantity="15")
    assert (problem.code, problem.facts["ceiling"]) == (
        ProblemCode.QUANTITY_EXCEEDS_ORDERED,
        "44",
    )
    over = await logged(lane_floor, "complete", folding, good_quantity="14")
    assert over.work_order_status == "completed"
    assert (await now_of(lane_floor, folding)).quantity_completed == 44


async def test_maintenance_pauses_the_work_of_a_lane_with_that_reason(lane_floor: Any) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    made = await lane_floor.released()
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=lane_id))
    await logged(lane_floor, "start", made)
    stop = SetLaneMaintenance(lane_id=lane_id, action="start", reason="oil leak")
    await lane_floor.granted(SET_LANE_MAINTENANCE, stop)
    (pause,) = [
        event.payload.production_log
        for event in await lane_floor.harness.events(
            ProductionLogRecorded, tenant_id=lane_floor.tenant, count=2
        )
        if event.payload.production_log.kind == "pause"
    ]
    assert (pause.reason_code, pause.notes, pause.lane_number) == ("maintenance", "oil leak", "L1")
    assert (await refused(lane_floor, "resume", made)).code is ProblemCode.LANE_UNAVAILABLE
    await lane_floor.granted(
        SET_LANE_MAINTENANCE, SetLaneMaintenance(lane_id=lane_id, action="end")
    )
    await logged(lane_floor, "resume", made)


async def test_work_taken_off_its_lane_goes_on_elsewhere_with_a_start(lane_floor: Any) -> None:
    await lane_floor.plant()
    first, second = [await lane_floor.lane(number) for number in ("L1", "L2")]
    made = await lane_floor.released()
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=first))
    await logged(lane_floor, "start", made)
    problem = await lane_floor.refused(RELEASE_LANE, ReleaseLane(lane_id=first))
    assert problem.code is ProblemCode.PRODUCTION_RUNNING
    await logged(lane_floor, "pause", made, good_quantity="2")
    await lane_floor.granted(RELEASE_LANE, ReleaseLane(lane_id=first))
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=second))
    assert (await refused(lane_floor, "resume", made, lane_id=second)).status == 409
    await logged(lane_floor, "start", made)
    last = await logged(lane_floor, "complete", made, good_quantity="3")
    assert (last.lane_number, last.work_order_status) == ("L2", "completed")
    rows = await lane_floor.harness.sql(
        "shopfloor",
        "SELECT count(*) FILTER (WHERE ended_at IS NULL) AS open, count(*) AS n"
        " FROM work_intervals WHERE work_order_id = %(id)s",
        tenant_id=lane_floor.tenant,
        parameters={"id": made.id},
    )
    assert (rows[0]["open"], rows[0]["n"]) == (0, 3)


async def test_a_work_order_that_is_called_off_scraps_what_lies_at_its_operations(
    lane_floor: Any,
) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    operations = [
        {"operation_number": number, "operation_name": f"Step {number}"} for number in (10, 20)
    ]
    made = await lane_floor.released(operations=operations)
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=lane_id))
    await logged(lane_floor, "start", made, operation_number=10)
    await logged(lane_floor, "complete", made, operation_number=10, good_quantity="3")
    problem = await lane_floor.refused(CANCEL_WORK_ORDER, CancelWorkOrder(work_order_id=made.id))
    assert problem.code is ProblemCode.WORK_IN_PROCESS_UNDECIDED
    cancelled: WorkOrder = await lane_floor.granted(
        CANCEL_WORK_ORDER,
        CancelWorkOrder(work_order_id=made.id, work_in_process="scrap", reason="customer left"),
    )
    assert cancelled.status == "cancelled"
    assert [o.scrap_quantity for o in cancelled.operations] == [0, 3]
    assert [o.status for o in cancelled.operations] == ["cancelled", "cancelled"]
    assert cancelled.actual_end_at is not None
    assert await lane_floor.on(lane_id) == []
    assert await now_of(lane_floor, made) == cancelled


async def test_a_short_closed_work_order_ends_everything_that_goes_on(lane_floor: Any) -> None:
    await lane_floor.plant()
    lane_id: UUID = await lane_floor.lane()
    made = await lane_floor.released()
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=lane_id))
    await logged(lane_floor, "start", made)
    await logged(lane_floor, "complete", made, good_quantity="3")
    closed = await lane_floor.granted(
        COMPLETE_WORK_ORDER, CompleteWorkOrder(work_order_id=made.id, reason="no material")
    )
    assert (closed.status, closed.quantity_completed) == ("completed", 3)
    (operation,) = closed.operations
    assert operation.status == "completed"
    assert operation.actual_run_minutes > 0
    assert await lane_floor.on(lane_id) == []
    problem = await refused(lane_floor, "complete", made, good_quantity="1")
    assert problem.code is ProblemCode.WORK_ORDER_FINAL
