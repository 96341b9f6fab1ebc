"""What went on in a plant at a moment, from work orders, logs and intervals: four statements.

Logs are read as they count now: one that was corrected gives way to its correction.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select, text

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import HandoverIssue, HandoverLane, LogKind, WorkOrder
from lineside_contracts.values import Actor
from lineside_shopfloor import tables
from lineside_shopfloor.execution.domain import handover
from lineside_shopfloor.execution.domain.handover import Happened, Report, Reported, Resumption
from lineside_shopfloor.execution.domain.logs import NO_LANE
from lineside_shopfloor.work_orders.store import work_orders

MOST_WORK_ORDERS = 500
"""More do not go on in one plant at once; the earliest begun are shown."""

_LOGS = tables.production_logs
_TELLING = [kind.value for kind in (*handover.RESUMING, LogKind.PAUSE, LogKind.ISSUE)]


async def active(uow: UnitOfWork, plant_code: str, at: datetime) -> list[WorkOrder]:
    """Load the work orders of a plant that had begun and had not ended."""
    c = tables.work_orders.c
    query = (
        work_orders.with_operations(tables.work_orders)
        .where(c.id.in_(_active_ids(plant_code, at)))
        .order_by(c.id, work_orders.operation_number())
    )
    return work_orders.assembled((await uow.connection.execute(query)).all())


async def happened(
    uow: UnitOfWork, work_order_ids: Sequence[UUID], at: datetime
) -> dict[UUID, Happened]:
    """Load what had been reported of some work orders by a moment."""
    if not work_order_ids:
        return {}
    execute = uow.connection.execute
    reported = (await execute(_reported(work_order_ids, at))).all()
    lanes = (await execute(_lanes(work_order_ids, at))).all()
    told = (await execute(_told(work_order_ids, at))).all()
    return handover.by_work_order(
        [(r.work_order_id, r.operation_number, Reported(r.good, r.scrap)) for r in reported],
        [(r.work_order_id, _lane(r)) for r in lanes],
        _said(told),
    )


def _active_ids(plant_code: str, at: datetime) -> Select[Any]:
    c = tables.work_orders.c
    is_going_on = text("work_orders.status = 'in_progress'")
    return (
        select(c.id)
        .where(
            c.plant_code == plant_code,
            c.actual_start_at <= at,
            or_(is_going_on, c.actual_end_at > at),
        )
        .order_by(c.id)
        .limit(MOST_WORK_ORDERS)
    )


def _counting(work_order_ids: Sequence[UUID], at: datetime) -> list[ColumnElement[bool]]:
    """Which logs count: neither void nor replaced by another one."""
    later = _LOGS.alias("later")
    replaced = exists().where(
        later.c.tenant_id == _LOGS.c.tenant_id, later.c.corrects_log_id == _LOGS.c.id
    )
    return [
        one_of(_LOGS.c.work_order_id, work_order_ids),
        _LOGS.c.happened_at <= at,
        ~_LOGS.c.is_void,
        ~replaced,
    ]


def _reported(work_order_ids: Sequence[UUID], at: datetime) -> Select[Any]:
    keys = (_LOGS.c.work_order_id, _LOGS.c.operation_number)
    return (
        select(
            *keys,
            func.sum(_LOGS.c.good_quantity).label("good"),
            func.sum(_LOGS.c.scrap_quantity).label("scrap"),
        )
        .where(*_counting(work_order_ids, at))
        .group_by(*keys)
    )


def _lanes(work_order_ids: Sequence[UUID], at: datetime) -> Select[Any]:
    intervals, lanes = tables.work_intervals, tables.lanes
    joined = intervals.outerjoin(
        lanes,
        (lanes.c.tenant_id == intervals.c.tenant_id) & (lanes.c.id == intervals.c.lane_id),
    )
    return (
        select(intervals, lanes.c.lane_number)
        .select_from(joined)
        .where(
            one_of(intervals.c.work_order_id, work_order_ids),
            intervals.c.started_at <= at,
            or_(intervals.c.ended_at.is_(None), intervals.c.ended_at > at),
        )
    )


def _told(work_order_ids: Sequence[UUID], at: datetime) -> Select[Any]:
    return select(_LOGS).where(*_counting(work_order_ids, at), one_of(_LOGS.c.kind, _TELLING))


def _lane(row: Row[Any]) -> HandoverLane:
    return HandoverLane(
        lane_id=None if row.lane_id == NO_LANE else row.lane_id,
        lane_number=row.lane_number,
        operation_number=row.operation_number or None,
        activity=row.activity,
        reason_code=row.reason_code,
        since=row.started_at,
    )


def _said(rows: Sequence[Row[Any]]) -> Iterator[tuple[UUID, Report | Resumption]]:
    for row in rows:
        track = (row.operation_number, row.lane_id)
        if row.kind in handover.RESUMING:
            yield row.work_order_id, Resumption(track, row.happened_at)
        else:
            is_stop = row.stops_production or row.kind == handover.STOPPING
            yield row.work_order_id, Report(track, is_stop, _issue(row, is_stop=is_stop))


def _issue(row: Row[Any], *, is_stop: bool) -> HandoverIssue:
    return HandoverIssue(
        production_log_id=row.id,
        kind=row.kind,
        stops_production=is_stop,
        reason_code=row.reason_code,
        operation_number=row.operation_number,
        lane_number=row.lane_number,
        happened_at=row.happened_at,
        logged_by_name=Actor.model_validate(row.logged_by).name,
        notes=row.notes,
    )
