"""Rows of the bench to its objects and back; what a row holds, in the table's own columns."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from lineside_contracts import values
from lineside_contracts.problems import Fault
from lineside_contracts.values import Actor
from lineside_planning.materials.domain import states
from lineside_planning.materials.domain.bench import (
    Allocation,
    Peg,
    Plan,
    Pool,
    Receipt,
    Requirement,
    Requisition,
)

Row = RowMapping
Values = dict[str, Any]

_PLAN_SAME = (
    "version",
    "product_code",
    "quantity",
    "priority",
    "due_date",
    "plant_code",
    "order_status",
    "planning_version",
    "expansion_version",
    "order_version",
    "status",
    "available_on",
    "planned_at",
    "parent_order_id",
    "sales_order_id",
    "output_quantity",
    "output_order_version",
)
_REQUIREMENT_SAME = (
    "component_code",
    "component_name",
    "plant_code",
    "unit_code",
    "sequence_number",
    "work_center_code",
    "issue_method",
    "make_or_buy",
    "supply",
    "planned_input",
    "needed_on",
    "needed_at",
    "child_order_id",
    "child_quantity",
    "available_on",
    "bom_line_id",
)
_RECEIPT_SAME = (
    "version",
    "product_code",
    "plant_code",
    "unit_code",
    "quantity",
    "expected_on",
    "status",
    "vendor_code",
    "unit_cost",
    "requisition_id",
    "created_at",
    "updated_at",
)
_REQUISITION_SAME = (
    "version",
    "status",
    "product_code",
    "product_name",
    "plant_code",
    "needed_on",
    "arrive_on",
    "order_by",
    "is_late",
    "quantity_needed",
    "quantity",
    "unit_code",
    "lead_time_days",
    "vendor_code",
    "purchase_quantity",
    "purchase_unit_code",
    "unit_cost",
    "purchase_order_number",
    "receipt_id",
    "created_at",
    "updated_at",
)


def pool(row: Row) -> Pool:
    """Read a pool."""
    return Pool(
        id=row["id"],
        product_code=row["product_code"],
        plant_code=row["plant_code"],
        unit_code=row["unit_code"],
        decimals=row["unit_decimals"],
        on_hand=row["quantity_on_hand"],
        allocated=row["quantity_allocated"],
        blocked=row["quantity_blocked"],
        is_recorded=row["is_recorded"],
        version=row["version"],
    )


def pool_row(pool: Pool) -> Values:
    """Write a pool."""
    return {
        "id": pool.id,
        "version": pool.version,
        "quantity_on_hand": pool.on_hand,
        "quantity_allocated": pool.allocated,
        "quantity_blocked": pool.blocked,
        "is_recorded": pool.is_recorded,
    }


def plan(row: Row) -> Plan:
    """Read a plan, without its requirements."""
    return Plan(
        id=row["id"],
        number=row["production_order_number"],
        warnings=tuple(Fault.model_validate(warning) for warning in row["warnings"]),
        **{name: row[name] for name in _PLAN_SAME},
    )


def plan_row(plan: Plan) -> Values:
    """Write a plan."""
    return {
        "id": plan.id,
        "production_order_number": plan.number,
        "warnings": [warning.model_dump(mode="json") for warning in plan.warnings],
        **{name: getattr(plan, name) for name in _PLAN_SAME},
    }


def requirement(row: Row) -> Requirement:
    """Read a requirement with what it holds."""
    return Requirement(
        id=row["id"],
        order_id=row["production_order_id"],
        decimals=row["unit_decimals"],
        needed=row["needed_quantity"],
        exact_need=Fraction(row["exact_need"]),
        is_fixed=row["is_fixed_quantity"],
        quantity_per=_ratio(row["quantity_per"]),
        explanation=tuple(row["explanation"]),
        issued=row["issued_quantity"],
        child_status=row["child_status"],
        replenish=row["replenish_quantity"],
        short=row["short_quantity"],
        allocations=[_held(row, held) for held in row["held"] or ()],
        **{name: row[name] for name in _REQUIREMENT_SAME},
    )


def requirement_row(requirement: Requirement) -> Values:
    """Write a requirement."""
    return {
        "id": requirement.id,
        "production_order_id": requirement.order_id,
        "unit_decimals": requirement.decimals,
        "needed_quantity": requirement.needed,
        "exact_quantity": states.exact_quantity(requirement),
        "exact_need": values.format_ratio(requirement.exact_need),
        "is_fixed_quantity": requirement.is_fixed,
        "quantity_per": _written(requirement.quantity_per),
        "explanation": list(requirement.explanation),
        "issued_quantity": requirement.issued,
        "open_quantity": requirement.open,
        "short_quantity": requirement.short,
        "replenish_quantity": requirement.replenish,
        **{name: getattr(requirement, name) for name in _REQUIREMENT_SAME},
    }


def goods(row: Row) -> Allocation:
    """Read finished goods kept for their order."""
    return Allocation(
        id=row["id"],
        order_id=row["production_order_id"],
        requirement_id=None,
        receipt_id=None,
        product_code=row["product_code"],
        plant_code=row["plant_code"],
        quantity=row["quantity"],
    )


def allocation_row(allocation: Allocation) -> Values:
    """Write an allocation."""
    return {
        "id": allocation.id,
        "production_order_id": allocation.order_id,
        "requirement_id": allocation.requirement_id,
        "receipt_id": allocation.receipt_id,
        "product_code": allocation.product_code,
        "plant_code": allocation.plant_code,
        "quantity": allocation.quantity,
    }


def receipt(row: Row) -> Receipt:
    """Read a receipt."""
    return Receipt(
        id=row["id"],
        number=row["receipt_number"],
        received=row["quantity_received"],
        allocated=row["quantity_allocated"],
        created_by=Actor.model_validate(row["created_by"]),
        updated_by=Actor.model_validate(row["updated_by"]),
        **{name: row[name] for name in _RECEIPT_SAME},
    )


def receipt_row(receipt: Receipt) -> Values:
    """Write a receipt."""
    return {
        "id": receipt.id,
        "receipt_number": receipt.number,
        "quantity_received": receipt.received,
        "quantity_allocated": receipt.allocated,
        "created_by": receipt.created_by.model_dump(),
        "updated_by": receipt.updated_by.model_dump(),
        **{name: getattr(receipt, name) for name in _RECEIPT_SAME},
    }


def requisition(row: Row) -> Requisition:
    """Read a requisition with its pegs."""
    return Requisition(
        id=row["id"],
        number=row["requisition_number"],
        decimals=row["unit_decimals"],
        explanation=tuple(row["explanation"]),
        created_by=Actor.model_validate(row["created_by"]),
        updated_by=Actor.model_validate(row["updated_by"]),
        pegs=[_peg(row["id"], peg) for peg in row["pegs"] or ()],
        **{name: row[name] for name in _REQUISITION_SAME},
    )


def requisition_row(requisition: Requisition) -> Values:
    """Write a requisition."""
    return {
        "id": requisition.id,
        "requisition_number": requisition.number,
        "unit_decimals": requisition.decimals,
        "explanation": list(requisition.explanation),
        "created_by": requisition.created_by.model_dump(),
        "updated_by": requisition.updated_by.model_dump(),
        **{name: getattr(requisition, name) for name in _REQUISITION_SAME},
    }


def peg_row(peg: Peg) -> Values:
    """Write a peg."""
    return {
        "id": peg.id,
        "requisition_id": peg.requisition_id,
        "production_order_id": peg.order_id,
        "production_order_number": peg.order_number,
        "requirement_id": peg.requirement_id,
        "planned_order_id": peg.planned_order_id,
        "quantity": peg.quantity,
    }


def _held(row: Row, held: Sequence[Any]) -> Allocation:
    """Read `[id, receipt, quantity]`."""
    return Allocation(
        id=UUID(held[0]),
        order_id=row["production_order_id"],
        requirement_id=row["id"],
        receipt_id=UUID(held[1]) if held[1] else None,
        product_code=row["component_code"],
        plant_code=row["plant_code"],
        quantity=Decimal(held[2]),
    )


def _peg(requisition_id: UUID, row: Sequence[Any]) -> Peg:
    """Read `[id, order, its number, requirement, planned order, quantity]`."""
    return Peg(
        id=UUID(row[0]),
        requisition_id=requisition_id,
        order_id=_uuid(row[1]),
        order_number=row[2],
        requirement_id=_uuid(row[3]),
        planned_order_id=_uuid(row[4]),
        quantity=Decimal(row[5]),
    )


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _ratio(text: str | None) -> Fraction | None:
    return Fraction(text) if text else None


def _written(ratio: Fraction | None) -> str | None:
    return values.format_ratio(ratio) if ratio is not None else None
