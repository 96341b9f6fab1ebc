"""How full a work center is between now and a due date (RULES 27): shown rounded, decided exactly.

Everything is counted in microseconds for which units are busy; efficiency stands on both sides of a
utilization and falls out of it, hours are shown at 100 %.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lineside_contracts.planning import WorkCenterLoad
from lineside_contracts.problems import Fault
from lineside_manufacturing import quantities, time_spans
from lineside_planning.capacity.domain import centers
from lineside_planning.capacity.domain.centers import Center, CenterFacts

HOUR_DECIMALS = 4
BOTTLENECK_PERCENT = 90
_FULL = 100
_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Use:
    """One work center between now and the due date.

    Attributes:
        facts: Which.
        available: Microseconds of all its units.
        committed: What other orders take of them, late work included.
        required: What this order takes.
        required_ticks: The same at 100 %, in ten-thousandths of a minute.
        days: Between which instants, for people.
    """

    facts: CenterFacts
    available: int
    committed: int
    required: int
    required_ticks: int
    days: str

    @property
    def taken(self) -> int:
        """What all orders take."""
        return self.committed + self.required

    @property
    def is_bottleneck(self) -> bool:
        """Above 90 %, or nothing is available for what is required."""
        if not self.available:
            return self.required > 0
        return _FULL * self.taken > BOTTLENECK_PERCENT * self.available

    @property
    def is_overloaded(self) -> bool:
        """Above 100 %, or nothing is available for what is required."""
        return self.taken > self.available and self.required > 0

    @property
    def percent(self) -> Decimal | None:
        """Shown to one decimal, half up; None where nothing is available."""
        if not self.available:
            return None
        return quantities.decimal_of(quantities.half_up(1000 * self.taken, self.available), 1)


def use_of(center: Center, *, until: int, required: int, required_ticks: int) -> Use:
    """Measure a work center; the order's own load is not among what is stored.

    Args:
        center: With the load of all other orders.
        until: The due date's end, microseconds since 1970.
        required: What the order takes, microseconds of one unit.
        required_ticks: The same at 100 %.
    """
    return Use(
        facts=center.facts,
        available=available(center, until),
        committed=committed(center, until),
        required=required,
        required_ticks=required_ticks,
        days=f"{_shown(center.now, center)} to {_shown(until, center)}",
    )


def available(center: Center, until: int) -> int:
    """Microseconds its units work between now and a moment."""
    if until <= center.now:
        return 0
    known = center.available_until.get(until)
    if known is None:
        instant_of = time_spans.instant_of
        minutes = center.facts.calendar.working_minutes(instant_of(center.now), instant_of(until))
        known = int(minutes * 60_000_000) * (center.facts.units or 0)
        center.available_until[until] = known
    return known


def committed(center: Center, until: int) -> int:
    """What is taken until a moment, late work included; of the last day at most what it has."""
    last = center.buckets.day_of(until - 1)
    whole = sum([amount for day, amount in center.loads.items() if day < last])
    bucket = center.buckets.bucket(last)
    begun = bucket.work_before(until) * (center.facts.units or 0)
    return whole + min(center.loads.get(last, 0), begun)


def load_of(use: Use) -> WorkCenterLoad:
    """What people read, and how it was computed."""
    return WorkCenterLoad(
        work_center_code=use.facts.work_center_code,
        work_center_name=use.facts.work_center_name,
        available_hours=hours(use.available, use.facts),
        committed_hours=hours(use.committed, use.facts),
        required_hours=hours_of_ticks(use.required_ticks),
        utilization_percent=use.percent,
        is_bottleneck=use.is_bottleneck,
        explanation=tuple(_explained(use)),
    )


def overload_fault(use: Use) -> Fault:
    """Why an order does not fit: too much is wanted of a work center."""
    name, percent = use.facts.work_center_code, use.percent
    facts = {
        "work_center_code": name,
        "utilization_percent": None if percent is None else str(percent),
    }
    if percent is None:
        message = f"{name} has no working time from {use.days}, and the order needs some."
        return Fault(code="no_capacity", path="work_centers", message=message, facts=facts)
    needed, there = hours(use.taken, use.facts), hours(use.available, use.facts)
    message = f"{name} would be {percent} % full: {needed} h of {there} h from {use.days}."
    return Fault(code="work_center_overloaded", path="work_centers", message=message, facts=facts)


def bottleneck_warnings(uses: Iterable[Use]) -> tuple[Fault, ...]:
    """Work centers above 90 % that are not above 100 %."""
    return tuple(
        Fault(
            code="bottleneck",
            path="work_centers",
            message=f"{use.facts.work_center_code} would be {use.percent} % full, above 90 %.",
            facts={
                "work_center_code": use.facts.work_center_code,
                "utilization_percent": str(use.percent),
            },
        )
        for use in uses
        if use.is_bottleneck and not use.is_overloaded
    )


def hours(busy: int, facts: CenterFacts) -> Decimal:
    """Microseconds of busy units as hours at 100 %."""
    steps = busy * facts.efficiency_ticks * 10**HOUR_DECIMALS
    return quantities.trimmed(
        quantities.half_up(steps, _HOUR * _FULL * centers.TICKS), HOUR_DECIMALS
    )


def minutes(busy: int, facts: CenterFacts) -> Decimal:
    """Microseconds of busy units as minutes at 100 %."""
    steps = busy * facts.efficiency_ticks * 10**HOUR_DECIMALS
    return quantities.trimmed(
        quantities.half_up(60 * steps, _HOUR * _FULL * centers.TICKS), HOUR_DECIMALS
    )


def hours_of_ticks(ticks: int) -> Decimal:
    """Ten-thousandths of a minute as hours."""
    return quantities.trimmed(quantities.half_up(ticks, 60), HOUR_DECIMALS)


def _explained(use: Use) -> Iterable[str]:
    facts, units = use.facts, use.facts.units or 0
    working = hours(use.available, facts)
    per_unit = (
        quantities.trimmed(
            quantities.half_up(use.available * 10**HOUR_DECIMALS, _HOUR * units), HOUR_DECIMALS
        )
        if units
        else 0
    )
    efficiency = f"{facts.efficiency_percentage.normalize():f} %"
    yield (
        f"Available: {per_unit} working hours ({facts.calendar_name}) from {use.days}"
        f" x {units} units x {efficiency} = {working} h."
    )
    yield f"Committed to other orders by then, late work included: {hours(use.committed, facts)} h."
    yield f"This order: {hours_of_ticks(use.required_ticks)} h of setup and run are left."
    if use.percent is not None:
        together = hours(use.taken, facts)
        yield f"{together} h of {working} h = {use.percent} %."


def _shown(moment: int, center: Center) -> str:
    return f"{local(moment, center):%Y-%m-%d %H:%M}"


def local(moment: int, center: Center) -> datetime:
    """A moment by the work center's wall clock."""
    return time_spans.instant_of(moment).astimezone(center.zone)
