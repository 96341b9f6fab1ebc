"""What is measured: orders published, the ends they reach, and what that took."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from benchmarks.meters import Reading
from benchmarks.running import Running, Watch

SUBJECT = "sales.order.confirmed"


@dataclass(frozen=True)
class Phase:
    """What was measured between two readings.

    Attributes:
        seconds: Until all work orders are visible.
        planned_seconds: Until materials and capacity of all orders are known as well.
        quiet_seconds: Until nobody has anything left to do.
    """

    name: str
    orders: int
    seconds: float
    planned_seconds: float
    quiet_seconds: float
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


@dataclass(frozen=True)
class Bench:
    """A tenant's orders and how far they are."""

    system: Running
    tenant_id: UUID
    name: str
    made: Watch
    planned: Watch

    @classmethod
    async def open(cls, system: Running, tenant_id: UUID, name: str) -> "Bench":
        """Begin to follow a tenant's events."""
        made = Watch(system.client, tenant_id, "work_order.created")
        planned = Watch(system.client, tenant_id, "material.planned", "capacity.checked")
        await made.start()
        await planned.start()
        return cls(system, tenant_id, name, made, planned)

    async def publish(self, bodies: Sequence[bytes]) -> None:
        """Confirm orders as a sales system does."""
        jetstream = self.system.client.jetstream()
        for position in range(0, len(bodies), 500):
            waiting = [
                await jetstream.publish_async(SUBJECT, body)
                for body in bodies[position : position + 500]
            ]
            for acknowledgement in waiting:
                await acknowledgement


@dataclass(frozen=True)
class Latencies:
    """Milliseconds from publish, one value an order."""

    work_orders: list[float]
    planned: list[float]


async def singles(
    bench: Bench, bodies: Sequence[bytes], *, work_orders: int, name: str
) -> tuple[Phase, Latencies]:
    """One order at a time: until its work orders are visible, until all about it is known."""
    latencies = Latencies([], [])
    before, start = await bench.system.read(), time.perf_counter()
    for body in bodies:
        began = time.perf_counter()
        await bench.publish([body])
        await bench.made.wait_for(work_orders, timeout_seconds=30)
        latencies.work_orders.append((time.perf_counter() - began) * 1000)
        await bench.planned.wait_for(1, timeout_seconds=30)
        latencies.planned.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.15)
    seconds = time.perf_counter() - start
    await bench.system.quiet()
    after = await bench.system.read()
    return Phase(name, len(bodies), seconds, seconds, seconds, before, after), latencies


async def backlog(bench: Bench, orders: Sequence[bytes], *, work_orders: int, name: str) -> Phase:
    """All orders at once, from the first publish to each of the three ends."""
    before, start = await bench.system.read(), time.perf_counter()
    await bench.publish(orders)
    await bench.made.wait_for(work_orders, timeout_seconds=600)
    seconds = time.perf_counter() - start
    await bench.planned.wait_for(len(orders), timeout_seconds=600)
    planned_seconds = time.perf_counter() - start
    await bench.system.quiet()
    quiet_seconds = time.perf_counter() - start
    after = await bench.system.read()
    return Phase(name, len(orders), seconds, planned_seconds, quiet_seconds, before, after)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "p50": statistics.median(values),
        "p95": percentile(values, 0.95),
        "p99": percentile(values, 0.99),
    }


def figures(phase: Phase) -> dict[str, Any]:
    """A phase as numbers."""
    return {
        "name": phase.name,
        "orders": phase.orders,
        "orders_per_second": phase.orders / phase.seconds,
        "planned_per_second": phase.orders / phase.planned_seconds,
        "quiet_per_second": phase.orders / phase.quiet_seconds,
        "statements_per_order": phase.statements_per_order(),
        "statements_per_order_without_begin_commit": phase.work_statements_per_order(),
        "messages_per_order": phase.messages_per_order(),
        "cpu_ms_per_order": phase.cpu_ms_per_order(),
    }
