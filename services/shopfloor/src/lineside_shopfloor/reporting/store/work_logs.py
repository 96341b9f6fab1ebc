"""Daily work logs as rows, newest first."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import DailyWorkLog, ListDailyWorkLogs
from lineside_shopfloor import tables

LOGS = tables.daily_work_logs


def save(uow: UnitOfWork, log: DailyWorkLog) -> None:
    """Register a work log."""
    uow.insert(LOGS, [log.model_dump(exclude={"logged_by_name"})])


async def page(
    uow: UnitOfWork,
    request: ListDailyWorkLogs,
    *,
    plants: Sequence[str] | None,
    before: UUID | None,
) -> list[DailyWorkLog]:
    """Load one row more than a page has, the newest first."""
    query = select(LOGS).where(*_filters(request, plants, before))
    query = query.order_by(LOGS.c.id.desc()).limit(request.limit + 1)
    return [_log(row) for row in (await uow.connection.execute(query)).all()]


def _filters(
    request: ListDailyWorkLogs, plants: Sequence[str] | None, before: UUID | None
) -> Iterable[ColumnElement[bool]]:
    for name in ("lane_id", "work_order_id", "shift"):
        if (value := getattr(request, name)) is not None:
            yield LOGS.c[name] == value
    if request.from_date is not None:
        yield LOGS.c.work_date >= request.from_date
    if request.to_date is not None:
        yield LOGS.c.work_date <= request.to_date
    if plants is not None:
        yield one_of(LOGS.c.plant_code, list(plants))
    if before is not None:
        yield LOGS.c.id < before


def _log(row: Any) -> DailyWorkLog:
    values = dict(row._mapping)  # noqa: SLF001 -- its public name
    return DailyWorkLog.model_validate({**values, "logged_by_name": values["logged_by"]["name"]})
