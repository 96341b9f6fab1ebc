"""Where tests get PostgreSQL and NATS from: the wheels, servers somebody runs, or containers.

Each test worker has databases of its own (by prefix) and NATS accounts of its own: streams on the
same subjects cannot share an account. Every `Harness` takes one account; where there is only one,
harnesses take turns.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lineside_stack.embedded import nats, postgres
from lineside_stack.embedded.nats import EmbeddedNats
from lineside_stack.embedded.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from lineside_testkit.installation import Installation

DATABASE_VARIABLE = "LINESIDE_TEST_DATABASE_URL"
NATS_VARIABLE = "LINESIDE_TEST_NATS_URL"
WORKER_PLACEHOLDER = "{worker}"
ACCOUNT_COUNT = 24
"""Harnesses that may live at once in one worker on a NATS server of our own."""

PASSWORD = "test"  # noqa: S105 -- servers that live for one test run, on 127.0.0.1


@dataclass
class NatsAccount:
    """A login to an account of its own, and the harness that uses it."""

    url: str
    user: str | None = None
    password: str | None = None
    holder: "Installation | None" = None


@dataclass
class Servers:
    """A PostgreSQL server (as administrator) and the NATS accounts of this worker."""

    admin_url: str
    accounts: list[NatsAccount]
    prefix: str
    directory: Path
    postgres: EmbeddedPostgres | None = None
    nats: EmbeddedNats | None = None
    started: int = field(default=0)

    def next_prefix(self) -> str:
        """A prefix for the databases and roles of one more harness."""
        self.started += 1
        return f"{self.prefix}h{self.started}_"


@asynccontextmanager
async def embedded(worker: str) -> AsyncIterator[Servers]:
    """Start both servers from their wheels, in a temporary directory."""
    directory = Path(tempfile.mkdtemp(prefix=f"lineside-test-{worker}-"))
    server = EmbeddedPostgres(
        directory / "postgres",
        password=PASSWORD,
        log=directory / "postgres.log",
        settings={**postgres.SETTINGS, **postgres.VOLATILE},
    )
    broker = EmbeddedNats(
        directory / "nats",
        accounts={f"T{n}": [nats.NatsUser(f"t{n}", PASSWORD)] for n in range(ACCOUNT_COUNT)},
        log=directory / "nats.log",
        sync_always=False,
    )
    try:
        await server.start()
        await broker.start()
        yield Servers(
            admin_url=server.url(),
            accounts=[NatsAccount(broker.url, f"t{n}", PASSWORD) for n in range(ACCOUNT_COUNT)],
            prefix="",
            directory=directory,
            postgres=server,
            nats=broker,
        )
    finally:
        await broker.stop()
        await server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@asynccontextmanager
async def external(worker: str, *, is_parallel: bool) -> AsyncIterator[Servers]:
    """Use the servers named in the environment.

    Args:
        worker: Name of the test worker; stands for `{worker}` in the NATS address.
        is_parallel: Whether there are other workers.

    Raises:
        ValueError: Several workers would share one NATS account.
    """
    address = os.environ[NATS_VARIABLE]
    if is_parallel and WORKER_PLACEHOLDER not in address:
        raise ValueError(
            f"{NATS_VARIABLE} needs {WORKER_PLACEHOLDER} (user or port of an account per test "
            "worker) when tests run in parallel; or run them with -n 0"
        )
    with tempfile.TemporaryDirectory(prefix=f"lineside-test-{worker}-") as directory:
        yield Servers(
            admin_url=os.environ[DATABASE_VARIABLE],
            accounts=[NatsAccount(address.replace(WORKER_PLACEHOLDER, worker))],
            prefix=f"t{os.getpid()}_{worker}_",
            directory=Path(directory),
        )
