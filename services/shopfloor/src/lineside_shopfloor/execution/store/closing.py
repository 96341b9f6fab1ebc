"""Work orders and operations that end by a person's hand, with everything that goes on on them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import WorkOrder, WorkOrderStatus
from lineside_shopfloor.execution.domain import by_hand, effects, judging, progress
from lineside_shopfloor.execution.domain.effects import Effects
from lineside_shopfloor.execution.domain.logs import FloorLog
from lineside_shopfloor.execution.domain.making import Writing
from lineside_shopfloor.execution.domain.progress import Completion, Progress
from lineside_shopfloor.execution.domain.states import WorkState
from lineside_shopfloor.execution.store import recording, saving
from lineside_shopfloor.lanes.store import freeing
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.work_orders.domain import outcomes
from lineside_shopfloor.work_orders.domain.outcomes import Outcome

_NOTHING: Mapping[int, Decimal] = {}


async def close(
    uow: UnitOfWork,
    state: WorkState,
    *,
    to: WorkOrderStatus,
    reason: str | None,
    stated_hours: Decimal | None = None,
    scrap: Mapping[int, Decimal] = _NOTHING,
) -> WorkOrder:
    """End a work order: its tracks, its operations, its lanes; say it, and store it.

    Args:
        uow: Where.
        state: Of the work order, locked; the step to `to` is allowed.
        to: Completed (short) or cancelled.
        reason: Why.
        stated_hours: As a person states them.
        scrap: What is scrapped of its work in process, by operation number.

    Raises:
        ValueError: The table of transitions does not allow the step.
    """
    logs = _scrapped(uow, state, scrap)
    done = Completion(state.happens_at(uow.now), uow.actor)
    advanced = progress.advance(state.plan, state.progress, logs)
    after = progress.ended(advanced, done)
    if to is WorkOrderStatus.COMPLETED:
        after = _completed(state, after, done)
    fields = effects.fields_of(state, after) | _ending(state, done)
    if to is WorkOrderStatus.COMPLETED:
        fields |= {"completion_reason": reason, "stated_hours": stated_hours}
    stamp = Stamp(at=uow.now, by=uow.actor)
    outcome = outcomes.moved(
        Outcome(state.work_order), to, stamp=stamp, reason=reason, fields=fields
    )
    saving.save(uow, state, Effects(outcome, after, logs), affected_from=done.at)
    await freeing.free_all(uow, {state.work_order.id: reason or to.value}, by=uow.actor)
    return outcome.work_order


async def complete_operation(
    uow: UnitOfWork,
    state: WorkState,
    *,
    operation_number: int,
    stated_hours: Decimal | None = None,
    notes: str | None = None,
) -> WorkOrder | Problem:
    """Say that nothing more comes of an operation, whether or not it was ever started.

    Args:
        uow: Where.
        state: Of the work order, locked.
        operation_number: Of one of its operations.
        stated_hours: As a person states them.
        notes: What they say about it.
    """
    writing = Writing(log_id=uow.new_id(), now=uow.now, by=uow.actor)
    log = by_hand.operation_done(
        state, operation_number, writing=writing, stated_hours=stated_hours, notes=notes
    )
    after = progress.advance(state.plan, state.progress, [log])
    found = [
        problem
        for problem in judging.problems(state, log, before=state.progress, after=after)
        if problem.code is not ProblemCode.PRODUCTION_NOT_STARTED
    ]
    if (problem := judging.combined(found)) is not None:
        return problem
    return (await recording.keep(uow, state, [log], by=uow.actor)).outcome.work_order


def _scrapped(
    uow: UnitOfWork, state: WorkState, scrap: Mapping[int, Decimal]
) -> tuple[FloorLog, ...]:
    writings = _writings(uow)
    return tuple(
        log
        for number, quantity in sorted(scrap.items())
        for log in by_hand.scrap(state, number, quantity, writings=writings)
    )


def _writings(uow: UnitOfWork) -> Iterator[Writing]:
    while True:
        yield Writing(log_id=uow.new_id(), now=uow.now, by=uow.actor)


def _completed(state: WorkState, after: Progress, done: Completion) -> Progress:
    return replace(
        after,
        completion=done,
        completions={**dict.fromkeys(state.plan.operations, done), **after.completions},
    )


def _ending(state: WorkState, done: Completion) -> dict[str, object]:
    """Only what has begun has an end."""
    if state.progress.started_at is None:
        return {}
    return {"actual_end_at": done.at, "actual_end_date": state.rules.day_of(done.at)}
