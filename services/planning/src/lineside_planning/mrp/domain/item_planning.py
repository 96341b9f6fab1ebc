"""The plan of one item from its own inputs: the one function that regeneration and net change use.

Gather and round what is needed, net it against what is there, lot it, peg it, say what is odd, and
explode the orders into requirements of the components. A phantom is netted and blown through.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from lineside_planning.mrp.domain import bills, messages, needs, pegging, phantom_planning
from lineside_planning.mrp.domain.bills import Bill, Order
from lineside_planning.mrp.domain.dates import Offsets, PlanningDates
from lineside_planning.mrp.domain.facts import Item, ItemInputs
from lineside_planning.mrp.domain.messages import Netted
from lineside_planning.mrp.domain.needs import PLANNED_RANK, Gathered, Need, Source
from lineside_planning.mrp.domain.netting import Policy
from lineside_planning.mrp.domain.plans import (
    ItemPlan,
    Message,
    Peg,
    PlannedOrder,
    Requirement,
)


def plan_item(inputs: ItemInputs, dates: PlanningDates) -> ItemPlan:
    """Plan one item.

    Args:
        inputs: All facts about it, in any order.
        dates: Of the run.

    Returns:
        Its plan. Equal facts give an equal plan, row for row. Bad data become messages.

    Raises:
        Nothing.
    """
    item = inputs.item
    if item is None:
        return _unknown(inputs)
    if item.is_phantom:
        return phantom_planning.plan_phantom(inputs, item, dates)
    return _plan(inputs, item, dates)


def _unknown(inputs: ItemInputs) -> ItemPlan:
    if not (inputs.demands or inputs.requirements):
        return ItemPlan(inputs.key)
    return ItemPlan(inputs.key, messages=(Message("unknown_item"),))


def _plan(inputs: ItemInputs, item: Item, dates: PlanningDates) -> ItemPlan:
    gathered = needs.gather(inputs, item.decimals, dates)
    policy, offsets = Policy(item), dates.offsets(item)
    days, changes = _changes(inputs.stock, gathered, dates.today)
    netted = Netted(days, changes, policy)
    orders = _orders(item, netted, offsets)
    matched = pegging.serve(
        _claims(inputs.stock, gathered.needs, policy.safety_stock, dates.today),
        _offers(inputs.stock, gathered.sources, orders, dates.today),
    )
    requirements, told = _exploded(inputs, item, orders, offsets)
    told += policy.messages
    pegs = (*gathered.pegs, *matched)
    told += _about_dates(inputs, orders, offsets, dates.today)
    if inputs.supplies:
        told += _about_supplies(inputs, gathered, pegs, netted, dates)
    return ItemPlan(inputs.key, orders, requirements, pegs, messages.in_order(told))


def _changes(stock: int, gathered: Gathered, today: date) -> tuple[list[date], list[int]]:
    totals = {today: stock}
    for bucket, _, _, _, quantity in gathered.needs:
        totals[bucket] = totals.get(bucket, 0) - quantity
    for source in gathered.sources:
        totals[source.bucket] = totals.get(source.bucket, 0) + source.quantity
    days = sorted(totals)
    return days, [totals[day] for day in days]


def _orders(item: Item, netted: Netted, offsets: Offsets) -> tuple[PlannedOrder, ...]:
    key, days, order = item.key, netted.days, netted.policy.order
    kind = "make" if item.is_made else "buy"
    ordinals: dict[date, int] = {}
    made = []
    for index, missing in netted.missing:
        need_on = days[index]
        due, starts = offsets[need_on]
        for quantity, net, bought, ledger in order(missing):
            number = ordinals[due] = ordinals.get(due, 0) + 1
            made_id = f"{key}|{due.isoformat()}|{number}"
            what = (made_id, key, kind, quantity, net, need_on, due, starts, bought, ledger)
            made.append(PlannedOrder._make(what))
    return tuple(made)


def _claims(stock: int, open_needs: Sequence[Need], safety: int, today: date) -> Sequence[Need]:
    """Add what stands for stock below zero, and for the safety stock behind all needs of today."""
    if stock >= 0 and not safety:
        return open_needs
    first = [need for need in open_needs if need.bucket == today]
    claims = [Need(today, today, "deficit", "", -stock)] if stock < 0 else []
    claims += first
    if safety:
        claims.append(Need(today, today, "safety_stock", "", safety))
    return [*claims, *open_needs[len(first) :]]


def _offers(
    stock: int, receipts: Sequence[Source], orders: Sequence[PlannedOrder], today: date
) -> Sequence[Source]:
    offers = [Source(today, 0, today, "stock", "", stock)] if stock > 0 else []
    offers += receipts
    for order in orders:
        there = (order.need_on, PLANNED_RANK, order.due_on, "planned", order.id, order.quantity)
        offers.append(Source._make(there))
    if receipts:
        offers.sort(key=_by_bucket)
    return offers


def _by_bucket(source: Source) -> tuple[date, int]:
    return source.bucket, source.rank


def _exploded(
    inputs: ItemInputs, item: Item, orders: Sequence[PlannedOrder], offsets: Offsets
) -> tuple[tuple[Requirement, ...], list[Message]]:
    told = [Message("bom_cycle", path=inputs.cycle)] if inputs.cycle else []
    taken = bills.firm_orders(inputs, 10**item.decimals, offsets.starts_for)
    if item.is_made:
        taken += _planned(orders, 10**item.decimals)
    if not taken:
        return (), told
    bill = Bill(inputs)
    requirements = bill.explode(taken)
    told += bill.messages()
    return tuple(requirements), told


def _planned(orders: Sequence[PlannedOrder], power: int) -> list[Order]:
    return [Order("planned", o.id, o.starts_on, o.due_on, o.quantity, power) for o in orders]


def _about_dates(
    inputs: ItemInputs, orders: Sequence[PlannedOrder], offsets: Offsets, today: date
) -> Iterator[Message]:
    yield from messages.past(orders, inputs.supplies, today)
    if offsets.failed:
        asked = {order.need_on for order in orders}
        asked.update(supply.on for supply in inputs.supplies if supply.explodes)
        if not asked.isdisjoint(offsets.failed):
            yield Message("no_working_time", on=min(asked & offsets.failed))


def _about_supplies(
    inputs: ItemInputs,
    gathered: Gathered,
    pegs: Sequence[Peg],
    netted: Netted,
    dates: PlanningDates,
) -> Iterator[Message]:
    """Judge what comes too early or too many as if what comes too late had been expedited."""
    late = list(messages.expedited(gathered.sources, netted, inputs.supplies))
    yield from late
    moved = {message.reference: message.to or dates.today for message in late}
    if moved:
        pegs = [*gathered.pegs, *_followed(inputs.stock, gathered, netted, moved, dates.today)]
    others = [supply for supply in inputs.supplies if supply.id not in moved]
    yield from messages.idle(others, pegs, netted.policy, dates)


def _followed(
    stock: int, gathered: Gathered, netted: Netted, moved: Mapping[str, date], today: date
) -> list[Peg]:
    """Peg once more with the expedited receipts where they should be, and fewer planned orders."""
    offers = [Source(today, 0, today, "stock", "", stock)] if stock > 0 else []
    for source in gathered.sources:
        to = moved.get(source.id, source.bucket) if source.kind == "receipt" else source.bucket
        offers.append(source._replace(bucket=to))
    for index, missing in netted.missing:
        day = netted.days[index]
        lots = netted.policy.order(missing)
        offers += [Source(day, PLANNED_RANK, day, "planned", "", lot.quantity) for lot in lots]
    offers.sort(key=_by_bucket)
    return pegging.serve(_claims(stock, gathered.needs, netted.policy.safety_stock, today), offers)
