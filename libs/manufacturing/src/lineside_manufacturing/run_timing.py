"""When the runs of one order happen, by working time alone (RULES 24 to 26).

Backward from the due date for planned starts, forward from now for what is possible at best; who
else wants the same work center is no matter here. Waiting is clock time, also after the last run:
goods that still dry are not finished. A run that hands over in batches overlaps its successors, in
both directions alike: the first batch is through before the successor starts, and the successor
ends no earlier than its own time for the last batch after the run's end and waiting.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import NamedTuple

from lineside_manufacturing import topology
from lineside_manufacturing.calendars import NoWorkingTime
from lineside_manufacturing.timed_runs import TimedRun

__all__ = [
    "NoWindow",
    "RunWindow",
    "TimedRun",
    "Windows",
    "backward_windows",
    "finished_at",
    "forward_windows",
]


class RunWindow(NamedTuple):
    """From the begin of a run's setup until its last piece; its waiting comes after it."""

    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True)
class NoWindow:
    """A run has no place: its calendar has no working time there, or the calendar itself ends.

    Attributes:
        sequence_number: The first run without a place, in the direction of the search.
        reason: An English sentence for people.
    """

    sequence_number: int
    reason: str


Windows = dict[int, RunWindow]
"""Windows by sequence number."""


def backward_windows(
    runs: Sequence[TimedRun], *, due_at: datetime, not_before: datetime
) -> Windows | NoWindow:
    """Place runs as late as their due date allows, never before now (RULES 26).

    Args:
        runs: All runs of an order; a predecessor that is not among them counts as done.
        due_at: Aware instant at which the order is to be finished, the last waiting included.
        not_before: Aware instant; what would begin earlier begins then, and what follows it moves
            on as far as it must, past the due date if need be.

    Returns:
        A window for each run, or why there is none.

    Raises:
        ValueError: If an instant has no zone, a number of minutes is negative, or the runs wait
            for each other in a circle.
    """
    plan, not_before = _Plan(runs), _utc(not_before)
    latest = plan.backward(_utc(due_at))
    if isinstance(latest, NoWindow) or all(w.start_at >= not_before for w in latest.values()):
        return latest
    wanted = {number: window.start_at for number, window in latest.items()}
    return plan.forward(not_before, wanted)


def forward_windows(
    runs: Sequence[TimedRun],
    *,
    not_before: datetime,
    not_before_of: Mapping[int, datetime] | None = None,
) -> Windows | NoWindow:
    """Place runs as early as they can be.

    Args:
        runs: All runs of an order; a predecessor that is not among them counts as done.
        not_before: Aware instant at which the first may begin.
        not_before_of: Aware instants before which single runs cannot begin, such as when their
            materials are there, by sequence number.

    Returns:
        A window for each run, or why there is none.

    Raises:
        ValueError: If an instant has no zone, a number of minutes is negative, or the runs wait
            for each other in a circle.
    """
    starts = {number: _utc(instant) for number, instant in (not_before_of or {}).items()}
    return _Plan(runs).forward(_utc(not_before), starts)


def finished_at(runs: Iterable[TimedRun], windows: Mapping[int, RunWindow]) -> datetime | None:
    """Say when everything is done, waiting after the last runs included.

    Args:
        runs: The runs of an order.
        windows: Theirs.

    Returns:
        The latest end; None where there are no runs.

    Raises:
        OverflowError: If that is beyond the year 9999.
    """
    ends = [windows[run.sequence_number].end_at + run.wait for run in runs]
    return max(ends, default=None)


@dataclass(slots=True)
class _Gate:
    """What the runs behind one set of predecessors wait for; joins share it."""

    ready_at: datetime | None = None
    fed: list[tuple[datetime, Fraction]] = field(default_factory=list)

    def pass_in(self, run: TimedRun, window: RunWindow) -> None:
        """Take a predecessor into account."""
        ready = window.end_at + run.wait
        if run.is_batched:
            self.fed.append((ready, run.last_batch_products))
            through = run.calendar.add_working_minutes(window.start_at, run.first_batch_minutes)
            ready = min(through, window.end_at) + run.wait
        self.ready_at = ready if self.ready_at is None else max(self.ready_at, ready)

    def settle(self) -> None:
        """Keep of the feeding predecessors those that no other one outdoes."""
        kept: list[tuple[datetime, Fraction]] = []
        for ready, products in sorted(self.fed, reverse=True):
            if not kept or products > kept[-1][1]:
                kept.append((ready, products))
        self.fed = kept


