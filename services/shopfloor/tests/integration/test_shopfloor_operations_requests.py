"""Operations of a work order through the service: list, add, change, complete in sequence."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts.problems import ProblemCode
from lineside_contracts.routing import Expansion, ProductionRun, RoutingExpanded
from lineside_contracts.shopfloor import (
    ADD_OPERATION,
    COMPLETE_OPERATION,
    CREATE_WORK_ORDER,
    GET_WORK_ORDER,
    LIST_WORK_ORDER_OPERATIONS,
    LIST_WORK_ORDERS,
    PLANTS,
    RELEASE_WORK_ORDER,
    UPDATE_OPERATION,
    ActOnWorkOrder,
    AddOperation,
    CompleteOperation,
    CreateWorkOrder,
    GetWorkOrder,
    ListWorkOrders,
    OperationChange,
    OperationView,
    PlantFields,
    UpdateOperation,
    WorkOrder,
    WorkOrderChanged,
    WorkOrderCreated,
    WorkOrderOperationCompleted,
    WorkOrderStatus,
)
from lineside_testkit.harness import Answer, Harness

STEPS = [
    {"operation_number": 10, "operation_name": "Cut", "run_minutes": "50"},
    {"operation_number": 20, "operation_name": "Drill", "is_concurrent": True},
    {"operation_number": 30, "operation_name": "Weld"},
]


class Bench:
    """One tenant's work order of three operations, the first two free of each other."""

    def __init__(self, harness: Harness, tenant: UUID, work_order: WorkOrder) -> None:
        self.harness, self.tenant, self.id = harness, tenant, work_order.id

    async def ask(self, endpoint: Any, request: Any, **over: Any) -> Answer:
        return await self.harness.ask(endpoint, request, tenant_id=self.tenant, **over)

    async def release(self) -> None:
        answer = await self.ask(RELEASE_WORK_ORDER, ActOnWorkOrder(work_order_id=self.id))
        assert answer.status == 200, answer.body

    async def operations(self) -> dict[int, OperationView]:
        listed = await self.ask(LIST_WORK_ORDER_OPERATIONS, GetWorkOrder(work_order_id=self.id))
        assert listed.status == 200, listed.body
        return {view.operation_number: view for view in listed.body.items}

    async def add(self, number: int, **over: Any) -> Answer:
        request = AddOperation.model_validate(
            {"work_order_id": self.id, "operation_number": number, "operation_name": "Check"} | over
        )
        return await self.ask(ADD_OPERATION, request)

    async def complete(self, number: int, **over: Any) -> Answer:
        operation = (await self.operations())[number]
        return await self.ask(
            COMPLETE_OPERATION, CompleteOperation(operation_id=operation.id, **over)
        )

    async def work_order(self) -> WorkOrder:
        found: WorkOrder = (
            await self.ask(GET_WORK_ORDER, GetWorkOrder(work_order_id=self.id))
        ).body
        return found


@pytest.fixture
async def bench(harness: Harness, by_hand: Callable[..., CreateWorkOrder]) -> Bench:
    tenant = harness.new_tenant()
    plant = PlantFields(
        plant_code="MAIN",
        plant_name="Main works",
        time_zone="Europe/Berlin",
        assignment_mode="manual",
    )
    await harness.ask(PLANTS.create, plant, tenant_id=tenant)
    asked = by_hand(quantity_ordered="100", operations=STEPS)
    made = await harness.ask(CREATE_WORK_ORDER, asked, tenant_id=tenant)
    assert made.status == 201, made.body
    return Bench(harness, tenant, made.body)


async def test_operations_are_listed_with_what_they_may_report(bench: Bench) -> None:
    views = await bench.operations()
    assert [view.version for view in views.values()] == [1, 1, 1]
    assert views[10].available_quantity is None
    assert views[30].available_quantity == 0
    assert {view.good_ceiling for view in views.values()} == {100}
    assert views[30].predecessor_operation_numbers == (10, 20)
    assert views[10].states == ()


async def test_an_added_operation_is_read_back_as_it_was_answered(bench: Bench) -> None:
    added = await bench.add(25, run_minutes="10", expected_version=1)
    assert added.status == 201, added.body
    views = await bench.operations()
    assert views[25] == added.body
    assert (views[25].version, views[30].predecessor_operation_numbers) == (2, (25,))
    (said,) = await bench.harness.events(WorkOrderChanged, tenant_id=bench.tenant)
    assert said.payload.changed_fields == ("operations",)


