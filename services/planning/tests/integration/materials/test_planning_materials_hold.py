"""Through the broker: what is missing holds an order, what is ordered lets it go by itself."""

from typing import Any

from lineside_contracts import planning
from lineside_testkit import builders


async def test_a_missing_part_holds_an_order_until_it_is_ordered(stage: Any) -> None:
    harness, tenant = stage.harness, stage.tenant_id
    await stage.product("BROCHURE-A4", make_or_buy="make")
    await stage.product("PAPER")
    await stage.bill("BROCHURE-A4", {"component_code": "PAPER", "quantity": 1})
    request = planning.CreateProductionOrder(
        product_code="BROCHURE-A4", quantity=100, due_date=builders.DUE_ON.replace(year=2027)
    )
    made = await harness.ask(planning.CREATE_PRODUCTION_ORDER, request, tenant_id=tenant)
    assert made.status == 201, made.body
    await harness.publish(stage.expansion(made.body), tenant_id=tenant)
    held = await reaches(stage, made.body, "on_hold")
    assert (held.held_by, held.materials_status) == ("system", "short")
    assert [fault.code for fault in held.faults] == ["material_shortage"]
    (requisition,) = await stage.requisitions()
    await harness.ask(
        planning.ORDER_REQUISITION,
        planning.OrderRequisition(
            purchase_requisition_id=requisition.id,
            purchase_order_number="4500001",
            expected_on=requisition.arrive_on,
        ),
        tenant_id=tenant,
    )
    free = await reaches(stage, made.body, "routed")
    assert (free.materials_status, free.materials_available_on) == (
        "expected",
        requisition.arrive_on,
    )
    assert await harness.dead_letters(tenant_id=tenant) == []


async def reaches(stage: Any, order: planning.ProductionOrder, status: str) -> Any:
    await stage.harness.settle()
    request = planning.GetProductionOrder(production_order_id=order.id)
    answer = await stage.harness.ask(
        planning.GET_PRODUCTION_ORDER, request, tenant_id=stage.tenant_id
    )
    assert answer.body.status == status
    return answer.body


async def test_a_made_component_gets_an_order_of_its_own_that_follows_its_parent(
    stage: Any,
) -> None:
    harness, tenant = stage.harness, stage.tenant_id
    await stage.product("BOOK", make_or_buy="make")
    await stage.product("BLOCK", make_or_buy="make")
    await stage.bill("BOOK", {"component_code": "BLOCK", "quantity": 2})
    request = planning.CreateProductionOrder(
        product_code="BOOK", quantity=100, due_date=builders.DUE_ON.replace(year=2027)
    )
    parent = (await harness.ask(planning.CREATE_PRODUCTION_ORDER, request, tenant_id=tenant)).body
    await harness.publish(stage.expansion(parent), tenant_id=tenant)
    await harness.settle()
    (child,) = (
        await harness.ask(
            planning.LIST_PRODUCTION_ORDERS,
            planning.ListProductionOrders(parent_order_id=parent.id),
            tenant_id=tenant,
        )
    ).body.items
    assert (child.product_code, child.quantity_ordered, child.level) == ("BLOCK", 200, 1)
    await harness.ask(
        planning.CANCEL_PRODUCTION_ORDER,
        planning.ActOnProductionOrder(production_order_id=parent.id, reason="not wanted"),
        tenant_id=tenant,
    )
    await reaches(stage, child, "cancelled")
    plan = await stage.materials(parent)
    assert (plan.order_status, plan.children) == ("cancelled", ())
