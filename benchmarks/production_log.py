"""Replays a real shop-floor log through the HTTP API, and tells what became of every report.

    LINESIDE_EXTERNAL_DATA=… python -m benchmarks.production_log [--orders 135] [--late 0.05]

The log is that of Levy 2014 (DOI 10.4121/uuid:68726926-5ac5-4fab-b873-ee76ea412399), read from the
folder of real data sets and never copied. Its cases become work orders, activities operations,
resources lanes; each row is posted as two logs (begin, end) in the order of time, on a system
started here. Every report is accepted, or refused, or on the list of conflicts, each with its
reason; afterwards a supervisor records what makes sense by then, and totals are compared with the
source order by order.
"""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import running
from lineside_testkit import shop_floor_log
from lineside_testkit.floor import Person
from lineside_testkit.replaying import Replay
from lineside_testkit.shop_floor_log import FloorLog

CONSOLE = Console()
LATE_SHARE = 0.05
DATA_VARIABLE = "LINESIDE_EXTERNAL_DATA"


def show_source(log: FloorLog) -> None:
    CONSOLE.print(
        f"{len(log.orders)} orders, {log.row_count:,} rows, {log.duplicate_count} of them "
        f"duplicates (same content, so the same idempotency key), {len(log.resources)} lanes"
    )


def show_reports(replay: Replay) -> None:
    shown = Table("report", "reason", "count", title="What became of the reports")
    for (standing, code), count in sorted(replay.standings().items()):
        shown.add_row(standing, code, f"{count:,}")
    shown.add_row("duplicate", "same answer, no second effect", f"{replay.log.duplicate_count:,}")
    CONSOLE.print(shown)


def show_speed(replay: Replay) -> None:
    posted = len(replay.outcomes) + replay.repeated
    CONSOLE.print(
        f"{posted:,} logs and {replay.released_lanes.total()} releases of lanes in "
        f"{replay.seconds:.1f} s: {posted / replay.seconds:.0f} logs a second; "
        f"releases: {dict(replay.released_lanes)}"
    )


async def replay_all(log: FloorLog, *, late: float, at_once: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running.start(Path(folder)) as system,
            system.http(system.new_tenant()) as client,
        ):
            client.base_url = client.base_url.join("/api/v1")
            replay = Replay(Person(client), log, late_share=late, at_once=at_once)
            await replay.prepare(tenant_code="LEVY")
            await replay.run()
            show_reports(replay)
            show_speed(replay)
            differing = await replay.differing_orders()
            await replay.resolve()
            left = await replay.conflicts()
            differing += await replay.differing_orders()
    CONSOLE.print(f"recorded by a supervisor afterwards: {replay.resolved}; left: {dict(left)}")
    for number, here, there in differing:
        CONSOLE.print(f"[red]order {number}: {here} here, {there} in the source[/]")
    CONSOLE.print(f"totals per order equal those of the source: {'NO' if differing else 'yes'}")
    return not differing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=None, help="only so many orders")
    parser.add_argument("--late", type=float, default=LATE_SHARE, help="share handed in late")
    parser.add_argument("--at-once", type=int, default=12, help="requests in flight")
    given = parser.parse_args()
    if DATA_VARIABLE not in os.environ:
        raise SystemExit(f"{DATA_VARIABLE} does not name a folder of data sets")
    path = Path(os.environ[DATA_VARIABLE]) / shop_floor_log.FILE
    log = shop_floor_log.read(path, orders=given.orders)
    show_source(log)
    is_equal = asyncio.run(replay_all(log, late=given.late, at_once=given.at_once))
    raise SystemExit(0 if is_equal else 1)


if __name__ == "__main__":
    main()
