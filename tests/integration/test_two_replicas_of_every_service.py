"""Two instances of every service share the work: nothing is done twice, no number is lost."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from lineside_contracts import planning, shopfloor
from lineside_contracts.planning import CreateProductionOrder
from lineside_contracts.shopfloor import CreateWorkOrder
from lineside_testkit.builders import BROCHURE, PLANT
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import CHAIN, Journey, number_of
from lineside_testkit.servers import Servers

ORDERS = 200
BY_HAND = 20


@pytest.fixture(scope="module")
async def pairs(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers,
        services=CHAIN,
        replicas=dict.fromkeys(CHAIN, 2),
        settings={name: {"batch_size": 25, "pool_size": 3} for name in CHAIN},
    ) as harness:
        yield harness


def _gapless(numbers: Sequence[str]) -> bool:
    return sorted(map(number_of, numbers)) == list(range(1, len(numbers) + 1))


async def test_numbers_are_unique_and_gapless_and_nothing_is_doubled(pairs: Harness) -> None:
    journey = await Journey.begin(pairs)
    await asyncio.gather(
        *(
            journey.confirm(*(journey.document(f"SO-{n}") for n in range(start, ORDERS, 4)))
            for start in range(4)
        )
    )
    orders = await journey.production_orders(count=ORDERS, status="routed", timeout_seconds=60)
    work_orders = await journey.work_orders(count=2 * ORDERS, timeout_seconds=60)
    await pairs.settle(timeout=60)
    assert _gapless([order.production_order_number for order in orders])
    assert _gapless([order.work_order_number for order in work_orders])
    assert len({order.sales_order_number for order in orders}) == ORDERS
    made = {order.production_order_id for order in work_orders}
    assert made == {order.id for order in orders}
    assert await pairs.dead_letters() == []


async def test_people_and_events_take_numbers_at_the_same_time(pairs: Harness) -> None:
    journey = await Journey.begin(pairs)
    by_hand = [
        journey.granted(
            planning.CREATE_PRODUCTION_ORDER,
            CreateProductionOrder(product_code=BROCHURE, quantity=n + 1, due_date=journey.due_on),
        )
        for n in range(BY_HAND)
    ] + [
        journey.granted(
            shopfloor.CREATE_WORK_ORDER,
            CreateWorkOrder(plant_code=PLANT, operation_type="assembly", quantity_ordered=n + 1),
        )
        for n in range(BY_HAND)
    ]
    sold = journey.confirm(*(journey.document(f"SO-{n}") for n in range(BY_HAND)))
    await asyncio.gather(sold, *by_hand)
    orders = await journey.production_orders(count=2 * BY_HAND, status="routed")
    work_orders = await journey.work_orders(count=5 * BY_HAND)
    assert _gapless([order.production_order_number for order in orders])
    assert _gapless([order.work_order_number for order in work_orders])
