"""kill -9, at the worst moment: what was in hand comes again, and the end is the calm one."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from lineside_contracts import streams
from lineside_stack import catalogue
from lineside_stack.instances import AsProcess
from lineside_testkit import states
from lineside_testkit.builders import BOOK
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import CHAIN, Journey
from lineside_testkit.servers import Servers

ORDERS = 60
ACK_WAIT_SECONDS = 2
"""What a dead process held comes again after this; 30 s outside of tests."""

SETTLE_SECONDS = 120


@pytest.fixture(scope="module")
async def processes(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers,
        services=CHAIN,
        processes=True,
        settings={name: {"batch_size": 5} for name in CHAIN},
    ) as harness:
        await _give_up_on_the_dead_soon(harness)
        yield harness


async def _give_up_on_the_dead_soon(harness: Harness) -> None:
    js = await harness.jetstream()
    for stream in (streams.EVENTS, streams.MASTER_DATA, streams.SALES_INGRESS):
        for info in await js.consumers_info(stream):
            await js.add_consumer(stream, replace(info.config, ack_wait=ACK_WAIT_SECONDS))


async def _kill_and_restart(harness: Harness, name: str) -> None:
    instances = harness.installation.instances[name]
    victim = instances.pop()
    assert isinstance(victim, AsProcess)
    victim.kill()
    harness.installation.start_instance(catalogue.service(name))
    await harness.installation.wait_until_ready()


async def _sell(journey: Journey) -> None:
    for n in range(ORDERS):
        lines = [journey.line(), journey.line(2, product_code=BOOK, quantity="1000")]
        await journey.confirm(journey.document(f"SO-{n}", lines=lines))
        await asyncio.sleep(0)


async def test_every_service_may_die_while_orders_flow(processes: Harness) -> None:
    calm, rough = await Journey.begin(processes), await Journey.begin(processes)
    await _sell(calm)
    await processes.settle(timeout=SETTLE_SECONDS)
    selling = asyncio.create_task(_sell(rough))
    for name in CHAIN:
        await _kill_and_restart(processes, name)
    await selling
    await processes.settle(timeout=SETTLE_SECONDS)
    ends = [await states.of_tenant(processes, journey.tenant_id) for journey in (calm, rough)]
    assert states.differences(*ends) == []
    assert len(await rough.production_orders(count=2 * ORDERS, status="routed")) == 2 * ORDERS
    assert await processes.dead_letters() == []
