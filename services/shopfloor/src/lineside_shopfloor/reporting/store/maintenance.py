"""Maintenance records as rows, newest first."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import ListMaintenanceRecords, MaintenanceRecord
from lineside_shopfloor import tables

RECORDS = tables.maintenance_records
_COLUMNS = [RECORDS.c[name] for name in MaintenanceRecord.model_fields]


async def one(
    uow: UnitOfWork, record_id: UUID, *, for_update: bool = False
) -> MaintenanceRecord | None:
    """Load one record, locked where it is about to change."""
    query = select(*_COLUMNS).where(RECORDS.c.id == record_id)
    if for_update:
        query = query.with_for_update()
    row = (await uow.connection.execute(query)).one_or_none()
    return _record(row) if row else None


async def page(
    uow: UnitOfWork,
    request: ListMaintenanceRecords,
    *,
    plants: Sequence[str] | None,
    before: UUID | None,
) -> list[MaintenanceRecord]:
    """Load one record more than a page has, the newest first."""
    query = select(*_COLUMNS).where(*_filters(request, plants, before))
    query = query.order_by(RECORDS.c.id.desc()).limit(request.limit + 1)
    return [_record(row) for row in (await uow.connection.execute(query)).all()]


def add(uow: UnitOfWork, record: MaintenanceRecord) -> None:
    """Register a new record."""
    uow.insert(RECORDS, [record.model_dump()])


def change(uow: UnitOfWork, record: MaintenanceRecord) -> None:
    """Register a record's next version."""
    uow.update(RECORDS, [record.model_dump()], expect_version=True)


def _filters(
    request: ListMaintenanceRecords, plants: Sequence[str] | None, before: UUID | None
) -> Iterable[ColumnElement[bool]]:
    for name in ("asset_code", "lane_id", "status", "is_planned"):
        if (value := getattr(request, name)) is not None:
            yield RECORDS.c[name] == value
    if plants is not None:
        yield one_of(RECORDS.c.plant_code, list(plants))
    if before is not None:
        yield RECORDS.c.id < before


def _record(row: Any) -> MaintenanceRecord:
    return MaintenanceRecord.model_validate(dict(row._mapping))  # noqa: SLF001 -- public name
