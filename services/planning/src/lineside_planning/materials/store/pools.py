"""Pools locked by product and plant; a need for what never lay anywhere makes its row."""

from collections.abc import Collection, Sequence

from sqlalchemy import text

from lineside_chassis import encoding
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.master_data.domain.material_facts import MaterialFacts
from lineside_planning.materials.domain.bench import Pool
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.store import bench_rows

_LOCK = text("""
SELECT i.* FROM inventory i
JOIN unnest(CAST(:products AS text[]), CAST(:plants AS text[])) AS k (product_code, plant_code)
  ON i.product_code = k.product_code AND i.plant_code = k.plant_code
ORDER BY i.product_code, i.plant_code FOR UPDATE OF i
""")

_MAKE = text("""
INSERT INTO inventory (tenant_id, id, product_code, plant_code, version, unit_code, unit_decimals,
  quantity_on_hand, quantity_allocated, quantity_blocked, is_recorded, updated_at)
SELECT :tenant_id, n.id, n.product_code, n.plant_code, 0, n.unit_code, n.unit_decimals,
  0, 0, 0, false, :now
FROM json_populate_recordset(NULL::inventory, :rows) AS n
ORDER BY n.product_code, n.plant_code
ON CONFLICT (tenant_id, product_code, plant_code) DO NOTHING
""")


async def lock(
    uow: UnitOfWork, keys: Collection[PoolKey], facts: MaterialFacts
) -> dict[PoolKey, Pool]:
    """Lock pools, make those that have no row, and dress them with what their products say.

    What is there is locked first, in order, and only then is the rest made, in order: nobody who
    has made a row waits for a lock that another holds who waits for that row.

    Args:
        uow: The unit of work.
        keys: Which; those of unknown products without a row are not in the answer.
        facts: Their products.
    """
    found = await _lock(uow, sorted(keys)) if keys else {}
    missing = sorted(k for k in keys if k not in found and k.product_code in facts.products)
    if missing:
        await _make(uow, missing, facts)
        found |= await _lock(uow, missing)
    for pool in found.values():
        product = facts.products.get(pool.product_code)
        if product is not None:
            pool.product_name = product.product_name
            pool.safety_stock = product.safety_stock_quantity
    return found


async def _lock(uow: UnitOfWork, keys: Sequence[PoolKey]) -> dict[PoolKey, Pool]:
    rows = await uow.connection.execute(
        _LOCK,
        {
            "products": [key.product_code for key in keys],
            "plants": [key.plant_code for key in keys],
        },
    )
    pools = (bench_rows.pool(row) for row in rows.mappings())
    return {pool.key: pool for pool in pools}


async def _make(uow: UnitOfWork, keys: Sequence[PoolKey], facts: MaterialFacts) -> None:
    rows = [
        {
            "id": uow.new_id(),
            "product_code": key.product_code,
            "plant_code": key.plant_code,
            "unit_code": facts.products[key.product_code].unit_code,
            "unit_decimals": facts.products[key.product_code].unit_decimals,
        }
        for key in keys
    ]
    await uow.connection.execute(
        _MAKE, {"tenant_id": uow.tenant_id, "now": uow.now, "rows": encoding.encode(rows)}
    )
