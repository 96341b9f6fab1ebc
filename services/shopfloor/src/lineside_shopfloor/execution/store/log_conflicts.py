"""Late reports that wait for a supervisor."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import ListLogConflicts, LogConflict
from lineside_shopfloor import tables

_CONFLICTS = tables.log_conflicts
_FIELDS = tuple(LogConflict.model_fields)


def add(uow: UnitOfWork, conflict: LogConflict) -> None:
    """Put a report on the list."""
    uow.insert(_CONFLICTS, [conflict.model_dump(mode="json")])


def save(uow: UnitOfWork, conflict: LogConflict) -> None:
    """Store what was decided; it fails where somebody else decided meanwhile."""
    uow.update(_CONFLICTS, [conflict.model_dump(mode="json")], expect_version=True)


async def one(uow: UnitOfWork, conflict_id: UUID) -> LogConflict | None:
    """Find a conflict."""
    query = _selected().where(_CONFLICTS.c.id == conflict_id)
    row = (await uow.connection.execute(query)).one_or_none()
    return _conflict(row) if row is not None else None


async def page(
    uow: UnitOfWork,
    request: ListLogConflicts,
    *,
    plants: Sequence[str] | None,
    after: UUID | None,
) -> list[LogConflict]:
    """Load one row more than a page has, the oldest first.

    Args:
        uow: Where.
        request: Filters and the page's length.
        plants: Codes of the plants to show; None for all.
        after: Id of the last row seen.
    """
    c = _CONFLICTS.c
    query = _selected().order_by(c.id).limit(request.limit + 1)
    if request.status is not None:
        query = query.where(c.status == request.status)
    if request.work_order_id is not None:
        query = query.where(c.work_order_id == request.work_order_id)
    if plants is not None:
        query = query.where(one_of(c.plant_code, plants))
    if after is not None:
        query = query.where(c.id > after)
    return [_conflict(row) for row in (await uow.connection.execute(query)).all()]


def _selected() -> Any:
    return select(*(_CONFLICTS.c[name] for name in _FIELDS))


def _conflict(row: Row[Any]) -> LogConflict:
    return LogConflict.model_validate(dict(zip(_FIELDS, row, strict=True)))
