"""The service on a real PostgreSQL and a real NATS server, two replicas of it."""

from collections.abc import AsyncIterator

import pytest

from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers


@pytest.fixture(scope="session")
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers, services=["shopfloor"], replicas={"shopfloor": 2}
    ) as started:
        yield started
