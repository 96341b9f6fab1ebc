"""What an order made becomes stock, for whom it was made (RULES 19).

A child's output goes to the need it was made for, goods for a customer stay with their order, and
what is above that is free and serves whoever waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lineside_contracts.planning import GoodsReceived, MaterialPlan
from lineside_planning.materials.domain import allocation, discrepancies, movements, taking
from lineside_planning.materials.domain.bench import (
    NOTHING,
    Allocation,
    Announcement,
    Bench,
    Plan,
    Pool,
    Requirement,
)
from lineside_planning.materials.domain.movements import Occasion, Place, PoolKey, Spot

_COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Output:
    """What an order made in all.

    Attributes:
        quantity: Good pieces since the order began.
        order_version: Of the order that says so.
        location_code: Where goods go: the plant's default location.
        lots: How the part that is not in stock yet is shared out over lots.
    """

    quantity: Decimal
    order_version: int
    location_code: str
    lots: Sequence[tuple[str, Decimal]]
    occasion: Occasion


def pool_key(plan: Plan) -> PoolKey:
    """Where an order's goods lie."""
    return pool_of(plan.product_code, plan.plant_code)


def pool_of(product_code: str, plant_code: str | None) -> PoolKey:
    """Where goods of a product lie that a plant makes."""
    return PoolKey(product_code, plant_code or "")


def receive(bench: Bench, plan: Plan, output: Output) -> None:
    """Bring stock to what an order made; more was made since, or less after a correction.

    Args:
        bench: With the order's own pool and its balances, and the plan it was made for.
        plan: Of the order.
        output: What it made in all; an older version than the last one changes nothing.
    """
    if output.order_version <= plan.output_order_version:
        return
    change = output.quantity - plan.output_quantity
    plan.output_order_version, plan.output_quantity = output.order_version, output.quantity
    pool = bench.pools[pool_key(plan)]
    if change > 0:
        _lay_down(bench, pool, output)
    elif change < 0:
        _take_out(bench, plan, pool, -change, output)
    kept = _keep(bench, plan, pool)
    if change:
        pool.is_recorded = True
        bench.announcements.append((plan.id, _received(change, output, kept)))


def _lay_down(bench: Bench, pool: Pool, output: Output) -> None:
    for lot_number, quantity in output.lots:
        spot = Spot(Place(output.location_code, lot_number))
        movements.put(bench.room, pool, spot, quantity=quantity, occasion=output.occasion)


def _take_out(bench: Bench, plan: Plan, pool: Pool, quantity: Decimal, output: Output) -> None:
    """Less was made than said before: what lies there goes, the rest was a miscount."""
    taken = movements.take_oldest(bench.room, pool, quantity=quantity, occasion=output.occasion)
    missing = quantity + movements.moved(taken)
    if missing > 0:
        discrepancies.record(
            bench.miscounts,
            pool.key,
            missing,
            order_id=plan.id,
            order_number=plan.number,
            unit_code=pool.unit_code,
        )
    excess = sum((goods.quantity for goods in plan.goods), NOTHING) - plan.output_quantity
    for goods in plan.goods:
        allocation.release(bench, goods, min(goods.quantity, max(excess, NOTHING)))
        break
    taking.displace(bench, pool)


def _keep(bench: Bench, plan: Plan, pool: Pool) -> Decimal:
    """Hold the goods for whom they were made; tell how much that is."""
    need = need_of(bench, plan)
    if need is not None:
        return _hand_to_parent(bench, need)
    if plan.sales_order_id is None or plan.parent_order_id is not None:
        return NOTHING
    held = sum((goods.quantity for goods in plan.goods), NOTHING)
    part = min(min(plan.output_quantity, plan.quantity) - held, pool.free)
    if part > 0:
        _hold(bench, plan, pool, part)
    return max(part, NOTHING)


def need_of(bench: Bench, plan: Plan) -> Requirement | None:
    """The need of another order that an order was made for."""
    parent = bench.plans.get(plan.parent_order_id) if plan.parent_order_id else None
    if parent is None:
        return None
    mine = (r for r in parent.requirements if r.child_order_id == plan.id)
    return next(mine, None)


def _hand_to_parent(bench: Bench, need: Requirement) -> Decimal:
    """The need no longer waits for its child: it has what came, and lacks what did not."""
    need.child_quantity, need.child_status = NOTHING, _COMPLETED
    pool = bench.pools.get(need.pool_key)
    part = min(pool.free, need.open) if pool is not None else NOTHING
    allocation.allocate(bench, need, part)
    return part


def _hold(bench: Bench, plan: Plan, pool: Pool, quantity: Decimal) -> None:
    pool.allocated += quantity
    for goods in plan.goods:
        if goods.product_code == pool.product_code and goods.plant_code == pool.plant_code:
            goods.quantity += quantity
            return
    plan.goods.append(
        Allocation(
            id=bench.new_id(),
            order_id=plan.id,
            requirement_id=None,
            receipt_id=None,
            product_code=pool.product_code,
            plant_code=pool.plant_code,
            quantity=quantity,
        )
    )


def _received(change: Decimal, output: Output, kept: Decimal) -> Announcement:
    def announce(plan: MaterialPlan) -> GoodsReceived:
        return GoodsReceived.model_construct(
            material_plan=plan,
            quantity=change,
            location_code=output.location_code,
            allocated_quantity=kept,
        )

    return announce
