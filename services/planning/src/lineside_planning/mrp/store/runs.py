"""Runs: asked for, done by whoever takes their job, kept as everybody reads them.

Checks that planning asks of itself are silent: they say nothing unless they find something, and
only the newest one stays, else they would fill the event log.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.envelope import Envelope
from lineside_contracts.planning import ListMrpRuns, MrpRun, MrpRunChanged, MrpRunStatus
from lineside_contracts.problems import Problem, ProblemCode
from lineside_planning.master_data.domain import numbering
from lineside_planning.master_data.store import numbers
from lineside_planning.mrp.store import planning
from lineside_planning.mrp.store.planning import PlanningState
from lineside_planning.mrp.tables import mrp_run_jobs, mrp_runs as table

RunKind = Literal["regeneration", "check"]

ENDED = frozenset({MrpRunStatus.COMPLETED, MrpRunStatus.CANCELLED, MrpRunStatus.FAILED})

_OWN = "service:"
"""Begins the id of an actor that is no person."""

_PREFIX, _SILENT_PREFIX = "MR", "MC"

_FIELDS = tuple(MrpRun.model_fields)

_ANNOUNCE = text("""
INSERT INTO known_tenants AS t (tenant_id, version, time_zone, mrp_job_at)
VALUES (:tenant_id, 0, 'UTC', :now)
ON CONFLICT (tenant_id) DO UPDATE SET mrp_job_at = excluded.mrp_job_at
""")
_WAITING = text("""
SELECT tenant_id, mrp_job_at FROM known_tenants WHERE mrp_job_at IS NOT NULL
ORDER BY mrp_job_at LIMIT :limit
""")
_NO_MORE = text("""
UPDATE known_tenants SET mrp_job_at = NULL
WHERE tenant_id = :tenant_id AND mrp_job_at = :seen
  AND NOT EXISTS (SELECT FROM mrp_run_jobs WHERE id <> CAST(:done AS uuid))
""")
_PLANNED = text("""
UPDATE known_tenants SET mrp_checked_at = :now, mrp_planned_on = CAST(:planned_on AS date)
WHERE tenant_id = :tenant_id
""")
_TRIED = text("UPDATE known_tenants SET mrp_checked_at = :now WHERE tenant_id = :tenant_id")
_FORGET_CHECKS = text("""
DELETE FROM mrp_runs WHERE kind = 'check' AND status = 'completed' AND id < :id
  AND changed_item_count = 0 AND requested_by ->> 'id' LIKE 'service:%'
