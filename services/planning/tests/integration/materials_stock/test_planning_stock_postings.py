"""Stock moved by hand."""

from decimal import Decimal
from typing import Any

from lineside_contracts import planning
from lineside_contracts.planning import (
    GetStock,
    ListStock,
    ListStockMovements,
    StockChanged,
)

GLUE, PAPER, BROCHURE = "GLUE", "PAPER", "BROCHURE"


async def test_a_count_is_stock_and_says_so(shop: Any) -> None:
    stock = await shop.count(GLUE, "12.5", lot_number="L1")
    assert (stock.quantity_on_hand, stock.quantity_available, stock.version) == (
        Decimal("12.5"),
        Decimal("12.5"),
        1,
    )
    (changed,) = await shop.harness.events(StockChanged, tenant_id=shop.tenant)
    assert changed.payload.quantity_change == Decimal("12.5")
    assert changed.payload.stock.balances[0].lot_number == "L1"
    read = await shop.done(planning.GET_STOCK, GetStock(product_code=GLUE, plant_code="MAIN"))
    assert read.balances == changed.payload.stock.balances
    listed = await shop.done(planning.LIST_STOCK, ListStock(search="glu"))
    assert [item.product_code for item in listed.items] == [GLUE]
    journal = await shop.done(planning.LIST_STOCK_MOVEMENTS, ListStockMovements())
    assert [(m.kind, m.quantity, m.lot_number) for m in journal.items] == [
        ("count", Decimal("12.5"), "L1")
    ]
    assert await shop.breaches() == ()


async def test_everything_wrong_with_a_posting_is_said_at_once_and_changes_nothing(
    shop: Any,
) -> None:
    wrong = shop.posting("NOTHING", "-1.5", "NOWHERE", reason=" ")
    answer = await shop.ask(planning.POST_STOCK_MOVEMENT, wrong)
    assert answer.status == 422
    assert [fault.path for fault in answer.problem.faults] == [
        "product_code",
        "location_code",
        "quantity",
        "reason",
    ]
    too_fine = shop.posting(PAPER, "1.5", kind="transfer", to_location_code="ABROAD")
    answer = await shop.ask(planning.POST_STOCK_MOVEMENT, too_fine)
    assert [fault.code for fault in answer.problem.faults] == [
        "too_many_decimals",
        "other_plant",
        "not_enough_there",
    ]
    assert await shop.rows("SELECT 1 FROM stock_movements") == []


async def test_people_limited_to_a_plant_touch_no_other(shop: Any) -> None:
    await shop.count(GLUE, 5)
    answer = await shop.ask(planning.POST_STOCK_MOVEMENT, shop.posting(GLUE, 4), plants=["WEST"])
    assert answer.problem.code == "plant_forbidden"
    listed = await shop.ask(planning.LIST_STOCK, ListStock(), plants=["WEST"])
    assert listed.body.items == ()
    read = GetStock(product_code=GLUE, plant_code="MAIN")
    assert (await shop.ask(planning.GET_STOCK, read, plants=["WEST"])).status == 403


async def test_what_is_brought_to_quarantine_serves_nobody(shop: Any) -> None:
    await shop.count(GLUE, "0.3", lot_number="L1")
    order = await shop.plan("MO-1")
    assert (await shop.need(order))["held"] == Decimal("0.217")
    stock = await shop.count(
        GLUE, "0.2", kind="transfer", lot_number="L1", to_location_code="QUARANTINE"
    )
    assert (stock.quantity_on_hand, stock.quantity_blocked) == (Decimal("0.1"), Decimal("0.2"))
    need = await shop.need(order)
    assert (need["held"], need["short_quantity"]) == (Decimal("0.1"), Decimal("0.117"))
    back = shop.posting(
        GLUE, "0.2", "QUARANTINE", kind="transfer", lot_number="L1", to_location_code="RACK"
    )
    await shop.done(planning.POST_STOCK_MOVEMENT, back)
    assert (await shop.need(order))["short_quantity"] == 0
    assert await shop.breaches() == ()


async def test_new_stock_serves_those_who_wait_by_priority(shop: Any) -> None:
    low = await shop.plan("MO-1", priority="low")
    urgent = await shop.plan("MO-2", priority="urgent")
    await shop.count(GLUE, "0.3")
    assert (await shop.need(urgent))["held"] == Decimal("0.217")
    need = await shop.need(low)
    assert (need["held"], need["short_quantity"]) == (Decimal("0.083"), Decimal("0.134"))


async def test_a_count_below_what_is_promised_makes_the_last_in_turn_short(shop: Any) -> None:
    await shop.count(GLUE, 1)
    urgent = await shop.plan("MO-1", priority="urgent")
    low = await shop.plan("MO-2", priority="low")
    stock = await shop.count(GLUE, "0.3")
    assert (stock.quantity_allocated, stock.quantity_available) == (Decimal("0.300"), 0)
    assert (await shop.need(urgent))["short_quantity"] == 0
    assert (await shop.need(low))["short_quantity"] == Decimal("0.134")
    assert await shop.breaches() == ()
