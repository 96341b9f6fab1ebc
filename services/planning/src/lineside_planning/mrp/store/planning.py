"""The tenant's planning state: which day its plan is for, and whose turn it is to change it.

Whoever changes projection or plan locks the one row first, so that net changes of two replicas
follow one another and never interleave.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import Tenant
from lineside_planning.mrp.tables import known_tenants, mrp_planning, mrp_replanned

_LOCKED = select(
    mrp_planning.c.planning_date,
    mrp_planning.c.calendar_version,
    mrp_planning.c.change_count,
    mrp_planning.c.is_recording,
    mrp_planning.c.is_stale,
)
_FIRST = text("""
WITH tenant AS (
  INSERT INTO known_tenants AS t (tenant_id, version, time_zone, mrp_planned_on)
  VALUES (:tenant_id, 0, 'UTC', (CAST(:now AS timestamptz) AT TIME ZONE 'UTC')::date)
  ON CONFLICT (tenant_id) DO UPDATE SET mrp_planned_on =
    (CAST(:now AS timestamptz) AT TIME ZONE t.time_zone)::date
  RETURNING mrp_planned_on
)
INSERT INTO mrp_planning
  (tenant_id, planning_date, calendar_version, change_count, is_recording, is_stale)
SELECT :tenant_id, mrp_planned_on, 0, 0, false, false FROM tenant
ON CONFLICT DO NOTHING
""")
_KEEP_TENANTS = text("""
INSERT INTO known_tenants AS t (tenant_id, version, time_zone)
VALUES (:tenant_id, :version, :time_zone)
ON CONFLICT (tenant_id) DO UPDATE
  SET version = excluded.version, time_zone = excluded.time_zone
  WHERE t.version < excluded.version
""")
_DUE = text("""
SELECT tenant_id, (CAST(:now AS timestamptz) AT TIME ZONE time_zone)::date AS today,
  mrp_planned_on < (CAST(:now AS timestamptz) AT TIME ZONE time_zone)::date AS is_past
FROM known_tenants
WHERE mrp_planned_on IS NOT NULL AND mrp_job_at IS NULL AND (
  (mrp_planned_on < (CAST(:now AS timestamptz) AT TIME ZONE time_zone)::date
    AND COALESCE(mrp_checked_at, '-infinity') < CAST(:now AS timestamptz) - interval '1 minute')
  OR (CAST(:checked_before AS timestamptz) IS NOT NULL
    AND COALESCE(mrp_checked_at, '-infinity') < CAST(:checked_before AS timestamptz)))
ORDER BY mrp_checked_at NULLS FIRST LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class PlanningState:
    """What a tenant's plan belongs to.

    Attributes:
        planning_date: The day it is for.
        calendar_version: Rises when a plant or calendar changes; what is derived from calendars
            may be kept under it.
        change_count: Rises with every net change.
        is_recording: A regeneration computes on an older snapshot: net changes say what they plan.
        is_stale: Calendars have changed, and the regeneration that follows has not run yet.
    """

    planning_date: date
    calendar_version: int = 0
    change_count: int = 0
    is_recording: bool = False
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class DueTenant:
    """A tenant whose plan has to be looked at.

    Attributes:
        tenant_id: Who.
        today: Its own date.
        is_past: The plan is for a day before it; otherwise a check is due.
    """

    tenant_id: UUID
    today: date
    is_past: bool


async def lock(uow: UnitOfWork) -> PlanningState:
    """Take the tenant's turn; the row is made where there is none.

    Args:
        uow: The unit of work that will change projection or plan.

    Returns:
        The state, which nobody else changes until the unit ends.

    Raises:
        Nothing of its own.
    """
    locked = _LOCKED.with_for_update()
    row = (await uow.connection.execute(locked)).one_or_none()
    if row is None:
        first = {"tenant_id": uow.tenant_id, "now": uow.now}
        await uow.connection.execute(_FIRST, first)
        row = (await uow.connection.execute(locked)).one()
    return PlanningState(*row)


