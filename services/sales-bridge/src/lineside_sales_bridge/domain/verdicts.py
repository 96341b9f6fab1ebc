"""What can become of a document, as values, and what its sender is told."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lineside_contracts.envelope import Envelope
from lineside_contracts.problems import Fault, ProblemCode
from lineside_contracts.sales import SalesOrder, SalesOrderAnswer
from lineside_sales_bridge.domain import bookings
from lineside_sales_bridge.domain.bookings import BookedOrder
from lineside_sales_bridge.domain.documents import Reading
from lineside_sales_bridge.domain.revisions import Effect


@dataclass(frozen=True, slots=True)
class Submission:
    """A document handed in.

    Attributes:
        id: Of the stored document; a new order takes it over as its own.
        raw: Its text as it came.
        source: nats, webhook:<source>, import or api.
        is_patient: An unknown product may still become known: postpone rather than refuse.
        cause: The message it came in, whose correlation its events carry.
    """

    id: UUID
    reading: Reading
    raw: str
    source: str
    is_patient: bool = False
    cause: Envelope | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A document that was taken.

    Attributes:
        effect: What it did.
        said: The order as the event about it tells it; None when nothing is said.
        booked: The order after it, kept promise included. previous: Before it.
        content_hash: Of what it says; None where it is not told apart by content.
        answer: What its sender is told.
    """

    submission: Submission
    effect: Effect
    said: SalesOrder | None
    booked: BookedOrder
    previous: BookedOrder | None
    content_hash: str | None
    answer: SalesOrderAnswer


@dataclass(frozen=True, slots=True)
class Rejected:
    """A document that was refused, with every reason, by the document's own paths."""

    submission: Submission
    code: ProblemCode
    faults: tuple[Fault, ...]
    facts: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def answer(self) -> SalesOrderAnswer:
        """What its sender is told."""
        reading = self.submission.reading
        return SalesOrderAnswer(
            status="rejected",
            order_number=reading.order_number,
            revision=reading.revision,
            code=self.code,
            faults=self.faults,
        )


@dataclass(frozen=True, slots=True)
class Postponed:
    """A document whose products may become known in a moment."""

    submission: Submission


Ruling = Accepted | Rejected | Postponed

_STATUS = {
    Effect.OPEN: "accepted",
    Effect.REOPEN: "accepted",
    Effect.AMEND: "amended",
    Effect.CANCEL: "cancelled",
    Effect.CANCEL_AHEAD: "cancelled",
    Effect.FILE_CANCELLED: "cancelled",
    Effect.REPEAT: "duplicate",
}


def accept(
    submission: Submission,
    effect: Effect,
    *,
    booked: BookedOrder,
    previous: BookedOrder | None,
    digest: str | None,
) -> Accepted:
    """Take a document.

    Args:
        submission: What was handed in.
        effect: What it does.
        booked: The order after it, as the event about the document tells it.
        previous: The order before it.
        digest: Of what the document says.

    Returns:
        The verdict; a promise that an amendment leaves standing is entered already.

    Raises:
        Nothing.
    """
    document = submission.reading.document
    said = booked.order
    if effect is Effect.AMEND and said is not None and said.promised_date is not None:
        booked = bookings.with_promise(booked, said, said.promised_date)
    answer = SalesOrderAnswer(
        status=_STATUS[effect],
        order_number=booked.order_number,
        revision=document.revision if document else booked.known.revision,
        sales_order_id=booked.id,
        warnings=_warnings(effect, booked),
    )
    return Accepted(submission, effect, said, booked, previous, digest, answer)


def _warnings(effect: Effect, booked: BookedOrder) -> tuple[Fault, ...]:
    if effect is Effect.CANCEL_AHEAD:
        message = (
            f"Order {booked.order_number} is not known here yet; should it still arrive"
            f" with revision {booked.known.revision} or lower, it stays cancelled."
        )
        return (Fault(code="unknown_order", path="order_number", message=message),)
    return booked.order.warnings if booked.order else ()


def repeat(submission: Submission, known: BookedOrder, revision: int) -> Accepted:
    """Answer a document that was taken before: the same order, and no second effect."""
    is_current = known.order is not None and known.known.document_revision == revision
    answer = SalesOrderAnswer(
        status=_STATUS[Effect.REPEAT],
        order_number=known.order_number,
        revision=revision,
        sales_order_id=known.id,
        warnings=known.order.warnings if known.order and is_current else (),
    )
    return Accepted(submission, Effect.REPEAT, None, known, known, None, answer)
