"""Confirmed orders through the whole chain on the running system, next to the floor.

    python -m benchmarks.chain [--orders 2000] [--singles 100] [--lines 5000] [--json FILE]

Measures on the printing plant: single orders (latency, statements, messages), then a backlog
(orders a second, statements and messages an order, processor time of every process); then the same
rows and events written raw; and, where the data lies beside the checkout, AdventureWorks. Ends with
the memory every process has needed at its peak.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from nats.aio.client import Client
from nats.aio.msg import Msg
from rich.console import Console
from rich.table import Table

from benchmarks import adventureworks, floor, printing_plant, running
from benchmarks.meters import Reading
from benchmarks.running import Running

SUBJECT = "sales.order.confirmed"
CONSOLE = Console()
SETTLE_SECONDS = 1.5
"""After the last work order: time for predictions and acceptances to be through as well."""

WARM_UP = 20
"""Orders before anything is counted: every process has then prepared its statements."""

NOW = datetime.now(UTC)  # noqa: TID251 - a benchmark starts when it starts


@dataclass(frozen=True)
class Phase:
    """What was measured between two readings."""

    name: str
    orders: int
    seconds: float
    before: Reading
    after: Reading

    def statements_per_order(self) -> float:
        """All services, everything counted."""
        total = sum(self.after.statements.values()) - sum(self.before.statements.values())
        return total / self.orders

    def work_statements_per_order(self) -> float:
        """Without BEGIN and COMMIT, as other systems count theirs."""
        ends = self.after.transactions - self.before.transactions
        return self.statements_per_order() - ends / self.orders

    def messages_per_order(self) -> float:
        """Messages stored in streams."""
        total = sum(self.after.messages.values()) - sum(self.before.messages.values())
        return total / self.orders

    def cpu_ms_per_order(self) -> dict[str, float]:
        """Processor time by process."""
        return {
            name: (seconds - self.before.cpu_seconds[name]) * 1000 / self.orders
            for name, seconds in self.after.cpu_seconds.items()
        }


class WorkOrderWatch:
    """Counts the work orders of a tenant as they become visible."""

    def __init__(self, client: Client, tenant_id: UUID) -> None:
        self._client = client
        self._subject = f"work_order.created.{tenant_id}.*"
        self._count = 0
        self._target = 0
        self._reached = asyncio.Event()

    async def start(self) -> None:
        """Follow the live events."""
        await self._client.subscribe(self._subject, cb=self._seen)
        await self._client.flush()

    async def wait_for(self, more: int, *, timeout_seconds: float) -> None:
        """Wait until `more` work orders have appeared since the last call."""
        self._target += more
        self._reached.clear()
        if self._count < self._target:
            await asyncio.wait_for(self._reached.wait(), timeout_seconds)

    async def _seen(self, _message: Msg) -> None:
        self._count += 1
        if self._count >= self._target:
            self._reached.set()


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
            answer = await http.post(
                f"/api/v1/imports/{kind}", content=text, headers={"content-type": "text/csv"}
            )
            if answer.is_error:
                raise SystemExit(f"import of {kind} failed: {answer.text[:2000]}")
    return tenant_id


async def singles(
    system: Running, tenant_id: UUID, count: int, *, name: str
) -> tuple[Phase, list[float]]:
    """One order at a time: from publish until all its work orders are visible."""
    jetstream = system.client.jetstream()
    watch = WorkOrderWatch(system.client, tenant_id)
    await watch.start()
    latencies: list[float] = []
    idle_before = await system.read()
    await asyncio.sleep(5)
    idle_after = await system.read()
    idle_rate = (sum(idle_after.statements.values()) - sum(idle_before.statements.values())) / 5
    CONSOLE.print(f"idle: {idle_rate:.1f} statements/s (polls of relays and consumers)")
    before, start = await system.read(), time.perf_counter()
    for number in range(count):
        began = time.perf_counter()
        body = order(tenant_id, f"{name}-{number}", [(printing_plant.PRODUCT, 10_000)])
        await jetstream.publish(SUBJECT, body)
        await watch.wait_for(printing_plant.WORK_ORDERS_PER_LINE, timeout_seconds=30)
        latencies.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.15)
    seconds = time.perf_counter() - start
    await asyncio.sleep(SETTLE_SECONDS)
    return Phase("single", count, seconds, before, await system.read()), latencies


async def backlog(
    system: Running, tenant_id: UUID, orders: Sequence[bytes], *, work_orders: int, name: str
) -> Phase:
    """All orders at once: from the first publish until the last work order is visible."""
    jetstream = system.client.jetstream()
    watch = WorkOrderWatch(system.client, tenant_id)
    await watch.start()
    before, start = await system.read(), time.perf_counter()
    for position in range(0, len(orders), 500):
        waiting = [
            await jetstream.publish_async(SUBJECT, body)
            for body in orders[position : position + 500]
        ]
        for acknowledgement in waiting:
            await acknowledgement
    await watch.wait_for(work_orders, timeout_seconds=600)
    seconds = time.perf_counter() - start
    await asyncio.sleep(SETTLE_SECONDS * 2)
    return Phase(name, len(orders), seconds, before, await system.read())


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def measure(system: Running, options: argparse.Namespace) -> dict[str, Any]:
    """Run all phases and collect the figures."""
    tenant_id = await prepare(system, printing_plant.FILES, "Printing")
    await singles(system, tenant_id, WARM_UP, name="WARM")
    single, latencies = await singles(system, tenant_id, options.singles, name="SINGLE")
    CONSOLE.print(
        f"single: p50 {statistics.median(latencies):.0f} ms, p99 {percentile(latencies, 0.99):.0f}"
        f" ms, {single.statements_per_order():.1f} statements/order"
    )
    bodies = [
        order(tenant_id, f"BULK-{number}", [(printing_plant.PRODUCT, 10_000)])
        for number in range(options.orders)
    ]
    rates: list[Phase] = []
    for part in range(options.repeats):
        share = [body.replace(b"BULK-", f"BULK{part}-".encode()) for body in bodies]
        rates.append(
            await backlog(
                system,
                tenant_id,
                share,
                work_orders=len(share) * printing_plant.WORK_ORDERS_PER_LINE,
                name=f"backlog {part + 1}",
            )
        )
        CONSOLE.print(
            f"{rates[-1].name}: {rates[-1].orders / rates[-1].seconds:.0f} orders/s,"
            f" {rates[-1].statements_per_order():.2f} statements/order"
        )
    bare = await floor.measure(
        database_urls=system.database_urls,
        client=system.client,
        tenant_id=tenant_id,
        subjects=[f"*.*.{tenant_id}.*", f"sales.order.*.{tenant_id}.*"],
    )
    counted = options.singles + WARM_UP + options.orders * options.repeats
    result = {
        "latency_ms": {
            "p50": statistics.median(latencies),
            "p95": percentile(latencies, 0.95),
            "p99": percentile(latencies, 0.99),
        },
        "single": figures(single),
        "backlog": [figures(phase) for phase in rates],
        "orders_per_second": statistics.median(p.orders / p.seconds for p in rates),
        "floor": {
            "orders_per_second": counted / bare.seconds,
            "rows_per_order": bare.rows / counted,
            "events_per_order": bare.messages / counted,
            "insert_share": bare.insert_seconds / bare.seconds,
        },
    }
    if options.data:
        result["adventureworks"] = await adventure(system, options)
    result["peak_memory_mb"] = system.peak_memory()
    return result


async def adventure(system: Running, options: argparse.Namespace) -> dict[str, Any]:
    """AdventureWorks: its products and routings, some thousand of its sales lines."""
    data = adventureworks.load(Path(options.data) / "adventureworks", line_count=options.lines)
    start = time.perf_counter()
    tenant_id = await prepare(system, data.files, "AdventureWorks")
    loaded = time.perf_counter() - start
    by_order: dict[str, list[tuple[str, int]]] = {}
    for line in data.lines:
        by_order.setdefault(line.order_number, []).append((line.product_code, line.quantity))
    bodies = [order(tenant_id, number, lines) for number, lines in by_order.items()]
    phase = await backlog(
        system, tenant_id, bodies, work_orders=len(data.lines), name="AdventureWorks"
    )
    return {
        **figures(phase),
        "products": data.product_count,
        "routings": data.routing_count,
        "load_seconds": loaded,
        "lines": len(data.lines),
        "lines_of_bought_products_left_out": data.skipped_line_count,
        "rows": await system.count_rows(tenant_id),
    }


def figures(phase: Phase) -> dict[str, Any]:
    """A phase as numbers."""
    return {
        "name": phase.name,
        "orders": phase.orders,
        "orders_per_second": phase.orders / phase.seconds,
        "statements_per_order": phase.statements_per_order(),
        "statements_per_order_without_begin_commit": phase.work_statements_per_order(),
        "messages_per_order": phase.messages_per_order(),
        "cpu_ms_per_order": phase.cpu_ms_per_order(),
    }


def show(result: Mapping[str, Any]) -> None:
    """Print the tables."""
    latency, bare = result["latency_ms"], result["floor"]
    table = Table("figure", "measured", "target", title="Confirmed order to work orders")
    table.add_row("p50 unloaded", f"{latency['p50']:.0f} ms", "")
    table.add_row("p95 unloaded", f"{latency['p95']:.0f} ms", "")
    table.add_row("p99 unloaded", f"{latency['p99']:.0f} ms", "< 250 ms")
    single = result["single"]
    table.add_row("statements, one order", f"{single['statements_per_order']:.1f}", "<= 60")
    plain = single["statements_per_order_without_begin_commit"]
    table.add_row("… without BEGIN and COMMIT", f"{plain:.1f}", "")
    table.add_row("messages, one order", f"{single['messages_per_order']:.1f}", "")
    table.add_row("orders a second, backlog", f"{result['orders_per_second']:.0f}", ">= 150")
    last = result["backlog"][-1]
    table.add_row("statements an order, backlog", f"{last['statements_per_order']:.2f}", "<= 8")
    table.add_row("floor: orders a second", f"{bare['orders_per_second']:.0f}", "")
    ratio = bare["orders_per_second"] / result["orders_per_second"]
    table.add_row("the floor is away by", f"{ratio:.1f} x", "")
    CONSOLE.print(table)
    times = Table("process", "CPU ms/order, backlog", "peak MB", title="Where the time goes")
    for name, spent in sorted(last["cpu_ms_per_order"].items(), key=lambda item: -item[1]):
        times.add_row(name, f"{spent:.2f}", f"{result['peak_memory_mb'].get(name, 0):.0f}")
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
