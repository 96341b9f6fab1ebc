"""What people ask about the floor, at the size of a large plant: search, logs, daily figures.

    python -m benchmarks.floor_queries [--work-orders 1000000] [--logs 10000000] [--rounds 50]
        [--keep-data DIR] [--json FILE]

Fills a database of its own (`floor_data`: two tenants, 24 months of logs), then asks through the
service's own requests, in units of work as they open them: app role, row-level security, one
connection, warm. Beside every group stands what it would cost plainly: an empty unit of work, and
the same question without the index or table that answers it. With `--keep-data` the filled database
stays and is used again; the disk is looked at before anything is written.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy import event, text

from benchmarks import floor_data, floor_questions, plans
from benchmarks.floor_data import TENANT, Floor, Size
from benchmarks.floor_questions import Question
from lineside_chassis import collecting
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.service import Service
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_shopfloor import app
from lineside_shopfloor.settings import Settings
from lineside_stack import catalogue, databases, provisioning
from lineside_stack.embedded import postgres
from lineside_stack.embedded.postgres import EmbeddedPostgres

PASSWORD = "bench"  # noqa: S105 - a server on 127.0.0.1 that lives for one run
FILLING = {
    **postgres.SETTINGS,
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "8GB",
    "max_parallel_maintenance_workers": "2",
}
"""Only how it is written differs from a running system, not how it is read."""

CONSOLE = Console()


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one question, BEGIN to COMMIT, and the statements behind it."""

    group: str
    name: str
    target_ms: float | None
    median_ms: float
    p99_ms: float
    rows: int
    plans: list[str] = field(default_factory=list)

    @property
    def meets(self) -> bool | None:
        """Whether the worst of a hundred stays below the target; None without one."""
        return None if self.target_ms is None else self.p99_ms < self.target_ms


