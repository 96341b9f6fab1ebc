"""The floor under the chain: the same rows inserted in bulk, the same events published raw.

What no design could do without. Rows of the measured tenant are read from every service's tables,
written again into empty copies of these tables in batches; its events are read from the stream and
published, pipelined, into a stream of the same form. Both at their best: one client each, nothing
decided, nothing checked.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from nats.aio.client import Client
from nats.js import api
from psycopg import sql

BATCH = 1000
SCRATCH_STREAM = "BENCH_FLOOR"
BOOKKEEPING = ("outbox", "inbox", "answered_requests", "alembic_version")


@dataclass(frozen=True)
class Floor:
    """How long the bare work takes."""

    rows: int
    insert_seconds: float
    messages: int
    publish_seconds: float

    @property
    def seconds(self) -> float:
        """Inserting and publishing, one after the other."""
        return self.insert_seconds + self.publish_seconds


async def measure(
    *, database_urls: Sequence[str], client: Client, tenant_id: UUID, subjects: Sequence[str]
) -> Floor:
    """Insert a tenant's rows again and publish its events again."""
    rows, insert_seconds = 0, 0.0
    for url in database_urls:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            for table in await _tables(connection):
                count, seconds = await _insert_again(connection, table, tenant_id)
                rows += count
                insert_seconds += seconds
    messages, publish_seconds = await _publish_again(client, subjects)
    return Floor(rows, insert_seconds, messages, publish_seconds)


async def _tables(connection: psycopg.AsyncConnection[Any]) -> list[str]:
    cursor = await connection.execute(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'tenant_id'"
        " AND table_name <> ALL(%s) ORDER BY table_name",
        (list(BOOKKEEPING),),
    )
    return [row[0] for row in await cursor.fetchall()]


async def _insert_again(
    connection: psycopg.AsyncConnection[Any], table: str, tenant_id: UUID
) -> tuple[int, float]:
    """Write a table's rows into an empty twin with the same keys and indexes."""
    source, twin = sql.Identifier(table), sql.Identifier(f"bench_floor_{table}"[:63])
    cursor = await connection.execute(
        sql.SQL(
            "SELECT json_agg(row_to_json(t))::text FROM (SELECT n.*, row_number() OVER () AS "
            "bench_number FROM {} n WHERE tenant_id = %s) t GROUP BY bench_number / %s"
        ).format(source),
        (tenant_id, BATCH),
    )
    batches = [row[0] for row in await cursor.fetchall()]
    if not batches:
        return 0, 0.0
    await connection.execute(
        sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(twin, source)
    )
    columns = sql.SQL(", ").join(map(sql.Identifier, await _columns(connection, table)))
    insert = sql.SQL(
        "INSERT INTO {} ({}) SELECT {} FROM json_populate_recordset(NULL::{}, %s::json)"
    ).format(twin, columns, columns, twin)
    try:
        start = time.perf_counter()
        for batch in batches:
            await connection.execute(insert, (batch,))
        seconds = time.perf_counter() - start
        counted = await connection.execute(sql.SQL("SELECT count(*) FROM {}").format(twin))
        (count,) = await counted.fetchone() or (0,)
    finally:
        await connection.execute(sql.SQL("DROP TABLE {}").format(twin))
    return count, seconds


async def _columns(connection: psycopg.AsyncConnection[Any], table: str) -> list[str]:
    """Those that are written, not generated."""
    cursor = await connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name = %s AND is_generated = 'NEVER'",
        (table,),
    )
    return [row[0] for row in await cursor.fetchall()]


async def _publish_again(client: Client, subjects: Sequence[str]) -> tuple[int, float]:
    """Publish what a stream holds on some subjects into a stream of the same form."""
    jetstream = client.jetstream()
    bodies = await _bodies(client, subjects)
    await jetstream.add_stream(
        api.StreamConfig(
            name=SCRATCH_STREAM,
            subjects=["bench_floor.>"],
            storage=api.StorageType.FILE,
            compression=api.StoreCompression.S2,
        )
    )
    try:
        start = time.perf_counter()
        for position in range(0, len(bodies), BATCH):
            waiting = [
                await jetstream.publish_async(f"bench_floor.{position}.{offset}", body)
                for offset, body in enumerate(bodies[position : position + BATCH])
            ]
            for acknowledgement in waiting:
                await acknowledgement
        seconds = time.perf_counter() - start
    finally:
        await jetstream.delete_stream(SCRATCH_STREAM)
    return len(bodies), seconds


async def _bodies(client: Client, subjects: Sequence[str]) -> list[bytes]:
    """Read the messages of some subjects."""
    jetstream = client.jetstream()
    bodies: list[bytes] = []
    consumer = await jetstream.pull_subscribe_bind(
        stream="EVENTS",
        consumer=(
            await jetstream.add_consumer(
                "EVENTS",
                api.ConsumerConfig(
                    filter_subjects=list(subjects),
                    ack_policy=api.AckPolicy.NONE,
                    inactive_threshold=60,
                ),
            )
        ).name,
    )
    while True:
        try:
            messages = await consumer.fetch(500, timeout=1)
        except TimeoutError:
            return bodies
        bodies += [message.data for message in messages]
