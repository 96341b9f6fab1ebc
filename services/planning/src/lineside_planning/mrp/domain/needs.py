"""What one item must serve and what serves it, gathered, rounded and sorted.

Dependent demand arrives exact and is rounded here, once per parent order, at the item's own unit
(RULES 20). Rows are plain tuples in a total order, so the plan does not depend on the order in
which facts were loaded.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.domain.facts import Demand, ItemInputs
from lineside_planning.mrp.domain.plans import DemandKind, Peg, Requirement, SupplyKind


class Need(NamedTuple):
    """One demand, in the order in which demands are served."""

    bucket: date
    on: date
    kind: DemandKind
    id: str
    quantity: int


class Source(NamedTuple):
    """One supply, in the order in which supplies are used."""

    bucket: date
    rank: int
    on: date
    kind: SupplyKind
    id: str
    quantity: int


class Gathered(NamedTuple):
    """Both sides of one item.

    Attributes:
        needs: Open demands, sorted; safety stock apart.
        sources: Receipts and by-products, sorted; stock apart.
        pegs: What reservations serve already; neither side has it any more.
    """

    needs: list[Need]
    sources: list[Source]
    pegs: list[Peg]


RECEIPT_RANK, BY_PRODUCT_RANK, PLANNED_RANK = 1, 2, 3


def gather(inputs: ItemInputs, decimals: int, dates: PlanningDates) -> Gathered:
    """Gather demands and supplies of an item.

    Args:
        inputs: The item's facts.
        decimals: Of its unit.
        dates: Of the run.

    Returns:
        Its open demands and supplies, what is reserved taken off both.

    Raises:
        Nothing.
    """
    needs, sources = _independent(inputs.demands, dates), _receipts(inputs, dates)
    power = 10**decimals
    for requirement in per_order(inputs.requirements):
        steps = -(-requirement.numerator * power // requirement.denominator)
        if steps > 0:
            on = requirement.starts_on
            needs.append(Need(dates.buckets[on], on, "order", requirement.order_id, steps))
        elif steps < 0:
            on, own = requirement.due_on, requirement.order_id
            source = (dates.buckets[on], BY_PRODUCT_RANK, on, "by_product", own, -steps)
            sources.append(Source._make(source))
    needs.sort()
    sources.sort()
    reserved = {s.id: s.pegged_to for s in inputs.supplies if s.pegged_to is not None}
    if not reserved:
        return Gathered(needs, sources, [])
    return _reserved(needs, sources, reserved)


def _independent(demands: Iterable[Demand], dates: PlanningDates) -> list[Need]:
    buckets = dates.buckets
    return [
        Need(buckets[d.on], d.on, "demand", d.id, d.quantity) for d in demands if d.quantity > 0
    ]


def _receipts(inputs: ItemInputs, dates: PlanningDates) -> list[Source]:
    buckets = dates.buckets
    return [
        Source(buckets[s.on], RECEIPT_RANK, s.on, "receipt", s.id, s.quantity)
        for s in inputs.supplies
        if s.quantity > 0
    ]


def per_order(requirements: Iterable[Requirement]) -> Iterable[Requirement]:
    """Add up what one order takes on several ways, so that it is rounded once.

    Args:
        requirements: Of one component.

    Returns:
        One for each order, by-products apart.

    Raises:
        Nothing.
    """
    found: dict[tuple[str, bool], Requirement] = {}
    for requirement in requirements:
        key = (requirement.order_id, requirement.numerator < 0)
        known = found.get(key)
        found[key] = requirement if known is None else _sum(known, requirement)
    return found.values()


def _sum(one: Requirement, other: Requirement) -> Requirement:
    if one.denominator == other.denominator:
        return one._replace(numerator=one.numerator + other.numerator)
    numerator = one.numerator * other.denominator + other.numerator * one.denominator
    return one._replace(numerator=numerator, denominator=one.denominator * other.denominator)


def _reserved(needs: list[Need], sources: list[Source], reserved: dict[str, str]) -> Gathered:
    """Let reservations that are in time serve their demand; a late one is as free as any other."""
    open_needs = {need.id: need for need in needs if need.kind == "demand"}
    kept, pegs = [], []
    for source in sources:
        need = open_needs.get(reserved.get(source.id, "")) if source.kind == "receipt" else None
        if need is None or need.bucket < source.bucket:
            kept.append(source)
            continue
        taken = min(need.quantity, source.quantity)
        if taken:
            whom = (need.kind, need.id, need.on, source.kind, source.id, source.on)
            pegs.append(Peg(*whom, taken))
        open_needs[need.id] = need._replace(quantity=need.quantity - taken)
        if source.quantity > taken:
            kept.append(source._replace(quantity=source.quantity - taken))
    left = (open_needs[n.id] if n.kind == "demand" else n for n in needs)
    return Gathered([need for need in left if need.quantity], kept, pegs)
