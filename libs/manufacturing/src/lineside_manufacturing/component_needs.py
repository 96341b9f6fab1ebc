"""What a bill of material takes: exact through phantoms, rounded once (SPEC 7, RULES 9, 20, 21).

A line says how much of a component its base quantity takes, or how much an order takes whatever its
size. The need is line quantity times parent quantity over (1 - component scrap), a fraction until
the component's own unit is reached: there it is rounded up once. A line of negative quantity is a
by-product and is rounded down. Asked by materials of one order, costing, promises and bills of
material; the MRP engine uses `per_product` of the same lines.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from lineside_manufacturing import quantities
from lineside_manufacturing.quantities import Number


@dataclass(frozen=True, slots=True)
class ComponentLine:
    """One line of a bill of material, ready for arithmetic.

    Attributes:
        component: Opaque key of the component.
        quantity: Stock units of the component per base quantity, or per order where fixed;
            negative: a by-product.
        base_quantity: Products the quantity is for, above 0.
        is_fixed: Per order, whatever its quantity (plates, tools).
        scrap_percentage: Share of the component lost, 0 or more and below 100.
        effective_from: First day the line holds; None: always did.
        effective_until: Last day it holds; None: for ever.
        line_id: What the owner calls this line.
    """

    component: str
    quantity: Fraction
    base_quantity: Fraction = Fraction(1)
    is_fixed: bool = False
    scrap_percentage: Fraction = Fraction(0)
    effective_from: date | None = None
    effective_until: date | None = None
    line_id: str = ""


class NeedStep(NamedTuple):
    """One line on the way from the parent to a component.

    Attributes:
        line: The line.
        parent_quantity: What it was multiplied with, in products (of the phantom, further down).
        from_stock: How much of what the line takes was there as stock; above 0 for phantoms only.
    """

    line: ComponentLine
    parent_quantity: Fraction
    from_stock: Fraction


class NeedPart(NamedTuple):
    """What one way through the structure takes of one component.

    Attributes:
        component: Its key; never a phantom.
        exact: The need, in stock units; negative for a by-product.
        way: The lines from the parent, through phantoms, to the component; never empty.
    """

    component: str
    exact: Fraction
    way: tuple[NeedStep, ...]


class NeedEntry(NamedTuple):
    """One reason for more than the plain quantity.

    Attributes:
        kind: `scrap` (component scrap) or `whole_unit` (rounding to the component's unit).
        quantity: How much, in the component's unit.
        explanation: A sentence for people.
    """

    kind: Literal["scrap", "whole_unit"]
    quantity: Decimal
    explanation: str


@dataclass(frozen=True, slots=True)
class ComponentNeed:
    """A need, rounded, with the numbers it was computed from.

    Attributes:
        component: Key of the component.
        exact: The need before rounding, in stock units; negative for a by-product.
        quantity: The need with the component's decimals: up for a need, a by-product down.
        decimals: Of the component's unit.
        parts: The ways that were added up.
    """

    component: str
    exact: Fraction
    quantity: Decimal
    decimals: int
    parts: tuple[NeedPart, ...]

    @property
    def is_by_product(self) -> bool:
        """Say whether this is received and not consumed."""
        return self.exact < 0

    @property
    def ledger(self) -> tuple[NeedEntry, ...]:
        """Say what scrap and rounding added; entries of nothing are left out."""
        return tuple(_ledger(self))

    @property
    def explanation(self) -> str:
        """Tell in one line how the quantity was computed."""
        told = " + ".join(_told(part) for part in self.parts)
        if self.exact == self.quantity:
            return f"{told} = {quantities.readable(self.exact)}"
        way = "down" if self.is_by_product else "up"
        exact = quantities.readable(self.exact)
        return f"{told} = {exact}, rounded {way} once to {self.quantity}"


def effective_lines(lines: Sequence[ComponentLine], on: date) -> tuple[ComponentLine, ...]:
    """Keep the lines that hold on a day.

    Args:
        lines: Lines of one bill.
        on: The parent's planned start, a local date.

    Returns:
        Those whose first and last day enclose `on`, both days included, in the given order.

    Raises:
        Nothing.
    """
    return tuple(
        line for line in lines if is_effective(line.effective_from, line.effective_until, on)
    )


def is_effective(first: date | None, last: date | None, on: date) -> bool:
    """Say whether a span of effectivity holds on a day.

    Args:
        first: First day; None: always did.
        last: Last day; None: for ever.
        on: The day asked for.

    Returns:
        True when `on` lies within, both ends included.

    Raises:
        Nothing.
    """
    return (first is None or first <= on) and (last is None or on <= last)


def per_product(line: ComponentLine) -> Fraction:
    """Say what a line takes for one product (or for one order, where fixed), scrap included.

    Args:
        line: The line.

    Returns:
        Stock units of the component, exact; negative for a by-product.

    Raises:
        ValueError: If the base quantity is not above 0, or the scrap is not in 0 to below 100 %.
    """
    base, scrap = line.base_quantity, line.scrap_percentage
    hundred = 100 * scrap.denominator
    if base.numerator <= 0:
        raise ValueError(f"a base quantity is above 0, not {base}")
    if not 0 <= scrap.numerator < hundred:
        raise ValueError(f"component scrap is 0 to below 100 %, not {scrap}")
    over, under = line.quantity.numerator * hundred, hundred - scrap.numerator
    under *= line.quantity.denominator
    if line.is_fixed:
        return Fraction(over, under)
    return Fraction(over * base.denominator, under * base.numerator)


def exact_need(line: ComponentLine, parent_quantity: Number) -> Fraction:
    """Compute what a line takes for a parent quantity, unrounded.

    Args:
        line: The line.
        parent_quantity: Products, 0 or more (the input of the consuming operation in products).

    Returns:
        Stock units of the component; 0 for a parent quantity of 0, also where fixed.

    Raises:
        ValueError: As `per_product`.
    """
    parent = quantities.exact(parent_quantity)
    factor = per_product(line)
    if line.is_fixed:
        return factor if parent else Fraction(0)
    return factor * parent


def component_need(line: ComponentLine, *, parent_quantity: Number, decimals: int) -> ComponentNeed:
    """Compute what a line takes for a parent quantity, rounded once.

    Args:
        line: The line.
        parent_quantity: Products, 0 or more.
        decimals: Of the component's unit, 0 or more.

    Returns:
        The need with its numbers.

    Raises:
        ValueError: As `per_product`, or if `decimals` is negative.
    """
    parent = quantities.exact(parent_quantity)
    step = NeedStep(line, parent, Fraction(0))
    return rounded_need([NeedPart(line.component, exact_need(line, parent), (step,))], decimals)


def rounded_need(parts: Sequence[NeedPart], decimals: int) -> ComponentNeed:
    """Add up what several ways take of one component and round the sum once.

    Args:
        parts: At least one, all of the same component, all needs or all by-products.
        decimals: Of the component's unit, 0 or more.

    Returns:
        The need.

    Raises:
        ValueError: If there is no part, or `decimals` is negative.
    """
    if not parts:
        raise ValueError("a need has at least one part")
    exact = sum((part.exact for part in parts), Fraction(0))
    quantity = quantities.round_up(exact, decimals)  # of a by-product less: -0.7 becomes 0
    return ComponentNeed(parts[0].component, exact, quantity, decimals, tuple(parts))


def component_needs(
    parts: Sequence[NeedPart], decimals_of: Callable[[str], int]
) -> tuple[ComponentNeed, ...]:
    """Gather parts by component and round each once; by-products stand apart.

    Args:
        parts: Of one parent order, such as `phantoms.blow_through` gives.
        decimals_of: Decimals of a component's unit.

    Returns:
        One need for each component, in the order of their first parts.

    Raises:
        ValueError: If decimals are negative.
    """
    gathered: defaultdict[tuple[str, bool], list[NeedPart]] = defaultdict(list)
    for part in parts:
        gathered[part.component, part.exact < 0].append(part)
    return tuple(rounded_need(own, decimals_of(key[0])) for key, own in gathered.items())


def _ledger(need: ComponentNeed) -> list[NeedEntry]:
    entries = []
    scrap = sum((_scrap(part) for part in need.parts), Fraction(0))
    if scrap:
        amount = quantities.as_decimal(scrap)
        said = f"Component scrap takes {quantities.readable(scrap)} more."
        entries.append(NeedEntry("scrap", amount, said))
    rounding = quantities.exact(need.quantity) - need.exact
    if rounding:
        way = "down" if need.is_by_product else "up"
        said = f"{quantities.readable(need.exact)} is rounded {way} once to {need.quantity}."
        entries.append(NeedEntry("whole_unit", quantities.as_decimal(rounding), said))
    return entries


def _scrap(part: NeedPart) -> Fraction:
    """Scrap of all lines on the way: what the part takes above the same way without any."""
    kept = Fraction(1)
    for step in part.way:
        kept *= (100 - step.line.scrap_percentage) / 100
    return part.exact * (1 - kept)


def _told(part: NeedPart) -> str:
    return ", ".join(_told_step(step) for step in part.way)


def _told_step(step: NeedStep) -> str:
    line, write = step.line, quantities.readable
    if line.is_fixed:
        told = f"{_as_written(line.quantity)} per order"
    else:
        told = f"{write(step.parent_quantity)} x {_as_written(line.quantity)}"
        if line.base_quantity != 1:
            told += f" / {write(line.base_quantity)}"
    if line.scrap_percentage:
        told += f" / (1 - {write(line.scrap_percentage)} %)"
    if step.from_stock:
        told += f" - {write(step.from_stock)} in stock"
    return told


def _as_written(quantity: Fraction) -> str:
    """A bill's own number is said in full: 0.0012 kg of ink is not 0.001."""
    decimals = quantities.MAX_WRITTEN_DECIMALS
    if (quantity * 1000).denominator == 1 or (quantity * 10**decimals).denominator != 1:
        return quantities.readable(quantity)
    return f"{quantities.as_decimal(quantity, decimals).normalize():f}"
