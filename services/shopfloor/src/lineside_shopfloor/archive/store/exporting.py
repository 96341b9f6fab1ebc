"""Streams a month of logs from the table into a file, which is written outside the event loop."""

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.errors import Transient
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor.archive.domain.columns import COLUMNS, Kind
from lineside_shopfloor.archive.store import measuring, months

if TYPE_CHECKING:
    from lineside_shopfloor.archive.store.parquet import ArchiveWriter

BATCH_ROWS = 1_000

_SHOWN = ", ".join(
    f"l.{name}::text AS {name}" if kind is Kind.JSON else f"l.{name}"
    for name, kind in COLUMNS.items()
)
_LOGS = text(
    f"SELECT {_SHOWN}, l.logged_by ->> 'id' AS logged_by_id, c.id AS corrected_by_log_id"  # noqa: S608
    " FROM production_logs AS l LEFT JOIN ("
    "   SELECT DISTINCT ON (corrects_log_id) corrects_log_id, id FROM production_logs"
    "   WHERE corrects_log_id IS NOT NULL AND logged_at >= :begins"
    "   ORDER BY corrects_log_id, logged_at DESC, id DESC"
    " ) AS c ON c.corrects_log_id = l.id"
    " WHERE l.logged_at >= :begins AND l.logged_at < :ends ORDER BY l.logged_at, l.id"
)
"""A correction is recorded after what it corrects, so it still is in the table."""


class Interrupted(Transient):
    """The replica stops amid an export; another one begins it anew."""


async def export(
    uow: UnitOfWork, month: date, draft: Path, *, is_stopping: Callable[[], bool]
) -> None:
    """Write a tenant's logs of a month to a file, in the order they were recorded.

    Args:
        uow: Of the tenant.
        month: Which.
        draft: Where to; on an error it is left behind.
        is_stopping: Asked between batches.

    Raises:
        CannotArchive: A value has no place in the file.
        Interrupted: It was asked to stop.
        OSError: The disk does not take it.
    """
    await uow.connection.execute(months.LONG)
    streamed = await uow.connection.stream(
        _LOGS, measuring.between(month), execution_options={"yield_per": BATCH_ROWS}
    )
    with await asyncio.to_thread(_opened, draft, uow.tenant_id, month) as writer:
        async for rows in streamed.partitions(BATCH_ROWS):
            if is_stopping():
                raise Interrupted("this replica stops")
            await asyncio.to_thread(writer.write, rows)
        await asyncio.to_thread(writer.flush)


def _opened(draft: Path, tenant_id: UUID, month: date) -> "ArchiveWriter":
    from lineside_shopfloor.archive.store import parquet  # noqa: PLC0415 -- memory, once a month

    return parquet.ArchiveWriter(draft, tenant_id=tenant_id, month=month)
