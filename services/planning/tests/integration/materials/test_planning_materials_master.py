"""Master data that change later, and proposals that somebody firmed: documents follow."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_planning.materials.handlers import firmed
from lineside_testkit import builders


@pytest.fixture
async def shop(stage: Any) -> Any:
    await stage.product("BROCHURE-A4", make_or_buy="make")
    await stage.product("PAPER")
    await stage.bill("BROCHURE-A4", {"component_code": "PAPER", "quantity": 1})
    return stage


async def test_another_bill_is_planned_for_orders_not_yet_begun(shop: Any) -> None:
    waiting, begun = shop.order(100), shop.order(100)
    await shop.plan(waiting, begun)
    started = begun.model_copy(
        update={"version": 2, "status": planning.ProductionOrderStatus.IN_PROGRESS}
    )
    await shop.tell(
        planning.ProductionOrderStatusChanged(
            production_order=started, old_status="released", new_status="in_progress"
        )
    )
    await shop.product("INK")
    (old,) = (
        await shop.harness.ask(planning.LIST_BOMS, planning.ListBoms(), tenant_id=shop.tenant_id)
    ).body.items
    await shop.harness.ask(
        planning.RETIRE_BOM, planning.ActOnBom(bom_id=old.id), tenant_id=shop.tenant_id
    )
    await shop.bill(
        "BROCHURE-A4",
        {"component_code": "PAPER", "quantity": 2},
        {"component_code": "INK", "quantity": 1},
    )
    await shop.harness.settle()
    plans = [await shop.materials(order) for order in (waiting, begun)]
    assert [
        sorted((r.component_code, int(r.needed_quantity)) for r in plan.requirements)
        for plan in plans
    ] == [[("INK", 100), ("PAPER", 200)], [("PAPER", 100)]]


async def test_a_vendor_that_appears_is_asked_and_rounded_for(shop: Any) -> None:
    order = shop.order(100)
    await shop.plan(order)
    assert {w.code for w in (await shop.materials(order)).warnings} >= {"no_vendor"}
    sold = {"product_code": "PAPER", "purchase_unit_code": "BX", "purchase_unit_factor": "250"}
    await shop.vendor("MILL", sold, lead_time_days=7)
    await shop.harness.settle()
    (requisition,) = await shop.requisitions()
    assert (requisition.vendor_code, requisition.quantity) == ("MILL", 250)
    assert (requisition.lead_time_days, requisition.purchase_quantity) == (7, 1)
    assert "no_vendor" not in {w.code for w in (await shop.materials(order)).warnings}


async def test_a_purchase_unit_without_factor_is_bought_unrounded_with_a_warning(
    shop: Any,
) -> None:
    await shop.vendor("MILL", {"product_code": "PAPER", "purchase_unit_code": "CT", "price": "9"})
    order = shop.order(100)
    await shop.plan(order)
    (requisition,) = await shop.requisitions()
    assert (requisition.quantity, requisition.purchase_quantity) == (100, None)
    assert (requisition.vendor_code, requisition.unit_cost) == ("MILL", None)
    codes = {warning.code for warning in (await shop.materials(order)).warnings}
    assert "unknown_purchase_unit" in codes


async def test_a_component_that_becomes_made_gets_an_order_instead_of_a_requisition(
    shop: Any,
) -> None:
    order = shop.order(100)
    await shop.plan(order)
    fields = builders.product_fields(
        product_code="PAPER", product_name="Paper", unit_code="EA", make_or_buy="make"
    )
    answer = await shop.harness.ask(
        planning.PRODUCTS.update,
        planning.PRODUCTS.update.request(code="PAPER", fields=fields),
        tenant_id=shop.tenant_id,
    )
    assert answer.status == 200, answer.body
    await shop.harness.settle()
    plan = await shop.materials(order)
    assert [(c.product_code, c.quantity) for c in plan.children] == [("PAPER", 100)]
    assert [r.status for r in await shop.requisitions()] == ["cancelled"]


def proposal(**over: Any) -> planning.PlannedOrderFirmed:
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "version": 2,
        "product_code": "PAPER",
        "plant_code": "MAIN",
        "make_or_buy": "buy",
        "quantity": Decimal(80),
        "unit_code": "EA",
        "release_on": date(2027, 9, 1),
        "due_on": date(2027, 9, 15),
        "level": 1,
        "is_past_due": False,
        "status": "firmed",
    }
    return planning.PlannedOrderFirmed(
        planned_order=planning.PlannedOrder.model_validate(values | over)
    )


async def test_a_firmed_proposal_of_a_bought_part_is_a_requisition_for_stock(shop: Any) -> None:
    said = proposal()
    await shop.tell(said, handler=firmed.on_planned_orders_firmed)
    await shop.tell(said, handler=firmed.on_planned_orders_firmed)
    await shop.tell(proposal(make_or_buy="make"), handler=firmed.on_planned_orders_firmed)
    (requisition,) = await shop.requisitions()
    assert (requisition.quantity_needed, requisition.needed_on) == (80, date(2027, 9, 15))
    assert requisition.pegs[0].planned_order_id == said.planned_order.id
    assert requisition.pegs[0].production_order_id is None
    ordered = await shop.ask(
        planning.ORDER_REQUISITION,
        planning.OrderRequisition(
            purchase_requisition_id=requisition.id,
            purchase_order_number="4500001",
            expected_on=requisition.arrive_on,
        ),
    )
    assert ordered.status == "ordered"
    order = shop.order(50)
    await shop.plan(order)
    assert (await shop.materials(order)).status == "expected"
