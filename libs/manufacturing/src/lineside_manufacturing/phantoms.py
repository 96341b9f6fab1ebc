"""Phantoms blown through: an assembly that is never stored as such gives way to its components.

What is in stock of a phantom is taken first, then its lines stand in its place (RULES 20). The
parts stay exact and are not added up, so that the caller rounds once per component
(`component_needs.component_needs`), or once per component and consuming operation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from lineside_manufacturing import component_needs, quantities
from lineside_manufacturing.component_needs import ComponentLine, NeedPart, NeedStep
from lineside_manufacturing.quantities import Number


@dataclass(frozen=True, slots=True)
class BlownThrough:
    """A structure without its phantoms.

    Attributes:
        parts: What is really needed, in the order of the lines, not added up.
        phantom_stock_used: Stock of each phantom that was taken before blowing through.
        cycles: Paths of phantoms that contain themselves, first component again at the end; such
            a line is left out.
    """

    parts: tuple[NeedPart, ...]
    phantom_stock_used: Mapping[str, Fraction]
    cycles: tuple[tuple[str, ...], ...]


PhantomLines = Callable[[str], Sequence[ComponentLine] | None]
"""All lines of a phantom's bill, whatever their effectivity; None for what is no phantom."""


def blow_through(
    demands: Sequence[tuple[ComponentLine, Number]],
    *,
    on: date,
    phantom_lines: PhantomLines,
    stock: Mapping[str, Fraction] | None = None,
) -> BlownThrough:
    """Replace phantoms by their components, after taking what is in stock of them (RULES 20).

    Args:
        demands: Lines of the parent that hold, each with the quantity it is multiplied with.
        on: Effectivity of the phantoms' lines: the parent's planned start.
        phantom_lines: The bill of a phantom.
        stock: Available stock of phantoms, taken once for all ways, in the order of the lines.

    Returns:
        The parts, stock taken and cycles met.

    Raises:
        ValueError: As `per_product`.
    """
    blowing = _Blowing(on, phantom_lines, dict(stock or {}))
    for line, parent_quantity in demands:
        blowing.follow(line, quantities.exact(parent_quantity), ())
    return BlownThrough(tuple(blowing.parts), blowing.used, tuple(blowing.cycles))


class _Blowing:
    """The walk of `blow_through`; as deep as phantoms stand in phantoms."""

    def __init__(self, on: date, phantom_lines: PhantomLines, stock: dict[str, Fraction]) -> None:
        self.on, self.phantom_lines, self.stock = on, phantom_lines, stock
        self.parts: list[NeedPart] = []
        self.used: dict[str, Fraction] = {}
        self.cycles: list[tuple[str, ...]] = []

    def follow(self, line: ComponentLine, parent: Fraction, way: tuple[NeedStep, ...]) -> None:
        component, exact = line.component, component_needs.exact_need(line, parent)
        below = self.phantom_lines(component)
        if below is None:
            step = NeedStep(line, parent, Fraction(0))
            self.parts.append(NeedPart(component, exact, (*way, step)))
            return
        path = [step.line.component for step in way]
        if component in path:
            self.cycles.append((*path[path.index(component) :], component))
            return
        taken = self._take(component, exact)
        here = (*way, NeedStep(line, parent, taken))
        for lower in component_needs.effective_lines(below, self.on) if exact != taken else ():
            self.follow(lower, exact - taken, here)

    def _take(self, component: str, exact: Fraction) -> Fraction:
        taken = min(self.stock.get(component, Fraction(0)), exact)
        if taken <= 0:
            return Fraction(0)
        self.stock[component] -= taken
        self.used[component] = self.used.get(component, Fraction(0)) + taken
        return taken
