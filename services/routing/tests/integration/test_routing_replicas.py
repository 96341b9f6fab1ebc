"""Two instances of the service share the work and never get into each other's way."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from lineside_contracts.planning import (
    ProductionOrder,
    ProductionOrderChanged,
    ProductionOrderCreated,
)
from lineside_contracts.routing import RoutingExpanded
from lineside_testkit import builders
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers


@pytest.fixture(scope="module")
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    settings = {"routing": {"batch_size": 7, "cached_operations": 5}}
    async with Harness.start(
        lineside_servers, services=["routing"], replicas={"routing": 2}, settings=settings
    ) as harness:
        yield harness


async def test_orders_that_change_while_they_are_expanded_end_at_their_newest_state(
    works: Any,
) -> None:
    await works.active()
    orders = [builders.production_order() for _ in range(40)]
    events: list[Any] = [ProductionOrderCreated(production_order=order) for order in orders]
    for order in orders:
        newer = ProductionOrder.model_validate(
            {
                **order.model_dump(),
                "version": 2,
                "planning_version": 2,
                "quantity_ordered": Decimal(500),
            }
        )
        events.append(
            ProductionOrderChanged(production_order=newer, changed_fields=("quantity_ordered",))
        )
    await asyncio.gather(*(works.say(event) for event in [*events, *reversed(events)]))
    await works.harness.settle(timeout=60)
    rows = await works.rows(
        "SELECT e.planning_version, count(*) AS runs, min(r.planned_output) AS least"
        " FROM expansions e JOIN production_runs r ON r.production_order_id = e.id"
        " GROUP BY e.id, e.planning_version"
    )
    assert len(rows) == 40
    assert {(row["planning_version"], row["runs"], int(row["least"])) for row in rows} == {
        (2, 4, 500)
    }
    assert await works.harness.dead_letters(tenant_id=works.tenant) == []


async def test_more_templates_than_are_kept_in_memory_are_read_again(works: Any) -> None:
    products = [f"P-{number}" for number in range(4)]
    for product in products:
        await works.active(routing_code=f"R-{product}", product_code=product)
    for product in products * 3:
        await works.order(product_code=product)
    said = await works.heard(RoutingExpanded, 12)
    for payload in said:
        assert payload.expansion.routing_code == f"R-{payload.expansion.order.product_code}"
