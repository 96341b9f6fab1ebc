"""Work orders that end by a person's hand, with the lanes and tracks they held; and handovers."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts.planning import ProductionOrderCancelled, ProductionOrderReleased
from lineside_contracts.problems import ProblemCode
from lineside_contracts.routing import Expansion, ProductionRun, RoutingExpanded
from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    CANCEL_WORK_ORDER,
    COMPLETE_WORK_ORDER,
    CREATE_WORK_ORDER,
    GET_HANDOVER,
    GET_LANE,
    GET_WORK_ORDER,
    LANES,
    LIST_WORK_ORDER_LOGS,
    LIST_WORK_ORDER_OPERATIONS,
    LIST_WORK_ORDERS,
    PLANTS,
    RECORD_PRODUCTION_LOG,
    RELEASE_WORK_ORDER,
    ActOnWorkOrder,
    AssignLane,
    CancelWorkOrder,
    CompleteWorkOrder,
    CreateWorkOrder,
    GetHandover,
    GetLane,
    GetWorkOrder,
    Lane,
    LaneFields,
    ListWorkOrderLogs,
    ListWorkOrders,
    PlantFields,
    ProductionLog,
    RecordProductionLog,
    WorkOrder,
    WorkOrderStatus,
    WorkOrderStatusChanged,
)
from lineside_testkit import builders
from lineside_testkit.harness import Answer, Harness

STEPS = [
    {"operation_number": 10, "operation_name": "Cut"},
    {"operation_number": 20, "operation_name": "Weld"},
]


class Floor:
    """One tenant's plant with a lane, in which nothing is assigned by itself."""

    def __init__(self, harness: Harness, tenant: UUID, lane: Lane) -> None:
        self.harness, self.tenant, self.lane = harness, tenant, lane

    async def ask(self, endpoint: Any, request: Any, **over: Any) -> Answer:
        return await self.harness.ask(endpoint, request, tenant_id=self.tenant, **over)

    async def done(self, endpoint: Any, request: Any) -> Any:
        answer = await self.ask(endpoint, request)
        assert answer.status < 300, answer.body
        return answer.body

    async def assigned(self, made: WorkOrder) -> UUID:
        await self.done(RELEASE_WORK_ORDER, ActOnWorkOrder(work_order_id=made.id))
        await self.done(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=self.lane.id))
        assert await self.lane_status() == "occupied"
        return made.id

    async def log(self, work_order_id: UUID, kind: str, number: int, **over: Any) -> ProductionLog:
        request = RecordProductionLog.model_validate(
            {"kind": kind, "work_order_id": work_order_id, "operation_number": number} | over
        )
        made: ProductionLog = await self.done(RECORD_PRODUCTION_LOG, request)
        return made

    async def work_order(self, work_order_id: UUID) -> WorkOrder:
        found: WorkOrder = await self.done(
            GET_WORK_ORDER, GetWorkOrder(work_order_id=work_order_id)
        )
        return found

    async def lane_status(self) -> str:
        state = await self.done(GET_LANE, GetLane(lane_id=self.lane.id))
        return str(state.status.value)

    async def states(self, work_order_id: UUID) -> set[str]:
        asked = GetWorkOrder(work_order_id=work_order_id)
        views = (await self.done(LIST_WORK_ORDER_OPERATIONS, asked)).items
        return {state.state for view in views for state in view.states}


@pytest.fixture
async def floor(harness: Harness) -> Floor:
    tenant = harness.new_tenant()
    plant = PlantFields(
        plant_code="MAIN",
        plant_name="Main works",
        time_zone="Europe/Berlin",
        assignment_mode="manual",
    )
    await harness.ask(PLANTS.create, plant, tenant_id=tenant)
    lane = LaneFields(lane_number="L1", lane_name="One", plant_code="MAIN", lane_type="assembly")
    created = await harness.ask(LANES.create, lane, tenant_id=tenant)
    assert created.status == 201, created.body
    return Floor(harness, tenant, created.body)


@pytest.fixture
async def running(floor: Floor, by_hand: Callable[..., CreateWorkOrder]) -> UUID:
    """100 ordered; 40 cut, of which 25 are welded."""
    asked = by_hand(quantity_ordered="100", operations=STEPS)
    made = await floor.assigned(await floor.done(CREATE_WORK_ORDER, asked))
    await floor.log(made, "start", 10)
    await floor.log(made, "complete", 10, good_quantity="40")
    await floor.log(made, "start", 20)
    await floor.log(made, "complete", 20, good_quantity="25")
    return made


async def test_what_becomes_of_the_pieces_is_said_before_a_running_order_is_called_off(
    floor: Floor, running: UUID
) -> None:
    before = await floor.work_order(running)
    refused = await floor.ask(CANCEL_WORK_ORDER, CancelWorkOrder(work_order_id=running))
    assert (refused.status, refused.problem.code) == (422, ProblemCode.WORK_IN_PROCESS_UNDECIDED)
    assert refused.problem.facts == {"at_operations": [20], "quantities": {"20": "15"}}
    assert await floor.work_order(running) == before
    assert await floor.lane_status() == "occupied"


