"""What is left to be done of an order's runs, in whole numbers, ready to be placed.

Made from the runs of an expansion and what the floor has reported on them. A run that is finished
is no task: whoever waits for it does so no longer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from lineside_manufacturing import topology
from lineside_manufacturing.durations import TimeBasis
from lineside_manufacturing.timed_runs import TimedRun
from lineside_planning.capacity.domain import centers
from lineside_planning.capacity.domain.centers import Center

NOWHERE = ""
"""Stands for the work center of a run that has none."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What was reported on a run.

    Attributes:
        done_quantity: Good and scrap, in the run's unit.
        is_finished: It is completed or cancelled.
    """

    done_quantity: Decimal = Decimal(0)
    is_finished: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A run of an expansion, as far as capacity asks; quantities in its own unit.

    `minutes` on one parallel unit at 100 %.
    """

    sequence_number: int
    operation_name: str
    work_center_code: str | None
    setup_minutes: Decimal
    run_minutes: Decimal
    run_id: str = ""
    alternates: tuple[str, ...] = ()
    predecessors: tuple[int, ...] = ()
    wait_minutes: Decimal = Decimal(0)
    planned_input: Decimal = Decimal(0)
    planned_output: Decimal = Decimal(0)
    units_per_product: Fraction = Fraction(1)
    unit_decimals: int = 0
    transfer_batch_quantity: Decimal | None = None
    setup_scrap_quantity: Decimal = Decimal(0)
    time_basis: TimeBasis = "per_unit"
    batch_size: Decimal | None = None
    is_finished: bool = False

    @property
    def center_code(self) -> str:
        """Its work center, or that of runs without one."""
        return self.work_center_code or NOWHERE

    @property
    def required_minutes(self) -> Decimal:
        """Setup and run."""
        return self.setup_minutes + self.run_minutes


@dataclass(slots=True)
class Task:
    """A run with work left.

    Attributes:
        run: The run.
        center: Where it is to be done.
        ticks: Work left, in ten-thousandths of a minute at 100 %.
        busy: How long one unit of its work center is busy with it, in microseconds.
        wait: Clock time after it, in microseconds.
        share_left: Of its input.
        timed: For its transfer batches; None where it hands over at its end.
    """

    run: Run
    center: Center
    ticks: int
    busy: int
    wait: int
    share_left: Fraction
    timed: TimedRun | None = None

    @property
    def number(self) -> int:
        """Its sequence number."""
        return self.run.sequence_number

    def busy_minutes(self, minutes: Fraction) -> int:
        """Working minutes of its work center in microseconds, rounded up."""
        return -int(-minutes * 60_000_000 // 1)

    def busy_for_products(self, products: Fraction) -> int:
        """How long a unit is busy with the pieces of so many products."""
        return self.busy_minutes(timed_run(self).minutes_for_products(products))


@dataclass(frozen=True, slots=True)
class Tasks:
    """The tasks of an order.

    Attributes:
        ordered: Each after those it waits for.
        before: Which tasks each waits for, by sequence number.
        after: Which wait for each.
    """

    ordered: tuple[Task, ...]
    before: Mapping[int, tuple[int, ...]]
    after: Mapping[int, tuple[int, ...]]


NO_PROGRESS = Progress()


def tasks_of(
    runs: Sequence[Run], progress: Mapping[str, Progress], known: Mapping[str, Center]
) -> Tasks:
    """Turn runs into tasks.

    Args:
        runs: All of an order's; their predecessors form no circle.
        progress: By run id.
        known: Every work center the runs name, and `NOWHERE`.

    Returns:
        What is left.
    """
    made: dict[int, Task] = {}
    for run in runs:
        task = _task(run, progress.get(run.run_id, NO_PROGRESS), known[run.center_code])
        if task is not None:
            made[run.sequence_number] = task
    before = {n: tuple(p for p in task.run.predecessors if p in made) for n, task in made.items()}
    order, _ = topology.order(before)
    return Tasks(tuple(made[n] for n in order), before, topology.successors_of(before))


def _task(run: Run, progress: Progress, center: Center) -> Task | None:
    if run.is_finished or progress.is_finished:
        return None
    share = _share_left(run, progress)
    minutes = run.required_minutes if share == 1 else Fraction(run.run_minutes) * share
    ticks = _ticks(minutes)
    task = Task(
        run=run,
        center=center,
        ticks=ticks,
        busy=center.busy(ticks),
        wait=6_000 * centers.ticks_of(run.wait_minutes),
        share_left=share,
    )
    batch = run.transfer_batch_quantity
    if batch is not None and batch < run.planned_output:
        task.timed = timed_run(task)
    return task


def _share_left(run: Run, progress: Progress) -> Fraction:
    if not progress.done_quantity or run.planned_input <= 0:
        return Fraction(1)
    return max(Fraction(0), 1 - Fraction(progress.done_quantity) / Fraction(run.planned_input))


def _ticks(minutes: Decimal | Fraction) -> int:
    numerator, denominator = minutes.as_integer_ratio()
    return -(-numerator * centers.TICKS // denominator)


def timed_run(task: Task) -> TimedRun:
    """A task as `run_timing` takes it: what is left of the run, on its work center's calendar."""
    run, share = task.run, task.share_left
    begun = share != 1
    return TimedRun(
        sequence_number=run.sequence_number,
        predecessors=run.predecessors,
        setup_minutes=0 if begun else run.setup_minutes,
        run_minutes=Fraction(run.run_minutes) * share if begun else run.run_minutes,
        calendar=task.center.facts.calendar,
        wait_minutes=run.wait_minutes,
        planned_input=Fraction(run.planned_input) * share if begun else run.planned_input,
        planned_output=Fraction(run.planned_output) * share if begun else run.planned_output,
        units_per_product=run.units_per_product,
        transfer_batch_quantity=run.transfer_batch_quantity,
        setup_scrap_quantity=0 if begun else run.setup_scrap_quantity,
        unit_decimals=run.unit_decimals,
        time_basis=run.time_basis,
        batch_size=run.batch_size,
        efficiency_percentage=task.center.facts.efficiency_percentage,
    )


def moved(task: Task, center: Center) -> Task:
    """The same task at another work center."""
    other = replace(task, center=center, busy=center.busy(task.ticks))
    if task.timed is not None:
        other.timed = timed_run(other)
    return other


def alone(tasks: Tasks) -> Tasks:
    """The same tasks on work centers with nothing else to do, for planned dates."""
    return replace(
        tasks, ordered=tuple([replace(task, center=task.center.alone) for task in tasks.ordered])
    )
