"""Is this a valid order? Every fault is found at once, whatever else is wrong with the document.

The judge takes valid documents and drafts alike: a line with a misspelt date still has its unknown
product named. What is None in a draft was complained about by the schema already.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from lineside_contracts.problems import Fault
from lineside_contracts.sales import SalesDocument, SalesDocumentLine, SalesOrderLine
from lineside_contracts.values import MAX_QUANTITY
from lineside_manufacturing import quantities
from lineside_manufacturing.quantities import InexactConversion
from lineside_sales_bridge.domain import references as reference_data, validation
from lineside_sales_bridge.domain.documents import Draft, DraftLine
from lineside_sales_bridge.domain.references import Product, References

UNKNOWN_PRODUCT = "unknown_product"
UNKNOWN_UNIT = "unknown_unit"
LAGGING = frozenset({UNKNOWN_PRODUCT, UNKNOWN_UNIT})
"""Faults that may be gone a second later, once master data has caught up."""


YEARS = range(1970, 2200)
"""Years an order can be of; anything else is a slip, and no calendar reaches that far."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a judgement rests on besides the document: master data, and the present instant."""

    references: References
    now: datetime


def find_faults(draft: Draft, facts: Facts) -> list[Fault]:
    """Name everything that is wrong with a document's content.

    Args:
        draft: A valid document, or what could be read of one.
        facts: Products and units known, and now.

    Returns:
        Faults by Lineside's paths, in the order of the lines; empty for a valid order.

    Raises:
        Nothing.
    """
    confirmed_at = draft.confirmed_at
    faults = _year_faults(confirmed_at, "confirmed_at") if confirmed_at else []
    ordered_at = None if faults else confirmed_at
    if draft.lines is None:
        return faults
    if not draft.lines:
        return [*faults, Fault(code="no_lines", path="lines", message="The order has no lines.")]
    faults += _duplicate_numbers(draft.lines)
    for index, line in enumerate(draft.lines):
        faults += _line_faults(line, f"lines[{index}]", ordered_at, facts)
    return faults


def find_warnings(document: SalesDocument, facts: Facts) -> list[Fault]:
    """Name what is odd about a valid order but refuses nothing: past due dates (RULES 31)."""
    warnings = []
    for index, line in enumerate(document.lines):
        today = _local_day(facts.now, facts.references.products.get(line.product_code))
        if line.due_date < today:
            warnings.append(
                Fault(
                    code="due_date_past",
                    path=f"lines[{index}].due_date",
                    message=f"The due date {line.due_date} is past; today is {today}.",
                    facts={"due_date": str(line.due_date), "today": str(today)},
                )
            )
    return warnings


def accepted_lines(document: SalesDocument, references: References) -> tuple[SalesOrderLine, ...]:
    """Write the lines of a faultless document in their products' stock units.

    Raises:
        KeyError: A product is unknown; `find_faults` would have said so.
    """
    return tuple(
        _accepted_line(line, references.products[line.product_code], references)
        for line in document.lines
    )


def _accepted_line(
    line: SalesDocumentLine, product: Product, references: References
) -> SalesOrderLine:
    factor = references.factor(line.unit, product) or Fraction(1)
    return SalesOrderLine(
        line_number=line.line_number,
        product_code=line.product_code,
        quantity=quantities.convert(line.quantity, factor, product.unit_decimals),
        unit_code=product.unit_code,
        ordered_quantity=line.quantity,
        ordered_unit=line.unit,
        due_date=line.due_date,
        description=line.description,
        unit_price=line.unit_price,
        over_delivery_percentage=line.over_delivery_percentage,
        under_delivery_percentage=line.under_delivery_percentage,
    )


def _duplicate_numbers(lines: Sequence[DraftLine]) -> Iterator[Fault]:
    first: dict[int, int] = {}
    for index, line in enumerate(lines):
        number = line.line_number
        if number is None:
            continue
        earlier = first.setdefault(number, index)
        if earlier != index:
            yield Fault(
                code="duplicate_line_number",
                path=f"lines[{index}].line_number",
                message=f"Line number {number} stands twice; the first is lines[{earlier}].",
                facts={"line_number": number, "first": f"lines[{earlier}]"},
            )


