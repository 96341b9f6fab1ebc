"""Materials and capacity decide: hold, return, release by itself, on two replicas.

Their answers carry high versions, so that those of the service's own consumers are older.
"""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts import planning
from lineside_contracts.planning import (
    ActOnProductionOrder,
    CapacityChecked,
    ListProductionOrders,
    MaterialPlanned,
    ProductionOrder,
    ProductionOrderAssessed,
    ProductionOrderCreated,
    ProductionOrderReleased,
    ProductionOrderStatusChanged,
    TenantFields,
)
from lineside_contracts.routing import RoutingExpanded
from lineside_contracts.sales import SalesOrderConfirmed
from lineside_testkit import builders
from lineside_testkit.harness import Harness

FIRST = 100
PAPER = builders.material_requirement(
    short_quantity=Decimal(500), available_on=date(2026, 12, 12), needed_quantity=Decimal(10_500)
)


@pytest.fixture
async def tenant(harness: Harness) -> UUID:
    tenant = harness.new_tenant()
    fields = TenantFields(tenant_code="A", tenant_name="A", release_policy="automatic")
    await harness.ask(planning.TENANTS.create, fields, tenant_id=tenant)
    await harness.ask(planning.PRODUCTS.create, builders.product_fields(), tenant_id=tenant)
    return tenant


async def planned(harness: Harness, tenant: UUID, count: int = 1) -> list[ProductionOrder]:
    lines = [builders.sales_order_line(line_number=number + 1) for number in range(count)]
    event = SalesOrderConfirmed(sales_order=builders.sales_order(lines=lines))
    await harness.publish(event, tenant_id=tenant)
    created = await harness.events(ProductionOrderCreated, tenant_id=tenant, count=count)
    return [event.payload.production_order for event in created]


async def say_materials(
    harness: Harness, tenant: UUID, order: ProductionOrder, **over: Any
) -> None:
    plan = builders.material_plan(order, **({"version": FIRST} | over))
    await harness.publish(MaterialPlanned(material_plan=plan), tenant_id=tenant)


async def say_capacity(harness: Harness, tenant: UUID, order: ProductionOrder, **over: Any) -> None:
    plan = builders.capacity_plan(order, **({"version": FIRST} | over))
    await harness.publish(CapacityChecked(capacity_plan=plan), tenant_id=tenant)


async def stored(harness: Harness, tenant: UUID) -> dict[str, Any]:
    await harness.settle()
    (row,) = await harness.sql("planning", "SELECT * FROM production_orders", tenant_id=tenant)
    return row


async def test_a_shortage_holds_then_everything_is_there_and_the_order_is_released(
    harness: Harness, make_expansion: Any, tenant: UUID
) -> None:
    (order,) = await planned(harness, tenant)
    await say_capacity(harness, tenant, order)
    await say_materials(harness, tenant, order, status="short", requirements=[PAPER])
    await harness.settle()
    await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant)
    row = await stored(harness, tenant)
    assert (row["status"], row["held_by"], row["status_before_hold"]) == (
        "on_hold",
        "system",
        "routed",
    )
    assert [fault["facts"]["component_code"] for fault in row["faults"]] == ["PAPER"]
    act = ActOnProductionOrder(production_order_id=order.id)
    refused = await harness.ask(planning.RELEASE_PRODUCTION_ORDER, act, tenant_id=tenant)
    assert refused.status == 409
    assert [fault.code for fault in refused.problem.faults] == ["material_shortage"]
    short = ListProductionOrders(materials_status="short", capacity_status="feasible")
    page = await harness.ask(planning.LIST_PRODUCTION_ORDERS, short, tenant_id=tenant)
    assert [found.id for found in page.body.items] == [order.id]
    await say_materials(harness, tenant, order, version=FIRST + 1)
    (released,) = await harness.events(ProductionOrderReleased, tenant_id=tenant)
    state = released.payload.production_order
    assert (state.status, state.held_by, state.faults) == ("released", None, ())
    assert (state.materials_status, state.capacity_status) == ("covered", "feasible")
    held = await harness.events(ProductionOrderStatusChanged, tenant_id=tenant)
    assert [(e.payload.old_status, e.payload.new_status) for e in held] == [("planned", "on_hold")]


