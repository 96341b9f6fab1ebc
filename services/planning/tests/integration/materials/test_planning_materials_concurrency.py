"""Two replicas, 32 orders at once on 4 hot products: nobody is promised what another holds."""

import asyncio
import random
from decimal import Decimal
from typing import Any

from lineside_contracts import planning
from lineside_contracts.envelope import EventPayload
from lineside_contracts.planning import MaterialPlanned

ORDERS = 32
PARTS = ("BOLT", "NUT", "WASHER", "SCREW")
STOCK = 1600
"""Half of what all orders need together."""

EACH = 100


async def hot(stage: Any) -> list[Any]:
    await stage.product("FRAME", make_or_buy="make")
    for part in PARTS:
        await stage.product(part)
        await stage.stock(part, STOCK)
    await stage.bill("FRAME", *({"component_code": part, "quantity": 1} for part in PARTS))
    priorities = ("low", "high", "urgent")
    return [
        stage.order(EACH, product_code="FRAME", priority=priorities[number % 3])
        for number in range(ORDERS)
    ]


async def said(stage: Any, *payloads: EventPayload) -> None:
    about = [stage.harness.publish(payload, tenant_id=stage.tenant_id) for payload in payloads]
    await asyncio.gather(*about)


async def pools(stage: Any) -> dict[str, tuple[int, int, int]]:
    rows = await stage.sql(
        "SELECT i.product_code, i.quantity_on_hand, i.quantity_allocated,"
        " COALESCE((SELECT sum(a.quantity) FROM material_allocations a"
        "  WHERE a.product_code = i.product_code AND a.receipt_id IS NULL), 0) AS held"
        " FROM inventory i WHERE i.product_code <> 'FRAME'"
    )
    return {
        row["product_code"]: (
            int(row["quantity_on_hand"]),
            int(row["quantity_allocated"]),
            int(row["held"]),
        )
        for row in rows
    }


async def test_32_orders_on_4_hot_products_are_never_promised_more_than_there_is(
    stage: Any,
) -> None:
    orders = await hot(stage)
    created = [planning.ProductionOrderCreated(production_order=order) for order in orders]
    await asyncio.gather(
        *(said(stage, event) for event in created),
        *(said(stage, stage.expansion(order)) for order in orders),
    )
    plans = await stage.harness.events(
        MaterialPlanned, tenant_id=stage.tenant_id, count=ORDERS, timeout=30
    )
    await stage.harness.settle()
    assert {event.envelope.aggregate_id for event in plans} == {order.id for order in orders}
    assert await pools(stage) == dict.fromkeys(PARTS, (STOCK, STOCK, STOCK))
    asked = [
        stage.harness.ask(
            planning.REPLAN_MATERIALS,
            planning.GetMaterials(production_order_id=order.id),
            tenant_id=stage.tenant_id,
        )
        for order in orders
    ]
    gone = [
        planning.ProductionOrderCancelled(
            production_order=order.model_copy(
                update={"version": 2, "status": planning.ProductionOrderStatus.CANCELLED}
            )
        )
        for order in orders[: ORDERS // 2]
    ]
    answers, *_ = await asyncio.gather(asyncio.gather(*asked), *(said(stage, e) for e in gone))
    assert {answer.status for answer in answers} == {200}
    await stage.harness.settle()
    assert await pools(stage) == dict.fromkeys(PARTS, (STOCK, STOCK, STOCK))
    left = await stage.sql("SELECT sum(short_quantity) AS short FROM material_requirements")
    assert left == [{"short": 0}]
    bought = await stage.sql("SELECT DISTINCT status FROM purchase_requisitions")
    assert bought == [{"status": "cancelled"}]
    assert await stage.harness.dead_letters(tenant_id=stage.tenant_id) == []


async def test_the_same_events_again_and_in_any_order_end_the_same(stage: Any) -> None:
    orders = (await hot(stage))[:8]
    history: list[EventPayload] = []
    for order in orders:
        bigger = order.model_copy(
            update={"version": 2, "planning_version": 2, "quantity_ordered": Decimal(150)}
        )
        history += [
            planning.ProductionOrderCreated(production_order=order),
            planning.ProductionOrderChanged(production_order=bigger, changed_fields=("q",)),
            stage.expansion(order),
            stage.expansion(bigger, version=2),
        ]
    for seed in range(3):
        order_of_arrival = random.Random(seed)  # noqa: S311 -- no secret
        await said(stage, *order_of_arrival.sample(history, k=len(history)))
    await stage.harness.settle()
    found = await stage.sql(
        "SELECT needed_quantity, count(*) FROM material_requirements GROUP BY 1"
    )
    assert found == [{"needed_quantity": Decimal(150), "count": len(orders) * len(PARTS)}]
    assert await pools(stage) == dict.fromkeys(PARTS, (STOCK, 1200, 1200))
    assert await stage.harness.dead_letters(tenant_id=stage.tenant_id) == []
