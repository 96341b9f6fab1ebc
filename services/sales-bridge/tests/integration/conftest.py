from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest

from lineside_contracts.planning import ProductChanged, TenantChanged
from lineside_contracts.shopfloor import PlantChanged
from lineside_testkit import builders
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

NewShop = Callable[[], Awaitable[UUID]]


@pytest.fixture(scope="session")
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers, services=["sales-bridge"], replicas={"sales-bridge": 2}
    ) as harness:
        yield harness


@pytest.fixture(scope="session")
def new_shop(harness: Harness) -> NewShop:
    """A registered tenant with a plant and the brochure."""

    async def make() -> UUID:
        tenant_id = harness.new_tenant()
        for payload in (
            PlantChanged(plant=builders.plant()),
            ProductChanged(product=builders.product(conversions={"BX": "12"})),
            TenantChanged(tenant=builders.tenant(tenant_id)),
        ):
            await harness.publish(payload, tenant_id=tenant_id)
        await harness.settle()
        return tenant_id

    return make


@pytest.fixture
async def shop(new_shop: NewShop) -> UUID:
    return await new_shop()
