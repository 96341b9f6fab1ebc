"""Documents in, orders out: the one way every document takes, whichever door it came through.

    ingress | webhook | request | file → rule (lock, load, decide) → save (rows and events)

`rule` writes nothing, so that a door may wait for lagging master data, or store a refusal apart
from a transaction that it must roll back.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace

import structlog

from lineside_chassis import metrics
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.sales import (
    SalesOrder,
    SalesOrderAccepted,
    SalesOrderAmended,
    SalesOrderCancelled,
    SalesOrderConfirmed,
    SalesOrderRejected,
)
from lineside_manufacturing import units
from lineside_sales_bridge.domain.documents import Draft, Reading
from lineside_sales_bridge.domain.judge import Facts
from lineside_sales_bridge.domain.revisions import Effect
from lineside_sales_bridge.domain.rulings import Book
from lineside_sales_bridge.domain.verdicts import (
    Accepted,
    Postponed,
    Rejected,
    Ruling,
    Submission,
)
from lineside_sales_bridge.store import deliveries, documents, orders, references

PATIENCE_SECONDS = 3.0
"""So long somebody who waits for an answer waits for lagging master data."""

_POLL_SECONDS = 0.3

_log = structlog.get_logger()

SalesEvent = SalesOrderConfirmed | SalesOrderAmended | SalesOrderCancelled


class UnknownTenant(Exception):  # noqa: N818 -- a verdict, not an error of ours
    """The organisation is not registered here, not yet, or is suspended."""


async def rule(uow: UnitOfWork, submissions: Sequence[Submission]) -> list[Ruling]:
    """Decide on documents of one tenant; nobody else decides on their orders meanwhile.

    Args:
        uow: Two loads are made in it, whatever the number of documents.
        submissions: In the order of arrival.

    Returns:
        One ruling each, in the same order.

    Raises:
        UnknownTenant: The unit's tenant is not known or not active.
    """
    drafts = [draft for each in submissions if (draft := _draft_of(each.reading))]
    numbers = _order_numbers(submissions)
    known = await references.lock_orders_and_load(
        uow,
        order_numbers=numbers,
        product_codes=_product_codes(drafts),
        units=_own_units(drafts),
    )
    if not known.is_tenant_active:
        raise UnknownTenant(f"organisation {uow.tenant_id} is not registered here or is suspended")
    booked = await orders.load_booked(uow, numbers) if numbers else []
    book = Book(booked, Facts(references=known.references, now=uow.now))
    return [book.rule(submission) for submission in submissions]


def save(uow: UnitOfWork, rulings: Iterable[Ruling]) -> None:
    """Register the rows and events of rulings; a repeated document leaves no trace."""
    for ruling in rulings:
        if isinstance(ruling, Rejected):
            refused = documents.save_rejected(uow, ruling)
            uow.emit(SalesOrderRejected(rejected_order=refused), caused_by=ruling.submission.cause)
        elif isinstance(ruling, Accepted) and ruling.effect is not Effect.REPEAT:
            orders.save_accepted(uow, ruling)
            _say(uow, ruling)


async def rule_patiently(uow: UnitOfWork, submission: Submission) -> Accepted | Rejected:
    """Decide on one document for somebody who waits: for some seconds, until it can be told.

    Raises:
        UnknownTenant: The unit's tenant is not known or not active.
    """
    deadline = patience_deadline()
    while True:
        (ruling,) = await rule(uow, _with_patience([submission], deadline))
        if not isinstance(ruling, Postponed):
            return ruling
        await asyncio.sleep(_POLL_SECONDS)


async def take_all(
    database: Database, context: Context, submissions: Sequence[Submission], *, deadline: float
) -> list[Accepted | Rejected]:
    """Decide on documents and store them, in a transaction of their own.

    Args:
        database: Where that transaction is opened; none stays open while master data is awaited.
        context: On whose behalf.
        submissions: In the order of arrival.
        deadline: Until when unknown products are waited for, from `patience_deadline`.

    Returns:
        One final ruling each, in the same order.

    Raises:
        UnknownTenant: The context's tenant is not known or not active.
    """
    while True:
        async with database.unit_of_work(context) as uow:
            rulings = await rule(uow, _with_patience(submissions, deadline))
            final = [ruling for ruling in rulings if not isinstance(ruling, Postponed)]
            if len(final) == len(rulings):
                save(uow, final)
                report_refusals(final)
                return final
        await asyncio.sleep(_POLL_SECONDS)


def patience_deadline() -> float:
    """Until when somebody who begins to wait now will wait, by the running loop's clock."""
    return asyncio.get_running_loop().time() + PATIENCE_SECONDS


def report_refusals(rulings: Iterable[Ruling]) -> None:
    """Log and count what was refused; requests do so by themselves."""
    for ruling in rulings:
        if isinstance(ruling, Rejected):
            metrics.REFUSED.labels(ruling.code).inc()
            reading = ruling.submission.reading
            _log.info(
                "document refused",
                code=ruling.code,
                order_number=reading.order_number,
                source=ruling.submission.source,
                faults=len(ruling.faults),
            )


def problem_of(rejected: Rejected) -> Problem:
    """Say a refusal as a problem document."""
    number = rejected.submission.reading.order_number
    named = f"Order {number}" if number else "The document"
    if rejected.code is ProblemCode.ORDER_REJECTED:
        count = len(rejected.faults)
        detail = f"{named} has {count} fault{'s' if count > 1 else ''}."
    else:
        detail = rejected.faults[0].message if rejected.faults else f"{named} is refused."
    return Problem(
        code=rejected.code, detail=detail, faults=rejected.faults, facts=dict(rejected.facts)
    )


def _say(uow: UnitOfWork, accepted: Accepted) -> None:
    if accepted.said is None:
        return
    cause = accepted.submission.cause
    uow.emit(_event(accepted, accepted.said), caused_by=cause)
    final = accepted.booked.order
    if final is not None and final.version > accepted.said.version:
        told = SalesOrderAccepted(sales_order=final)
        uow.emit(told, caused_by=cause)
        deliveries.add(uow, [told])


def _event(accepted: Accepted, said: SalesOrder) -> SalesEvent:
    match accepted.effect:
        case Effect.OPEN | Effect.REOPEN:
            return SalesOrderConfirmed(sales_order=said)
        case Effect.AMEND:
            previous = accepted.previous.known.revision if accepted.previous else 0
            return SalesOrderAmended(sales_order=said, previous_revision=previous)
        case _:
            return SalesOrderCancelled(sales_order=said)


def _with_patience(submissions: Sequence[Submission], deadline: float) -> Sequence[Submission]:
    """Patience ends for all at once."""
    if asyncio.get_running_loop().time() < deadline:
        return submissions
    return [replace(submission, is_patient=False) for submission in submissions]


def _draft_of(reading: Reading) -> Draft | None:
    return reading.document or reading.draft


def _order_numbers(submissions: Sequence[Submission]) -> set[str]:
    """The orders that a document could have an effect on."""
    readings = (each.reading for each in submissions)
    found = (reading.document or reading.cancellation for reading in readings)
    return {document.order_number for document in found if document is not None}


def _product_codes(drafts: Sequence[Draft]) -> set[str]:
    lines = (line for draft in drafts for line in draft.lines or ())
    return {line.product_code for line in lines if line.product_code is not None}


def _own_units(drafts: Sequence[Draft]) -> set[str]:
    """Units that are in no standard, and so may be the tenant's own."""
    written = {line.unit for draft in drafts for line in draft.lines or () if line.unit is not None}
    return {unit for unit in written if units.canonical_unit(unit) is None}