async def read(uow: UnitOfWork) -> PlanningState | None:
    """Read the state without taking the turn; None where nothing was ever planned.

    Args:
        uow: The unit of work.

    Returns:
        The state.

    Raises:
        Nothing of its own.
    """
    row = (await uow.connection.execute(_LOCKED)).one_or_none()
    return None if row is None else PlanningState(*row)


def save(uow: UnitOfWork, state: PlanningState) -> None:
    """Keep the state.

    Args:
        uow: The unit of work that holds the lock.
        state: As it shall be.
    """
    row = {name: getattr(state, name) for name in PlanningState.__slots__}
    uow.update(mrp_planning, [row], key=())


def count_change(
    uow: UnitOfWork, state: PlanningState, planned: Sequence[tuple[str, str]]
) -> PlanningState:
    """Count a net change, and record what it planned while a regeneration is under way.

    Args:
        uow: The unit of work that holds the lock.
        state: The state so far.
        planned: Product and plant of every item that was planned.

    Returns:
        The state after it.
    """
    after = replace(state, change_count=state.change_count + 1)
    save(uow, after)
    if state.is_recording:
        row = {"change_number": after.change_count, "pools": [list(pool) for pool in planned]}
        uow.insert(mrp_replanned, [row])
    return after


async def begin_recording(uow: UnitOfWork, state: PlanningState) -> None:
    """Have net changes record what they plan, from now on.

    Args:
        uow: The unit of work that holds the lock.
        state: The state so far.
    """
    await uow.connection.execute(mrp_replanned.delete())
    save(uow, replace(state, is_recording=True))


async def end_recording(uow: UnitOfWork, state: PlanningState) -> None:
    """Have them record no more.

    Args:
        uow: The unit of work that holds the lock.
        state: The state so far.
    """
    await uow.connection.execute(mrp_replanned.delete())
    save(uow, replace(state, is_recording=False))


async def recorded_since(uow: UnitOfWork, change_count: int) -> set[tuple[str, str]]:
    """Tell which items net changes have planned after a snapshot.

    Args:
        uow: The unit of work that holds the lock.
        change_count: Of the snapshot.

    Returns:
        Product and plant of each.
    """
    query = select(mrp_replanned.c.pools).where(mrp_replanned.c.change_number > change_count)
    rows = (await uow.connection.execute(query)).scalars()
    return {(product, plant) for pools in rows for product, plant in pools}


async def keep_tenant(uow: UnitOfWork, tenant: Tenant) -> None:
    """Keep the tenant's time zone, newest wins.

    Args:
        uow: The unit of work.
        tenant: As it was told; its zone is valid.
    """
    row = {"tenant_id": uow.tenant_id, "version": tenant.version, "time_zone": tenant.time_zone}
    await uow.connection.execute(_KEEP_TENANTS, row)


async def time_zone(uow: UnitOfWork) -> str:
    """Tell the tenant's time zone; UTC until it is known.

    Args:
        uow: The unit of work.

    Returns:
        An IANA name.
    """
    own = select(known_tenants.c.time_zone).where(known_tenants.c.tenant_id == uow.tenant_id)
    return await uow.connection.scalar(own) or "UTC"


def local_date(now: datetime, zone: str) -> date:
    """Tell a zone's date at an instant.

    Args:
        now: The instant, aware.
        zone: IANA name.

    Returns:
        The date.

    Raises:
        ZoneInfoNotFoundError: The zone is unknown.
    """
    return now.astimezone(ZoneInfo(zone)).date()


async def due_tenants(
    connection: AsyncConnection, *, now: datetime, checked_before: datetime | None, limit: int
) -> list[DueTenant]:
    """Find tenants whose day has turned or whose plan was not checked lately.

    Args:
        connection: One outside row-level security.
        now: The instant.
        checked_before: Plans checked before it are due; None: no checks are wanted.
        limit: The most tenants.

    Returns:
        Who is due; none that waits for a run already.
    """
    asked = {"now": now, "checked_before": checked_before, "limit": limit}
    rows = await connection.execute(_DUE, asked)
    return [DueTenant(*row) for row in rows]
