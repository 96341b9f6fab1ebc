"""Rows that tell which months of a tenant lie in files, and what a list of logs says of today."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Row, select, tuple_

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import ProductionLogArchive
from lineside_shopfloor import tables
from lineside_shopfloor.archive.domain import months

_ARCHIVES = tables.production_log_archives
_SHOWN = [
    _ARCHIVES.c[name]
    for name in (
        *("month", "part", "file_name", "row_count", "byte_count"),
        *("checksum", "digest", "verified_at", "dropped_at"),
    )
]


Statuses = Mapping[UUID, str]
Corrections = Mapping[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Archive:
    """A file of a month, found equal to the table when it was verified.

    Attributes:
        digest: Of its rows, as PostgreSQL computed it.
        dropped_at: Since when its logs are in no table.
    """

    month: date
    part: int
    file_name: str
    row_count: int
    byte_count: int
    checksum: str
    digest: Decimal
    verified_at: datetime
    dropped_at: datetime | None = None

    @property
    def key(self) -> tuple[date, int]:
        """What lists are ordered by."""
        return self.month, self.part

    def shown(self) -> ProductionLogArchive:
        """As people see it."""
        return ProductionLogArchive.model_validate(
            asdict(self) | {"month": months.written(self.month)}
        )


async def of_month(uow: UnitOfWork, month: date) -> list[Archive]:
    """Load the parts of a month, the first one first."""
    c = _ARCHIVES.c
    query = select(*_SHOWN).where(c.month == month).order_by(c.part)
    return _archives((await uow.connection.execute(query)).all())


async def between(
    uow: UnitOfWork,
    *,
    first: date | None,
    last: date | None,
    before: tuple[date, int] | None = None,
    limit: int | None = None,
) -> list[Archive]:
    """Load archives, the last month first.

    Args:
        uow: The transaction.
        first: The first month, itself included.
        last: The last month, itself included.
        before: Month and part of the last row seen.
        limit: How many at most.
    """
    c = _ARCHIVES.c
    query = select(*_SHOWN).order_by(c.month.desc(), c.part.desc()).limit(limit)
    if first is not None:
        query = query.where(c.month >= first)
    if last is not None:
        query = query.where(c.month <= last)
    if before is not None:
        query = query.where(tuple_(c.month, c.part) < before)
    return _archives((await uow.connection.execute(query)).all())


def save(uow: UnitOfWork, archive: Archive) -> None:
    """Keep what was verified."""
    uow.upsert(_ARCHIVES, [asdict(archive)], key=("month", "part"))


async def statuses(uow: UnitOfWork, work_order_ids: Sequence[UUID]) -> Statuses:
    """Tell the present status of work orders."""
    c = tables.work_orders.c
    query = select(c.id, c.status).where(one_of(c.id, sorted(set(work_order_ids))))
    return {row.id: row.status for row in await uow.connection.execute(query)}


async def corrections(uow: UnitOfWork, log_ids: Sequence[UUID]) -> Corrections:
    """Tell which logs were corrected after they had been archived, and by which."""
    c = tables.production_logs.c
    corrected = one_of(c.corrects_log_id, list(log_ids))
    query = select(c.corrects_log_id, c.id).where(corrected).order_by(c.logged_at, c.id)
    return {row[0]: row[1] for row in await uow.connection.execute(query)}


def _archives(rows: Sequence[Row[tuple[object, ...]]]) -> list[Archive]:
    return [Archive(**row._mapping) for row in rows]  # noqa: SLF001 -- SQLAlchemy's public name
