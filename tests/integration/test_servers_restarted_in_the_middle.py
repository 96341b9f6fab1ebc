"""PostgreSQL or NATS goes away: work pauses, goes on by itself, and nobody is blamed."""

import asyncio
from collections.abc import AsyncIterator

import prometheus_client
import pytest

from lineside_testkit import journeys, servers, states
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import CHAIN, Journey
from lineside_testkit.servers import Servers

ORDERS = 40
OUTAGE_SECONDS = 3
SETTLE_SECONDS = 90


@pytest.fixture(scope="module")
async def own_servers() -> AsyncIterator[Servers]:
    """A pair of servers that this test alone may stop."""
    async with servers.embedded("restarts") as started:
        yield started


@pytest.fixture(scope="module")
async def system(own_servers: Servers) -> AsyncIterator[Harness]:
    settings = {name: {"batch_size": 5} for name in CHAIN}
    async with Harness.start(own_servers, services=CHAIN, settings=settings) as harness:
        await journeys.redeliver_soon(harness)
        yield harness


def _blame() -> float:
    """How many attempts were counted against messages so far."""
    return sum(
        sample.value
        for metric in prometheus_client.REGISTRY.collect()
        for sample in metric.samples
        if sample.name.startswith(("lineside_bug", "lineside_poison"))
        and sample.name.endswith("_total")
    )


async def _sell(journey: Journey, *, first: int, count: int) -> None:
    await journey.confirm(*(journey.document(f"SO-{n}") for n in range(first, first + count)))


@pytest.mark.parametrize("server", ["postgres", "nats"])
async def test_an_outage_only_delays(system: Harness, own_servers: Servers, server: str) -> None:
    away = own_servers.postgres if server == "postgres" else own_servers.nats
    assert away is not None
    calm, rough = await Journey.begin(system), await Journey.begin(system)
    await _sell(calm, first=0, count=ORDERS)
    await system.settle(timeout=SETTLE_SECONDS)
    blamed = _blame()
    await _sell(rough, first=0, count=ORDERS // 2)
    await away.stop()
    if server == "postgres":
        await _sell(rough, first=ORDERS // 2, count=ORDERS // 2)
    await asyncio.sleep(OUTAGE_SECONDS)
    await away.start()
    if server == "nats":
        await _sell(rough, first=ORDERS // 2, count=ORDERS // 2)
    orders = await rough.production_orders(
        count=ORDERS, status="routed", timeout_seconds=SETTLE_SECONDS
    )
    await system.settle(timeout=SETTLE_SECONDS)
    assert len(orders) == ORDERS
    ends = [await states.of_tenant(system, journey.tenant_id) for journey in (calm, rough)]
    states.insist_equal(*ends)
    assert await system.dead_letters() == []
    assert _blame() == blamed
