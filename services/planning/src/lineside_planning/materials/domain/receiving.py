"""Goods arrive: a scheduled receipt becomes stock, for those it was promised to (SPEC 7, RULES 16).

What a receipt promised to orders becomes their stock, by priority where less came than promised;
what is promised above what is still to come is given up, and those orders lack it again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lineside_contracts.planning import CreateReceipt, Receipt as ReceiptState, ReceiptStatus
from lineside_contracts.values import Actor
from lineside_planning.materials.domain import allocation, movements, taking
from lineside_planning.materials.domain.bench import (
    NOTHING,
    Allocation,
    Bench,
    Plan,
    Receipt,
    Requirement,
    Turn,
)
from lineside_planning.materials.domain.movements import Occasion, Spot

OPEN, RECEIVED, CANCELLED = "open", "received", "cancelled"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came.

    Attributes:
        quantity: In stock units; 0 with `is_last` means that nothing more comes.
        spot: Where it is laid down.
        is_last: The rest will not come.
    """

    quantity: Decimal
    spot: Spot
    occasion: Occasion
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """What a person changes about a receipt; None stays as it is."""

    quantity: Decimal | None = None
    expected_on: date | None = None
    vendor_code: str | None = None


def entered(
    request: CreateReceipt,
    receipt_id: UUID,
    *,
    unit_code: str,
    by: Actor,
    now: datetime,
) -> Receipt:
    """Make a receipt of goods that were ordered elsewhere."""
    return Receipt(
        id=receipt_id,
        number=request.receipt_number,
        product_code=request.product_code,
        plant_code=request.plant_code,
        unit_code=unit_code,
        quantity=request.quantity,
        expected_on=request.expected_on,
        status=OPEN,
        created_at=now,
        created_by=by,
        updated_at=now,
        updated_by=by,
        vendor_code=request.vendor_code,
        unit_cost=request.unit_cost,
    )


def receive(bench: Bench, receipt: Receipt, arrival: Arrival, *, by: Actor) -> None:
    """Lay goods down and hand them to those they were promised to.

    Goods at a blocked location (quarantine) serve nobody until they are brought elsewhere.

    Args:
        bench: With the receipt's pool, its balances and everybody it is promised to.
        receipt: An open one.
        arrival: What came; more than was ordered is fine.
        by: Who says so.
    """
    pool = bench.pools[receipt.pool_key]
    if arrival.quantity > 0:
        movements.put(
            bench.room, pool, arrival.spot, quantity=arrival.quantity, occasion=arrival.occasion
        )
        pool.is_recorded = True
    if arrival.spot.is_nettable:
        _hand_over(bench, receipt, arrival.quantity)
    receipt.received += arrival.quantity
    if arrival.is_last or receipt.received >= receipt.quantity:
        _end(bench, receipt, RECEIVED)
    give_up_excess(bench, receipt)
    stamp(bench, receipt, by=by)


def change(bench: Bench, receipt: Receipt, promise: Promise, *, by: Actor) -> None:
    """Let a receipt be for another quantity or day; what fits no more is given up."""
    if promise.quantity is not None:
        receipt.quantity = promise.quantity
    if promise.expected_on is not None:
        receipt.expected_on = promise.expected_on
    if promise.vendor_code is not None:
        receipt.vendor_code = promise.vendor_code
    if receipt.received >= receipt.quantity:
        _end(bench, receipt, RECEIVED)
    give_up_excess(bench, receipt)
    stamp(bench, receipt, by=by)


def cancel(bench: Bench, receipt: Receipt, *, by: Actor) -> None:
    """Call off what is still to come; what came stays."""
    _end(bench, receipt, RECEIVED if receipt.received > 0 else CANCELLED)
    give_up_excess(bench, receipt)
    stamp(bench, receipt, by=by)


def give_up_excess(bench: Bench, receipt: Receipt) -> None:
    """Give up promises of the lowest priority until no more is promised than is to come."""
    for _, _, held in sorted(_promises(bench, receipt), key=_turn, reverse=True):
        excess = receipt.allocated - receipt.open_quantity
        if excess <= 0:
            break
        allocation.release(bench, held, min(excess, held.quantity))


def stamp(bench: Bench, receipt: Receipt, *, by: Actor) -> None:
    """Note who changed it, and when."""
    receipt.updated_at, receipt.updated_by = bench.now, by


def _hand_over(bench: Bench, receipt: Receipt, quantity: Decimal) -> None:
    rest = quantity
    for _, requirement, held in sorted(_promises(bench, receipt), key=_turn):
        part = min(rest, held.quantity)
        if part > 0:
            allocation.release(bench, held, part)
            allocation.allocate(bench, requirement, part)
            rest -= part


def _end(bench: Bench, receipt: Receipt, status: str) -> None:
    """Close a receipt, and the requisition it came from."""
    receipt.status = status
    requisition = bench.requisitions.get(receipt.requisition_id) if receipt.requisition_id else None
    if requisition is not None:
        requisition.status = status
        requisition.updated_at, requisition.updated_by = receipt.updated_at, receipt.updated_by


def _promises(bench: Bench, receipt: Receipt) -> Iterator[tuple[Turn, Requirement, Allocation]]:
    for plan, requirement, held in bench.holders(receipt.pool_key):
        if held.receipt_id == receipt.id and requirement is not None and held.quantity > NOTHING:
            yield _place_in_turn(plan, requirement), requirement, held


def _place_in_turn(plan: Plan, requirement: Requirement) -> Turn:
    return taking.turn_of(plan, requirement)


def _turn(promise: tuple[Turn, Requirement, Allocation]) -> Turn:
    return promise[0]


def state(receipt: Receipt) -> ReceiptState:
    """Write a receipt as everybody reads it."""
    return ReceiptState(
        id=receipt.id,
        version=receipt.version,
        receipt_number=receipt.number,
        product_code=receipt.product_code,
        plant_code=receipt.plant_code,
        unit_code=receipt.unit_code,
        quantity=receipt.quantity,
        quantity_received=receipt.received,
        quantity_allocated=receipt.allocated,
        expected_on=receipt.expected_on,
        status=ReceiptStatus(receipt.status),
        vendor_code=receipt.vendor_code,
        unit_cost=receipt.unit_cost,
        requisition_id=receipt.requisition_id,
        created_at=receipt.created_at,
        created_by=receipt.created_by,
        updated_at=receipt.updated_at,
        updated_by=receipt.updated_by,
    )
