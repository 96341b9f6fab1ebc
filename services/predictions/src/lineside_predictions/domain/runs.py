"""The planned runs of an order, how far the floor is with each, and what is left of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from lineside_predictions.domain.reports import Contribution, OperationProgress

RUN_DONE = frozenset({"completed", "cancelled"})
RUN_RELEASED = frozenset({"released", "in_progress", "completed"})

NOTHING = Decimal(0)
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Run:
    """A planned run and how far it is, as far as predictions need it.

    Attributes:
        work_minutes: Standard minutes in all, `setup_minutes` of them to set up.
        planned_input: Pieces it is planned to take in; 0 where nobody said.
        planned_output: Good pieces it is to give.
        good: Reported so far.
        processed: Reported so far, scrap and rework included.
        ended_at: When its work order ended.
    """

    id: UUID
    sequence_number: int
    predecessors: tuple[int, ...]
    work_minutes: Decimal
    wait_minutes: Decimal
    is_done: bool = False
    operation_code: str = ""
    operation_type: str = ""
    setup_minutes: Decimal = NOTHING
    planned_input: Decimal = NOTHING
    planned_output: Decimal = NOTHING
    good: Decimal = NOTHING
    processed: Decimal = NOTHING
    is_released: bool = False
    ended_at: datetime | None = None

    @property
    def minutes_left(self) -> Decimal:
        """Standard minutes that are left, as pieces were reported."""
        if self.is_done:
            return NOTHING
        if not self.processed or not self.planned_input:
            return self.work_minutes
        run_minutes = self.work_minutes - self.setup_minutes
        return (run_minutes * self.pieces_left / self.planned_input).quantize(_CENT)

    @property
    def pieces_left(self) -> Decimal:
        """Pieces to go: the rest of the planned input, or more where too few of it were good."""
        if self.is_done:
            return NOTHING
        planned = self.planned_input - self.processed
        return max(planned, self.planned_output - self.good, NOTHING)

    @property
    def started_share(self) -> Decimal:
        """How much of the order has come this far, 0 to 1."""
        return self._share(self.processed, self.planned_input)

    @property
    def finished_share(self) -> Decimal:
        """How much of what it is to give it has given, 0 to 1."""
        return self._share(self.good, self.planned_output)

    def earned_minutes(self, contribution: Contribution) -> Decimal:
        """Standard minutes of what a log added."""
        run_minutes = self.work_minutes - self.setup_minutes
        pieces = contribution.pieces * run_minutes / self.planned_input if self.planned_input else 0
        return self.setup_minutes * contribution.setups + pieces

    def _share(self, reported: Decimal, planned: Decimal) -> Decimal:
        if self.is_done:
            return Decimal(1)
        return min(Decimal(1), reported / planned) if planned else NOTHING


@dataclass(frozen=True)
class Progress:
    """How far an order is.

    Attributes:
        remaining_quantity: Not yet good at its last operation, in the order's unit.
        wip_quantity: Begun and not yet good at its last operation.
        remaining_minutes: Standard minutes left, by operation type; types that are done are not
            among them.
        total_minutes: Standard minutes of the whole order.
    """

    remaining_quantity: Decimal
    wip_quantity: Decimal
    remaining_minutes: Mapping[str, Decimal]
    total_minutes: Decimal


def progress(runs: Sequence[Run], *, quantity: Decimal) -> Progress:
    """Sum up how far an order of some quantity is."""
    before = {number for run in runs for number in run.predecessors}
    ends = [run.finished_share for run in runs if run.sequence_number not in before]
    finished = min(ends, default=NOTHING)
    started = max((run.started_share for run in runs), default=NOTHING)
    left: dict[str, Decimal] = {}
    for run in runs:
        if run.minutes_left:
            left[run.operation_type] = left.get(run.operation_type, NOTHING) + run.minutes_left
    return Progress(
        remaining_quantity=(quantity * (1 - finished)).quantize(_CENT),
        wip_quantity=(quantity * max(NOTHING, started - finished)).quantize(_CENT),
        remaining_minutes=left,
        total_minutes=sum((run.work_minutes for run in runs), NOTHING),
    )


def mark_done(
    runs: Sequence[Run],
    run_status: Mapping[UUID, str],
    ended_at: Mapping[UUID, datetime] | None = None,
) -> tuple[Run, ...]:
    """Take over which runs the floor has released and finished, and when these ended."""
    ended = ended_at or {}
    return tuple(
        replace(
            run,
            is_done=run_status[run.id] in RUN_DONE,
            is_released=run_status[run.id] in RUN_RELEASED,
            ended_at=ended.get(run.id, run.ended_at),
        )
        if run.id in run_status
        else run
        for run in runs
    )


def take_reports(runs: Sequence[Run], operations: Sequence[OperationProgress]) -> tuple[Run, ...]:
    """Take over what was reported on the operations of an order."""
    return tuple(
        replace(
            run,
            good=found.totals.good,
            processed=found.totals.processed,
            is_done=run.is_done or found.totals.is_completed,
        )
        if (found := operation_of(run, operations))
        else run
        for run in runs
    )


def operation_of(run: Run, operations: Sequence[OperationProgress]) -> OperationProgress | None:
    """The operation that is a run; by its number where the run was planned anew under another id.

    Where several claim to be it, the one reported last counts.
    """
    by_id = [operation for operation in operations if operation.run_id == run.id]
    by_number = [o for o in operations if o.sequence_number == run.sequence_number]
    return max(by_id or by_number, key=lambda operation: operation.version, default=None)


def run_of(operation: OperationProgress, planned: Sequence[Run]) -> Run | None:
    """The run an operation is; by its number where the run was planned anew under another id."""
    by_id = [run for run in planned if run.id == operation.run_id]
    by_number = [run for run in planned if run.sequence_number == operation.sequence_number]
    return next(iter(by_id or by_number), None)
