"""Where a work order stands after its logs: tracks, intervals, totals, completions.

Logs count in the order in which things happened. `fold` reads all of them, `advance` adds one that
happened last: both take the same steps, so that they agree. A log that breaks a rule is named
among the faults; what it reports counts all the same, since it was accepted once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from lineside_contracts.problems import ProblemCode
from lineside_contracts.shopfloor import LogKind
from lineside_contracts.values import Actor
from lineside_shopfloor.execution.domain import plans, tracks
from lineside_shopfloor.execution.domain.logs import NO_OPERATION, FloorLog, TrackKey
from lineside_shopfloor.execution.domain.plans import Departure, Plan
from lineside_shopfloor.execution.domain.tracks import Interval, Track

_ZERO = Decimal(0)


class StateFault(NamedTuple):
    """A log that breaks a rule of state, and which rule.

    `is_redundant`: it says what is so already (a resume where work runs), and changes nothing.
    """

    log_id: UUID
    code: ProblemCode
    is_redundant: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """What has been reported on an operation, in its unit; minutes of intervals that ended.

    Attributes:
        rework: Still open here.
        rework_in: Good and scrap here that were rework of another operation.
        rework_out: Opened here, resolved at another operation.
    """

    good: Decimal = _ZERO
    scrap: Decimal = _ZERO
    rework: Decimal = _ZERO
    rework_in: Decimal = _ZERO
    rework_out: Decimal = _ZERO
    input_added: Decimal = _ZERO
    setup_minutes: Decimal = _ZERO
    run_minutes: Decimal = _ZERO
    labour_minutes: Decimal = _ZERO
    stated_hours: Decimal | None = None

    @property
    def used(self) -> Decimal:
        """Pieces that came in and were reported as anything."""
        return self.good + self.scrap + self.rework + self.rework_out - self.rework_in


@dataclass(frozen=True, slots=True)
class Completion:
    """When something was completed, and by whose report."""

    at: datetime
    by: Actor


@dataclass(slots=True)
class Progress:
    """Where a work order stands.

    Attributes:
        closed: Intervals that ended, in the order they did.
        totals: By operation number; 0 for what was reported on the work order itself.
        completions: Of operations, by number.
        completion: Of the work order, by quantity.
        started_at: When it was started first.
        faults: Rules that logs break, in their order.
    """

    tracks: dict[TrackKey, Track] = field(default_factory=dict)
    closed: list[Interval] = field(default_factory=list)
    totals: dict[int, Totals] = field(default_factory=dict)
    completions: dict[int, Completion] = field(default_factory=dict)
    completion: Completion | None = None
    started_at: datetime | None = None
    faults: list[StateFault] = field(default_factory=list)

    def of(self, number: int) -> Totals:
        """What was reported on an operation."""
        return self.totals.get(number, Totals())

    @property
    def last_at(self) -> datetime | None:
        """The last thing that happened; what happened later is in order."""
        return max((track.last_at for track in self.tracks.values()), default=None)


def fold(plan: Plan, logs: Iterable[FloorLog]) -> Progress:
    """Read the logs that count, in their order, together with when lanes were left."""
    progress = Progress()
    left = sorted(plan.departures, key=lambda departure: departure.at)
    for log in logs:
        while left and left[0].at <= log.happened_at:
            _depart(progress, left.pop(0))
        _step(plan, progress, log)
    for departure in left:
        if plan.ended_at is None or departure.at < plan.ended_at:
            _depart(progress, departure)
    if plan.ended_at is not None:
        _end(progress, progress.tracks, at=plan.ended_at)
    return progress


def advance(plan: Plan, before: Progress, logs: Iterable[FloorLog]) -> Progress:
    """Add logs of what happened last; what was before stays as it was."""
    progress = _begun(before)
    for log in logs:
        _step(plan, progress, log)
    return progress


def ended(before: Progress, completion: Completion) -> Progress:
    """End whatever goes on: a work order is over by somebody's hand."""
    progress = _begun(before)
    progress.closed = list(before.closed)
    _end(progress, progress.tracks, at=completion.at)
    return progress


def completed_quantity(plan: Plan, totals: Mapping[int, Totals]) -> Decimal:
    """Say how much of a work order is done: what its last operation gave, the least of several."""
    if not plan.operations:
        return totals.get(NO_OPERATION, Totals()).good
    ends = plan.ends
    last = max(ends, key=lambda operation: operation.operation_number)
    given = (plans.converted(totals.get(o.operation_number, Totals()).good, o, last) for o in ends)
    return plans.plain(min(given))


def _begun(before: Progress) -> Progress:
    return Progress(
        tracks=dict(before.tracks),
        totals=dict(before.totals),
        completions=dict(before.completions),
        completion=before.completion,
        started_at=before.started_at,
    )


