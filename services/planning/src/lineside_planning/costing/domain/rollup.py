"""What a product should cost by its bills and routings, rolled up level by level.

A made component is costed for the quantity its parent takes, set-ups of that quantity included; a
bought one at its standard cost. Yield loss, make-ready and scrap are in the quantities already.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from lineside_contracts.planning import CostBreakdown, CostLine
from lineside_contracts.problems import Fault
from lineside_manufacturing import component_needs, phantoms, quantities
from lineside_planning.costing.domain import statement
from lineside_planning.costing.domain.facts import MaterialFacts, OperationFacts, OrderFacts
from lineside_planning.costing.domain.learning import Rates
from lineside_planning.master_data.domain.material_facts import MaterialFacts as Structure
from lineside_planning.master_data.domain.routings import RoutedOperation, RoutingFacts

_NOBODY = UUID(int=0)
_COST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Basis:
    """What a roll-up rests on.

    Attributes:
        structure: Products and bills of everything below.
        routings: Active ones, by product.
        rates: Today's.
        on: Effectivity.
    """

    structure: Structure
    routings: Mapping[str, RoutingFacts]
    rates: Rates
    on: date


@dataclass(frozen=True, slots=True)
class RolledUp:
    """A quantity of a product, costed."""

    lines: tuple[CostLine, ...]
    warnings: tuple[Fault, ...]

    @property
    def cost(self) -> CostBreakdown:
        """The sums of its lines by kind."""
        return statement.breakdown((line.kind, line.estimated) for line in self.lines)


@dataclass(slots=True)
class _Walk:
    """A walk down the structure; `warnings` are told once each."""

    basis: Basis
    warnings: dict[tuple[str, str], Fault] = field(default_factory=dict)

    def warn(self, code: str, path: str, message: str) -> None:
        self.warnings.setdefault((code, path), Fault(code=code, path=path, message=message))


def roll_up(basis: Basis, *, product_code: str, quantity: Decimal) -> RolledUp:
    """Cost a quantity of a product.

    Args:
        basis: What is known.
        product_code: A known product.
        quantity: In its stock unit, above 0.
    """
    walk = _Walk(basis)
    if is_made(basis, product_code):
        lines = _lines(walk, product_code, quantity, ())
    else:
        lines = _bought(walk, product_code, quantity)
    return RolledUp(tuple(lines), tuple(walk.warnings.values()))


def is_made(basis: Basis, product_code: str) -> bool:
    """Whether a product is costed by what it is made of, and not by its standard cost."""
    product = basis.structure.products.get(product_code)
    if product is None or product.make_or_buy == "buy":
        return False
    return bool(basis.structure.bill_on(product_code, basis.on) or product_code in basis.routings)


def _bought(walk: _Walk, product_code: str, quantity: Decimal) -> list[CostLine]:
    product = walk.basis.structure.products.get(product_code)
    material = MaterialFacts(
        requirement_id=_NOBODY,
        component_code=product_code,
        sequence_number=0,
        unit_code=product.unit_code if product else "",
        needed=quantity,
        standard_cost=_unit_cost(walk, product_code, quantity, ()),
    )
    return list(statement.cost_lines(OrderFacts(_NOBODY, materials=(material,))))


def _lines(
    walk: _Walk, product_code: str, quantity: Decimal, path: tuple[str, ...]
) -> list[CostLine]:
    operations = tuple(_operations(walk, product_code, quantity))
    facts = OrderFacts(
        id=_NOBODY,
        quantity=quantity,
        operations=operations,
        materials=tuple(_materials(walk, product_code, quantity, operations, path)),
    )
    for operation in operations:
        if operation.machine_rate is None:
            message = f"{operation.name} of {product_code} has no known work center: it is free."
            walk.warn("no_work_center_rate", f"{product_code}.{operation.name}", message)
    return list(statement.cost_lines(facts))


def _operations(walk: _Walk, product_code: str, quantity: Decimal) -> Iterable[OperationFacts]:
    routing = walk.basis.routings.get(product_code)
    plan = routing.plan(walk.basis.structure.decimals_of(product_code)) if routing else None
    if routing is None or plan is None:
        message = f"{product_code} has no active routing that can be planned: no hours are in it."
        walk.warn("no_routing", product_code, message)
        return
    planned = plan.plan(quantity)
    for operation, amounts, minutes in zip(
        routing.operations, planned, plan.minutes(planned), strict=True
    ):
        yield _operation(walk, operation, amounts.planned_input, minutes)


def _operation(
    walk: _Walk, operation: RoutedOperation, planned_input: Decimal, minutes: Decimal
) -> OperationFacts:
    hourly = walk.basis.rates.work_centers.get(operation.work_center_code or "")
    return OperationFacts(
        sequence_number=operation.sequence_number,
        name=operation.operation_code,
        work_center_code=operation.work_center_code,
        setup_minutes=operation.setup_minutes,
        run_minutes=minutes,
        crew_size=operation.crew_size,
        planned_input=planned_input,
        machine_rate=hourly.machine if hourly else None,
        overhead_rate=hourly.overhead if hourly else None,
        labour_rate=hourly.labour if hourly else None,
    )


def _materials(
    walk: _Walk,
    product_code: str,
    quantity: Decimal,
    operations: tuple[OperationFacts, ...],
    path: tuple[str, ...],
) -> Iterable[MaterialFacts]:
    structure, on = walk.basis.structure, walk.basis.on
    taken = _taken(walk, product_code, quantity, operations)
    demands = [
        (line.need, taken.get(line.sequence_number, taken[None]))
        for line in structure.lines_on(product_code, on)
        if line.need is not None
    ]
    blown = phantoms.blow_through(demands, on=on, phantom_lines=structure.phantom_lines)
    for need in component_needs.component_needs(blown.parts, structure.decimals_of):
        product = structure.products.get(need.component)
        yield MaterialFacts(
            requirement_id=_NOBODY,
            component_code=need.component,
            sequence_number=0,
            unit_code=product.unit_code if product else "",
            needed=need.quantity,
            standard_cost=_unit_cost(walk, need.component, need.quantity, (*path, product_code)),
        )


def _taken(
    walk: _Walk, product_code: str, quantity: Decimal, operations: tuple[OperationFacts, ...]
) -> dict[int | None, Fraction]:
    """How many products each operation takes in; None stands for the first (RULES 21)."""
    routing = walk.basis.routings.get(product_code)
    if routing is None or not operations:
        return {None: quantities.exact(quantity)}
    units = {o.sequence_number: o.units_per_product for o in routing.operations}
    taken: dict[int | None, Fraction] = {
        o.sequence_number: Fraction(o.planned_input) / units[o.sequence_number] for o in operations
    }
    return {**taken, None: taken[operations[0].sequence_number]}


def _unit_cost(
    walk: _Walk, component: str, quantity: Decimal, path: tuple[str, ...]
) -> Decimal | None:
    if component in path:
        walk.warn("bom_cycle", component, f"{' > '.join((*path, component))} is a circle.")
        return None
    if is_made(walk.basis, component) and quantity > 0:
        lines = _lines(walk, component, quantity, path)
        total = statement.breakdown((line.kind, line.estimated) for line in lines).total
        return round(total / quantity, _COST_DECIMALS)
    cost = walk.basis.rates.standard_costs.get(component)
    if cost is None:
        walk.warn("no_standard_cost", component, f"{component} has no standard cost: it is free.")
    return cost
