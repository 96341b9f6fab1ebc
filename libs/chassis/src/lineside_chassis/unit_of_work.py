"""One transaction of one tenant: loads at once, writes and events together at its end.

A handler loads through `connection`, decides, then registers writes and events; `flush` sends them
as one statement. Whoever opened the unit (`database`) commits it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from lineside_chassis import tables, tracing, writes
from lineside_chassis.clock import Clock
from lineside_chassis.errors import Poison
from lineside_contracts import envelope
from lineside_contracts.envelope import Envelope, EventPayload
from lineside_contracts.values import Actor

MAX_PAYLOAD_BYTES = 7_864_320
"""7.5 MiB: the broker takes 8 MiB, and headers need room."""

Row = Mapping[str, Any]


class PayloadTooLarge(Poison):
    """An event that no broker would take; refused when it is said, so that no relay is jammed."""


class CauseMissing(Exception):  # noqa: N818 -- as its siblings in `errors`
    """Of several events in hand, nobody said which one caused what is being said.

    A bug. The events are handled again one by one, where there is no doubt.
    """


@dataclass(frozen=True, slots=True)
class Context:
    """On whose behalf something is done. `plants` is None where all are allowed."""

    tenant_id: UUID
    correlation_id: UUID
    actor_id: str | None = None
    actor_name: str | None = None
    permissions: frozenset[str] = frozenset()
    plants: frozenset[str] | None = None
    causation_id: UUID | None = None
    trace_parent: str | None = None

    @classmethod
    def of_event(cls, cause: Envelope) -> "Context":
        """Act on behalf of whoever caused an event."""
        return cls(
            tenant_id=cause.tenant_id,
            correlation_id=cause.correlation_id,
            actor_id=cause.actor_id,
            actor_name=cause.actor_name,
            causation_id=cause.event_id,
            trace_parent=cause.trace_parent,
        )


class UnitOfWork:
    """What a handler gets: its tenant's data, and a place to register what changes.

    Attributes:
        connection: For loads only, with SQLAlchemy Core; row-level security shows one tenant.
        context: On whose behalf.
        now: The instant of the whole unit.
        cause: The event being handled, whose correlation and actor its consequences carry.
        is_batch: Several events are being handled at once, so that `emit` must be told the cause.
    """

    def __init__(
        self, connection: AsyncConnection, *, context: Context, clock: Clock, service: str
    ) -> None:
        self.connection = connection
        self.context = context
        self.now: datetime = clock.now()
        self.cause: Envelope | None = None
        self.is_batch = False
        self.emitted_count = 0
        self._clock = clock
        self._service = service
        self._writes = writes.WriteSet()
        self._outbox: list[dict[str, Any]] = []

    @property
    def tenant_id(self) -> UUID:
        """The tenant of this unit."""
        return self.context.tenant_id

    @property
    def actor(self) -> Actor:
        """Who did it (or the event in hand); the service itself where nobody is known."""
        return self.actor_of(self.cause)

    def actor_of(self, caused_by: Envelope | None) -> Actor:
        """Name who did something; events of a batch have causes of their own.

        Args:
            caused_by: The event it follows from; whoever the unit acts for where there is none.
        """
        cause = caused_by or self.cause
        origin = Context.of_event(cause) if cause else self.context
        actor_id = origin.actor_id or f"service:{self._service}"
        return Actor(id=actor_id, name=origin.actor_name or actor_id)

    def new_id(self) -> UUID:
        """Make an id."""
        return self._clock.new_id()

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows; one that exists already is an error."""
        key = tuple(column.name for column in table.primary_key)
        self._register(writes.Kind.INSERT, table, rows, key=key)

    def insert_new(self, table: Table, rows: Sequence[Row], *, key: Sequence[str]) -> None:
        """Insert rows whose key is free; leave the others alone."""
        self._register(writes.Kind.INSERT_NEW, table, rows, key=_full_key(table, key))

    def upsert(
        self, table: Table, rows: Sequence[Row], *, key: Sequence[str], newer_by: str | None = None
    ) -> None:
        """Insert rows or replace what stands under their key.

        Args:
            table: Where to.
            rows: All with the same columns.
            key: Columns of a unique constraint, without `tenant_id`.
            newer_by: A column; only a row with a higher value replaces another.
        """
        full = _full_key(table, key)
        self._register(writes.Kind.UPSERT, table, rows, key=full, newer_by=newer_by)

    def update(
        self,
        table: Table,
        rows: Sequence[Row],
        *,
        key: Sequence[str] = ("id",),
        expect_version: bool = False,
    ) -> None:
        """Change the columns given in the rows where their key matches.

        Args:
            table: Where.
            rows: All with the same columns.
            key: Which columns find a row, without `tenant_id`.
            expect_version: Every row carries its new version and hits only the version before it;
                otherwise a row that is not there is not missed.

        A row that is not hit in spite of `expect_version` makes `flush` raise `StaleWrite`.
        """
        full = _full_key(table, key)
        self._register(writes.Kind.UPDATE, table, rows, key=full, versioned=expect_version)

    def delete(self, table: Table, rows: Sequence[Row], *, key: Sequence[str]) -> None:
        """Delete every row whose key matches one of these."""
        keys = [{column: row[column] for column in key} for row in rows]
        self._register(writes.Kind.DELETE, table, keys, key=_full_key(table, key))

    def emit(
        self,
        payload: EventPayload,
        *,
        caused_by: Envelope | None = None,
        encoded: bytes | None = None,
    ) -> None:
        """Say an event once this unit is committed.

        Args:
            payload: What is said.
            caused_by: The event it follows from; where several are in hand it must be named.
            encoded: The payload as JSON, from a caller that has it already.

        Raises:
            PayloadTooLarge: Its body exceeds `MAX_PAYLOAD_BYTES`.
            CauseMissing: Several events are in hand, and none of them is named.
        """
        body = envelope.encode_payload(payload) if encoded is None else encoded
        if len(body) > MAX_PAYLOAD_BYTES:
            raise PayloadTooLarge(f"{payload.EVENT.name} has {len(body)} bytes")
        cause = caused_by or self.cause
        if cause is None and self.is_batch:
            raise CauseMissing(f"{payload.EVENT.name} needs caused_by in a batch of events")
        about = self._envelope(payload, cause)
        self._outbox.append(
            {
                "tenant_id": about.tenant_id,
                "event_id": about.event_id,
                "subject": envelope.subject_of(payload.EVENT, about.tenant_id, about.aggregate_id),
                "headers": about.headers(),
                "payload": orjson.Fragment(body),
            }
        )

    def post(self, subject: str, *, headers: Mapping[str, str], body: bytes) -> None:
        """Publish a message that is no event (a schedule) once this unit is committed.

        Args:
            subject: Of a stream that will take it; what is refused stays in the outbox.
            headers: Besides the message id.
            body: JSON.
        """
        self._outbox.append(
            {
                "tenant_id": self.tenant_id,
                "event_id": self._clock.new_id(),
                "subject": subject,
                "headers": dict(headers),
                "payload": orjson.Fragment(body),
            }
        )

    async def flush(self) -> None:
        """Send what is registered, so that later loads of this unit see it.

        Raises:
            StaleWrite: A versioned update met another version; the unit must not go on.
        """
        await self.send(self.prepare())

    def prepare(self) -> list[writes.Statement]:
        """Compile what is registered and forget it; does no I/O, so that a thread may do it."""
        self.emitted_count += len(self._outbox)
        for row in self._outbox:
            self._writes.add(writes.Write(writes.Kind.INSERT, tables.outbox, row, key=()))
        self._outbox = []
        return self._writes.statements()

    async def send(self, statements: Sequence[writes.Statement]) -> None:
        """Send what was prepared, in the order it was.

        Raises:
            StaleWrite: A versioned update met another version; the unit must not go on.
        """
        for statement in statements:
            result = await self.connection.exec_driver_sql(
                statement.sql, dict(statement.parameters)
            )
            statement.check(tuple(result.one()))

    def _register(
        self,
        kind: writes.Kind,
        table: Table,
        rows: Sequence[Row],
        *,
        key: tuple[str, ...],
        newer_by: str | None = None,
        versioned: bool = False,
    ) -> None:
        tenant = {tables.TENANT: self.tenant_id} if tables.TENANT in table.c else {}
        for row in rows:
            self._writes.add(writes.Write(kind, table, {**tenant, **row}, key, newer_by, versioned))

    def _envelope(self, payload: EventPayload, cause: Envelope | None) -> Envelope:
        origin = Context.of_event(cause) if cause else self.context
        state = payload.state
        return Envelope(
            event_id=self._clock.new_id(),
            event_type=payload.EVENT.wire_name,
            tenant_id=self.tenant_id,
            aggregate_id=state.id,
            aggregate_version=state.version,
            occurred_at=self.now,
            source=f"lineside/{self._service}",
            correlation_id=origin.correlation_id,
            causation_id=origin.causation_id,
            actor_id=origin.actor_id,
            actor_name=origin.actor_name,
            plant_code=envelope.plant_of(payload),
            trace_parent=tracing.continued(origin.trace_parent),
        )


def _full_key(table: Table, key: Sequence[str]) -> tuple[str, ...]:
    if tables.TENANT not in table.c or tables.TENANT in key:
        return tuple(key)
    return (tables.TENANT, *key)
