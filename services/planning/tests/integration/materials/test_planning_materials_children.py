"""Made components: children under stable ids, stock netted first; phantoms; by-products; pools."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from lineside_contracts import planning
from lineside_contracts.shopfloor import PlantChanged
from lineside_testkit import builders


@pytest.fixture
async def shop(stage: Any) -> Any:
    await stage.product("BOOK", make_or_buy="make")
    await stage.product("BLOCK", make_or_buy="make")
    await stage.product("BOARD", make_or_buy="make", supply_policy="make_to_stock")
    return stage


async def test_a_made_component_asks_for_a_child_with_the_shortfall(shop: Any) -> None:
    await shop.bill("BOOK", {"component_code": "BLOCK", "quantity": 1})
    await shop.stock("BLOCK", 30)
    order = shop.order(100, product_code="BOOK")
    await shop.plan(order)
    plan = await shop.materials(order)
    (child,) = plan.children
    assert (child.product_code, child.quantity, child.due_date) == (
        "BLOCK",
        70,
        plan.requirements[0].needed_on,
    )
    assert plan.status == "expected"
    assert plan.requirements[0].from_child_order == 70


async def test_a_child_keeps_its_id_while_the_need_grows_and_shrinks(shop: Any) -> None:
    await shop.bill("BOOK", {"component_code": "BLOCK", "quantity": 1})
    order = shop.order(100, product_code="BOOK")
    await shop.plan(order)
    (first,) = (await shop.materials(order)).children
    for version, quantity in ((2, 150), (3, 80)):
        after = order.model_copy(
            update={
                "version": version,
                "planning_version": version,
                "quantity_ordered": Decimal(quantity),
            }
        )
        await shop.tell(
            planning.ProductionOrderChanged(production_order=after, changed_fields=("x",))
        )
        await shop.tell(shop.expansion(after, version=version))
        (child,) = (await shop.materials(order)).children
        assert (child.id, child.quantity) == (first.id, quantity)


async def test_a_child_called_off_by_a_person_leaves_its_parent_short_until_asked_anew(
    shop: Any,
) -> None:
    await shop.bill("BOOK", {"component_code": "BLOCK", "quantity": 1})
    order = shop.order(100, product_code="BOOK")
    await shop.plan(order)
    (child,) = (await shop.materials(order)).children
    off = shop.order(
        100,
        id=child.id,
        product_code="BLOCK",
        parent_order_id=order.id,
        level=1,
        status="cancelled",
    )
    await shop.tell(planning.ProductionOrderCancelled(production_order=off))
    plan = await shop.materials(order)
    assert (plan.status, plan.requirements[0].short_quantity) == ("short", 100)
    assert [c.id for c in plan.children] == [child.id]
    await shop.ask(planning.REPLAN_MATERIALS, planning.GetMaterials(production_order_id=order.id))
    (again,) = (await shop.materials(order)).children
    assert again.id != child.id
    assert again.quantity == 100


async def test_what_is_made_to_stock_is_left_to_mrp(shop: Any) -> None:
    await shop.bill("BOOK", {"component_code": "BOARD", "quantity": 2})
    order = shop.order(100, product_code="BOOK")
    await shop.plan(order)
    plan = await shop.materials(order)
    assert (plan.children, plan.status) == ((), "short")
    assert plan.requirements[0].short_quantity == 200
    assert await shop.requisitions() == ()


async def test_stock_of_a_phantom_is_taken_before_it_is_blown_through(shop: Any) -> None:
    await shop.product("SET", make_or_buy="make", is_phantom=True)
    await shop.product("SCREW")
    await shop.bill("SET", {"component_code": "SCREW", "quantity": 4})
    await shop.bill("BOOK", {"component_code": "SET", "quantity": 1})
    await shop.stock("SET", 30)
    order = shop.order(100, product_code="BOOK")
    await shop.plan(order)
    plan = await shop.materials(order)
    assert {r.component_code: r.needed_quantity for r in plan.requirements} == {
        "SET": 30,
        "SCREW": 280,
    }
    await shop.ask(planning.REPLAN_MATERIALS, planning.GetMaterials(production_order_id=order.id))
    again = await shop.materials(order)
    assert {r.id for r in again.requirements} == {r.id for r in plan.requirements}
    assert {r.needed_quantity for r in again.requirements} == {30, 280}


async def test_a_by_product_is_told_of_and_held_by_nobody(shop: Any) -> None:
    await shop.product("OFFCUT", unit_code="KGM", unit_decimals=3)
    await shop.bill("BOOK", {"component_code": "OFFCUT", "quantity": "-0.5"})
    order = shop.order(100, product_code="BOOK")
    await shop.plan(order)
    plan = await shop.materials(order)
    (arises,) = plan.requirements
    assert (arises.needed_quantity, arises.quantity_per, plan.status) == (-50, None, "covered")


async def test_fixed_lines_are_per_order_and_lines_belong_to_their_operation(shop: Any) -> None:
    await shop.product("PLATE")
    await shop.product("GLUE", unit_code="KGM", unit_decimals=3)
    await shop.bill(
        "BOOK",
        {"component_code": "PLATE", "quantity": 4, "is_fixed_quantity": True},
        {"component_code": "GLUE", "quantity": "0.01", "sequence_number": 20},
        base_quantity=1,
    )
    order = shop.order(1000, product_code="BOOK")
    await shop.tell(planning.ProductionOrderCreated(production_order=order))
    runs = (
        shop.run(10, 4404, units_per_product=Fraction(4)),
        shop.run(20, 1021, predecessor_sequence_numbers=(10,)),
    )
    await shop.tell(shop.expansion(order, *runs))
    plan = await shop.materials(order)
    found = {r.component_code: (r.sequence_number, r.needed_quantity) for r in plan.requirements}
    assert found == {"PLATE": (10, 4), "GLUE": (20, Decimal("10.210"))}
    assert plan.requirements[0].needed_at <= plan.requirements[1].needed_at


async def test_each_operation_draws_on_the_stock_of_its_own_plant(shop: Any) -> None:
    await shop.product("GLUE")
    await shop.harness.publish(
        PlantChanged(plant=builders.plant(plant_code="WORKS-2")), tenant_id=shop.tenant_id
    )
    await shop.harness.settle()
    await shop.bill("BOOK", {"component_code": "GLUE", "quantity": 1, "sequence_number": 20})
    await shop.stock("GLUE", 500)
    order = shop.order(100, product_code="BOOK")
    await shop.tell(planning.ProductionOrderCreated(production_order=order))
    runs = (
        shop.run(10, 100),
        shop.run(20, 100, plant_code="WORKS-2", predecessor_sequence_numbers=(10,)),
    )
    await shop.tell(shop.expansion(order, *runs))
    plan = await shop.materials(order)
    assert (plan.requirements[0].plant_code, plan.requirements[0].short_quantity) == (
        "WORKS-2",
        100,
    )


async def test_bad_master_data_warns_and_plans_the_rest(shop: Any) -> None:
    await shop.product("GLUE")
    await shop.product("GHOST")
    await shop.bill(
        "BOOK",
        {"component_code": "GLUE", "quantity": 1, "sequence_number": 77},
        {"component_code": "GHOST", "quantity": 1},
    )
    await shop.sql("UPDATE products SET deleted = true WHERE product_code = 'GHOST' RETURNING id")
    order = shop.order(100, product_code="BOOK")
    await shop.plan(order)
    plan = await shop.materials(order)
    assert {w.code for w in plan.warnings} == {
        "unknown_component",
        "unknown_operation",
        "no_inventory_record",
        "no_vendor",
    }
    assert [r.component_code for r in plan.requirements] == ["GLUE"]


async def test_an_order_without_a_bill_is_covered_and_says_why(shop: Any) -> None:
    order = shop.order(100, product_code="BOOK")
    await shop.plan(order)
    plan = await shop.materials(order)
    assert (plan.status, [w.code for w in plan.warnings]) == ("covered", ["no_bom"])