def _step(plan: Plan, progress: Progress, log: FloorLog) -> None:
    fault = _fault(plan, progress, log)
    if fault is not None:
        progress.faults.append(StateFault(log.id, fault, tracks.is_redundant(fault, log)))
    if fault not in {ProblemCode.WORK_ORDER_FINAL, ProblemCode.OPERATION_FINAL}:
        _follow(progress, log)
    _count(plan, progress, log)
    _complete(plan, progress, log)


def _fault(plan: Plan, progress: Progress, log: FloorLog) -> ProblemCode | None:
    number = log.key.operation_number
    closed = plan.closed_at is not None and log.happened_at > plan.closed_at
    if closed or progress.completion is not None:
        return ProblemCode.WORK_ORDER_FINAL
    if number in progress.completions:
        return ProblemCode.OPERATION_FINAL
    if log.completes_operation and plan.before(number) - progress.completions.keys():
        return ProblemCode.PREVIOUS_OPERATIONS_INCOMPLETE
    if log.kind is LogKind.ISSUE and not log.stops_production:
        return None if progress.started_at is not None else ProblemCode.PRODUCTION_NOT_STARTED
    return tracks.fault_of(progress.tracks.get(log.key), log)


def _follow(progress: Progress, log: FloorLog) -> None:
    if log.kind is LogKind.ISSUE and not log.stops_production:
        return
    track, interval = tracks.after(progress.tracks.get(log.key), log)
    progress.tracks[log.key] = track
    _close(progress, interval)
    begins = log.kind is LogKind.START or log.completes_operation
    if begins and progress.started_at is None:
        progress.started_at = log.happened_at


def _count(plan: Plan, progress: Progress, log: FloorLog) -> None:
    number = log.key.operation_number
    own = progress.of(number)
    progress.totals[number] = replace(
        own,
        good=own.good + log.good_quantity,
        scrap=own.scrap + log.scrap_quantity,
        rework=own.rework + log.rework_quantity,
        input_added=own.input_added + log.input_added_quantity,
        stated_hours=own.stated_hours if log.stated_hours is None else log.stated_hours,
    )
    if log.is_from_rework:
        _resolve(plan, progress, log)


def _resolve(plan: Plan, progress: Progress, log: FloorLog) -> None:
    here, there = log.key.operation_number, log.resolves_at
    resolved = log.good_quantity + log.scrap_quantity
    opened = progress.of(there)
    if here == there:
        progress.totals[here] = replace(opened, rework=opened.rework - resolved)
        return
    source, target = plan.operations.get(here), plan.operations.get(there)
    taken = plans.plain(plans.converted(resolved, source, target))
    progress.totals[there] = replace(
        opened, rework=opened.rework - taken, rework_out=opened.rework_out + taken
    )
    own = progress.of(here)
    progress.totals[here] = replace(own, rework_in=own.rework_in + resolved)


def _complete(plan: Plan, progress: Progress, log: FloorLog) -> None:
    """Complete what is complete now: the operation, the work order."""
    number = log.key.operation_number
    done = Completion(log.happened_at, log.logged_by)
    if number not in progress.completions and (
        log.completes_operation or _is_used_up(plan, progress, number)
    ):
        progress.completions[number] = done
        ending = [key for key in progress.tracks if key.operation_number == number]
        _end(progress, ending, at=log.happened_at)
    reached = completed_quantity(plan, progress.totals) >= plan.quantity_ordered > 0
    if reached and progress.completion is None:
        progress.completion = done
        for other in plan.operations:
            progress.completions.setdefault(other, done)
        _end(progress, list(progress.tracks), at=log.happened_at)


def _is_used_up(plan: Plan, progress: Progress, number: int) -> bool:
    """Everything planned came in, and nothing of it is open or lacking."""
    operation = plan.operations.get(number)
    if operation is None or plan.before(number) - progress.completions.keys():
        return False
    own = progress.of(number)
    planned = operation.planned_input + own.input_added
    return own.rework == 0 and own.used >= planned and own.good >= operation.planned_output > 0


def _depart(progress: Progress, departure: Departure) -> None:
    ending = [key for key in progress.tracks if key.lane_id == departure.lane_id]
    _end(progress, ending, at=departure.at)


def _end(progress: Progress, keys: Iterable[TrackKey], *, at: datetime) -> None:
    for key in list(keys):
        track, interval = tracks.ended(progress.tracks[key], at)
        progress.tracks[key] = track
        _close(progress, interval)


def _close(progress: Progress, interval: Interval | None) -> None:
    if interval is None:
        return
    progress.closed.append(interval)
    number, minutes = interval.key.operation_number, interval.minutes
    own = progress.of(number)
    if interval.activity != "pause":
        name = f"{interval.activity}_minutes"
        labour = own.labour_minutes + minutes * interval.worker_count
        changed = {name: getattr(own, name) + minutes, "labour_minutes": labour}
        progress.totals[number] = replace(own, **changed)
