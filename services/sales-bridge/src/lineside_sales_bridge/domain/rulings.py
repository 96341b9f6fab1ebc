"""What becomes of each document of a batch: reading, revision and content judged together.

The book holds what is known of every order the batch touches; each ruling is entered before the
next document is looked at, so that a batch ends where its documents one by one would have ended.
"""

from collections.abc import Iterable, Sequence

from lineside_contracts.problems import Fault, ProblemCode
from lineside_contracts.sales import SalesCancellation, SalesDocument
from lineside_sales_bridge.domain import bookings, content, judge, revisions, validation, verdicts
from lineside_sales_bridge.domain.bookings import BookedOrder, Taken
from lineside_sales_bridge.domain.documents import Reading, SalesVerb
from lineside_sales_bridge.domain.judge import Facts
from lineside_sales_bridge.domain.revisions import Effect, Refusal
from lineside_sales_bridge.domain.verdicts import (
    Accepted,
    Postponed,
    Rejected,
    Ruling,
    Submission,
)


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
            return verdicts.repeat(submission, known, document.revision)
        faults = judge.find_faults(document, self._facts)
        if faults:
            return _faulty(submission, faults)
        taken = self._taken(submission, document, content_hash)
        booked = bookings.with_document(known, document, effect=effect, taken=taken)
        return verdicts.accept(
            submission, effect, booked=booked, previous=known, digest=content_hash
        )

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
            return verdicts.repeat(submission, known, cancelling.revision or known.known.revision)
        booked = bookings.with_cancellation(
            known, cancelling, new_id=submission.id, content_hash=content_hash
        )
        return verdicts.accept(
            submission, effect, booked=booked, previous=known, digest=content_hash
        )

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
