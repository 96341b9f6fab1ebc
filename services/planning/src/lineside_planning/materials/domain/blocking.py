"""Locations blocked and freed: what lies there stays, and counts otherwise (SPEC 3)."""

from collections.abc import Mapping
from decimal import Decimal

from lineside_planning.materials.domain import taking
from lineside_planning.materials.domain.bench import Bench, Pool
from lineside_planning.materials.domain.movements import Balance, Movement, Occasion


def follow(bench: Bench, nettable: Mapping[str, bool], *, occasion: Occasion) -> None:
    """Let pools count what lies at some locations as master data says.

    The journal gets an entry of nothing for each place: no piece moved, and yet there is more or
    less to plan with.

    Args:
        bench: With the pools, their balances and everybody who holds of them.
        nettable: Whether each location is planned with.
        occasion: Why.
    """
    for pool in bench.pools.values():
        for balance in bench.room.balances.get(pool.key, {}).values():
            is_nettable = nettable.get(balance.place.location_code, balance.is_nettable)
            if is_nettable != balance.is_nettable:
                _turn(bench, pool, balance, occasion)
        taking.displace(bench, pool)


def _turn(bench: Bench, pool: Pool, balance: Balance, occasion: Occasion) -> None:
    quantity = -balance.quantity if balance.is_nettable else balance.quantity
    balance.is_nettable = not balance.is_nettable
    pool.on_hand += quantity
    pool.blocked -= quantity
    bench.room.changed[pool.key, balance.place] = balance
    bench.room.movements.append(
        Movement(pool.key, balance.place, Decimal(0), pool.on_hand, occasion)
    )
