"""kill -9, at the worst moment: what was in hand comes again, and the end is the calm one."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lineside_stack import catalogue
from lineside_stack.instances import AsProcess
from lineside_testkit import installation, journeys, states
from lineside_testkit.builders import BOOK
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import CHAIN, Journey
from lineside_testkit.servers import Servers

PER_TURN = 12
ORDERS = PER_TURN * len(CHAIN)
SETTLE_SECONDS = 120


@pytest.fixture(scope="module")
async def processes(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers,
        services=CHAIN,
        processes=True,
        settings={name: {"batch_size": 5} for name in CHAIN},
    ) as harness:
        await journeys.redeliver_soon(harness)
        yield harness


async def _kill_and_restart(harness: Harness, name: str) -> None:
    """Wait until there is work in hand, and end the service in the middle of it."""
    js = await harness.jetstream()
    async with asyncio.timeout(5):
        while not await installation.has_pending(js):  # noqa: ASYNC110 -- servers are asked
            await asyncio.sleep(0.01)
    instances = harness.installation.instances[name]
    victim = instances.pop()
    assert isinstance(victim, AsProcess)
    victim.kill()
    harness.installation.start_instance(catalogue.service(name))


async def _sell(journey: Journey, numbers: range) -> None:
    lines = [journey.line(), journey.line(2, product_code=BOOK, quantity="1000")]
    await journey.confirm(*(journey.document(f"SO-{n}", lines=lines) for n in numbers))


async def test_every_service_may_die_while_orders_flow(processes: Harness) -> None:
    calm, rough = await Journey.begin(processes), await Journey.begin(processes)
    await _sell(calm, range(ORDERS))
    await processes.settle(timeout=SETTLE_SECONDS)
    for turn, name in enumerate(CHAIN):
        await _sell(rough, range(turn * PER_TURN, (turn + 1) * PER_TURN))
        await _kill_and_restart(processes, name)
    await processes.installation.wait_until_ready()
    await processes.settle(timeout=SETTLE_SECONDS)
    ends = [await states.of_tenant(processes, journey.tenant_id) for journey in (calm, rough)]
    states.insist_equal(*ends)
    assert len(await rough.production_orders(count=2 * ORDERS, status="routed")) == 2 * ORDERS
    assert await processes.dead_letters() == []
