"""An item's bill, ready to be exploded: lines as whole numbers, effective at a date.

From `BomVersion`s as loaded to `Requirement`s of an order. What is wrong with a bill is kept aside
and reported as messages; whatever can be exploded is.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from lineside_manufacturing import component_needs, quantities
from lineside_manufacturing.component_needs import ComponentLine
from lineside_planning.mrp.domain.facts import BomVersion, ItemInputs
from lineside_planning.mrp.domain.plans import Message, OrderKind, Requirement

_NONE = Decimal(0)


class Order(NamedTuple):
    """What is exploded.

    Attributes:
        kind: What the id names.
        id: Of the order at the top.
        starts_on: Decides effectivity and when components are needed.
        due_on: When by-products arrive.
        numerator: Quantity in the item's unit, over `denominator`.
        denominator: Above 0.
    """

    kind: OrderKind
    id: str
    starts_on: date
    due_on: date
    numerator: int
    denominator: int


class _Line(NamedTuple):
    """One line: what it takes for one product (or one order, where fixed), and how to say so."""

    component: str
    numerator: int
    denominator: int
    is_fixed: bool
    line_id: str
    scrap_percentage: Decimal
    told: str


class Bill:
    """Explodes one item's orders; prepared once for each span of days without a change."""

    def __init__(self, inputs: ItemInputs) -> None:
        self._key, self._code, self._codes = inputs.key, inputs.code, inputs.component_codes
        self._versions = sorted(inputs.boms, key=lambda bom: bom.version, reverse=True)
        self._breaks = _breaks(self._versions)
        self._lines: dict[int, tuple[_Line, ...]] = {}
        self._unbilled: date | None = None
        self._unknown: set[str] = set()
        self._bad: set[str] = set()

    def explode(self, orders: Sequence[Order]) -> list[Requirement]:
        """State what orders take.

        Args:
            orders: Of this item, in the order of the answer.

        Returns:
            One requirement for each effective line that takes something of a known component.

        Raises:
            Nothing.
        """
        parent, found = self._key, []
        for kind, order_id, starts, due, number, parts in orders:
            for component, numerator, denominator, is_fixed, line_id, scrap, told in self._on(
                starts
            ):
                if not is_fixed:
                    numerator, denominator = numerator * number, denominator * parts  # noqa: PLW2901
                need = (component, parent, kind, order_id, starts, due, numerator, denominator)
                found.append(Requirement(*need, number, parts, line_id, scrap, told))
        return found

    def messages(self) -> Iterator[Message]:
        """Report what was wrong with the lines that were asked for.

        Returns:
            `no_bom` (with the first start it was missing on), `unknown_component` and
            `bad_parameters`.

        Raises:
            Nothing.
        """
        if self._unbilled is not None:
            yield Message("no_bom", on=self._unbilled)
        for component in sorted(self._unknown):
            yield Message("unknown_component", component)
        for text in sorted(self._bad):
            yield Message("bad_parameters", text=text)

    def _on(self, day: date) -> tuple[_Line, ...]:
        key = bisect_right(self._breaks, day.toordinal()) if self._breaks else 0
        found = self._lines.get(key)
        if found is None:
            found = self._lines[key] = self._prepared(day)
        if not found and (self._unbilled is None or day < self._unbilled):
            self._note_unbilled(day)
        return found

    def _note_unbilled(self, day: date) -> None:
        if self._version_on(day) is None:
            self._unbilled = day

    def _version_on(self, day: date) -> BomVersion | None:
        holds = component_needs.is_effective
        for version in self._versions:
            if holds(version.effective_from, version.effective_until, day):
                return version
        return None

    def _prepared(self, day: date) -> tuple[_Line, ...]:
        version = self._version_on(day)
        if version is None:
            return ()
        effective = component_needs.effective_lines(version.lines, day)
        return tuple(self._lines_of(effective))

    def _lines_of(self, lines: Sequence[ComponentLine]) -> Iterator[_Line]:
        """Leave out what nobody knows, and what leads back up: a cycle is reported elsewhere."""
        for line in lines:
            code = self._codes.get(line.component)
            if code is None:
                self._unknown.add(line.component)
            elif code > self._code:
                yield from self._line(line)

    def _line(self, line: ComponentLine) -> Iterator[_Line]:
        try:
            taken = component_needs.per_product(line)
        except ValueError as fault:
            self._bad.add(f"Line {line.line_id or line.component} is left out: {fault}.")
            return
        if taken:
            ratio = taken.as_integer_ratio()
            scrap = quantities.as_decimal(line.scrap_percentage) if line.scrap_percentage else _NONE
            yield _Line(line.component, *ratio, line.is_fixed, line.line_id, scrap, _told(line))


def firm_orders(inputs: ItemInputs, power: int, starts_for: Callable[[date], date]) -> list[Order]:
    """List the supplies whose components are not known yet.

    Args:
        inputs: The item.
        power: Steps in one of its unit.
        starts_for: The start of an order due on a day, where none is given.

    Returns:
        What is to be exploded, by id.

    Raises:
        Nothing.
    """
    firm = [supply for supply in inputs.supplies if supply.explodes and supply.quantity > 0]
    return [
        Order("firm", s.id, s.starts_on or starts_for(s.on), s.on, s.quantity, power)
        for s in sorted(firm, key=lambda supply: supply.id)
    ]


def _breaks(versions: Sequence[BomVersion]) -> list[int]:
    """List the days (ordinals) on which other lines than the day before may hold."""
    found: set[int] = set()
    for version in versions:
        spans: list[BomVersion | ComponentLine] = [version, *version.lines]
        found.update(s.effective_from.toordinal() for s in spans if s.effective_from is not None)
        found.update(
            s.effective_until.toordinal() + 1 for s in spans if s.effective_until is not None
        )
    return sorted(found)


def _told(line: ComponentLine) -> str:
    write = quantities.readable
    told = f"{write(line.quantity)} per order" if line.is_fixed else f"x {write(line.quantity)}"
    if line.base_quantity != 1 and not line.is_fixed:
        told += f" / {write(line.base_quantity)}"
    if line.scrap_percentage:
        told += f" / (1 - {write(line.scrap_percentage)} %)"
    return told
