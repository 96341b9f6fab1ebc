"""Stock moved by hand: counted, adjusted, scrapped, brought elsewhere (SPEC 7, 3)."""

from dataclasses import dataclass, replace
from decimal import Decimal

from lineside_contracts.planning import PostStockMovement
from lineside_planning.materials.domain import discrepancies, movements, taking
from lineside_planning.materials.domain.bench import Bench, Pool
from lineside_planning.materials.domain.movements import Balance, Movement, Occasion, Spot


@dataclass(frozen=True, slots=True)
class HandPosting:
    """What a person says of one place.

    Attributes:
        spot: Which place.
        quantity: Signed: what is added, or taken where below zero; for a count what lies there.
        to_spot: Where a transfer goes.
    """

    spot: Spot
    quantity: Decimal
    occasion: Occasion
    to_spot: Spot | None = None


def loss(request: PostStockMovement, there: Decimal) -> Decimal:
    """Tell how much less may lie in a pool after a posting, at most.

    Args:
        request: What a person posts.
        there: What lies at its place now.
    """
    if request.kind == "count":
        return there - request.quantity
    return -request.quantity if request.kind == "adjustment" else request.quantity


def count(bench: Bench, pool: Pool, posting: HandPosting) -> None:
    """Let a place hold what was counted, and book the difference.

    Open miscounts of the pool are settled by it. A count that finds nothing new is in the journal
    as well: somebody looked.
    """
    there = bench.room.at(pool, posting.spot.place)
    _add(bench, pool, posting, posting.quantity - there)
    if posting.quantity == there:
        bench.room.movements.append(
            Movement(pool.key, posting.spot.place, Decimal(0), pool.on_hand, posting.occasion)
        )
    discrepancies.settle(
        bench.miscounts, pool.key, counted=posting.quantity, unit_code=pool.unit_code
    )
    _finish(bench, pool)


def adjust(bench: Bench, pool: Pool, posting: HandPosting) -> None:
    """Add to a place, or take from it; scrap takes."""
    _add(bench, pool, posting, posting.quantity)
    _finish(bench, pool)


def transfer(bench: Bench, pool: Pool, posting: HandPosting) -> None:
    """Bring stock to another location of the plant; it keeps its lot and its age."""
    place, target = posting.spot.place, posting.to_spot
    held: Balance | None = bench.room.balances.get(pool.key, {}).get(place)
    if held is None or target is None:
        return
    aged = replace(target, received_at=held.first_received_at)
    quantity, occasion = posting.quantity, posting.occasion
    movements.take(bench.room, pool, place, quantity=quantity, occasion=occasion)
    movements.put(bench.room, pool, aged, quantity=quantity, occasion=occasion)
    _finish(bench, pool)


def _add(bench: Bench, pool: Pool, posting: HandPosting, change: Decimal) -> None:
    if change > 0:
        movements.put(bench.room, pool, posting.spot, quantity=change, occasion=posting.occasion)
    elif change < 0:
        movements.take(
            bench.room, pool, posting.spot.place, quantity=-change, occasion=posting.occasion
        )


def _finish(bench: Bench, pool: Pool) -> None:
    pool.is_recorded = True
    taking.displace(bench, pool)
