"""What orders make, and which lots went into it."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.planning import (
    GetStock,
    GoodsReceived,
)

GLUE, PAPER, BROCHURE = "GLUE", "PAPER", "BROCHURE"


async def test_goods_stay_with_the_customer_they_were_made_for(shop: Any) -> None:
    order = await shop.plan("MO-1", sales_order_id=SYSTEM_CLOCK.new_id())
    for version in (5, 5, 6):
        await shop.finish(order, made=110, version=version)
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code=BROCHURE, plant_code="MAIN"))
    assert (stock.quantity_on_hand, stock.quantity_allocated) == (110, 100)
    assert [balance.location_code for balance in stock.balances] == ["RACK"]
    (told,) = await shop.harness.events(GoodsReceived, tenant_id=shop.tenant)
    assert (told.payload.quantity, told.payload.allocated_quantity) == (110, 100)
    assert await shop.breaches() == ()


async def test_a_childs_output_goes_to_the_need_it_was_made_for(shop: Any) -> None:
    child_id = SYSTEM_CLOCK.new_id()
    need = {
        "component_code": BROCHURE,
        "unit_code": "EA",
        "decimals": 0,
        "make_or_buy": "make",
        "supply": "make",
        "needed": Decimal(80),
        "exact_need": Fraction(80),
        "child_order_id": child_id,
        "child_quantity": Decimal(80),
    }
    parent = await shop.plan("MO-1", priority="low", needs=[need])
    rival = await shop.plan(
        "MO-3",
        priority="urgent",
        needs=[
            need
            | {
                "child_order_id": None,
                "child_quantity": Decimal(0),
                "supply": "stock",
            }
        ],
    )
    await shop.plan("MO-2", order_id=child_id, parent_order_id=parent)
    await shop.finish(child_id, made=90)
    got = await shop.need(parent, BROCHURE)
    assert (got["held"], got["child_quantity"], got["short_quantity"]) == (80, 0, 0)
    assert (await shop.need(rival, BROCHURE))["held"] == 10


async def test_lots_are_found_upwards_and_downwards(shop: Any) -> None:
    await shop.count(GLUE, 1, lot_number="G1")
    order = await shop.plan("MO-1")
    floor = shop.floor(order)
    await floor.report(40, lot_number="B1", good_quantity=Decimal(40))
    await floor.report(100, lot_number="B2", good_quantity=Decimal(60))
    await shop.finish(order, made=100)
    lots = await shop.rows(
        "SELECT lot_number, quantity FROM stock_movements WHERE kind = 'production'"
    )
    assert [(row["lot_number"], row["quantity"]) for row in lots] == [("B1", 40), ("B2", 60)]
    up = await shop.done(planning.GET_GENEALOGY, lot(GLUE, "G1", "up"))
    assert [(link.lot_number, link.quantity) for link in up.links] == [
        ("B1", Decimal("0.087")),
        ("B2", Decimal("0.130")),
    ]
    down = await shop.done(planning.GET_GENEALOGY, lot(BROCHURE, "B2", "down"))
    (link,) = down.links
    assert (link.component_lot_number, link.quantity, link.production_order_number) == (
        "G1",
        Decimal("0.130"),
        "MO-1",
    )


async def test_lots_are_followed_through_every_level(shop: Any) -> None:
    child_id = SYSTEM_CLOCK.new_id()
    sub = {
        "component_code": PAPER,
        "unit_code": "EA",
        "decimals": 0,
        "needed": Decimal(100),
        "exact_need": Fraction(100),
    }
    await shop.count(GLUE, 1, lot_number="G1")
    child = await shop.plan("MO-2", order_id=child_id, product_code=PAPER)
    parent = await shop.plan("MO-1", needs=[sub])
    await shop.floor(child).report(100, lot_number="P1", good_quantity=Decimal(100))
    await shop.finish(child, made=100, product_code=PAPER)
    await shop.floor(parent).report(100, lot_number="B1", good_quantity=Decimal(100))
    up = await shop.done(planning.GET_GENEALOGY, lot(GLUE, "G1", "up"))
    assert [(link.level, link.lot_number) for link in up.links] == [(1, "P1"), (2, "B1")]
    down = await shop.done(planning.GET_GENEALOGY, lot(BROCHURE, "B1", "down"))
    assert [(link.level, link.component_lot_number) for link in down.links] == [
        (1, "P1"),
        (2, "G1"),
    ]


def lot(product_code: str, lot_number: str, direction: str) -> planning.GetGenealogy:
    return planning.GetGenealogy.model_validate(
        {"product_code": product_code, "lot_number": lot_number, "direction": direction}
    )


async def test_a_corrected_log_makes_its_lot_once(shop: Any) -> None:
    order = await shop.plan("MO-1")
    floor = shop.floor(order)
    wrong = await floor.report(40, lot_number="B1", good_quantity=Decimal(40))
    taken_back = await floor.report(50, lot_number="B9", good_quantity=Decimal(10))
    corrects = {"corrects_log_id": wrong.production_log.log_id}
    await floor.report(45, lot_number="B1", good_quantity=Decimal(35), **corrects)
    void = {"corrects_log_id": taken_back.production_log.log_id, "is_void": True}
    await floor.report(35, **void)
    await floor.report(100, lot_number="B2", good_quantity=Decimal(65))
    await shop.finish(order, made=100)
    lots = await shop.rows(
        "SELECT lot_number, quantity FROM stock_movements WHERE kind = 'production'"
    )
    assert [(row["lot_number"], row["quantity"]) for row in lots] == [("B1", 35), ("B2", 65)]
