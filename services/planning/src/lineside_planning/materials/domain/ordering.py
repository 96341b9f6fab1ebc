"""A requisition is ordered: a scheduled receipt takes its place, allocated to whom it was for.

What was ordered beyond their needs is free; what was ordered too little is lacking again.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from lineside_contracts.values import Actor
from lineside_planning.materials.domain import allocation
from lineside_planning.materials.domain.bench import (
    NOTHING,
    Bench,
    Peg,
    Plan,
    Receipt,
    Requirement,
    Requisition,
)


@dataclass(frozen=True, slots=True)
class Purchase:
    """What was ordered."""

    receipt_id: UUID
    number: str
    expected_on: date
    quantity: Decimal
    vendor_code: str | None
    unit_cost: Decimal | None
    actor: Actor


def order(bench: Bench, requisition: Requisition, purchase: Purchase) -> Receipt:
    """Turn an open requisition into a receipt; those who wait are not served yet."""
    receipt = Receipt(
        id=purchase.receipt_id,
        number=purchase.number,
        product_code=requisition.product_code,
        plant_code=requisition.plant_code,
        unit_code=requisition.unit_code,
        quantity=purchase.quantity,
        expected_on=purchase.expected_on,
        status="open",
        created_at=bench.now,
        created_by=purchase.actor,
        updated_at=bench.now,
        updated_by=purchase.actor,
        vendor_code=purchase.vendor_code,
        unit_cost=purchase.unit_cost,
        requisition_id=requisition.id,
    )
    bench.add_receipt(receipt)
    requisition.status = "ordered"
    requisition.purchase_order_number = purchase.number
    requisition.receipt_id = receipt.id
    requisition.vendor_code = purchase.vendor_code
    requisition.unit_cost = purchase.unit_cost
    for _, requirement, peg in sorted(_pegged(bench, requisition), key=lambda entry: entry[0]):
        promised = min(peg.quantity, requirement.open, receipt.free)
        allocation.allocate(bench, requirement, promised, receipt=receipt)
        requirement.replenish = NOTHING
        requirement.peg = None
    return receipt


def _pegged(
    bench: Bench, requisition: Requisition
) -> list[tuple[tuple[object, ...], Requirement, Peg]]:
    mine = {peg.requirement_id: peg for peg in requisition.pegs if peg.requirement_id}
    return [
        (plan.turn(requirement), requirement, mine[requirement.id])
        for plan, requirement in bench.requirements()
        if requirement.id in mine
    ]


def stock_held(plan: Plan, component_code: str, plant_code: str) -> list[Requirement]:
    """The requirements of an order that hold stock of a component."""
    return [
        requirement
        for requirement in plan.requirements
        if requirement.pool_key == (component_code, plant_code) and requirement.allocated_from_stock
    ]


def stock_wanted(
    bench: Bench, plan: Plan, component_code: str, plant_code: str
) -> list[Requirement]:
    """The requirements of an order that could use stock of a component now."""
    return [
        requirement
        for requirement in plan.requirements
        if requirement.pool_key == (component_code, plant_code) and wanted(bench, requirement)
    ]


def wanted(bench: Bench, requirement: Requirement) -> Decimal:
    """What a requirement lacks, or gets too late."""
    late = allocation.late_allocations(bench, requirement)
    return sum((held.quantity for held in late), requirement.open)


def move(
    bench: Bench, *, takes: list[Requirement], gives: list[Requirement], quantity: Decimal
) -> None:
    """Hand stock from one order's requirements to another's; both have been checked."""
    rest = quantity
    for giver in gives:
        for held in giver.allocations:
            if held.receipt_id is None:
                part = min(rest, held.quantity)
                allocation.release(bench, held, part)
                rest -= part
    rest = quantity
    for taker in takes:
        part = min(rest, wanted(bench, taker))
        first = min(part, taker.open)
        allocation.allocate(bench, taker, first)
        for late in allocation.late_allocations(bench, taker):
            exchanged = min(part - first, late.quantity)
            allocation.release(bench, late, exchanged)
            allocation.allocate(bench, taker, exchanged)
            first += exchanged
        rest -= part
