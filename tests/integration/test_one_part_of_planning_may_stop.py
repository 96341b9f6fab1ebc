"""Materials, capacity and costing are parts of their own: one that stops stops no other.

A consumer of the running service is paused at the broker (JetStream gives it nothing); the process
and everything else in it go on. When it comes back it catches up.
"""

from typing import Any

from lineside_contracts import planning
from lineside_contracts.planning import GetProductionCost, ProductionCost, ProductionOrder
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey, stopped
from lineside_testkit.printing_plant import FLYER
from lineside_testkit.storeroom import PAPER, Storeroom


async def _plant(chain: Harness, *, sheets: int = 1_000) -> Storeroom:
    journey = await Journey.begin(chain, release_policy="automatic")
    room = await Storeroom.open(journey)
    await room.bill(FLYER, room.line(PAPER, sequence_number=10))
    await room.put(PAPER, sheets)
    await chain.settle()
    return room


async def _sell(room: Storeroom, number: str = "SO-1001") -> None:
    lines = [room.journey.line(product_code=FLYER, quantity="98")]
    await room.journey.confirm(room.journey.document(number, lines=lines))


async def _only(room: Storeroom, **having: Any) -> ProductionOrder:
    (order,) = await room.journey.production_orders(count=1, **having)
    return order


async def _cost(room: Storeroom, order: ProductionOrder) -> ProductionCost:
    asked = GetProductionCost(production_order_id=order.id)
    return await room.eventually(
        planning.GET_PRODUCTION_COST, asked, until=lambda cost: cost.estimated.material > 0
    )


async def test_orders_are_released_while_costing_is_away(chain: Harness) -> None:
    room = await _plant(chain)
    async with stopped(chain, "planning-costing"):
        await _sell(room)
        order = await _only(room, status="released", materials_status="covered")
        asked = GetProductionCost(production_order_id=order.id)
        assert (await room.journey.ask(planning.GET_PRODUCTION_COST, asked)).status == 404
        await room.journey.work_orders(count=1, status="released")
    assert (await _cost(room, order)).estimated.material == 5


async def test_materials_are_planned_while_capacity_is_away(chain: Harness) -> None:
    room = await _plant(chain)
    async with stopped(chain, "planning-capacity"):
        await _sell(room)
        order = await _only(room, status="routed", materials_status="covered")
        assert order.capacity_status == "unknown"
        assert (await room.stock(PAPER)).quantity_allocated == 100
        assert (await _cost(room, order)).estimated.material == 5
        await room.journey.work_orders(count=1, status="planned")
    await _only(room, status="released", capacity_status="feasible")


async def test_capacity_is_checked_while_materials_are_away(chain: Harness) -> None:
    room = await _plant(chain)
    async with stopped(chain, "planning-materials"):
        await _sell(room)
        order = await _only(room, status="routed", capacity_status="feasible")
        assert (order.materials_status, order.estimated_completion_at is None) == ("unknown", False)
        assert (await room.stock(PAPER)).quantity_allocated == 0
    await _only(room, status="released", materials_status="covered")


async def test_orders_are_made_and_routed_while_all_of_them_are_away(chain: Harness) -> None:
    room = await _plant(chain)
    parts = ("planning-materials", "planning-capacity", "planning-costing", "planning-mrp")
    async with stopped(chain, *parts):
        await _sell(room)
        order = await _only(room, status="routed")
        assert (order.materials_status, order.capacity_status) == ("unknown", "unknown")
        await room.journey.work_orders(count=1)
    await _only(room, status="released")
    assert await _cost(room, order)


async def test_a_shortage_is_noticed_though_nobody_plans_the_plant(chain: Harness) -> None:
    room = await _plant(chain, sheets=40)
    async with stopped(chain, "planning-mrp"):
        await _sell(room)
        await _only(room, status="on_hold", materials_status="short")
        wanted = await room.requisition(PAPER)
        assert wanted.quantity_needed == 60
        await room.receive(await room.buy(wanted))
        await _only(room, status="released", materials_status="covered")


async def test_what_happened_meanwhile_is_caught_up_in_any_order(chain: Harness) -> None:
    room = await _plant(chain)
    journey = room.journey
    async with stopped(chain, "planning-materials", "planning-readiness"):
        for number in range(5):
            await _sell(room, f"SO-{number}")
        await journey.production_orders(count=5, status="routed")
        await journey.confirm(
            {**journey.document("SO-3"), "revision": 2}, subject="sales.order.cancelled"
        )
        await _only(room, status="cancelled")
    await journey.production_orders(count=4, status="released")
    await chain.settle()
    assert (await room.stock(PAPER)).quantity_allocated == 400