async def test_of_two_who_add_the_same_number_one_does(bench: Bench) -> None:
    answers = await asyncio.gather(*(bench.add(25) for _ in range(2)))
    assert sorted(answer.status for answer in answers) == [201, 409]
    (refused,) = [answer.problem for answer in answers if answer.status == 409]
    assert (refused.code, refused.facts) == (ProblemCode.CODE_TAKEN, {"operation_number": 25})
    stale = await bench.add(27, expected_version=1)
    assert stale.problem.code is ProblemCode.VERSION_CONFLICT
    assert list(await bench.operations()) == [10, 20, 25, 30]


async def test_an_operation_changes_at_the_version_of_its_work_order(bench: Bench) -> None:
    first = (await bench.operations())[10]

    async def update(**over: Any) -> Answer:
        change = OperationChange(operation_name="Saw", setup_minutes="30")
        request = UpdateOperation(operation_id=first.id, change=change, **over)
        return await bench.ask(UPDATE_OPERATION, request)

    changed = await update(expected_version=1)
    assert (changed.body.operation_name, changed.body.version) == ("Saw", 2)
    assert str(changed.body.planned_hours) == "1.3333"
    assert (await update(expected_version=1)).problem.code is ProblemCode.VERSION_CONFLICT
    assert (await update(expected_version=2)).body.version == 2


async def test_operations_are_completed_in_sequence(bench: Bench) -> None:
    planned = await bench.complete(10)
    assert planned.problem.code is ProblemCode.WORK_ORDER_NOT_RELEASED
    await bench.release()
    early = await bench.complete(30)
    assert (early.status, early.problem.code) == (409, ProblemCode.PREVIOUS_OPERATIONS_INCOMPLETE)
    assert early.problem.facts == {"operation_number": 30, "incomplete_operations": [10, 20]}
    assert (await bench.work_order()).status == "released"
    second = await bench.complete(20, stated_hours="1.5")
    assert second.status == 200, second.body
    assert (second.body.status, second.body.stated_hours) == ("completed", 1.5)
    assert (await bench.complete(10)).status == 200
    again = await bench.complete(10)
    assert again.problem.code is ProblemCode.OPERATION_FINAL
    assert (await bench.complete(30)).status == 200
    said = await bench.harness.events(WorkOrderOperationCompleted, tenant_id=bench.tenant, count=3)
    assert [e.payload.operation.operation_number for e in said] == [20, 10, 30]


async def test_below_quantity_the_order_stays_in_progress_until_somebody_ends_it(
    bench: Bench,
) -> None:
    await bench.release()
    for number in (10, 20, 30):
        assert (await bench.complete(number)).status == 200
    after = await bench.work_order()
    assert after.status is WorkOrderStatus.IN_PROGRESS
    assert after.quantity_completed == 0


async def test_operations_of_another_plant_or_of_none_are_out_of_reach(bench: Bench) -> None:
    first = (await bench.operations())[10]
    request = CompleteOperation(operation_id=first.id)
    elsewhere = await bench.ask(COMPLETE_OPERATION, request, plants=frozenset({"NORTH"}))
    assert elsewhere.problem.code is ProblemCode.PLANT_FORBIDDEN
    unknown = CompleteOperation(operation_id=UUID(int=1))
    assert (await bench.ask(COMPLETE_OPERATION, unknown)).status == 404


async def test_what_people_added_stays_when_the_order_is_planned_anew(
    harness: Harness,
    brochure_runs: Callable[[], list[ProductionRun]],
    expansion: Callable[..., Expansion],
) -> None:
    tenant = harness.new_tenant()
    first = expansion(brochure_runs())
    await harness.publish(RoutingExpanded(expansion=first), tenant_id=tenant)
    await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)

    async def found() -> list[WorkOrder]:
        answer = await harness.ask(LIST_WORK_ORDERS, ListWorkOrders(), tenant_id=tenant)
        return sorted(answer.body.items, key=lambda w: w.operations[0].operation_number)

    press, bench = await found()
    last = await Bench(harness, tenant, press).add(25)
    assert [fault.code for fault in last.problem.faults] == ["followed_by_work_order"]
    taken = await Bench(harness, tenant, press).add(30)
    assert taken.problem.faults[0].code == "duplicate_operation_number"
    for order, number in ((press, 15), (bench, 50)):
        assert (await Bench(harness, tenant, order).add(number)).status == 201
    again = expansion(brochure_runs(), order_id=first.id, version=2)
    await harness.publish(RoutingExpanded(expansion=again), tenant_id=tenant)
    await harness.settle()
    press, bench = await found()
    chain = [
        (o.operation_number, o.predecessor_operation_numbers)
        for order in (press, bench)
        for o in order.operations
    ]
    assert chain == [
        (10, ()),
        (15, (10,)),
        (20, (15,)),
        (30, (20,)),
        (40, (30,)),
        (50, (40,)),
    ]
    assert press.operations[1].planned_input == press.operations[0].planned_output
