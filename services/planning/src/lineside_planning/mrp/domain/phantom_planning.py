"""A phantom's plan: its stock is taken first, the rest is blown through to its components.

A phantom has no planned orders. What a parent's order needs of it and stock does not cover is
passed on as requirements of that same order, exact, at that order's dates (RULES 20).
"""

from collections import deque
from datetime import date

from lineside_planning.mrp.domain import bills, messages, needs
from lineside_planning.mrp.domain.bills import Bill, Order
from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.domain.facts import Item, ItemInputs
from lineside_planning.mrp.domain.needs import Need, Source
from lineside_planning.mrp.domain.plans import ItemPlan, Message, Peg


def plan_phantom(inputs: ItemInputs, item: Item, dates: PlanningDates) -> ItemPlan:
    """Net a phantom and blow it through.

    Args:
        inputs: All facts about it.
        item: Its master data.
        dates: Of the run.

    Returns:
        Pegs of its stock and receipts, requirements of the rest, messages of its bill.

    Raises:
        Nothing.
    """
    gathered = needs.gather(inputs, item.decimals, dates)
    pegs = list(gathered.pegs)
    pool = _Pool(inputs.stock, gathered.sources, dates.today)
    taken = pool.serve(gathered.needs, pegs)
    for peg in gathered.pegs:
        taken[peg.demand_id] = taken.get(peg.demand_id, 0) + peg.quantity
    told = [Message("bom_cycle", path=inputs.cycle)] if inputs.cycle else []
    bill = Bill(inputs)
    power = 10**item.decimals
    firm = bills.firm_orders(inputs, power, dates.offsets(item).starts_for)
    requirements = bill.explode([*firm, *_rest(inputs, power, taken)])
    told += bill.messages()
    return ItemPlan(
        inputs.key,
        requirements=tuple(requirements),
        pegs=tuple(pegs),
        messages=messages.in_order(told),
    )


def _rest(inputs: ItemInputs, power: int, taken: dict[str, int]) -> list[Order]:
    """What is left of each need after stock, exact; stock covers whole steps."""
    wanted = [
        Order(r.order_kind, r.order_id, r.starts_on, r.due_on, r.numerator, r.denominator)
        for r in needs.per_order(inputs.requirements)
        if r.numerator > 0
    ]
    wanted += [
        Order("demand", d.id, d.on, d.on, d.quantity, power)
        for d in inputs.demands
        if d.quantity > 0
    ]
    wanted.sort(key=lambda order: (order.starts_on, order.id))
    lessened = (_less(order, taken.get(order.id, 0), power) for order in wanted)
    return [order for order in lessened if order.numerator > 0]


def _less(order: Order, steps: int, power: int) -> Order:
    if not steps:
        return order
    numerator = order.numerator * power - steps * order.denominator
    return order._replace(numerator=numerator, denominator=order.denominator * power)


class _Pool:
    """Stock and receipts of a phantom; a receipt serves needs from its day on."""

    def __init__(self, stock: int, sources: list[Source], today: date) -> None:
        first = [Source(today, 0, today, "stock", "", stock)] if stock > 0 else []
        self._coming = deque([*first, *sources])
        self._there: deque[Source] = deque()

    def serve(self, open_needs: list[Need], pegs: list[Peg]) -> dict[str, int]:
        """Take what is there for each need in turn; say how much by the need's id."""
        taken: dict[str, int] = {}
        for need in open_needs:
            while self._coming and self._coming[0].bucket <= need.bucket:
                self._there.append(self._coming.popleft())
            rest = need.quantity
            while rest and self._there:
                rest -= self._take(need, rest, pegs)
            taken[need.id] = need.quantity - rest
        return taken

    def _take(self, need: Need, rest: int, pegs: list[Peg]) -> int:
        source = self._there[0]
        steps = min(rest, source.quantity)
        whom = (need.kind, need.id, need.on, source.kind, source.id, source.on)
        pegs.append(Peg(*whom, steps))
        if steps == source.quantity:
            self._there.popleft()
        else:
            self._there[0] = source._replace(quantity=source.quantity - steps)
        return steps
