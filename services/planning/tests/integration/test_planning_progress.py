"""The floor's progress on real servers."""

from typing import Any
from uuid import UUID

from lineside_contracts import planning
from lineside_contracts.planning import (
    ActOnProductionOrder,
    ProductionOrder,
    ProductionOrderCompleted,
    ProductionOrderCreated,
    ProductionOrderReleased,
    ProductionOrderStatusChanged,
    ResolveException,
)
from lineside_contracts.routing import RoutingExpanded
from lineside_contracts.sales import (
    SalesOrderAmended,
    SalesOrderCancelled,
    SalesOrderConfirmed,
    SalesOrderStatus,
)
from lineside_contracts.shopfloor import (
    WorkOrder,
    WorkOrderReplanRefused,
    WorkOrderStatus,
    WorkOrderStatusChanged,
)
from lineside_testkit import builders
from lineside_testkit.harness import Harness


async def released(harness: Harness, tenant: UUID, make_expansion: Any) -> ProductionOrder:
    await harness.ask(planning.PRODUCTS.create, builders.product_fields(), tenant_id=tenant)
    await harness.publish(SalesOrderConfirmed(sales_order=builders.sales_order()), tenant_id=tenant)
    (created,) = await harness.events(ProductionOrderCreated, tenant_id=tenant)
    order = created.payload.production_order
    await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant)
    await harness.events(ProductionOrderStatusChanged, tenant_id=tenant)
    act = ActOnProductionOrder(production_order_id=order.id)
    answer = await harness.ask(planning.RELEASE_PRODUCTION_ORDER, act, tenant_id=tenant)
    assert answer.status == 200, answer.body
    await harness.events(ProductionOrderReleased, tenant_id=tenant)
    state: ProductionOrder = answer.body
    return state


async def report(harness: Harness, tenant: UUID, work_order: WorkOrder, status: str) -> WorkOrder:
    after = work_order.model_copy(
        update={"status": WorkOrderStatus(status), "version": work_order.version + 1}
    )
    event = WorkOrderStatusChanged(
        work_order=after, old_status=work_order.status, new_status=after.status
    )
    await harness.publish(event, tenant_id=tenant)
    return after


async def stored(harness: Harness, tenant: UUID) -> dict[str, Any]:
    await harness.settle()
    (row,) = await harness.sql("planning", "SELECT * FROM production_orders", tenant_id=tenant)
    return row


async def test_an_order_begins_and_completes_with_its_work_orders(
    harness: Harness, make_expansion: Any, make_work_order: Any
) -> None:
    tenant = harness.new_tenant()
    order = await released(harness, tenant, make_expansion)
    first = make_work_order(order.id, quantity_completed=10_100)
    last = make_work_order(
        order.id, quantity_completed=9_990, predecessor_work_order_ids=[first.id]
    )
    begun = await report(harness, tenant, first, "in_progress")
    assert (await stored(harness, tenant))["status"] == "in_progress"
    done = await report(harness, tenant, begun, "completed")
    row = await stored(harness, tenant)
    assert (row["status"], row["work_orders_completed"]) == ("in_progress", 1)
    await report(harness, tenant, last, "completed")
    row = await stored(harness, tenant)
    assert (row["status"], row["quantity_completed"]) == ("completed", 9_990)
    (told,) = await harness.events(ProductionOrderCompleted, tenant_id=tenant)
    assert told.payload.production_order.quantity_completed == 9_990
    await _accept_and_close(harness, tenant, order)
    row = await stored(harness, tenant)
    await report(harness, tenant, first, "in_progress")
    await report(harness, tenant, done.model_copy(update={"version": 0}), "in_progress")
    assert (await stored(harness, tenant))["version"] == row["version"]


async def _accept_and_close(harness: Harness, tenant: UUID, order: ProductionOrder) -> None:
    resolve = ResolveException(
        production_order_id=order.id,
        code="short_by",
        path="quantity_completed",
        decision="keep",
        reason="The customer takes what there is",
    )
    endpoint = planning.RESOLVE_PRODUCTION_ORDER_EXCEPTION
    answer = await harness.ask(endpoint, resolve, tenant_id=tenant)
    assert (answer.status, answer.body.exceptions) == (200, ())
    act = ActOnProductionOrder(production_order_id=order.id)
    closed = await harness.ask(planning.CLOSE_PRODUCTION_ORDER, act, tenant_id=tenant)
    assert closed.body.status == "closed"
    again = await harness.ask(planning.CLOSE_PRODUCTION_ORDER, act, tenant_id=tenant)
    assert again.problem.facts["allowed"] == []


