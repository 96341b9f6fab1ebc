"""What becomes of each document of a batch: reading, revision and content judged together.

The book holds what is known of every order the batch touches; each ruling is entered before the
next document is looked at, so that a batch ends where its documents one by one would have ended.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lineside_contracts.envelope import Envelope
from lineside_contracts.problems import Fault, ProblemCode
from lineside_contracts.sales import (
    SalesCancellation,
    SalesDocument,
    SalesOrder,
    SalesOrderAnswer,
)
from lineside_sales_bridge.domain import bookings, content, judge, revisions, validation
from lineside_sales_bridge.domain.bookings import BookedOrder, Taken
from lineside_sales_bridge.domain.documents import Reading, SalesVerb
from lineside_sales_bridge.domain.judge import Facts
from lineside_sales_bridge.domain.revisions import Effect, Refusal


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


class Book:
    """The orders a batch touches, kept up to date while it is ruled on."""

    def __init__(self, booked: Iterable[BookedOrder], facts: Facts) -> None:
        self._orders = {order.order_number: order for order in booked}
        self._facts = facts

    def rule(self, submission: Submission) -> Ruling:
        """Rule on one document and enter what it changes.

        Args:
            submission: The next document, in the order of arrival.

        Returns:
            What becomes of it.

        Raises:
            Nothing.
        """
        reading = submission.reading
        if reading.document is not None:
            ruling = self._rule_document(submission, reading.document)
        elif reading.cancellation is not None:
            ruling = self._rule_cancellation(submission, reading.cancellation)
        else:
            ruling = _faulty(submission, self._faults_of_draft(reading))
        if isinstance(ruling, Accepted):
            self._orders[ruling.booked.order_number] = ruling.booked
        return ruling

    def _rule_document(self, submission: Submission, document: SalesDocument) -> Ruling:
        known = self._orders.get(document.order_number)
        content_hash = content.hash_of_document(document)
        effect = revisions.effect_of_document(
            known.known if known else None,
            is_confirmation=submission.reading.verb is SalesVerb.CONFIRMED,
            revision=document.revision,
            content_hash=content_hash,
        )
        if isinstance(effect, Refusal):
            return _refused(submission, effect)
        if effect is Effect.REPEAT and known is not None:
            return _repeated(submission, known, document.revision)
        faults = judge.find_faults(document, self._facts)
        if faults:
            return _faulty(submission, faults)
        taken = self._taken(submission, document, content_hash)
        booked = bookings.with_document(known, document, effect=effect, taken=taken)
        return _accepted(submission, effect, booked=booked, previous=known, digest=content_hash)

    def _rule_cancellation(self, submission: Submission, cancelling: SalesCancellation) -> Ruling:
        known = self._orders.get(cancelling.order_number)
        content_hash = content.hash_of_cancellation(cancelling)
        effect = revisions.effect_of_cancellation(
            known.known if known else None,
            revision=cancelling.revision,
            content_hash=content_hash,
        )
        if isinstance(effect, Refusal):
            return _refused(submission, effect)
        if effect is Effect.REPEAT and known is not None:
            return _repeated(submission, known, cancelling.revision or known.known.revision)
        booked = bookings.with_cancellation(
            known, cancelling, new_id=submission.id, content_hash=content_hash
        )
        return _accepted(submission, effect, booked=booked, previous=known, digest=content_hash)

    def _faults_of_draft(self, reading: Reading) -> list[Fault]:
        judged = judge.find_faults(reading.draft, self._facts) if reading.draft else []
        return [*reading.faults, *judged]

    def _taken(self, submission: Submission, document: SalesDocument, content_hash: str) -> Taken:
        reading = submission.reading
        warnings = [*reading.warnings, *judge.find_warnings(document, self._facts)]
        return Taken(
            id=submission.id,
            lines=judge.accepted_lines(document, self._facts.references),
            warnings=reading.located(warnings),
            source=submission.source,
            received_at=self._facts.now,
            content_hash=content_hash,
        )


def _accepted(
    submission: Submission,
    effect: Effect,
    *,
    booked: BookedOrder,
    previous: BookedOrder | None,
    digest: str | None,
) -> Accepted:
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


def _repeated(submission: Submission, known: BookedOrder, revision: int) -> Accepted:
    is_current = known.order is not None and known.known.document_revision == revision
    answer = SalesOrderAnswer(
        status=_STATUS[Effect.REPEAT],
        order_number=known.order_number,
        revision=revision,
        sales_order_id=known.id,
        warnings=known.order.warnings if known.order and is_current else (),
    )
    return Accepted(submission, Effect.REPEAT, None, known, known, None, answer)


def _refused(submission: Submission, refusal: Refusal) -> Rejected:
    fault = Fault(code=refusal.code, path="revision", message=refusal.message, facts=refusal.facts)
    faults = submission.reading.located([fault])
    return Rejected(submission, refusal.code, faults, refusal.facts)


def _faulty(submission: Submission, faults: Sequence[Fault]) -> Rejected | Postponed:
    if submission.is_patient and any(fault.code in judge.LAGGING for fault in faults):
        return Postponed(submission)
    reading = submission.reading
    code = reading.code or ProblemCode.ORDER_REJECTED
    shown = validation.limited(sorted(faults, key=_line_of))
    return Rejected(submission, code, reading.located(shown))


def _line_of(fault: Fault) -> int:
    """Sort faults by line; what concerns the whole document comes first."""
    prefix, _, rest = fault.path.partition("[")
    digits = rest.partition("]")[0]
    return int(digits) if prefix == "lines" and digits.isdigit() else -1
