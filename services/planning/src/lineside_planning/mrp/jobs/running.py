"""Does runs: takes a tenant's job, computes beside the event loop, saves, and tells how it goes.

The job's row stays locked until the run has ended, so any replica may take it and nobody takes it
twice; a replica that dies lets it fall free, and the run begins again. Begin, progress and end are
transactions of their own; the plan changes in the last one, as a whole or not at all.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter

from lineside_chassis import errors, leading, stopping
from lineside_chassis.database import Database
from lineside_chassis.errors import Transient, Verdict
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts.planning import MrpDriftDetected, MrpRun, MrpRunStatus
from lineside_planning.mrp.jobs import working
from lineside_planning.mrp.jobs.working import Progress
from lineside_planning.mrp.store import planning, regeneration, runs
from lineside_planning.mrp.store.computing import Computed
from lineside_planning.mrp.store.regeneration import Snapshot
from lineside_planning.mrp.store.runs import Job, Waiting

PROGRESS_SECONDS = 0.5
_TENANTS = 20

DRIFT = Counter(
    "lineside_mrp_drift_total", "Items whose plan kept by net change is not what all facts give."
)

_log = structlog.get_logger()


class RunCancelled(Exception):  # noqa: N818 -- ends a run, and is no error
    """Somebody has called the run off."""


class RunInterrupted(Transient):
    """The replica stops amid a run; another one begins it anew."""


@dataclass(slots=True)
class Runner:
    """Does the runs of all tenants, one at a time."""

    database: Database
    poll_seconds: float
    _is_stopping: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Do runs until cancelled; what is being computed then is left to others."""
        self._is_stopping = False
        while True:
            if not await leading.whole(self.run_next(), on_cancel=self._stop):
                await asyncio.sleep(self.poll_seconds)

    def _stop(self) -> None:
        self._is_stopping = True

    async def run_next(self) -> bool:
        """Do one run, if any waits and nobody else does it.

        Returns:
            Whether there was one.
        """
        for each in await self._waiting():
            if await self._run_for(each):
                return True
        return False

    async def _waiting(self) -> list[Waiting]:
        async with self.database.without_tenant() as connection:
            return await runs.waiting_tenants(connection, limit=_TENANTS)

    async def _run_for(self, waiting: Waiting) -> bool:
        async with self._unit(waiting.tenant_id) as uow:
            job = await runs.take_job(uow)
            if job is None:
                await runs.forget_waiting(uow, waiting)
                return False
            error = await _outcome(self._do(waiting.tenant_id, job))
            if error is not None and errors.verdict_of(error) is Verdict.TRANSIENT:
                raise error
            if error is not None:
                await self._give_up(waiting.tenant_id, job, error)
            await runs.end_job(uow, job, waiting)
        return True

    async def _do(self, tenant_id: UUID, job: Job) -> None:
        run = await self._begin(tenant_id, job)
        taken = await self._snapshot(tenant_id, run)
        computed = await self._compute(tenant_id, run, taken)
        await self._end(tenant_id, run, taken, computed)

    async def _snapshot(self, tenant_id: UUID, run: MrpRun) -> Snapshot:
        today = run.planning_date if run.kind == "regeneration" else None
        async with self._unit(tenant_id, read_only=True) as uow:
            return await regeneration.snapshot(uow, today=today)

    async def _end(self, tenant_id: UUID, run: MrpRun, taken: Snapshot, computed: Computed) -> None:
        end = self._save if run.kind == "regeneration" else self._judge
        async with self._unit(tenant_id) as uow:
            await end(uow, run, taken, computed)

    async def _begin(self, tenant_id: UUID, job: Job) -> MrpRun:
        async with self._unit(tenant_id) as uow:
            state = await planning.lock(uow)
            run = await _unless_ended(uow, job.run_id)
            planning_date = state.planning_date
            if run.kind == "regeneration":
                planning_date = planning.local_date(uow.now, await planning.time_zone(uow))
                await planning.begin_recording(uow, state)
            return runs.change(
                uow,
                run,
                status=MrpRunStatus.RUNNING,
                planning_date=planning_date,
                phase="loading",
                started_at=uow.now,
            )

    async def _compute(self, tenant_id: UUID, run: MrpRun, taken: Snapshot) -> Computed:
        progress = Progress()
        computing = asyncio.create_task(working.compute(taken.question, progress))
        try:
            while not (await asyncio.wait({computing}, timeout=PROGRESS_SECONDS))[0]:
                if self._is_stopping:
                    raise RunInterrupted("this replica stops")
                await self._tell(tenant_id, run.id, progress)
            return computing.result()
        finally:
            if not computing.done():
                await stopping.cancel([computing])

    async def _tell(self, tenant_id: UUID, run_id: UUID, progress: Progress) -> None:
        """Say how far it is; notice that it was called off."""
        async with self._unit(tenant_id) as uow:
            runs.change(
                uow,
                await _unless_ended(uow, run_id),
                phase="planning" if progress.items_total else "loading",
                items_done=progress.items_done,
                items_total=progress.items_total,
            )

    async def _save(
        self, uow: UnitOfWork, run: MrpRun, taken: Snapshot, computed: Computed
    ) -> None:
        """Replace the plan and end the run; the turn is taken before the run, as everywhere."""
        await regeneration.save(uow, taken, computed, planning_date=run.planning_date)
        ended = _ended(uow, await _unless_ended(uow, run.id), computed)
        await runs.note_planned(uow, ended)

    async def _judge(
        self, uow: UnitOfWork, run: MrpRun, taken: Snapshot, computed: Computed
    ) -> None:
        """End a check; a difference is an alarm, unless calendars are about to change the plan."""
        known = await _unless_ended(uow, run.id)
        count = computed.summary.changed_item_count
        ended = _ended(uow, known, computed)
        await runs.note_planned(uow, ended)
        if not count or taken.state.is_stale:
            return
        DRIFT.inc(count)
        _log.error("mrp drift", items=count, differences=computed.summary.differences[:10])
        alarm = runs.change(uow, ended, tells=False)
        uow.emit(MrpDriftDetected(mrp_run=alarm))

    async def _give_up(self, tenant_id: UUID, job: Job, error: BaseException) -> None:
        """Leave the plan as it is; say why, unless somebody called the run off."""
        async with self._unit(tenant_id) as uow:
            await planning.end_recording(uow, await planning.lock(uow))
            run = await runs.find(uow, job.run_id, locked=True)
            if run is None or run.status in runs.ENDED:
                return
            reason = errors.text_of(error)
            _log.error("mrp run failed", run=run.mrp_run_number, error=reason)
            failed = MrpRunStatus.FAILED
            runs.change(uow, run, tells=True, status=failed, reason=reason, finished_at=uow.now)
            await runs.note_tried(uow)

    def _unit(
        self, tenant_id: UUID, *, read_only: bool = False
    ) -> AbstractAsyncContextManager[UnitOfWork]:
        context = Context(tenant_id=tenant_id, correlation_id=self.database.clock.new_id())
        return self.database.unit_of_work(context, read_only=read_only)


