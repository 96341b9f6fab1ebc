"""What a promise would take, level by level: needed, there, to buy, to make (SPEC 8).

From the product down, each item once with all that is needed of it: stock and free receipts cover
it first, the rest is bought or made. The product itself is made in full, as an order for it would
be (its lines are made to order); a bought one is netted like any component.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from lineside_contracts.problems import Fault
from lineside_manufacturing import bom_structure, phantoms, quantities
from lineside_manufacturing.calendars import NoWorkingTime
from lineside_manufacturing.reverse_pass import PlannedQuantities
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_planning.master_data.domain.material_facts import (
    BillLine,
    MaterialFacts,
    ProductFacts,
)
from lineside_planning.master_data.domain.routings import RoutingFacts

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        on: Today in the plant: bills hold as of it.
    """

    product_code: str
    quantity: Decimal
    on: date


@dataclass(frozen=True)
class PromiseFacts:
    """What is known for a promise.

    Attributes:
        stock: Free in stock, by product.
        receipts: Free and on their way, by product, ascending.
    """

    materials: MaterialFacts
    routings: Mapping[str, RoutingFacts]
    stock: Mapping[str, Decimal] = field(default_factory=dict)
    receipts: Mapping[str, Sequence[tuple[date, Decimal]]] = field(default_factory=dict)


