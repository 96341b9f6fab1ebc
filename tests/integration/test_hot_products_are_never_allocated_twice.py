"""32 orders at the same moment want the same four parts: every piece is given away once."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal

import pytest

from lineside_contracts.planning import MaterialPlan
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import CHAIN, Journey
from lineside_testkit.printing_plant import FLYER
from lineside_testkit.servers import Servers
from lineside_testkit.storeroom import Storeroom

ORDERS = 32
PER_ORDER = 100
"""98 flyers: 100 of every part go in."""

HOT = {"HOT-1": 2_000, "HOT-2": 3_150, "HOT-3": 0, "HOT-4": 5_000}
"""What lies of each part; 3,200 are wanted."""


@pytest.fixture(scope="module")
async def pairs(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers,
        services=(*CHAIN, "gateway"),
        replicas={"planning": 2, "routing": 2},
        settings={name: {"batch_size": 5, "pool_size": 4} for name in ("planning", "routing")},
    ) as harness:
        yield harness


async def _stocked(pairs: Harness) -> Storeroom:
    journey = await Journey.begin(pairs, release_policy="automatic")
    room = await Storeroom.open(journey)
    for code in HOT:
        await room.component(code)
    await room.bill(FLYER, *(room.line(code, sequence_number=10) for code in HOT))
    for code, quantity in HOT.items():
        await room.put(code, quantity)
    await pairs.settle()
    return room


async def _by_hand(journey: Journey, count: int) -> None:
    """Planners enter orders over HTTP, all at once."""
    order = {"product_code": FLYER, "quantity": "98", "due_date": journey.due_on.isoformat()}
    async with journey.http(role="planner") as planner:
        answers = await asyncio.gather(
            *(planner.post("/production-orders", json=order) for _ in range(count))
        )
    assert [answer.status_code for answer in answers] == [201] * count, answers[0].text


async def _sold(journey: Journey, count: int) -> None:
    """A sales system confirms orders over NATS, all at once."""
    lines = [journey.line(product_code=FLYER, quantity="98")]
    await journey.confirm(*(journey.document(f"SO-{n}", lines=lines) for n in range(count)))


async def _plans(room: Storeroom, count: int) -> list[MaterialPlan]:
    orders = await room.journey.production_orders(count=count, timeout_seconds=60)
    await room.journey.harness.settle(timeout=60)
    return [(await room.materials(order.id)).material_plan for order in orders]


def _sums(plans: list[MaterialPlan]) -> Mapping[str, Mapping[str, Decimal]]:
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for plan in plans:
        for need in plan.requirements:
            mine = sums[need.component_code]
            mine["needed"] += need.needed_quantity
            mine["allocated"] += need.allocated_from_stock
            mine["short"] += need.short_quantity
            mine["bought"] += need.from_requisition
    return sums


async def _insist_on_sums(room: Storeroom, plans: list[MaterialPlan], *, more: int) -> None:
    sums, pools = _sums(plans), await room.every_stock()
    wanted = len(plans) * PER_ORDER
    for code, opening in HOT.items():
        given = min(wanted, opening + more)
        pool = pools[code]
        assert sums[code]["needed"] == wanted
        assert sums[code]["allocated"] == pool.quantity_allocated == given, code
        assert sums[code]["short"] == wanted - given, code
        assert sums[code]["bought"] == sums[code]["short"], code
        assert pool.quantity_available == pool.quantity_on_hand - given
        if sums[code]["short"]:
            requisition = await room.requisition(code)
            assert requisition.quantity_needed == sums[code]["short"]
            assert len(requisition.pegs) <= len(plans)


async def test_concurrent_orders_never_share_a_piece(pairs: Harness) -> None:
    room = await _stocked(pairs)
    await asyncio.gather(_by_hand(room.journey, ORDERS // 2), _sold(room.journey, ORDERS // 2))
    await _insist_on_sums(room, await _plans(room, ORDERS), more=0)
    assert await pairs.dead_letters() == []


async def test_goods_that_arrive_in_the_middle_serve_whoever_waits(pairs: Harness) -> None:
    room = await _stocked(pairs)
    journey = room.journey

    async def deliver() -> None:
        async with journey.http(role="planner") as storekeeper:
            for _ in range(10):
                answers = await asyncio.gather(
                    *(
                        storekeeper.post(
                            "/stock-movements",
                            json={
                                "kind": "adjustment",
                                "product_code": code,
                                "location_code": "STORE",
                                "quantity": "40",
                                "reason": "found",
                            },
                        )
                        for code in HOT
                    )
                )
                assert {answer.status_code for answer in answers} == {201}, answers[0].text

    await asyncio.gather(_by_hand(journey, ORDERS // 2), _sold(journey, ORDERS // 2), deliver())
    await _insist_on_sums(room, await _plans(room, ORDERS), more=400)
    assert await pairs.dead_letters() == []
