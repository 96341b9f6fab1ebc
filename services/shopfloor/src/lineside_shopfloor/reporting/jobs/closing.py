"""Closes shifts that have ended, and keeps the figures of running work from growing old.

Nobody reports anything on an idle lane, and no log comes when a shift ends: one replica at a time
(`leading`) looks at the tenants whose turn has come and recomputes what the clock alone has
changed. A look covers a bounded stretch of time; what is behind is caught up look by look.
"""

import asyncio
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from lineside_chassis import leading
from lineside_chassis.database import Database
from lineside_chassis.leading import Leadership
from lineside_chassis.unit_of_work import Context
from lineside_shopfloor.reporting.store import looking

JOB = "shopfloor-shift-closing"
_TENANTS = 50


@dataclass(slots=True)
class Closer:
    """Looks after the shifts of all tenants.

    Attributes:
        poll_seconds: How often it asks whose turn it is.
        refresh_seconds: How old the figures of running work may become.
    """

    database: Database
    leadership: Leadership
    poll_seconds: float
    refresh_seconds: float

    @classmethod
    def of(
        cls, database: Database, *, url: str, poll_seconds: float, refresh_seconds: float
    ) -> Self:
        """Build one; `url` is of the same database."""
        return cls(database, Leadership(url, JOB), poll_seconds, refresh_seconds)

    async def run(self) -> None:
        """Look around while this replica leads, until cancelled."""
        await self.leadership.run(self._look_around)

    async def _look_around(self) -> None:
        while True:
            await leading.whole(self.look_at_due())
            await asyncio.sleep(self.poll_seconds)

    async def look_at_due(self) -> int:
        """Look at the tenants whose turn has come.

        Returns:
            How many there were.
        """
        now = self.database.clock.now()
        async with self.database.without_tenant() as connection:
            due = await looking.due_tenants(connection, now=now, limit=_TENANTS)
        for tenant_id in due:
            await self._look_at(tenant_id)
        return len(due)

    async def _look_at(self, tenant_id: UUID) -> None:
        context = Context(tenant_id=tenant_id, correlation_id=self.database.clock.new_id())
        async with self.database.unit_of_work(context) as uow:
            await looking.look(uow, refresh_seconds=self.refresh_seconds)
