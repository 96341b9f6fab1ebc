"""The packages of planning together, nobody's answers made up: short, held, received, released."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts import planning
from lineside_contracts.planning import (
    ActOnProductionOrder,
    CapacityChecked,
    PostStockMovement,
    ProductionOrder,
    ProductionOrderAssessed,
    ProductionOrderCreated,
    ProductionOrderReleased,
    TenantFields,
)
from lineside_contracts.routing import RoutingExpanded
from lineside_contracts.sales import SalesOrderConfirmed
from lineside_contracts.shopfloor import PlantChanged
from lineside_testkit import builders
from lineside_testkit.harness import Harness


@pytest.fixture
async def tenant(harness: Harness) -> UUID:
    tenant = harness.new_tenant()
    await harness.publish(PlantChanged(plant=builders.plant()), tenant_id=tenant)
    await harness.settle()
    await ask(
        harness,
        tenant,
        planning.TENANTS.create,
        TenantFields(tenant_code="A", tenant_name="A", release_policy="automatic"),
    )
    fields = builders.product_fields(make_or_buy="make")
    await ask(harness, tenant, planning.PRODUCTS.create, fields)
    return tenant


async def ask(harness: Harness, tenant: UUID, endpoint: Any, request: Any) -> Any:
    answer = await harness.ask(endpoint, request, tenant_id=tenant)
    assert answer.status < 300, answer.body
    return answer.body


async def expanded(harness: Harness, tenant: UUID, make_expansion: Any) -> ProductionOrder:
    line = builders.sales_order_line(quantity=Decimal(100), due_date=date(2027, 3, 15))
    event = SalesOrderConfirmed(sales_order=builders.sales_order(lines=[line]))
    await harness.publish(event, tenant_id=tenant)
    (created,) = await harness.events(ProductionOrderCreated, tenant_id=tenant)
    order: ProductionOrder = created.payload.production_order
    await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant)
    return order


async def bill_of(harness: Harness, tenant: UUID, product_code: str, component_code: str) -> None:
    """Two of a component in each of a product, in force."""
    line = {"line_number": 10, "component_code": component_code, "quantity": "2"}
    fields = planning.BomFields(product_code=product_code, lines=[line])
    made = await ask(harness, tenant, planning.CREATE_BOM, fields)
    await ask(harness, tenant, planning.ACTIVATE_BOM, planning.ActOnBom(bom_id=made.id))
    await harness.settle()


async def test_what_needs_nothing_and_fits_is_released_and_nothing_runs_in_a_circle(
    harness: Harness, make_expansion: Any, tenant: UUID
) -> None:
    order = await expanded(harness, tenant, make_expansion)
    (released,) = await harness.events(ProductionOrderReleased, tenant_id=tenant)
    assert released.payload.production_order.id == order.id
    await harness.settle()
    checked = await harness.events(CapacityChecked, tenant_id=tenant, count=0)
    assessed = await harness.events(ProductionOrderAssessed, tenant_id=tenant, count=0)
    assert len(checked) <= 4
    assert len(assessed) <= 4


async def test_a_late_paper_holds_the_order_and_its_arrival_releases_it(
    harness: Harness, make_expansion: Any, tenant: UUID
) -> None:
    paper = builders.product_fields(
        product_code="PAPER", product_name="Paper", make_or_buy="buy", unit_code="EA"
    )
    await ask(harness, tenant, planning.PRODUCTS.create, paper)
    await bill_of(harness, tenant, builders.BROCHURE, "PAPER")
    await harness.settle()
    await expanded(harness, tenant, make_expansion)
    await harness.settle()
    query = "SELECT * FROM production_orders"
    (row,) = await harness.sql("planning", query, tenant_id=tenant)
    assert (row["status"], row["held_by"]) == ("on_hold", "system")
    assert row["faults"][0]["facts"]["component_code"] == "PAPER"
    location = planning.StockLocationFields(
        location_code="RAW", location_name="Raw", plant_code=builders.PLANT
    )
    await ask(harness, tenant, planning.STOCK_LOCATIONS.create, location)
    movement = PostStockMovement(
        kind="adjustment",
        product_code="PAPER",
        location_code="RAW",
        quantity=Decimal(500),
        reason="It came",
    )
    await ask(harness, tenant, planning.POST_STOCK_MOVEMENT, movement)
    (released,) = await harness.events(ProductionOrderReleased, tenant_id=tenant)
    assert released.payload.production_order.faults == ()


async def children(harness: Harness, tenant: UUID, order: ProductionOrder) -> list[ProductionOrder]:
    await harness.settle()
    request = planning.ListProductionOrders(parent_order_id=order.id)
    page = await ask(harness, tenant, planning.LIST_PRODUCTION_ORDERS, request)
    return list(page.items)


async def test_a_made_component_gets_a_child_order_that_follows_its_parent(
    harness: Harness, make_expansion: Any, tenant: UUID
) -> None:
    block = builders.product_fields(
        product_code="BLOCK", product_name="Block", make_or_buy="make", unit_code="EA"
    )
    await ask(harness, tenant, planning.PRODUCTS.create, block)
    await bill_of(harness, tenant, builders.BROCHURE, "BLOCK")
    order = await expanded(harness, tenant, make_expansion)
    (child,) = await children(harness, tenant, order)
    assert (child.product_code, child.level, child.parent_order_id) == ("BLOCK", 1, order.id)
    assert child.due_date <= order.due_date
    act = ActOnProductionOrder(production_order_id=child.id, reason="Not needed, I think")
    await ask(harness, tenant, planning.CANCEL_PRODUCTION_ORDER, act)
    assert [c.status for c in await children(harness, tenant, order)] == ["cancelled"]
    act = ActOnProductionOrder(production_order_id=order.id, reason="Called off")
    await ask(harness, tenant, planning.CANCEL_PRODUCTION_ORDER, act)
    assert {c.status for c in await children(harness, tenant, order)} == {"cancelled"}


async def test_a_cancelled_parent_takes_its_unstarted_child_along(
    harness: Harness, make_expansion: Any, tenant: UUID
) -> None:
    block = builders.product_fields(product_code="BLOCK", make_or_buy="make", unit_code="EA")
    await ask(harness, tenant, planning.PRODUCTS.create, block)
    await bill_of(harness, tenant, builders.BROCHURE, "BLOCK")
    order = await expanded(harness, tenant, make_expansion)
    assert [c.status for c in await children(harness, tenant, order)] == ["planned"]
    act = ActOnProductionOrder(production_order_id=order.id, reason="Called off")
    await ask(harness, tenant, planning.CANCEL_PRODUCTION_ORDER, act)
    assert [c.status for c in await children(harness, tenant, order)] == ["cancelled"]
