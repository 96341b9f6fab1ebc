"""Confirmed orders through the whole chain on the running system, next to the floor.

    python -m benchmarks.chain [--orders 2000] [--singles 100] [--lines 5000] [--json FILE]

Measures on a printing plant, once without bills of material and once with five components an order
(all orders take from the same five pools): single orders (latency, statements, messages), then
backlogs (orders a second, statements and messages an order, processor time of every process). Three
ends are timed: work orders are visible; materials and capacity are known; nobody has anything left
to do (MRP, costs, predictions). Then the same rows and events written raw; and, where the data lies
beside the checkout, AdventureWorks with its bills, vendors and stock. Ends with the memory every
process has needed at its peak.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

from benchmarks import adventureworks, floor, phases, printing_plant, running
from benchmarks.phases import Bench, Phase
from benchmarks.running import Running

SUBJECT = phases.SUBJECT
CONSOLE = Console()
WITH_MATERIALS = "with materials"
PLANTS = {
    "without bills": printing_plant.FILES,
    WITH_MATERIALS: printing_plant.MATERIAL_FILES,
}
"""The same plant twice, measured in the same run."""

DOCUMENTS = ("stock", "receipts")
"""Files that are loaded below their own address."""

WARM_UP = 20
"""Orders before anything is counted: every process has then prepared its statements."""

NOW = datetime.now(UTC)  # noqa: TID251 - a benchmark starts when it starts


def order(tenant_id: UUID, number: str, lines: Sequence[tuple[str, int]]) -> bytes:
    """A confirmed order in Lineside's own JSON."""
    due = (NOW + timedelta(days=45)).date().isoformat()
    document = {
        "tenant_id": str(tenant_id),
        "order_number": number,
        "confirmed_at": NOW.isoformat(),
        "customer": {"code": "BENCH"},
        "lines": [
            {
                "line_number": n,
                "product_code": code,
                "quantity": quantity,
                "unit": "EA",
                "due_date": due,
            }
            for n, (code, quantity) in enumerate(lines, start=1)
        ],
    }
    return json.dumps(document).encode()


async def prepare(system: Running, files: Sequence[tuple[str, str]], name: str) -> UUID:
    """Register a tenant and load its master data."""
    tenant_id = system.new_tenant()
    async with system.http(tenant_id) as http:
        body = {"tenant_code": name, "tenant_name": name}
        (await http.post("/api/v1/tenants", json=body)).raise_for_status()
        for kind, text in files:
            path = f"{kind}/import" if kind in DOCUMENTS else f"imports/{kind}"
            answer = await http.post(
                f"/api/v1/{path}", content=text, headers={"content-type": "text/csv"}
            )
            if answer.is_error:
                raise SystemExit(f"import of {kind} failed: {answer.text[:2000]}")
    return tenant_id


async def plant(
    system: Running, options: argparse.Namespace, files: Sequence[tuple[str, str]], name: str
) -> dict[str, Any]:
    """Singles and backlogs on one printing plant."""
    tenant_id = await prepare(system, files, name)
    bench = await Bench.open(system, tenant_id, name)
    each = printing_plant.WORK_ORDERS_PER_LINE
    warming = _bodies(bench, "WARM", WARM_UP)
    await phases.singles(bench, warming, work_orders=each, name="warm-up")
    bodies = _bodies(bench, "SINGLE", options.singles)
    single, latencies = await phases.singles(bench, bodies, work_orders=each, name="single")
    parts = [await _part(bench, options.orders, part) for part in range(options.repeats)]
    return {
        "tenant_id": str(tenant_id),
        "latency_ms": phases.spread(latencies.work_orders),
        "planned_latency_ms": phases.spread(latencies.planned),
        "single": phases.figures(single),
        "backlog": [phases.figures(phase) for phase in parts],
        "orders_per_second": statistics.median(p.orders / p.seconds for p in parts),
        "planned_per_second": statistics.median(p.orders / p.planned_seconds for p in parts),
        "quiet_per_second": statistics.median(p.orders / p.quiet_seconds for p in parts),
    }


def _bodies(bench: Bench, name: str, count: int) -> list[bytes]:
    line = [(printing_plant.PRODUCT, 10_000)]
    return [order(bench.tenant_id, f"{name}-{number}", line) for number in range(count)]


async def _part(bench: Bench, count: int, part: int) -> Phase:
    bodies = _bodies(bench, f"BULK{part}", count)
    work_orders = count * printing_plant.WORK_ORDERS_PER_LINE
    phase = await phases.backlog(bench, bodies, work_orders=work_orders, name=f"backlog {part + 1}")
    CONSOLE.print(
        f"{bench.name}, {phase.name}: {count / phase.seconds:.0f} orders/s to work orders, "
        f"{count / phase.planned_seconds:.0f} to materials and capacity, "
        f"{count / phase.quiet_seconds:.0f} until all is quiet, "
        f"{phase.statements_per_order():.2f} statements/order"
    )
    return phase


