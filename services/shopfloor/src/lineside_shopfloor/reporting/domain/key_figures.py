"""Key figures as shares with what they are made of, against their targets (RULES 36)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lineside_contracts.shopfloor import KpiShare, OperationYield, Throughput
from lineside_shopfloor.reporting.domain.figures import rounded

YIELD_POINTS = 2
"""A measured yield further from its plan is flagged."""

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Targets:
    """What a tenant aims at, in percent; the defaults are those of a new tenant."""

    on_time: Decimal = Decimal(90)
    occupancy: Decimal = Decimal(75)
    hours: Decimal = Decimal(95)


@dataclass(frozen=True, slots=True)
class Finished:
    """Sums over the work orders that were completed in a period.

    Attributes:
        dated: Those with a planned end; `on_time` of them were completed by then.
        measured: Those of which hours were recorded; `planned_hours` and `actual_hours` are theirs.
        days: Dates on which something was finished.
    """

    count: int = 0
    dated: int = 0
    on_time: int = 0
    measured: int = 0
    planned_hours: Decimal = Decimal(0)
    actual_hours: Decimal = Decimal(0)
    units: Decimal = Decimal(0)
    days: int = 0


@dataclass(frozen=True, slots=True)
class YieldSums:
    """An operation's planned and measured quantities over a period."""

    operation_code: str | None
    operation_name: str
    planned_input: Decimal
    planned_output: Decimal
    good: Decimal
    reported: Decimal
    work_order_count: int


def share(numerator: Fraction, denominator: Fraction, target: Decimal) -> KpiShare:
    """Divide in percent with two decimals; met is decided on the exact value."""
    exact = _HUNDRED * numerator / denominator if denominator else None
    return KpiShare(
        percentage=None if exact is None else rounded(exact, 2),
        target_percentage=target,
        is_met=None if exact is None else exact >= Fraction(target),
        numerator=rounded(numerator, 2),
        denominator=rounded(denominator, 2),
    )


def throughput(finished: Finished) -> Throughput:
    """Tell what was finished, in all and per day on which something was."""
    days = finished.days
    return Throughput(
        completed_work_order_count=finished.count,
        completed_units=finished.units,
        day_count=days,
        work_orders_per_day=rounded(Fraction(finished.count, days), 2) if days else None,
        units_per_day=rounded(Fraction(finished.units) / days, 2) if days else None,
    )


def yield_of(sums: YieldSums) -> OperationYield | None:
    """Compare an operation's measured yield with its plan; None where either is unknown."""
    if not sums.planned_input or not sums.reported:
        return None
    planned = Fraction(sums.planned_output) * _HUNDRED / Fraction(sums.planned_input)
    measured = Fraction(sums.good) * _HUNDRED / Fraction(sums.reported)
    difference = measured - planned
    size = rounded(abs(difference), 2)
    return OperationYield(
        operation_code=sums.operation_code,
        operation_name=sums.operation_name,
        planned_yield_percentage=rounded(planned, 2),
        measured_yield_percentage=rounded(measured, 2),
        difference_points=-size if difference < 0 else size,
        is_flagged=abs(difference) > YIELD_POINTS,
        good_quantity=sums.good,
        reported_quantity=sums.reported,
        work_order_count=sums.work_order_count,
    )
