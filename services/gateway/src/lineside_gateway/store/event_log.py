"""The stream EVENTS, read in order: for ever from now, or from one place to another.

Ephemeral pull consumers without acknowledgement, as JetStream's "ordered consumer": the consumer's
own sequence tells a gap (a lost message, a restarted server), and a gap or an error makes a new
consumer that begins after the last message that was handed on. Nothing is skipped, nothing comes
twice.
"""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext, api

from lineside_contracts.envelope import MESSAGE_ID_HEADER
from lineside_gateway.domain.cursors import Bounds
from lineside_gateway.domain.refusals import Refused
from lineside_gateway.store.services import Connection

CONSUMER_PREFIX = "gateway-"
BATCH = 200
IDLE_SECONDS = 5.0
INACTIVE_SECONDS = 30.0
AWAY = (nats.errors.Error, TimeoutError, OSError, Refused)
"""What an outage looks like; whoever reads begins anew after the last entry."""


class Gap(nats.errors.Error):
    """A message was lost between the server and us."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the stream; `remaining` counts what this reader has not delivered yet."""

    sequence: int
    subject: str
    headers: dict[str, str]
    body: bytes
    remaining: int


class EventLog:
    """Reads one stream."""

    def __init__(self, connection: Connection, *, stream: str, new_id: Callable[[], UUID]) -> None:
        self._connection = connection
        self._stream = stream
        self._new_id = new_id

    async def bounds(self) -> Bounds:
        """Ask which sequences the stream holds.

        Raises:
            nats.errors.Error: The stream cannot be asked.
        """
        state = (await self._js().stream_info(self._stream)).state
        return Bounds(first=max(state.first_seq, 1), last=state.last_seq)

    async def event_id_at(self, sequence: int) -> str | None:
        """Tell which event lies at a sequence; None when none does."""
        try:
            found = await self._js().get_msg(self._stream, sequence, direct=True)
        except nats.js.errors.NotFoundError:
            return None
        return (found.headers or {}).get(MESSAGE_ID_HEADER)

    async def after(self, sequence: int) -> AsyncGenerator[list[Entry], None]:
        """Read everything after a sequence, and then what comes, without end.

        An empty list is a sign of life while nothing comes.

        Raises:
            nats.errors.Error, TimeoutError, OSError, Refused: See `AWAY`.
        """
        async with (
            self._consumer(sequence, ()) as (consumer, _waiting),
            contextlib.aclosing(self._batches(consumer)) as batches,
        ):
            async for batch in batches:
                yield batch

    async def between(
        self, sequence: int, until: int, *, subjects: Sequence[str]
    ) -> AsyncGenerator[Entry, None]:
        """Read what lies after one sequence up to and including another.

        Raises:
            nats.errors.Error, TimeoutError, OSError, Refused: See `AWAY`.
        """
        async with self._consumer(sequence, subjects) as (consumer, waiting):
            if not waiting:
                return
            async with contextlib.aclosing(self._batches(consumer)) as batches:
                async for entry in _flat(batches):
                    if entry.sequence <= until:
                        yield entry
                    if entry.sequence >= until or not entry.remaining:
                        return

    async def _batches(self, consumer: str) -> AsyncGenerator[list[Entry], None]:
        subscription = await self._js().pull_subscribe_bind(consumer=consumer, stream=self._stream)
        expected = 1
        try:
            while True:
                entries = []
                for message in await _fetch(subscription):
                    if message.metadata.sequence.consumer != expected:
                        raise Gap
                    expected += 1
                    entries.append(_entry(message))
                yield entries
        finally:
            with contextlib.suppress(*AWAY):
                await subscription.unsubscribe()

    @contextlib.asynccontextmanager
    async def _consumer(
        self, sequence: int, subjects: Sequence[str]
    ) -> AsyncIterator[tuple[str, int]]:
        """Make a consumer; tell its name and how many messages wait for it."""
        js = self._js()
        info = await js.add_consumer(
            self._stream, _config(f"{CONSUMER_PREFIX}{self._new_id()}", sequence, subjects)
        )
        try:
            yield info.name, info.num_pending or 0
        finally:
            with contextlib.suppress(*AWAY):
                await js.delete_consumer(self._stream, info.name)

    def _js(self) -> JetStreamContext:
        return self._connection.client().jetstream()


def _config(name: str, sequence: int, subjects: Sequence[str]) -> api.ConsumerConfig:
    return api.ConsumerConfig(
        name=name,
        deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=sequence + 1,
        ack_policy=api.AckPolicy.NONE,
        filter_subjects=list(subjects) or None,
        inactive_threshold=INACTIVE_SECONDS,
        mem_storage=True,
        num_replicas=1,
    )


async def _fetch(subscription: JetStreamContext.PullSubscription) -> list[Msg]:
    try:
        return await subscription.fetch(BATCH, timeout=IDLE_SECONDS)
    except TimeoutError:
        await subscription.consumer_info()
        return []


async def _flat(batches: AsyncIterator[list[Entry]]) -> AsyncIterator[Entry]:
    async for batch in batches:
        for entry in batch:
            yield entry


def _entry(message: Msg) -> Entry:
    about: Any = message.metadata
    return Entry(
        sequence=about.sequence.stream,
        subject=message.subject,
        headers=dict(message.headers or {}),
        body=message.data,
        remaining=about.num_pending,
    )