async def test_work_called_off_by_hand_comes_back_to_a_planner_who_plans_it_anew(
    harness: Harness, make_expansion: Any, make_work_order: Any
) -> None:
    tenant = harness.new_tenant()
    order = await released(harness, tenant, make_expansion)
    for _ in range(2):
        await report(harness, tenant, make_work_order(order.id), "cancelled")
    row = await stored(harness, tenant)
    assert row["status"] == "routed"
    assert [exception["code"] for exception in row["exceptions"]] == ["all_work_cancelled"]
    act = ActOnProductionOrder(production_order_id=order.id)
    refused = await harness.ask(planning.RELEASE_PRODUCTION_ORDER, act, tenant_id=tenant)
    assert [fault.code for fault in refused.problem.faults] == ["all_work_cancelled"]
    keep = ResolveException(
        production_order_id=order.id,
        code="all_work_cancelled",
        path="work_orders",
        decision="keep",
        reason="The paper has come after all",
    )
    endpoint = planning.RESOLVE_PRODUCTION_ORDER_EXCEPTION
    kept = (await harness.ask(endpoint, keep, tenant_id=tenant)).body
    assert (kept.status, kept.planning_version, kept.exceptions) == ("routed", 2, ())
    again = make_expansion(kept, version=2)
    await harness.publish(RoutingExpanded(expansion=again), tenant_id=tenant)
    await harness.settle()
    answer = await harness.ask(planning.RELEASE_PRODUCTION_ORDER, act, tenant_id=tenant)
    assert answer.body.status == "released"


async def test_a_late_start_report_does_not_undo_a_completion(
    harness: Harness, make_expansion: Any, make_work_order: Any
) -> None:
    tenant = harness.new_tenant()
    order = await released(harness, tenant, make_expansion)
    for _ in range(2):
        work_order = make_work_order(order.id, version=3, quantity_completed=50)
        await report(harness, tenant, work_order, "completed")
        await harness.settle()
        await report(harness, tenant, work_order.model_copy(update={"version": 1}), "in_progress")
    assert (await stored(harness, tenant))["status"] == "completed"


async def test_amend_and_cancel_in_progress_become_exceptions(
    harness: Harness, make_expansion: Any, make_work_order: Any
) -> None:
    tenant = harness.new_tenant()
    order = await released(harness, tenant, make_expansion)
    await report(harness, tenant, make_work_order(order.id), "in_progress")
    await harness.settle()
    amended = builders.sales_order(
        id=order.sales_order_id,
        version=2,
        revision=2,
        lines=[builders.sales_order_line(quantity=500)],
    )
    event = SalesOrderAmended(sales_order=amended, previous_revision=1)
    await harness.publish(event, tenant_id=tenant)
    row = await stored(harness, tenant)
    assert [exception["code"] for exception in row["exceptions"]] == ["amend_in_progress"]
    assert row["quantity_ordered"] == 10_000
    called_off = amended.model_copy(update={"version": 3, "status": SalesOrderStatus.CANCELLED})
    await harness.publish(SalesOrderCancelled(sales_order=called_off), tenant_id=tenant)
    row = await stored(harness, tenant)
    assert [exception["code"] for exception in row["exceptions"]] == [
        "amend_in_progress",
        "cancel_in_progress",
    ]
    assert row["status"] == "in_progress"


async def test_a_refused_replan_becomes_an_exception(
    harness: Harness, make_expansion: Any, make_work_order: Any
) -> None:
    tenant = harness.new_tenant()
    order = await released(harness, tenant, make_expansion)
    refusal = WorkOrderReplanRefused(
        work_order=make_work_order(order.id, status="in_progress", version=4),
        production_order_id=order.id,
        planning_version=2,
        reason="work has started",
    )
    await harness.publish(refusal, tenant_id=tenant)
    row = await stored(harness, tenant)
    assert [exception["code"] for exception in row["exceptions"]] == ["replan_refused"]


async def test_work_orders_made_by_hand_move_no_production_order(
    harness: Harness, make_work_order: Any
) -> None:
    tenant = harness.new_tenant()
    await report(harness, tenant, make_work_order(None), "in_progress")
    await harness.settle()
    assert await harness.dead_letters(tenant_id=tenant) == []
