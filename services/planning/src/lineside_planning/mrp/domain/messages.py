"""Exception messages of one item: what a planner should move, give up or look at (RULES 20).

Expedite is told of a receipt that stands behind planned orders it could have spared, with the
quantity that would vanish; defer and cancel follow from the pegs: the first demand a receipt
serves, and what of it serves nobody beyond what its own lot rule explains.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from lineside_planning.mrp.domain import netting
from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.domain.facts import Supply
from lineside_planning.mrp.domain.needs import Source
from lineside_planning.mrp.domain.netting import Policy
from lineside_planning.mrp.domain.plans import Message, Peg, PlannedOrder

RESERVED_STOCK = "allocation"
"""Kind of a supply that is in the house already."""


class Netted:
    """The netted item, as far as messages ask: buckets, changes and what is missing."""

    def __init__(self, days: Sequence[date], changes: Sequence[int], policy: Policy) -> None:
        self.days, self.policy = days, policy
        self._changes = list(changes)
        self.missing = policy.plan(days, changes)

    def spared_by(self, quantity: int, arrives: date) -> tuple[date, int]:
        """Move a receipt to the first bucket where something is missing, and say what vanishes."""
        index, first = bisect_left(self.days, arrives), self.missing[0][0]
        if self.policy.is_plain:
            self.missing, spared = netting.fit_later_lots_earlier(
                self.missing, quantity, arrives=index
            )
            return self.days[first], spared
        return self.days[first], self._spared(quantity, first, index)

    def _spared(self, quantity: int, first: int, index: int) -> int:
        moved = list(self._changes)
        moved[first] += quantity
        moved[index] -= quantity
        missing = self.policy.plan(self.days, moved)
        spared = self._planned(self.missing, index) - self._planned(missing, index)
        if spared > 0:
            self._changes, self.missing = moved, missing
        return max(spared, 0)

    def _planned(self, missing: Sequence[tuple[int, int]], before: int) -> int:
        lots = (self.policy.order(steps) for index, steps in missing if index < before)
        return sum(lot.quantity for ordered in lots for lot in ordered)


def in_order(told: Sequence[Message]) -> tuple[Message, ...]:
    """Sort messages so that equal ones stand alike.

    Args:
        told: Messages of one item.

    Returns:
        The same, sorted.

    Raises:
        Nothing.
    """
    if len(told) < 2:  # noqa: PLR2004 - nothing to sort
        return tuple(told)
    return tuple(sorted(told, key=lambda m: (m.kind, m.reference, m.text)))


def expedited(
    sources: Sequence[Source], netted: Netted, supplies: Sequence[Supply]
) -> Iterator[Message]:
    """Tell which receipts should come earlier; each is judged as if those before it did.

    Args:
        sources: Receipts and by-products, sorted.
        netted: The item as planned; it is changed.
        supplies: Its scheduled receipts.

    Returns:
        `expedite` messages.

    Raises:
        Nothing.
    """
    there = {supply.id for supply in supplies if supply.kind == RESERVED_STOCK}
    for source in sources:
        if not netted.missing:
            return
        is_early = source.bucket <= netted.days[netted.missing[0][0]]
        if is_early or source.kind != "receipt" or source.id in there:
            continue
        to, spared = netted.spared_by(source.quantity, source.bucket)
        if spared:
            yield Message("expedite", source.id, spared, source.on, to)


def idle(
    supplies: Sequence[Supply], pegs: Sequence[Peg], policy: Policy, dates: PlanningDates
) -> Iterator[Message]:
    """Tell which receipts come too early or too many.

    Args:
        supplies: Scheduled receipts of the item, those with an `expedite` message left out.
        pegs: Of the item.
        policy: Its lot rule.
        dates: Of the run.

    Returns:
        `defer` messages to the first day something of it is needed, and `cancel` messages.

    Raises:
        Nothing.
    """
    served = _served(pegs)
    for supply in supplies:
        if supply.quantity <= 0 or supply.kind == RESERVED_STOCK:
            continue
        first, used = served.get(supply.id, (None, 0))
        needless = supply.quantity - _sized(used, policy)
        if needless > 0:
            yield Message("cancel", supply.id, needless, supply.on)
        if first is not None and dates.buckets[first] > dates.buckets[supply.on]:
            yield Message("defer", supply.id, supply.quantity, supply.on, dates.buckets[first])


def past(
    orders: Sequence[PlannedOrder], supplies: Sequence[Supply], today: date
) -> Iterator[Message]:
    """Tell what should have begun or arrived before today.

    Args:
        orders: Planned orders of the item.
        supplies: Its scheduled receipts.
        today: The planning date.

    Returns:
        `past_due` messages: of planned orders with their start, of receipts with their arrival.

    Raises:
        Nothing.
    """
    for order in orders:
        if order.starts_on < today:
            yield Message("past_due", order.id, order.quantity, order.starts_on)
    for supply in supplies:
        if supply.on < today and supply.quantity > 0 and supply.kind != RESERVED_STOCK:
            yield Message("past_due", supply.id, supply.quantity, supply.on)


def _served(pegs: Sequence[Peg]) -> Mapping[str, tuple[date, int]]:
    used: defaultdict[str, int] = defaultdict(int)
    first: dict[str, date] = {}
    for peg in pegs:
        if peg.supply_kind == "receipt":
            used[peg.supply_id] += peg.quantity
            first[peg.supply_id] = min(first.get(peg.supply_id, peg.demand_on), peg.demand_on)
    return {supply: (first[supply], steps) for supply, steps in used.items()}


def _sized(used: int, policy: Policy) -> int:
    return sum(lot.quantity for lot in policy.order(used)) if used else 0
