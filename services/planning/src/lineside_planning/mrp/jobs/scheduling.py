"""Asks for runs nobody asks for: a regeneration when the day has turned, a check now and then.

One replica does so at a time (`leading`); the runs themselves are done by any.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from lineside_chassis import leading
from lineside_chassis.database import Database
from lineside_chassis.leading import Leadership
from lineside_chassis.unit_of_work import Context
from lineside_planning.mrp.store import planning, runs
from lineside_planning.mrp.store.planning import DueTenant

JOB = "planning-mrp-schedule"
_TENANTS = 50


@dataclass(slots=True)
class Scheduler:
    """Looks after the plans of all tenants.

    Attributes:
        check_seconds: How old a plan's last check may be; 0: no checks.
    """

    database: Database
    leadership: Leadership
    poll_seconds: float
    check_seconds: float

    @classmethod
    def of(cls, database: Database, *, url: str, poll_seconds: float, check_seconds: float) -> Self:
        """Build one; `url` is of the same database."""
        return cls(database, Leadership(url, JOB), poll_seconds, check_seconds)

    async def run(self) -> None:
        """Ask for runs while this replica leads, until cancelled."""
        await self.leadership.run(self._look_around)

    async def _look_around(self) -> None:
        while True:
            await leading.whole(self.ask_for_due())
            await asyncio.sleep(self.poll_seconds)

    async def ask_for_due(self) -> int:
        """Ask for the runs that are due now.

        Returns:
            How many.
        """
        now = self.database.clock.now()
        async with self.database.without_tenant() as connection:
            due = await planning.due_tenants(
                connection, now=now, checked_before=self._checked_before(now), limit=_TENANTS
            )
        for tenant in due:
            await self._ask(tenant)
        return len(due)

    def _checked_before(self, now: datetime) -> datetime | None:
        return now - timedelta(seconds=self.check_seconds) if self.check_seconds else None

    async def _ask(self, due: DueTenant) -> None:
        new_id = self.database.clock.new_id()
        context = Context(tenant_id=due.tenant_id, correlation_id=new_id)
        async with self.database.unit_of_work(context) as uow:
            if due.is_past:
                await runs.queue(uow, "regeneration", reason="The day has turned.", today=due.today)
            else:
                await runs.queue(uow, "check", reason="Regular check.")
