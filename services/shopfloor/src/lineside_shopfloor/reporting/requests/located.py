"""The asset or lane that a request speaks of, in a plant the person may touch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Fault
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.reporting.domain import equipment
from lineside_shopfloor.reporting.requests import refusing
from lineside_shopfloor.reporting.store import naming, recomputing, touching
from lineside_shopfloor.reporting.store.touching import Touched


@dataclass(frozen=True, slots=True)
class Equipment:
    """An asset or lane: its plant, and the lane it is or serves."""

    plant_code: str
    asset_code: str | None = None
    lane_id: UUID | None = None
    lane_number: str | None = None


async def find(uow: UnitOfWork, *, asset_code: str | None, lane_id: UUID | None) -> Equipment:
    """Find what a request names.

    Raises:
        Refused: Nothing or both are named, there is no such thing, or it is in a foreign plant.
    """
    faults = [*equipment.which_faults(asset_code=asset_code, has_lane=lane_id is not None)]
    if faults:
        raise Refused(refusing.invalid(faults))
    found = await (_asset(uow, asset_code) if asset_code else _lane(uow, lane_id))
    access.require_plant(uow, found.plant_code)
    return found


async def recompute(
    uow: UnitOfWork, lane_id: UUID | None, moments: Iterable[datetime | None]
) -> None:
    """Recompute a lane's dates from the first of some moments to the last, or to now."""
    known = [moment for moment in moments if moment is not None]
    if lane_id is None or not known or min(known) > uow.now:
        return
    await uow.flush()
    until = min(max(known), uow.now)
    cells = await touching.cells_of(uow, [Touched(lane_id, None, min(known), until)])
    await recomputing.recompute(uow, cells)


async def _asset(uow: UnitOfWork, code: str) -> Equipment:
    found = await naming.asset_of(uow, code)
    if found is None:
        raise _unknown("unknown_asset", "asset_code", f"There is no asset {code}.")
    plant_code, lane = found
    return Equipment(plant_code, code, lane.id if lane else None, lane.number if lane else None)


async def _lane(uow: UnitOfWork, lane_id: UUID | None) -> Equipment:
    lane = await naming.lane_of(uow, lane_id=lane_id)
    if lane is None or lane.plant_code is None:
        raise _unknown("unknown_lane", "lane_id", f"There is no lane {lane_id}.")
    return Equipment(lane.plant_code, None, lane.id, lane.number)


def _unknown(code: str, path: str, message: str) -> Refused:
    return Refused(refusing.invalid([Fault(code=code, path=path, message=message)]))
