"""The whole system once per test worker: journeys share it, each with tenants of its own."""

from collections.abc import AsyncIterator

import pytest

from lineside_gateway.store import measures
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import CHAIN
from lineside_testkit.servers import Servers


@pytest.fixture(scope="session")
async def chain(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(lineside_servers, services=(*CHAIN, "gateway")) as harness:
        yield harness
    assert _undocumented() == [], "the API answered what its document does not say"


def _undocumented() -> list[str]:
    """What the gateway refused with a code that its document does not name at that door."""
    (family,) = measures.UNDOCUMENTED.collect()
    return [
        f"{sample.labels['operation']} {sample.labels['code']}"
        for sample in family.samples
        if sample.name.endswith("_total") and sample.value
    ]
