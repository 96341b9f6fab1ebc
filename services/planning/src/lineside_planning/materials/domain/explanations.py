"""How every number of an order's materials came to be, in words (SPEC 5, RULES 16)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from lineside_contracts.planning import RequirementExplanation
from lineside_manufacturing import quantities
from lineside_planning.materials.domain import states
from lineside_planning.materials.domain.bench import Plan, Requirement


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents behind an order's supplies.

    Attributes:
        receipts: Number and day of each receipt, by id.
        requisitions: Number and order-by date of the open requisition, by requirement.
        children: Numbers of child orders, by id, as far as they are known.
    """

    receipts: Mapping[UUID, tuple[str, date]] = field(default_factory=dict)
    requisitions: Mapping[UUID, tuple[str, date]] = field(default_factory=dict)
    children: Mapping[UUID, str] = field(default_factory=dict)


def explain(plan: Plan, documents: Documents) -> tuple[RequirementExplanation, ...]:
    """Tell of each requirement how it was computed and what serves it."""
    return tuple(
        RequirementExplanation(
            requirement_id=requirement.id,
            component_code=requirement.component_code,
            steps=requirement.explanation,
            supplies=tuple(_supplies(requirement, documents)),
        )
        for requirement in plan.requirements
    )


def _supplies(requirement: Requirement, documents: Documents) -> list[str]:
    unit = requirement.unit_code
    told = []
    if requirement.issued:
        told.append(f"{_read(requirement.issued)} {unit} issued already")
    for held in requirement.allocations:
        if held.receipt_id is None:
            where = requirement.plant_code or "(no plant)"
            told.append(f"{_read(held.quantity)} {unit} allocated from stock in {where}")
        else:
            told.append(
                f"{_read(held.quantity)} {unit} {_of_receipt(requirement, held, documents)}"
            )
    if requirement.child_order_id and requirement.child_quantity:
        number = documents.children.get(requirement.child_order_id, "not opened yet")
        off = ", which was called off" if requirement.child_status == "cancelled" else ""
        told.append(f"{_read(requirement.child_quantity)} {unit} by child order ({number}){off}")
    return told + _lacking(requirement, documents)


def _of_receipt(requirement: Requirement, held: object, documents: Documents) -> str:
    receipt_id = getattr(held, "receipt_id", None)
    number, expected_on = documents.receipts.get(receipt_id, ("(unknown)", requirement.needed_on))  # type: ignore[arg-type]
    late = f", after the need on {requirement.needed_on}" * (expected_on > requirement.needed_on)
    return f"of receipt {number}, expected on {expected_on}{late}"


def _lacking(requirement: Requirement, documents: Documents) -> list[str]:
    unit, told = requirement.unit_code, []
    bought = states.from_requisition(requirement, requirement.open)
    if requirement.replenish and requirement.supply == "buy":
        number, order_by = documents.requisitions.get(requirement.id, ("(new)", None))
        by = f", to be ordered by {order_by}" if order_by else ""
        told.append(f"{_read(requirement.replenish)} {unit} on requisition {number}{by}")
        if requirement.replenish > bought:
            refill = _read(requirement.replenish - bought)
            told.append(f"{refill} {unit} of that because stock would fall below its safety stock")
    if requirement.open > bought:
        told.append(f"{_read(requirement.open - bought)} {unit} that nothing serves yet")
    return told


def _read(quantity: Decimal) -> str:
    return quantities.readable(quantities.exact(quantity))
