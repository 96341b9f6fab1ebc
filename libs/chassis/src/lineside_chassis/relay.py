"""The outbox's way out: one leader per service database publishes what was committed, in order.

Poked after each commit and polling as a fallback, it reads a batch by id, publishes it pipelined
with the event id as message id, and deletes it after the acks. A crash in between publishes again,
and the message id (or the consumer's inbox) makes that harmless.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from psycopg.rows import TupleRow

from lineside_chassis import errors, metrics, stopping
from lineside_chassis.errors import Transient
from lineside_contracts import streams
from lineside_contracts.envelope import MESSAGE_ID_HEADER

BATCH = 500
BATCH_BYTES = 4 * 1024 * 1024
"""As stored, so compressed: bounds memory when every event is a large one."""

POLL_SECONDS = 0.5
PUBLISH_SECONDS = 10.0
"""A crashed server never acknowledges; the rows stay and are published again."""

LOCK_KEY = 0x4C696E65
"""Advisory locks are per database, so one number serves all services."""

LOCK_RETRY_SECONDS = 1.0
FIRST_PRUNE_SECONDS = 60.0
PRUNE_SECONDS = 3600.0
PRUNE_ROWS = 5_000

_SELECT = """
SELECT id, event_id, subject, headers, payload::text, total FROM (
  SELECT *, sum(pg_column_size(payload)) OVER (ORDER BY id) AS total
  FROM (SELECT * FROM outbox ORDER BY id LIMIT %s) AS next
) AS sized WHERE total - pg_column_size(payload) < %s ORDER BY id
"""
_DELETE = "DELETE FROM outbox WHERE id = ANY(%s)"
_COUNT = "SELECT count(*) FROM outbox"
_PRUNE_INBOX = """
DELETE FROM inbox WHERE ctid IN (SELECT ctid FROM inbox
 WHERE received_at < now() - make_interval(days => %s) LIMIT %s)
"""
_PRUNE_ANSWERS = """
DELETE FROM answered_requests WHERE ctid IN (SELECT ctid FROM answered_requests
 WHERE created_at < now() - make_interval(days => %s) LIMIT %s)
"""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days what was taken in and answered is remembered."""

    inbox_days: int = 14
    answered_requests_days: int = 7


