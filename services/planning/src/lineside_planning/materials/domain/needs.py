"""What an order needs: from its runs and its bill of material to quantities with dates.

Gross need = bill quantity x the *input* of the consuming operation in products / (1 - component
scrap); a line without operation belongs to the lowest sequence number, fixed lines are per order.
Everything stays exact and is rounded up once per component and operation (SPEC 7, RULES 9, 20, 21).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from uuid import UUID

from lineside_contracts.problems import Fault
from lineside_manufacturing import component_needs, phantoms, quantities
from lineside_manufacturing.component_needs import (
    ComponentLine,
    ComponentNeed,
    NeedPart,
    NeedStep,
)
from lineside_planning.master_data.domain.material_facts import (
    BillLine,
    MaterialFacts,
    ProductFacts,
)
from lineside_planning.master_data.domain.places import Places
from lineside_planning.materials.domain import timing
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.domain.orders import OrderFacts, RunFacts
from lineside_planning.materials.domain.timing import Starts

_READ = quantities.readable


@dataclass(frozen=True, slots=True)
class Consumer:
    """The operation that takes components, seen from materials.

    Attributes:
        products: Its input in finished products: what bill quantities are multiplied with.
        planned_input: The same in its own units.
    """

    sequence_number: int
    plant_code: str
    work_center_code: str | None
    issue_method: Literal["backflush", "pick"]
    products: Fraction
    planned_input: Decimal
    needed_at: datetime
    needed_on: date
    explanation: str


@dataclass(slots=True)
class Outline:
    """What is known before any stock is looked at.

    Attributes:
        lines: What each operation takes, by sequence number.
        pools: Whose stock may be concerned, phantoms included.
    """

    order: OrderFacts
    starts: Starts
    consumers: dict[int, Consumer]
    lines: dict[int, list[ComponentLine]] = field(default_factory=dict)
    pools: set[PoolKey] = field(default_factory=set)
    has_phantoms: bool = False
    warnings: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Need:
    """What an order needs of a component at an operation; negative: a by-product."""

    component: ProductFacts
    consumer: Consumer
    quantity: Decimal
    exact: Fraction
    is_fixed: bool
    bom_line_id: UUID | None
    explanation: tuple[str, ...]
    is_phantom_stock: bool = False

    @property
    def key(self) -> tuple[str, int, bool]:
        """What keeps a requirement's id: component, operation, by-product or not."""
        return (self.component.product_code, self.consumer.sequence_number, self.exact < 0)


def outline(order: OrderFacts, facts: MaterialFacts, places: Places, *, now: datetime) -> Outline:
    """Find which components an order takes, where and when.

    Args:
        order: Expanded.
        facts: Its product's bills, the components, phantoms' bills.
        places: Its work centers and plants.
        now: Nothing starts earlier.
    """
    product = facts.products.get(order.product_code)
    plant = order.plant_code or (product.plant_code if product else None) or ""
    starts = timing.starts_of(order, places, plant_code=plant, now=now)
    drawn = Outline(order, starts, _consumers(order, places, starts, plant))
    drawn.warnings += starts.warnings
    if not facts.bills.get(order.product_code):
        if product is not None and product.make_or_buy == "make":
            drawn.warnings.append(_no_bill(order.product_code))
        return drawn
    lines = facts.lines_on(order.product_code, starts.first_on)
    if not lines:
        drawn.warnings.append(_empty_bill(order.product_code, starts.first_on))
    for line in lines:
        _place(drawn, line, facts)
    return drawn


def quantify(
    drawn: Outline, facts: MaterialFacts, phantom_stock: Mapping[PoolKey, Decimal]
) -> list[Need]:
    """Compute the needs of an order, rounded once per component and operation.

    Args:
        drawn: Its outline.
        facts: As for the outline.
        phantom_stock: Free stock of phantoms, netted before they are blown through.
    """
    left = {key: quantities.exact(quantity) for key, quantity in phantom_stock.items()}
    found: list[Need] = []
    for number, lines in sorted(drawn.lines.items()):
        consumer = drawn.consumers[number]
        parts = list(_parts(drawn, consumer, lines, facts, left))
        for need in component_needs.component_needs(parts, facts.decimals_of):
            if need.component in facts.products:
                found.append(_need(need, facts.products[need.component], consumer))
            else:
                drawn.warnings.append(_unknown(need.component, "unknown_component", number))
    return found


def _parts(
    drawn: Outline,
    consumer: Consumer,
    lines: Iterable[ComponentLine],
    facts: MaterialFacts,
    left: dict[PoolKey, Fraction],
) -> Iterator[NeedPart]:
    parent = consumer.products
    if not drawn.has_phantoms:
        for line in lines:
            step = NeedStep(line, parent, Fraction(0))
            yield NeedPart(line.component, component_needs.exact_need(line, parent), (step,))
        return
    here = {k.product_code: q for k, q in left.items() if k.plant_code == consumer.plant_code}
    blown = phantoms.blow_through(
        [(line, parent) for line in lines],
        on=drawn.starts.first_on,
        phantom_lines=facts.phantom_lines,
        stock=here,
    )
    for code, taken in blown.phantom_stock_used.items():
        left[PoolKey(code, consumer.plant_code)] -= taken
        line = ComponentLine(component=code, quantity=taken, is_fixed=True)
        yield NeedPart(code, taken, (NeedStep(line, parent, Fraction(0)),))
    drawn.warnings += [_cycle(path) for path in blown.cycles]
    yield from blown.parts


