"""One order followed by a person: short, requisition, ordered, received, covered (issue 3)."""

from datetime import date
from decimal import Decimal
from typing import Any

from lineside_contracts import planning


async def test_an_order_that_lacks_paper_gets_it_and_is_covered(stage: Any) -> None:
    await stage.product("BROCHURE-A4", make_or_buy="make")
    await stage.product("PAPER", unit_code="EA", safety_stock_quantity=0)
    await stage.bill(
        "BROCHURE-A4", {"component_code": "PAPER", "quantity": 1, "sequence_number": 10}
    )
    await stage.vendor(
        "MILL",
        {"product_code": "PAPER", "purchase_unit_code": "BX", "purchase_unit_factor": "500"},
        lead_time_days=10,
    )
    await stage.stock("PAPER", 40)
    order = stage.order(100)
    await stage.plan(order)
    plan = await stage.materials(order)
    (need,) = plan.requirements
    assert (plan.status, need.needed_quantity, need.short_quantity) == ("short", 100, 60)
    assert (need.allocated_from_stock, need.from_requisition) == (40, 60)
    (requisition,) = await stage.requisitions()
    assert (requisition.quantity_needed, requisition.quantity) == (60, 500)
    assert requisition.purchase_quantity == 1
    assert requisition.requisition_number.startswith("PR-")
    assert requisition.order_by < requisition.arrive_on <= need.needed_on
    ordered = await stage.ask(
        planning.ORDER_REQUISITION,
        planning.OrderRequisition(
            purchase_requisition_id=requisition.id,
            purchase_order_number="4500001",
            expected_on=requisition.arrive_on,
        ),
    )
    plan = await stage.materials(order)
    assert (ordered.status, plan.status) == ("ordered", "expected")
    assert plan.requirements[0].allocated_from_receipts == 60
    assert plan.available_on == requisition.arrive_on
    await stage.ask(
        planning.RECEIVE_GOODS,
        planning.ReceiveGoods(
            receipt_id=ordered.receipt_id,
            quantity=Decimal(500),
            location_code=f"{plan.plant_code}-MAIN",
        ),
    )
    plan = await stage.materials(order)
    assert (plan.status, plan.requirements[0].allocated_from_stock) == ("covered", 100)
    assert plan.available_on is None
    stored = await stage.sql("SELECT quantity_on_hand, quantity_allocated FROM inventory")
    assert stored == [{"quantity_on_hand": Decimal(540), "quantity_allocated": Decimal(100)}]
    assert (await stage.requisitions())[0].status == "received"
    assert isinstance(requisition.order_by, date)
