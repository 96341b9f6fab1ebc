"""What an operation does to quantities, and what may be wrong with it (SPEC 6, RULES 3 and 4).

The values come from a routing's operations; `reverse_pass` computes with them, and a routing editor
asks `operation_faults` while a person types.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lineside_manufacturing.faults import Fault

PERCENTAGE_STEPS = 10_000
"""Steps in one percent: yield and scrap have four decimals (RULES 4)."""

_FULL = 100


@dataclass(frozen=True)
class OperationQuantities:
    """What an operation loses and in which pieces it counts.

    Attributes:
        sequence_number: Its number in the routing.
        yield_percentage: Good pieces per hundred put in after make-ready, in (0, 100].
        setup_scrap_quantity: Make-ready waste per run, in its own unit, 0 or more.
        units_per_product: Its units in one finished product, above 0 (1/4: sheets of four pieces).
        decimals: Decimals of its unit; 0 for pieces.
        scrap_percentage: Share of the input expected to be lost for good, in [0, 100]; None means
            that all expected loss is scrap.
    """

    sequence_number: int
    yield_percentage: Decimal = Decimal(_FULL)
    setup_scrap_quantity: Decimal = Decimal(0)
    units_per_product: Fraction = Fraction(1)
    decimals: int = 0
    scrap_percentage: Decimal | None = None


def operation_faults(op: OperationQuantities) -> tuple[Fault, ...]:
    """Check an operation's numbers.

    Args:
        op: The operation; decimals may be anything, NaN included.

    Returns:
        All faults, paths relative to the operation: `yield_out_of_range`, `yield_too_precise`,
        `scrap_out_of_range`, `scrap_too_precise`, `yield_plus_scrap_above_100`,
        `setup_scrap_negative`, `units_per_product_not_positive`, `decimals_negative`.

    Raises:
        Nothing.
    """
    return (*_yield_faults(op), *_scrap_faults(op), *_unit_faults(op))


def _yield_faults(op: OperationQuantities) -> Iterator[Fault]:
    value = op.yield_percentage
    if not (value.is_finite() and 0 < value <= _FULL):
        message = f"A yield of {value} % is not above 0 and at most 100."
        yield _fault(op, "yield_out_of_range", "yield_percentage", message)
    elif _too_precise(value):
        message = f"A yield of {value} % has more than four decimals."
        yield _fault(op, "yield_too_precise", "yield_percentage", message)


def _scrap_faults(op: OperationQuantities) -> Iterator[Fault]:
    value = op.scrap_percentage
    if value is None:
        return
    if not (value.is_finite() and 0 <= value <= _FULL):
        message = f"A scrap of {value} % is not between 0 and 100."
        yield _fault(op, "scrap_out_of_range", "scrap_percentage", message)
        return
    if _too_precise(value):
        message = f"A scrap of {value} % has more than four decimals."
        yield _fault(op, "scrap_too_precise", "scrap_percentage", message)
    if op.yield_percentage.is_finite() and op.yield_percentage + value > _FULL:
        message = f"Yield {op.yield_percentage} % and scrap {value} % together exceed 100 %."
        yield _fault(op, "yield_plus_scrap_above_100", "scrap_percentage", message)


def _unit_faults(op: OperationQuantities) -> Iterator[Fault]:
    setup = op.setup_scrap_quantity
    if not (setup.is_finite() and setup >= 0):
        message = f"A make-ready waste of {setup} is not 0 or more."
        yield _fault(op, "setup_scrap_negative", "setup_scrap_quantity", message)
    if op.units_per_product <= 0:
        message = f"{op.units_per_product} units per product is not above 0."
        yield _fault(op, "units_per_product_not_positive", "units_per_product", message)
    if op.decimals < 0:
        message = f"A unit cannot have {op.decimals} decimals."
        yield _fault(op, "decimals_negative", "decimals", message)


def _too_precise(percentage: Decimal) -> bool:
    return PERCENTAGE_STEPS % percentage.as_integer_ratio()[1] != 0


def _fault(op: OperationQuantities, code: str, field: str, message: str) -> Fault:
    facts = {"sequence_number": op.sequence_number, field: str(getattr(op, field))}
    return Fault(code, field, message, facts)