@dataclass(slots=True)
class Item:
    """One item of the structure.

    Attributes:
        level: How deep it stands, at its deepest.
        exact: Needed, before rounding.
        from_receipts: What is taken of which receipt.
        buys_on: When what is bought would be there.
        planned: What each operation takes in, where it is made by a routing.
        uses: Its components and the operations that take them, with how much is taken.
    """

    code: str
    level: int
    product: ProductFacts | None
    routing: RoutingFacts | None
    exact: Fraction = Fraction(0)
    needed: Decimal = _NOTHING
    from_stock: Decimal = _NOTHING
    from_receipts: list[tuple[date, Decimal]] = field(default_factory=list)
    to_buy: Decimal = _NOTHING
    to_make: Decimal = _NOTHING
    buys_on: date | None = None
    planned: tuple[PlannedQuantities, ...] = ()
    minutes: tuple[Decimal, ...] = ()
    uses: list[tuple[str, int | None]] = field(default_factory=list)

    @property
    def is_made(self) -> bool:
        """Made in house."""
        return self.product is not None and self.product.make_or_buy == "make"

    @property
    def decimals(self) -> int:
        """Of its unit."""
        return self.product.unit_decimals if self.product else 0


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything a promise takes.

    Attributes:
        items: Those that are needed, parents before components.
        remarks: What is not known, in words.
    """

    items: tuple[Item, ...]
    remarks: tuple[str, ...]


def needs_of(wanted: Wanted, facts: PromiseFacts, plant: PlantDays) -> Needs | Fault:
    """Explode a wish.

    Args:
        wanted: Product and quantity; the product is known.
        facts: Everything below it.
        plant: By whose calendar bought things arrive.

    Returns:
        What it takes; a fault where the bills form a circle.
    """
    structure = bom_structure.structure_of(_components(facts.materials, wanted.on))
    if structure.cycles:
        path = next(iter(structure.cycles.values()))
        shown = " → ".join(path)
        message = f"The bills of material form a circle: {shown}."
        return Fault(code="bom_cycle", path="product_code", message=message)
    exploding = _Exploding(wanted, facts, plant, dict(structure.codes))
    return exploding.run()


def _components(materials: MaterialFacts, on: date) -> dict[str, list[str]]:
    return {
        code: [line.component_code for line in materials.lines_on(code, on)]
        for code in materials.bills
    }


class _Exploding:
    """The way down, one item after the other."""

    def __init__(
        self, wanted: Wanted, facts: PromiseFacts, plant: PlantDays, levels: dict[str, int]
    ) -> None:
        self._wanted, self._facts, self._plant, self._levels = wanted, facts, plant, levels
        self._items: dict[str, Item] = {}
        self._remarks: dict[str, None] = {}

    def run(self) -> Needs:
        root = self._item(self._wanted.product_code)
        root.exact = quantities.exact(self._wanted.quantity)
        order = sorted(self._levels, key=self._levels.__getitem__) or [root.code]
        if root.code not in self._levels:
            order.append(root.code)
        for code in order:
            item = self._items.get(code)
            if item is not None and item.exact > 0:
                self._cover(item, is_root=item is root)
                self._explode(item)
        items = [self._items[code] for code in order if code in self._items]
        return Needs(tuple(item for item in items if item.exact > 0), tuple(self._remarks))

    def _item(self, code: str) -> Item:
        item = self._items.get(code)
        if item is None:
            product = self._facts.materials.products.get(code)
            item = self._items[code] = Item(
                code, self._levels.get(code, 0), product, self._facts.routings.get(code)
            )
        return item

    def _cover(self, item: Item, *, is_root: bool) -> None:
        item.needed = quantities.round_up(item.exact, item.decimals)
        rest = item.needed
        if not (is_root and item.is_made):
            rest = self._from_stock(item, rest)
        if item.is_made:
            item.to_make = rest
        else:
            item.to_buy = rest
        if rest and not item.is_made:
            item.buys_on = self._arrival(item)

    def _from_stock(self, item: Item, rest: Decimal) -> Decimal:
        item.from_stock = min(rest, max(_NOTHING, self._facts.stock.get(item.code, _NOTHING)))
        rest -= item.from_stock
        latest = None if item.is_made else self._arrival(item)
        for on, free in self._facts.receipts.get(item.code, ()):
            expected = max(on, self._wanted.on)
            if not rest or (latest is not None and expected > latest):
                break
            taken = min(rest, free)
            item.from_receipts.append((expected, taken))
            rest -= taken
        return rest

    def _arrival(self, item: Item) -> date:
        """Bought today: after the lead time in calendar days, on a working day (RULES 22)."""
        vendor = self._facts.materials.vendors.get(item.code)
        days = (
            vendor.lead_time_days if vendor else item.product.lead_time_days if item.product else 0
        )
        if vendor is None:
            self._remark(f"Nobody sells {item.code}: its own lead time of {days} days is taken.")
        day = self._wanted.on + timedelta(days=days)
        try:
            return self._plant.calendar.working_day_on_or_after(day)
        except NoWorkingTime:
            return day

    def _explode(self, item: Item) -> None:
        if not item.to_make:
            return
        inputs = self._plan(item)
        lines = self._lines(item)
        demands = [(line.need, self._parent(item, line, inputs)) for line in lines if line.need]
        blown = phantoms.blow_through(
            demands, on=self._wanted.on, phantom_lines=self._facts.materials.phantom_lines
        )
        numbers = {line.need.line_id: line.sequence_number for line in lines if line.need}
        for part in blown.parts:
            if part.exact > 0:
                self._item(part.component).exact += part.exact
                item.uses.append((part.component, numbers[part.way[0].line.line_id]))

    def _lines(self, item: Item) -> list[BillLine]:
        lines = self._facts.materials.lines_on(item.code, self._wanted.on)
        for line in lines:
            if line.need is None:
                self._remark(f"{item.code} takes {line.component_code}, of which {line.reason}.")
        return list(lines)

    def _plan(self, item: Item) -> dict[int, Fraction]:
        """Plan its operations; answers what each takes in, in products."""
        plan = item.routing.plan(item.decimals) if item.routing else None
        if item.routing is None or plan is None:
            self._remark(f"{item.code} has no usable routing: its lead time in days is taken.")
            return {}
        for words in item.routing.unknown:
            self._remark(words)
        item.planned = plan.plan(item.to_make)
        item.minutes = plan.minutes(item.planned)
        return {
            operation.sequence_number: quantities.exact(planned.planned_input)
            / operation.units_per_product
            for operation, planned in zip(item.routing.operations, item.planned, strict=True)
        }

    def _parent(self, item: Item, line: BillLine, inputs: Mapping[int, Fraction]) -> Fraction:
        first = min(inputs, default=None)
        number = line.sequence_number if line.sequence_number in inputs else first
        if number is None:
            return quantities.exact(item.to_make)
        return inputs[number]

    def _remark(self, words: str) -> None:
        self._remarks[words] = None


def receipts_of(rows: Iterable[tuple[str, date, Decimal]]) -> dict[str, list[tuple[date, Decimal]]]:
    """Sort free receipts by product and date."""
    found: dict[str, list[tuple[date, Decimal]]] = {}
    for code, on, quantity in sorted(rows):
        found.setdefault(code, []).append((on, quantity))
    return found