@pytest.mark.parametrize(("decided", "scrapped"), [("scrap", 15), ("return", 0)])
async def test_a_running_order_that_is_called_off_leaves_its_lane_and_its_tracks(
    floor: Floor, running: UUID, decided: str, scrapped: int
) -> None:
    request = CancelWorkOrder.model_validate(
        {"work_order_id": running, "work_in_process": decided, "reason": "Customer is gone"}
    )
    after: WorkOrder = await floor.done(CANCEL_WORK_ORDER, request)
    assert (after.status, after.cancel_reason) == (WorkOrderStatus.CANCELLED, "Customer is gone")
    assert after.operations[1].scrap_quantity == scrapped
    assert {operation.status.value for operation in after.operations} == {"cancelled"}
    assert await floor.lane_status() == "available"
    assert await floor.states(running) == {"idle"}
    assert await floor.work_order(running) == after
    again = await floor.ask(CANCEL_WORK_ORDER, request)
    assert again.problem.code is ProblemCode.INVALID_STATUS_TRANSITION


async def test_an_order_that_has_not_begun_is_called_off_without_further_questions(
    floor: Floor, by_hand: Callable[..., CreateWorkOrder]
) -> None:
    made = await floor.assigned(await floor.done(CREATE_WORK_ORDER, by_hand()))
    after = await floor.done(CANCEL_WORK_ORDER, CancelWorkOrder(work_order_id=made))
    assert (after.status, after.actual_end_at) == (WorkOrderStatus.CANCELLED, None)
    assert await floor.lane_status() == "available"


async def test_a_short_close_needs_a_reason_and_ends_everything(
    floor: Floor, running: UUID
) -> None:
    silent = CompleteWorkOrder(work_order_id=running)
    refused = await floor.ask(COMPLETE_WORK_ORDER, silent)
    assert (refused.status, refused.problem.code) == (422, ProblemCode.REASON_REQUIRED)
    assert refused.problem.facts["short_by"] == "75"
    assert await floor.lane_status() == "occupied"
    version = (await floor.work_order(running)).version
    told = CompleteWorkOrder(
        work_order_id=running,
        expected_version=version,
        reason="The coil ran out",
        stated_hours="3.5",
    )
    stale = told.model_copy(update={"expected_version": version - 1})
    refused = await floor.ask(COMPLETE_WORK_ORDER, stale)
    assert refused.problem.code is ProblemCode.VERSION_CONFLICT
    after: WorkOrder = await floor.done(COMPLETE_WORK_ORDER, told)
    assert (after.status, after.completion_reason) == (
        WorkOrderStatus.COMPLETED,
        "The coil ran out",
    )
    assert after.quantity_completed == 25
    assert after.stated_hours == Decimal("3.5")
    assert after.actual_end_at is not None
    assert await floor.lane_status() == "available"
    assert await floor.states(running) == {"idle"}
    said = await floor.harness.events(WorkOrderStatusChanged, tenant_id=floor.tenant, count=3)
    assert (said[-1].payload.new_status, said[-1].payload.reason) == (
        "completed",
        "The coil ran out",
    )
    assert said[-1].payload.work_order == after


async def test_one_that_has_not_begun_is_not_completed(
    floor: Floor, by_hand: Callable[..., CreateWorkOrder]
) -> None:
    made = await floor.done(CREATE_WORK_ORDER, by_hand())
    request = CompleteWorkOrder(work_order_id=made.id, reason="Never mind")
    refused = await floor.ask(COMPLETE_WORK_ORDER, request)
    assert (refused.status, refused.problem.facts) == (
        409,
        {"from": "planned", "to": "completed", "allowed": ["released", "cancelled"]},
    )


async def routed(
    floor: Floor, runs: list[ProductionRun], expansion: Callable[..., Expansion]
) -> tuple[UUID, list[WorkOrder]]:
    made = expansion(runs)
    await floor.harness.publish(RoutingExpanded(expansion=made), tenant_id=floor.tenant)
    order = builders.production_order(id=made.id, version=3, status="released")
    await floor.harness.publish(
        ProductionOrderReleased(production_order=order), tenant_id=floor.tenant
    )
    await floor.harness.settle()
    found = (await floor.done(LIST_WORK_ORDERS, ListWorkOrders())).items
    return made.id, sorted(found, key=lambda w: w.operations[0].operation_number)


