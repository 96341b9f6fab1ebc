"""Stock out of a pool and back: what is physically gone cannot stay allocated to anybody.

Whatever takes stock ends with `displace`: where less lies there than is allocated, the latest
allocations of the lowest priority are given up, and those orders lack it again (RULES 16, 18).
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from lineside_planning.materials.domain import allocation, discrepancies, movements
from lineside_planning.materials.domain.bench import (
    NOTHING,
    RANKS,
    Allocation,
    Bench,
    Plan,
    Pool,
    Requirement,
    Turn,
)
from lineside_planning.materials.domain.movements import Movement, Occasion, Place, PoolKey, Spot

Wanted = Callable[[Place], bool]


def anywhere(_place: Place) -> bool:
    """Whatever lies there will do."""
    return True


def use(
    bench: Bench,
    requirement: Requirement,
    quantity: Decimal,
    *,
    occasion: Occasion,
    wanted: Wanted = anywhere,
) -> list[Movement]:
    """Let an order use stock: what it holds first, then what is free, then what others hold.

    What does not lie there at all is a miscount: stock stays at zero.

    Args:
        bench: With the pool, its balances and everybody who holds of it.
        requirement: What it is used for.
        quantity: Above zero.
        occasion: Why.
        wanted: Which places may be used.

    Returns:
        What was taken, oldest lots first.
    """
    pool = bench.pools[requirement.pool_key]
    _spend(bench, requirement, quantity)
    taken = movements.take_oldest(
        bench.room, pool, quantity=quantity, occasion=occasion, wanted=wanted
    )
    requirement.issued += quantity
    missing = quantity + movements.moved(taken)
    if missing > 0:
        discrepancies.record(
            bench.miscounts,
            pool.key,
            missing,
            order_id=requirement.order_id,
            order_number=occasion.production_order_number,
            unit_code=pool.unit_code,
        )
    displace(bench, pool)
    allocation.release_excess(bench, requirement)
    return taken


def give_back(
    bench: Bench,
    requirement: Requirement,
    quantity: Decimal,
    *,
    occasion: Occasion,
    spots: Iterable[tuple[Spot, Decimal]],
) -> list[Movement]:
    """Let stock come back out of an order; what was never there is not put down.

    Args:
        bench: With the pool and its balances.
        requirement: What it was used for; it needs it again and keeps it.
        quantity: Above zero.
        occasion: Why.
        spots: Where to, and how much at most; the last one takes the rest.
    """
    pool = bench.pools[requirement.pool_key]
    requirement.issued -= quantity
    undone = discrepancies.take_back(
        bench.miscounts, pool.key, quantity, order_id=requirement.order_id
    )
    put = _put_down(bench, pool, quantity - undone, occasion=occasion, spots=list(spots))
    pool.is_recorded = pool.is_recorded or bool(put)
    allocation.allocate(bench, requirement, max(min(pool.free, requirement.open), NOTHING))
    return put


def displace(bench: Bench, pool: Pool) -> None:
    """Give up allocations until no more is allocated than lies there."""
    if pool.allocated <= pool.on_hand:
        return
    for _, held in _last_first(bench, pool.key):
        excess = pool.allocated - pool.on_hand
        if excess <= 0:
            break
        allocation.release(bench, held, min(excess, held.quantity))


def turn_of(plan: Plan, requirement: Requirement | None) -> Turn:
    """When a holder is served; finished goods stand by their order's due date."""
    if requirement is not None:
        return plan.turn(requirement)
    return (RANKS.get(plan.priority, len(RANKS)), plan.due_date, plan.number, 0, "")


def _last_first(bench: Bench, key: PoolKey) -> list[tuple[Turn, Allocation]]:
    held = [
        (turn_of(plan, requirement), holding)
        for plan, requirement, holding in bench.holders(key)
        if holding.receipt_id is None and holding.quantity > 0
    ]
    return sorted(held, key=lambda entry: entry[0], reverse=True)


def _spend(bench: Bench, requirement: Requirement, quantity: Decimal) -> None:
    """What is used is no longer held."""
    rest = quantity
    for held in requirement.allocations:
        if held.receipt_id is None:
            part = min(rest, held.quantity)
            allocation.release(bench, held, part)
            rest -= part


def _put_down(
    bench: Bench,
    pool: Pool,
    quantity: Decimal,
    *,
    occasion: Occasion,
    spots: list[tuple[Spot, Decimal]],
) -> list[Movement]:
    put: list[Movement] = []
    rest = quantity
    for number, (spot, most) in enumerate(spots, start=1):
        part = rest if number == len(spots) else min(rest, most)
        if part > 0:
            put.append(movements.put(bench.room, pool, spot, quantity=part, occasion=occasion))
            rest -= part
    return put
