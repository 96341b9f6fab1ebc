"""The whole system once per test worker: journeys share it, each with tenants of its own."""

from collections.abc import AsyncIterator

import pytest

from lineside_testkit.harness import Harness
from lineside_testkit.journeys import CHAIN
from lineside_testkit.servers import Servers


@pytest.fixture(scope="session")
async def chain(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(lineside_servers, services=(*CHAIN, "gateway")) as harness:
        yield harness