class Desk:
    """The service under test, asked without the network."""

    def __init__(self, service: Service, database: Database) -> None:
        self.database = database
        self._answerers = {
            subject: answerer
            for some in service.requests
            for subject, answerer in some.answerers.items()
        }
        self._heard: list[tuple[str, Any]] | None = None
        event.listen(
            database._reading.sync_engine,  # noqa: SLF001 - listened to, never changed
            "before_cursor_execute",
            self._hear,
        )

    def answers(self, question: Question) -> bool:
        """Whether the service has learnt to answer it."""
        return question.endpoint is None or question.endpoint.subject in self._answerers

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work as requests open them."""
        context = Context(tenant_id=TENANT, correlation_id=SYSTEM_CLOCK.new_id())
        async with self.database.unit_of_work(context, read_only=True) as uow:
            yield uow

    async def ask(self, question: Question, number: int) -> int:
        """Ask once; tell how many rows came back."""
        asked = question.variants[number % len(question.variants)]
        async with self.unit() as uow:
            if question.endpoint is None:
                return len((await uow.connection.execute(text(asked))).all())
            answer = await self._answerers[question.endpoint.subject].handler(uow, asked)
            return len(getattr(answer, "items", (answer,)))

    async def explain(self, question: Question) -> list[str]:
        """Tell what the statements of one asking did."""
        self._heard = []
        await self.ask(question, 0)
        heard, self._heard = self._heard, None
        found = []
        for sql, parameters in heard:
            if not sql.lstrip().upper().startswith(("SELECT", "WITH")) or "set_config" in sql:
                continue
            async with self.unit() as uow:
                asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}"
                rows = await uow.connection.exec_driver_sql(asked, parameters)
                found.append(plans.summary(rows.scalar_one()[0]))
        return found

    def _hear(self, _conn: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        if self._heard is not None:
            self._heard.append((sql, parameters))


async def measure(desk: Desk, questions: Sequence[Question], rounds: int) -> list[Timing]:
    """Ask every question often, the naive ones a few times."""
    timings = []
    for question in questions:
        if not desk.answers(question):
            CONSOLE.print(f"not answered by the service yet: {question.name}", style="yellow")
            continue
        timings.append(await _timing(desk, question, rounds if question.repeats else 2))
    return timings


async def _timing(desk: Desk, question: Question, rounds: int) -> Timing:
    walls, rows = [], 0
    for number in range(-min(rounds, 10), rounds):
        begun = time.perf_counter()
        rows = max(rows, await desk.ask(question, number))
        if number >= 0:
            walls.append((time.perf_counter() - begun) * 1000)
    walls.sort()
    return Timing(
        group=question.group,
        name=question.name,
        target_ms=question.target_ms,
        median_ms=round(statistics.median(walls), 2),
        p99_ms=round(walls[min(len(walls) - 1, round(0.99 * len(walls)))], 2),
        rows=rows,
        plans=await desk.explain(question),
    )


@asynccontextmanager
async def filled(folder: Path, size: Size) -> AsyncIterator[tuple[Floor, str]]:
    """Start a server on a folder and fill it, unless it was filled to this size before."""
    today = SYSTEM_CLOCK.now().date()
    marker = folder / "filled.json"
    wanted = {**asdict(size), "today": str(today)}
    known = json.loads(marker.read_text()) if marker.exists() else None
    if known is not None and {**known, "today": ""} != {**wanted, "today": ""}:
        raise SystemExit(f"{folder} holds another floor: {known}; choose another folder")
    if known is None:
        floor_data.check_disk(folder, size)
    server = EmbeddedPostgres(
        folder / "postgres", password=PASSWORD, log=folder / "postgres.log", settings=FILLING
    )
    await server.start()
    try:
        yield await _prepared(server, size, marker, known)
    finally:
        await server.stop()


async def _prepared(
    server: EmbeddedPostgres, size: Size, marker: Path, known: dict[str, Any] | None
) -> tuple[Floor, str]:
    entry = catalogue.service("shopfloor")
    passwords = {entry.name: dict.fromkeys(catalogue.LOGINS, PASSWORD)}
    found = await provisioning.provision_databases(
        [entry], admin_url=server.url(), passwords=passwords
    )
    database = found[entry.name]
    admin = databases.in_database(server.url(), database.name)
    today = SYSTEM_CLOCK.now().date()
    if known is not None:
        today = date.fromisoformat(known["today"])
    floor = floor_data.floor_of(size, today)
    if known is None:
        await asyncio.to_thread(floor_data.fill, admin, floor)
        written = json.dumps({**asdict(size), "today": str(today)})
        await asyncio.to_thread(marker.write_text, written)
    with psycopg.connect(admin) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    CONSOLE.print(f"{(row or (0,))[0] / 1e9:.1f} GB in the database", highlight=False)
    return floor, database.urls["app"]


async def run(options: argparse.Namespace, folder: Path) -> list[Timing]:
    """Fill, ask, tell."""
    size = Size(options.work_orders, options.logs)
    async with filled(folder, size) as (floor, url):
        settings = Settings(database_url=url, pool_size=1)
        service = app.build(settings)
        if service.database is None:
            raise SystemExit("the service has no database")
        desk = Desk(service, service.database)
        collecting.settle()  # as every service does when it starts
        try:
            return await measure(desk, floor_questions.all_of(floor), options.rounds)
        finally:
            await service.database.close()


def show(timings: Sequence[Timing], size: Size) -> None:
    """Print figures against the targets of SPEC 18, and what explains them."""
    title = f"{size.work_orders:,} work orders, {size.logs:,} logs"
    table = Table("", "question", "p50 ms", "p99 ms", "target ms", "rows", title=title)
    for t in timings:
        style = {None: "", True: "green", False: "bold red"}[t.meets]
        target = "" if t.target_ms is None else f"{t.target_ms:g}"
        figures = f"{t.median_ms:,.2f}", f"{t.p99_ms:,.2f}", target, str(t.rows)
        table.add_row(t.group, t.name, *figures, style=style)
    CONSOLE.print(table)
    for t in timings:
        for plan in t.plans:
            CONSOLE.print(f"[bold]{t.group}, {t.name}[/]: {plan}", highlight=False)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor_queries")
    parser.add_argument("--work-orders", type=int, default=10_000)
    parser.add_argument("--logs", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--keep-data", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lineside-bench-") as temporary:
        folder = options.keep_data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        timings = asyncio.run(run(options, folder))
    show(timings, Size(options.work_orders, options.logs))
    if options.json:
        options.json.write_text(json.dumps([asdict(t) for t in timings], indent=1))


if __name__ == "__main__":
    main()
