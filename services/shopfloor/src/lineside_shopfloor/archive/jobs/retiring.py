"""The end of a month: archived for every tenant, checked once more, dropped.

Each step is a transaction of its own and finds out by itself what is done already, so that a crash
between any two is only a pause.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import structlog

from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_shopfloor.archive.domain import months as calendar
from lineside_shopfloor.archive.store import archives, months
from lineside_shopfloor.archive.store.archiving import Archiving, NotVerified
from lineside_shopfloor.archive.store.files import ArchiveDamaged, Archives, CannotArchive
from lineside_shopfloor.archive.store.months import MonthBusy, MonthNotCovered

NOBODY = UUID(int=0)
"""A tenant without rows: for steps that are no tenant's."""

Obstacles = Callable[[UnitOfWork, date], Awaitable[Sequence[str]]]
"""Tells what keeps a tenant's logs of a month in the table; nothing where there is nothing."""

_REFUSALS = (ArchiveDamaged, CannotArchive, MonthNotCovered, NotVerified, OSError)

_log = structlog.get_logger()


@dataclass(slots=True)
class Retirement:
    """Takes old months out of the database.

    Attributes:
        directory: Where archives lie.
        obstacles: What keeps logs in the table, such as a summary that is missing.
        retention_months: For how many months logs stay in the database.
        is_stopping: Set when this replica ends; a month is left to another then.
    """

    database: Database
    directory: Archives
    retention_months: int
    obstacles: Obstacles
    is_stopping: bool = field(default=False, init=False)

    async def retire_all(self) -> bool:
        """Retire every month that is old enough, the oldest first.

        Returns:
            False where one has to stay for now.
        """
        done = True
        for month in await self.due_months():
            done = not self.is_stopping and await self.retire(month) and done
        return done

    async def due_months(self) -> list[date]:
        """Tell which months are old enough to leave the database, the oldest first."""
        now = self.database.clock.now()
        async with self.database.without_tenant() as connection:
            there = await months.there(connection)
        kept = self.retention_months
        return [m for m in there if calendar.is_due(m, now=now, retention_months=kept)]

    async def retire(self, month: date) -> bool:
        """Archive a month for every tenant and drop it.

        Returns:
            False where it has to stay for now; the log says why.
        """
        try:
            if not await self.archive(month):
                return False
            await self.drop(month)
        except MonthBusy:
            _log.info("production logs are dropped later: the table is busy", month=str(month))
            return False
        except _REFUSALS as error:
            _log.error("production logs not archived", month=str(month), error=str(error))
            return False
        return True

    async def archive(self, month: date) -> bool:
        """Bring a month into verified files, one per tenant; those that are there stay.

        Returns:
            False where something keeps logs in the table, or this replica stops.

        Raises:
            ArchiveDamaged: A file cannot be read back.
            CannotArchive: A value has no place in a file.
            NotVerified: A file does not hold what the table holds.
            OSError: The disk does not take it.
        """
        done = True
        for tenant_id in await self._tenants(month):
            done = not self.is_stopping and await self._archive(tenant_id, month) and done
        return done

    async def drop(self, month: date) -> int:
        """Drop a month whose files still are what they were.

        Returns:
            How many logs are in archives only from now on.

        Raises:
            ArchiveDamaged: A file is gone, or another than was verified.
            MonthBusy: The table cannot be locked now.
            MonthNotCovered: A log is in no verified archive.
        """
        for tenant_id in await self._tenants(month):
            async with self._unit(tenant_id, read_only=True) as uow:
                await self._archiving().check(uow, month)
        async with self._unit(NOBODY) as uow:
            count = await months.drop(uow.connection, month)
        _log.info("production logs dropped", month=str(month), rows=count)
        return count

    async def _archive(self, tenant_id: UUID, month: date) -> bool:
        async with self._unit(tenant_id, read_only=True) as uow:
            if await self._archiving().is_archived(uow, month):
                return True
            if found := await self.obstacles(uow, month):
                _log.warning("production logs stay for now", month=str(month), why=list(found))
                return False
            written = await self._archiving().write(uow, month)
        async with self._unit(tenant_id) as uow:
            archives.save(uow, written)
        return True

    async def _tenants(self, month: date) -> list[UUID]:
        async with self.database.without_tenant() as connection:
            return await months.tenants(connection, month)

    def _archiving(self) -> Archiving:
        return Archiving(self.directory, lambda: self.is_stopping)

    @asynccontextmanager
    async def _unit(self, tenant_id: UUID, *, read_only: bool = False) -> AsyncIterator[UnitOfWork]:
        context = Context(tenant_id=tenant_id, correlation_id=self.database.clock.new_id())
        async with self.database.unit_of_work(context, read_only=read_only) as uow:
            yield uow
