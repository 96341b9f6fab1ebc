"""Which tenants' shifts have to be looked at, and what a look recomputes.

A look covers the shifts that ended since the last one, and the present dates of lanes on which
something goes on. It tells when the next shift ends, which is when the next look is due.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_manufacturing import time_spans
from lineside_shopfloor import tables
from lineside_shopfloor.reporting.domain.timetables import ShiftDay
from lineside_shopfloor.reporting.store import lane_times, recomputing
from lineside_shopfloor.reporting.store.lane_times import LaneTime, LaneTimes

_TENANTS = tables.known_tenants
_LONGEST_LOOK = timedelta(days=3)
"""A look catches up with so much at a time."""

_RARELY = timedelta(hours=1)
"""Calendars and lanes change: nobody is left alone for longer."""

_DAY = timedelta(days=1)
_OPEN_LANES = text("SELECT DISTINCT lane_id FROM work_intervals WHERE ended_at IS NULL")


async def due_tenants(connection: AsyncConnection, *, now: datetime, limit: int) -> list[UUID]:
    """Find tenants whose turn has come, the longest waiting first."""
    c = _TENANTS.c
    query = select(c.tenant_id).where(c.next_look_at <= now).order_by(c.next_look_at).limit(limit)
    return list((await connection.execute(query)).scalars())


async def look(uow: UnitOfWork, *, refresh_seconds: float) -> None:
    """Close the shifts of a tenant that have ended, and refresh what goes on.

    Args:
        uow: The transaction.
        refresh_seconds: When to look again at running work; 0: when a shift ends.
    """
    c = _TENANTS.c
    own = select(c.shifts_closed_until).where(c.tenant_id == uow.tenant_id).with_for_update()
    since = (await uow.connection.execute(own)).scalar_one_or_none()
    if since is None:
        return
    until = min(uow.now, since + _LONGEST_LOOK)
    times = await lane_times.load_working(uow, since=since - 2 * _DAY)
    ended = {(lane, day) for lane in times.lanes.values() for day, _ in _ended(lane, since, until)}
    running = await _running(uow, times)
    await recomputing.recompute(uow, ended | running)
    again = _next_look(uow, times.lanes.values(), until, refresh_seconds if running else 0)
    await uow.connection.execute(
        update(_TENANTS)
        .where(c.tenant_id == uow.tenant_id)
        .values(shifts_closed_until=until, next_look_at=again)
    )


async def _running(uow: UnitOfWork, times: LaneTimes) -> set[tuple[LaneTime, date]]:
    open_ids = set((await uow.connection.execute(_OPEN_LANES)).scalars())
    return {
        (lane, lane.timetable.production_date_of(uow.now))
        for lane_id, lane in times.lanes.items()
        if lane_id in open_ids
    }


def _ended(lane: LaneTime, since: datetime, until: datetime) -> Iterable[tuple[date, ShiftDay]]:
    """Shifts that ended within (since, until], not before the lane was made."""
    first = max(since, lane.created_at) if lane.created_at else since
    for day, shift in _shifts(lane, first, until):
        if first < time_spans.instant_of(shift.end) <= until:
            yield day, shift


def _next_look(
    uow: UnitOfWork, lanes: Iterable[LaneTime], until: datetime, refresh_seconds: float
) -> datetime:
    if until < uow.now:
        return uow.now
    latest = uow.now + _RARELY
    if refresh_seconds:
        latest = min(latest, uow.now + timedelta(seconds=refresh_seconds))
    ends = [
        end
        for lane in lanes
        for _, shift in _shifts(lane, uow.now, latest)
        if (end := time_spans.instant_of(shift.end)) > uow.now
    ]
    return min([latest, *ends])


def _shifts(lane: LaneTime, since: datetime, until: datetime) -> Iterable[tuple[date, ShiftDay]]:
    first = lane.timetable.production_date_of(since) - _DAY
    last = lane.timetable.production_date_of(until)
    days: Sequence[date] = [first + n * _DAY for n in range((last - first).days + 1)]
    return [(day, shift) for day in days for shift in lane.timetable.shifts_of(day)]
