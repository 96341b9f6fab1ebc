"""A real shop-floor log, replayed: every report is accounted for, whatever the source did to it.

Read from the folder of real data sets (Levy 2014); skipped without it. All 135 orders are replayed
by `python -m benchmarks.production_log`; here as many as a minute takes.
"""

from pathlib import Path

import pytest

from lineside_testkit import shop_floor_log
from lineside_testkit.floor import Floor
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey
from lineside_testkit.replaying import Replay
from lineside_testkit.shop_floor_log import FloorLog

ORDERS = 15
LATE_SHARE = 0.05


@pytest.fixture(scope="module")
def source(lineside_external_data: Path) -> FloorLog:
    path = lineside_external_data / shop_floor_log.FILE
    if not path.exists():
        pytest.skip(f"{path} does not exist")
    return shop_floor_log.read(path, orders=ORDERS)


def test_the_whole_log_is_135_orders_with_20_reports_said_twice(
    source: FloorLog, lineside_external_data: Path
) -> None:
    whole = shop_floor_log.read(lineside_external_data / shop_floor_log.FILE)
    assert (len(whole.orders), whole.row_count, whole.duplicate_count) == (135, 3250, 20)
    assert len(source.orders) == ORDERS


async def test_every_report_is_accepted_or_listed_with_its_reason_and_totals_are_the_sources(
    chain: Harness, source: FloorLog
) -> None:
    floor = Floor(Journey(chain, chain.new_tenant()))
    async with floor.person("admin") as person:
        replay = Replay(person, source, late_share=LATE_SHARE)
        await replay.prepare(tenant_code="LEVY")
        await replay.run()
        standings = replay.standings()
        assert standings.total() == len(source.reports)
        assert replay.repeated >= source.duplicate_count
        assert all(code for standing, code in standings if standing != "accepted"), standings
        assert standings["accepted", ""] > len(source.reports) * 0.8, standings
        assert await replay.differing_orders() == []
        await replay.resolve()
        assert await replay.differing_orders() == [], "recording what waited loses nothing"