def _line_faults(
    line: DraftLine, path: str, confirmed_at: datetime | None, facts: Facts
) -> list[Fault]:
    references = facts.references
    product = references.products.get(line.product_code) if line.product_code else None
    faults = []
    if line.product_code is not None:
        faults += _product_faults(line.product_code, product, f"{path}.product_code")
    if product is not None and line.unit is not None:
        faults += _quantity_faults(line.quantity, line.unit, path, product, references)
    if line.due_date is not None:
        faults += _date_faults(line.due_date, f"{path}.due_date", confirmed_at, product)
    return faults


def _product_faults(code: str, product: Product | None, path: str) -> list[Fault]:
    named = validation.quoted(code)
    facts = {"product_code": code}
    if product is None:
        message = f"There is no product {named}."
        return [Fault(code=UNKNOWN_PRODUCT, path=path, message=message, facts=facts)]
    if not product.is_active:
        message = f"Product {named} is inactive and cannot be ordered."
        return [Fault(code="inactive_product", path=path, message=message, facts=facts)]
    return []


def _quantity_faults(
    quantity: Decimal | None, unit: str, path: str, product: Product, references: References
) -> list[Fault]:
    facts = {"unit": unit, "product_code": product.product_code, "stock_unit": product.unit_code}
    place = f"{path}.unit"
    if not references.knows_unit(unit, product):
        message = f"{validation.quoted(unit)} is no unit of measure known here."
        return [Fault(code=UNKNOWN_UNIT, path=place, message=message, facts=facts)]
    factor = references.factor(unit, product)
    if factor is None:
        message = (
            f"Nobody knows how many {product.unit_code} of {product.product_code} one {unit} is."
        )
        return [Fault(code="unit_not_convertible", path=place, message=message, facts=facts)]
    if quantity is None:
        return []
    return _converted_faults(quantity, unit, factor, f"{path}.quantity", product)


def _converted_faults(
    quantity: Decimal, unit: str, factor: Fraction, path: str, product: Product
) -> list[Fault]:
    facts = {"quantity": str(quantity), "unit": unit, "stock_unit": product.unit_code}
    try:
        converted = quantities.convert(quantity, factor, product.unit_decimals)
    except InexactConversion:
        steps = f"{product.unit_decimals} decimals" if product.unit_decimals else "whole numbers"
        message = (
            f"{quantity} {unit} is not exact in {product.unit_code},"
            f" which {product.product_code} is counted in by {steps}."
        )
        return [Fault(code="inexact_quantity", path=path, message=message, facts=facts)]
    if converted > MAX_QUANTITY:
        message = f"{quantity} {unit} is more than {MAX_QUANTITY} {product.unit_code}."
        return [Fault(code="too_large", path=path, message=message, facts=facts)]
    return []


def _date_faults(
    due_date: date, path: str, confirmed_at: datetime | None, product: Product | None
) -> list[Fault]:
    faults = _year_faults(due_date, path)
    if faults or confirmed_at is None:
        return faults
    ordered_on = _local_day(confirmed_at, product)
    if due_date >= ordered_on:
        return []
    return [
        Fault(
            code="due_before_order",
            path=path,
            message=f"The due date {due_date} is before the day of the order, {ordered_on}.",
            facts={"due_date": str(due_date), "ordered_on": str(ordered_on)},
        )
    ]


def _year_faults(day: date, path: str) -> list[Fault]:
    if day.year in YEARS:
        return []
    message = f"The year {day.year:04} is not between {YEARS.start} and {YEARS.stop - 1}."
    return [Fault(code="absurd_date", path=path, message=message, facts={"year": day.year})]


def _local_day(instant: datetime, product: Product | None) -> date:
    """The day on the calendar of the plant that makes the product."""
    return instant.astimezone(
        reference_data.zone_of(product.time_zone if product else "UTC")
    ).date()
