"""Allocation: who gets what is there, and what has to be bought or made (RULES 16, 17).

Stock first, then receipts by date that arrive in time; nobody's allocation is taken away here. What
lacks after that is bought (a requisition for the replenishment shortfall), made (a child order for
the physical one), or planned by MRP.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from lineside_planning.materials.domain.bench import (
    NOTHING,
    Allocation,
    Bench,
    Pool,
    Receipt,
    Requirement,
)
from lineside_planning.materials.domain.movements import PoolKey

_ENDED = frozenset({"completed", "closed", "cancelled"})


def allocate(
    bench: Bench, requirement: Requirement, quantity: Decimal, *, receipt: Receipt | None = None
) -> None:
    """Give stock of its pool, or of a receipt, to a requirement.

    Raises:
        ValueError: More is given than is free, or less than nothing.
    """
    source = receipt if receipt is not None else bench.pools[requirement.pool_key]
    if not 0 <= quantity <= source.free:
        raise ValueError(f"{quantity} cannot be allocated of {source.free}")
    if not quantity:
        return
    source.allocated += quantity
    receipt_id = receipt.id if receipt is not None else None
    for held in requirement.allocations:
        if held.receipt_id == receipt_id:
            held.quantity += quantity
            return
    requirement.allocations.append(
        Allocation(
            id=bench.new_id(),
            order_id=requirement.order_id,
            requirement_id=requirement.id,
            receipt_id=receipt_id,
            product_code=requirement.component_code,
            plant_code=requirement.plant_code,
            quantity=quantity,
        )
    )


def release(bench: Bench, allocation: Allocation, quantity: Decimal) -> None:
    """Take back from an allocation; the requirement lacks it again.

    Raises:
        ValueError: More is taken than it holds, or less than nothing.
    """
    if not 0 <= quantity <= allocation.quantity:
        raise ValueError(f"{quantity} cannot be released of {allocation.quantity}")
    allocation.quantity -= quantity
    if allocation.receipt_id is not None:
        bench.receipts[allocation.receipt_id].allocated -= quantity
    else:
        bench.pools[PoolKey(allocation.product_code, allocation.plant_code)].allocated -= quantity


def release_all(bench: Bench, requirement: Requirement) -> None:
    """Give back everything a requirement holds, and ask nobody for more."""
    for held in requirement.allocations:
        release(bench, held, held.quantity)
    requirement.replenish = requirement.growth = requirement.child_quantity = NOTHING
    requirement.child_order_id = requirement.child_status = None


def release_excess(bench: Bench, requirement: Requirement) -> None:
    """Give back what is held above what is still needed.

    The child order shrinks first, then receipts (the latest first), then stock.
    """
    excess = requirement.allocated + requirement.from_child - requirement.remaining
    cut = min(max(excess, NOTHING), requirement.from_child)
    requirement.child_quantity -= cut
    excess -= cut
    for held in sorted(requirement.allocations, key=lambda a: _date_held(bench, a), reverse=True):
        if excess <= 0:
            break
        cut = min(excess, held.quantity)
        release(bench, held, cut)
        excess -= cut
    forget_ended_child(requirement)


def forget_ended_child(requirement: Requirement) -> None:
    """A child that is asked for nothing is called off for good: a new need gets a new one."""
    if requirement.child_quantity <= 0:
        requirement.child_order_id = requirement.child_status = None


def late_allocations(bench: Bench, requirement: Requirement) -> list[Allocation]:
    """What a requirement holds of receipts that come after its need date."""
    return [
        held
        for held in requirement.allocations
        if held.receipt_id is not None
        and bench.receipts[held.receipt_id].expected_on > requirement.needed_on
    ]


def serve(bench: Bench, pools: Collection[PoolKey] | None = None) -> None:
    """Give what is free to those who wait, by priority, need date and order number.

    Args:
        bench: With everybody who waits for these pools.
        pools: Which; None: all on the bench.
    """
    chosen = set(bench.pools) if pools is None else set(pools) & set(bench.pools)
    concerned = [
        (plan.turn(requirement), requirement)
        for plan, requirement in bench.requirements()
        if requirement.pool_key in chosen and not plan.is_final
    ]
    concerned.sort(key=lambda entry: entry[0])
    for _, requirement in concerned:
        _serve(bench, requirement)
    sums = _sums(bench, [requirement for _, requirement in concerned])
    for _, requirement in reversed(concerned):
        _shrink(bench, requirement, sums[requirement.pool_key])


def _serve(bench: Bench, requirement: Requirement) -> None:
    pool = bench.pools[requirement.pool_key]
    if requirement.supply in {"buy", "stock"}:
        _replenish(bench, pool, requirement)
    requirement.growth = NOTHING
    late = late_allocations(bench, requirement)
    if not requirement.open and not late:
        return
    _take(bench, requirement, late, source=None)
    for receipt in bench.receipts_of(pool.key):
        if receipt.expected_on <= requirement.needed_on:
            _take(bench, requirement, late, source=receipt)
    if requirement.supply == "make" and requirement.open:
        _ask_child(bench, requirement)


def _take(
    bench: Bench, requirement: Requirement, late: list[Allocation], *, source: Receipt | None
) -> None:
    """Take what lacks; what comes late anyway is given back for what is there in time."""
    free = source.free if source is not None else bench.pools[requirement.pool_key].free
    first = min(free, requirement.open)
    allocate(bench, requirement, first, receipt=source)
    free -= first
    for held in late:
        exchanged = min(free, held.quantity)
        release(bench, held, exchanged)
        allocate(bench, requirement, exchanged, receipt=source)
        free -= exchanged


def _replenish(bench: Bench, pool: Pool, requirement: Requirement) -> None:
    """Raise what is to be bought by the replenishment shortfall of what is new (RULES 16)."""
    new = max(requirement.growth, requirement.open - requirement.replenish)
    if new <= 0:
        return
    there = pool.free - pool.safety_stock + _free_in_time(bench, requirement)
    requirement.replenish += max(NOTHING, new - max(NOTHING, there))


@dataclass(slots=True)
class _Sums:
    """What all requirements of a pool are to get bought, and what they lack."""

    bought: Decimal
    lacking: Decimal


def _sums(bench: Bench, concerned: Iterable[Requirement]) -> dict[PoolKey, _Sums]:
    sums = {
        key: _Sums(pool.replenished_elsewhere, pool.open_elsewhere)
        for key, pool in bench.pools.items()
    }
    for requirement in concerned:
        if requirement.supply in {"buy", "stock"}:
            sums[requirement.pool_key].bought += requirement.replenish
            sums[requirement.pool_key].lacking += requirement.open
    return sums


def _shrink(bench: Bench, requirement: Requirement, sums: _Sums) -> None:
    """Buy less where more has become free than safety stock and everybody's needs take."""
    spare = requirement.replenish - requirement.open
    if spare <= 0:
        return
    pool = bench.pools[requirement.pool_key]
    free = pool.free + _free_in_time(bench, requirement)
    surplus = free + sums.bought - sums.lacking - pool.safety_stock
    cut = max(NOTHING, min(surplus, spare))
    requirement.replenish -= cut
    sums.bought -= cut


def _free_in_time(bench: Bench, requirement: Requirement) -> Decimal:
    return sum(
        (
            receipt.free
            for receipt in bench.receipts_of(requirement.pool_key)
            if receipt.expected_on <= requirement.needed_on
        ),
        NOTHING,
    )


def _ask_child(bench: Bench, requirement: Requirement) -> None:
    """A child order makes what lacks; one that was called off by a person stays called off."""
    if requirement.child_status == "cancelled":
        return
    if requirement.child_order_id is None or requirement.child_status in _ENDED:
        requirement.child_order_id = bench.new_id()
        requirement.child_status = None
    requirement.child_quantity += requirement.open


def _date_held(bench: Bench, allocation: Allocation) -> str:
    if allocation.receipt_id is None:
        return ""
    return bench.receipts[allocation.receipt_id].expected_on.isoformat()
