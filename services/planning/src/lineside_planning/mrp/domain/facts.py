"""What the engine is told: items, bills, stock, demands and supplies as plain values.

The store makes them from rows. Every quantity is a whole number of *steps* of its item's last
decimal (item of 3 decimals: 1.25 is 1250 steps); `steps_up` and `steps_down` count them. Item keys
are opaque to the engine, `"<product>@<plant>"` by convention. Ids are opaque too, and unique among
all demands and supplies together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from lineside_manufacturing import quantities
from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LOT_FOR_LOT, LotSizing
from lineside_manufacturing.purchasing import PurchaseRounding
from lineside_manufacturing.working_days import WorkingDays
from lineside_planning.mrp.domain.plans import Requirement

Bucket = Literal["day", "week"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for a whole run.

    Attributes:
        today: The planning date: whatever is due before it counts as due on it (bucket 0).
        calendars: Working days by code; items name one. A code not here has no working time.
        bucket: Size of the netting buckets; weeks begin on Monday and are due on it.
    """

    today: date
    calendars: Mapping[str, WorkingDays]
    bucket: Bucket = "day"


@dataclass(frozen=True, slots=True)
class Item:
    """A part in a plant and how it is planned.

    Attributes:
        key: Opaque key.
        decimals: Of its stock unit.
        is_made: Made (lead time in working days) or bought (lead time in calendar days).
        is_phantom: Blown through; has no orders of its own.
        lead_time_days: 0 or more.
        calendar: Code of the making or receiving plant's calendar.
        safety_stock: Steps that stay untouched, 0 or more.
        safety_time_days: Working days by which supply is planned before its need, 0 or more.
        lot_sizing: Its lot rule in steps; a faulty one is reported and planned lot for lot.
        purchase: The vendor's terms for a bought part; None: bought as needed.
        faults: What the loader found wrong with its parameters (sentences), reported as they are.
    """

    key: str
    decimals: int = 0
    is_made: bool = True
    is_phantom: bool = False
    lead_time_days: int = 0
    calendar: str = ""
    safety_stock: int = 0
    safety_time_days: int = 0
    lot_sizing: LotSizing = LOT_FOR_LOT
    purchase: PurchaseRounding | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BomVersion:
    """One active version of an item's bill of material.

    Attributes:
        lines: Its lines, quantities in the components' stock units; `component` is an item key.
        version: Where several hold on a day the highest is taken.
        effective_from: First day it holds; None: always did.
        effective_until: Last day it holds; None: for ever.
    """

    lines: tuple[ComponentLine, ...]
    version: int = 1
    effective_from: date | None = None
    effective_until: date | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """A need from outside the explosion: a sales line, an order's known component, a forecast.

    Attributes:
        id: Unique; a production order's component needs one of its own.
        item: Key of what is needed.
        on: Local date of the need; a receipt on that day is in time.
        quantity: Steps still open, above 0 (others are ignored).
        kind: What it is, for people.
    """

    id: str
    item: str
    on: date
    quantity: int
    kind: str = "demand"


@dataclass(frozen=True, slots=True)
class Supply:
    """A scheduled receipt: a purchase order, requisition, production order, firm planned order.

    Attributes:
        id: Unique.
        item: Key of what arrives.
        on: Local date of arrival; before today it counts as today and is reported as overdue.
        quantity: Steps still to come, above 0 (others are ignored).
        kind: What it is, for people; `allocation` is stock reserved for `pegged_to` (then not
            part of the item's stock) and never gets a message.
        is_firm: Ordered or released, not only proposed.
        pegged_to: The demand it was raised for, if any: it serves that first (RULES 17).
        explodes: Its components are not known as demands yet: its bill is exploded like a planned
            order's.
        starts_on: When its components are needed; None: lead time before `on`.
    """

    id: str
    item: str
    on: date
    quantity: int
    kind: str = "receipt"
    is_firm: bool = True
    pegged_to: str | None = None
    explodes: bool = False
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class ItemInputs:
    """Everything one item's plan depends on; equal inputs give equal plans, in any order.

    Attributes:
        key: Item key.
        item: Its master data; None: unknown, which is reported.
        boms: Active versions of its bill.
        stock: Free stock in steps (allocations apart, see `Supply`); may be negative.
        demands: Its independent demands.
        supplies: Its scheduled receipts.
        requirements: What its parents' plans need of it: rows of `ItemPlan.requirements` whose
            `component` it is.
        code: Its low-level code (`bom_structure.structure_of`).
        cycle: The cycle it is in, if any, from the same structure.
        component_codes: Low-level code of each component in `boms` that is a known item; it may
            hold others (net change is quicker when it has those of the kept requirements too).
    """

    key: str
    item: Item | None
    boms: Sequence[BomVersion] = ()
    stock: int = 0
    demands: Sequence[Demand] = ()
    supplies: Sequence[Supply] = ()
    requirements: Sequence[Requirement] = ()
    code: int = 0
    cycle: tuple[str, ...] = ()
    component_codes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlantFacts:
    """A whole plant (or tenant: items of several plants may stand together).

    Attributes:
        settings: Planning date, calendars, buckets.
        items: All items, each key once.
        boms: Active versions by item key.
        stock: Free stock in steps by item key; missing is 0.
        demands: All independent demands.
        supplies: All scheduled receipts.
    """

    settings: Settings
    items: Sequence[Item]
    boms: Mapping[str, Sequence[BomVersion]] = field(default_factory=dict)
    stock: Mapping[str, int] = field(default_factory=dict)
    demands: Sequence[Demand] = ()
    supplies: Sequence[Supply] = ()


def steps_up(quantity: Decimal, decimals: int) -> int:
    """Count a need in steps.

    Args:
        quantity: In the item's unit; finite.
        decimals: Of the item.

    Returns:
        The steps, rounded up where the quantity has more decimals.

    Raises:
        ValueError: If the quantity is not finite.
    """
    scaled = quantities.exact(quantity) * int(10**decimals)
    return -(-scaled.numerator // scaled.denominator)


def steps_down(quantity: Decimal, decimals: int) -> int:
    """Count stock or a receipt in steps.

    Args:
        quantity: In the item's unit; finite.
        decimals: Of the item.

    Returns:
        The steps, rounded down where the quantity has more decimals.

    Raises:
        ValueError: If the quantity is not finite.
    """
    scaled = quantities.exact(quantity) * int(10**decimals)
    return scaled.numerator // scaled.denominator
