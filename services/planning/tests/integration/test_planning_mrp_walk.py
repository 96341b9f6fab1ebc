"""One case from the order to the purchase: projected, planned, explained, made firm."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.planning import (
    Bom,
    BomChanged,
    GetMrpItem,
    GetPegging,
    GetPlannedOrder,
    ListMrpExceptions,
    ListPlannedOrders,
    PlannedOrderFirmed,
    ProductChanged,
    ProductionOrderCreated,
    StartMrpRun,
    Stock,
    StockChanged,
)
from lineside_contracts.shopfloor import PlantChanged
from lineside_testkit import builders
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

PLANT = builders.PLANT


@pytest.fixture(scope="module")
async def factory(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers,
        services=["planning"],
        replicas={"planning": 2},
        settings={"planning": {"mrp_poll_seconds": 0.05, "mrp_check_seconds": 0}},
    ) as harness:
        yield harness


def bom(product_code: str, lines: dict[str, str], **over: Any) -> Bom:
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "version": 1,
        "product_code": product_code,
        "bom_version": 1,
        "status": "active",
        "base_quantity": 1,
        "lines": [
            {
                "id": SYSTEM_CLOCK.new_id(),
                "line_number": number,
                "component_code": component,
                "quantity": quantity,
            }
            for number, (component, quantity) in enumerate(lines.items(), 1)
        ],
        "created_at": builders.AT,
        "created_by": builders.ACTOR,
        "updated_at": builders.AT,
        "updated_by": builders.ACTOR,
    }
    return Bom.model_validate(values | over)


def stock(product_code: str, quantity: int, **over: Any) -> Stock:
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "version": 1,
        "product_code": product_code,
        "plant_code": PLANT,
        "unit_code": "EA",
        "quantity_on_hand": quantity,
        "quantity_allocated": 0,
        "quantity_available": quantity,
        "updated_at": builders.AT,
    }
    return Stock.model_validate(values | over)


async def a_bicycle_factory(harness: Harness) -> UUID:
    tenant = harness.new_tenant()
    await harness.publish(PlantChanged(plant=builders.plant()), tenant_id=tenant)
    for code, over in {
        "BIKE": {"lead_time_days": 2},
        "WHEEL": {"lead_time_days": 3},
        "SPOKE": {"make_or_buy": "buy", "lead_time_days": 7, "safety_stock_quantity": 10},
    }.items():
        product = builders.product(product_code=code, product_name=code.title(), **over)
        await harness.publish(ProductChanged(product=product), tenant_id=tenant)
    for code, lines in {"BIKE": {"WHEEL": "2"}, "WHEEL": {"SPOKE": "36"}}.items():
        await harness.publish(BomChanged(bom=bom(code, lines)), tenant_id=tenant)
    return tenant


async def test_an_order_becomes_requirements_planned_orders_and_what_is_firmed(
    factory: Harness,
) -> None:
    tenant = await a_bicycle_factory(factory)
    lying = stock("WHEEL", 4)
    await factory.publish(StockChanged(stock=lying, quantity_change=Decimal(4)), tenant_id=tenant)
    order = builders.production_order(
        product_code="BIKE", quantity_ordered=Decimal(5), due_date=date(2027, 3, 15)
    )
    await factory.publish(ProductionOrderCreated(production_order=order), tenant_id=tenant)
    await factory.settle()

    answer = await factory.ask(planning.LIST_PLANNED_ORDERS, ListPlannedOrders(), tenant_id=tenant)
    assert answer.status == 200, answer.body
    found = {p.product_code: p for p in answer.body.items}
    assert [(p.product_code, p.quantity) for p in answer.body.items] == [
        ("SPOKE", 10),
        ("SPOKE", 216),
        ("WHEEL", 6),
    ]
    assert found["WHEEL"].due_on == date(2027, 3, 11)

    item = await factory.ask(
        planning.GET_MRP_ITEM, GetMrpItem(product_code="SPOKE"), tenant_id=tenant
    )
    assert item.status == 200, item.body
    print(item.body)

    wheel = GetPlannedOrder(planned_order_id=found["WHEEL"].id)
    firmed = await factory.ask(planning.FIRM_PLANNED_ORDER, wheel, tenant_id=tenant)
    assert firmed.status == 200, firmed.body
    again = await factory.ask(planning.FIRM_PLANNED_ORDER, wheel, tenant_id=tenant)
    assert again.problem.code == "already_firmed"
    await factory.events(PlannedOrderFirmed, tenant_id=tenant)
    await factory.settle()

    left = await factory.ask(planning.LIST_PLANNED_ORDERS, ListPlannedOrders(), tenant_id=tenant)
    assert [(p.product_code, p.quantity) for p in left.body.items] == [
        ("SPOKE", 10),
        ("SPOKE", 216),
    ]

    chain = await factory.ask(
        planning.GET_PEGGING, GetPegging(production_order_id=order.id), tenant_id=tenant
    )
    assert chain.status == 200, chain.body
    print(chain.body)
    exceptions = await factory.ask(
        planning.LIST_MRP_EXCEPTIONS, ListMrpExceptions(), tenant_id=tenant
    )
    print(exceptions.body)
    run = await factory.ask(planning.START_MRP_RUN, StartMrpRun(kind="check"), tenant_id=tenant)
    print(run.body)
    import asyncio

    for _ in range(100):
        rows = await factory.sql("planning", "select * from mrp_runs", tenant_id=tenant)
        if rows and rows[0]["status"] not in ("queued", "running"):
            break
        await asyncio.sleep(0.1)
    print(rows)
    assert rows[0]["changed_item_count"] == 0
    print(await factory.dead_letters(tenant_id=tenant))
