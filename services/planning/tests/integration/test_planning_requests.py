"""What people ask of planning: lists, changes, releases, holds, cancellations."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.permissions import Permission
from lineside_contracts.planning import (
    ActOnProductionOrder,
    CreateProductionOrder,
    GetProductionOrder,
    ListProductionOrders,
    ProductionOrder,
    ProductionOrderCancelled,
    ProductionOrderChange,
    ProjectFields,
    UpdateProductionOrder,
)
from lineside_contracts.problems import ProblemCode
from lineside_testkit import builders
from lineside_testkit.harness import Harness


@pytest.fixture
async def tenant(harness: Harness) -> UUID:
    tenant = harness.new_tenant()
    for code, plant in ((builders.BROCHURE, "MAIN"), (builders.BOOK, "SECOND")):
        fields = builders.product_fields(product_code=code, plant_code=plant)
        assert (await harness.ask(planning.PRODUCTS.create, fields, tenant_id=tenant)).status == 201
    return tenant


async def make(harness: Harness, tenant: UUID, **over: Any) -> ProductionOrder:
    values = {
        "product_code": builders.BROCHURE,
        "quantity": Decimal(100),
        "due_date": builders.DUE_ON,
    }
    request = CreateProductionOrder.model_validate(values | over)
    answer = await harness.ask(planning.CREATE_PRODUCTION_ORDER, request, tenant_id=tenant)
    assert answer.status == 201, answer.body
    order: ProductionOrder = answer.body
    return order


async def test_an_order_to_stock_belongs_to_the_stock_project(
    harness: Harness, tenant: UUID
) -> None:
    order = await make(harness, tenant)
    assert (order.project_number, order.status, order.version) == ("STOCK", "planned", 1)
    found = await harness.ask(
        planning.GET_PRODUCTION_ORDER,
        GetProductionOrder(production_order_id=order.id),
        tenant_id=tenant,
    )
    assert found.body == order


async def test_a_wrong_order_is_refused_with_every_fault(harness: Harness, tenant: UUID) -> None:
    request = CreateProductionOrder(
        product_code="NOPE", quantity=Decimal(1), due_date=builders.DUE_ON, project_number="NONE"
    )
    answer = await harness.ask(planning.CREATE_PRODUCTION_ORDER, request, tenant_id=tenant)
    assert answer.status == 422
    assert {fault.path for fault in answer.problem.faults} == {"product_code", "project_number"}


async def test_the_same_key_makes_one_order(harness: Harness, tenant: UUID) -> None:
    request = CreateProductionOrder(
        product_code=builders.BROCHURE, quantity=Decimal(1), due_date=builders.DUE_ON
    )
    answers = [
        await harness.ask(
            planning.CREATE_PRODUCTION_ORDER, request, tenant_id=tenant, idempotency_key="k-1"
        )
        for _ in range(2)
    ]
    assert answers[0].body == answers[1].body


async def test_pages_neither_skip_nor_repeat(harness: Harness, tenant: UUID) -> None:
    made = [await make(harness, tenant) for _ in range(5)]
    seen: list[UUID] = []
    cursor = None
    while True:
        page = await harness.ask(
            planning.LIST_PRODUCTION_ORDERS,
            ListProductionOrders(limit=2, cursor=cursor),
            tenant_id=tenant,
        )
        seen += [order.id for order in page.body.items]
        cursor = page.body.next_cursor
        if cursor is None:
            break
    assert seen == [order.id for order in reversed(made)]


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "!!", "WyJhIl0"])
async def test_a_cursor_of_nobodys_is_refused(harness: Harness, tenant: UUID, cursor: str) -> None:
    answer = await harness.ask(
        planning.LIST_PRODUCTION_ORDERS, ListProductionOrders(cursor=cursor), tenant_id=tenant
    )
    assert answer.problem.code is ProblemCode.INVALID_CURSOR


async def test_lists_filter_and_search(harness: Harness, tenant: UUID) -> None:
    project = ProjectFields(project_number="P-50%", project_name="Half price")
    await harness.ask(planning.PROJECTS.create, project, tenant_id=tenant)
    first = await make(harness, tenant, project_number="P-50%", priority="urgent")
    second = await make(
        harness, tenant, product_code=builders.BOOK, due_date=builders.DUE_ON + timedelta(days=9)
    )
    for filters, expected in (
        ({"status": "planned"}, {first.id, second.id}),
        ({"status": "routed"}, set()),
        ({"priority": "urgent"}, {first.id}),
        ({"project_number": "P-50%"}, {first.id}),
        ({"product_code": builders.BOOK}, {second.id}),
        ({"plant_code": "SECOND"}, {second.id}),
        ({"due_before": builders.DUE_ON + timedelta(days=1)}, {first.id}),
        ({"sales_order_number": "SO-1"}, set()),
        ({"search": "book"}, {second.id}),
        ({"search": "50%"}, {first.id}),
        ({"search": second.production_order_number.lower()}, {second.id}),
    ):
        answer = await harness.ask(
            planning.LIST_PRODUCTION_ORDERS,
            ListProductionOrders.model_validate(filters),
            tenant_id=tenant,
        )
        assert {order.id for order in answer.body.items} == expected, filters


async def test_a_change_against_an_older_version_changes_nothing(
    harness: Harness, tenant: UUID
) -> None:
    order = await make(harness, tenant)
    change = ProductionOrderChange(quantity=Decimal(120))
    request = UpdateProductionOrder(production_order_id=order.id, expected_version=1, change=change)
    done = await harness.ask(planning.UPDATE_PRODUCTION_ORDER, request, tenant_id=tenant)
    assert (done.body.version, done.body.planning_version) == (2, 2)
    again = await harness.ask(planning.UPDATE_PRODUCTION_ORDER, request, tenant_id=tenant)
    assert again.status == 412
    assert again.problem.facts["current_version"] == 2


async def test_a_planned_order_is_not_released(harness: Harness, tenant: UUID) -> None:
    order = await make(harness, tenant)
    act = ActOnProductionOrder(production_order_id=order.id)
    answer = await harness.ask(planning.RELEASE_PRODUCTION_ORDER, act, tenant_id=tenant)
    assert answer.status == 409
    assert answer.problem.facts == {
        "from": "planned",
        "to": "released",
        "allowed": ["on_hold", "cancelled"],
    }


async def test_a_cancelled_order_says_why(harness: Harness, tenant: UUID) -> None:
    order = await make(harness, tenant)
    act = ActOnProductionOrder(production_order_id=order.id, reason="No longer needed")
    answer = await harness.ask(planning.CANCEL_PRODUCTION_ORDER, act, tenant_id=tenant)
    assert answer.body.status == "cancelled"
    (said,) = await harness.events(ProductionOrderCancelled, tenant_id=tenant)
    assert said.payload.reason == "No longer needed"
    assert said.payload.production_order.updated_by.name == "Toni Tester"


async def test_people_see_and_touch_only_their_plants(harness: Harness, tenant: UUID) -> None:
    mine = await make(harness, tenant)
    other = await make(harness, tenant, product_code=builders.BOOK)
    plants = frozenset({"MAIN"})
    page = await harness.ask(
        planning.LIST_PRODUCTION_ORDERS, ListProductionOrders(), tenant_id=tenant, plants=plants
    )
    assert [order.id for order in page.body.items] == [mine.id]
    for endpoint, request in (
        (planning.GET_PRODUCTION_ORDER, GetProductionOrder(production_order_id=other.id)),
        (planning.CANCEL_PRODUCTION_ORDER, ActOnProductionOrder(production_order_id=other.id)),
    ):
        answer = await harness.ask(endpoint, request, tenant_id=tenant, plants=plants)
        assert answer.problem.code is ProblemCode.PLANT_FORBIDDEN


async def test_another_tenant_finds_nothing(harness: Harness, tenant: UUID) -> None:
    order = await make(harness, tenant)
    stranger = harness.new_tenant()
    page = await harness.ask(
        planning.LIST_PRODUCTION_ORDERS, ListProductionOrders(), tenant_id=stranger
    )
    assert page.body.items == ()
    act = ActOnProductionOrder(production_order_id=order.id)
    for endpoint in (
        planning.RELEASE_PRODUCTION_ORDER,
        planning.HOLD_PRODUCTION_ORDER,
        planning.RESUME_PRODUCTION_ORDER,
        planning.CANCEL_PRODUCTION_ORDER,
    ):
        assert (await harness.ask(endpoint, act, tenant_id=stranger)).status == 404


async def test_without_the_permission_nothing_is_outdated(harness: Harness, tenant: UUID) -> None:
    answer = await harness.ask(
        planning.CANCEL_PRODUCTION_ORDER,
        ActOnProductionOrder(production_order_id=SYSTEM_CLOCK.new_id()),
        tenant_id=tenant,
        permissions=frozenset({Permission.PRODUCTION_ORDER_READ}),
    )
    assert answer.problem.code is ProblemCode.FORBIDDEN
