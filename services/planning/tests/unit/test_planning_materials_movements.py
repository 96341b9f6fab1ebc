"""Every change of stock moves journal, balances and pool together."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from lineside_contracts.planning import MovementKind
from lineside_planning.materials.domain import movements
from lineside_planning.materials.domain.movements import Movement, Occasion, Place, Spot, Stockroom
from lineside_testkit import builders

COUNT = Occasion(MovementKind.COUNT, builders.AT, builders.ACTOR)
SHELF, QUARANTINE = Place("SHELF"), Place("QUARANTINE")


@dataclass
class Pool:
    product_code: str = "GLUE"
    plant_code: str = "MAIN"
    on_hand: Decimal = Decimal(0)
    blocked: Decimal = Decimal(0)


def lay(
    room: Stockroom,
    pool: Pool,
    place: Place = SHELF,
    quantity: int = 10,
    *,
    is_nettable: bool = True,
    days: int = 0,
) -> Movement:
    spot = Spot(place, is_nettable, builders.AT + timedelta(days=days))
    return movements.put(room, pool, spot, quantity=Decimal(quantity), occasion=COUNT)


def test_what_is_blocked_is_counted_apart() -> None:
    room, pool = Stockroom(), Pool()
    lay(room, pool)
    lay(room, pool, QUARANTINE, 3, is_nettable=False)
    assert pool.on_hand == 10
    assert pool.blocked == 3
    assert [m.quantity_after for m in room.movements] == [10, 10]


def test_the_oldest_lot_is_used_first() -> None:
    room, pool = Stockroom(), Pool()
    lay(room, pool, Place("SHELF", "NEW"), days=5)
    lay(room, pool, Place("RACK", "OLD"), days=1)
    lay(room, pool, QUARANTINE, is_nettable=False)
    taken = movements.take_oldest(room, pool, quantity=Decimal(12), occasion=COUNT)
    assert [(m.place.lot_number, int(m.quantity)) for m in taken] == [("OLD", -10), ("NEW", -2)]
    assert pool.on_hand == 8


def test_no_more_is_taken_than_lies_there() -> None:
    room, pool = Stockroom(), Pool()
    lay(room, pool)
    taken = movements.take(room, pool, SHELF, quantity=Decimal(12), occasion=COUNT)
    assert taken is not None
    assert taken.quantity == -10
    assert pool.on_hand == 0
    assert movements.take(room, pool, SHELF, quantity=Decimal(1), occasion=COUNT) is None


def test_an_emptied_place_is_as_old_as_what_comes_next() -> None:
    room, pool = Stockroom(), Pool()
    lay(room, pool, days=1)
    movements.take(room, pool, SHELF, quantity=Decimal(10), occasion=COUNT)
    lay(room, pool, days=9)
    (balance,) = room.nettable(pool)
    assert balance.first_received_at == builders.AT + timedelta(days=9)


@pytest.mark.parametrize("quantity", [0, -1])
def test_nothing_moves_backwards(quantity: int) -> None:
    room, pool = Stockroom(), Pool()
    with pytest.raises(ValueError, match="above zero"):
        lay(room, pool, quantity=quantity)
    with pytest.raises(ValueError, match="above zero"):
        movements.take(room, pool, SHELF, quantity=Decimal(quantity), occasion=COUNT)


_steps = st.lists(
    st.tuples(
        st.sampled_from(["put", "take", "oldest"]),
        st.sampled_from([SHELF, Place("SHELF", "L1"), QUARANTINE]),
        st.integers(min_value=1, max_value=20),
    ),
    max_size=30,
)


@given(steps=_steps)
def test_journal_balances_and_pool_always_agree(
    steps: list[tuple[str, Place, int]],
) -> None:
    room, pool = Stockroom(), Pool()
    for what, place, quantity in steps:
        if what == "put":
            lay(room, pool, place, quantity, is_nettable=place is not QUARANTINE)
        elif what == "take":
            movements.take(room, pool, place, quantity=Decimal(quantity), occasion=COUNT)
        else:
            movements.take_oldest(room, pool, quantity=Decimal(quantity), occasion=COUNT)
    balances = room.balances.get(movements.key_of(pool), {}).values()
    assert all(balance.quantity >= 0 for balance in balances)
    for balance in balances:
        journal = [m for m in room.movements if m.place == balance.place]
        assert movements.moved(journal) == balance.quantity
    assert pool.on_hand == sum(b.quantity for b in balances if b.is_nettable)
    assert pool.blocked == sum(b.quantity for b in balances if not b.is_nettable)
