"""Places in: a work center, lane, calendar, maintenance window or plant that changed late.

The orders that work there are checked again, in transactions of their own, a bounded number at a
time; doing it twice does no harm, so an interrupted check simply begins again. The copies of other
services' places belong to master data: until its consumer has written a change, this one waits.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.database import Database
from lineside_chassis.errors import Transient
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.planning import CalendarChanged, MaintenanceWindowChanged
from lineside_contracts.routing import WorkCenterChanged
from lineside_contracts.shopfloor import LaneChanged, PlantChanged
from lineside_planning.capacity.handlers import checking
from lineside_planning.capacity.handlers.checking import Change
from lineside_planning.capacity.store import places, plans

PLANNING_CAPACITY_MASTER = "planning-capacity-master"

CHUNK = 100
"""Orders per transaction: their work centers are locked for so long."""

_CHANGES = (
    WorkCenterChanged,
    LaneChanged,
    PlantChanged,
    CalendarChanged,
    MaintenanceWindowChanged,
)


@dataclass(slots=True)
class Touched:
    """What some changes touch, by code.

    Attributes:
        plants: Their days change, and their work centers.
        sites: Plants of which only work centers change.
        states: Which version of whose copy must be there, by table.
    """

    work_centers: set[str] = field(default_factory=set)
    plants: set[str] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)
    calendars: set[str] = field(default_factory=set)
    states: dict[str, dict[UUID, int]] = field(default_factory=dict)


def consumer(database: Database) -> Consumer:
    """Build the consumer of what capacity is made of."""
    consumer = Consumer(PLANNING_CAPACITY_MASTER, stream=streams.MASTER_DATA)

    @consumer.on_batch(*_CHANGES)
    async def on_places_changed(uow: UnitOfWork, events: list[Received[Any]]) -> None:
        await recheck(uow, database, _touched(events), cause=events[-1].envelope)

    return consumer


async def recheck(
    uow: UnitOfWork, database: Database, touched: Touched, *, cause: Envelope
) -> None:
    """Check the orders that work somewhere again.

    Raises:
        Transient: Master data have not taken the change in yet.
    """
    if not await places.are_current(uow, touched.states):
        raise Transient("master data have not taken the change in yet")
    codes, plants = await places.codes_of(
        uow,
        touched.work_centers,
        plants=touched.plants,
        sites=touched.sites,
        calendars=touched.calendars,
    )
    await _recheck_all(uow, database, cause, next_ids=_at(codes))
    if plants:
        await _recheck_all(uow, database, cause, next_ids=_in(plants))


NextIds = Callable[[UnitOfWork, UUID | None], Awaitable[Sequence[UUID]]]


def _at(codes: Sequence[str]) -> NextIds:
    async def next_ids(unit: UnitOfWork, after: UUID | None) -> Sequence[UUID]:
        return await plans.open_at(unit, codes, after=after, limit=CHUNK)

    return next_ids


def _in(plant_codes: Sequence[str]) -> NextIds:
    async def next_ids(unit: UnitOfWork, after: UUID | None) -> Sequence[UUID]:
        return await plans.open_in(unit, plant_codes, after=after, limit=CHUNK)

    return next_ids


async def _recheck_all(
    uow: UnitOfWork, database: Database, cause: Envelope, *, next_ids: NextIds
) -> None:
    after: UUID | None = None
    while True:
        async with database.unit_of_work(uow.context) as unit:
            ids = await next_ids(unit, after)
            known = await plans.lock(unit, ids)
            asked = [Change(known[i], known[i], cause, is_asked=True) for i in ids if i in known]
            await checking.save(unit, asked, known=known)
        if len(ids) < CHUNK:
            return
        after = ids[-1]


def _touched(events: Iterable[Received[Any]]) -> Touched:
    touched = Touched()
    for event in events:
        _TAKERS[type(event.payload)](touched, event.payload)
    return touched


def _work_center(touched: Touched, payload: WorkCenterChanged) -> None:
    touched.work_centers.add(payload.work_center.work_center_code)
    touched.states.setdefault("work_centers", {})[payload.work_center.id] = (
        payload.work_center.version
    )


def _lane(touched: Touched, payload: LaneChanged) -> None:
    lane = payload.lane
    touched.states.setdefault("lanes", {})[lane.id] = lane.version
    touched.sites.add(lane.plant_code)  # it may have been taken from any of its work centers


def _plant(touched: Touched, payload: PlantChanged) -> None:
    touched.plants.add(payload.plant.plant_code)
    touched.states.setdefault("plants", {})[payload.plant.id] = payload.plant.version


def _calendar(touched: Touched, payload: CalendarChanged) -> None:
    touched.calendars.add(payload.calendar.calendar_code)


def _window(touched: Touched, payload: MaintenanceWindowChanged) -> None:
    window = payload.maintenance_window
    places = touched.plants if window.work_center_code is None else touched.sites
    places.add(window.plant_code)


_TAKERS: dict[type[Any], Callable[[Touched, Any], None]] = {
    WorkCenterChanged: _work_center,
    LaneChanged: _lane,
    PlantChanged: _plant,
    CalendarChanged: _calendar,
    MaintenanceWindowChanged: _window,
}
