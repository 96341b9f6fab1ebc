"""Rows of stock and receipt files, and everything that is wrong with them, by row (SPEC 3, 19)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lineside_contracts.planning import CreateReceipt
from lineside_contracts.problems import Fault
from lineside_contracts.values import Amount, Code, Money, Request, Text
from lineside_planning.materials.domain import stock_checks
from lineside_planning.materials.domain.stock_checks import LocationFacts, ProductFacts

OPENING = "stock import"
"""The reason of a movement where the file gives none."""


class StockRow(Request):
    """A count of one place; opening balances are counts."""

    product_code: Code
    location_code: Code
    quantity: Amount
    lot_number: Code | None = None
    unit_cost: Money | None = None
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of what a file names; what is missing is unknown.

    Attributes:
        taken_numbers: Receipts there are: number and product.
    """

    products: Mapping[str, ProductFacts] = field(default_factory=dict)
    locations: Mapping[str, LocationFacts] = field(default_factory=dict)
    plants: Collection[str] = ()
    vendors: Collection[str] = ()
    taken_numbers: Collection[tuple[str, str]] = ()


StockRows = Sequence[tuple[int, StockRow]]
ReceiptRows = Sequence[tuple[int, CreateReceipt]]


def stock_row_faults(rows: StockRows, facts: FileFacts) -> Iterator[Fault]:
    """Name the faults of a stock file, row by row."""
    first: dict[tuple[str, str, str | None], int] = {}
    for line, row in rows:
        product, location = facts.products.get(row.product_code), facts.locations
        yield from _below(
            line,
            *stock_checks.product_faults(row.product_code, product, row.quantity),
            *stock_checks.location_faults(row.location_code, location.get(row.location_code)),
        )
        key = (row.product_code, row.location_code, row.lot_number)
        if first.setdefault(key, line) != line:
            message = f"Row {first[key]} counts the same place already."
            path = f"row {line}.location_code"
            yield Fault(code="repeated_place", path=path, message=message)


def receipt_row_faults(rows: ReceiptRows, facts: FileFacts) -> Iterator[Fault]:
    """Name the faults of a receipt file, row by row."""
    first: dict[tuple[str, str], int] = {}
    for line, row in rows:
        yield from _below(line, *receipt_faults(row, facts))
        key = (row.receipt_number, row.product_code)
        if first.setdefault(key, line) != line:
            message = f"Row {first[key]} has the same number and product already."
            path = f"row {line}.receipt_number"
            yield Fault(code="repeated_code", path=path, message=message)


def receipt_faults(receipt: CreateReceipt, facts: FileFacts) -> Iterator[Fault]:
    """Name everything that is wrong with a new receipt."""
    product = facts.products.get(receipt.product_code)
    yield from stock_checks.product_faults(receipt.product_code, product, receipt.quantity)
    if receipt.plant_code not in facts.plants:
        yield stock_checks.unknown("plant", receipt.plant_code, path="plant_code")
    if receipt.vendor_code is not None and receipt.vendor_code not in facts.vendors:
        yield stock_checks.unknown("vendor", receipt.vendor_code, path="vendor_code")
    if (receipt.receipt_number, receipt.product_code) in facts.taken_numbers:
        message = f"There is a receipt {receipt.receipt_number} of {receipt.product_code} already."
        yield Fault(code="code_taken", path="receipt_number", message=message)


def _below(line: int, *faults: Fault) -> Iterator[Fault]:
    for fault in faults:
        yield fault.model_copy(update={"path": f"row {line}.{fault.path}"})
