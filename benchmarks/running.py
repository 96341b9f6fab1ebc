"""A system to measure: `lineside up` in processes of its own, found again by its ready file."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import nats
import psycopg
from nats.aio.client import Client
from nats.aio.msg import Msg
from psycopg import conninfo

from benchmarks import meters
from benchmarks.meters import Reading
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import streams
from lineside_stack.issuer import Issuer

START_SECONDS = 60
QUIET_SECONDS = 0.1
QUIET_LOOKS = 3
"""A message may be between two consumers: quiet is what stays quiet."""


@dataclass(frozen=True)
class Running:
    """A running system and the administrator's hands on it."""

    state: dict[str, Any]
    client: Client
    issuer: Issuer

    @property
    def admin_url(self) -> str:
        """PostgreSQL, as administrator."""
        url: str = self.state["database_url"]
        return url

    @property
    def database_urls(self) -> list[str]:
        """Every service's database, as administrator, whom row-level security does not bind."""
        return [
            conninfo.make_conninfo(
                self.admin_url, dbname=conninfo.conninfo_to_dict(urls["app"])["dbname"]
            )
            for urls in self.state["databases"].values()
        ]

    def pids(self) -> dict[str, list[int]]:
        """Every process with its children, now."""
        return {
            name: [pid] if name == "supervisor" else meters.children(pid)
            for name, pid in self.state["pids"].items()
        }

    async def read(self) -> Reading:
        """All counters."""
        return await meters.read(self.admin_url, self.client.jetstream(), self.pids())

    def peak_memory(self) -> dict[str, float]:
        """Peak resident megabytes of each process (PostgreSQL: its main process)."""
        return {name: meters.peak_megabytes(pid) for name, pid in self.state["pids"].items()}

    def new_tenant(self) -> UUID:
        """A tenant nobody else uses."""
        return SYSTEM_CLOCK.new_id()

    def http(self, tenant_id: UUID) -> httpx.AsyncClient:
        """The API, as the tenant's administrator."""
        token = self.issuer.token("admin", now=SYSTEM_CLOCK.now(), tenant_id=tenant_id)
        return httpx.AsyncClient(
            base_url=self.state["http_url"],
            headers={"authorization": f"Bearer {token}"},
            timeout=120,
        )

    async def count_rows(self, tenant_id: UUID) -> dict[str, int]:
        """How many production orders, runs and work orders a tenant has."""
        counts: dict[str, int] = {}
        for url in self.database_urls:
            async with await psycopg.AsyncConnection.connect(url) as connection:
                for table in ("production_orders", "production_runs", "work_orders"):
                    found = await connection.execute("SELECT to_regclass(%s)", (table,))
                    if (await found.fetchone() or (None,))[0] is None:
                        continue
                    rows = await connection.execute(
                        f"SELECT count(*) FROM {table} WHERE tenant_id = %s".encode(),  # noqa: S608
                        (tenant_id,),
                    )
                    counts[table] = (await rows.fetchone() or (0,))[0]
        return counts

    async def quiet(self, *, timeout_seconds: float = 600) -> None:
        """Wait until no consumer has anything to do and nothing waits to be said."""
        async with asyncio.timeout(timeout_seconds):
            calm = 0
            while calm < QUIET_LOOKS:
                calm = calm + 1 if await self._is_quiet() else 0
                await asyncio.sleep(QUIET_SECONDS)

    async def _is_quiet(self) -> bool:
        jetstream = self.client.jetstream()
        for stream in (streams.EVENTS, streams.MASTER_DATA, streams.SALES_INGRESS):
            for info in await jetstream.consumers_info(stream):
                if info.config.durable_name and (info.num_pending or info.num_ack_pending):
                    return False
        return not await meters.outbox_rows(self.database_urls)


class Watch:
    """Counts the aggregates of a tenant that every one of some events has been heard of."""

    def __init__(self, client: Client, tenant_id: UUID, *events: str) -> None:
        self._client = client
        self._subjects = [f"{event}.{tenant_id}.*" for event in events]
        self._heard: list[set[str]] = [set() for _ in events]
        self._target = 0
        self._reached = asyncio.Event()

    @property
    def count(self) -> int:
        """How many there are by now."""
        return len(set.intersection(*self._heard))

    async def start(self) -> None:
        """Follow the live events."""
        for number, subject in enumerate(self._subjects):
            await self._client.subscribe(subject, cb=self._hearing(number))
        await self._client.flush()

    async def wait_for(self, more: int, *, timeout_seconds: float) -> None:
        """Wait until `more` aggregates have appeared since the last call."""
        self._target += more
        self._reached.clear()
        if self.count < self._target:
            await asyncio.wait_for(self._reached.wait(), timeout_seconds)

    def _hearing(self, number: int) -> Callable[[Msg], Awaitable[None]]:
        async def heard(message: Msg) -> None:
            self._heard[number].add(message.subject.rpartition(".")[2])
            if self.count >= self._target:
                self._reached.set()

        return heard


@asynccontextmanager
async def start(folder: Path) -> AsyncIterator[Running]:
    """Start a system on a folder; stop it at the end."""
    ready = folder / "ready.json"
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "lineside",
        "up",
        *("--data", folder / "data", "--ready-file", ready),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        while not ready.exists():
            if process.returncode is not None or time.perf_counter() - began > START_SECONDS:
                raise SystemExit("lineside up did not get ready")
            await asyncio.sleep(0.05)
        sys.stdout.write(f"ready after {time.perf_counter() - began:.1f} s\n")
        state = json.loads(ready.read_text(encoding="utf-8"))
        client = await nats.connect(state["nats_url"])
        yield Running(state, client, Issuer(folder / "data" / "issuer"))
        await client.close()
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 60)