async def measure(system: Running, options: argparse.Namespace) -> dict[str, Any]:
    """Run all phases and collect the figures."""
    before = await system.read()
    await asyncio.sleep(5)
    idle = sum((await system.read()).statements.values()) - sum(before.statements.values())
    CONSOLE.print(f"idle: {idle / 5:.1f} statements/s (polls of relays and consumers)")
    result: dict[str, Any] = {"idle_statements_per_second": idle / 5}
    for name, files in PLANTS.items():
        result[name] = await plant(system, options, files, name)
    last = result[WITH_MATERIALS]
    bare = await floor.measure(
        database_urls=system.database_urls,
        client=system.client,
        tenant_id=UUID(last["tenant_id"]),
        subjects=[f"*.*.{last['tenant_id']}.*", f"sales.order.*.{last['tenant_id']}.*"],
    )
    counted = options.singles + WARM_UP + options.orders * options.repeats
    result["floor"] = {
        "orders_per_second": counted / bare.seconds,
        "rows_per_order": bare.rows / counted,
        "events_per_order": bare.messages / counted,
        "insert_share": bare.insert_seconds / bare.seconds,
    }
    if options.data:
        result["adventureworks"] = await adventure(system, options)
    result["peak_memory_mb"] = system.peak_memory()
    return result


async def adventure(system: Running, options: argparse.Namespace) -> dict[str, Any]:
    """AdventureWorks: products, routings, bills, vendors, stock, some thousand sales lines."""
    data = adventureworks.load(Path(options.data) / "adventureworks", line_count=options.lines)
    start = time.perf_counter()
    tenant_id = await prepare(system, (*data.files, *data.material_files), "AdventureWorks")
    loaded = time.perf_counter() - start
    by_order: dict[str, list[tuple[str, int]]] = {}
    for line in data.lines:
        by_order.setdefault(line.order_number, []).append((line.product_code, line.quantity))
    bodies = [order(tenant_id, number, lines) for number, lines in by_order.items()]
    bench = await Bench.open(system, tenant_id, "AdventureWorks")
    before, start = await system.read(), time.perf_counter()
    await bench.publish(bodies)
    await system.quiet(timeout_seconds=1200)
    seconds = time.perf_counter() - start
    phase = Phase(
        "AdventureWorks", len(bodies), seconds, seconds, seconds, before, await system.read()
    )
    rows = await system.count_rows(tenant_id)
    return {
        **phases.figures(phase),
        "products": data.product_count,
        "routings": data.routing_count,
        "load_seconds": loaded,
        "lines": len(data.lines),
        "production_orders_per_line": rows["production_orders"] / len(data.lines),
        "production_orders_per_second": rows["production_orders"] / seconds,
        "orders_planned_through": bench.planned.count,
        "lines_of_bought_products_left_out": data.skipped_line_count,
        "rows": rows,
    }


ROWS: tuple[tuple[str, str, Callable[[Mapping[str, Any]], float]], ...] = (
    ("work orders visible, p50 ms", "", lambda r: r["latency_ms"]["p50"]),
    ("… p99 ms", "< 250", lambda r: r["latency_ms"]["p99"]),
    ("materials and capacity known, p50 ms", "", lambda r: r["planned_latency_ms"]["p50"]),
    ("… p99 ms", "", lambda r: r["planned_latency_ms"]["p99"]),
    ("statements, one order", "", lambda r: r["single"]["statements_per_order"]),
    (
        "… without BEGIN and COMMIT",
        "",
        lambda r: r["single"]["statements_per_order_without_begin_commit"],
    ),
    ("messages, one order", "", lambda r: r["single"]["messages_per_order"]),
    ("orders a second to work orders", ">= 150", lambda r: r["orders_per_second"]),
    ("… to materials and capacity", "", lambda r: r["planned_per_second"]),
    ("… until all is quiet", "", lambda r: r["quiet_per_second"]),
    ("statements an order, backlog", "", lambda r: r["backlog"][-1]["statements_per_order"]),
    ("messages an order, backlog", "", lambda r: r["backlog"][-1]["messages_per_order"]),
)
"""What is shown of each plant: name, target, value."""


def show(result: Mapping[str, Any]) -> None:
    """Print the tables."""
    table = Table("figure", *PLANTS, "target", title="Confirmed order to work orders")
    for name, target, value in ROWS:
        table.add_row(name, *(f"{value(result[plant]):,.1f}" for plant in PLANTS), target)
    bare = result["floor"]["orders_per_second"]
    ratios = (f"{bare / result[plant]['orders_per_second']:.1f}" for plant in PLANTS)
    table.add_row(f"the floor ({bare:.0f} orders/s) is away by, times", *ratios, "")
    CONSOLE.print(table)
    spent = [result[plant]["backlog"][-1]["cpu_ms_per_order"] for plant in PLANTS]
    times = Table("process", *(f"CPU ms/order, {name}" for name in PLANTS), "peak MB")
    for name in sorted(spent[-1], key=lambda one: -spent[-1][one]):
        peak = result["peak_memory_mb"].get(name, 0)
        times.add_row(name, *(f"{of[name]:.2f}" for of in spent), f"{peak:.0f}")
    CONSOLE.print(times)
    if "adventureworks" in result:
        CONSOLE.print_json(json.dumps(result["adventureworks"]))


async def main() -> None:
    """Start a system, measure, print, write."""
    parser = argparse.ArgumentParser(prog="benchmarks.chain")
    parser.add_argument("--orders", type=int, default=2000)
    parser.add_argument("--singles", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--lines", type=int, default=5000)
    parser.add_argument("--data", help="folder with adventureworks/, where there is one")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lineside-bench-") as folder:
        async with running.start(Path(folder)) as system:
            result = await measure(system, options)
    show(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(), debug=False)
    sys.stdout.flush()
