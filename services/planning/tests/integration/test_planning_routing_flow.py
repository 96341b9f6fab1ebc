"""Routing's answers on real servers: routed, held, returned."""

from typing import Any
from uuid import UUID

from lineside_contracts import planning
from lineside_contracts.planning import (
    ActOnProductionOrder,
    ProductionOrder,
    ProductionOrderCreated,
    ProductionOrderStatusChanged,
)
from lineside_contracts.problems import Fault
from lineside_contracts.routing import RoutingExpanded, RoutingFailed
from lineside_contracts.sales import SalesOrderAmended, SalesOrderConfirmed
from lineside_testkit import builders
from lineside_testkit.harness import Harness

NO_ROUTING = (Fault(code="routing_missing", path="product_code", message="No active routing."),)


async def planned(harness: Harness, tenant: UUID, **over: Any) -> ProductionOrder:
    await harness.ask(planning.PRODUCTS.create, builders.product_fields(), tenant_id=tenant)
    event = SalesOrderConfirmed(sales_order=builders.sales_order(**over))
    await harness.publish(event, tenant_id=tenant)
    (created,) = await harness.events(ProductionOrderCreated, tenant_id=tenant)
    return created.payload.production_order


async def stored(harness: Harness, tenant: UUID) -> dict[str, Any]:
    await harness.settle()
    (row,) = await harness.sql("planning", "SELECT * FROM production_orders", tenant_id=tenant)
    return row


async def test_an_expansion_routes_the_order(harness: Harness, make_expansion: Any) -> None:
    tenant = harness.new_tenant()
    answer = make_expansion(await planned(harness, tenant))
    await harness.publish(RoutingExpanded(expansion=answer), tenant_id=tenant)
    (changed,) = await harness.events(ProductionOrderStatusChanged, tenant_id=tenant)
    state = changed.payload.production_order
    assert (changed.payload.old_status, changed.payload.new_status) == ("planned", "routed")
    assert (state.routing_id, state.routing_version) == (answer.routing_id, 1)
    assert state.work_order_count == 2


async def test_a_failure_holds_and_an_expansion_returns_whatever_comes_first(
    harness: Harness, make_expansion: Any
) -> None:
    tenant = harness.new_tenant()
    order = await planned(harness, tenant)
    failed = make_expansion(order, faults=NO_ROUTING, version=1)
    expanded = make_expansion(order, version=2)
    await harness.publish(RoutingFailed(expansion=failed), tenant_id=tenant)
    row = await stored(harness, tenant)
    assert (row["status"], row["held_by"], row["status_before_hold"]) == (
        "on_hold",
        "system",
        "planned",
    )
    assert row["hold_reason"] == "No active routing."
    await harness.publish(RoutingExpanded(expansion=expanded), tenant_id=tenant)
    assert (await stored(harness, tenant))["status"] == "routed"
    await harness.publish(RoutingFailed(expansion=failed), tenant_id=tenant)
    row = await stored(harness, tenant)
    assert (row["status"], row["faults"]) == ("routed", [])


async def test_an_answer_to_an_older_planning_version_is_ignored(
    harness: Harness, make_expansion: Any
) -> None:
    tenant = harness.new_tenant()
    sales_order = builders.sales_order()
    order = await planned(harness, tenant, id=sales_order.id)
    amended = builders.sales_order(
        id=sales_order.id,
        version=2,
        revision=2,
        lines=[builders.sales_order_line(quantity=500)],
    )
    await harness.publish(
        SalesOrderAmended(sales_order=amended, previous_revision=1), tenant_id=tenant
    )
    await harness.settle()
    await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant)
    assert (await stored(harness, tenant))["status"] == "planned"
    newer = make_expansion(order, planning_version=2, version=2)
    await harness.publish(RoutingExpanded(expansion=newer), tenant_id=tenant)
    assert (await stored(harness, tenant))["status"] == "routed"


async def test_a_persons_hold_does_not_lift_by_itself(
    harness: Harness, make_expansion: Any
) -> None:
    tenant = harness.new_tenant()
    order = await planned(harness, tenant)
    act = ActOnProductionOrder(production_order_id=order.id, reason="Customer calls back")
    assert (await harness.ask(planning.HOLD_PRODUCTION_ORDER, act, tenant_id=tenant)).status == 200
    await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant)
    row = await stored(harness, tenant)
    assert (row["status"], row["held_by"], row["routing_code"]) == (
        "on_hold",
        "person",
        "R-BROCHURE",
    )
    resumed = await harness.ask(planning.RESUME_PRODUCTION_ORDER, act, tenant_id=tenant)
    assert resumed.body.status == "routed"


async def test_an_answer_about_another_tenants_order_changes_nothing(
    harness: Harness, make_expansion: Any
) -> None:
    tenant, stranger = harness.new_tenant(), harness.new_tenant()
    order = await planned(harness, tenant)
    await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=stranger)
    assert (await stored(harness, tenant))["status"] == "planned"
    assert await harness.dead_letters(tenant_id=stranger) == []
