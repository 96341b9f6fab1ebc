"""A service's database: opens units of work, one tenant each, and tells the relay of new events."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from lineside_chassis import metrics
from lineside_chassis.clock import SYSTEM_CLOCK, Clock
from lineside_chassis.unit_of_work import Context, UnitOfWork

SET_TENANT = "SELECT set_config('app.current_tenant_id', %(tenant)s, true)"
BEGIN_WORK = "SELECT begin_work(%(tenant)s::uuid, %(consumer)s, %(ids)s::uuid[])"
BEGIN_REQUEST = (
    "SELECT subject, body_hash, status, answer::text"
    " FROM begin_request(%(tenant)s::uuid, %(key)s, %(subject)s, %(hash)s)"
)
POOL_OVERFLOW = 10
"""Connections beyond the pool's size for peaks; they are closed when given back."""

SESSION = {
    "timezone": "utc",
    "statement_timeout": "60s",
    # a plan kept from when a table was small joins a batch with all of a tenant's rows
    "plan_cache_mode": "force_custom_plan",
    "lock_timeout": "15s",
    "idle_in_transaction_session_timeout": "300s",
}
"""Nothing waits for ever: what exceeds these is rolled back and judged transient."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an idempotency key stands for already."""

    subject: str
    body_hash: bytes
    status: int
    answer: str


class Database:
    """The pool of one service's database, as its app role."""

    def __init__(
        self, url: str, *, service: str, pool_size: int = 5, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self.service = service
        self.clock = clock
        self.notify_relay: Callable[[], Awaitable[None]] = _nobody
        self._engine = _engine(url, service=service, pool_size=pool_size)
        self._reading = self._engine.execution_options(postgresql_readonly=True)

    @asynccontextmanager
    async def unit_of_work(
        self, context: Context, *, read_only: bool = False
    ) -> AsyncIterator[UnitOfWork]:
        """Open a transaction for one tenant; commit it when the block ends without an error.

        Raises:
            StaleWrite: A versioned update met another version; nothing was written.
        """
        async with self._open(context, read_only=read_only) as unit:
            await _begin(unit, SET_TENANT, {})
            yield unit
            await self._finish(unit)

    @asynccontextmanager
    async def consuming(
        self, context: Context, *, consumer: str, event_ids: Sequence[UUID]
    ) -> AsyncIterator[tuple[UnitOfWork, frozenset[UUID]]]:
        """Open a unit and mark messages as taken in; tell which of them are new."""
        async with self._open(context) as unit:
            rows = await _begin(
                unit, BEGIN_WORK, {"consumer": consumer, "ids": sorted(map(str, event_ids))}
            )
            yield unit, frozenset(row[0] for row in rows)
            await self._finish(unit)

    @asynccontextmanager
    async def answering(
        self, context: Context, *, key: str, subject: str, body_hash: bytes
    ) -> AsyncIterator[tuple[UnitOfWork, Remembered | None]]:
        """Open a unit and claim an idempotency key; a concurrent duplicate waits here."""
        async with self._open(context) as unit:
            rows = await _begin(
                unit, BEGIN_REQUEST, {"key": key, "subject": subject, "hash": body_hash}
            )
            yield unit, Remembered(*rows[0]) if rows else None
            await self._finish(unit)

    @asynccontextmanager
    async def without_tenant(self) -> AsyncIterator[AsyncConnection]:
        """Read the tables outside row-level security; any other table raises."""
        async with self._reading.connect() as connection:
            yield connection

    async def probe(self) -> None:
        """Ask the server for a sign of life."""
        async with self._reading.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _open(
        self, context: Context, *, read_only: bool = False
    ) -> AsyncIterator[UnitOfWork]:
        if not isinstance(context.tenant_id, UUID):
            raise ValueError("no work begins without a tenant")  # noqa: TRY004 -- None is a value
        engine = self._reading if read_only else self._engine
        async with engine.connect() as connection:
            yield UnitOfWork(connection, context=context, clock=self.clock, service=self.service)

    async def _finish(self, unit: UnitOfWork) -> None:
        await unit.flush()
        await unit.connection.commit()
        if unit.emitted_count:
            await self.notify_relay()


async def _begin(unit: UnitOfWork, sql: str, parameters: dict[str, Any]) -> Sequence[Any]:
    result = await unit.connection.exec_driver_sql(
        sql, {"tenant": str(unit.tenant_id), **parameters}
    )
    return result.all()


def _engine(url: str, *, service: str, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        make_url(url or "postgresql://").set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=POOL_OVERFLOW,
        hide_parameters=True,
        json_deserializer=orjson.loads,
        connect_args={
            "application_name": f"lineside-{service}",
            "options": " ".join(f"-c {name}={value}" for name, value in SESSION.items()),
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        },
    )
    _count_statements(engine, service)
    return engine


def _count_statements(engine: AsyncEngine, service: str) -> None:
    counter = metrics.STATEMENTS.labels(service)

    def count(*_args: Any) -> None:
        counter.inc()

    for name in ("before_cursor_execute", "begin", "commit", "rollback"):
        event.listen(engine.sync_engine, name, count)


async def _nobody() -> None:
    """No relay listens yet; its poll finds the events."""
