"""The same orders three times: calmly, under attack, and with the database away.

    python -m benchmarks.chaos [--orders 1000] [--every 3] [--outage-minutes 5]

Under attack a random service is killed (-9) every few seconds, every order is sent twice and every
event is delivered twice, some late and out of order. In the outage PostgreSQL is stopped, for
minutes, between the first and the second half of the orders. In the end every tenant table of every
service must hold what the calm run left there, apart from ids, numbers and instants. Exits with 1
on any difference or dead letter. The system is one of its own (`lineside up` on a temporary
directory, beside a PostgreSQL that can be stopped); only its processes are ended, by their ids.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks import chain, printing_plant, running
from benchmarks.running import Running
from lineside_stack import catalogue
from lineside_stack.embedded.postgres import EmbeddedPostgres
from lineside_stack.failures import StartError
from lineside_stack.servers import DATABASE_VARIABLE
from lineside_testkit import installation, recording, states
from lineside_testkit.states import State

SUBJECT = chain.SUBJECT
KILLABLE = tuple(entry.name for entry in catalogue.SERVICES)
SETTLE_SECONDS = 300
"""What a dead process held comes again after 30 s, perhaps on several stations of the chain."""

POLL_SECONDS = 0.5
ORDERS_A_SECOND = 25
"""Under attack orders come at this pace, so that there is something to hit at every moment."""

CONSOLE = Console()


@dataclass
class Run:
    """One way through, and what it left."""

    name: str
    orders: int
    seconds: float = 0.0
    kills: int = 0
    copies: int = 0
    dead_letters: int = 0
    state: State = field(default_factory=dict)


@dataclass
class Arena:
    """The system, its database server, and the knobs."""

    system: Running
    database: EmbeddedPostgres
    options: argparse.Namespace

    @property
    def urls(self) -> dict[str, str]:
        """Every service's database, as administrator."""
        names = self.system.state["databases"]
        return dict(zip(names, self.system.database_urls, strict=True))

    def order(self, tenant_id: UUID, number: int) -> bytes:
        """One order of one line."""
        return chain.order(tenant_id, f"SO-{number:05}", [(printing_plant.PRODUCT, 1000 + number)])

    async def publish(self, tenant_id: UUID, numbers: range) -> None:
        """Confirm orders at full speed."""
        jetstream = self.system.client.jetstream()
        for number in numbers:
            await jetstream.publish(SUBJECT, self.order(tenant_id, number))

    async def settle(self) -> None:
        """Wait until nobody has anything left to do."""
        jetstream = self.system.client.jetstream()
        async with asyncio.timeout(SETTLE_SECONDS):
            while True:
                before = await installation.last_sequences(jetstream)
                is_busy = await installation.has_pending(jetstream) or await self._has_outbox()
                if not is_busy and before == await installation.last_sequences(jetstream):
                    return
                await asyncio.sleep(POLL_SECONDS)

    async def _has_outbox(self) -> bool:
        for url in self.urls.values():
            async with await psycopg.AsyncConnection.connect(url) as connection:
                if await (await connection.execute("SELECT 1 FROM outbox LIMIT 1")).fetchone():
                    return True
        return False

    async def measured(
        self, run: Run, way: Callable[[UUID, Run], Coroutine[Any, Any, None]]
    ) -> Run:
        """Take a new tenant one way through, and note what it left."""
        tenant_id = await chain.prepare(self.system, printing_plant.FILES, "Chaos")
        await self.settle()
        letters = await self._count_dead_letters()
        start = time.perf_counter()
        await way(tenant_id, run)
        await self.settle()
        run.seconds = time.perf_counter() - start
        run.state = await states.read(self.urls, tenant_id)
        run.dead_letters = await self._count_dead_letters() - letters
        CONSOLE.print(f"{run.name}: {run.orders} orders, {run.seconds:.0f} s")
        return run

    async def _count_dead_letters(self) -> int:
        jetstream = self.system.client.jetstream()
        return len(await installation.dead_letters(jetstream, tenant_id=None))


async def calm(arena: Arena) -> Run:
    """Orders, and nothing else."""

    async def way(tenant_id: UUID, run: Run) -> None:
        await arena.publish(tenant_id, range(run.orders))

    return await arena.measured(Run("calm", arena.options.orders), way)


