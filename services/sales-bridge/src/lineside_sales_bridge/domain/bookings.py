"""An order as it stands, and what a taken document makes of it; always whole, never patched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from lineside_contracts.problems import Fault
from lineside_contracts.sales import (
    SalesCancellation,
    SalesDocument,
    SalesOrder,
    SalesOrderLine,
    SalesOrderStatus,
)
from lineside_sales_bridge.domain.revisions import Effect, KnownOrder

_WHO_CHARACTERS = 135
"""A project's name has at most 200 characters, and an order's number 64."""


@dataclass(frozen=True, slots=True)
class BookedOrder:
    """An order as the book has it.

    Attributes:
        order: Its public state; None while only its cancellation is known.
        cancel_reason: Of its cancellation.
        accepted_revision: The revision whose promise the sales system was told.
        confirmed_revision: The one it was last confirmed or reopened with; what was produced for
            an older confirmation is not for it.
        prediction_version: Of the prediction its promise rests on; 0 before there is one.
    """

    id: UUID
    order_number: str
    known: KnownOrder
    order: SalesOrder | None
    cancel_reason: str | None = None
    accepted_revision: int | None = None
    confirmed_revision: int = 0
    prediction_version: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a document brings besides itself.

    Attributes:
        id: The order's own, if there is none yet.
        lines: In stock units. warnings: By the document's own paths.
        source: Where it came from.
    """

    id: UUID
    lines: tuple[SalesOrderLine, ...]
    warnings: tuple[Fault, ...]
    source: str
    received_at: datetime
    content_hash: str


def with_document(
    known: BookedOrder | None, document: SalesDocument, *, effect: Effect, taken: Taken
) -> BookedOrder:
    """Put a document in force.

    Args:
        known: The order before it.
        document: The valid document.
        effect: Open, amend, reopen, or file it with an order that is cancelled already.
        taken: What was made of it.

    Returns:
        The order after it, as the event about the document tells it.

    Raises:
        Nothing.
    """
    is_filed = effect is Effect.FILE_CANCELLED
    before = known.order if known else None
    revision = known.known.revision if known and is_filed else document.revision
    promised = _kept_promise(known, taken.lines) if effect is Effect.AMEND else None
    number, name = _project(document)
    is_amended = effect is Effect.AMEND and known is not None
    order = SalesOrder(
        id=known.id if known else taken.id,
        version=before.version + 1 if before else 1,
        order_number=document.order_number,
        revision=revision,
        confirmation_count=_confirmations(before, effect),
        status=_status(before, taken.lines, effect=effect),
        confirmed_at=document.confirmed_at.astimezone(UTC),
        customer=document.customer,
        project_number=number,
        project_name=name,
        currency=document.currency,
        priority=document.priority,
        lines=taken.lines,
        source=taken.source,
        warnings=taken.warnings,
        promised_date=promised,
        cancel_reason=known.cancel_reason if known and is_filed else None,
        received_at=taken.received_at,
    )
    hashes = known.known.hashes if known else frozenset()
    return BookedOrder(
        id=order.id,
        order_number=order.order_number,
        known=KnownOrder(
            revision=revision,
            is_cancelled=is_filed,
            document_revision=document.revision,
            hashes=hashes | {taken.content_hash},
        ),
        order=order,
        cancel_reason=order.cancel_reason,
        confirmed_revision=known.confirmed_revision if known and is_amended else document.revision,
        prediction_version=known.prediction_version if known else 0,
    )


def with_promise(booked: BookedOrder, order: SalesOrder, promised: date) -> BookedOrder:
    """Enter what the sales system is told: this revision, promised for a day."""
    told = order.model_copy(update={"version": order.version + 1, "promised_date": promised})
    return replace(booked, order=told, accepted_revision=order.revision)


def with_fulfilment(booked: BookedOrder, order: SalesOrder) -> BookedOrder:
    """Enter that everything ordered is made."""
    update = {"version": order.version + 1, "status": SalesOrderStatus.FULFILLED}
    return replace(booked, order=order.model_copy(update=update))


def with_cancellation(
    known: BookedOrder | None,
    cancellation: SalesCancellation,
    *,
    new_id: UUID,
    content_hash: str | None,
) -> BookedOrder:
    """Cancel an order, or remember the cancellation of one that has not come yet.

    A cancellation without a revision means the order as it stands; where none does, revision 1.
    """
    before = known.known if known else KnownOrder(1, is_cancelled=True, document_revision=None)
    revision = cancellation.revision or before.revision
    hashes = before.hashes | ({content_hash} if content_hash else frozenset())
    return BookedOrder(
        id=known.id if known else new_id,
        order_number=cancellation.order_number,
        known=replace(before, revision=revision, is_cancelled=True, hashes=hashes),
        order=_cancelled(known.order if known else None, revision, cancellation.reason),
        cancel_reason=cancellation.reason,
        accepted_revision=known.accepted_revision if known else None,
        confirmed_revision=known.confirmed_revision if known else 0,
        prediction_version=known.prediction_version if known else 0,
    )


def _cancelled(order: SalesOrder | None, revision: int, reason: str | None) -> SalesOrder | None:
    if order is None:
        return None
    return order.model_copy(
        update={
            "version": order.version + 1,
            "revision": revision,
            "status": SalesOrderStatus.CANCELLED,
            "cancel_reason": reason,
        }
    )


def _status(
    before: SalesOrder | None, lines: Sequence[SalesOrderLine], *, effect: Effect
) -> SalesOrderStatus:
    """What is made already stays fulfilled while an amendment leaves the goods as they are."""
    if effect is Effect.FILE_CANCELLED:
        return SalesOrderStatus.CANCELLED
    was_fulfilled = before is not None and before.status is SalesOrderStatus.FULFILLED
    if (
        effect is Effect.AMEND
        and was_fulfilled
        and before
        and _goods(before.lines) == _goods(lines)
    ):
        return SalesOrderStatus.FULFILLED
    return SalesOrderStatus.CONFIRMED


def _confirmations(before: SalesOrder | None, effect: Effect) -> int:
    if before is None:
        return 1
    return before.confirmation_count + (1 if effect is Effect.REOPEN else 0)


def _project(document: SalesDocument) -> tuple[str, str]:
    """The project an order names, or one of its own: its number, and customer and number."""
    project, customer = document.project, document.customer
    if project is not None:
        return project.number, project.name or project.number
    who = (customer.name or customer.code)[:_WHO_CHARACTERS]
    return document.order_number, f"{who} {document.order_number}"


def _kept_promise(known: BookedOrder | None, lines: Sequence[SalesOrderLine]) -> date | None:
    """A promise stands while nothing is amended that has to be made otherwise or by another day."""
    if known is None or known.order is None or known.order.promised_date is None:
        return None
    is_same = _goods(known.order.lines) == _goods(lines)
    return known.order.promised_date if is_same else None


def _goods(lines: Sequence[SalesOrderLine]) -> set[tuple[int, str, Decimal, date]]:
    return {(line.line_number, line.product_code, line.quantity, line.due_date) for line in lines}
