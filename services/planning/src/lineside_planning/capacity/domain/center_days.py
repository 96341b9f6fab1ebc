"""The days of a work center: what it can, what is taken, and by whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from lineside_contracts.planning import DayLoad, OrderShare, WorkCenterDays
from lineside_manufacturing import quantities
from lineside_planning.capacity.domain import utilization
from lineside_planning.capacity.domain.centers import Center


def center_days(
    center: Center, shares: Iterable[Mapping[str, Any]], *, first: date, last: date
) -> WorkCenterDays:
    """Write the days of a work center.

    Args:
        center: With its load.
        shares: Who takes which day, by date.
        first: Local date.
        last: Local date, included.

    Returns:
        Every date between; minutes at 100 %.
    """
    by_day: defaultdict[date, list[OrderShare]] = defaultdict(list)
    for share in shares:
        by_day[share["on_date"]].append(
            OrderShare(
                production_order_id=share["production_order_id"],
                production_order_number=share["production_order_number"],
                sequence_number=share["sequence_number"],
                minutes=utilization.minutes(share["load_microseconds"], center.facts),
            )
        )
    days = range(first.toordinal(), last.toordinal() + 1)
    return WorkCenterDays(
        work_center_code=center.facts.work_center_code,
        work_center_name=center.facts.work_center_name,
        parallel_units=center.facts.units or 0,
        efficiency_percentage=center.facts.efficiency_percentage,
        days=tuple(_day(center, day, by_day) for day in days),
    )


def _day(center: Center, day: int, shares: Mapping[date, list[OrderShare]]) -> DayLoad:
    on = date.fromordinal(day)
    there = center.buckets.bucket(day).work * (center.facts.units or 0)
    taken = center.loads.get(day, 0)
    return DayLoad(
        on=on,
        available_minutes=utilization.minutes(there, center.facts),
        committed_minutes=utilization.minutes(taken, center.facts),
        utilization_percent=_percent(taken, there),
        orders=tuple(shares[on]) if on in shares else (),
    )


def _percent(taken: int, there: int) -> Decimal | None:
    if not there:
        return None
    return quantities.decimal_of(quantities.half_up(1000 * taken, there), 1)
