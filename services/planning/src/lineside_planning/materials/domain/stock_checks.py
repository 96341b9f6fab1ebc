"""What must be true of what people post to stock: every fault at once, by path (SPEC 19)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from lineside_contracts.planning import PostStockMovement
from lineside_contracts.problems import Fault

CLOCK_SKEW = timedelta(minutes=5)
"""So much may a device's clock be ahead of ours before its words lie in the future."""


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What postings need of a product."""

    product_code: str
    unit_code: str
    unit_decimals: int
    product_name: str | None = None
    safety_stock_quantity: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """What postings need of a stock location."""

    location_code: str
    plant_code: str
    is_nettable: bool = True
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class PostingFacts:
    """What is known of what a posting names; None is unknown.

    Attributes:
        lies_there: Quantity at the posting's place, blocked or not.
    """

    product: ProductFacts | None
    location: LocationFacts | None
    to_location: LocationFacts | None = None
    lies_there: Decimal = Decimal(0)


def posting_faults(
    posting: PostStockMovement, facts: PostingFacts, *, now: datetime
) -> tuple[Fault, ...]:
    """Name everything that is wrong with a posting by hand."""
    return (
        *product_faults(posting.product_code, facts.product, posting.quantity),
        *location_faults(posting.location_code, facts.location),
        *_target_faults(posting, facts),
        *_sign_faults(posting),
        *_missing_faults(posting, facts),
        *_reason_faults(posting.reason),
        *time_faults(posting.happened_at, now=now),
    )


def product_faults(
    code: str, product: ProductFacts | None, quantity: Decimal, *, path: str = "product_code"
) -> Iterator[Fault]:
    """Name an unknown product, or more decimals than its unit has."""
    if product is None:
        yield unknown("product", code, path=path)
    elif has_excess_decimals(quantity, product.unit_decimals):
        yield Fault(
            code="too_many_decimals",
            path="quantity",
            message=f"{product.product_code} is counted in {product.unit_code} with"
            f" {product.unit_decimals} decimals; {quantity} has more.",
            facts={"unit_code": product.unit_code, "unit_decimals": product.unit_decimals},
        )


def location_faults(
    code: str, location: LocationFacts | None, *, path: str = "location_code"
) -> Iterator[Fault]:
    """Name a location that is unknown or out of use."""
    if location is None:
        yield unknown("stock location", code, path=path)
    elif not location.is_active:
        message = f"Stock location {code} is out of use."
        yield Fault(code="inactive_location", path=path, message=message)


def time_faults(happened_at: datetime | None, *, now: datetime) -> Iterator[Fault]:
    """Name what is said to have happened in the future."""
    if happened_at is not None and happened_at > now + CLOCK_SKEW:
        message = f"{happened_at.isoformat()} lies in the future."
        yield Fault(code="in_the_future", path="happened_at", message=message)


def quantity_faults(quantity: Decimal, product: ProductFacts) -> tuple[Fault, ...]:
    """Name more decimals than the unit has."""
    return tuple(product_faults(product.product_code, product, quantity))


def has_excess_decimals(quantity: Decimal, decimals: int) -> bool:
    """Tell whether a quantity is finer than its unit."""
    return quantity != round(quantity, decimals)


def unknown(thing: str, code: str, *, path: str) -> Fault:
    """Name a code nobody knows."""
    name = "unknown_" + thing.replace(" ", "_")
    return Fault(code=name, path=path, message=f"There is no {thing} {code}.")


def _target_faults(posting: PostStockMovement, facts: PostingFacts) -> Iterator[Fault]:
    path, code = "to_location_code", posting.to_location_code
    if posting.kind != "transfer":
        if code is not None:
            message = f"Only a transfer goes to another location, not a {posting.kind}."
            yield Fault(code="no_transfer", path=path, message=message)
    elif code is None:
        yield Fault(code="missing", path=path, message="A transfer needs where it goes.")
    elif code == posting.location_code:
        yield Fault(code="same_location", path=path, message=f"It lies in {code} already.")
    else:
        yield from location_faults(code, facts.to_location, path=path)
        yield from _plant_faults(facts.location, facts.to_location)


def _plant_faults(
    location: LocationFacts | None, to_location: LocationFacts | None
) -> Iterator[Fault]:
    if location is None or to_location is None or location.plant_code == to_location.plant_code:
        return
    yield Fault(
        code="other_plant",
        path="to_location_code",
        message=f"{to_location.location_code} belongs to plant {to_location.plant_code},"
        f" {location.location_code} to {location.plant_code}: no transfer goes over plants.",
        facts={"from_plant": location.plant_code, "to_plant": to_location.plant_code},
    )


def _sign_faults(posting: PostStockMovement) -> Iterator[Fault]:
    quantity = posting.quantity
    wrong = {
        "count": (quantity < 0, "A count is 0 or more."),
        "adjustment": (quantity == 0, "An adjustment of 0 changes nothing."),
        "scrap": (quantity <= 0, "Scrap is above 0: it is taken out."),
        "transfer": (quantity <= 0, "A transfer is above 0."),
    }
    is_wrong, message = wrong[posting.kind]
    if is_wrong:
        yield Fault(code="wrong_quantity", path="quantity", message=message)


def _missing_faults(posting: PostStockMovement, facts: PostingFacts) -> Iterator[Fault]:
    taken = taken_by(posting)
    if facts.product is None or facts.location is None or taken <= facts.lies_there:
        return
    place = posting.location_code + (f", lot {posting.lot_number}" if posting.lot_number else "")
    yield Fault(
        code="not_enough_there",
        path="quantity",
        message=f"{facts.lies_there} lie at {place}, {taken} cannot be taken; count first.",
        facts={"lies_there": str(facts.lies_there), "attempting": str(taken)},
    )


def taken_by(posting: PostStockMovement) -> Decimal:
    """Tell how much a posting takes from its place; 0 where it takes nothing."""
    if posting.kind == "adjustment":
        return max(-posting.quantity, Decimal(0))
    return posting.quantity if posting.kind in {"scrap", "transfer"} else Decimal(0)


def _reason_faults(reason: str) -> Iterable[Fault]:
    if not reason.strip():
        yield Fault(code="missing", path="reason", message="Say why.")
