"""Effectiveness as it is kept, by plant or lane and dates; what goes on is measured up to now."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import OeeCalculation
from lineside_shopfloor.reporting.store import kept, lane_times, recomputing
from lineside_shopfloor.reporting.store.kept import OEE

_YESTERDAY = timedelta(days=1)


async def between(
    uow: UnitOfWork,
    plant_code: str,
    *,
    from_date: date,
    to_date: date,
    lane_id: UUID | None = None,
) -> list[OeeCalculation]:
    """Load the shifts of a plant (or one lane) by date, lane and start.

    Shifts that have not ended are measured as of now, also where nothing was reported yet.
    """
    c = OEE.c
    conditions: list[ColumnElement[bool]] = [
        c.plant_code == plant_code,
        c.production_date.between(from_date, to_date),
    ]
    if lane_id is not None:
        conditions.append(c.lane_id == lane_id)
    rows = (await uow.connection.execute(select(OEE).where(*conditions))).all()
    found = {kept_key(state): state for state in map(kept.calculation, rows)}
    for state in await _going_on(uow, plant_code, lane_id, list(found.values())):
        if from_date <= state.production_date <= to_date:
            found[kept_key(state)] = state
    return sorted(found.values(), key=_order)


def kept_key(state: OeeCalculation) -> tuple[UUID, date, str]:
    """Under what a calculation is known."""
    return state.lane_id, state.production_date, state.shift


async def _going_on(
    uow: UnitOfWork, plant_code: str, lane_id: UUID | None, known: Sequence[OeeCalculation]
) -> Iterable[OeeCalculation]:
    times = await lane_times.load_plant(
        uow, plant_code, since=uow.now - 2 * _YESTERDAY, lane_id=lane_id
    )
    wanted = [(lane, lane.timetable.production_date_of(uow.now)) for lane in times.lanes.values()]
    before = {kept_key(state): state for state in known}
    return [
        state
        for laid, facts in await recomputing.facts_now(uow, wanted)
        for state in recomputing.calculated(uow, laid, facts, before)
        if not state.is_final
    ]


def _order(state: OeeCalculation) -> tuple[date, str, object]:
    return state.production_date, state.lane_number, state.starts_at
