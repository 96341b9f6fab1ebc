"""What is amended, moved or called off: every document follows, and what is freed serves others."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts import planning
from lineside_contracts.planning import MaterialPlanned, MaterialShortageDetected


@pytest.fixture
async def shop(stage: Any) -> Any:
    await stage.product("BROCHURE-A4", make_or_buy="make")
    await stage.product("PAPER")
    await stage.bill(
        "BROCHURE-A4", {"component_code": "PAPER", "quantity": 1, "sequence_number": 10}
    )
    return stage


async def amended(stage: Any, order: Any, quantity: int, **over: Any) -> Any:
    values = {
        "version": order.version + 1,
        "planning_version": order.planning_version + 1,
        "quantity_ordered": Decimal(quantity),
    }
    after = order.model_copy(update=values | over)
    changed = planning.ProductionOrderChanged(
        production_order=after, changed_fields=("quantity_ordered",)
    )
    await stage.tell(changed)
    await stage.tell(stage.expansion(after, version=after.version))
    return after


async def changed(stage: Any, order: Any, **over: Any) -> Any:
    after = order.model_copy(update={"version": order.version + 1} | over)
    await stage.tell(
        planning.ProductionOrderChanged(production_order=after, changed_fields=tuple(over))
    )
    return after


async def cancelled(stage: Any, order: Any) -> Any:
    after = order.model_copy(
        update={
            "version": order.version + 1,
            "status": planning.ProductionOrderStatus.CANCELLED,
        }
    )
    await stage.tell(planning.ProductionOrderCancelled(production_order=after))
    return after


async def pool(stage: Any) -> tuple[int, int]:
    (row,) = await stage.sql("SELECT quantity_on_hand, quantity_allocated FROM inventory")
    return int(row["quantity_on_hand"]), int(row["quantity_allocated"])


async def test_amending_up_keeps_the_requirement_and_buys_the_rest(shop: Any) -> None:
    await shop.stock("PAPER", 120)
    order = shop.order(100)
    await shop.plan(order)
    before = await shop.materials(order)
    await amended(shop, order, 150)
    after = await shop.materials(order)
    assert after.requirements[0].id == before.requirements[0].id
    assert (after.status, after.requirements[0].allocated_from_stock) == ("short", 120)
    (requisition,) = await shop.requisitions()
    assert requisition.quantity_needed == 30
    assert after.planning_version == 2


async def test_amending_down_frees_stock_for_whoever_waits_and_buys_less(shop: Any) -> None:
    await shop.stock("PAPER", 120)
    first, second = shop.order(100), shop.order(100)
    await shop.plan(first, second)
    assert (await shop.materials(second)).status == "short"
    await amended(shop, first, 10)
    plan = await shop.materials(second)
    assert (plan.status, plan.requirements[0].allocated_from_stock) == ("covered", 100)
    assert await pool(shop) == (120, 110)
    assert [r.status for r in await shop.requisitions()] == ["cancelled"]


async def test_cancelling_frees_everything_and_its_requisition_vanishes(shop: Any) -> None:
    await shop.stock("PAPER", 50)
    order = shop.order(100)
    await shop.plan(order)
    await cancelled(shop, order)
    plan = await shop.materials(order)
    assert (plan.requirements, plan.children, plan.order_status) == ((), (), "cancelled")
    assert await pool(shop) == (50, 0)
    (requisition,) = await shop.requisitions()
    assert (requisition.status, requisition.pegs) == ("cancelled", ())


async def test_freed_stock_goes_by_priority_then_need_date_then_number(shop: Any) -> None:
    await shop.stock("PAPER", 100)
    holder = shop.order(100)
    early = shop.order(60)
    urgent = shop.order(60, priority="urgent")
    await shop.plan(holder, early, urgent)
    await cancelled(shop, holder)
    plans = [await shop.materials(order) for order in (early, urgent)]
    assert [plan.requirements[0].allocated_from_stock for plan in plans] == [40, 60]
    assert [plan.status for plan in plans] == ["short", "covered"]


async def test_a_due_date_that_moves_takes_the_requisition_along(shop: Any) -> None:
    order = shop.order(100)
    await shop.plan(order)
    (before,) = await shop.requisitions(status="open")
    await changed(shop, order, due_date=order.due_date.replace(month=11))
    (after,) = await shop.requisitions(status="open")
    assert after.needed_on > before.needed_on
    assert after.pegs[0].requirement_id == before.pegs[0].requirement_id
    assert (await shop.materials(order)).due_date == order.due_date.replace(month=11)


async def test_needs_of_one_day_are_bought_together_and_rounded_once(shop: Any) -> None:
    await shop.vendor(
        "MILL",
        {"product_code": "PAPER", "purchase_unit_code": "BX", "purchase_unit_factor": "100"},
    )
    first, second = shop.order(30), shop.order(40)
    await shop.plan(first, second)
    (requisition,) = await shop.requisitions()
    assert (requisition.quantity_needed, requisition.quantity) == (70, 100)
    assert [peg.quantity for peg in requisition.pegs] == [30, 40]
    await cancelled(shop, first)
    (requisition,) = await shop.requisitions(status="open")
    assert (requisition.quantity_needed, len(requisition.pegs)) == (40, 1)


async def test_an_ordered_requisition_stays_and_its_excess_becomes_free(shop: Any) -> None:
    order, later = shop.order(100), shop.order(50)
    await shop.plan(order)
    (requisition,) = await shop.requisitions()
    await shop.ask(
        planning.ORDER_REQUISITION,
        planning.OrderRequisition(
            purchase_requisition_id=requisition.id,
            purchase_order_number="4500001",
            expected_on=requisition.arrive_on,
        ),
    )
    await shop.plan(later)
    assert (await shop.materials(later)).status == "short"
    await amended(shop, order, 20)
    plan = await shop.materials(later)
    assert (plan.status, plan.requirements[0].allocated_from_receipts) == ("expected", 50)
    assert (await shop.sql("SELECT quantity, quantity_allocated FROM receipts")) == [
        {"quantity": Decimal(100), "quantity_allocated": Decimal(70)}
    ]


async def test_completing_an_order_frees_what_it_still_holds(shop: Any) -> None:
    await shop.stock("PAPER", 100)
    order = shop.order(100)
    await shop.plan(order)
    done = order.model_copy(
        update={"version": 2, "status": planning.ProductionOrderStatus.COMPLETED}
    )
    await shop.tell(planning.ProductionOrderCompleted(production_order=done))
    assert await pool(shop) == (100, 0)
    plan = await shop.materials(order)
    assert (plan.status, plan.requirements[0].allocated_from_stock) == ("covered", 0)


async def test_safety_stock_is_bought_again_but_holds_nobody_up(shop: Any) -> None:
    await shop.harness.ask(
        planning.PRODUCTS.create,
        planning.ProductFields(
            product_code="INK",
            product_name="Ink",
            make_or_buy="buy",
            safety_stock_quantity=Decimal(50),
            plant_code="MAIN",
        ),
        tenant_id=shop.tenant_id,
    )
    await shop.product("POSTER", make_or_buy="make")
    await shop.bill("POSTER", {"component_code": "INK", "quantity": 1})
    await shop.stock("INK", 120)
    first, second = shop.order(100, product_code="POSTER"), shop.order(50, product_code="POSTER")
    await shop.plan(first, second)
    plans = [await shop.materials(order) for order in (first, second)]
    found = [
        (p.status, r.short_quantity, r.replenish_quantity) for p in plans for r in p.requirements
    ]
    assert found == [("covered", 0, 30), ("short", 30, 50)]


async def test_old_news_means_nothing(shop: Any) -> None:
    await shop.stock("PAPER", 500)
    order = shop.order(100)
    await shop.plan(order)
    after = await amended(shop, order, 200)
    version = (await shop.materials(order)).version
    await shop.tell(planning.ProductionOrderCreated(production_order=order))
    await shop.tell(shop.expansion(order))
    await shop.tell(shop.expansion(after, version=after.version))
    plan = await shop.materials(order)
    assert (plan.version, plan.requirements[0].needed_quantity) == (version, 200)


async def test_a_cancel_before_the_expansion_leaves_a_tombstone(shop: Any) -> None:
    await shop.stock("PAPER", 500)
    order = shop.order(100)
    await cancelled(shop, order)
    await shop.tell(shop.expansion(order))
    assert await shop.sql("SELECT id FROM material_plans") == []
    assert await pool(shop) == (500, 0)


async def test_an_expansion_before_the_order_plans_as_well(shop: Any) -> None:
    await shop.stock("PAPER", 500)
    order = shop.order(100)
    await shop.tell(shop.expansion(order))
    await shop.tell(planning.ProductionOrderCreated(production_order=order))
    plan = await shop.materials(order)
    assert (plan.status, plan.production_order_number) == ("covered", order.production_order_number)


async def test_what_is_said_has_versions_without_gaps(shop: Any) -> None:
    order = shop.order(100)
    await shop.plan(order)
    await amended(shop, order, 150)
    await shop.harness.settle()
    said = await shop.said(MaterialPlanned) + await shop.said(MaterialShortageDetected)
    versions = sorted(event.envelope.aggregate_version for event in said)
    assert versions == [1, 2, 3, 4]
    assert {event.envelope.aggregate_id for event in said} == {order.id}
    assert all(isinstance(event.envelope.causation_id, UUID) for event in said)
