"""The bench: all that one transaction may touch of materials, as plain objects to be changed.

`store.bench` locks and loads it, decisions (allocation, plans, requisitions, receiving, backflush)
change its objects, `store.bench` writes exactly what differs. Quantities are in stock units.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal
from uuid import UUID

from lineside_contracts.envelope import EventPayload
from lineside_contracts.planning import MaterialPlan
from lineside_contracts.problems import Fault
from lineside_planning.master_data.domain.material_facts import MaterialFacts
from lineside_planning.master_data.domain.places import Places
from lineside_planning.materials.domain.discrepancies import Miscounts
from lineside_planning.materials.domain.movements import PoolKey, Stockroom
from lineside_planning.materials.domain.supplies import (
    NOTHING,
    Allocation,
    Peg,
    Pool,
    Receipt,
    Requisition,
)

__all__ = [
    "FINAL",
    "NOTHING",
    "Allocation",
    "Announcement",
    "Bench",
    "Peg",
    "Plan",
    "Pool",
    "Receipt",
    "Requirement",
    "Requisition",
    "Supply",
    "Turn",
]

RANKS = {"urgent": 0, "high": 1, "medium": 2, "low": 3}
FINAL = frozenset({"completed", "closed", "cancelled"})
"""States of an order that needs nothing any more."""

Supply = Literal["buy", "make", "stock", "none"]
Turn = tuple[int, date, str, int, str]


@dataclass(slots=True)
class Requirement:
    """What an order needs of a component at an operation, and what serves it.

    Attributes:
        supply: What raises more of it: a requisition, a child order, MRP (for stock), or nothing.
        exact_need: `needed` before rounding, for the whole planned input; negative: a by-product.
        planned_input: Pieces the consuming run starts with, in its own units.
        child_status: Of the child order, where it is known.
        replenish: What requisitions are to buy for it (RULES 16); the quantity of its open peg.
        peg: Its share of an open requisition.
        growth: Need that came in this transaction and that no replenishment has considered yet.
        is_closed: Whether its order needs nothing any more.
    """

    id: UUID
    order_id: UUID
    component_code: str
    component_name: str | None
    plant_code: str
    unit_code: str
    decimals: int
    sequence_number: int
    work_center_code: str | None
    issue_method: Literal["backflush", "pick"]
    make_or_buy: Literal["make", "buy"]
    supply: Supply
    needed: Decimal
    exact_need: Fraction
    planned_input: Decimal
    needed_on: date
    needed_at: datetime
    is_fixed: bool
    bom_line_id: UUID | None
    quantity_per: Fraction | None
    explanation: tuple[str, ...]
    issued: Decimal = NOTHING
    child_order_id: UUID | None = None
    child_quantity: Decimal = NOTHING
    child_status: str | None = None
    replenish: Decimal = NOTHING
    short: Decimal = NOTHING
    available_on: date | None = None
    allocations: list[Allocation] = field(default_factory=list)
    peg: Peg | None = None
    growth: Decimal = NOTHING
    is_closed: bool = False

    @property
    def pool_key(self) -> PoolKey:
        """Which stock serves it."""
        return PoolKey(self.component_code, self.plant_code)

    @property
    def key(self) -> tuple[str, int, bool]:
        """What keeps its id through re-planning: component, operation, by-product or not."""
        return (self.component_code, self.sequence_number, self.exact_need < 0)

    @property
    def remaining(self) -> Decimal:
        """What is still to be issued."""
        return NOTHING if self.is_closed else max(NOTHING, self.needed - self.issued)

    @property
    def allocated(self) -> Decimal:
        """Of stock and of receipts."""
        return sum((held.quantity for held in self.allocations), NOTHING)

    @property
    def allocated_from_stock(self) -> Decimal:
        """Of stock alone."""
        return sum((a.quantity for a in self.allocations if a.receipt_id is None), NOTHING)

    @property
    def from_child(self) -> Decimal:
        """What a child order makes for it; a cancelled one makes nothing."""
        return NOTHING if self.child_status == "cancelled" else self.child_quantity

    @property
    def open(self) -> Decimal:
        """What neither stock, receipt nor child order serves."""
        return max(NOTHING, self.remaining - self.allocated - self.from_child)


@dataclass(slots=True)
class Plan:
    """The materials of one production order; its id is the order's.

    Attributes:
        removed: Requirements that vanished in this transaction.
        goods: Finished goods kept for the order's own customer.
    """

    id: UUID
    version: int
    number: str
    product_code: str
    quantity: Decimal
    priority: str
    due_date: date
    plant_code: str | None
    order_status: str
    planning_version: int
    expansion_version: int
    order_version: int
    planned_at: datetime
    status: str = "unknown"
    available_on: date | None = None
    warnings: tuple[Fault, ...] = ()
    parent_order_id: UUID | None = None
    sales_order_id: UUID | None = None
    output_quantity: Decimal = NOTHING
    output_order_version: int = 0
    requirements: list[Requirement] = field(default_factory=list)
    removed: list[Requirement] = field(default_factory=list)
    goods: list[Allocation] = field(default_factory=list)

    @property
    def is_final(self) -> bool:
        """Whether the order needs nothing any more."""
        return self.order_status in FINAL

    def turn(self, requirement: Requirement) -> Turn:
        """When a requirement is served: by priority, need date, order number."""
        return (
            RANKS.get(self.priority, len(RANKS)),
            requirement.needed_on,
            self.number,
            requirement.sequence_number,
            requirement.component_code,
        )


Announcement = Callable[[MaterialPlan], EventPayload]


@dataclass(slots=True)
class Bench:
    """What is locked and loaded; whatever is not in `pools` may be read and not changed.

    Attributes:
        new_id: Makes an id (v7).
        announcements: Events about a plan beside `material.planned`: said with the plan as saved.
        coming: Receipts by pool; `add_receipt` keeps it.
        removed_pegs: Pegs of requisitions that vanished.
        revises: Whether all requisitions are computed anew: vendors' terms may have changed.
        stored: What the rows were, for whoever saves.
    """

    now: datetime
    new_id: Callable[[], UUID]
    facts: MaterialFacts
    places: Places
    pools: dict[PoolKey, Pool] = field(default_factory=dict)
    plans: dict[UUID, Plan] = field(default_factory=dict)
    receipts: dict[UUID, Receipt] = field(default_factory=dict)
    coming: dict[PoolKey, list[Receipt]] = field(default_factory=dict)
    requisitions: dict[UUID, Requisition] = field(default_factory=dict)
    room: Stockroom = field(default_factory=Stockroom)
    miscounts: Miscounts = field(default_factory=Miscounts)
    announcements: list[tuple[UUID, Announcement]] = field(default_factory=list)
    removed_pegs: list[Peg] = field(default_factory=list)
    revises: bool = False
    stored: dict[Any, Any] = field(default_factory=dict)

    def requirements(self) -> Iterator[tuple[Plan, Requirement]]:
        """Every requirement on the bench with its plan."""
        for plan in self.plans.values():
            for requirement in plan.requirements:
                yield plan, requirement

    def requirement(self, requirement_id: UUID) -> tuple[Plan, Requirement] | None:
        """Find a requirement."""
        for plan, requirement in self.requirements():
            if requirement.id == requirement_id:
                return plan, requirement
        return None

    def add_receipt(self, receipt: Receipt) -> None:
        """Take a receipt in, loaded or new."""
        self.receipts[receipt.id] = receipt
        self.coming.setdefault(receipt.pool_key, []).append(receipt)

    def receipts_of(self, key: PoolKey) -> list[Receipt]:
        """What is on its way to a pool, soonest first."""
        coming = [r for r in self.coming.get(key, ()) if r.status == "open"]
        return sorted(coming, key=lambda receipt: (receipt.expected_on, receipt.id))

    def holders(self, key: PoolKey) -> list[tuple[Plan, Requirement | None, Allocation]]:
        """Everybody on the bench who holds stock or a receipt of a pool."""
        held: list[tuple[Plan, Requirement | None, Allocation]] = []
        for plan in self.plans.values():
            held += [
                (plan, r, a)
                for r in plan.requirements
                for a in r.allocations
                if (a.product_code, a.plant_code) == key
            ]
            held += [(plan, None, a) for a in plan.goods if (a.product_code, a.plant_code) == key]
        return held

    def today(self, plant_code: str | None) -> date:
        """The date in a plant."""
        return self.places.plant(plant_code).calendar.local_date(self.now)
