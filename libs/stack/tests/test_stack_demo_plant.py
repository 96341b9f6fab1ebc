"""The demonstration's files: what a planner would load, accepted row by row."""

from collections.abc import AsyncIterator
from importlib import resources
from typing import Any

import pytest

from lineside_contracts import planning, registry, routing
from lineside_contracts.endpoint import Endpoint
from lineside_stack import uploads
from lineside_stack.demo import plant
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey
from lineside_testkit.servers import Servers

LOADS: dict[str, Endpoint[Any, Any]] = {
    **{kind.path: kind.load for kind in registry.MASTER_DATA},
    "routings": routing.IMPORT_ROUTINGS,
    "boms": planning.IMPORT_BOMS,
    "stock": planning.IMPORT_STOCK,
    "receipts": planning.IMPORT_RECEIPTS,
}


@pytest.fixture
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    services = ["planning", "routing", "shopfloor"]
    async with Harness.start(lineside_servers, services=services) as started:
        yield started


def test_every_kind_of_file_has_an_endpoint() -> None:
    assert set(uploads.KINDS) == LOADS.keys()
    assert set(plant.FILES) <= LOADS.keys()


async def test_every_file_loads_and_loading_it_again_changes_nothing(harness: Harness) -> None:
    journey = Journey(harness, harness.new_tenant())
    folder = resources.files("lineside_stack.demo") / "data"
    for round_number in (1, 2):
        for kind in plant.FILES:
            if round_number > 1 and kind in plant.NEW_ONLY:
                continue
            report = await journey.load(LOADS[kind], (folder / f"{kind}.csv").read_bytes())
            assert report.warnings == ()
            changed = report.created_count + report.updated_count
            assert bool(changed) == (round_number == 1), (kind, report)
            await harness.settle()