class _Plan:
    """The runs of one order in the order of their graph."""

    def __init__(self, runs: Sequence[TimedRun]) -> None:
        self._runs = {run.sequence_number: run for run in runs}
        self._before = {
            run.sequence_number: tuple(n for n in run.predecessors if n in self._runs)
            for run in runs
        }
        self._order, cycles = topology.order(self._before)
        if cycles:
            raise ValueError(f"the runs {cycles[0]} wait for each other")

    def forward(
        self, not_before: datetime, not_before_of: Mapping[int, datetime]
    ) -> Windows | NoWindow:
        windows: Windows = {}
        gates: dict[tuple[int, ...], _Gate] = {}
        for number in self._order:
            earliest = max(not_before, not_before_of.get(number, not_before))
            try:
                gate = self._gate(gates, number, windows)
                windows[number] = _earliest(self._runs[number], earliest, gate)
            except (NoWorkingTime, OverflowError) as error:
                return NoWindow(number, str(error))
        return windows

    def backward(self, due_at: datetime) -> Windows | NoWindow:
        windows: Windows = {}
        after = topology.successors_of(self._before)
        for number in reversed(self._order):
            try:
                successors = [(self._runs[n], windows[n]) for n in after[number]]
                windows[number] = _latest(self._runs[number], due_at, successors)
            except (NoWorkingTime, OverflowError) as error:
                return NoWindow(number, str(error))
        return windows

    def _gate(self, gates: dict[tuple[int, ...], _Gate], number: int, windows: Windows) -> _Gate:
        before = self._before[number]
        gate = gates.get(before)
        if gate is None:
            gate = gates[before] = _Gate()
            for predecessor in before:
                gate.pass_in(self._runs[predecessor], windows[predecessor])
            gate.settle()
        return gate


def _utc(instant: datetime) -> datetime:
    """Clock time must not be added on a wall that daylight saving moves."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs its zone: {instant.isoformat()}")
    return instant.astimezone(UTC)


def _earliest(run: TimedRun, earliest: datetime, gate: _Gate) -> RunWindow:
    calendar, work = run.calendar, run.work_minutes
    start = earliest if gate.ready_at is None else max(earliest, gate.ready_at)
    end = calendar.add_working_minutes(start, work)
    for ready, products in gate.fed:
        last = run.minutes_for_products(products)
        end = max(end, calendar.add_working_minutes(ready, last))
    return RunWindow(calendar.next_working_instant(start) if work else start, end)


def _latest(
    run: TimedRun, due_at: datetime, successors: Sequence[tuple[TimedRun, RunWindow]]
) -> RunWindow:
    calendar, work = run.calendar, run.work_minutes
    needed_at = min((window.start_at for _, window in successors), default=due_at) - run.wait
    if run.is_batched and successors:
        start = calendar.subtract_working_minutes(needed_at, run.first_batch_minutes)
        fed_until = _fed_until(run, successors) - run.wait
        start = min(start, calendar.subtract_working_minutes(fed_until, work))
    else:
        start = calendar.subtract_working_minutes(needed_at, work)
    return RunWindow(start, calendar.add_working_minutes(start, work))


def _fed_until(run: TimedRun, successors: Sequence[tuple[TimedRun, RunWindow]]) -> datetime:
    """When its last batch must be there, so that no successor ends late."""
    products = run.last_batch_products
    latest = min(window.end_at for _, window in successors)
    for successor, window in successors:
        if window.start_at < latest:  # it may need the batch before the others do
            last = successor.minutes_for_products(products)
            needed = successor.calendar.subtract_working_minutes(window.end_at, last)
            latest = min(latest, needed)
    return latest
