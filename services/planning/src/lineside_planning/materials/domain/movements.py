"""The stock journal: every change of stock is a movement; balances and pools follow it in step.

`put` and `take` are the only ways stock changes. Both move one balance (what lies of a lot at a
location) and its pool's totals together, and leave the movement that explains it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol
from uuid import UUID

from lineside_contracts.planning import MovementKind
from lineside_contracts.values import Actor

NOTHING = Decimal(0)
NO_LOT = ""
"""The lot of what is kept without lots; people read it as null."""


class PoolKey(NamedTuple):
    """Stock is counted per product and plant; the plant is empty where none is known."""

    product_code: str
    plant_code: str


class Place(NamedTuple):
    """A lot at a location."""

    location_code: str
    lot_number: str = NO_LOT


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is laid down.

    Attributes:
        place: Location and lot.
        is_nettable: Whether the location is planned with.
        received_at: How old the goods are; None: they are new. Moved stock keeps its age.
    """

    place: Place
    is_nettable: bool = True
    received_at: datetime | None = None


class Pool(Protocol):
    """What the journal needs of a pool: its name, and totals to keep in step."""

    product_code: str
    plant_code: str
    on_hand: Decimal
    blocked: Decimal


@dataclass(slots=True)
class Balance:
    """What lies at a place.

    Attributes:
        place: Where, and of which lot.
        quantity: In stock units, never below zero.
        is_nettable: Whether it is planned with; what is not is blocked.
        first_received_at: When what lies there began to: the oldest is used first.
    """

    place: Place
    quantity: Decimal
    is_nettable: bool
    first_received_at: datetime


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why stock moves: the words of a movement that are not about places and quantities."""

    kind: MovementKind
    happened_at: datetime
    recorded_by: Actor
    reason: str | None = None
    production_order_id: UUID | None = None
    production_order_number: str | None = None
    requirement_id: UUID | None = None
    receipt_id: UUID | None = None
    output_lot_number: str | None = None
    unit_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry of the journal; the quantity is signed."""

    pool: PoolKey
    place: Place
    quantity: Decimal
    quantity_after: Decimal
    occasion: Occasion


@dataclass(slots=True)
class Stockroom:
    """What lies where, as far as one transaction needs it, and what it did to it.

    Attributes:
        balances: By pool and place; what is missing is empty.
        movements: New entries, in their order.
        changed: Places whose balance is to be saved.
    """

    balances: dict[PoolKey, dict[Place, Balance]] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    changed: dict[tuple[PoolKey, Place], Balance] = field(default_factory=dict)

    def at(self, pool: Pool, place: Place) -> Decimal:
        """Tell what lies at a place."""
        balance = self.balances.get(key_of(pool), {}).get(place)
        return balance.quantity if balance else NOTHING

    def nettable(self, pool: Pool) -> list[Balance]:
        """List what may be used, oldest first."""
        held = self.balances.get(key_of(pool), {}).values()
        return sorted((b for b in held if b.is_nettable and b.quantity > 0), key=_age)


def key_of(pool: Pool) -> PoolKey:
    """Name a pool."""
    return PoolKey(pool.product_code, pool.plant_code)


def put(
    room: Stockroom, pool: Pool, spot: Spot, *, quantity: Decimal, occasion: Occasion
) -> Movement:
    """Lay stock down.

    Args:
        room: Where.
        pool: Whose totals follow.
        spot: The place; what lies there already decides whether it is planned with.
        quantity: Above zero, in stock units.
        occasion: Why.

    Raises:
        ValueError: The quantity is not above zero.
    """
    if quantity <= 0:
        raise ValueError(f"what is put down is above zero, not {quantity}")
    since = spot.received_at or occasion.happened_at
    shelf = room.balances.setdefault(key_of(pool), {})
    balance = shelf.get(spot.place)
    if balance is None:
        balance = shelf[spot.place] = Balance(spot.place, NOTHING, spot.is_nettable, since)
    elif balance.quantity == 0:
        balance.is_nettable, balance.first_received_at = spot.is_nettable, since
    return _move(room, pool, balance, quantity, occasion)


def take(
    room: Stockroom, pool: Pool, place: Place, *, quantity: Decimal, occasion: Occasion
) -> Movement | None:
    """Take stock from a place: as much as asked for, at most what lies there.

    Returns:
        The movement; None where nothing lies there.

    Raises:
        ValueError: The quantity is not above zero.
    """
    if quantity <= 0:
        raise ValueError(f"what is taken is above zero, not {quantity}")
    balance = room.balances.get(key_of(pool), {}).get(place)
    if balance is None or balance.quantity == 0:
        return None
    return _move(room, pool, balance, -min(quantity, balance.quantity), occasion)


def take_oldest(
    room: Stockroom,
    pool: Pool,
    *,
    quantity: Decimal,
    occasion: Occasion,
    wanted: Callable[[Place], bool] = lambda _place: True,
) -> list[Movement]:
    """Take nettable stock, oldest lot first.

    Args:
        room: Where.
        pool: Of which pool.
        quantity: 0 or more; less is taken where less lies there.
        occasion: Why.
        wanted: Which places may be used.
    """
    taken: list[Movement] = []
    rest = quantity
    for balance in room.nettable(pool):
        if rest <= 0:
            break
        if wanted(balance.place):
            part = min(rest, balance.quantity)
            taken.append(_move(room, pool, balance, -part, occasion))
            rest -= part
    return taken


def moved(movements: Iterable[Movement]) -> Decimal:
    """Sum up signed quantities."""
    return sum((movement.quantity for movement in movements), NOTHING)


def _move(
    room: Stockroom, pool: Pool, balance: Balance, quantity: Decimal, occasion: Occasion
) -> Movement:
    balance.quantity += quantity
    if balance.is_nettable:
        pool.on_hand += quantity
    else:
        pool.blocked += quantity
    key = key_of(pool)
    movement = Movement(key, balance.place, quantity, pool.on_hand, occasion)
    room.movements.append(movement)
    room.changed[key, balance.place] = balance
    return movement


def _age(balance: Balance) -> tuple[datetime, str, str]:
    return (balance.first_received_at, balance.place.lot_number, balance.place.location_code)
