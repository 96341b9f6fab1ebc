"""Backflush: what was reported says what was used, cumulatively (RULES 18, 9, 21).

The need for all that was reported so far is computed exactly, rounded once, and compared with what
is posted already. So 100 reports of one piece use what one report of 100 uses, and a correction
gives back what it takes away.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lineside_manufacturing import quantities

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Report:
    """What was reported on one operation of one work order in all.

    `rework_in` of the good and scrap was opened as rework at another operation: it is new to this
    one, but no predecessor's good.
    """

    sequence_number: int
    good: Decimal = NOTHING
    scrap: Decimal = NOTHING
    rework: Decimal = NOTHING
    is_completed: bool = False
    rework_in: Decimal = NOTHING

    @property
    def processed(self) -> Decimal:
        """Pieces that went through the operation, whatever became of them."""
        return self.good + self.scrap + self.rework


@dataclass(frozen=True, slots=True)
class Usage:
    """How a requirement is used up.

    Attributes:
        exact_need: Stock units of the component for the whole planned input; by-products: below 0.
        planned_input: Pieces the consuming run was planned to start with, in its own units.
        decimals: Of the component's unit.
        is_fixed: Used once per order, at the first report (plates, tools).
    """

    exact_need: Fraction
    planned_input: Decimal
    decimals: int
    is_fixed: bool = False


def processed_at(reports: Iterable[Report], sequence_number: int) -> Decimal:
    """Sum up what went through an operation, over all work orders that report it."""
    return sum((r.processed for r in reports if r.sequence_number == sequence_number), NOTHING)


def used_for(usage: Usage, processed: Decimal) -> Decimal:
    """Tell what is used in all for what was reported.

    Args:
        usage: The requirement.
        processed: Pieces reported so far (good, scrap and rework), in the run's own units.

    Returns:
        Stock units rounded up once; for a by-product what arose, negative and rounded down.

    Source: RULES 18.
    """
    if processed <= 0:
        return quantities.decimal_of(0, usage.decimals)
    share = Fraction(1)
    if not usage.is_fixed and usage.planned_input > 0:
        share = quantities.exact(processed) / quantities.exact(usage.planned_input)
    return quantities.round_up(usage.exact_need * share, usage.decimals)


def to_post(usage: Usage, *, processed: Decimal, posted: Decimal) -> Decimal:
    """Tell what is still to be posted: above zero is used, below zero comes back.

    Args:
        usage: The requirement.
        processed: Pieces reported so far.
        posted: What was posted before, signed like the need.
    """
    return used_for(usage, processed) - posted
