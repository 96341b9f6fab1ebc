"""A report is judged and, where it makes sense, kept with everything that follows from it.

load (`states`) → place, make → fold → judge → effects → save, all in the caller's transaction. A
report of what happened last adds one step to what is kept; one that comes late, and a correction,
reads all logs of the work order again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import RecordProductionLog
from lineside_contracts.values import Actor
from lineside_shopfloor.execution.domain import (
    effects,
    judging,
    logs as floor_logs,
    making,
    pieces,
    placing,
    progress,
    reports,
)
from lineside_shopfloor.execution.domain.effects import Effects
from lineside_shopfloor.execution.domain.logs import FloorLog
from lineside_shopfloor.execution.domain.making import Writing
from lineside_shopfloor.execution.domain.placing import Place
from lineside_shopfloor.execution.domain.progress import Progress
from lineside_shopfloor.execution.domain.states import WorkState
from lineside_shopfloor.execution.store import lane_starts, logs, saving, serials, states
from lineside_shopfloor.execution.store.lane_starts import LaneStart
from lineside_shopfloor.lanes.store import freeing, lanes
from lineside_shopfloor.places.domain.facts import Stamp


@dataclass(frozen=True, slots=True)
class Refusal:
    """A report that was not kept: why, and the log it would have been."""

    problem: Problem
    log: FloorLog | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A report that was kept, and its work order after it."""

    log: FloorLog
    effects: Effects


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a work order stands without a report and with it.

    Attributes:
        state: With what was looked up for it.
        rewrites: Everything was read anew, so that all intervals are written anew.
    """

    state: WorkState
    before: Progress
    after: Progress
    rewrites: bool = False


async def record(
    uow: UnitOfWork, state: WorkState, report: RecordProductionLog, *, by: Actor
) -> Recorded | Refusal:
    """Judge a report and keep it, or tell why not.

    Args:
        uow: Where.
        state: Of the work order, locked; with its siblings where the report corrects.
        report: As it came.
        by: Who reported it.
    """
    writing = Writing(log_id=uow.new_id(), now=uow.now, by=by)
    if problem := making.time_problem(report, uow.now):
        return Refusal(problem)
    history = await _history(uow, state, report)
    corrected = _corrected(history, report)
    if isinstance(corrected, Problem):
        return Refusal(corrected)
    place = placing.place(state, report, corrected)
    if isinstance(place, Problem):
        return _unplaced(state, report, place, writing=writing)
    if problem := reports.problem_of(report, place.operation):
        return Refusal(problem)
    log = making.make(state, report, place, writing=writing, corrected=corrected)
    return await _judged(uow, state, log, corrected=corrected, history=history)


def _unplaced(
    state: WorkState, report: RecordProductionLog, problem: Problem, *, writing: Writing
) -> Refusal:
    """Where nothing may be reported any more, nobody is asked for the lane first."""
    late = making.is_late(report, writing.now)
    closed = judging.closed(state, is_late=late) if placing.lacks_name(problem) else None
    if closed is None:
        return Refusal(problem)
    return Refusal(closed, making.make(state, report, Place(None, None), writing=writing))


async def keep(
    uow: UnitOfWork, state: WorkState, kept: Sequence[FloorLog], *, by: Actor
) -> Effects:
    """Keep logs of what happens now, whatever the rules say of them.

    Args:
        uow: Where.
        state: Of the work order, locked.
        kept: In the order they happen.
        by: Who reports them.
    """
    after = progress.advance(state.plan, state.progress, kept)
    return await _kept(uow, Standing(state, state.progress, after), kept, by=by)


async def _judged(
    uow: UnitOfWork,
    state: WorkState,
    log: FloorLog,
    *,
    corrected: FloorLog | None,
    history: Sequence[FloorLog],
) -> Recorded | Refusal:
    start = await lane_starts.look_up(uow, state, log)
    standing = await _standing(uow, state, log, history=history, start=start)
    if isinstance(standing, Problem):
        return Refusal(standing, log)
    named = await serials.look_up(uow, log)
    problems = [
        *judging.problems(standing.state, log, before=standing.before, after=standing.after),
        *_of_correction(standing, corrected),
        *([judging.serials_taken(named.taken)] if named.taken else []),
    ]
    if not problems and start.problem is not None:
        problems = [start.problem]
    if (problem := judging.combined(problems)) is not None:
        return Refusal(problem, log)
    if start.taken is not None:
        lanes.save(uow, [start.taken])
    serials.keep(uow, log, named, corrected=corrected)
    since = corrected.happened_at if corrected else None
    return Recorded(log, await _kept(uow, standing, [log], by=log.logged_by, affected_from=since))


async def _history(
    uow: UnitOfWork, state: WorkState, report: RecordProductionLog
) -> Sequence[FloorLog]:
    """Load all logs where the report corrects one of them."""
    if report.corrects_log_id is None:
        return ()
    return await logs.of_work_order(uow, state.work_order)


def _corrected(
    history: Sequence[FloorLog], report: RecordProductionLog
) -> FloorLog | Problem | None:
    log_id = report.corrects_log_id
    if log_id is None:
        return None
    found = next((log for log in history if log.id == log_id), None)
    if found is None:
        return judging.unknown_log(log_id)
    newest = floor_logs.newest_of_chain(history, log_id)
    return found if newest == log_id else judging.corrected_already(log_id, newest)


async def _standing(
    uow: UnitOfWork,
    state: WorkState,
    log: FloorLog,
    *,
    history: Sequence[FloorLog],
    start: LaneStart,
) -> Standing | Problem:
    if _is_in_order(state, log) and not start.has_left:
        after = progress.advance(state.plan, state.progress, [log])
        return Standing(state, state.progress, after)
    if log.corrects_log_id is not None:
        state = await states.with_following(uow, state)
    known = history or await logs.of_work_order(uow, state.work_order)
    if len(known) < state.log_version:
        return judging.archived(state, log)
    left = await logs.departures(uow, state.work_order.id)
    plan = replace(state.plan, departures=tuple(left))
    return Standing(
        state,
        before=progress.fold(plan, floor_logs.effective(known)),
        after=progress.fold(plan, floor_logs.effective([*known, log])),
        rewrites=True,
    )


def _is_in_order(state: WorkState, log: FloorLog) -> bool:
    """Say whether a log is the last thing that happened, and what is kept suffices to judge it."""
    if log.corrects_log_id is not None:
        return False
    if not state.operations and (log.rework_quantity or log.is_from_rework):
        return False
    last = state.progress.last_at
    if last is None or log.happened_at > last:
        return True
    # of one instant the one recorded first counts first, and who waited here was not the first
    return log.happened_at == last and log.logged_at > state.work_order.updated_at


def _of_correction(standing: Standing, corrected: FloorLog | None) -> list[Problem]:
    if corrected is None:
        return []
    numbers = standing.after.totals
    return [
        *pieces.taken_back(standing.state, standing.before, standing.after),
        *pieces.rework_taken_back(standing.after, sorted(numbers)),
    ]


async def _kept(
    uow: UnitOfWork,
    standing: Standing,
    kept: Sequence[FloorLog],
    *,
    by: Actor,
    affected_from: datetime | None = None,
) -> Effects:
    state, after = standing.state, standing.after
    outcome = effects.of_progress(state, after, stamp=Stamp(at=uow.now, by=by))
    followed = Effects(outcome, after, tuple(kept), rewrites=standing.rewrites)
    times = [log.happened_at for log in kept]
    since = min([*times, affected_from] if affected_from else times)
    saving.save(uow, state, followed, affected_from=since)
    if followed.completes:
        await freeing.free_all(uow, {state.work_order.id: "completed"}, by=by)
    return followed
