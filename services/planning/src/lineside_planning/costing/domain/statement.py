"""From the facts of an order to its costs as everybody reads them.

Every line is rounded half up to cents and totals are sums of lines, so that what people read adds
up. Goods are delivered at estimated cost; what an order has cost beyond that is explained by its
variances, which add up to it exactly.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from lineside_contracts.planning import CostBreakdown, CostLine, ProductionCost
from lineside_contracts.problems import Fault
from lineside_planning.costing.domain import facts as knowing, variances
from lineside_planning.costing.domain.facts import MaterialFacts, OperationFacts, OrderFacts

CENT = Decimal("0.01")
_ZERO = Decimal(0)
_MINUTES_PER_HOUR = 60

Kind = Literal["material", "labour", "machine", "overhead"]


def statement(
    facts: OrderFacts, *, version: int, currency: str, calculated_at: datetime
) -> ProductionCost:
    """Draw up an order's costs.

    Args:
        facts: What is known of it.
        version: Of the statement.
        currency: The tenant's, ISO 4217.
        calculated_at: When.
    """
    lines = tuple(cost_lines(facts))
    estimated = breakdown((line.kind, line.estimated) for line in lines)
    actual = breakdown((line.kind, line.actual) for line in lines)
    delivered = delivered_value(facts, estimated.total)
    settled = facts.status in knowing.ENDED
    explained = variances.explain(facts, total=actual.total - delivered) if settled else ()
    scrap = sum((v.amount for v in explained if v.kind == "scrap"), _ZERO)
    return ProductionCost(
        id=facts.id,
        version=version,
        production_order_number=facts.number,
        product_code=facts.product_code,
        project_number=facts.project_number,
        plant_code=facts.plant_code,
        quantity=facts.quantity,
        unit_code=facts.unit_code,
        currency=currency,
        order_status=facts.status,
        estimated=estimated,
        actual=actual,
        wip_value=_ZERO if settled else actual.total - delivered,
        delivered_value=delivered,
        scrap_value=max(_ZERO, scrap),
        variances=explained,
        is_settled=settled,
        lines=lines,
        warnings=tuple(_warnings(facts)),
        calculated_at=calculated_at,
    )


def cost_lines(facts: OrderFacts) -> Iterable[CostLine]:
    """Every component and operation, what it should cost and what it did."""
    for material in facts.materials:
        yield _material_line(material)
    for operation in facts.operations:
        yield from _operation_lines(operation)


def breakdown(amounts: Iterable[tuple[Kind, Decimal]]) -> CostBreakdown:
    """Sum amounts by kind."""
    sums: dict[str, Decimal] = {}
    for kind, amount in amounts:
        sums[kind] = sums.get(kind, _ZERO) + amount
    return CostBreakdown.model_validate({**sums, "total": sum(sums.values(), _ZERO)})


def delivered_value(facts: OrderFacts, estimated_total: Decimal) -> Decimal:
    """Value what is finished at estimated cost, in cents."""
    if not facts.quantity:
        return _ZERO
    return cents(estimated_total * facts.good / facts.quantity)


def cents(amount: Decimal) -> Decimal:
    """Round an amount half up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def _material_line(material: MaterialFacts) -> CostLine:
    rate = material.standard_cost or _ZERO
    issued = f"; issued {_plain(material.issued)}" if material.issued else ""
    return CostLine(
        kind="material",
        name=material.component_code,
        sequence_number=material.sequence_number,
        quantity=material.needed,
        unit_code=material.unit_code,
        rate=rate,
        estimated=cents(material.needed * rate),
        actual=cents(material.issued_value),
        explanation=f"{_plain(material.needed)} {material.unit_code} needed"
        f" x {_plain(rate)} standard cost{issued}",
    )


def _operation_lines(operation: OperationFacts) -> Iterable[CostLine]:
    minutes = operation.setup_minutes + operation.run_minutes
    work = f"({_plain(operation.setup_minutes)} setup + {_plain(operation.run_minutes)} run) min"
    crew = f" x {_plain(operation.crew_size)} people" if operation.crew_size != 1 else ""
    parts: tuple[tuple[Kind, Decimal, Decimal | None, Decimal, str], ...] = (
        ("machine", minutes, operation.machine_rate, operation.machine_value, work),
        (
            "labour",
            minutes * operation.crew_size,
            operation.labour_rate,
            operation.labour_value,
            work + crew,
        ),
        ("overhead", minutes, operation.overhead_rate, operation.overhead_value, work),
    )
    for kind, planned, rate, actual, words in parts:
        if rate is None or not (rate or actual):
            continue
        hours = planned / _MINUTES_PER_HOUR
        yield CostLine(
            kind=kind,
            name=f"{operation.sequence_number} {operation.name}",
            sequence_number=operation.sequence_number,
            quantity=round(hours, 6),
            unit_code="HUR",
            rate=rate,
            estimated=cents(hours * rate),
            actual=cents(actual),
            explanation=f"{words} / 60 x {_plain(rate)} per hour at {operation.work_center_code}",
        )


def _warnings(facts: OrderFacts) -> Iterable[Fault]:
    if not facts.is_planned:
        message = "Runs and materials are not both planned yet: the estimate is incomplete."
        yield Fault(code="not_planned_yet", message=message)
    for material in facts.materials:
        if material.standard_cost is None:
            code = material.component_code
            message = f"{code} has no standard cost: it counts as free."
            yield Fault(code="no_standard_cost", path=f"materials[{code}]", message=message)
    for operation in facts.operations:
        path = f"operations[{operation.sequence_number}]"
        if operation.machine_rate is None:
            message = f"{operation.name} has no known work center: its time counts as free."
            yield Fault(code="no_work_center_rate", path=path, message=message)
        elif operation.labour_rate is None:
            message = f"{operation.work_center_code} has a role without a labour rate."
            yield Fault(code="no_labour_rate", path=path, message=message)


def _plain(value: Decimal) -> str:
    """Write a number without zeros at its end."""
    return f"{value.normalize():f}" if value else "0"
