"""Orders in, runs out, whatever comes when and how often."""

import asyncio
from decimal import Decimal
from typing import Any

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import (
    ProductionOrder,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCreated,
)
from lineside_contracts.routing import (
    GET_EXPANSION,
    GetExpansion,
    RoutingExpanded,
    RoutingFailed,
    RunStatus,
)
from lineside_contracts.shopfloor import WorkOrder, WorkOrderProgressed, WorkOrderStatusChanged
from lineside_testkit import builders

BROCHURE_INPUTS = [10361, 10153, 10051, 10000]


def later(order: ProductionOrder, **changes: Any) -> ProductionOrder:
    return ProductionOrder.model_validate(
        {**order.model_dump(), "version": order.version + 1, **changes}
    )


def changed(order: ProductionOrder) -> ProductionOrderChanged:
    return ProductionOrderChanged(production_order=order, changed_fields=("quantity_ordered",))


async def test_an_order_becomes_runs_with_their_ledgers(works: Any) -> None:
    routing = await works.active()
    order = builders.production_order()
    said = await works.say(ProductionOrderCreated(production_order=order))
    (heard,) = await works.harness.events(RoutingExpanded, tenant_id=works.tenant)
    expansion = heard.payload.expansion
    assert (expansion.id, expansion.version) == (order.id, 1)
    assert (expansion.routing_id, expansion.routing_version) == (routing.id, 1)
    assert [run.planned_input for run in expansion.runs] == BROCHURE_INPUTS
    assert [run.predecessor_sequence_numbers for run in expansion.runs] == [(), (10,), (20,), (30,)]
    assert expansion.order.production_order_number == order.production_order_number
    assert heard.envelope.correlation_id == said.correlation_id
    assert heard.envelope.causation_id == said.event_id
    assert heard.envelope.plant_code == builders.PLANT
    stored = await works.done(GET_EXPANSION, GetExpansion(production_order_id=order.id))
    assert stored == expansion


async def test_books_are_expanded_over_both_branches(works: Any) -> None:
    await works.active(product_code=builders.BOOK, operations=builders.BOOK_OPERATIONS)
    await works.order(product_code=builders.BOOK, quantity_ordered=Decimal(1000))
    (said,) = await works.heard(RoutingExpanded)
    inputs = {run.sequence_number: run.planned_input for run in said.expansion.runs}
    assert inputs == {10: 4404, 20: 330, 30: 8251, 40: 1021}
    assert {run.unit_code for run in said.expansion.runs} == {"SHEET", "SIGNATURE", "EA"}


async def test_the_same_event_many_times_expands_once(works: Any) -> None:
    await works.active()
    event = ProductionOrderCreated(production_order=builders.production_order())
    first = await works.say(event)
    await asyncio.gather(*(works.say(event) for _ in range(9)))
    await works.say(event, event_id=first.event_id)
    await works.harness.settle()
    assert len(await works.heard(RoutingExpanded)) == 1
    assert len(await works.rows("SELECT id FROM production_runs")) == 4


async def test_another_quantity_replans_the_same_runs(works: Any) -> None:
    await works.active()
    order = await works.order()
    (first,) = await works.heard(RoutingExpanded)
    await works.say(changed(later(order, quantity_ordered=Decimal(5000), planning_version=2)))
    _, second = await works.heard(RoutingExpanded, 2)
    assert second.expansion.version == 2
    assert second.expansion.order.planning_version == 2
    assert second.expansion.runs[-1].planned_input == 5000
    assert [run.id for run in second.expansion.runs] == [run.id for run in first.expansion.runs]
    assert len(await works.rows("SELECT id FROM production_runs")) == 4


async def test_another_priority_replans_nothing(works: Any) -> None:
    await works.active()
    order = await works.order()
    await works.heard(RoutingExpanded)
    await works.say(changed(later(order, priority="urgent")))
    await works.harness.settle()
    assert len(await works.heard(RoutingExpanded)) == 1


async def test_an_older_state_that_comes_late_changes_nothing(works: Any) -> None:
    await works.active()
    old = builders.production_order()
    new = later(old, quantity_ordered=Decimal(5000), planning_version=2)
    await works.say(changed(new))
    await works.heard(RoutingExpanded)
    await works.say(ProductionOrderCreated(production_order=old))
    await works.harness.settle()
    (said,) = await works.heard(RoutingExpanded)
    assert said.expansion.order.quantity == 5000


async def test_a_routing_with_fewer_operations_cancels_the_runs_it_lacks(works: Any) -> None:
    await works.active()
    order = await works.order()
    await works.heard(RoutingExpanded)
    await works.active(routing_code="R-SHORT", product_code="OTHER", operations=SHORT)
    moved = later(order, product_code="OTHER", planning_version=2)
    await works.say(changed(moved))
    _, second = await works.heard(RoutingExpanded, 2)
    assert [run.sequence_number for run in second.expansion.runs] == [10, 20]
    rows = await works.rows("SELECT sequence_number, status FROM production_runs ORDER BY 1")
    assert [row["status"] for row in rows] == ["planned", "planned", "cancelled", "cancelled"]
    read = await works.done(GET_EXPANSION, GetExpansion(production_order_id=order.id))
    assert [run.sequence_number for run in read.runs] == [10, 20]


