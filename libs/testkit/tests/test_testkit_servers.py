"""Where tests get their servers from, and how harnesses share too few NATS accounts."""

from dataclasses import replace

import pytest

from lineside_contracts.planning import ProductChanged
from lineside_testkit import builders, servers
from lineside_testkit.harness import Harness
from lineside_testkit.servers import NatsAccount, Servers


async def test_harnesses_take_turns_where_there_is_one_account(lineside_servers: Servers) -> None:
    spare = lineside_servers.accounts[0]
    account = NatsAccount(spare.url, spare.user, spare.password)
    crowded = replace(lineside_servers, accounts=[account], prefix="crowded_")
    event = ProductChanged(product=builders.product())
    async with (
        Harness.start(crowded, services=["predictions"]) as first,
        Harness.start(crowded, services=["predictions"]) as second,
    ):
        tenant = second.new_tenant()
        await second.publish(event, tenant_id=tenant)
        assert await first.events(ProductChanged, tenant_id=tenant, count=0) == []
        await first.publish(event, tenant_id=tenant)
        assert len(await first.events(ProductChanged, tenant_id=tenant)) == 1


async def test_parallel_workers_on_one_account_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(servers.NATS_VARIABLE, "nats://somewhere:4222")
    monkeypatch.setenv(servers.DATABASE_VARIABLE, "postgresql://somewhere/postgres")
    with pytest.raises(ValueError, match=r"needs \{worker\}"):
        async with servers.external("gw1", is_parallel=True):
            pass


async def test_each_worker_has_an_account_and_a_prefix_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(servers.NATS_VARIABLE, "nats://{worker}:secret@somewhere:4222")
    monkeypatch.setenv(servers.DATABASE_VARIABLE, "postgresql://somewhere/postgres")
    async with (
        servers.external("gw0", is_parallel=True) as one,
        servers.external("gw1", is_parallel=True) as other,
    ):
        assert other.accounts[0].url == "nats://gw1:secret@somewhere:4222"
        assert one.next_prefix() != other.next_prefix()
