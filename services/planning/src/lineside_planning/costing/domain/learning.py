"""How the facts of an order grow with what is heard; older news changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from lineside_contracts.planning import MaterialPlan, MaterialRequirement, ProductionOrder
from lineside_contracts.routing import Expansion, ProductionRun
from lineside_contracts.shopfloor import OperationTotals, WorkOrderLog
from lineside_planning.costing.domain.facts import MaterialFacts, OperationFacts, OrderFacts

_MINUTES_PER_HOUR = 60
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class HourlyRates:
    """Money per hour of a work center: machine, overhead, and a person of its role."""

    machine: Decimal
    overhead: Decimal
    labour: Decimal | None


@dataclass(frozen=True, slots=True)
class Rates:
    """What things cost today.

    Attributes:
        work_centers: By code.
        standard_costs: Money per stock unit, by product; products without one are missing.
        average_prices: What bought parts have cost on average, by product.
    """

    work_centers: Mapping[str, HourlyRates] = field(default_factory=dict)
    standard_costs: Mapping[str, Decimal] = field(default_factory=dict)
    average_prices: Mapping[str, Decimal] = field(default_factory=dict)

    def price(self, product_code: str) -> Decimal:
        """Say what a unit of a component really costs: bought at, else its standard."""
        bought = self.average_prices.get(product_code)
        return self.standard_costs.get(product_code, _ZERO) if bought is None else bought


def of_order(facts: OrderFacts, order: ProductionOrder) -> OrderFacts:
    """Learn from the order itself."""
    if order.version <= facts.order_version:
        return facts
    return facts.having(
        number=order.production_order_number,
        product_code=order.product_code,
        project_number=order.project_number,
        plant_code=order.plant_code,
        quantity=order.quantity_ordered,
        unit_code=order.unit_code,
        status=order.status_before_hold or order.status,
        good=order.quantity_completed,
        order_version=order.version,
    )


def of_expansion(facts: OrderFacts, expansion: Expansion, rates: Rates) -> OrderFacts:
    """Learn the runs, at today's rates; what has been worked already stays."""
    if expansion.version <= facts.expansion_version:
        return facts
    worked = {operation.sequence_number: operation for operation in facts.operations}
    named = facts if facts.order_version else _named(facts, expansion)
    return named.having(
        expansion_version=expansion.version,
        operations=tuple(_operation(run, worked, rates) for run in expansion.runs),
    )


def of_plan(facts: OrderFacts, plan: MaterialPlan, rates: Rates) -> OrderFacts:
    """Learn the requirements, at today's standard costs; what was issued already stays."""
    if plan.version <= facts.plan_version:
        return facts
    known = {material.requirement_id: material for material in facts.materials}
    wanted = {requirement.id for requirement in plan.requirements}
    left = [m for m in facts.materials if m.requirement_id not in wanted and m.issued]
    return facts.having(
        plan_version=plan.version,
        planned_expansion_version=plan.expansion_version,
        materials=(
            *(_material(requirement, known, rates) for requirement in plan.requirements),
            *(replace(material, needed=_ZERO) for material in left),
        ),
    )


def of_consumption(
    facts: OrderFacts, requirement_id: UUID, quantity: Decimal, rates: Rates
) -> OrderFacts:
    """Learn that material went in, or came back (negative)."""
    return facts.having(
        materials=tuple(
            _issued(material, quantity, rates)
            if material.requirement_id == requirement_id
            else material
            for material in facts.materials
        )
    )


def of_log(facts: OrderFacts, log: WorkOrderLog, rates: Rates) -> OrderFacts:
    """Learn what has been worked; totals make older logs of the same work order pointless."""
    if log.version <= facts.log_versions.get(log.id, 0):
        return facts
    totals = {total.sequence_number: total for total in log.operations}
    return facts.having(
        log_versions={**facts.log_versions, log.id: log.version},
        operations=tuple(
            _worked(operation, totals[operation.sequence_number], rates)
            if operation.sequence_number in totals
            else operation
            for operation in facts.operations
        ),
    )


def _named(facts: OrderFacts, expansion: Expansion) -> OrderFacts:
    order = expansion.order
    return facts.having(
        number=order.production_order_number,
        product_code=order.product_code,
        project_number=order.project_number,
        plant_code=expansion.plant_code,
        quantity=order.quantity,
        unit_code=order.unit_code,
    )


def _operation(
    run: ProductionRun, worked: Mapping[int, OperationFacts], rates: Rates
) -> OperationFacts:
    hourly = rates.work_centers.get(run.work_center_code or "")
    planned = OperationFacts(
        sequence_number=run.sequence_number,
        name=run.operation_name,
        work_center_code=run.work_center_code,
        setup_minutes=run.setup_minutes,
        run_minutes=run.run_minutes,
        crew_size=run.crew_size,
        planned_input=run.planned_input,
        machine_rate=hourly.machine if hourly else None,
        overhead_rate=hourly.overhead if hourly else None,
        labour_rate=hourly.labour if hourly else None,
    )
    before = worked.get(run.sequence_number)
    if before is None:
        return planned
    kept = ("reported", "machine_minutes", "labour_minutes")
    values = ("machine_value", "labour_value", "overhead_value")
    return replace(planned, **{name: getattr(before, name) for name in (*kept, *values)})


def _material(
    requirement: MaterialRequirement, known: Mapping[UUID, MaterialFacts], rates: Rates
) -> MaterialFacts:
    before = known.get(requirement.id)
    return MaterialFacts(
        requirement_id=requirement.id,
        component_code=requirement.component_code,
        sequence_number=requirement.sequence_number,
        unit_code=requirement.unit_code,
        needed=requirement.needed_quantity,
        is_fixed=requirement.is_fixed_quantity,
        standard_cost=before.standard_cost
        if before and before.standard_cost is not None
        else rates.standard_costs.get(requirement.component_code),
        issued=before.issued if before else _ZERO,
        issued_value=before.issued_value if before else _ZERO,
    )


def _issued(material: MaterialFacts, quantity: Decimal, rates: Rates) -> MaterialFacts:
    """Returns come back at what the rest has cost on average."""
    if quantity < 0 < material.issued:
        value = material.issued_value * quantity / material.issued
    else:
        value = quantity * rates.price(material.component_code)
    return replace(
        material, issued=material.issued + quantity, issued_value=material.issued_value + value
    )


def _worked(operation: OperationFacts, total: OperationTotals, rates: Rates) -> OperationFacts:
    """Value what is new since the last log at today's rates."""
    hourly = rates.work_centers.get(total.work_center_code or operation.work_center_code or "")
    machine = total.setup_minutes + total.run_minutes
    machine_hours = (machine - operation.machine_minutes) / _MINUTES_PER_HOUR
    labour_hours = (total.labour_minutes - operation.labour_minutes) / _MINUTES_PER_HOUR
    rate = hourly or HourlyRates(_ZERO, _ZERO, _ZERO)
    return replace(
        operation,
        reported=total.good_quantity + total.scrap_quantity + total.rework_quantity,
        machine_minutes=machine,
        labour_minutes=total.labour_minutes,
        machine_value=operation.machine_value + machine_hours * rate.machine,
        overhead_value=operation.overhead_value + machine_hours * rate.overhead,
        labour_value=operation.labour_value + labour_hours * (rate.labour or _ZERO),
    )
