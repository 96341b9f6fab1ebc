"""Lanes with what holds them: locked for a decision, and stored after it.

Assignments of a lane are changed under the lock of its row alone, so they are read after it. Work
orders are locked before lanes, everywhere.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, select, tuple_

from lineside_chassis.tables import among_pairs, one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.shopfloor import LaneAssignment, LaneState
from lineside_shopfloor import tables
from lineside_shopfloor.lanes.domain.occupancy import Lane

_LANES = tables.lanes
_PLANTS = tables.plants
_HELD = tables.lane_assignments
_WORK_ORDERS = tables.work_orders

_OWN = (
    "id",
    "lane_number",
    "lane_name",
    "plant_code",
    "lane_type",
    "work_center_code",
    "capacity",
    "status",
    "status_reason",
    "status_changed_at",
    "current_work_order_id",
    "last_work_order_id",
)
_STATE = {
    "status",
    "status_reason",
    "status_changed_at",
    "current_work_order_id",
    "last_work_order_id",
}
_ASSIGNMENT = tuple(column.name for column in _HELD.c if column.name != "tenant_id")
_PLACED = set(_ASSIGNMENT)
_ENDED = {"id", "released_at", "released_by", "release_reason"}


async def lock(uow: UnitOfWork, lane_ids: Iterable[UUID]) -> dict[UUID, Lane]:
    """Lock lanes in the order of their ids, and load them with what holds them.

    Lanes that do not exist, or no longer, are left out.
    """
    wanted = sorted(set(lane_ids))
    if not wanted:
        return {}
    return await lock_where(uow, one_of(_LANES.c.id, wanted), ~_LANES.c.deleted)


async def lock_where(
    uow: UnitOfWork, *conditions: ColumnElement[bool], skip_locked: bool = False
) -> dict[UUID, Lane]:
    """Lock the lanes that meet some conditions, as `lock` does.

    Args:
        uow: Where.
        conditions: On the table of lanes.
        skip_locked: Leave out what others hold locked instead of waiting for it.
    """
    query = select_lanes().where(*conditions).order_by(_LANES.c.id)
    query = query.with_for_update(of=_LANES, skip_locked=skip_locked, key_share=True)
    rows = (await uow.connection.execute(query)).all()
    return {state.id: Lane(state) for state in await assembled(uow, rows)}


async def lock_numbers(uow: UnitOfWork, keys: Sequence[tuple[str, str]]) -> list[LaneState]:
    """Lock the lanes of some plants and numbers, as far as they exist."""
    columns = tuple_(_LANES.c.plant_code, _LANES.c.lane_number)
    wanted = among_pairs(columns, list(zip(*keys, strict=True)))
    return [lane.state for lane in (await lock_where(uow, wanted, ~_LANES.c.deleted)).values()]


async def lock_written(uow: UnitOfWork, lane_ids: Sequence[UUID]) -> list[tuple[Lane, bool]]:
    """Lock lanes, deleted ones as well, and tell of each whether it is in use."""
    lanes = await lock_where(uow, one_of(_LANES.c.id, list(lane_ids)))
    query = select(_LANES.c.id, _LANES.c.is_active & ~_LANES.c.deleted).where(
        one_of(_LANES.c.id, list(lanes))
    )
    usable = {row[0]: row[1] for row in (await uow.connection.execute(query)).all()}
    return [(lane, usable[lane_id]) for lane_id, lane in lanes.items()]


def select_lanes() -> Select[Any]:
    """Select lanes as rows for `assembled`."""
    columns = [_LANES.c[name] for name in _OWN]
    return select(
        *columns,
        _LANES.c.state_version.label("version"),
        _LANES.c.version.label("master_data_version"),
        _PLANTS.c.id.label("plant_id"),
    ).select_from(
        _LANES.outerjoin(
            _PLANTS,
            and_(
                _PLANTS.c.tenant_id == _LANES.c.tenant_id,
                _PLANTS.c.plant_code == _LANES.c.plant_code,
            ),
        )
    )


async def assembled(uow: UnitOfWork, rows: Sequence[Row[Any]]) -> list[LaneState]:
    """Make states of lanes of their rows, with the assignments that hold, loaded at once."""
    held = await holding(uow, lane_ids=[row.id for row in rows])
    return [_state(row, held) for row in rows]


async def holding(
    uow: UnitOfWork, *, lane_ids: Sequence[UUID] = (), work_order_ids: Sequence[UUID] = ()
) -> list[LaneAssignment]:
    """Load the assignments that hold some lanes, or by which some work orders hold lanes."""
    if not lane_ids and not work_order_ids:
        return []
    column, wanted = (
        (_HELD.c.lane_id, lane_ids) if lane_ids else (_HELD.c.work_order_id, work_order_ids)
    )
    query = (
        select_assignments()
        .where(one_of(column, list(wanted)), _HELD.c.released_at.is_(None))
        .order_by(_HELD.c.lane_id, _HELD.c.track)
    )
    return [assignment_of(row) for row in (await uow.connection.execute(query)).all()]


def select_assignments() -> Select[Any]:
    """Select assignments as rows for `assignment_of`."""
    return select(
        *(_HELD.c[name] for name in _ASSIGNMENT),
        _LANES.c.lane_number,
        _LANES.c.plant_code,
        _WORK_ORDERS.c.work_order_number,
    ).select_from(
        _HELD.join(
            _LANES, and_(_LANES.c.tenant_id == _HELD.c.tenant_id, _LANES.c.id == _HELD.c.lane_id)
        ).join(
            _WORK_ORDERS,
            and_(
                _WORK_ORDERS.c.tenant_id == _HELD.c.tenant_id,
                _WORK_ORDERS.c.id == _HELD.c.work_order_id,
            ),
        )
    )


def assignment_of(row: Row[Any]) -> LaneAssignment:
    """Make an assignment of its row."""
    return LaneAssignment.model_validate(dict(row._mapping))  # noqa: SLF001 -- its public name


async def ids_by_number(
    uow: UnitOfWork, lane_number: str, *, plant_code: str | None = None
) -> dict[str, UUID]:
    """Find the lanes of a number, by plant."""
    query = select(_LANES.c.plant_code, _LANES.c.id).where(
        _LANES.c.lane_number == lane_number, ~_LANES.c.deleted
    )
    if plant_code is not None:
        query = query.where(_LANES.c.plant_code == plant_code)
    return {row.plant_code: row.id for row in (await uow.connection.execute(query)).all()}


def save(uow: UnitOfWork, lanes: Iterable[Lane], *, caused_by: Envelope | None = None) -> None:
    """Store what became of lanes, and say it."""
    for lane in lanes:
        if not lane.events:
            continue
        uow.update(_LANES, [_lane_row(lane.state)])
        uow.update(_HELD, [one.model_dump(mode="json", include=_ENDED) for one in lane.ended])
        uow.update(_HELD, [{"id": one.id, "is_pinned": one.is_pinned} for one in lane.repinned])
        uow.insert(_HELD, [one.model_dump(mode="json", include=_PLACED) for one in lane.placed])
        for event in lane.events:
            uow.emit(event, caused_by=caused_by)


def _lane_row(state: LaneState) -> dict[str, Any]:
    dumped = state.model_dump(mode="json", include=_STATE)
    return {"id": state.id, "state_version": state.version, **dumped}


def _state(row: Row[Any], held: Sequence[LaneAssignment]) -> LaneState:
    own = tuple(one for one in held if one.lane_id == row.id)
    fields = dict(row._mapping)  # noqa: SLF001 -- its public name
    return LaneState.model_validate({**fields, "assignments": own})