def _need(need: ComponentNeed, product: ProductFacts, consumer: Consumer) -> Need:
    first = need.parts[0].way[0].line
    fixed = all(part.way[0].line.is_fixed for part in need.parts)
    steps = (need.explanation,) if fixed else (consumer.explanation, need.explanation)
    return Need(
        component=product,
        consumer=consumer,
        quantity=need.quantity,
        exact=need.exact,
        is_fixed=fixed,
        bom_line_id=UUID(first.line_id) if first.line_id else None,
        explanation=steps,
        is_phantom_stock=product.is_phantom,
    )


def _consumers(
    order: OrderFacts, places: Places, starts: Starts, plant: str
) -> dict[int, Consumer]:
    if not order.runs:
        at, on = starts.otherwise
        exact = quantities.exact(order.quantity)
        told = f"{_READ(exact)} are ordered, and no operation is known"
        none = Consumer(0, plant, None, "backflush", exact, order.quantity, at, on, told)
        return {0: none}
    return {run.sequence_number: _consumer(order, run, places, starts, plant) for run in order.runs}


def _consumer(
    order: OrderFacts, run: RunFacts, places: Places, starts: Starts, plant: str
) -> Consumer:
    at, on = starts.at(run.sequence_number)
    center = places.work_centers.get(run.work_center_code or "")
    return Consumer(
        sequence_number=run.sequence_number,
        plant_code=run.plant_code or plant,
        work_center_code=run.work_center_code,
        issue_method=center.material_issue_method if center else "backflush",
        products=quantities.exact(run.planned_input) / run.units_per_product,
        planned_input=run.planned_input,
        needed_at=at,
        needed_on=on,
        explanation=_input_told(order, run),
    )


def _input_told(order: OrderFacts, run: RunFacts) -> str:
    put_in, units = quantities.exact(run.planned_input), run.units_per_product
    told = f"operation {run.sequence_number} starts with {_READ(put_in)} {run.unit_code}"
    if units != 1:
        told += f" ({_READ(units)} per product) = {_READ(put_in / units)} products"
    told += f" for {_READ(quantities.exact(order.quantity))} ordered"
    shares = [
        f"{kind.replace('_', ' ')} {_READ(quantities.exact(quantity))}"
        for kind, quantity in run.extra
    ]
    return f"{told}: of it {', '.join(shares)}" if shares else told


def _place(drawn: Outline, line: BillLine, facts: MaterialFacts) -> None:
    """Give a line to the operation that consumes it; without one to the first (RULES 21)."""
    number = line.sequence_number
    if number not in drawn.consumers:
        if number is not None:
            drawn.warnings.append(_no_operation(line, min(drawn.consumers)))
        number = min(drawn.consumers)
    if line.need is None:
        reason = line.reason or "unknown_component"
        drawn.warnings.append(_unknown(line.component_code, reason, number))
        return
    drawn.lines.setdefault(number, []).append(line.need)
    _gather(drawn, line.component_code, drawn.consumers[number].plant_code, facts)


def _gather(drawn: Outline, code: str, plant: str, facts: MaterialFacts) -> None:
    key = PoolKey(code, plant)
    if key in drawn.pools or code not in facts.products:
        return
    drawn.pools.add(key)
    below = facts.phantom_lines(code)
    if below is not None:
        drawn.has_phantoms = True
        for line in below:
            _gather(drawn, line.component, plant, facts)


def _no_bill(code: str) -> Fault:
    message = f"{code} has no active bill of material, so no material is planned for it."
    return Fault(code="no_bom", message=message, facts={"product_code": code})


def _empty_bill(code: str, on: date) -> Fault:
    message = f"No line of a bill of {code} is effective on {on.isoformat()}."
    return Fault(code="empty_bom", message=message, facts={"product_code": code, "on": str(on)})


def _no_operation(line: BillLine, first: int) -> Fault:
    message = (
        f"{line.component_code} is consumed at operation {line.sequence_number}, which the routing"
        f" does not have; it is planned at operation {first}."
    )
    facts = {"component_code": line.component_code, "sequence_number": line.sequence_number}
    return Fault(code="unknown_operation", message=message, facts=facts)


def _unknown(code: str, reason: str, number: int) -> Fault:
    told = {"no_conversion": "its unit does not convert to the stock unit"}
    message = f"{code} is not planned: {told.get(reason, 'there is no such product')}."
    return Fault(
        code=reason, message=message, facts={"component_code": code, "sequence_number": number}
    )


def _cycle(path: tuple[str, ...]) -> Fault:
    message = f"Phantoms contain themselves and are left out: {' > '.join(path)}."
    return Fault(code="bom_cycle", message=message, facts={"path": list(path)})
