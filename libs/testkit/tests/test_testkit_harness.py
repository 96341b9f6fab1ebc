"""The harness itself: a bare broker with its streams, events in and out."""

from collections.abc import AsyncIterator

import pytest

from lineside_contracts.planning import ProductChanged
from lineside_contracts.sales import SalesOrderConfirmed
from lineside_testkit import builders
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers


@pytest.fixture(scope="session")
async def bare(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(lineside_servers, services=[]) as harness:
        yield harness


async def test_a_published_event_is_read_back_whole(bare: Harness) -> None:
    tenant = bare.new_tenant()
    order = builders.sales_order()
    said = await bare.publish(SalesOrderConfirmed(sales_order=order), tenant_id=tenant)
    (heard,) = await bare.events(SalesOrderConfirmed, tenant_id=tenant)
    assert heard.payload.sales_order == order
    assert heard.envelope == said


async def test_master_data_lies_in_its_own_stream(bare: Harness) -> None:
    tenant = bare.new_tenant()
    await bare.publish(ProductChanged(product=builders.product()), tenant_id=tenant)
    (heard,) = await bare.events(ProductChanged, tenant_id=tenant)
    assert heard.payload.product.product_code == builders.BROCHURE


async def test_a_missing_event_is_reported_with_what_came_instead(bare: Harness) -> None:
    tenant = bare.new_tenant()
    await bare.publish(ProductChanged(product=builders.product()), tenant_id=tenant)
    with pytest.raises(AssertionError, match=r"1 x sales.order.confirmed awaited.*product.changed"):
        await bare.events(SalesOrderConfirmed, tenant_id=tenant, timeout=0.2)


async def test_harnesses_do_not_hear_each_other(bare: Harness, lineside_servers: Servers) -> None:
    tenant = bare.new_tenant()
    await bare.publish(ProductChanged(product=builders.product()), tenant_id=tenant)
    async with Harness.start(lineside_servers, services=[]) as other:
        assert await other.events(ProductChanged, tenant_id=tenant, count=0) == []
