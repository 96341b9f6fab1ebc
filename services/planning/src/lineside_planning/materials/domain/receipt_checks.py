"""What must be true of a receipt's change and of goods that arrive: every fault at once."""

from collections.abc import Iterator
from datetime import datetime

from lineside_contracts.planning import ReceiptChange, ReceiveGoods
from lineside_contracts.problems import Fault
from lineside_planning.materials.domain import stock_checks
from lineside_planning.materials.domain.bench import Receipt
from lineside_planning.materials.domain.stock_checks import LocationFacts, ProductFacts
from lineside_planning.materials.domain.stock_files import FileFacts


def change_faults(receipt: Receipt, change: ReceiptChange, facts: FileFacts) -> Iterator[Fault]:
    """Name everything that is wrong with a change of a receipt."""
    product = facts.products.get(receipt.product_code)
    if change.quantity is not None:
        if product is not None:
            for fault in stock_checks.quantity_faults(change.quantity, product):
                yield _within_change(fault)
        if change.quantity < receipt.received:
            message = f"{receipt.received} came already; it cannot be for {change.quantity}."
            facts_of = {"quantity_received": str(receipt.received)}
            yield Fault(
                code="below_received", path="change.quantity", message=message, facts=facts_of
            )
    if change.vendor_code is not None and change.vendor_code not in facts.vendors:
        yield stock_checks.unknown("vendor", change.vendor_code, path="change.vendor_code")


def arrival_faults(
    receipt: Receipt,
    request: ReceiveGoods,
    product: ProductFacts | None,
    location: LocationFacts | None,
    *,
    now: datetime,
) -> Iterator[Fault]:
    """Name everything that is wrong with goods that arrive."""
    if product is not None:
        yield from stock_checks.quantity_faults(request.quantity, product)
    if request.quantity == 0 and not request.is_last:
        message = "Nothing came; say `is_last` if nothing more will."
        yield Fault(code="wrong_quantity", path="quantity", message=message)
    yield from stock_checks.location_faults(request.location_code, location)
    if location is not None and location.plant_code != receipt.plant_code:
        message = f"{request.location_code} belongs to plant {location.plant_code}, the receipt"
        yield Fault(
            code="other_plant",
            path="location_code",
            message=f"{message} to {receipt.plant_code}.",
            facts={"plant_code": location.plant_code, "receipt_plant": receipt.plant_code},
        )
    yield from stock_checks.time_faults(request.happened_at, now=now)


def _within_change(fault: Fault) -> Fault:
    return fault.model_copy(update={"path": f"change.{fault.path}"})
