"""Logs as rows: those of one work order, with when it left lanes."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import LogKind, WorkOrder
from lineside_contracts.values import Actor
from lineside_shopfloor import tables
from lineside_shopfloor.execution.domain.logs import FloorLog
from lineside_shopfloor.execution.domain.plans import Departure

LOGS = tables.production_logs
_HELD = tables.lane_assignments

_SKEW = timedelta(hours=1)
"""More than the clocks of two replicas ever differ."""

_COLUMNS = tuple(field.name for field in fields(FloorLog))


def select_logs() -> Select[Any]:
    """Select logs as rows for `log_of`."""
    return select(*(LOGS.c[name] for name in _COLUMNS))


def log_of(row: Sequence[Any]) -> FloorLog:
    """Read a log from the first columns of its row."""
    values = dict(zip(_COLUMNS, row, strict=False))
    return FloorLog(
        **{
            **values,
            "kind": LogKind(values["kind"]),
            "serial_numbers": tuple(values["serial_numbers"]),
            "logged_by": Actor.model_validate(values["logged_by"]),
        }
    )


def about(work_order: WorkOrder) -> tuple[ColumnElement[bool], ...]:
    """Say which logs are those of a work order."""
    since = work_order.created_at - _SKEW
    return (LOGS.c.work_order_id == work_order.id, LOGS.c.logged_at >= since)


async def of_work_order(uow: UnitOfWork, work_order: WorkOrder) -> list[FloorLog]:
    """Load all logs of a work order; months before it came to be are not looked at."""
    query = select_logs().where(*about(work_order))
    return [log_of(row) for row in (await uow.connection.execute(query)).all()]


async def departures(uow: UnitOfWork, work_order_id: UUID) -> list[Departure]:
    """Load when a work order left lanes."""
    query = select(_HELD.c.released_at, _HELD.c.lane_id).where(
        _HELD.c.work_order_id == work_order_id, _HELD.c.released_at.is_not(None)
    )
    rows = (await uow.connection.execute(query)).all()
    return [Departure(row.released_at, row.lane_id) for row in rows]


def insert(uow: UnitOfWork, logs: Iterable[FloorLog]) -> None:
    """Keep logs."""
    uow.insert(LOGS, [{name: getattr(log, name) for name in _COLUMNS} for log in logs])
