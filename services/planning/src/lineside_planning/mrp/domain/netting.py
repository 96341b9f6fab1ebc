"""Netting of one item: where the projected stock falls below the safety stock, lots are planned.

Net = max(0, safety stock - projected) in each bucket (RULES 20); receipts stand at their dates.
Days are buckets in order, `changes` what receipts add and demands take in each of them.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from lineside_manufacturing import lot_sizing, purchasing, quantities
from lineside_manufacturing.lot_sizing import LOT_FOR_LOT, LotSizing
from lineside_manufacturing.purchasing import PurchaseRounding
from lineside_planning.mrp.domain.facts import Item
from lineside_planning.mrp.domain.plans import Message, OrderEntry

_TOO_MANY = Message(
    "bad_parameters",
    text=f"maximum_lot_quantity: One need would take more than {lot_sizing.MAX_LOTS} lots; "
    "it is planned as one.",
)


class Ordered(NamedTuple):
    """One lot of a bucket.

    Attributes:
        quantity: Steps that arrive.
        net: Steps that were missing.
        purchase_quantity: Purchase units, where the vendor's terms round.
        ledger: What was added.
    """

    quantity: int
    net: int
    purchase_quantity: Decimal | None
    ledger: tuple[OrderEntry, ...]


class Policy:
    """How an item's missing quantities become lots.

    Attributes:
        safety_stock: Steps that stay untouched.
        is_plain: Whether a lot is exactly what is missing.
        messages: What is wrong with its parameters; what is wrong is not applied, and neither is
            a maximum that would make more than `lot_sizing.MAX_LOTS` orders of one need.
    """

    def __init__(self, item: Item) -> None:
        self.safety_stock = max(item.safety_stock, 0)
        self._decimals = item.decimals
        self._sizing, self.messages = _sizing_of(item)
        self._purchase = None if item.is_made else item.purchase
        self._days = self._sizing.period_days if self._sizing.rule == "periods" else 1
        has_limits = self._sizing.rule in {"min_max_multiple", "periods"}
        self._largest = self._sizing.maximum if has_limits else None
        self._ordered: dict[int, list[Ordered]] = {}
        self.is_plain = self._sizing.rule == "lot_for_lot" and self._purchase is None

    def plan(self, days: Sequence[date], changes: Sequence[int]) -> list[tuple[int, int]]:
        """Find the buckets in which something is missing.

        Args:
            days: Buckets in order.
            changes: What each adds to the stock; the first includes the stock itself.

        Returns:
            Index of the bucket and steps missing, above 0, counting what earlier lots left over.

        Raises:
            Nothing.
        """
        if not self.is_plain:
            return self._plan_lots(days, changes)
        missing, projected, safety = [], 0, self.safety_stock
        for index, change in enumerate(changes):
            projected += change
            if projected < safety:
                missing.append((index, safety - projected))
                projected = safety
        return missing

    def order(self, missing: int) -> list[Ordered]:
        """Turn what is missing in a bucket into lots.

        Args:
            missing: Steps, above 0.

        Returns:
            The lots, together at least `missing`.

        Raises:
            Nothing.
        """
        if self.is_plain:
            return [Ordered(missing, missing, None, ())]
        found = self._ordered.get(missing)
        if found is None:
            found = self._ordered[missing] = self._sized(missing)
        return found

    def _sized(self, missing: int) -> list[Ordered]:
        lots = lot_sizing.lots(missing, self._sizing, self._decimals)
        if self._largest is not None and lots[0].quantity > self._largest:
            self.messages.add(_TOO_MANY)
        if self._purchase is None:
            return [Ordered(lot.quantity, lot.net, None, _entries(lot)) for lot in lots]
        return [self._bought(lot, self._purchase) for lot in lots]

    def _plan_lots(self, days: Sequence[date], changes: Sequence[int]) -> list[tuple[int, int]]:
        missing, projected = [], 0
        for index, change in enumerate(changes):
            projected += change
            if projected < self.safety_stock:
                lowest = self._lowest(days, changes, index, projected)
                missing.append((index, self.safety_stock - lowest))
                projected += sum(lot.quantity for lot in self.order(missing[-1][1]))
        return missing

    def _lowest(
        self, days: Sequence[date], changes: Sequence[int], index: int, projected: int
    ) -> int:
        """Find the lowest projected stock within the days that one lot covers."""
        if self._days <= 1:
            return projected
        lowest, last = projected, _days_later(days[index], self._days - 1)
        for day, change in zip(days[index + 1 :], changes[index + 1 :], strict=True):
            if day > last:
                break
            projected += change
            lowest = min(lowest, projected)
        return lowest

    def _bought(self, lot: lot_sizing.Lot, terms: PurchaseRounding) -> Ordered:
        power = 10**self._decimals
        units = purchasing.multiples(Fraction(lot.quantity, power), terms) * terms.multiple
        arriving = units * terms.factor * power
        steps = arriving.numerator // arriving.denominator
        ledger, added = _entries(lot), steps - lot.quantity
        if added:
            words = quantities.readable_ratio(lot.quantity, power)
            said = f"{words} is bought as {purchasing.told(units, terms)}."
            ledger = (*ledger, OrderEntry("purchase_unit", added, said))
        return Ordered(steps, lot.net, quantities.as_decimal(units), ledger)


def fit_later_lots_earlier(
    missing: Sequence[tuple[int, int]], quantity: int, *, arrives: int
) -> tuple[list[tuple[int, int]], int]:
    """Say what would vanish of plain lots if a receipt came when the first of them is needed.

    Args:
        missing: Plain lots by bucket.
        quantity: The receipt, in steps.
        arrives: The bucket it stands in.

    Returns:
        The lots that would remain, and how many steps vanish.

    Raises:
        Nothing.
    """
    left, rest = [], quantity
    for index, steps in missing:
        taken = min(rest, steps) if index < arrives else 0
        rest -= taken
        if steps > taken:
            left.append((index, steps - taken))
    return left, quantity - rest


def _days_later(day: date, count: int) -> date:
    return day + timedelta(days=min(count, (date.max - day).days))


def _entries(lot: lot_sizing.Lot) -> tuple[OrderEntry, ...]:
    return tuple(OrderEntry(*entry) for entry in lot.ledger)


def _sizing_of(item: Item) -> tuple[LotSizing, set[Message]]:
    found = lot_sizing.lot_sizing_faults(item.lot_sizing)
    texts = [*item.faults, *(f"{f.path}: {f.message} Planned lot for lot." for f in found)]
    messages = {Message("bad_parameters", text=text) for text in texts}
    return (LOT_FOR_LOT if found else item.lot_sizing), messages