class Relay:
    """Publishes one service's outbox while it holds the lock; others wait for it to fall free."""

    def __init__(
        self, url: str, *, service: str, client: Client, retention: Retention | None = None
    ) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://")
        self._service = service
        self._client = client
        self._js = client.jetstream()
        self._retention = retention or Retention()
        self._poked = asyncio.Event()
        self._leading = False
        self._statements = metrics.STATEMENTS.labels(service)
        self._prune_at = 0.0

    @property
    def poke_subject(self) -> str:
        """Where committers say that there is something to publish."""
        return f"{streams.OUTBOX_POKE_PREFIX}.{self._service}"

    @property
    def leading(self) -> bool:
        """Whether this instance is the one that publishes."""
        return self._leading

    async def notify(self) -> None:
        """Tell the leader, here or elsewhere, that something was committed."""
        if self._leading:
            self._poked.set()
        elif self._client.is_connected:
            await self._client.publish(self.poke_subject, b"")

    async def run(self, stop: asyncio.Event) -> None:
        """Lead whenever possible, until stopped; the outbox is emptied before the end."""
        subscription = await self._client.subscribe(self.poke_subject, cb=self._on_poke)
        while not stop.is_set():
            try:
                await self._try_to_lead(stop)
            except Exception as error:  # noqa: BLE001 -- an outage must not end the relay
                _log.warning("relay pauses", error=errors.text_of(error))
                await stopping.within(stop, LOCK_RETRY_SECONDS)
            finally:
                self._leading = False
        if self._client.is_connected:
            await subscription.unsubscribe()

    async def _on_poke(self, _message: Msg) -> None:
        self._poked.set()

    async def _try_to_lead(self, stop: asyncio.Event) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._url,
            autocommit=True,
            application_name=f"lineside-{self._service}-relay",
            connect_timeout=5,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=10_000,
        ) as connection:
            while not await self._lock(connection):
                if await stopping.within(stop, LOCK_RETRY_SECONDS * random.uniform(0.8, 1.2)):  # noqa: S311
                    return
            self._leading = True
            _log.info("relay leads", service=self._service)
            self._prune_at = time.monotonic() + FIRST_PRUNE_SECONDS
            await self._lead(connection, stop)

    async def _lead(
        self, connection: psycopg.AsyncConnection[TupleRow], stop: asyncio.Event
    ) -> None:
        while True:
            self._poked.clear()
            more = await self._cycle(connection)
            if more:
                continue
            if stop.is_set():
                return
            if time.monotonic() >= self._prune_at:
                await self._prune(connection)
            await self._poke_or_poll(stop)

    async def _poke_or_poll(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(self._poked.wait()), asyncio.ensure_future(stop.wait())]
        try:
            await asyncio.wait(waits, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _cycle(self, connection: psycopg.AsyncConnection[TupleRow]) -> bool:
        """Publish one batch; True when more is waiting."""
        if not self._client.is_connected:
            raise Transient("NATS is away")
        rows = await self._fetch(connection, _SELECT, (BATCH, BATCH_BYTES))
        if not rows:
            metrics.OUTBOX_DEPTH.labels(self._service).set(0)
            return False
        with metrics.PUBLISH_SECONDS.labels(self._service).time():
            results = await self._publish(rows)
        acked = [row[0] for row, result in zip(rows, results, strict=True) if _is_ack(result)]
        await self._execute(connection, _DELETE, (acked,))
        metrics.PUBLISHED.labels(self._service).inc(len(acked))
        full = len(rows) == BATCH or rows[-1][5] >= BATCH_BYTES
        depth = (await self._fetch(connection, _COUNT, ()))[0][0] if full else 0
        metrics.OUTBOX_DEPTH.labels(self._service).set(depth)
        _raise_first(results)
        return full

    async def _publish(self, rows: Sequence[TupleRow]) -> list[Any]:
        futures: list[asyncio.Future[Any]] = []
        try:
            for _id, event_id, subject, headers, payload, _total in rows:
                futures.append(
                    await self._js.publish_async(
                        subject,
                        payload.encode(),
                        headers={**headers, MESSAGE_ID_HEADER: str(event_id)},
                    )
                )
            gathered = asyncio.gather(*futures, return_exceptions=True)
            async with asyncio.timeout(PUBLISH_SECONDS):
                return await gathered
        finally:
            for future in futures:
                future.cancel()

    async def _prune(self, connection: psycopg.AsyncConnection[TupleRow]) -> None:
        self._prune_at = time.monotonic() + PRUNE_SECONDS
        for sql, days in (
            (_PRUNE_INBOX, self._retention.inbox_days),
            (_PRUNE_ANSWERS, self._retention.answered_requests_days),
        ):
            while await self._execute(connection, sql, (days, PRUNE_ROWS)) == PRUNE_ROWS:
                await self._cycle(connection)

    async def _lock(self, connection: psycopg.AsyncConnection[TupleRow]) -> bool:
        rows = await self._fetch(connection, "SELECT pg_try_advisory_lock(%s)", (LOCK_KEY,))
        return bool(rows[0][0])

    async def _fetch(
        self, connection: psycopg.AsyncConnection[TupleRow], sql: str, parameters: Sequence[Any]
    ) -> list[TupleRow]:
        self._statements.inc()
        cursor = await connection.execute(sql.encode(), parameters)
        return await cursor.fetchall()

    async def _execute(
        self, connection: psycopg.AsyncConnection[TupleRow], sql: str, parameters: Sequence[Any]
    ) -> int:
        self._statements.inc()
        return (await connection.execute(sql.encode(), parameters)).rowcount


def _is_ack(result: Any) -> bool:
    return not isinstance(result, BaseException)


def _raise_first(results: Sequence[Any]) -> None:
    """What was not acknowledged stays in the outbox; the relay pauses and tries again."""
    for result in results:
        if isinstance(result, BaseException):
            raise result
