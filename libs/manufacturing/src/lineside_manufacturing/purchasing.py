"""Buying: how much in the vendor's unit, when it arrives and when to order it (RULES 1, 22).

A need in stock units (already consolidated for one part and need date) is rounded up once, to
purchase unit, minimum and multiple. Goods arrive on a working day on or before the need; the order
goes out the vendor's lead time (calendar days) earlier, moved back to a working day. Asked by
materials of one order, MRP and promises.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from lineside_manufacturing import quantities
from lineside_manufacturing.quantities import Number
from lineside_manufacturing.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class PurchaseRounding:
    """How a vendor sells a part. A purchase unit without a known factor gets none of this.

    Attributes:
        unit_code: The purchase unit, for people.
        factor: Stock units in one purchase unit, above 0.
        minimum: Smallest order in purchase units, 0 or more.
        multiple: Orders are multiples of this many purchase units, above 0; 1: whole units.
    """

    unit_code: str
    factor: Fraction
    minimum: Fraction = Fraction(0)
    multiple: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if self.factor <= 0 or self.multiple <= 0 or self.minimum < 0:
            raise ValueError("factor and multiple are above 0, the minimum is 0 or more")


class PurchaseEntry(NamedTuple):
    """What rounding to the vendor's terms added.

    Attributes:
        kind: Always `purchase_unit`.
        quantity: How much, in stock units, above 0.
        explanation: A sentence for people.
    """

    kind: Literal["purchase_unit"]
    quantity: Decimal
    explanation: str


@dataclass(frozen=True, slots=True)
class PurchaseQuantity:
    """What is ordered for a need.

    Attributes:
        need: The need in stock units, exact.
        purchase_quantity: Purchase units; None where the part has no purchase rounding.
        purchase_unit: Their code; None likewise.
        stock_quantity: What arrives, in stock units with the part's decimals; at least the need.
        ledger: The entry of what was added; () where nothing.
    """

    need: Fraction
    purchase_quantity: Decimal | None
    purchase_unit: str | None
    stock_quantity: Decimal
    ledger: tuple[PurchaseEntry, ...]


@dataclass(frozen=True, slots=True)
class PurchaseDates:
    """When goods arrive and when they are ordered.

    Attributes:
        arrives_on: Working day, on or before the need.
        order_by: Working day, the lead time or more before the arrival.
        is_past: Whether the order should have gone out before today.
    """

    arrives_on: date
    order_by: date
    is_past: bool


def purchase_quantity(
    need: Number, *, rounding: PurchaseRounding | None, decimals: int
) -> PurchaseQuantity:
    """Round a need to what the vendor sells, once.

    Args:
        need: Stock units, 0 or more, consolidated and not yet rounded.
        rounding: The vendor's terms; None: the need is ordered as it is.
        decimals: Of the part's stock unit.

    Returns:
        The quantities and what was added; nothing is ordered for a need of 0.

    Raises:
        ValueError: If `decimals` is negative.
    """
    exact = quantities.exact(need)
    if rounding is None or not exact:
        return PurchaseQuantity(exact, None, None, quantities.round_up(exact, decimals), ())
    units = multiples(exact, rounding) * rounding.multiple
    bought = units * rounding.factor
    arriving = quantities.decimal_of(
        bought.numerator * 10**decimals // bought.denominator, decimals
    )
    ordered = quantities.as_decimal(units)
    added = quantities.exact(arriving) - exact
    if not added:
        return PurchaseQuantity(exact, ordered, rounding.unit_code, arriving, ())
    said = f"{quantities.readable(exact)} is bought as {told(units, rounding)}."
    entry = PurchaseEntry("purchase_unit", quantities.as_decimal(added), said)
    return PurchaseQuantity(exact, ordered, rounding.unit_code, arriving, (entry,))


def multiples(need: Fraction, rounding: PurchaseRounding) -> int:
    """Count the vendor's multiples that cover a need.

    Args:
        need: Stock units, above 0.
        rounding: The vendor's terms.

    Returns:
        The smallest whole number of multiples that is no less than the need and the minimum.

    Raises:
        Nothing.
    """
    units = max(need / rounding.factor, rounding.minimum) / rounding.multiple
    return -(-units.numerator // units.denominator)


def told(units: Fraction, rounding: PurchaseRounding) -> str:
    """Say a purchase quantity and the terms behind it.

    Args:
        units: Purchase units.
        rounding: The vendor's terms.

    Returns:
        A text such as "3 BX of 12, at least 2".

    Raises:
        Nothing.
    """
    write = quantities.readable
    said = f"{write(units)} {rounding.unit_code}"
    if rounding.factor != 1:
        said += f" of {write(rounding.factor)}"
    if rounding.minimum:
        said += f", at least {write(rounding.minimum)}"
    if rounding.multiple != 1:
        said += f", in multiples of {write(rounding.multiple)}"
    return said


def purchase_dates(
    needed_on: date, *, lead_time_days: int, calendar: WorkingDays, today: date
) -> PurchaseDates:
    """Find when goods arrive and when they must be ordered.

    Args:
        needed_on: The day of the need; a receipt on that day is in time.
        lead_time_days: The vendor's, in calendar days, 0 or more.
        calendar: Working days of the receiving plant.
        today: The plant's date.

    Returns:
        The dates, also where they are past.

    Raises:
        NoWorkingTime: If the two years before have no working day.
        OverflowError: If the order date would lie before year 1.
    """
    arrives_on = calendar.working_day_on_or_before(needed_on)
    order_by = calendar.working_day_on_or_before(arrives_on - timedelta(days=lead_time_days))
    return PurchaseDates(arrives_on, order_by, order_by < today)
