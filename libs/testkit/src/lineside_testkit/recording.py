"""A tenant's events as they lie in the stream: read them, say them again, or double them live."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import streams
from lineside_contracts.envelope import MESSAGE_ID_HEADER

_BATCH = 500
_QUIET_SECONDS = 0.1
_TWICE = "twice:"
"""Begins the message id of a copy, so that copies are not copied."""


@dataclass(frozen=True)
class Recorded:
    """A message of a stream."""

    subject: str
    headers: dict[str, str]
    body: bytes
    sequence: int

    @property
    def name(self) -> str:
        """The event's name without its version, e.g. `work_order.created`."""
        return self.headers["ce-type"].rpartition(".v")[0]


async def record(
    js: JetStreamContext, tenant_id: UUID | None = None, *, stream: str = streams.EVENTS
) -> list[Recorded]:
    """Read a tenant's (or everybody's) events, in stream order."""
    subjects = [f"*.*.{tenant_id}.*", f"*.*.*.{tenant_id}.*"] if tenant_id else []
    subscription = await _subscribe(js, stream, subjects)
    found: list[Msg] = []
    with suppress(TimeoutError):
        while True:
            found += await subscription.fetch(_BATCH, timeout=_QUIET_SECONDS)
    await subscription.unsubscribe()
    return [_recorded(message) for message in found]


async def say_again(js: JetStreamContext, messages: Iterable[Recorded]) -> None:
    """Publish events once more: the same `ce-id`, a message id the broker does not know."""
    for message in messages:
        again = {MESSAGE_ID_HEADER: f"{_TWICE}{SYSTEM_CLOCK.new_id()}"}
        await js.publish(message.subject, message.body, headers=message.headers | again)


def shuffled(messages: Sequence[Recorded], *, seed: int) -> list[Recorded]:
    """The same messages in another order, the same one for the same seed."""
    return random.Random(seed).sample(messages, len(messages))  # noqa: S311 -- repeatable on purpose


class Doubler:
    """Says every new event of EVENTS a second time, some of them late and out of order."""

    def __init__(self, js: JetStreamContext, *, seed: int = 1) -> None:
        self.copied = 0
        self._js = js
        self._random = random.Random(seed)  # noqa: S311 -- repeatable on purpose
        self._held: list[Recorded] = []

    async def run(self) -> None:
        """Copy until cancelled; what the stream holds already is left alone."""
        subscription = await _subscribe(self._js, streams.EVENTS, [], new_only=True)
        while True:
            with suppress(TimeoutError, nats.errors.Error):
                for message in await subscription.fetch(_BATCH, timeout=_QUIET_SECONDS):
                    copy = _recorded(message)
                    if not copy.headers.get(MESSAGE_ID_HEADER, "").startswith(_TWICE):
                        self._held.append(copy)
            await self._let_go()

    async def finish(self) -> None:
        """Say what is still held back."""
        await self._say(self._held)
        self._held = []

    async def _let_go(self) -> None:
        """Say about half of what is held back, in any order; the rest comes later."""
        self._random.shuffle(self._held)
        half = (len(self._held) + 1) // 2
        going, self._held = self._held[:half], self._held[half:]
        await self._say(going)

    async def _say(self, messages: Sequence[Recorded]) -> None:
        await say_again(self._js, messages)
        self.copied += len(messages)


@asynccontextmanager
async def doubling(js: JetStreamContext, *, seed: int = 1) -> AsyncIterator[Doubler]:
    """Deliver every event said in this block twice."""
    doubler = Doubler(js, seed=seed)
    running = asyncio.create_task(doubler.run())
    try:
        yield doubler
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    await doubler.finish()


async def _subscribe(
    js: JetStreamContext, stream: str, subjects: Sequence[str], *, new_only: bool = False
) -> JetStreamContext.PullSubscription:
    config = ConsumerConfig(
        filter_subjects=list(subjects) or None,
        deliver_policy=DeliverPolicy.NEW if new_only else DeliverPolicy.ALL,
        ack_policy=AckPolicy.NONE,
        mem_storage=True,
        inactive_threshold=60,
    )
    made = await js.add_consumer(stream, config)
    return await js.pull_subscribe_bind(consumer=made.name, stream=stream)


def _recorded(message: Msg) -> Recorded:
    headers = {k: v for k, v in (message.headers or {}).items() if k != "Nats-Expected-Stream"}
    return Recorded(message.subject, headers, message.data, message.metadata.sequence.stream)
