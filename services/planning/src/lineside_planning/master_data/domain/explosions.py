"""What a quantity takes, level by level, as an order for it would (SPEC 3, RULES 20, 21).

Made parts are taken apart by the quantity they need, rounded once; phantoms pass on what is exactly
needed of them. Nothing is netted.
"""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from lineside_contracts.planning import BomExplosion, ExplodeBom, ExplosionLine
from lineside_contracts.problems import Fault
from lineside_manufacturing import component_needs, quantities
from lineside_planning.master_data.domain.material_facts import (
    BillLine,
    MaterialFacts,
    ProductFacts,
)

MAX_LINES = 20_000
"""The most lines one answer has: a small structure of many shared levels may unfold to billions."""

MAX_LEVELS = 100
"""The deepest place shown; orders are made for half as many levels."""


@dataclass(slots=True)
class _Walk:
    """The walk through a structure."""

    facts: MaterialFacts
    on: date
    lines: list[ExplosionLine] = field(default_factory=list)
    warnings: dict[tuple[str, str], Fault] = field(default_factory=dict)

    def below(self, product_code: str, quantity: Fraction, path: tuple[str, ...]) -> None:
        """Add what a product takes, and what that takes."""
        if len(path) > MAX_LEVELS:
            self.warn("truncated", "", f"Only the first {MAX_LEVELS} levels are shown.")
            return
        if self.facts.bill_on(product_code, self.on) is None:
            self.warn("no_bom", product_code, f"{product_code} has no active bill on {self.on}.")
        for line in self.facts.lines_on(product_code, self.on):
            if len(self.lines) >= MAX_LINES:
                self.warn("truncated", "", f"Only the first {MAX_LINES} lines are shown.")
                return
            self.take(line, quantity, path)

    def take(self, line: BillLine, parent: Fraction, path: tuple[str, ...]) -> None:
        """Add one line."""
        code = line.component_code
        product = self.facts.products.get(code)
        if product is None or line.need is None:
            message = f"{code} in the bill of {path[-1]} cannot be computed: {line.reason}."
            self.warn(line.reason or "unknown_component", code, message)
            return
        need = component_needs.component_need(
            line.need, parent_quantity=parent, decimals=product.unit_decimals
        )
        self.lines.append(_line(need, product, path))
        if code in path or need.is_by_product or not _is_taken_apart(product):
            return
        exact = need.exact if product.is_phantom else quantities.exact(need.quantity)
        self.below(code, exact, (*path, code))

    def warn(self, code: str, about: str, message: str) -> None:
        """Tell of something once."""
        self.warnings.setdefault((code, about), Fault(code=code, path=about, message=message))


def explode(request: ExplodeBom, facts: MaterialFacts, *, on: date) -> BomExplosion:
    """Take a quantity of a product apart.

    Args:
        request: Product and quantity.
        facts: Bills and products of all its levels.
        on: Effectivity of all bills and lines.
    """
    walk = _Walk(facts, on)
    walk.below(request.product_code, quantities.exact(request.quantity), (request.product_code,))
    return BomExplosion(
        product_code=request.product_code,
        quantity=request.quantity,
        on=on,
        lines=tuple(walk.lines),
        warnings=tuple(walk.warnings.values()),
    )


def _line(
    need: component_needs.ComponentNeed, product: ProductFacts, path: tuple[str, ...]
) -> ExplosionLine:
    return ExplosionLine(
        level=len(path),
        path=(*path, need.component),
        component_code=need.component,
        component_name=product.product_name,
        quantity=need.quantity,
        unit_code=product.unit_code,
        make_or_buy=product.make_or_buy,
        is_phantom=product.is_phantom,
        explanation=need.explanation,
    )


def _is_taken_apart(product: ProductFacts) -> bool:
    return product.is_phantom or product.make_or_buy == "make"
