"""What reports from the floor use."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from lineside_contracts import planning
from lineside_contracts.planning import (
    GetStock,
    ListDiscrepancies,
    MaterialConsumed,
    StockDiscrepancyRecorded,
)
from lineside_contracts.routing import RoutingExpanded
from lineside_planning.materials.domain import conservation
from lineside_planning.materials.handlers.logs import on_expanded_late
from lineside_planning.materials.store import conservation as conservation_sums
from lineside_testkit import builders

GLUE, PAPER, BROCHURE = "GLUE", "PAPER", "BROCHURE"


async def test_reports_use_what_they_took_cumulatively_and_oldest_first(shop: Any) -> None:
    await shop.count(GLUE, "0.1", lot_number="OLD")
    await shop.count(GLUE, 5, "RACK", lot_number="NEW")
    order = await shop.plan("MO-1")
    floor = shop.floor(order)
    for good in range(1, 101):
        await floor.report(good)
    need = await shop.need(order)
    assert (need["issued_quantity"], need["held"]) == (Decimal("0.217"), 0)
    used = await shop.rows(
        "SELECT lot_number, sum(quantity) AS total FROM stock_movements"
        " WHERE kind = 'backflush' GROUP BY lot_number ORDER BY lot_number"
    )
    assert [(row["lot_number"], row["total"]) for row in used] == [
        ("NEW", Decimal("-0.117")),
        ("OLD", Decimal("-0.100")),
    ]
    await shop.harness.settle()
    told = await shop.harness.events(MaterialConsumed, tenant_id=shop.tenant)
    assert sum(event.payload.quantity for event in told) == Decimal("0.217")
    versions = [event.envelope.aggregate_version for event in told]
    assert len(set(versions)) == len(versions)
    assert (await shop.need(order, PAPER))["issued_quantity"] == 0
    assert await shop.breaches() == ()


async def test_a_hundred_reports_in_one_batch_are_one_posting(shop: Any) -> None:
    await shop.count(GLUE, 5)
    order = await shop.plan("MO-1")
    await shop.floor(order).report(*range(1, 101))
    (used,) = await shop.rows("SELECT quantity FROM stock_movements WHERE kind = 'backflush'")
    assert used["quantity"] == Decimal("-0.217")


async def test_a_correction_brings_back_what_it_takes_away(shop: Any) -> None:
    await shop.count(GLUE, 1, "RACK", lot_number="L1")
    order = await shop.plan("MO-1")
    floor = shop.floor(order)
    await floor.report(100)
    await floor.report(50)
    need = await shop.need(order)
    assert (need["issued_quantity"], need["held"]) == (Decimal("0.109"), Decimal("0.108"))
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code=GLUE, plant_code="MAIN"))
    (balance,) = stock.balances
    assert (balance.location_code, balance.lot_number, balance.quantity) == (
        "RACK",
        "L1",
        Decimal("0.891"),
    )
    assert await shop.breaches() == ()


async def test_the_same_report_twice_or_late_has_one_effect(shop: Any) -> None:
    await shop.count(GLUE, 1)
    order = await shop.plan("MO-1")
    floor = shop.floor(order)
    first = await floor.report(10)
    second = await floor.report(60)
    await floor.hear(first)
    await floor.hear(second)
    assert (await shop.need(order))["issued_quantity"] == Decimal("0.131")


async def test_what_was_not_there_is_a_miscount_that_a_count_settles(shop: Any) -> None:
    await shop.count(GLUE, "0.1")
    order = await shop.plan("MO-1")
    floor = shop.floor(order)
    await floor.report(100)
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code=GLUE, plant_code="MAIN"))
    assert stock.quantity_on_hand == 0
    (found,) = (await shop.done(planning.LIST_DISCREPANCIES, ListDiscrepancies())).items
    assert (found.quantity_missing, found.status) == (Decimal("0.117"), "open")
    assert found.production_order_number == "MO-1"
    await floor.report(90)
    assert await shop.breaches() == ()
    await shop.count(GLUE, 2)
    (settled,) = (await shop.done(planning.LIST_DISCREPANCIES, ListDiscrepancies())).items
    assert (settled.quantity_missing, settled.status) == (Decimal("0.096"), "settled")
    told = await shop.harness.events(StockDiscrepancyRecorded, tenant_id=shop.tenant, count=3)
    assert [event.envelope.aggregate_version for event in told] == [1, 2, 3]
    assert await shop.breaches() == ()


async def test_what_is_used_up_is_promised_to_nobody_else(shop: Any) -> None:
    await shop.count(GLUE, "0.217")
    owner = await shop.plan("MO-1", priority="urgent")
    thief = await shop.plan("MO-2", priority="low")
    await shop.floor(thief).report(100)
    assert (await shop.need(thief))["issued_quantity"] == Decimal("0.217")
    assert (await shop.need(owner))["short_quantity"] == Decimal("0.217")
    assert await shop.rows("SELECT 1 FROM stock_discrepancies") == []


async def test_reports_that_come_before_the_plan_are_made_up_for(
    shop: Any, make_expansion: Any
) -> None:
    await shop.count(GLUE, 1)
    order = builders.production_order()
    await shop.floor(order.id).report(100)
    await shop.plan("MO-1", order_id=order.id)
    expanded = RoutingExpanded(expansion=make_expansion(order))
    await shop.handle(on_expanded_late, [expanded])
    await shop.handle(on_expanded_late, [expanded])
    assert (await shop.need(order.id))["issued_quantity"] == Decimal("0.217")
    assert await shop.breaches() == ()


async def test_plates_are_used_once_and_offcuts_arise_with_every_report(shop: Any) -> None:
    await shop.count(PAPER, 10)
    plates = {
        "component_code": PAPER,
        "unit_code": "EA",
        "decimals": 0,
        "needed": Decimal(4),
        "exact_need": Fraction(4),
        "is_fixed": True,
    }
    offcuts = {"needed": Decimal("-0.5"), "exact_need": Fraction("-0.5"), "quantity_per": None}
    order = await shop.plan("MO-1", needs=[plates, offcuts])
    floor = shop.floor(order)
    await floor.report(1)
    assert (await shop.need(order, PAPER))["issued_quantity"] == 4
    assert (await shop.need(order))["issued_quantity"] == Decimal("-0.005")
    await floor.report(100)
    assert (await shop.need(order, PAPER))["issued_quantity"] == 4
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code=GLUE, plant_code="MAIN"))
    assert (stock.quantity_on_hand, stock.balances[0].location_code) == (Decimal("0.5"), "RACK")
    await floor.report(40)
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code=GLUE, plant_code="MAIN"))
    assert stock.quantity_on_hand == Decimal("0.2")
    assert await shop.breaches() == ()


async def test_what_became_of_the_pieces_of_a_run_adds_up(shop: Any) -> None:
    await shop.count(GLUE, 1)
    order = await shop.plan("MO-1")
    await shop.floor(order).report(40)
    async with shop.database.unit_of_work(shop.context()) as uow:
        runs = await conservation_sums.load_runs(uow, [order])
    ((run,),) = runs.values()
    assert [run.planned, run.good, run.open_quantity] == [100, 40, 60]
    assert not list(conservation.run_breaches("MO-1", runs["MO-1"]))
