"""Looks after the months of production logs: made ahead, retired when they are old.

One replica does so at a time (`leading`).
"""

import asyncio
from dataclasses import dataclass
from typing import Self

import structlog

from lineside_chassis import leading
from lineside_chassis.database import Database
from lineside_chassis.leading import Leadership
from lineside_chassis.unit_of_work import Context
from lineside_shopfloor.archive.jobs.retiring import NOBODY, Retirement
from lineside_shopfloor.archive.store import months
from lineside_shopfloor.archive.store.months import MonthBusy

JOB = "shopfloor-log-months"
MONTHS_AHEAD = 3
RETRY_SECONDS = 60.0
"""What was postponed is tried again so soon."""

_log = structlog.get_logger()


@dataclass(slots=True)
class Keeper:
    """Does what is due, for all tenants.

    Attributes:
        retirement: What becomes of old months; None: they stay.
        check_seconds: How often it looks.
    """

    database: Database
    leadership: Leadership
    retirement: Retirement | None
    check_seconds: float

    @classmethod
    def of(
        cls, database: Database, *, url: str, retirement: Retirement | None, check_seconds: float
    ) -> Self:
        """Build one; `url` is of the same database."""
        return cls(database, Leadership(url, JOB), retirement, check_seconds)

    async def run(self) -> None:
        """Look after the months while this replica leads, until cancelled."""
        await self.leadership.run(self._look_after)

    async def _look_after(self) -> None:
        if self.retirement is not None:
            self.retirement.is_stopping = False
        while True:
            done = await leading.whole(self.keep(), on_cancel=self._stop)
            retry = min(RETRY_SECONDS, self.check_seconds)
            await asyncio.sleep(self.check_seconds if done else retry)

    def _stop(self) -> None:
        if self.retirement is not None:
            self.retirement.is_stopping = True

    async def keep(self) -> bool:
        """Make the months that are missing, retire those that are old.

        Returns:
            False where something was postponed.
        """
        made = await self.make_months()
        retired = self.retirement is None or await self.retirement.retire_all()
        return made and retired

    async def make_months(self) -> bool:
        """Make partitions ahead, and for logs that wait in the default one.

        Returns:
            False where one was postponed.
        """
        today = self.database.clock.now().date()
        async with self.database.without_tenant() as connection:
            missing = await months.missing(connection, today=today, ahead=MONTHS_AHEAD)
        context = Context(tenant_id=NOBODY, correlation_id=self.database.clock.new_id())
        try:
            for month in missing:
                async with self.database.unit_of_work(context) as uow:
                    await months.make(uow.connection, month)
        except MonthBusy:
            _log.info("months of production logs are made later: the table is busy")
            return False
        return True
