"""Pages of logs: what was recorded last first, or what happened last within a range of time.

Every order and every single filter has its index (migration 0006); a page reads a few rows of it.
Months that cannot hold what is asked for are not looked at: nothing is recorded before it happens
(devices' clocks run ahead by seconds), and the id of a log tells when it was made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select, tuple_

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import (
    ListProductionLogs,
    ProductionLog,
    WorkOrder,
    WorkOrderStatus,
)
from lineside_shopfloor import tables
from lineside_shopfloor.execution.domain import answers
from lineside_shopfloor.execution.store import logs

_LOGS = logs.LOGS
_WORK_ORDERS = tables.work_orders
_FILTERS = ("work_order_id", "kind", "lane_id", "operation_number")

_AHEAD = timedelta(minutes=5)
"""More than a log may be recorded before it is said to have happened."""

_MILLISECOND_BITS = 80
"""A UUIDv7 begins with 48 bits of milliseconds since 1970 (RFC 9562, 5.7)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The last row of the page before, by the list's order."""

    at: datetime
    log_id: UUID


async def newest(
    uow: UnitOfWork,
    request: ListProductionLogs,
    *,
    plants: Sequence[str] | None,
    before: Seen | None,
) -> list[ProductionLog]:
    """Load one row more than a page has.

    Args:
        uow: Where.
        request: Filters and the page's length.
        plants: Codes of the plants to show; None for all.
        before: The last row seen.
    """
    order = _LOGS.c.happened_at if by_happening(request) else _LOGS.c.logged_at
    query = logs.select_logs().order_by(order.desc(), _LOGS.c.id.desc()).limit(request.limit + 1)
    for condition in _conditions(request, plants):
        query = query.where(condition)
    if before is not None:
        query = query.where(tuple_(order, _LOGS.c.id) < (before.at, before.log_id))
    return await _shown(uow, query)


def by_happening(request: ListProductionLogs) -> bool:
    """Say whether a list is in the order in which things happened, the last first."""
    return request.happened_from is not None or request.happened_until is not None


async def of_work_order(
    uow: UnitOfWork, work_order: WorkOrder, *, limit: int, after: tuple[Any, ...] | None
) -> list[ProductionLog]:
    """Load one row more than a page has, in the order of happening.

    Args:
        uow: Where.
        work_order: Whose logs.
        limit: The page's length.
        after: Happened, recorded and id of the last row seen.
    """
    c = _LOGS.c
    turn = (c.happened_at, c.logged_at, c.id)
    query = logs.select_logs().where(*logs.about(work_order)).order_by(*turn).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(*turn) > after)
    return await _shown(uow, query)


async def one(uow: UnitOfWork, log_id: UUID) -> ProductionLog | None:
    """Find a log: first in the month its id names, then anywhere."""
    if (near := _near(log_id)) is not None:
        query = logs.select_logs().where(_LOGS.c.id == log_id, _LOGS.c.logged_at.between(*near))
        if found := await _shown(uow, query):
            return found[0]
    found = await _shown(uow, logs.select_logs().where(_LOGS.c.id == log_id))
    return found[0] if found else None


def _conditions(request: ListProductionLogs, plants: Sequence[str] | None) -> list[Any]:
    c = _LOGS.c
    given = {name: getattr(request, name) for name in _FILTERS}
    found = [c[name] == value for name, value in given.items() if value is not None]
    if plants is not None:
        one_plant = len(plants) == 1
        found.append(c.plant_code == plants[0] if one_plant else one_of(c.plant_code, plants))
    if request.logged_by is not None:
        found.append(c.logged_by_id == request.logged_by)
    if request.happened_from is not None:
        found += [
            c.happened_at >= request.happened_from,
            c.logged_at >= _earlier(request.happened_from),
        ]
    if request.happened_until is not None:
        found.append(c.happened_at < request.happened_until)
    return found


async def _shown(uow: UnitOfWork, query: Select[Any]) -> list[ProductionLog]:
    """Show logs with the status of their work orders now, and what corrects them."""
    page = query.add_columns(_LOGS.c.tenant_id).subquery("page")
    status = (
        select(_WORK_ORDERS.c.status)
        .where(
            and_(
                _WORK_ORDERS.c.tenant_id == page.c.tenant_id,
                _WORK_ORDERS.c.id == page.c.work_order_id,
            )
        )
        .scalar_subquery()
    )
    columns = [column for column in page.c if column.name != "tenant_id"]
    rows = (await uow.connection.execute(select(*columns, status.label("status")))).all()
    found = [logs.log_of(tuple(row)) for row in rows]
    corrections = await _corrections(uow, [(log.id, log.logged_at) for log in found])
    return [
        answers.shown(log, status=WorkOrderStatus(row.status), corrected_by=corrections.get(log.id))
        for log, row in zip(found, rows, strict=True)
    ]


async def _corrections(
    uow: UnitOfWork, wanted: Sequence[tuple[UUID, datetime]]
) -> dict[UUID, UUID]:
    """Find what corrects some logs; it was recorded after the first of them."""
    if not wanted:
        return {}
    c = _LOGS.c
    query = select(c.corrects_log_id, c.id).where(
        one_of(c.corrects_log_id, [log_id for log_id, _ in wanted]),
        c.logged_at >= min(at for _, at in wanted),
    )
    rows = (await uow.connection.execute(query)).all()
    return {row.corrects_log_id: row.id for row in rows}


def _earlier(at: datetime) -> datetime:
    """Go back by what clocks may differ; there is nothing before the first of all days."""
    try:
        return at - _AHEAD
    except OverflowError:
        return at


def _near(log_id: UUID) -> tuple[datetime, datetime] | None:
    """Read around when a log was made from its id; None where the id is no UUIDv7."""
    if log_id.version != 7:  # noqa: PLR2004 -- the version it is about
        return None
    milliseconds = log_id.int >> _MILLISECOND_BITS
    try:
        made_at = datetime.fromtimestamp(milliseconds / 1000, UTC)
        return made_at - _AHEAD, made_at + _AHEAD
    except (ValueError, OverflowError):
        return None
