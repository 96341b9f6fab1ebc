"""Messages of outsiders in: not our events yet, so the service classifies them itself."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog

from lineside_chassis.clock import SYSTEM_CLOCK, Clock
from lineside_chassis.delivery import Delivery
from lineside_chassis.errors import Poison
from lineside_chassis.processing import Handled, Item, Outcome
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts.envelope import MESSAGE_ID_HEADER, REPLY_HEADER, TRACE_HEADER

REPLY_PREFIX = "sales.reply."
"""The only subjects an outsider may ask to be answered on."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class IngressMessage:
    """A message as it came; `age_seconds` counts from when the broker stored it."""

    subject: str
    headers: Mapping[str, str]
    body: bytes
    stream_sequence: int
    delivered_count: int
    age_seconds: float

    @property
    def message_key(self) -> UUID:
        """A name for the inbox: by Nats-Msg-Id where it has one, else by its place."""
        given = self.headers.get(MESSAGE_ID_HEADER)
        return uuid5(NAMESPACE_OID, given or f"{self.subject}#{self.stream_sequence}")


@dataclass(frozen=True, slots=True)
class RawItem:
    """A classified message. `content` is whatever the service made of it."""

    tenant_id: UUID
    message_key: UUID
    message: IngressMessage
    content: Any = None


Classify = Callable[[IngressMessage], RawItem | str]
"""Tells whose message it is, or (a text) why it can never be processed."""

Handle = Callable[[UnitOfWork, list[RawItem]], Awaitable[Sequence[Outcome]]]
"""Handles new messages of one tenant in stream order; one outcome each, in the same order."""


class Publisher(Protocol):
    """Where replies go."""

    async def publish(self, subject: str, payload: bytes = b"") -> None:
        """Send without waiting."""


class RawConsumer:
    """A durable consumer of foreign messages, under the same transactions and verdicts.

    Replies go to the subject in the `Lineside-Reply-To` header once the transaction is committed.
    """

    def __init__(
        self,
        name: str,
        *,
        stream: str,
        filter_subjects: Sequence[str],
        classify: Classify,
        handle: Handle,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.name = name
        self.stream = stream
        self.filter_subjects = list(filter_subjects)
        self.publisher: Publisher | None = None
        self._classify = classify
        self._handle = handle
        self._clock = clock

    def read(self, delivery: Delivery) -> Item | None:
        """Classify a message.

        Raises:
            Poison: The service says that it can never be processed.
        """
        classified = self._classify(self._message(delivery))
        if isinstance(classified, str):
            raise Poison(classified)
        context = Context(
            tenant_id=classified.tenant_id,
            correlation_id=classified.message_key,
            trace_parent=delivery.headers.get(TRACE_HEADER),
        )
        return Item(
            delivery=delivery, key=classified.message_key, context=context, content=classified
        )

    async def apply(self, uow: UnitOfWork, items: Sequence[Item]) -> Mapping[UUID, Outcome]:
        """Hand the messages over and pair them with their outcomes."""
        outcomes = await self._handle(uow, [item.content for item in items])
        return {item.key: outcome for item, outcome in zip(items, outcomes, strict=True)}

    async def reply(self, item: Item, outcome: Handled) -> None:
        """Answer on the subject the sender named, if it is one it may name."""
        subject = item.delivery.headers.get(REPLY_HEADER)
        if subject is None or outcome.reply is None or self.publisher is None:
            return
        if not _may_reply_to(subject):
            _log.warning("reply subject refused", subject=subject)
            return
        await self.publisher.publish(subject, outcome.reply)

    def _message(self, delivery: Delivery) -> IngressMessage:
        stored_at = delivery.message.metadata.timestamp
        return IngressMessage(
            subject=delivery.subject,
            headers=delivery.headers,
            body=delivery.body,
            stream_sequence=delivery.sequence,
            delivered_count=delivery.delivered_count,
            age_seconds=max(0.0, (self._clock.now() - stored_at).total_seconds()),
        )


def _may_reply_to(subject: str) -> bool:
    plain = all(character.isprintable() and character not in "*> " for character in subject)
    return subject.startswith(REPLY_PREFIX) and plain and not subject.endswith(".")