""")


class Waiting(NamedTuple):
    """A tenant with a job, and since when it has said so."""

    tenant_id: UUID
    since: datetime


class Job(NamedTuple):
    """A run to be done; the row is locked by whoever does it."""

    run_id: UUID
    kind: RunKind


def is_silent(run: MrpRun) -> bool:
    """Say whether a run is told of only when it finds something.

    Args:
        run: The run.

    Returns:
        True for a check nobody asked for.
    """
    return run.kind == "check" and run.requested_by.id.startswith(_OWN)


async def queue(
    uow: UnitOfWork,
    kind: RunKind,
    *,
    reason: str | None,
    today: date | None = None,
    caused_by: Envelope | None = None,
) -> MrpRun:
    """Ask for a run.

    Args:
        uow: The unit of work; its actor asks.
        kind: What for.
        reason: Why, for people.
        today: The tenant's date, where it is known already.
        caused_by: The event it follows from, where several are in hand.

    Returns:
        The run, queued.
    """
    zone = await planning.time_zone(uow)
    silent = kind == "check" and uow.actor.id.startswith(_OWN)
    prefix = _SILENT_PREFIX if silent else _PREFIX
    series = numbering.series_of(prefix, time_zone=zone, now=uow.now)
    taken = await numbers.take(uow, {series: 1})
    run = MrpRun(
        id=uow.new_id(),
        version=1,
        mrp_run_number=taken.next_number(series),
        kind=kind,
        status=MrpRunStatus.QUEUED,
        planning_date=today or planning.local_date(uow.now, zone),
        reason=reason,
        requested_at=uow.now,
        requested_by=uow.actor,
    )
    uow.insert(table, [dict(run)])
    uow.insert(mrp_run_jobs, [{"id": run.id, "kind": kind}])
    await uow.connection.execute(_ANNOUNCE, {"tenant_id": uow.tenant_id, "now": uow.now})
    if not silent:
        uow.emit(MrpRunChanged(mrp_run=run), caused_by=caused_by)
    return run


async def request_regeneration(
    uow: UnitOfWork, state: PlanningState, *, reason: str, caused_by: Envelope
) -> PlanningState:
    """Have everything planned again by a run, unless one waits already.

    Args:
        uow: The unit of work that holds the tenant's turn.
        state: The state so far; the plan counts as stale until the run is done.
        reason: Why, for people.
        caused_by: The event that asks for it.

    Returns:
        The state after it.
    """
    after = replace(state, is_stale=True)
    planning.save(uow, after)
    if not await is_regeneration_waiting(uow):
        await queue(uow, "regeneration", reason=reason, caused_by=caused_by)
    return after


async def is_regeneration_waiting(uow: UnitOfWork) -> bool:
    """Say whether a regeneration was asked for that has not begun.

    Args:
        uow: The unit of work.

    Returns:
        True where one waits: it will see whatever is committed before it begins.
    """
    waiting = select(table.c.id).where(
        table.c.status == MrpRunStatus.QUEUED, table.c.kind == "regeneration"
    )
    return await uow.connection.scalar(waiting.limit(1)) is not None


async def find(uow: UnitOfWork, run_id: UUID, *, locked: bool = False) -> MrpRun | None:
    """Read a run.

    Args:
        uow: The unit of work.
        run_id: Which.
        locked: Keep others from changing it.

    Returns:
        The run, or None.
    """
    query: Select[Any] = select(table).where(table.c.id == run_id)
    if locked:
        query = query.with_for_update()
    row = (await uow.connection.execute(query)).mappings().one_or_none()
    return None if row is None else _run(row)


def change(uow: UnitOfWork, run: MrpRun, *, tells: bool | None = None, **fields: Any) -> MrpRun:
    """Change a run and tell of it.

    Args:
        uow: The unit of work.
        run: As it is.
        tells: Whether an event is said; None: unless it is a silent one.
        **fields: What changes.

    Returns:
        As it is now.
    """
    after = run.model_copy(update={**fields, "version": run.version + 1})
    uow.update(table, [dict(after)], expect_version=True)
    if tells or (tells is None and not is_silent(after)):
        uow.emit(MrpRunChanged(mrp_run=after), caused_by=uow.cause)
    return after


async def waiting_tenants(connection: AsyncConnection, *, limit: int) -> list[Waiting]:
    """Find tenants that have a job, longest waiting first.

    Args:
        connection: One outside row-level security.
        limit: The most.

    Returns:
        Them.
    """
    rows = await connection.execute(_WAITING, {"limit": limit})
    return [Waiting(*row) for row in rows]


async def take_job(uow: UnitOfWork) -> Job | None:
    """Take the tenant's oldest job, unless another replica does it: its runs never overlap.

    Args:
        uow: The unit of work; while it lasts nobody else takes a job of this tenant.

    Returns:
        The job.
    """
    jobs = mrp_run_jobs.c
    oldest = select(jobs.id).order_by(jobs.id).limit(1).scalar_subquery()
    query = select(jobs.id, jobs.kind).where(jobs.id == oldest)
    row = (await uow.connection.execute(query.with_for_update(skip_locked=True))).one_or_none()
    return None if row is None else Job(row.id, row.kind)


async def end_job(uow: UnitOfWork, job: Job, waiting: Waiting) -> None:
    """Take a job off the list, and the tenant with its last one.

    Args:
        uow: The unit of work that took it, or one after it.
        job: The job.
        waiting: What led to it.
    """
    await uow.connection.execute(mrp_run_jobs.delete().where(mrp_run_jobs.c.id == job.run_id))
    gone = {"tenant_id": uow.tenant_id, "seen": waiting.since, "done": job.run_id}
    await uow.connection.execute(_NO_MORE, gone)


async def forget_waiting(uow: UnitOfWork, waiting: Waiting) -> None:
    """Take a tenant off the list that has no job at all.

    Args:
        uow: The unit of work.
        waiting: What led to it.
    """
    nobody = UUID(int=0)
    gone = {"tenant_id": uow.tenant_id, "seen": waiting.since, "done": nobody}
    await uow.connection.execute(_NO_MORE, gone)


async def note_planned(uow: UnitOfWork, run: MrpRun) -> None:
    """Note for background jobs when the tenant's plan was last seen to be right.

    Args:
        uow: The unit of work.
        run: The run that has just ended.
    """
    noted = {"tenant_id": uow.tenant_id, "now": uow.now, "planned_on": run.planning_date}
    await uow.connection.execute(_PLANNED, noted)
    if is_silent(run):
        await uow.connection.execute(_FORGET_CHECKS, {"id": run.id})


async def note_tried(uow: UnitOfWork) -> None:
    """Note that a run has failed, so that the next one is not asked for at once.

    Args:
        uow: The unit of work.
    """
    await uow.connection.execute(_TRIED, {"tenant_id": uow.tenant_id, "now": uow.now})


async def page(uow: UnitOfWork, request: ListMrpRuns) -> Page[MrpRun]:
    """Read a page of runs, newest first.

    Args:
        uow: The unit of work.
        request: Which.

    Returns:
        The page.

    Raises:
        Refused: The cursor is none of ours.
    """
    query = select(table).order_by(table.c.id.desc()).limit(request.limit + 1)
    if request.status is not None:
        query = query.where(table.c.status == request.status)
    if (after := pages.decode_cursor(request.cursor)) is not None:
        query = query.where(table.c.id < cursor_id(after[0]))
    rows = (await uow.connection.execute(query)).mappings().all()
    found = [_run(row) for row in rows]
    return pages.page(found, limit=request.limit, key=lambda run: [run.id])


def cursor_id(text_of_it: Any) -> UUID:
    """Read an id out of a cursor.

    Args:
        text_of_it: What stands there.

    Returns:
        The id.

    Raises:
        Refused: It is none.
    """
    try:
        return UUID(text_of_it)
    except (ValueError, AttributeError, TypeError):
        detail = "This cursor is not one of this list; start again without one."
        problem = Problem(code=ProblemCode.INVALID_CURSOR, detail=detail)
        raise Refused(problem) from None


def _run(row: Any) -> MrpRun:
    return MrpRun.model_validate({name: row[name] for name in _FIELDS})
