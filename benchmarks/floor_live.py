"""The floor while it works: logs a second through the API, and how soon everybody sees them.

    python -m benchmarks.floor_live [--operators 32] [--seconds 20] [--clients 1 100 1000]
        [--logs 200] [--json FILE]

Starts a system in processes of its own. First every operator, at a lane and a work order of their
own, reports pieces as fast as the answers come (next to the same number of people who only read).
Then logs are posted one after the other, and for each number of WebSocket clients the time from
sending the request to every client's frame is taken; the clients live in a process of their own
(`floor_listeners`), and clocks of one machine agree. Processor time is read from outside.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks import phases, running
from benchmarks.meters import Reading
from benchmarks.running import Running
from lineside_chassis.clock import SYSTEM_CLOCK

PLANT = "MAIN"
GAP_SECONDS = {1: 0.05, 100: 0.1}
LONG_GAP_SECONDS = 0.5
"""Between two logs of which every client is told: what is measured is no queue."""

ARRIVAL_SECONDS = 2.0
WARM_UP = 20
TARGETS_MS = {100: 50.0}
"""SPEC 18: the 99th percentile at 100 clients."""

CONSOLE = Console()

Send = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Pace:
    """What some people managed together."""

    name: str
    people: int
    count: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_ms: Mapping[str, float]
    statements: float
    messages: float

    @property
    def per_second(self) -> float:
        """How many a second."""
        return self.count / self.seconds


@dataclass(frozen=True)
class Delay:
    """From sending a log to the frames of some clients, in milliseconds."""

    clients: int
    logs: int
    frames: int
    missing: int
    answer_p50_ms: float
    first_p50_ms: float
    p50_ms: float
    p99_ms: float
    cpu_ms: Mapping[str, float]


class Station:
    """A lane, the work order on it, and whoever reports there."""

    def __init__(self, http: httpx.AsyncClient, lane_number: str, work_order_id: str) -> None:
        self.http, self.lane_number, self.work_order_id = http, lane_number, work_order_id

    async def report(self, kind: str, **fields: Any) -> None:
        """Log something; a refusal ends the benchmark."""
        body = {"kind": kind, "work_order_id": self.work_order_id, **fields}
        await _post(self.http, "/production-logs", body | {"lane_number": self.lane_number})

    async def complete(self, **fields: Any) -> None:
        """Report one good piece."""
        await self.report("complete", good_quantity="1", **fields)

    async def read(self) -> None:
        """Look at the work order."""
        (await self.http.get(f"/api/v1/work-orders/{self.work_order_id}")).raise_for_status()


async def _post(http: httpx.AsyncClient, path: str, body: Any) -> Any:
    headers = {"Idempotency-Key": str(SYSTEM_CLOCK.new_id())}
    answer = await http.post(f"/api/v1{path}", json=body, headers=headers)
    if answer.is_error:
        raise SystemExit(f"POST {path}: {answer.status_code} {answer.text[:1000]}")
    return answer.json()


async def open_stations(http: httpx.AsyncClient, tenant_id: UUID, count: int) -> list[Station]:
    """Make a plant with lanes, and put a work order without end on each."""
    await _post(http, "/tenants", {"tenant_code": "LIVE", "tenant_name": f"Live {tenant_id}"})
    plant = {"plant_code": PLANT, "plant_name": "Main works", "time_zone": "Europe/Berlin"}
    await _post(http, "/plants", plant | {"assignment_mode": "suggest"})
    stations = [await _open_station(http, n) for n in range(count)]
    for station in stations:
        await station.report("start")
    return stations


async def _open_station(http: httpx.AsyncClient, number: int) -> Station:
    lane = {"lane_number": f"L-{number}", "lane_name": f"Lane {number}", "plant_code": PLANT}
    await _post(http, "/lanes", lane | {"lane_type": "assembly"})
    wanted = {"plant_code": PLANT, "operation_type": "assembly", "quantity_ordered": "1000000"}
    work_order = await _post(http, "/work-orders", wanted)
    await _post(http, f"/work-orders/{work_order['id']}/release", {})
    return Station(http, lane["lane_number"], work_order["id"])


async def pace(system: Running, name: str, sends: Sequence[Send], seconds: float) -> Pace:
    """Let everybody do their thing again and again, for some seconds."""
    took: list[float] = []

    async def work(send: Send, until: float) -> None:
        while time.perf_counter() < until:
            begun = time.perf_counter()
            await send()
            took.append((time.perf_counter() - begun) * 1000)

    before, begun = await system.read(), time.perf_counter()
    await asyncio.gather(*(work(send, begun + seconds) for send in sends))
    spent = time.perf_counter() - begun
    await system.quiet()
    after = await system.read()
    return Pace(
        name=name,
        people=len(sends),
        count=len(took),
        seconds=spent,
        p50_ms=statistics.median(took),
        p99_ms=phases.percentile(took, 0.99),
        cpu_ms=_cpu(before, after, len(took)),
        statements=(sum(after.statements.values()) - sum(before.statements.values())) / len(took),
        messages=(sum(after.messages.values()) - sum(before.messages.values())) / len(took),
    )


async def delay(system: Running, station: Station, clients: int, count: int) -> Delay:
    """Post logs one by one and see when every client has heard of each."""
    sent: dict[int, float] = {}
    answered: list[float] = []
    async with _listeners(system, station, clients) as collect:
        gap = GAP_SECONDS.get(clients, LONG_GAP_SECONDS)
        before = await system.read()
        for number in range(-min(WARM_UP, count), count):
            begun = sent[number] = time.perf_counter()
            await station.complete(notes=f"bench-{number}" if number >= 0 else None)
            if number >= 0:
                answered.append((time.perf_counter() - begun) * 1000)
            await asyncio.sleep(gap)
        await asyncio.sleep(ARRIVAL_SECONDS)
        after = await system.read()
        arrivals = await collect()
    return _delay(clients, sent, answered, arrivals, _cpu(before, after, len(sent)))


def _delay(
    clients: int,
    sent: Mapping[int, float],
    answered: Sequence[float],
    arrivals: Mapping[int, Sequence[float]],
    cpu_ms: Mapping[str, float],
) -> Delay:
    waits = {n: [(at - sent[n]) * 1000 for at in found] for n, found in arrivals.items()}
    every = [wait for some in waits.values() for wait in some] or [float("nan")]
    return Delay(
        clients=clients,
        logs=len(answered),
        frames=len(every),
        missing=len(answered) * clients - len(every),
        answer_p50_ms=statistics.median(answered),
        first_p50_ms=statistics.median([min(some) for some in waits.values()] or [float("nan")]),
        p50_ms=statistics.median(every),
        p99_ms=phases.percentile(every, 0.99),
        cpu_ms=cpu_ms,
    )


@asynccontextmanager
async def _listeners(
    system: Running, station: Station, clients: int
) -> AsyncIterator[Callable[[], Awaitable[dict[int, list[float]]]]]:
    """Have clients listen in a process of their own; the function given ends and asks them."""
    address = urlsplit(system.state["http_url"])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.floor_listeners"),
        *(str(address.hostname), str(address.port), str(clients)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**28,
    )
    if process.stdin is None or process.stdout is None:
        raise SystemExit("the clients have no pipes")
    reading, writing = process.stdout, process.stdin

    async def collect() -> dict[int, list[float]]:
        writing.write(b"end\n")
        told = json.loads(await asyncio.wait_for(reading.readline(), 60))
        return {int(number): found for number, found in told.items()}

    try:
        token = station.http.headers["authorization"].removeprefix("Bearer ")
        writing.write(f"{token}\n".encode())
        if await asyncio.wait_for(reading.readline(), 60) != b"ready\n":
            raise SystemExit("the clients did not get through")
        yield collect
        await asyncio.wait_for(process.wait(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _cpu(before: Reading, after: Reading, count: int) -> dict[str, float]:
    """Milliseconds of processor time of each process, by log."""
    return {
        name: (spent - before.cpu_seconds.get(name, 0)) * 1000 / count
        for name, spent in after.cpu_seconds.items()
    }


async def measure(system: Running, options: argparse.Namespace) -> dict[str, Any]:
    """Everything, one after the other."""
    tenant_id = system.new_tenant()
    async with system.http(tenant_id) as http:
        stations = await open_stations(http, tenant_id, options.operators)
        for station in stations:
            await station.complete()
        paces = [
            await pace(system, "read a work order", [s.read for s in stations], options.seconds),
            await pace(system, "report a piece", [s.complete for s in stations], options.seconds),
            await pace(system, "one operator", [stations[0].complete], options.seconds / 2),
        ]
        show_paces(paces)
        delays = []
        for clients in options.clients:
            await system.quiet()
            count = options.logs if clients <= max(GAP_SECONDS) else options.logs // 4
            delays.append(await delay(system, stations[0], clients, max(1, count)))
        show_delays(delays)
    return {
        "paces": [asdict(each) | {"per_second": each.per_second} for each in paces],
        "delays": [asdict(each) for each in delays],
        "peak_memory_mb": system.peak_memory(),
    }


def show_paces(paces: Sequence[Pace]) -> None:
    """Print how much was done."""
    table = Table("what", "people", "a second", "p50 ms", "p99 ms", "statements", "messages")
    for p in paces:
        figures = (p.per_second, p.p50_ms, p.p99_ms, p.statements, p.messages)
        table.add_row(p.name, str(p.people), *(f"{figure:,.1f}" for figure in figures))
    CONSOLE.print(table)
    _show_cpu({p.name: p.cpu_ms for p in paces})


def show_delays(delays: Sequence[Delay]) -> None:
    """Print how soon clients knew."""
    table = Table(
        *("clients", "logs", "frames", "missing", "answer p50 ms", "first frame p50 ms"),
        *("every frame p50 ms", "p99 ms", "target ms"),
    )
    for d in delays:
        counts = (d.clients, d.logs, d.frames, d.missing)
        times = (d.answer_p50_ms, d.first_p50_ms, d.p50_ms, d.p99_ms)
        target = f"{TARGETS_MS[d.clients]:g}" if d.clients in TARGETS_MS else ""
        table.add_row(*map(str, counts), *(f"{each:,.1f}" for each in times), target)
    CONSOLE.print(table)
    _show_cpu({f"{d.clients} clients": d.cpu_ms for d in delays})


def _show_cpu(spent: Mapping[str, Mapping[str, float]]) -> None:
    table = Table("process", *(f"CPU ms, {name}" for name in spent))
    names = sorted({name for each in spent.values() for name in each})
    for name in names:
        table.add_row(name, *(f"{each.get(name, 0):.2f}" for each in spent.values()))
    CONSOLE.print(table)


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """Start a system and measure it."""
    with tempfile.TemporaryDirectory(prefix="lineside-bench-") as folder:
        async with running.start(Path(folder)) as system:
            return await measure(system, options)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor_live")
    parser.add_argument("--operators", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 100, 1000])
    parser.add_argument("--logs", type=int, default=200)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ["LINESIDE_RATE_PER_SECOND"] = "0"
    result = asyncio.run(run(options))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
