"""Documents as they came, with what was said about them: the audit of this door."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from lineside_chassis import pages
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.sales import ListRejectedOrders, RejectedOrder
from lineside_sales_bridge import tables
from lineside_sales_bridge.domain.verdicts import Accepted, Rejected
from lineside_sales_bridge.store import queries

_documents = tables.sales_documents


async def page_of_rejected(uow: UnitOfWork, request: ListRejectedOrders) -> Page[RejectedOrder]:
    """Load one page of refused documents, newest first."""
    query = (
        select(_documents)
        .where(_documents.c.verdict == "rejected")
        .order_by(_documents.c.id.desc())
        .limit(request.limit + 1)
    )
    before = queries.id_before(request.cursor)
    if before is not None:
        query = query.where(_documents.c.id < before)
    found = [_rejected(row) for row in await uow.connection.execute(query)]
    return pages.page(found, limit=request.limit, key=lambda r: (r.id,))


def save_accepted(uow: UnitOfWork, accepted: Accepted) -> None:
    """Store a document that was taken."""
    submission = accepted.submission
    row = {
        "id": submission.id,
        "source": submission.source,
        "verb": submission.reading.verb,
        "raw": submission.raw,
        "order_number": accepted.answer.order_number,
        "revision": accepted.answer.revision,
        "verdict": "accepted",
        "code": None,
        "faults": [],
        "content_hash": accepted.content_hash,
        "sales_order_id": accepted.booked.id,
        "received_at": uow.now,
    }
    uow.insert(_documents, [row])


def save_rejected(uow: UnitOfWork, rejected: Rejected) -> RejectedOrder:
    """Store a refused document with its reasons; returns it as the event tells it."""
    submission = rejected.submission
    reading = submission.reading
    refused = RejectedOrder(
        id=submission.id,
        version=1,
        order_number=reading.order_number,
        revision=reading.revision,
        code=rejected.code,
        faults=rejected.faults,
        source=submission.source,
        received_at=uow.now,
    )
    row = {
        "id": refused.id,
        "source": refused.source,
        "verb": reading.verb,
        "raw": submission.raw,
        "order_number": refused.order_number,
        "revision": refused.revision,
        "verdict": "rejected",
        "code": refused.code,
        "faults": list(refused.faults),
        "content_hash": None,
        "sales_order_id": None,
        "received_at": refused.received_at,
    }
    uow.insert(_documents, [row])
    return refused


def _rejected(row: Any) -> RejectedOrder:
    fields: Mapping[str, Any] = row._mapping  # noqa: SLF001 -- SQLAlchemy's public name for it
    return RejectedOrder.model_validate({**fields, "version": 1})
