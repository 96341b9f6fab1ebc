"""What the engine answers: planned orders, requirements, pegs and messages of one item.

An `ItemPlan` is a value: the store writes it as rows, reads the same rows back, and compares. All
quantities are steps of the item they are for (`facts`); `quantities.decimal_of(steps, decimals)`
turns them into decimals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from lineside_manufacturing.bom_structure import BomStructure

DemandKind = Literal["demand", "order", "safety_stock", "deficit"]
"""What is served: an independent demand (by its id); a component need of an order (by the id of
that planned order, firm supply, or demand for a phantom); the safety stock and a negative stock
(both with the id "")."""

SupplyKind = Literal["stock", "receipt", "planned", "by_product"]
"""What serves: free stock (id ""), a supply (its id), a planned order (its id), the by-product of
an order (that order's id)."""

OrderKind = Literal["planned", "firm", "demand"]
"""Whose components: a planned order, a supply that explodes, or a demand for a phantom."""

MessageKind = Literal[
    "expedite",
    "defer",
    "cancel",
    "past_due",
    "no_bom",
    "bom_cycle",
    "no_working_time",
    "unknown_component",
    "unknown_item",
    "bad_parameters",
]


class OrderEntry(NamedTuple):
    """What a planned order has above what was missing.

    Attributes:
        kind: `lot_size` or `purchase_unit`.
        steps: How much, above 0.
        explanation: A sentence for people.
    """

    kind: Literal["lot_size", "purchase_unit"]
    steps: int
    explanation: str


class PlannedOrder(NamedTuple):
    """A proposal to make or buy.

    Attributes:
        id: `<item>|<due date>|<ordinal>`: the same order keeps its id from run to run.
        item: Item key.
        kind: `make` or `buy`.
        quantity: Steps that arrive.
        net: Steps that were missing; `quantity` less the ledger.
        need_on: The bucket whose need it covers.
        due_on: When it is done (make: safety time before the need) or arrives (buy: on a working
            day).
        starts_on: When it is released (make) or ordered (buy).
        purchase_quantity: Purchase units, where the vendor's terms round; else None.
        ledger: What lot size and purchase unit added.
    """

    id: str
    item: str
    kind: Literal["make", "buy"]
    quantity: int
    net: int
    need_on: date
    due_on: date
    starts_on: date
    purchase_quantity: Decimal | None
    ledger: tuple[OrderEntry, ...]


class Requirement(NamedTuple):
    """What one bill line takes for one order: dependent demand, exact and not yet rounded.

    The component's own plan adds up what one order takes of it and rounds that once.

    Attributes:
        component: Item key of what is needed.
        parent: Item key of whose plan says so: of the phantom, where one was blown through.
        order_kind: What `order_id` names.
        order_id: The order that consumes it; through phantoms the order at the top.
        starts_on: When it is needed: the order's planned start, also where that is past.
        due_on: When the order is due: a by-product arrives then.
        numerator: The need in the component's stock unit, over `denominator`; negative: by-product.
        denominator: Above 0; the two need not be in lowest terms.
        parent_numerator: What the line was multiplied with, in the parent's unit, over
            `parent_denominator`.
        parent_denominator: Above 0.
        line_id: `ComponentLine.line_id`.
        scrap_percentage: The line's component scrap, contained in the need.
        told: What was done with the parent's quantity, such as "x 2 / 1 000 / (1 - 2.5 %)".
    """

    component: str
    parent: str
    order_kind: OrderKind
    order_id: str
    starts_on: date
    due_on: date
    numerator: int
    denominator: int
    parent_numerator: int
    parent_denominator: int
    line_id: str
    scrap_percentage: Decimal
    told: str


class Peg(NamedTuple):
    """So much of a supply serves a demand; both of one item.

    Attributes:
        demand_kind: What is served.
        demand_id: Its id, "" for safety stock and deficit.
        demand_on: Its date, the planning date for safety stock and deficit.
        supply_kind: What serves.
        supply_id: Its id, "" for stock.
        supply_on: When it is there; the planning date for stock.
        quantity: Steps, above 0.
    """

    demand_kind: DemandKind
    demand_id: str
    demand_on: date
    supply_kind: SupplyKind
    supply_id: str
    supply_on: date
    quantity: int


class Message(NamedTuple):
    """Something a planner should look at.

    Attributes:
        kind: What it is.
        reference: Id of the supply or planned order it is about, the unknown component, or "".
        quantity: Steps: expedite: what would vanish of the planned orders before it; defer: all
            of the supply; cancel: what nobody needs; past_due: the order; else 0.
        on: Date of what it is about; None where it has none.
        to: Where a supply should be moved; None else.
        path: The cycle of `bom_cycle`; () else.
        text: The sentence of `bad_parameters`; "" else (`explanations.told_message` makes one).
    """

    kind: MessageKind
    reference: str = ""
    quantity: int = 0
    on: date | None = None
    to: date | None = None
    path: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """The plan of one item. An item without any row has the empty plan.

    Attributes:
        item: Its key.
        orders: By need date and ordinal.
        requirements: What its orders (and firm orders that explode) take, in their order.
        pegs: By demand, in the order of need.
        messages: Sorted.
    """

    item: str
    orders: tuple[PlannedOrder, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    pegs: tuple[Peg, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to keep of it."""
        return not (self.orders or self.requirements or self.pegs or self.messages)


@dataclass(frozen=True, slots=True)
class PlantPlan:
    """The plans of a whole regeneration.

    Attributes:
        plans: By item key, every item of the plant (and what only demands or supplies name).
        structure: Low-level codes and cycles, to be kept for net change.
    """

    plans: Mapping[str, ItemPlan]
    structure: BomStructure


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One item re-planned to something else.

    Attributes:
        before: What was kept.
        after: What holds now.
    """

    before: ItemPlan
    after: ItemPlan

    @property
    def removed_orders(self) -> tuple[str, ...]:
        """Ids of planned orders that are no more."""
        kept = {order.id for order in self.after.orders}
        return tuple(order.id for order in self.before.orders if order.id not in kept)

    @property
    def written_orders(self) -> tuple[PlannedOrder, ...]:
        """Planned orders that are new or not as they were."""
        known = set(self.before.orders)
        return tuple(order for order in self.after.orders if order not in known)


def same(one: ItemPlan, other: ItemPlan) -> bool:
    """Say whether two plans of an item are equal, whatever the order of their rows.

    Args:
        one: A plan.
        other: Another, such as read back from rows.

    Returns:
        True when both have the same rows.

    Raises:
        Nothing.
    """
    return one == other or _sorted(one) == _sorted(other)


def differences(kept: Mapping[str, ItemPlan], computed: Mapping[str, ItemPlan]) -> tuple[str, ...]:
    """Compare what net change has kept with what a regeneration says.

    Args:
        kept: Plans by item; an item may be missing where its plan is empty.
        computed: The same of a regeneration.

    Returns:
        Keys of the items whose plans differ, sorted; () is the proof that both agree.

    Raises:
        Nothing.
    """
    keys = sorted(kept.keys() | computed.keys())
    return tuple(key for key in keys if not same(_of(kept, key), _of(computed, key)))


def _of(plans: Mapping[str, ItemPlan], key: str) -> ItemPlan:
    found = plans.get(key)
    return ItemPlan(key) if found is None else found


def _sorted(plan: ItemPlan) -> tuple[object, ...]:
    told = sorted(plan.messages, key=lambda m: (m.kind, m.reference, m.text, m.quantity))
    rows = (plan.orders, plan.requirements, plan.pegs)
    return (plan.item, *(sorted(own) for own in rows), told)
