"""The leak finder finds leaks: in a table whose isolation was taken away by hand."""

from collections.abc import AsyncIterator

import pytest

from lineside_contracts.shopfloor import PlantChanged
from lineside_testkit import builders, isolation
from lineside_testkit.harness import Harness
from lineside_testkit.isolation import Intrusion
from lineside_testkit.servers import Servers


@pytest.fixture
async def predictions(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(lineside_servers, services=["predictions"]) as harness:
        yield harness


async def _leaks(harness: Harness, intrusion: tuple[str, ...]) -> list[str]:
    found = {table.name: table for table in await isolation.tenant_tables(harness)}
    victim, intruder = harness.new_tenant(), harness.new_tenant()
    for tenant in (victim, intruder):
        await harness.publish(PlantChanged(plant=builders.plant()), tenant_id=tenant)
    await harness.settle()
    leaks: list[str] = []
    for name in intrusion:
        leaks += await Intrusion(harness, found[name], victim, intruder).leaks()
    return leaks


async def test_isolated_tables_have_no_leaks(predictions: Harness) -> None:
    assert await _leaks(predictions, ("plants", "inbox", "outbox", "answered_requests")) == []


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE plants DISABLE ROW LEVEL SECURITY",
        "ALTER POLICY plants_tenant_isolation ON plants USING (true)",
        "ALTER POLICY plants_tenant_isolation ON plants WITH CHECK (true)",
        "CREATE POLICY anybody ON plants USING (true)",
    ],
)
async def test_every_kind_of_damage_is_found(predictions: Harness, damage: str) -> None:
    await predictions.owner_sql("predictions", damage)
    assert await _leaks(predictions, ("plants",))


async def test_a_table_nobody_has_rows_in_is_tried_with_made_up_ones(predictions: Harness) -> None:
    names = tuple(table.name for table in await isolation.tenant_tables(predictions))
    tried = tuple(name for name in names if name not in isolation.OUTSIDE)
    assert "predicted_orders" in tried
    assert await _leaks(predictions, tried) == []
