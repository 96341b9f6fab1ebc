"""The asset hierarchy: the chassis' master data with its own checks."""

from collections.abc import Sequence

from lineside_chassis.master_data import MasterData
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import ASSETS, Asset, AssetFields
from lineside_shopfloor import tables
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.reporting.domain import assets as judging
from lineside_shopfloor.reporting.store import assets


def register(requests: Requests) -> None:
    """Answer the requests about assets."""
    kind = MasterData(ASSETS, tables.asset_hierarchy, check=asset_faults, in_use=refuse_in_use)
    kind.register(requests)


async def asset_faults(uow: UnitOfWork, rows: Sequence[AssetFields]) -> list[tuple[Fault, ...]]:
    """Find parents that are none, levels out of order, cycles, unknown places."""
    for row in rows:
        access.require_plant(uow, row.plant_code)
    facts = await assets.facts_of(uow, rows)
    return [judging.faults_of(row, facts) for row in rows]


async def refuse_in_use(uow: UnitOfWork, asset: Asset) -> Problem | None:
    """Keep an asset that has others below it or is being maintained."""
    uses = await assets.uses_of(uow, asset.asset_code)
    if not uses:
        return None
    return Problem(
        code=ProblemCode.IN_USE,
        detail=f"Asset {asset.asset_code} is needed by {' and '.join(uses)}.",
        facts={"needed_by": uses},
    )
