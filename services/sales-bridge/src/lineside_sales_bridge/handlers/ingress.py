"""Sales systems' own messages in: whose they are, what they say, and the answer to each.

The tenant is the subject's last token, where the publisher's credentials fixed it; on the plain
subjects, which trusted publishers only may use, it is named by the body or `ce-tenantid`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_OID, UUID, uuid5

from lineside_chassis.clock import Clock
from lineside_chassis.errors import Poison
from lineside_chassis.ingress import IngressMessage, RawConsumer, RawItem
from lineside_chassis.processing import Handled, Outcome, TryLater
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import TRACE_HEADER, Envelope
from lineside_sales_bridge import adapters, intake
from lineside_sales_bridge.domain import documents
from lineside_sales_bridge.domain.documents import Reading, SalesVerb
from lineside_sales_bridge.domain.verdicts import Postponed, Ruling, Submission

INGRESS_CONSUMER = "sales-bridge-ingress"
SOURCE = "nats"
TENANT_HEADER = "ce-tenantid"

PATIENCE_SECONDS = 5.0
"""So old a message may become while its tenant or product is unknown; then it is refused."""

RETRY_SECONDS = 0.5
_PLAIN_TOKENS = 3


@dataclass(frozen=True, slots=True)
class Document:
    """What a message holds, and its text."""

    reading: Reading
    raw: str


def consumer(clock: Clock) -> RawConsumer:
    """The consumer of the ingress stream."""
    return RawConsumer(
        INGRESS_CONSUMER,
        stream=streams.SALES_INGRESS,
        filter_subjects=streams.ingress_subjects(),
        classify=classify,
        handle=handle,
        clock=clock,
    )


def classify(message: IngressMessage) -> RawItem | str:
    """Read a message and tell whose it is.

    Returns:
        The document under its tenant, or why nobody can be told about it.
    """
    tokens = message.subject.split(".")
    reading, raw = adapters.read(message.body, SalesVerb(tokens[_PLAIN_TOKENS - 1]))
    if len(tokens) > _PLAIN_TOKENS:
        tenant_id = _uuid(tokens[_PLAIN_TOKENS])
        if tenant_id is None:
            return f"the subject's last token {tokens[_PLAIN_TOKENS][:80]!r} is no tenant id"
        return _item(message, tenant_id, Document(documents.of_tenant(reading, tenant_id), raw))
    named = {reading.tenant_id, _uuid(message.headers.get(TENANT_HEADER))} - {None}
    if len(named) > 1:
        return f"the body and the header {TENANT_HEADER} name different tenants"
    owner = next(iter(named), None)
    if owner is None:
        return f"neither the body's tenant_id nor the header {TENANT_HEADER} names a tenant"
    return _item(message, owner, Document(reading, raw))


async def handle(uow: UnitOfWork, items: list[RawItem]) -> Sequence[Outcome]:
    """Judge the documents of one tenant as one batch.

    Raises:
        Poison: The tenant is still unknown after some seconds.
    """
    submissions = [_submission(uow, item) for item in items]
    try:
        rulings = await intake.rule(uow, submissions)
    except intake.UnknownTenant as unknown:
        if any(item.message.age_seconds > PATIENCE_SECONDS for item in items):
            raise Poison(str(unknown)) from unknown
        return [TryLater(RETRY_SECONDS)] * len(items)
    intake.save(uow, rulings)
    intake.report_refusals(rulings)
    return [_outcome(ruling) for ruling in rulings]


def _outcome(ruling: Ruling) -> Outcome:
    if isinstance(ruling, Postponed):
        return TryLater(RETRY_SECONDS)
    return Handled(reply=ruling.answer.model_dump_json().encode())


def _submission(uow: UnitOfWork, item: RawItem) -> Submission:
    document: Document = item.content
    return Submission(
        id=uow.new_id(),
        reading=document.reading,
        raw=document.raw,
        source=SOURCE,
        is_patient=item.message.age_seconds <= PATIENCE_SECONDS,
        cause=_cause(uow, item),
    )


def _cause(uow: UnitOfWork, item: RawItem) -> Envelope:
    """Write the message as the cause of what follows: each has a correlation of its own."""
    return Envelope(
        event_id=item.message_key,
        event_type=item.message.subject,
        tenant_id=item.tenant_id,
        aggregate_id=item.message_key,
        aggregate_version=0,
        occurred_at=uow.now,
        source=SOURCE,
        correlation_id=item.message_key,
        trace_parent=item.message.headers.get(TRACE_HEADER),
    )


def _item(message: IngressMessage, tenant_id: UUID, document: Document) -> RawItem:
    return RawItem(
        tenant_id=tenant_id, message_key=_key(message), message=message, content=document
    )


def _key(message: IngressMessage) -> UUID:
    """Name a message by its place and content.

    Not by its Nats-Msg-Id: a refused order that is sent again under its old id is judged again.
    Not by its place alone: a stream made anew counts from 1 again.
    """
    digest = hashlib.sha256(message.body).hexdigest()
    return uuid5(NAMESPACE_OID, f"{message.subject}#{message.stream_sequence}#{digest}")


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
