"""A pool as everybody reads it."""

from lineside_contracts.planning import Stock, StockBalance
from lineside_planning.materials.domain.bench import Bench, Pool
from lineside_planning.materials.domain.movements import Balance


def stock(bench: Bench, pool: Pool) -> Stock:
    """Write a pool as everybody reads it, with what lies where."""
    lying = bench.room.balances.get(pool.key, {}).values()
    return Stock.model_construct(
        id=pool.id,
        version=pool.version,
        product_code=pool.product_code,
        product_name=pool.product_name,
        plant_code=pool.plant_code,
        unit_code=pool.unit_code,
        quantity_on_hand=pool.on_hand,
        quantity_allocated=pool.allocated,
        quantity_available=pool.free,
        quantity_blocked=pool.blocked,
        safety_stock_quantity=pool.safety_stock,
        balances=tuple(_balance(b) for b in sorted(lying, key=lambda b: b.place) if b.quantity),
        updated_at=bench.now,
    )


def _balance(balance: Balance) -> StockBalance:
    return StockBalance.model_construct(
        location_code=balance.place.location_code,
        lot_number=balance.place.lot_number or None,
        quantity=balance.quantity,
        is_nettable=balance.is_nettable,
    )
