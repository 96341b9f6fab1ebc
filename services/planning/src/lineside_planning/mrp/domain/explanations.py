"""How was this computed? Sentences for planned orders, buckets and messages, from kept numbers.

Nothing here plans: an item's kept facts and plan are read and told. Quantities are in the item's
unit.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Literal

from lineside_manufacturing import quantities
from lineside_planning.mrp.domain import needs
from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.domain.facts import Item, ItemInputs
from lineside_planning.mrp.domain.plans import ItemPlan, Message, PlannedOrder, Requirement


@dataclass(frozen=True, slots=True)
class BucketRow:
    """One line of the MRP table of an item, in steps.

    Attributes:
        on: The bucket.
        opening: Projected stock before it, earlier planned orders included.
        receipts: What arrives.
        needed: What is needed.
        missing: What falls below the safety stock.
        planned: What planned orders for it bring.
        closing: Projected stock after it.
    """

    on: date
    opening: int
    receipts: int
    needed: int
    missing: int
    planned: int
    closing: int


@dataclass(frozen=True, slots=True)
class NeedEntry:
    """Why a component need is above its plain quantity.

    Attributes:
        kind: `scrap` or `whole_unit`.
        quantity: How much, in the component's unit.
        explanation: A sentence for people.
    """

    kind: Literal["scrap", "whole_unit"]
    quantity: Decimal
    explanation: str


@dataclass(frozen=True, slots=True)
class ComponentTold:
    """What one order takes of a component, told.

    Attributes:
        order_id: The order.
        on: When.
        steps: How much after rounding; negative for a by-product.
        explanation: One sentence with all numbers.
        ledger: Scrap and rounding; entries of nothing are left out.
    """

    order_id: str
    on: date
    steps: int
    explanation: str
    ledger: tuple[NeedEntry, ...]


def buckets_of(inputs: ItemInputs, plan: ItemPlan, dates: PlanningDates) -> tuple[BucketRow, ...]:
    """Lay out an item's MRP table.

    Args:
        inputs: Its facts, as kept.
        plan: Its plan, as kept.
        dates: Of the run.

    Returns:
        A row for each bucket in which something happens, today's first; () for an unknown item
        and for a phantom, which is never stocked on purpose.
        What reservations serve stands on both sides of its own buckets.

    Raises:
        Nothing.
    """
    if inputs.item is None or inputs.item.is_phantom:
        return ()
    supplies = [replace(supply, pegged_to=None) for supply in inputs.supplies]
    gathered = needs.gather(replace(inputs, supplies=supplies), inputs.item.decimals, dates)
    rows = [(source.bucket, source.quantity, 0, 0, 0) for source in gathered.sources]
    rows += [(need.bucket, 0, need.quantity, 0, 0) for need in gathered.needs]
    rows += [(order.need_on, 0, 0, order.net, order.quantity) for order in plan.orders]
    rows.append((dates.today, 0, 0, 0, 0))
    return tuple(_running(sorted(rows), inputs.stock))


def explain_order(order: PlannedOrder, inputs: ItemInputs, rows: Sequence[BucketRow]) -> list[str]:
    """Say how a planned order came about.

    Args:
        order: The order.
        inputs: Its item's facts, as kept.
        rows: The item's `buckets_of`.

    Returns:
        Sentences: the shortage, what made it up, what was added, the dates.

    Raises:
        ValueError: If the item is not known.
    """
    item = _known(inputs)
    row = next((row for row in rows if row.on == order.need_on), None)
    told = [] if row is None else explain_bucket(row, inputs, rows)
    told += [entry.explanation for entry in order.ledger]
    return [*told, _told_dates(order, item)]


def explain_bucket(row: BucketRow, inputs: ItemInputs, rows: Sequence[BucketRow]) -> list[str]:
    """Say how a bucket's shortage came about.

    Args:
        row: The bucket.
        inputs: Its item's facts, as kept.
        rows: All of the item's `buckets_of`: they say which days belong to the bucket.

    Returns:
        A sentence with the sum, then one for each need of the bucket: of what it is, and for
        components how it was computed.

    Raises:
        ValueError: If the item is not known.
    """
    item = _known(inputs)
    write = _Writer(item.decimals)
    said = f"{row.on.isoformat()}: {write(row.opening)} there, {write(row.receipts)} arriving, "
    said += f"{write(row.needed)} needed, safety stock {write(item.safety_stock)}: "
    said += f"{write(row.missing)} missing, {write(row.planned)} planned."
    days = [other.on for other in rows]
    own = [d for d in inputs.demands if _bucket(d.on, days) == row.on and d.quantity > 0]
    told = [
        f"{d.kind} {d.id}: {write(d.quantity)}" for d in sorted(own, key=lambda d: (d.on, d.id))
    ]
    parts = components_told(inputs.requirements, item.decimals)
    return [said, *told, *(p.explanation for p in parts if _bucket(p.on, days) == row.on)]


def _bucket(on: date, days: Sequence[date]) -> date:
    """The bucket of a day: the last that begins on or before it, and what is past in the first."""
    return days[max(bisect_right(days, on) - 1, 0)]


def components_told(
    requirements: Sequence[Requirement], decimals: int
) -> tuple[ComponentTold, ...]:
    """Tell what orders take of a component.

    Args:
        requirements: Rows of one component, in any order.
        decimals: Of the component's unit.

    Returns:
        One for each order (its by-products apart), by date and order.

    Raises:
        Nothing.
    """
    ordered = sorted(requirements, key=_group)
    told = (_told_need(list(rows), decimals) for _, rows in groupby(ordered, key=_group))
    return tuple(sorted(told, key=lambda part: (part.on, part.order_id, part.steps)))


def told_message(message: Message, decimals: int) -> str:
    """Say a message in a sentence.

    Args:
        message: The message.
        decimals: Of its item's unit.

    Returns:
        One English sentence.

    Raises:
        Nothing.
    """
    quantity = _Writer(decimals)(message.quantity)
    whom, on, to = message.reference, message.on, message.to
    return {
        "expedite": f"Move {whom} from {on} to {to}: {quantity} planned would vanish.",
        "defer": f"{whom} of {quantity} on {on} is not needed before {to}.",
        "cancel": f"{quantity} of {whom} on {on} serve nobody.",
        "past_due": f"{whom} of {quantity} was to begin or arrive on {on}, which is past.",
        "no_bom": f"It is made, but no bill of material holds on {on}.",
        "bom_cycle": f"Its bill contains itself: {' > '.join(message.path)}.",
        "no_working_time": f"Its calendar has no working day near {on}; no lead time is counted.",
        "unknown_component": f"Its bill names {whom}, which is not known here.",
        "unknown_item": "It is needed, but it is not known here.",
        "bad_parameters": message.text,
    }[message.kind]


def _running(rows: Sequence[tuple[date, int, int, int, int]], stock: int) -> Iterator[BucketRow]:
    opening = stock
    for on, own in groupby(rows, key=lambda row: row[0]):
        _, receipts, needed, missing, planned = map(_total, zip(*own, strict=True))
        closing = opening + receipts - needed + planned
        yield BucketRow(on, opening, receipts, needed, missing, planned, closing)
        opening = closing


def _total(column: Sequence[int]) -> int:
    return sum(column) if isinstance(column[0], int) else 0


def _group(requirement: Requirement) -> tuple[str, bool]:
    return requirement.order_id, requirement.numerator < 0


def _told_need(rows: Sequence[Requirement], decimals: int) -> ComponentTold:
    first, write = rows[0], quantities.readable
    exact = sum((Fraction(row.numerator, row.denominator) for row in rows), Fraction(0))
    rounded = quantities.round_up(exact, decimals)
    told = f"{first.order_id}: {' + '.join(_told_way(row) for row in rows)} = {write(exact)}"
    is_by_product = exact < 0
    if exact != rounded:
        told += f", rounded {'down' if is_by_product else 'up'} once to {rounded}"
    on = first.due_on if is_by_product else first.starts_on
    steps = int(quantities.exact(rounded) * 10**decimals)
    return ComponentTold(first.order_id, on, steps, told, tuple(_ledger(rows, exact, rounded)))


def _told_way(row: Requirement) -> str:
    if row.told.endswith("per order") or " per order /" in row.told:
        return row.told
    parent = Fraction(row.parent_numerator, row.parent_denominator)
    return f"{quantities.readable(parent)} {row.told}"


def _ledger(rows: Sequence[Requirement], exact: Fraction, rounded: Decimal) -> Iterator[NeedEntry]:
    scrap = sum((_scrap(row) for row in rows), Fraction(0))
    if scrap:
        said = f"Component scrap takes {quantities.readable(scrap)} more."
        yield NeedEntry("scrap", quantities.as_decimal(scrap), said)
    added = quantities.exact(rounded) - exact
    if added:
        said = f"{quantities.readable(exact)} is rounded once to {rounded}."
        yield NeedEntry("whole_unit", quantities.as_decimal(added), said)


def _scrap(row: Requirement) -> Fraction:
    share = quantities.exact(row.scrap_percentage) / 100
    return Fraction(row.numerator, row.denominator) * share


def _told_dates(order: PlannedOrder, item: Item) -> str:
    said = f"Needed on {order.need_on}"
    if item.safety_time_days:
        said += f", {item.safety_time_days} working days of safety"
    done = "done" if order.kind == "make" else "arrives"
    unit = "working" if order.kind == "make" else "calendar"
    said += f"; {done} on {order.due_on}, lead time {item.lead_time_days} {unit} days"
    return f"{said}: {'starts' if order.kind == 'make' else 'ordered'} on {order.starts_on}."


def _known(inputs: ItemInputs) -> Item:
    if inputs.item is None:
        raise ValueError(f"{inputs.key} is not known")
    return inputs.item


class _Writer:
    """Writes steps of one item as words."""

    def __init__(self, decimals: int) -> None:
        self._power = int(10**decimals)

    def __call__(self, steps: int) -> str:
        return quantities.readable(Fraction(steps, self._power))
