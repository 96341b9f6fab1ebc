"""Which work centers and plants a change of master data touches, and whether it is taken in."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import or_, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.master_data import tables

_COPIES = {
    "work_centers": tables.work_centers,
    "lanes": tables.lanes,
    "plants": tables.plants,
}


async def are_current(uow: UnitOfWork, states: Mapping[str, Mapping[UUID, int]]) -> bool:
    """Whether copies of other services' places are at least at some versions.

    Args:
        uow: The unit of work.
        states: Versions by id, by table.
    """
    for name, versions in states.items():
        copy = _COPIES[name].c
        query = select(copy.id, copy.version).where(one_of(copy.id, sorted(versions)))
        known = {row.id: row.version for row in await uow.connection.execute(query)}
        if any(known.get(place, 0) < version for place, version in versions.items()):
            return False
    return True


async def codes_of(
    uow: UnitOfWork,
    work_centers: Collection[str],
    *,
    plants: Collection[str],
    sites: Collection[str],
    calendars: Collection[str],
) -> tuple[list[str], list[str]]:
    """Find the work centers and plants that some changes touch.

    Args:
        uow: The unit of work.
        work_centers: Changed themselves.
        plants: Changed: every work center of theirs is touched, and their orders' days.
        sites: Plants of which any work center may be touched.
        calendars: Changed: whoever works by them is touched.

    Returns:
        Codes of work centers and of plants.
    """
    center, plant = tables.work_centers.c, tables.plants.c
    by_calendar = select(plant.plant_code).where(one_of(plant.calendar_code, sorted(calendars)))
    named = set((await uow.connection.execute(by_calendar)).scalars()) | set(plants)
    query = select(center.work_center_code).where(
        or_(
            one_of(center.plant_code, sorted(named | set(sites))),
            one_of(center.calendar_code, sorted(calendars)),
        )
    )
    found = set((await uow.connection.execute(query)).scalars())
    return sorted(found | set(work_centers)), sorted(named)
