"""Pages of archived logs: month by month, the last first, until the page is full.

A page seldom needs more than one or two files, however many months are asked for; what is not
archived (a work order's status, a correction that came later) is looked up in the tables.
"""

import asyncio
import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import ProductionLog, QueryArchivedLogs
from lineside_contracts.values import Actor
from lineside_shopfloor.archive.domain import months
from lineside_shopfloor.archive.domain.wanted import Wanted
from lineside_shopfloor.archive.store import archives, opening
from lineside_shopfloor.archive.store.archives import Archive
from lineside_shopfloor.archive.store.files import ArchiveDamaged, Archives

READERS = 2
"""So many questions are read for at once; further ones wait, as each has memory of its own."""

Row = dict[str, Any]


@dataclass(slots=True)
class Browser:
    """Reads archives for people.

    Attributes:
        directory: Where they lie; None: nowhere.
    """

    directory: Archives | None
    _turns: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(READERS), init=False
    )

    async def page(
        self,
        uow: UnitOfWork,
        request: QueryArchivedLogs,
        *,
        plants: Sequence[str] | None,
        before: tuple[datetime, UUID] | None,
    ) -> list[ProductionLog]:
        """Load one row more than a page has, what was recorded last first.

        Args:
            uow: The transaction.
            request: Months, filters and the page's length.
            plants: Codes of the plants to show; None for all.
            before: When the last row seen was recorded, and its id.

        Raises:
            ArchiveDamaged: A file is gone, or another than was archived.
        """
        first = months.read(request.month_from)
        last = months.read(request.month_until or request.month_from)
        if before is not None:
            last = min(last, months.of(before[0]))
        rows: list[Row] = []
        async with self._turns:
            for parts in _by_month(await archives.between(uow, first=first, last=last)):
                left = request.limit + 1 - len(rows)
                rows += await self._read(uow, parts, Wanted(request, left, plants, before))
                if len(rows) > request.limit:
                    break
        return await _assembled(uow, rows)

    async def _read(self, uow: UnitOfWork, parts: Sequence[Archive], wanted: Wanted) -> list[Row]:
        if self.directory is None:
            raise ArchiveDamaged(parts[0].file_name, "missing")
        paths = []
        for part in parts:
            path = self.directory.path(uow.tenant_id, part.month, part.part)
            await asyncio.to_thread(self.directory.check, path, part.checksum)
            paths.append(path)
        async with opening.opened(paths) as session:
            return await opening.read(session, functools.partial(session.page, wanted))


def _by_month(found: Sequence[Archive]) -> list[list[Archive]]:
    """Parts whose logs are in no table any more; the others are listed from there."""
    gone = (archive for archive in found if archive.dropped_at is not None)
    return [list(parts) for _, parts in itertools.groupby(gone, key=lambda one: one.month)]


async def _assembled(uow: UnitOfWork, rows: Sequence[Row]) -> list[ProductionLog]:
    if not rows:
        return []
    statuses = await archives.statuses(uow, [row["work_order_id"] for row in rows])
    corrected = await archives.corrections(uow, [row["id"] for row in rows])
    return [_log(row, statuses, corrected) for row in rows]


def _log(row: Row, statuses: archives.Statuses, corrected: archives.Corrections) -> ProductionLog:
    by = Actor.model_validate_json(row["logged_by"])
    now = {
        "logged_by": by,
        "logged_by_name": by.name,
        "work_order_status": statuses.get(row["work_order_id"]),
        "corrected_by_log_id": corrected.get(row["id"], row["corrected_by_log_id"]),
    }
    return ProductionLog.model_validate(row | now)