async def test_an_infeasible_order_waits_for_a_person(
    harness: Harness, make_expansion: Any, tenant: UUID
) -> None:
    (order,) = await planned(harness, tenant)
    await say_capacity(harness, tenant, order, status="infeasible", is_feasible=False)
    await say_materials(harness, tenant, order)
    await harness.settle()
    await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant)
    row = await stored(harness, tenant)
    assert (row["status"], row["capacity_status"]) == ("routed", "infeasible")
    assert row["estimated_completion_at"] is not None
    act = ActOnProductionOrder(production_order_id=order.id)
    answer = await harness.ask(planning.RELEASE_PRODUCTION_ORDER, act, tenant_id=tenant)
    assert answer.body.status == "released"


async def test_a_person_who_resumes_releases_what_became_ready_under_the_hold(
    harness: Harness, make_expansion: Any, tenant: UUID
) -> None:
    (order,) = await planned(harness, tenant)
    act = ActOnProductionOrder(production_order_id=order.id, reason="Customer calls back")
    await harness.ask(planning.HOLD_PRODUCTION_ORDER, act, tenant_id=tenant)
    await say_capacity(harness, tenant, order)
    await say_materials(harness, tenant, order)
    await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant)
    row = await stored(harness, tenant)
    assert (row["status"], row["status_before_hold"]) == ("on_hold", "routed")
    resumed = await harness.ask(planning.RESUME_PRODUCTION_ORDER, act, tenant_id=tenant)
    assert resumed.body.status == "released"


async def test_repeated_and_older_answers_have_no_effect(
    harness: Harness, make_expansion: Any, tenant: UUID
) -> None:
    (order,) = await planned(harness, tenant)
    await say_materials(harness, tenant, order, version=FIRST + 5, status="expected")
    await harness.settle()
    before = await stored(harness, tenant)
    await say_materials(harness, tenant, order, status="short", requirements=[PAPER])
    await say_materials(harness, tenant, order, version=FIRST + 5, status="covered")
    await say_materials(harness, tenant, order, version=FIRST + 9, planning_version=0)
    after = await stored(harness, tenant)
    assert (after["version"], after["materials_status"]) == (before["version"], "expected")
    stranger = harness.new_tenant()
    await say_materials(harness, stranger, order, version=FIRST + 9, status="short")
    assert (await stored(harness, tenant))["version"] == before["version"]
    assert await harness.dead_letters(tenant_id=stranger) == []


async def test_many_orders_on_two_replicas_are_each_released_once(
    harness: Harness, make_expansion: Any, tenant: UUID
) -> None:
    made = await planned(harness, tenant, count=40)
    for order in made:
        await say_materials(harness, tenant, order, status="short", requirements=[PAPER])
        await say_capacity(harness, tenant, order)
    await harness.settle()
    for order in made:
        await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant)
        for version in (FIRST + 2, FIRST + 1, FIRST + 2):
            status = "covered" if version == FIRST + 2 else "short"
            requirements = [] if status == "covered" else [PAPER]
            await say_materials(
                harness, tenant, order, version=version, status=status, requirements=requirements
            )
    await harness.settle()
    released = await harness.events(ProductionOrderReleased, tenant_id=tenant, count=40)
    assert Counter(e.payload.production_order.id for e in released) == dict.fromkeys(
        (order.id for order in made), 1
    )
    assessed = await harness.events(ProductionOrderAssessed, tenant_id=tenant, count=0)
    moved = await harness.events(ProductionOrderStatusChanged, tenant_id=tenant, count=0)
    states = [e.payload.production_order for e in assessed]
    states += [e.payload.production_order for e in moved]
    assert set(Counter((state.id, state.version) for state in states).values()) == {1}


async def test_a_suspended_organisation_starts_nothing_new(
    harness: Harness, make_expansion: Any, tenant: UUID
) -> None:
    (order,) = await planned(harness, tenant)
    fields = TenantFields(
        tenant_code="A", tenant_name="A", release_policy="automatic", status="suspended"
    )
    update = planning.TENANTS.update.request(code="A", fields=fields)
    assert (await harness.ask(planning.TENANTS.update, update, tenant_id=tenant)).status == 200
    await say_capacity(harness, tenant, order)
    await say_materials(harness, tenant, order)
    await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant)
    assert (await stored(harness, tenant))["status"] == "routed"
    act = ActOnProductionOrder(production_order_id=order.id)
    create = planning.CreateProductionOrder(
        product_code=builders.BROCHURE, quantity=Decimal(1), due_date=builders.DUE_ON
    )
    for endpoint, request in (
        (planning.RELEASE_PRODUCTION_ORDER, act),
        (planning.CREATE_PRODUCTION_ORDER, create),
    ):
        answer = await harness.ask(endpoint, request, tenant_id=tenant)
        assert (answer.status, answer.problem.facts["tenant_status"]) == (403, "suspended")
