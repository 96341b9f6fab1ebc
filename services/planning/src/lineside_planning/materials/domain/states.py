"""What everybody reads of a plan: shortfalls, dates and status, and its public form."""

from datetime import date
from decimal import Decimal

from lineside_contracts.planning import (
    ChildNeed,
    MaterialPlan,
    MaterialRequirement,
    MaterialsStatus,
    ProductionOrderStatus,
    Shortage,
)
from lineside_contracts.problems import Fault
from lineside_contracts.values import Priority
from lineside_manufacturing import quantities
from lineside_planning.materials.domain import allocation, requisitions
from lineside_planning.materials.domain.bench import NOTHING, Bench, Plan, Requirement
from lineside_planning.materials.domain.movements import PoolKey


def refresh(bench: Bench) -> None:
    """Judge every plan on the bench anew; what lies in pools not locked stays as it was."""
    for plan in bench.plans.values():
        for requirement in plan.requirements:
            if requirement.pool_key in bench.pools:
                _judge(bench, requirement)
        plan.status = status_of(plan)
        plan.available_on = available_on(plan)
        plan.warnings = tuple(w for w in plan.warnings if not _is_settled(bench, w))


def status_of(plan: Plan) -> str:
    """Short where anything is physically missing, else expected or covered."""
    live = [r for r in plan.requirements if not r.is_closed]
    if any(r.short for r in live):
        return MaterialsStatus.SHORT.value
    if any(r.from_child or r.allocated != r.allocated_from_stock for r in live):
        return MaterialsStatus.EXPECTED.value
    return MaterialsStatus.COVERED.value


def available_on(plan: Plan) -> date | None:
    """When the last material is expected; None: at once, or nobody knows."""
    live = [r for r in plan.requirements if not r.is_closed]
    if any(r.short and r.available_on is None for r in live):
        return None
    return max((r.available_on for r in live if r.available_on is not None), default=None)


def _judge(bench: Bench, requirement: Requirement) -> None:
    late = sum((a.quantity for a in allocation.late_allocations(bench, requirement)), NOTHING)
    requirement.short = requirement.open + late
    requirement.available_on = _expected(bench, requirement)


def _expected(bench: Bench, requirement: Requirement) -> date | None:
    """When all that is still to be issued is there."""
    days = [
        bench.receipts[a.receipt_id].expected_on
        for a in requirement.allocations
        if a.receipt_id is not None and a.quantity
    ]
    if requirement.from_child:
        days.append(requirement.needed_on)
    if requirement.open:
        peg = requirement.peg
        if peg is None or requirement.replenish < requirement.open:
            return None
        days.append(requisitions.earliest_arrival(bench, bench.requisitions[peg.requisition_id]))
    return max(days, default=None)


def _is_settled(bench: Bench, warning: Fault) -> bool:
    """Somebody counted what a warning says nobody ever did."""
    if warning.code != "no_inventory_record":
        return False
    facts = warning.facts
    pool = bench.pools.get(PoolKey(facts["component_code"], facts["plant_code"]))
    return pool is not None and pool.is_recorded


def material_plan(plan: Plan) -> MaterialPlan:
    """Write a plan as everybody reads it."""
    return MaterialPlan.model_construct(
        id=plan.id,
        version=plan.version,
        production_order_number=plan.number,
        product_code=plan.product_code,
        quantity=plan.quantity,
        priority=Priority(plan.priority),
        due_date=plan.due_date,
        plant_code=plan.plant_code,
        order_status=ProductionOrderStatus(plan.order_status),
        planning_version=plan.planning_version,
        expansion_version=plan.expansion_version,
        order_version=plan.order_version,
        status=MaterialsStatus(plan.status),
        available_on=plan.available_on,
        requirements=tuple(material_requirement(r) for r in plan.requirements),
        children=tuple(child for r in plan.requirements if (child := _child(r))),
        warnings=plan.warnings,
        planned_at=plan.planned_at,
    )


def material_requirement(requirement: Requirement) -> MaterialRequirement:
    """Write a requirement as everybody reads it."""
    stock, lacking = requirement.allocated_from_stock, requirement.open
    return MaterialRequirement.model_construct(
        id=requirement.id,
        component_code=requirement.component_code,
        component_name=requirement.component_name,
        plant_code=requirement.plant_code,
        unit_code=requirement.unit_code,
        unit_decimals=requirement.decimals,
        sequence_number=requirement.sequence_number,
        work_center_code=requirement.work_center_code,
        issue_method=requirement.issue_method,
        make_or_buy=requirement.make_or_buy,
        needed_quantity=requirement.needed,
        needed_on=requirement.needed_on,
        needed_at=requirement.needed_at,
        allocated_from_stock=stock,
        allocated_from_receipts=requirement.allocated - stock,
        from_child_order=requirement.from_child,
        from_requisition=from_requisition(requirement, lacking),
        issued_quantity=requirement.issued,
        short_quantity=requirement.short,
        replenish_quantity=requirement.replenish,
        available_on=requirement.available_on,
        is_fixed_quantity=requirement.is_fixed,
        bom_line_id=requirement.bom_line_id,
        quantity_per=requirement.quantity_per,
        exact_quantity=exact_quantity(requirement),
    )


def from_requisition(requirement: Requirement, lacking: Decimal) -> Decimal:
    """How much of what is lacking an open requisition is to bring."""
    return min(lacking, requirement.replenish) if requirement.supply == "buy" else NOTHING


def exact_quantity(requirement: Requirement) -> Decimal:
    """The need before rounding, with six decimals."""
    return quantities.as_decimal(requirement.exact_need)


def shortage(requirement: Requirement) -> Shortage:
    """Write what an order lacks of a component."""
    return Shortage(
        requirement_id=requirement.id,
        component_code=requirement.component_code,
        component_name=requirement.component_name,
        needed_quantity=requirement.needed,
        short_quantity=requirement.short,
        unit_code=requirement.unit_code,
        needed_on=requirement.needed_on,
        available_on=requirement.available_on,
    )


def _child(requirement: Requirement) -> ChildNeed | None:
    if requirement.child_order_id is None or requirement.child_quantity <= 0:
        return None
    return ChildNeed.model_construct(
        id=requirement.child_order_id,
        requirement_id=requirement.id,
        product_code=requirement.component_code,
        quantity=requirement.child_quantity,
        unit_code=requirement.unit_code,
        due_date=requirement.needed_on,
    )
