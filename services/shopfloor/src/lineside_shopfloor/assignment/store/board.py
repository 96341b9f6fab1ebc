"""Lanes and their history as people read them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select, tuple_

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import (
    LaneAssignment,
    LaneState,
    ListLaneAssignments,
    ListLanes,
)
from lineside_shopfloor import tables
from lineside_shopfloor.lanes.store import lanes

_LANES = tables.lanes
_HELD = tables.lane_assignments


async def one(uow: UnitOfWork, lane_id: UUID) -> LaneState | None:
    """Load a lane as it stands."""
    query = lanes.select_lanes().where(_LANES.c.id == lane_id, ~_LANES.c.deleted)
    rows = (await uow.connection.execute(query)).all()
    return next(iter(await lanes.assembled(uow, rows)), None)


async def page(
    uow: UnitOfWork,
    request: ListLanes,
    *,
    plants: Sequence[str] | None,
    after: tuple[str, str] | None,
) -> list[LaneState]:
    """Load up to one lane more than the page has, by plant and number.

    Args:
        uow: Where.
        request: Which lanes.
        plants: Of these plants; None for all.
        after: Plant and number of the last lane seen.
    """
    query = lanes.select_lanes().where(~_LANES.c.deleted)
    key = tuple_(_LANES.c.plant_code, _LANES.c.lane_number)
    if plants is not None:
        query = query.where(one_of(_LANES.c.plant_code, plants))
    if after is not None:
        query = query.where(key > tuple_(*after))
    query = _filtered(query, request).order_by(_LANES.c.plant_code, _LANES.c.lane_number)
    rows = (await uow.connection.execute(query.limit(request.limit + 1))).all()
    return await lanes.assembled(uow, rows)


async def of_plant(uow: UnitOfWork, plant_code: str) -> list[LaneState]:
    """Load every lane of a plant, by number."""
    query = lanes.select_lanes().where(_LANES.c.plant_code == plant_code, ~_LANES.c.deleted)
    rows = (await uow.connection.execute(query.order_by(_LANES.c.lane_number))).all()
    return await lanes.assembled(uow, rows)


async def history(
    uow: UnitOfWork,
    request: ListLaneAssignments,
    *,
    plants: Sequence[str] | None,
    before: tuple[datetime, UUID] | None,
) -> list[LaneAssignment]:
    """Load up to one assignment more than the page has, the newest first."""
    query = lanes.select_assignments()
    if plants is not None:
        query = query.where(one_of(_LANES.c.plant_code, plants))
    if before is not None:
        query = query.where(tuple_(_HELD.c.assigned_at, _HELD.c.id) < tuple_(*before))
    if request.lane_id is not None:
        query = query.where(_HELD.c.lane_id == request.lane_id)
    if request.work_order_id is not None:
        query = query.where(_HELD.c.work_order_id == request.work_order_id)
    if request.is_active is not None:
        is_active = _HELD.c.released_at.is_(None)
        query = query.where(is_active if request.is_active else ~is_active)
    query = query.order_by(_HELD.c.assigned_at.desc(), _HELD.c.id.desc())
    rows = (await uow.connection.execute(query.limit(request.limit + 1))).all()
    return [lanes.assignment_of(row) for row in rows]


async def assignment(uow: UnitOfWork, assignment_id: UUID) -> LaneAssignment | None:
    """Load one assignment."""
    query = lanes.select_assignments().where(_HELD.c.id == assignment_id)
    row = (await uow.connection.execute(query)).one_or_none()
    return None if row is None else lanes.assignment_of(row)


async def mode_of(uow: UnitOfWork, plant_code: str) -> str | None:
    """Tell who puts work on the lanes of a plant; None where there is no such plant."""
    c = tables.plants.c
    query = select(c.assignment_mode).where(c.plant_code == plant_code, ~c.deleted)
    mode: str | None = (await uow.connection.execute(query)).scalar_one_or_none()
    return mode


async def running(uow: UnitOfWork, lane_id: UUID) -> dict[UUID, list[int]]:
    """Tell which operations run on a lane, by work order."""
    c = tables.work_tracks.c
    query = (
        select(c.work_order_id, c.operation_number)
        .where(c.lane_id == lane_id, c.state == "running")
        .order_by(c.work_order_id, c.operation_number)
    )
    found: dict[UUID, list[int]] = {}
    for row in (await uow.connection.execute(query)).all():
        found.setdefault(row.work_order_id, []).append(row.operation_number)
    return found


def _filtered(query: Select[tuple[object, ...]], request: ListLanes) -> Select[tuple[object, ...]]:
    if request.lane_type is not None:
        query = query.where(_LANES.c.lane_type == request.lane_type.value)
    if request.status is not None:
        query = query.where(_LANES.c.status == request.status.value)
    if request.search:
        texts = (_LANES.c.lane_number, _LANES.c.lane_name)
        query = query.where(
            or_(*(text.icontains(request.search, autoescape=True) for text in texts))
        )
    return query
