"""Child orders and firmed proposals, from the stream to production orders."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.planning import (
    ActOnProductionOrder,
    ChildNeed,
    ListProductionOrders,
    MaterialPlanned,
    PlannedOrder,
    PlannedOrderFirmed,
    ProductionOrder,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCreated,
)
from lineside_contracts.sales import SalesOrderConfirmed
from lineside_testkit import builders
from lineside_testkit.harness import Harness

FIRST = 100


@pytest.fixture
async def tenant(harness: Harness) -> UUID:
    tenant = harness.new_tenant()
    for code in (builders.BOOK, "BLOCK"):
        fields = builders.product_fields(product_code=code)
        await harness.ask(planning.PRODUCTS.create, fields, tenant_id=tenant)
    return tenant


@pytest.fixture
async def book(harness: Harness, tenant: UUID) -> ProductionOrder:
    line = builders.sales_order_line(product_code=builders.BOOK)
    event = SalesOrderConfirmed(sales_order=builders.sales_order(lines=[line], priority="high"))
    await harness.publish(event, tenant_id=tenant)
    (created,) = await harness.events(ProductionOrderCreated, tenant_id=tenant)
    return created.payload.production_order


def block(**over: Any) -> ChildNeed:
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "requirement_id": SYSTEM_CLOCK.new_id(),
        "product_code": "BLOCK",
        "quantity": Decimal(1_021),
        "unit_code": "EA",
        "due_date": date(2026, 12, 9),
    }
    return ChildNeed.model_validate(values | over)


async def say(
    harness: Harness, tenant: UUID, order: ProductionOrder, *needs: ChildNeed, version: int
) -> None:
    plan = builders.material_plan(order, version=FIRST + version, children=needs)
    await harness.publish(MaterialPlanned(material_plan=plan), tenant_id=tenant)
    await harness.settle()


async def child(harness: Harness, tenant: UUID, book: ProductionOrder) -> ProductionOrder:
    request = ListProductionOrders(parent_order_id=book.id)
    page = await harness.ask(planning.LIST_PRODUCTION_ORDERS, request, tenant_id=tenant)
    found: ProductionOrder = page.body.items[0]
    return found


async def test_a_child_order_lives_with_its_parents_need(
    harness: Harness, tenant: UUID, book: ProductionOrder
) -> None:
    need = block()
    await say(harness, tenant, book, need, version=0)
    made = await child(harness, tenant, book)
    assert (made.id, made.level, made.parent_order_number) == (
        need.id,
        1,
        book.production_order_number,
    )
    assert (made.project_id, made.priority, made.quantity_ordered) == (
        book.project_id,
        "high",
        Decimal(1_021),
    )
    assert made.production_order_number.endswith("000002")
    await say(harness, tenant, book, need, version=1)
    assert (await child(harness, tenant, book)).version == 1
    more = need.model_copy(update={"quantity": Decimal(2_000)})
    await say(harness, tenant, book, more, version=2)
    grown = await child(harness, tenant, book)
    assert (grown.quantity_ordered, grown.planning_version) == (Decimal(2_000), 2)
    said = await harness.events(ProductionOrderChanged, tenant_id=tenant)
    (changed,) = [e.payload for e in said if e.payload.production_order.id == need.id]
    assert "planning_version" in changed.changed_fields
    await say(harness, tenant, book, version=3)
    assert (await child(harness, tenant, book)).status == "cancelled"
    await say(harness, tenant, book, more, version=1)
    assert (await child(harness, tenant, book)).status == "cancelled"


async def test_children_of_children_follow_a_cancelled_parent_by_empty_plans(
    harness: Harness, tenant: UUID, book: ProductionOrder
) -> None:
    await say(harness, tenant, book, block(), version=0)
    made = await child(harness, tenant, book)
    await say(harness, tenant, made, block(), version=0)
    grandchild = await child(harness, tenant, made)
    assert grandchild.level == 2
    act = ActOnProductionOrder(production_order_id=book.id, reason="No longer needed")
    await harness.ask(planning.CANCEL_PRODUCTION_ORDER, act, tenant_id=tenant)
    await say(harness, tenant, book, version=1)
    await say(harness, tenant, made, version=1)
    called_off = await harness.events(ProductionOrderCancelled, tenant_id=tenant, count=3)
    ids = [event.payload.production_order.id for event in called_off]
    assert ids == [book.id, made.id, grandchild.id]


async def test_a_person_s_cancellation_of_a_child_is_not_undone(
    harness: Harness, tenant: UUID, book: ProductionOrder
) -> None:
    need = block()
    await say(harness, tenant, book, need, version=0)
    act = ActOnProductionOrder(production_order_id=need.id)
    await harness.ask(planning.CANCEL_PRODUCTION_ORDER, act, tenant_id=tenant)
    await say(harness, tenant, book, need, version=1)
    renamed = need.model_copy(update={"id": SYSTEM_CLOCK.new_id()})
    await say(harness, tenant, book, renamed, version=2)
    assert (await child(harness, tenant, book)).status == "cancelled"
    less = renamed.model_copy(update={"quantity": Decimal(7)})
    await say(harness, tenant, book, less, version=3)
    assert (await child(harness, tenant, book)).id == less.id


async def test_a_firmed_proposal_becomes_one_order_to_stock(harness: Harness, tenant: UUID) -> None:
    proposal = PlannedOrder(
        id=SYSTEM_CLOCK.new_id(),
        version=2,
        product_code="BLOCK",
        plant_code="MAIN",
        make_or_buy="make",
        quantity=Decimal(500),
        unit_code="EA",
        release_on=date(2026, 12, 1),
        due_on=date(2026, 12, 9),
        level=1,
        is_past_due=False,
        status="firmed",
    )
    to_buy = proposal.model_copy(update={"id": SYSTEM_CLOCK.new_id(), "make_or_buy": "buy"})
    for planned_order in (to_buy, proposal, proposal):
        event = PlannedOrderFirmed(planned_order=planned_order)
        await harness.publish(event, tenant_id=tenant)
    await harness.settle()
    (created,) = await harness.events(ProductionOrderCreated, tenant_id=tenant)
    state = created.payload.production_order
    assert (state.id, state.project_number, state.quantity_ordered) == (
        proposal.id,
        "STOCK",
        Decimal(500),
    )
    assert (state.due_date, state.plant_code) == (proposal.due_on, "MAIN")