async def _unless_ended(uow: UnitOfWork, run_id: UUID) -> MrpRun:
    """Load the run under lock.

    Raises:
        RunCancelled: It was called off, or has ended otherwise.
    """
    run = await runs.find(uow, run_id, locked=True)
    if run is None or run.status in runs.ENDED:
        raise RunCancelled(str(run_id))
    return run


def _ended(uow: UnitOfWork, run: MrpRun, computed: Computed) -> MrpRun:
    summary = computed.summary
    is_news = bool(summary.changed_item_count) or not runs.is_silent(run)
    return runs.change(
        uow,
        run,
        tells=is_news,
        status=MrpRunStatus.COMPLETED,
        phase="done",
        items_total=summary.items_total,
        items_done=summary.items_total,
        planned_order_count=summary.planned_order_count,
        exception_count=summary.exception_count,
        changed_item_count=summary.changed_item_count,
        differences=summary.differences if run.kind == "check" else (),
        duration_ms=_milliseconds(uow, run),
        finished_at=uow.now,
    )


def _milliseconds(uow: UnitOfWork, run: MrpRun) -> int | None:
    return int((uow.now - run.started_at).total_seconds() * 1000) if run.started_at else None


async def _outcome(work: Coroutine[Any, Any, None]) -> BaseException | None:
    """Do something to its end, and say what it raised."""
    doing = asyncio.create_task(work)
    try:
        await asyncio.wait({doing})
    finally:
        if not doing.done():
            await stopping.cancel([doing])
    return doing.exception()
