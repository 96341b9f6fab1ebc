"""The one engine behind every consumer: batches in, one transaction per tenant, verdicts out.

Messages are read one by one (a bad one never fails its neighbours), grouped by tenant in their
order, and each group runs in one transaction together with the inbox. A group that fails is tried
again message by message, so that only the guilty one is delayed or set aside.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from lineside_chassis import dead_letters, errors, metrics, stopping, tables, tracing
from lineside_chassis.database import Database
from lineside_chassis.delivery import Delivery
from lineside_chassis.errors import Verdict
from lineside_chassis.unit_of_work import Context, UnitOfWork

CONFLICT_TRIES = 3
CONFLICT_JITTER_SECONDS = 0.02
CONFLICT_ROUNDS = 10
"""So often a lost lock may come back after a second; then it counts as a bug."""

HEARTBEAT_SECONDS = 10.0
"""A third of the broker's ack_wait."""

PROBE_SECONDS = 1.0
FIRST_PAUSE_SECONDS = 0.05
"""A lost deadlock is over by then."""

_COUNTED_MESSAGES = 10_000

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Handled:
    """A message is done; `reply` goes to whoever asked for an answer."""

    reply: bytes | None = None


@dataclass(frozen=True, slots=True)
class TryLater:
    """A message is not for now; it comes again after the delay, as if never seen."""

    delay_seconds: float


Outcome = Handled | TryLater
HANDLED = Handled()


@dataclass(frozen=True, slots=True)
class Item:
    """A message that could be read: its tenant, its name in the inbox, and its content."""

    delivery: Delivery
    key: UUID
    context: Context
    content: Any


class Reader(Protocol):
    """What an engine needs of a consumer."""

    name: str

    def read(self, delivery: Delivery) -> Item | None:
        """Understand a message; None when it concerns nobody here.

        Raises:
            Poison: Nobody ever will understand it.
        """

    async def apply(self, uow: UnitOfWork, items: Sequence[Item]) -> Mapping[UUID, Outcome]:
        """Handle new messages of one tenant; those not in the answer are simply handled."""

    async def reply(self, item: Item, outcome: Handled) -> None:
        """Answer whoever asked, after the commit."""