async def attack(arena: Arena) -> Run:
    """Orders twice, events twice, and a service killed every few seconds."""

    async def way(tenant_id: UUID, run: Run) -> None:
        async with recording.doubling(arena.system.client.jetstream()) as doubler:
            async with _killing(arena, run):
                await _publish_twice(arena, tenant_id, run.orders)
            await arena.settle()
        run.copies = doubler.copied

    return await arena.measured(Run("attacked", arena.options.orders), way)


async def outage(arena: Arena) -> Run:
    """The database is away for minutes while orders go on coming."""

    async def way(tenant_id: UUID, run: Run) -> None:
        half = run.orders // 2
        await arena.publish(tenant_id, range(half))
        await arena.database.stop()
        CONSOLE.print(f"PostgreSQL is away for {arena.options.outage_minutes:g} minutes")
        await arena.publish(tenant_id, range(half, run.orders))
        await asyncio.sleep(arena.options.outage_minutes * 60)
        await arena.database.start()

    return await arena.measured(Run("database away", arena.options.orders), way)


async def _publish_twice(arena: Arena, tenant_id: UUID, count: int) -> None:
    jetstream = arena.system.client.jetstream()
    for number in range(count):
        body = arena.order(tenant_id, number)
        for copy in ("first", "second"):
            headers = {"Nats-Msg-Id": f"{tenant_id}:{number}:{copy}"}
            await jetstream.publish(SUBJECT, body, headers=headers)
        await asyncio.sleep(1 / ORDERS_A_SECOND)


@asynccontextmanager
async def _killing(arena: Arena, run: Run) -> AsyncIterator[None]:
    """Kill while the block runs."""
    killing = asyncio.create_task(_kill_again_and_again(arena, run))
    try:
        yield
    finally:
        killing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await killing


async def _kill_again_and_again(arena: Arena, run: Run) -> None:
    choice = random.Random(run.orders)  # noqa: S311 -- the same victims every time
    while True:
        await asyncio.sleep(arena.options.every)
        victim = choice.choice(KILLABLE)
        pid = _pid_now(arena.system, victim)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            run.kills += 1


def _pid_now(system: Running, service: str) -> int | None:
    """The service's process as its supervisor last wrote it, if it is the supervisor's child."""
    state = json.loads((Path(system.state["data"]) / "stack.json").read_text(encoding="utf-8"))
    pid: int | None = state["services"][service]["pid"]
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    is_ours = f"PPid:\t{system.state['pids']['supervisor']}\n" in status
    return pid if is_ours else None


@asynccontextmanager
async def _database(folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL of our own, which `lineside up` takes for somebody else's."""
    server = EmbeddedPostgres(folder / "postgres", password="chaos", log=folder / "postgres.log")  # noqa: S106
    await server.start()
    os.environ[DATABASE_VARIABLE] = server.url()
    try:
        yield server
    finally:
        with contextlib.suppress(StartError):
            await server.stop()


def show(runs: list[Run]) -> int:
    """Print what happened; tells how many things are wrong."""
    table = Table("run", "orders", "seconds", "kills", "copies", "dead letters", "differences")
    wrong = 0
    for run in runs:
        found = states.differences(runs[0].state, run.state)
        wrong += len(found) + run.dead_letters
        rows = sum(sum(rows.values()) for rows in run.state.values())
        difference = f"{len(found)} in {rows} rows"
        figures = (run.orders, round(run.seconds), run.kills, run.copies, run.dead_letters)
        table.add_row(run.name, *map(str, figures), difference)
        for line in found[:20]:
            CONSOLE.print(f"[red]{run.name}[/] {line[:1000]}", highlight=False)
    CONSOLE.print(table)
    return wrong


async def main() -> int:
    """Run all three, compare, and tell how many things are wrong."""
    parser = argparse.ArgumentParser(prog="benchmarks.chaos")
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--every", type=float, default=3, help="seconds between two kills")
    parser.add_argument("--outage-minutes", type=float, default=5, help="0 leaves the outage out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lineside-chaos-") as name:
        folder = Path(name)
        async with _database(folder) as database, running.start(folder) as system:
            arena = Arena(system, database, options)
            runs = [await calm(arena), await attack(arena)]
            if options.outage_minutes:
                runs.append(await outage(arena))
    return show(runs)


if __name__ == "__main__":
    sys.exit(min(asyncio.run(main()), 1))
