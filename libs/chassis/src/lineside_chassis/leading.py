"""One replica at a time does a background job: an advisory lock says which.

Any replica may lead. The lock belongs to a connection of its own and is gone with it, so that a
leader which dies, hangs up or is cut off makes room; work of a leader that lost its connection is
cancelled before another's begins to matter.
"""

import asyncio
import random
import zlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
import structlog
from psycopg.rows import TupleRow

from lineside_chassis import errors, stopping

LOCK_CLASS = 0x4C656164
"""First half of every job's lock; the second is made of the job's name."""

LOCK_RETRY_SECONDS = 1.0
WATCH_SECONDS = 2.0
"""So often a leader asks whether its connection, and with it the lock, still is there."""

_LOCK = "SELECT pg_try_advisory_lock(%s, %s)"

_log = structlog.get_logger()

T = TypeVar("T")

_Connection = psycopg.AsyncConnection[TupleRow]


@dataclass
class Leadership:
    """The right to do one job, shared by all replicas of a service.

    Attributes:
        url: Of the service's database, as any role that logs in.
        job: Its name; the same in every replica.
        leads: Whether this replica has the lock now.
    """

    url: str
    job: str
    retry_seconds: float = LOCK_RETRY_SECONDS
    watch_seconds: float = WATCH_SECONDS
    leads: bool = field(default=False, init=False)

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do a job whenever this replica leads, until cancelled or the job ends by itself.

        Args:
            work: Begun anew each time this replica comes to lead; cancelled when it no longer does.

        Raises:
            Exception: What the work raised; the lock is free then.
        """
        while True:
            try:
                async with await self._connect() as connection:
                    await self._wait_for_lock(connection)
                    if await self._lead(connection, work):
                        return
            except psycopg.OperationalError as error:
                _log.warning("leadership lost", job=self.job, error=errors.text_of(error))
            await asyncio.sleep(self.retry_seconds)

    async def _connect(self) -> _Connection:
        return await psycopg.AsyncConnection.connect(
            self.url.replace("postgresql+psycopg://", "postgresql://"),
            autocommit=True,
            application_name=f"lineside-leader-{self.job}",
            connect_timeout=5,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=10_000,
        )

    async def _wait_for_lock(self, connection: _Connection) -> None:
        keys = (LOCK_CLASS, zlib.crc32(self.job.encode()) - 2**31)
        while True:
            cursor = await connection.execute(_LOCK, keys)
            row = await cursor.fetchone()
            if row is not None and row[0]:
                return
            await asyncio.sleep(self.retry_seconds * random.uniform(0.8, 1.2))  # noqa: S311

    async def _lead(self, connection: _Connection, work: Callable[[], Awaitable[None]]) -> bool:
        """Work while the connection lives; True when the work has ended by itself."""
        self.leads = True
        _log.info("leads", job=self.job)
        working = asyncio.ensure_future(work())
        watching = asyncio.create_task(self._watch(connection))
        try:
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.leads = False
            ended = working.done()
            await stopping.cancel([task for task in (working, watching) if not task.done()])
        if ended:
            working.result()
        else:
            watching.result()
        return ended

    async def _watch(self, connection: _Connection) -> None:
        while True:
            await asyncio.sleep(self.watch_seconds)
            await connection.execute("SELECT 1")


async def whole(step: Coroutine[Any, Any, T], *, on_cancel: Callable[[], None] | None = None) -> T:
    """Do a step of a job to its end, also when the job is cancelled meanwhile.

    A transaction that is cancelled amid a statement loses its connection.

    Args:
        step: Ends by itself, soon, or when it is asked to.
        on_cancel: Asks it to.

    Returns:
        What it gave.

    Raises:
        CancelledError: The job was cancelled; the step has ended.
        Exception: What the step raised.
    """
    doing = asyncio.create_task(step)
    cancelled: asyncio.CancelledError | None = None
    while not doing.done():
        try:
            await asyncio.wait({doing})
        except asyncio.CancelledError as error:
            cancelled = error
            if on_cancel is not None:
                on_cancel()
    if cancelled is None:
        return doing.result()
    if not doing.cancelled() and (failure := doing.exception()) is not None:
        _log.info("ended while being cancelled", error=errors.text_of(failure))
    raise cancelled