async def test_what_follows_a_short_closed_order_goes_on_with_what_there_is(
    floor: Floor,
    run: Callable[..., ProductionRun],
    expansion: Callable[..., Expansion],
) -> None:
    runs = [
        run(10, operation_type="assembly"),
        run(20, after=[10], operation_type="testing"),
    ]
    _, (first, second) = await routed(floor, runs, expansion)
    await floor.done(ASSIGN_LANE, AssignLane(work_order_id=first.id, lane_id=floor.lane.id))
    await floor.log(first.id, "start", 10)
    await floor.log(first.id, "complete", 10, good_quantity="600")
    told = CompleteWorkOrder(work_order_id=first.id, reason="The coil ran out")
    await floor.done(COMPLETE_WORK_ORDER, told)
    await floor.harness.settle()
    follower = await floor.work_order(second.id)
    assert follower.status is WorkOrderStatus.RELEASED
    views = await floor.done(LIST_WORK_ORDER_OPERATIONS, GetWorkOrder(work_order_id=second.id))
    assert views.items[0].available_quantity == 600


async def test_a_cancelled_production_order_frees_the_lanes_of_what_has_not_begun(
    floor: Floor,
    run: Callable[..., ProductionRun],
    expansion: Callable[..., Expansion],
) -> None:
    order_id, (only,) = await routed(floor, [run(10, operation_type="assembly")], expansion)
    await floor.done(ASSIGN_LANE, AssignLane(work_order_id=only.id, lane_id=floor.lane.id))
    order = builders.production_order(id=order_id, version=4, status="cancelled")
    event = ProductionOrderCancelled(production_order=order, reason="No longer wanted")
    await floor.harness.publish(event, tenant_id=floor.tenant)
    await floor.harness.settle()
    assert (await floor.work_order(only.id)).status is WorkOrderStatus.CANCELLED
    assert await floor.lane_status() == "available"


async def test_work_that_a_new_routing_no_longer_asks_for_frees_its_lane(
    floor: Floor,
    run: Callable[..., ProductionRun],
    expansion: Callable[..., Expansion],
) -> None:
    runs = [run(10, operation_type="fabrication"), run(20, after=[10], operation_type="assembly")]
    order_id, (_, second) = await routed(floor, runs, expansion)
    await floor.done(RELEASE_WORK_ORDER, ActOnWorkOrder(work_order_id=second.id))
    await floor.done(ASSIGN_LANE, AssignLane(work_order_id=second.id, lane_id=floor.lane.id))
    again = expansion(runs[:1], order_id=order_id, version=2)
    await floor.harness.publish(RoutingExpanded(expansion=again), tenant_id=floor.tenant)
    await floor.harness.settle()
    assert (await floor.work_order(second.id)).status is WorkOrderStatus.CANCELLED
    assert await floor.lane_status() == "available"


async def test_a_handover_tells_how_work_stood_at_a_moment(floor: Floor, running: UUID) -> None:
    paused = await floor.log(running, "pause", 20, reason_code="no_material")
    noise = await floor.log(running, "issue", 10, reason_code="noise", notes="Bearing?")
    now = (await floor.done(GET_HANDOVER, GetHandover(plant_code="MAIN"))).items
    (item,) = now
    assert (item.quantity_completed, item.progress_percentage) == (25, 25)
    assert [issue.production_log_id for issue in item.open_issues] == [noise.id, paused.id]
    standing = [lane for lane in item.lanes if lane.activity == "pause"]
    assert [(lane.lane_number, lane.reason_code) for lane in standing] == [("L1", "no_material")]
    await floor.log(running, "resume", 20)
    (later,) = (await floor.done(GET_HANDOVER, GetHandover(plant_code="MAIN"))).items
    assert [issue.reason_code for issue in later.open_issues] == ["noise"]
    assert {lane.activity for lane in later.lanes} == {"run"}
    logs = await floor.done(LIST_WORK_ORDER_LOGS, ListWorkOrderLogs(work_order_id=running))
    began = min(log.happened_at for log in logs.items)
    early = GetHandover(plant_code="MAIN", at=began + timedelta(microseconds=1))
    (then,) = (await floor.done(GET_HANDOVER, early)).items
    assert (then.quantity_completed, then.open_issues) == (0, ())
    unborn = GetHandover(plant_code="MAIN", at=began - timedelta(seconds=1))
    assert (await floor.done(GET_HANDOVER, unborn)).items == ()
    assert (await floor.ask(GET_HANDOVER, GetHandover(plant_code="NOWHERE"))).status == 404


async def test_an_order_that_has_ended_is_handed_over_no_more(floor: Floor, running: UUID) -> None:
    request = CompleteWorkOrder(work_order_id=running, reason="Enough")
    ended = (await floor.done(COMPLETE_WORK_ORDER, request)).actual_end_at
    assert (await floor.done(GET_HANDOVER, GetHandover(plant_code="MAIN"))).items == ()
    before = GetHandover(plant_code="MAIN", at=ended - timedelta(microseconds=1))
    assert len((await floor.done(GET_HANDOVER, before)).items) == 1