SHORT = builders.BROCHURE_OPERATIONS[:2]


async def test_cancelling_an_order_cancels_its_runs(works: Any) -> None:
    await works.active()
    order = await works.order()
    await works.heard(RoutingExpanded)
    gone = later(order, status="cancelled")
    await works.say(ProductionOrderCancelled(production_order=gone))
    await works.harness.settle()
    rows = await works.rows("SELECT status FROM production_runs")
    assert {row["status"] for row in rows} == {"cancelled"}


async def test_a_cancellation_before_the_order_leaves_a_tombstone(works: Any) -> None:
    await works.active()
    order = builders.production_order()
    gone = later(order, status="cancelled")
    await works.say(ProductionOrderCancelled(production_order=gone))
    await works.harness.settle()
    await works.say(ProductionOrderCreated(production_order=order))
    await works.harness.settle()
    assert await works.harness.events(RoutingExpanded, tenant_id=works.tenant, count=0) == []
    answer = await works.ask(GET_EXPANSION, GetExpansion(production_order_id=order.id))
    assert answer.status == 404


async def test_versions_may_be_larger_than_four_bytes(works: Any) -> None:
    await works.active()
    large = 2**31
    order = ProductionOrder.model_validate(
        {**builders.production_order().model_dump(), "version": large, "planning_version": large}
    )
    await works.say(ProductionOrderCreated(production_order=order))
    (said,) = await works.heard(RoutingExpanded)
    assert said.expansion.order.planning_version == large
    await works.say(changed(later(order, planning_version=large + 1, quantity_ordered=Decimal(5))))
    (_, again) = await works.heard(RoutingExpanded, 2)
    assert again.expansion.order.planning_version == large + 1
    assert await works.harness.dead_letters(tenant_id=works.tenant) == []


async def test_an_order_too_large_for_its_yields_fails_with_the_operation(works: Any) -> None:
    tiny = [{"sequence_number": 10, "operation_code": "PRINT", "yield_percentage": "0.0001"}]
    await works.active(operations=tiny)
    await works.order(quantity_ordered=Decimal(10) ** 12)
    (said,) = await works.heard(RoutingFailed)
    assert [fault.code for fault in said.expansion.faults] == ["quantity_too_large"]
    assert await works.rows("SELECT id FROM production_runs") == []


async def test_many_orders_at_once_all_get_their_runs(works: Any) -> None:
    await works.active()
    orders = [builders.production_order() for _ in range(100)]
    events = [ProductionOrderCreated(production_order=order) for order in orders]
    await asyncio.gather(*(works.say(event) for event in events))
    said = await works.heard(RoutingExpanded, 100)
    assert {payload.expansion.id for payload in said} == {order.id for order in orders}
    (count,) = await works.rows("SELECT count(*) AS n FROM production_runs")
    assert count["n"] == 400


def work_order(expansion: Any, **over: Any) -> WorkOrder:
    run = expansion.runs[0]
    operation = {
        "id": SYSTEM_CLOCK.new_id(),
        "operation_number": 10,
        "operation_name": "Printing",
        "status": "in_progress",
        "run_id": run.id,
        "unit_code": "EA",
        "planned_input": run.planned_input,
        "planned_output": run.planned_output,
        "planned_hours": "1",
    }
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "version": 3,
        "work_order_number": "WO-1",
        "status": "in_progress",
        "priority": "medium",
        "operation_type": "fabrication",
        "quantity_ordered": run.planned_output,
        "unit_code": "EA",
        "operations": [operation],
        "created_at": builders.AT,
        "created_by": builders.ACTOR,
        "updated_at": builders.AT,
        "updated_by": builders.ACTOR,
    }
    return WorkOrder.model_validate(values | over)


async def test_runs_follow_their_work_order_and_ignore_its_older_states(works: Any) -> None:
    await works.active()
    order = await works.order()
    (said,) = await works.heard(RoutingExpanded)
    now = work_order(said.expansion)
    older = WorkOrder.model_validate({**now.model_dump(), "version": 2, "status": "released"})
    for state in (now, older):
        await works.say(
            WorkOrderStatusChanged(work_order=state, old_status="planned", new_status=state.status)
        )
        await works.harness.settle()
    read = await works.done(GET_EXPANSION, GetExpansion(production_order_id=order.id))
    assert read.runs[0].status is RunStatus.IN_PROGRESS
    assert read.runs[1].status is RunStatus.PLANNED


async def test_runs_follow_what_is_reported_while_the_work_order_stays_in_progress(
    works: Any,
) -> None:
    await works.active()
    order = await works.order()
    (said,) = await works.heard(RoutingExpanded)
    now = work_order(said.expansion)
    done = now.model_dump(mode="json")
    done["operations"][0]["status"] = "completed"
    later_state = WorkOrder.model_validate({**done, "version": 4})
    await works.say(WorkOrderProgressed(work_order=later_state))
    await works.harness.settle()
    await works.say(
        WorkOrderStatusChanged(work_order=now, old_status="released", new_status=now.status)
    )
    await works.harness.settle()
    read = await works.done(GET_EXPANSION, GetExpansion(production_order_id=order.id))
    assert read.runs[0].status is RunStatus.COMPLETED
