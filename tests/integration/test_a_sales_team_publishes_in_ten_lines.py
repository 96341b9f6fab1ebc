"""The guide's script, run as a sales team would run it, makes an order."""

import asyncio
import json
import sys
from pathlib import Path

from lineside_contracts.shopfloor import WorkOrderCreated
from lineside_testkit import journeys
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey

SCRIPT = Path(__file__).parents[2] / "docs/guides/publish_an_order.py"


async def _run(chain: Harness, file: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, SCRIPT, journeys.plain_address(chain), file
    )
    assert await asyncio.wait_for(process.wait(), 20) == 0


async def test_the_script_of_the_guide_publishes_an_order(chain: Harness, tmp_path: Path) -> None:
    journey = await Journey.begin(chain)
    file = tmp_path / "order.json"
    file.write_text(json.dumps(journey.document("SO-GUIDE")))
    await _run(chain, file)
    (order,) = await journey.production_orders(count=1, status="routed")
    assert order.sales_order_number == "SO-GUIDE"
    assert order.quantity_ordered == 10_000
    await chain.events(WorkOrderCreated, tenant_id=journey.tenant_id, count=2)


async def test_running_the_script_twice_is_one_order(chain: Harness, tmp_path: Path) -> None:
    journey = await Journey.begin(chain)
    file = tmp_path / "order.json"
    file.write_text(json.dumps(journey.document("SO-GUIDE")))
    await _run(chain, file)
    await _run(chain, file)
    await chain.settle()
    assert len(await journey.production_orders(count=1, status="routed")) == 1


def test_the_script_has_about_ten_lines_of_its_own() -> None:
    body = SCRIPT.read_text().split("async def publish")[1].splitlines()
    assert len([line for line in body if line.strip()]) <= 10
