"""Months of the table: which partitions there are and are missing, made and dropped.

Partitions belong to the owner role; functions of its own make and drop them, and look themselves
whether a drop is covered (migrations/versions/0009_archive.py).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

_MISSING = text("SELECT missing_production_log_months(:today, :ahead)")
_MAKE = text("SELECT create_production_log_month(:month)")
_THERE = text("""
SELECT to_date(right(c.relname, 7), 'YYYY_MM') AS month
FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = 'production_logs'::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$'
ORDER BY month
""")
_TENANTS = text("SELECT production_log_tenants(:month)")
_DROP = text("SELECT drop_production_log_month(:month)")

LONG = text("SELECT set_config('statement_timeout', '900s', true)")
"""A month may hold more than the time of a request is enough for."""

_BUSY = "55P03"
_NOT_COVERED = "55000"


class MonthBusy(Exception):  # noqa: N818 -- no error: tried again a little later
    """Others hold the table; waiting for them would make everybody else wait."""


class MonthNotCovered(Exception):  # noqa: N818 -- a refusal
    """Some of its logs are in no verified archive, so it was not dropped."""


async def missing(connection: AsyncConnection, *, today: date, ahead: int) -> list[date]:
    """Tell which months have no partition yet: from now on, and of logs that wait for theirs.

    Args:
        connection: Any of the service's.
        today: In UTC.
        ahead: How many months after this one are wanted.
    """
    parameters = {"today": today, "ahead": ahead}
    return list((await connection.execute(_MISSING, parameters)).scalars())


async def make(connection: AsyncConnection, month: date) -> None:
    """Make a partition and move the logs there that waited in the default one.

    Raises:
        MonthBusy: The table cannot be locked now.
    """
    await connection.execute(LONG)
    async with _named():
        await connection.execute(_MAKE, {"month": month})


async def there(connection: AsyncConnection) -> list[date]:
    """Tell which months have a partition, the oldest first."""
    return list((await connection.execute(_THERE)).scalars())


async def tenants(connection: AsyncConnection, month: date) -> list[UUID]:
    """Tell whose logs lie in a month's partition."""
    return list((await connection.execute(_TENANTS, {"month": month})).scalars())


async def drop(connection: AsyncConnection, month: date) -> int:
    """Detach and drop a month's partition, and mark its archives; the database checks them again.

    Returns:
        How many logs are in archives only from now on.

    Raises:
        MonthBusy: The table cannot be locked now.
        MonthNotCovered: A log of it is in no verified archive.
    """
    await connection.execute(LONG)
    async with _named():
        dropped: int = (await connection.execute(_DROP, {"month": month})).scalar_one()
        return dropped


@asynccontextmanager
async def _named() -> AsyncIterator[None]:
    try:
        yield
    except OperationalError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state == _BUSY:
            raise MonthBusy(str(error.orig)) from error
        if state == _NOT_COVERED:
            raise MonthNotCovered(str(error.orig)) from error
        raise
