"""What the asset hierarchy is checked against, whatever the number of rows."""

from collections.abc import Sequence

from sqlalchemy import select, text

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import AssetFields, AssetKind
from lineside_shopfloor import tables
from lineside_shopfloor.places.store import places
from lineside_shopfloor.reporting.domain.assets import AssetFacts, Standing

_ASSETS, _LANES = tables.asset_hierarchy, tables.lanes

_ABOVE = text("""
WITH RECURSIVE above AS (
  SELECT asset_code, asset_kind, plant_code, parent_code FROM asset_hierarchy
  WHERE asset_code = ANY(:codes) AND NOT deleted
  UNION
  SELECT a.asset_code, a.asset_kind, a.plant_code, a.parent_code
  FROM above JOIN asset_hierarchy a ON a.asset_code = above.parent_code AND NOT a.deleted
)
SELECT * FROM above
""")


async def facts_of(uow: UnitOfWork, rows: Sequence[AssetFields]) -> AssetFacts:
    """Load what some rows name and what names them; the rows themselves stand among it."""
    own = {row.asset_code: _standing(row) for row in rows}
    parents = {row.parent_code for row in rows if row.parent_code}
    return AssetFacts(
        assets=await _above(uow, parents) | own,
        children=await _children(uow, own),
        plants=await places.known_plants(uow, [row.plant_code for row in rows]),
        lanes=await _lanes(uow, rows),
    )


async def uses_of(uow: UnitOfWork, asset_code: str) -> list[str]:
    """Name what still needs an asset."""
    children = await _children(uow, {asset_code: None})
    c = tables.maintenance_records.c
    query = (
        select(c.id)
        .where(c.asset_code == asset_code, one_of(c.status, ["planned", "in_progress"]))
        .limit(1)
    )
    is_maintained = (await uow.connection.execute(query)).first() is not None
    below = [f"asset {code}" for code, _ in children.get(asset_code, ())]
    return [*below, *(["open maintenance"] if is_maintained else [])]


async def _above(uow: UnitOfWork, codes: set[str]) -> dict[str, Standing]:
    rows = (await uow.connection.execute(_ABOVE, {"codes": sorted(codes)})).all()
    return {
        row.asset_code: Standing(AssetKind(row.asset_kind), row.plant_code, row.parent_code)
        for row in rows
    }


async def _children(
    uow: UnitOfWork, own: dict[str, Standing] | dict[str, None]
) -> dict[str, list[tuple[str, AssetKind]]]:
    c = _ASSETS.c
    query = select(c.parent_code, c.asset_code, c.asset_kind).where(
        one_of(c.parent_code, sorted(own)), ~c.deleted
    )
    found: dict[str, list[tuple[str, AssetKind]]] = {}
    for row in await uow.connection.execute(query.order_by(c.asset_code)):
        if row.asset_code not in own:
            found.setdefault(row.parent_code, []).append((row.asset_code, AssetKind(row[2])))
    return found


async def _lanes(uow: UnitOfWork, rows: Sequence[AssetFields]) -> frozenset[tuple[str, str]]:
    c = _LANES.c
    numbers = sorted({row.lane_number for row in rows if row.lane_number})
    if not numbers:
        return frozenset()
    query = select(c.plant_code, c.lane_number).where(one_of(c.lane_number, numbers), ~c.deleted)
    return frozenset(
        (row.plant_code, row.lane_number) for row in await uow.connection.execute(query)
    )


def _standing(row: AssetFields) -> Standing:
    return Standing(row.asset_kind, row.plant_code, row.parent_code)
