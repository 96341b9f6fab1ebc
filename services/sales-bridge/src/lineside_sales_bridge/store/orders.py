"""Sales orders and their lines: loaded whole, saved whole."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Numeric,
    Select,
    Text,
    any_,
    cast,
    func,
    literal_column,
    select,
)

from lineside_chassis import pages
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.envelope import AggregateState
from lineside_contracts.sales import (
    Customer,
    ListSalesOrders,
    SalesOrder,
    SalesOrderStatus,
)
from lineside_sales_bridge import tables
from lineside_sales_bridge.domain.bookings import BookedOrder
from lineside_sales_bridge.domain.revisions import KnownOrder
from lineside_sales_bridge.domain.verdicts import Accepted
from lineside_sales_bridge.store import documents, queries

_orders = tables.sales_orders
_lines = tables.sales_order_lines
_documents = tables.sales_documents

_line_columns = [c for c in _lines.c if c.name not in {"tenant_id", "sales_order_id"}]


def _exact(column: Column[Any]) -> ColumnElement[Any]:
    """Decimals leave JSON as floats; as text they stay what they are."""
    return cast(column, Text) if isinstance(column.type, Numeric) else column


def _named(column: Column[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return literal_column(f"'{column.name}'"), _exact(column)


LINES_OF_ORDER = (
    select(
        func.json_agg(func.json_build_object(*(part for c in _line_columns for part in _named(c))))
    )
    .where(_lines.c.tenant_id == _orders.c.tenant_id, _lines.c.sales_order_id == _orders.c.id)
    .scalar_subquery()
    .label("lines")
)
_hashes_of_order = (
    select(func.array_agg(_documents.c.content_hash))
    .where(
        _documents.c.tenant_id == _orders.c.tenant_id,
        _documents.c.sales_order_id == _orders.c.id,
        _documents.c.content_hash.is_not(None),
    )
    .scalar_subquery()
    .label("hashes")
)


async def load_booked(uow: UnitOfWork, order_numbers: Iterable[str]) -> list[BookedOrder]:
    """Load and lock orders by number, with their lines and all they were ever told.

    Their numbers must be locked before: only then do order and lines belong together.
    """
    query = (
        select(_orders, LINES_OF_ORDER, _hashes_of_order)
        .where(_orders.c.order_number == any_(queries.texts("numbers", order_numbers)))
        .order_by(_orders.c.id)
        .with_for_update(of=_orders)
    )
    return [booked_order(row, row.hashes) for row in await uow.connection.execute(query)]


async def load_order(uow: UnitOfWork, order_id: UUID) -> SalesOrder | None:
    """Load one order; one of which only the cancellation is known does not count."""
    query = _whole_orders().where(_orders.c.id == order_id)
    row = (await uow.connection.execute(query)).one_or_none()
    return _order(row) if row else None


async def page_of_orders(uow: UnitOfWork, request: ListSalesOrders) -> Page[SalesOrder]:
    """Load one page of orders, newest first."""
    query = _whole_orders().order_by(_orders.c.id.desc()).limit(request.limit + 1)
    if request.order_number is not None:
        query = query.where(_orders.c.order_number == request.order_number)
    if request.status is not None:
        query = query.where(_orders.c.status == request.status)
    before = queries.id_before(request.cursor)
    if before is not None:
        query = query.where(_orders.c.id < before)
    found = [_order(row) for row in await uow.connection.execute(query)]
    return pages.page(found, limit=request.limit, key=_id)


def save_accepted(uow: UnitOfWork, accepted: Accepted) -> None:
    """Store the document and what it made of the order."""
    booked, previous = accepted.booked, accepted.previous
    row = _order_row(booked, accepted, now=uow.now)
    if previous is None:
        uow.insert(_orders, [row])
    else:
        uow.update(_orders, [row])
    _save_lines(uow, booked, previous)
    documents.save_accepted(uow, accepted)


def _id(state: AggregateState) -> tuple[UUID]:
    """What lists are ordered by: ids are made in the order of time."""
    return (state.id,)


def _whole_orders() -> Select[Any]:
    return select(_orders, LINES_OF_ORDER).where(_orders.c.document_revision.is_not(None))


def _save_lines(uow: UnitOfWork, booked: BookedOrder, previous: BookedOrder | None) -> None:
    """Replace the lines, unless the document left them as they are."""
    before = previous.order.lines if previous and previous.order else ()
    after = booked.order.lines if booked.order else ()
    if before == after:
        return
    rows = [{"sales_order_id": booked.id, **dict(line)} for line in after]
    uow.upsert(_lines, rows, key=("sales_order_id", "line_number"))
    gone = {line.line_number for line in before} - {line.line_number for line in after}
    uow.delete(
        _lines,
        [{"sales_order_id": booked.id, "line_number": number} for number in sorted(gone)],
        key=("sales_order_id", "line_number"),
    )


def _order_row(booked: BookedOrder, accepted: Accepted, *, now: datetime) -> dict[str, Any]:
    order, known = booked.order, booked.known
    return {
        "id": booked.id,
        "version": order.version if order else 0,
        "order_number": booked.order_number,
        "revision": known.revision,
        "document_revision": known.document_revision,
        "status": order.status if order else SalesOrderStatus.CANCELLED,
        "confirmation_count": order.confirmation_count if order else 0,
        "confirmed_at": order.confirmed_at if order else None,
        "customer_code": order.customer.code if order else None,
        "customer_name": order.customer.name if order else None,
        "project_number": order.project_number if order else None,
        "project_name": order.project_name if order else None,
        "currency": order.currency if order else None,
        "priority": order.priority if order else None,
        "source": order.source if order else accepted.submission.source,
        "warnings": list(order.warnings) if order else [],
        "promised_date": order.promised_date if order else None,
        "accepted_revision": booked.accepted_revision,
        "confirmed_revision": booked.confirmed_revision,
        "prediction_version": booked.prediction_version,
        "cancel_reason": booked.cancel_reason,
        "received_at": order.received_at if order else now,
    }


def booked_order(row: Any, hashes: Sequence[str] | None) -> BookedOrder:
    """Read an order from its row and its lines."""
    return BookedOrder(
        id=row.id,
        order_number=row.order_number,
        known=KnownOrder(
            revision=row.revision,
            is_cancelled=row.status == SalesOrderStatus.CANCELLED,
            document_revision=row.document_revision,
            hashes=frozenset(hashes or ()),
        ),
        order=_order(row) if row.document_revision is not None else None,
        cancel_reason=row.cancel_reason,
        accepted_revision=row.accepted_revision,
        confirmed_revision=row.confirmed_revision,
        prediction_version=row.prediction_version,
    )


def _order(row: Any) -> SalesOrder:
    fields: Mapping[str, Any] = row._mapping  # noqa: SLF001 -- SQLAlchemy's public name for it
    customer = Customer(code=row.customer_code, name=row.customer_name)
    lines = sorted(row.lines or (), key=lambda line: int(line["line_number"]))
    return SalesOrder.model_validate({**fields, "customer": customer, "lines": lines})
