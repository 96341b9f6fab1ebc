"""Reports and completions through the stream, heard by two replicas, twice and out of order."""

import asyncio
from decimal import Decimal
from typing import Any

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.planning import GetStock


async def test_reports_heard_twice_and_out_of_order_use_what_they_took_once(shop: Any) -> None:
    await shop.count("GLUE", "0.5")
    orders = [await shop.plan(f"MO-{number}") for number in range(3)]
    said = []
    for order in orders:
        floor = shop.floor(order)
        said += [(floor.log(good), SYSTEM_CLOCK.new_id()) for good in range(5, 101, 5)]
    said = [*said[::-2], *said, *said[1::3]]
    await asyncio.gather(
        *(
            shop.harness.publish(event, tenant_id=shop.tenant, event_id=event_id)
            for event, event_id in said
        )
    )
    await shop.harness.settle()
    for order in orders:
        assert (await shop.need(order))["issued_quantity"] == Decimal("0.217")
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code="GLUE", plant_code="MAIN"))
    assert stock.quantity_on_hand == 0
    (missing,) = await shop.rows("SELECT sum(quantity_missing) AS total FROM stock_discrepancies")
    assert missing["total"] == Decimal("0.151")
    assert await shop.breaches() == ()
    assert await shop.harness.dead_letters(tenant_id=shop.tenant) == []


async def test_a_finished_order_is_received_once_and_gives_back_what_it_held(shop: Any) -> None:
    await shop.count("PAPER", 100)
    order = await shop.plan("MO-1", sales_order_id=SYSTEM_CLOCK.new_id())
    waiting = await shop.plan("MO-2")
    assert (await shop.need(waiting, "PAPER"))["short_quantity"] == 100
    finished = shop.finished(order, made=100)
    for _ in range(3):
        await shop.harness.publish(finished, tenant_id=shop.tenant)
    await shop.harness.settle()
    stock = await shop.done(
        planning.GET_STOCK, GetStock(product_code="BROCHURE", plant_code="MAIN")
    )
    assert (stock.quantity_on_hand, stock.quantity_allocated) == (100, 100)
    assert (await shop.need(waiting, "PAPER"))["held"] == 100
    assert await shop.breaches() == ()


async def test_people_and_reports_at_once_never_promise_stock_twice(shop: Any) -> None:
    await shop.count("GLUE", 1)
    orders = [await shop.plan(f"MO-{number}") for number in range(6)]
    floors = [shop.floor(order) for order in orders]
    counts = [shop.posting("GLUE", quantity) for quantity in ("0.4", "1.1", "0.2", "0.9")]
    reports = [floor.log(100) for floor in floors]
    answers = await asyncio.gather(
        *(shop.ask(planning.POST_STOCK_MOVEMENT, count) for count in counts),
        *(shop.harness.publish(report, tenant_id=shop.tenant) for report in reports),
    )
    assert {answer.status for answer in answers[: len(counts)]} == {201}
    await shop.harness.settle()
    for order in orders:
        assert (await shop.need(order))["issued_quantity"] == Decimal("0.217")
    assert await shop.breaches() == ()
    assert await shop.harness.dead_letters(tenant_id=shop.tenant) == []
