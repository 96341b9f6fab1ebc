"""An operation's numbers as whole numbers, prepared once and used for every target.

`reverse_pass.ReversePass` makes them from `OperationQuantities`. A quantity is counted in *steps*
of its unit's last decimal, a ratio is two whole numbers, and everything a ledger sentence says of
the operation itself is worded here: a pass multiplies, divides and fills in.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import gcd
from typing import Literal, NamedTuple

from lineside_manufacturing import quantities
from lineside_manufacturing.operation_quantities import OperationQuantities

PRINTED_DECIMALS = 6
"""Decimals of a level that has no finite decimal."""

LedgerKind = Literal["downstream", "yield", "make_ready", "whole_unit"]


class LedgerEntry(NamedTuple):
    """One reason for pieces above the plain target.

    Attributes:
        kind: What causes them.
        quantity: How many, in the operation's unit, above 0.
        explanation: A sentence for people.
    """

    kind: LedgerKind
    quantity: Decimal
    explanation: str


class Scale(NamedTuple):
    """What decides how the plain target of an operation is printed; many operations share one.

    Attributes:
        units: Numerator and denominator of the units per product.
        decimals: Decimals of the unit.
        printed_decimals: Decimals its levels are printed with at least: those of the unit and of
            the make-ready waste, and `PRINTED_DECIMALS`.
    """

    units: tuple[int, int]
    decimals: int
    printed_decimals: int


@dataclass(frozen=True, slots=True)
class Factors:
    """One operation, ready for a pass.

    Attributes:
        number: Its sequence number.
        decimals: Decimals of its unit; `power` is ten to that.
        units: Units per product, numerator; `per_units` is the denominator.
        products: `power` times `units`: steps times `per_units` over this are products.
        loss: Input over output, numerator; `kept` is the denominator (100 over the yield).
        setup: Make-ready waste in steps, rounded up; `printed_setup` is it as stated, in steps of
            the scale's printed decimals.
        scrap: Share of the input that is scrap, numerator and denominator; None means all loss.
        nothing: 0 with the unit's decimals.
        scale: What its plain target is printed by.
        yield_words: How the yield sentence begins.
        unit_words: How the rounding sentence begins.
        setup_entry: The ledger's entry for make-ready; None where there is none.
        setup_rounding: What the rounding sentence says of make-ready; None where nothing.
    """

    number: int
    decimals: int
    power: int
    units: int
    per_units: int
    products: int
    loss: int
    kept: int
    setup: int
    printed_setup: int
    scrap: tuple[int, int] | None
    nothing: Decimal
    scale: Scale
    yield_words: str
    unit_words: str
    setup_entry: LedgerEntry | None
    setup_rounding: str | None


def factors_of(operation: OperationQuantities) -> Factors:
    """Prepare an operation.

    Args:
        operation: One in which `operation_faults` finds nothing.

    Returns:
        Its factors.

    Raises:
        ValueError: If a number is not finite or beyond any quantity.
    """
    decimals, power = operation.decimals, 10**operation.decimals
    units = quantities.exact(operation.units_per_product)
    loss = 100 / quantities.exact(operation.yield_percentage)
    setup = quantities.exact(operation.setup_scrap_quantity)
    printed = finite_decimals(setup.denominator, max(PRINTED_DECIMALS, decimals))
    steps = -(-setup.numerator * power // setup.denominator)
    return Factors(
        number=operation.sequence_number,
        decimals=decimals,
        power=power,
        units=units.numerator,
        per_units=units.denominator,
        products=power * units.numerator,
        loss=loss.numerator,
        kept=loss.denominator,
        setup=steps,
        printed_setup=quantities.half_up(setup.numerator * 10**printed, setup.denominator),
        scrap=_share(operation.scrap_percentage),
        nothing=quantities.decimal_of(0, decimals),
        scale=Scale((units.numerator, units.denominator), decimals, printed),
        yield_words=f"{operation.yield_percentage.normalize():f} % yield: ",
        unit_words=f"Rounded up to {f'{decimals} decimals' if decimals else 'whole units'}: ",
        setup_entry=_setup_entry(setup, printed),
        setup_rounding=_setup_rounding(setup, Fraction(steps, power)),
    )


def finite_decimals(denominator: int, least: int) -> int:
    """Tell how many decimals write a fraction exactly.

    Args:
        denominator: Of the fraction in lowest terms, above 0.
        least: Decimals it is printed with in any case, 0 or more.

    Returns:
        `least` or more; `least` where no number of decimals suffices.

    Raises:
        Nothing.
    """
    if 10**least % denominator == 0:
        return least
    counts = []
    for prime in (2, 5):
        counts.append(0)
        while denominator % prime == 0:
            denominator //= prime
            counts[-1] += 1
    return max(least, *counts) if denominator == 1 else least


def lowest_denominator(numerator: int, denominator: int) -> int:
    """Reduce a fraction.

    Args:
        numerator: Any whole number.
        denominator: Above 0.

    Returns:
        The denominator in lowest terms.

    Raises:
        Nothing.
    """
    return denominator // gcd(numerator, denominator)


def _share(percentage: Decimal | None) -> tuple[int, int] | None:
    if percentage is None:
        return None
    share = quantities.exact(percentage) / 100
    return share.numerator, share.denominator


def _setup_entry(setup: Fraction, printed: int) -> LedgerEntry | None:
    if not setup:
        return None
    words = f"{quantities.readable(setup)} are spent on make-ready."
    return LedgerEntry("make_ready", quantities.as_decimal(setup, printed), words)


def _setup_rounding(setup: Fraction, rounded: Fraction) -> str | None:
    if setup == rounded:
        return None
    before, after = quantities.readable(setup), quantities.readable(rounded)
    return f"{before} becomes {after} for make-ready"
