"""Material handed out by people."""

import asyncio
from typing import Any

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning

GLUE, PAPER, BROCHURE = "GLUE", "PAPER", "BROCHURE"


async def test_picked_material_is_handed_out_and_comes_back(shop: Any) -> None:
    await shop.count(PAPER, 60, lot_number="P1")
    await shop.count(PAPER, 90, "RACK", lot_number="P2")
    order, other = await shop.plan("MO-1"), await shop.plan("MO-2")
    assert (await shop.need(other, PAPER))["held"] == 50
    await shop.done(planning.ISSUE_MATERIAL, shop.issue(order, 100))
    need = await shop.need(order, PAPER)
    assert (need["issued_quantity"], need["held"]) == (100, 0)
    lots = await shop.rows("SELECT lot_number, quantity FROM stock_movements WHERE kind = 'issue'")
    assert [(row["lot_number"], row["quantity"]) for row in lots] == [("P1", -60), ("P2", -40)]
    answer = await shop.ask(planning.ISSUE_MATERIAL, shop.issue(order, 1))
    assert (answer.status, answer.problem.code) == (422, "insufficient_stock")
    assert answer.problem.facts == {
        "available": "0",
        "on_hand": "50",
        "lies_there": "50",
        "allocated_to_others": "50",
        "attempting": "1",
    }
    await shop.done(planning.ISSUE_MATERIAL, shop.issue(order, -45))
    need = await shop.need(order, PAPER)
    assert (need["issued_quantity"], need["held"]) == (55, 45)
    back = await shop.rows("SELECT lot_number, quantity FROM stock_movements WHERE kind = 'return'")
    assert [(row["lot_number"], row["quantity"]) for row in back] == [("P2", 40), ("P1", 5)]
    assert await shop.breaches() == ()


async def test_only_picked_lines_are_picked(shop: Any) -> None:
    order = await shop.plan("MO-1")
    answer = await shop.ask(planning.ISSUE_MATERIAL, shop.issue(order, 1, component_code=GLUE))
    assert answer.problem.code == "backflushed"
    answer = await shop.ask(planning.ISSUE_MATERIAL, shop.issue(order, 1, component_code=BROCHURE))
    assert answer.problem.code == "not_required"
    answer = await shop.ask(
        planning.ISSUE_MATERIAL, shop.issue(order, "-0.5", location_code="ABROAD")
    )
    assert [fault.code for fault in answer.problem.faults] == [
        "too_many_decimals",
        "more_than_issued",
        "other_plant",
    ]
    answer = await shop.ask(planning.ISSUE_MATERIAL, shop.issue(SYSTEM_CLOCK.new_id(), 1))
    assert answer.status == 404


async def test_concurrent_picks_never_take_more_than_there_is(shop: Any) -> None:
    await shop.count(PAPER, 100)
    order = await shop.plan("MO-1")
    answers = await asyncio.gather(
        *(shop.ask(planning.ISSUE_MATERIAL, shop.issue(order, 7)) for _ in range(32))
    )
    assert sorted({answer.status for answer in answers}) == [201, 422]
    assert sum(answer.status == 201 for answer in answers) == 14
    need = await shop.need(order, PAPER)
    assert (need["issued_quantity"], need["held"]) == (98, 2)
    assert await shop.breaches() == ()
