"""Products, their bills and who sells them, as decisions about materials want them: pure values.

Built by `store.materials_facts`. Bills are ready for arithmetic: every line is a `ComponentLine` in
the component's stock unit, effective while its bill is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from uuid import UUID

from lineside_manufacturing import component_needs
from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LotParameters
from lineside_manufacturing.purchasing import PurchaseRounding


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product that is not deleted.

    Attributes:
        conversions: Stock units in one other unit.
        lots: Its lot-sizing parameters as they are maintained.
        version: Of the product; what is derived from it may be kept under it.
    """

    product_code: str
    product_name: str
    product_category: str | None
    unit_code: str
    unit_decimals: int
    conversions: Mapping[str, Fraction]
    make_or_buy: Literal["make", "buy"]
    lead_time_days: int
    safety_stock_quantity: Decimal
    safety_time_days: int
    is_phantom: bool
    supply_policy: Literal["make_to_order", "make_to_stock"]
    standard_cost: Decimal | None
    plant_code: str | None
    is_active: bool
    lots: LotParameters
    version: int


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of an active bill.

    Attributes:
        need: In the component's stock unit, effective while line and bill both are; its `line_id`
            is the line's. None where it cannot be computed: `reason` says why.
        sequence_number: The operation that consumes it; None: the first (RULES 21).
        unit_code: As the line is written; None: the stock unit.
        reason: `unknown_component` or `no_conversion`.
    """

    id: UUID
    line_number: int
    component_code: str
    sequence_number: int | None
    unit_code: str | None
    need: ComponentLine | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BillVersion:
    """An active version of a bill; versions of one product do not overlap."""

    id: UUID
    version: int
    product_code: str
    bom_version: int
    base_quantity: Decimal
    effective_from: date | None
    effective_until: date | None
    lines: tuple[BillLine, ...]

    def is_effective(self, on: date) -> bool:
        """Whether it holds on a day, both ends included."""
        return component_needs.is_effective(self.effective_from, self.effective_until, on)


@dataclass(frozen=True, slots=True)
class VendorTerms:
    """How the vendor that is bought from first sells a product.

    Attributes:
        lead_time_days: Calendar days: the vendor product's, else the vendor's.
        rounding: To the purchase unit; None where its factor is not known (RULES 1), and where
            neither unit, minimum nor multiple asks for any.
        is_unit_unknown: Whether there is a purchase unit whose factor nobody knows.
        price: Per purchase unit.
    """

    vendor_product_code: str
    vendor_code: str
    vendor_name: str | None
    lead_time_days: int
    purchase_unit_code: str | None
    rounding: PurchaseRounding | None
    is_unit_unknown: bool
    price: Decimal | None
    preference: int


@dataclass(frozen=True)
class MaterialFacts:
    """What was asked for, by product code: what is not in a mapping is unknown, or has none.

    Bills stand here of the products asked for, and of every phantom below them.
    """

    products: Mapping[str, ProductFacts] = field(default_factory=dict)
    bills: Mapping[str, Sequence[BillVersion]] = field(default_factory=dict)
    vendors: Mapping[str, VendorTerms] = field(default_factory=dict)

    def bill_on(self, product_code: str, on: date) -> BillVersion | None:
        """Find the active version that holds on a day."""
        for bill in self.bills.get(product_code, ()):
            if bill.is_effective(on):
                return bill
        return None

    def lines_on(self, product_code: str, on: date) -> tuple[BillLine, ...]:
        """Find the lines that hold on a day; those without `need` are in it, to be reported."""
        bill = self.bill_on(product_code, on)
        return tuple(line for line in bill.lines if _holds(line, on)) if bill else ()

    def phantom_lines(self, product_code: str) -> tuple[ComponentLine, ...] | None:
        """All lines of a phantom over all time, as `phantoms.blow_through` asks for them."""
        product = self.products.get(product_code)
        if product is None or not product.is_phantom:
            return None
        return tuple(_needs(self.bills.get(product_code, ())))

    def decimals_of(self, product_code: str) -> int:
        """Decimals of a product's stock unit; 0 where it is unknown."""
        product = self.products.get(product_code)
        return product.unit_decimals if product else 0


def later(one: date | None, other: date | None) -> date | None:
    """The later of two first days; None is the beginning of time."""
    return max((day for day in (one, other) if day is not None), default=None)


def earlier(one: date | None, other: date | None) -> date | None:
    """The earlier of two last days; None is the end of time."""
    return min((day for day in (one, other) if day is not None), default=None)


def _holds(line: BillLine, on: date) -> bool:
    need = line.need
    return need is None or component_needs.is_effective(
        need.effective_from, need.effective_until, on
    )


def _needs(bills: Iterable[BillVersion]) -> Iterable[ComponentLine]:
    return (line.need for bill in bills for line in bill.lines if line.need is not None)