@dataclass
class Engine:
    """Runs one consumer's messages."""

    reader: Reader
    database: Database
    js: JetStreamContext
    stopping: asyncio.Event
    retry_delays: Sequence[float]
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    probe_seconds: float = PROBE_SECONDS
    _held: dict[tuple[str, int], Delivery] = field(default_factory=dict)
    _attempts: dict[tuple[str, int], int] = field(default_factory=dict)
    _conflicts: dict[tuple[str, int], int] = field(default_factory=dict)

    async def process(self, messages: Sequence[Msg]) -> None:
        """See a batch through: afterwards each message is acked, delayed or set aside."""
        deliveries = [Delivery.of(message) for message in messages]
        self._held = {delivery.place: delivery for delivery in deliveries}
        async with self._heartbeats():
            items = [item for item in [await self._read(d) for d in deliveries] if item]
            for group in _by_tenant(items):
                await self._run(group)

    async def _read(self, delivery: Delivery) -> Item | None:
        try:
            item = self.reader.read(delivery)
        except Exception as error:  # noqa: BLE001 -- judged, never dropped
            await self._judge(delivery, error)
            return None
        if item is None:
            await self._ack(delivery)
        return item

    async def _run(self, items: Sequence[Item]) -> None:
        error = await self._attempt(items)
        if error is None:
            return
        if len(items) == 1:
            await self._judge(items[0].delivery, error)
            return
        _log.warning("one by one", consumer=self.reader.name, error=errors.text_of(error))
        for item in items:
            await self._run([item])

    async def _attempt(self, items: Sequence[Item]) -> Exception | None:
        """Try until it works or fails for a reason of its own."""
        pauses = conflicts = 0
        while not self.stopping.is_set() or pauses + conflicts == 0:
            try:
                outcomes = await self._transaction(items)
            except Exception as error:  # noqa: BLE001 -- judged, never dropped
                verdict = errors.verdict_of(error)
                if verdict is Verdict.TRANSIENT:
                    await self._pause(error, pauses)
                    pauses += 1
                elif verdict is Verdict.CONFLICT and conflicts < CONFLICT_TRIES:
                    conflicts += 1
                    metrics.CONFLICT.labels(self.reader.name).inc()
                    await asyncio.sleep(random.random() * CONFLICT_JITTER_SECONDS)  # noqa: S311
                else:
                    return error
            else:
                await self._settle(items, outcomes)
                return None
        await self._give_back(items)
        return None

    async def _transaction(self, items: Sequence[Item]) -> Mapping[UUID, Outcome]:
        name = self.reader.name
        context = items[0].context
        with (
            metrics.HANDLER_SECONDS.labels(name).time(),
            structlog.contextvars.bound_contextvars(
                consumer=name,
                tenant_id=str(context.tenant_id),
                correlation_id=str(context.correlation_id),
            ),
            tracing.span(
                f"consume {name}",
                parents=[item.context.trace_parent for item in items],
                messages=len(items),
            ),
        ):
            async with self.database.consuming(
                context, consumer=name, event_ids=[item.key for item in items]
            ) as (uow, new):
                fresh = _first_of_each(item for item in items if item.key in new)
                outcomes = await self.reader.apply(uow, fresh) if fresh else {}
                _forget_postponed(uow, consumer=name, outcomes=outcomes)
        metrics.EVENTS_HANDLED.labels(name).inc(len(fresh))
        return outcomes

    async def _settle(self, items: Sequence[Item], outcomes: Mapping[UUID, Outcome]) -> None:
        for item in items:
            outcome = outcomes.get(item.key, HANDLED)
            if isinstance(outcome, TryLater):
                await self._nak(item.delivery, outcome.delay_seconds)
                continue
            if outcome.reply is not None:
                await self.reader.reply(item, outcome)
            await self._ack(item.delivery)

    async def _judge(self, delivery: Delivery, error: Exception) -> None:
        """Do with one message what its error deserves."""
        name = self.reader.name
        about = {"consumer": name, "subject": delivery.subject, "sequence": delivery.sequence}
        match errors.verdict_of(error):
            case Verdict.POISON:
                metrics.POISON.labels(name).inc()
                _log.error("poison", error=errors.text_of(error), **about)
                await self._set_aside(delivery, error, reason="poison")
            case Verdict.CONFLICT if self._count(self._conflicts, delivery) <= CONFLICT_ROUNDS:
                _log.warning("conflict", error=errors.text_of(error), **about)
                await self._nak(delivery, 1)
            case _:
                metrics.BUG.labels(name).inc()
                _log.error("bug", exc_info=error, **about)
                await self._delay_or_set_aside(delivery, error)

    async def _delay_or_set_aside(self, delivery: Delivery, error: Exception) -> None:
        attempt = self._count(self._attempts, delivery)
        if attempt <= len(self.retry_delays):
            await self._nak(delivery, self.retry_delays[attempt - 1])
            return
        unknown = isinstance(error, errors.UnknownVersion)
        await self._set_aside(delivery, error, reason="unknown_version" if unknown else "bug")

    async def _set_aside(self, delivery: Delivery, error: Exception, *, reason: str) -> None:
        letter = dead_letters.DeadLetter(
            consumer=self.reader.name,
            subject=delivery.subject,
            headers=delivery.headers,
            body=delivery.body,
            stream=delivery.stream,
            sequence=delivery.sequence,
            reason=reason,
            error=errors.text_of(error),
            attempts=self._attempts.get(delivery.place, 1),
            at=self.database.clock.now(),
        )
        await dead_letters.publish(self.js, letter)
        await self._ack(delivery)

    async def _pause(self, error: Exception, earlier: int) -> None:
        """Wait until the database answers again, and longer each time it was not the database."""
        metrics.RETRY.labels(self.reader.name).inc()
        _log.warning("paused", consumer=self.reader.name, error=errors.text_of(error))
        delay = min(FIRST_PAUSE_SECONDS * 2**earlier, self.probe_seconds)
        while not await stopping.within(self.stopping, delay):
            try:
                await self.database.probe()
                break
            except Exception as again:  # noqa: BLE001 -- this is the waiting
                _log.warning("still paused", consumer=self.reader.name, error=errors.text_of(again))
                delay = self.probe_seconds

    async def _give_back(self, items: Sequence[Item]) -> None:
        for item in items:
            await self._nak(item.delivery, None)

    async def _ack(self, delivery: Delivery) -> None:
        await delivery.message.ack()
        self._held.pop(delivery.place, None)
        self._attempts.pop(delivery.place, None)
        self._conflicts.pop(delivery.place, None)

    async def _nak(self, delivery: Delivery, delay: float | None) -> None:
        await delivery.message.nak(delay=delay)
        self._held.pop(delivery.place, None)

    def _count(self, counts: dict[tuple[str, int], int], delivery: Delivery) -> int:
        """Count in memory; another replica starts anew, and max_deliver bounds them all."""
        if len(counts) > _COUNTED_MESSAGES:
            counts.clear()
        counts[delivery.place] = counts.get(delivery.place, 0) + 1
        return counts[delivery.place]

    @asynccontextmanager
    async def _heartbeats(self) -> AsyncIterator[None]:
        """Tell the broker that what we hold is being worked on."""
        beating = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.heartbeat_seconds)
            for delivery in list(self._held.values()):
                await delivery.message.in_progress()


def _by_tenant(items: Iterable[Item]) -> list[list[Item]]:
    groups: dict[UUID, list[Item]] = {}
    for item in items:
        groups.setdefault(item.context.tenant_id, []).append(item)
    return list(groups.values())


def _first_of_each(items: Iterable[Item]) -> list[Item]:
    """A message may stand twice in one batch; its inbox row is new only once."""
    return list({item.key: item for item in reversed(list(items))}.values())[::-1]


def _forget_postponed(uow: UnitOfWork, *, consumer: str, outcomes: Mapping[UUID, Outcome]) -> None:
    rows = [
        {"consumer": consumer, "event_id": key}
        for key, outcome in outcomes.items()
        if isinstance(outcome, TryLater)
    ]
    if rows:
        uow.delete(tables.inbox, rows, key=("consumer", "event_id"))
