"""The check of one order: where its load goes, when it will be done, whether it fits (RULES 27).

Planned dates run backward from the due date by working time alone, as materials plan their needs.
The load is placed backward as well, on what is free, the latest first; where that does not fit
before now, it goes forward from now, as the estimate does. The estimate asks how soon it can be
done: from now, not before the materials of each run, on what is free.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lineside_contracts.problems import Fault
from lineside_manufacturing import run_timing, time_spans
from lineside_manufacturing.run_timing import NoWindow
from lineside_planning.capacity.domain import loading, material_dates, tasks, utilization
from lineside_planning.capacity.domain.centers import Center, Take
from lineside_planning.capacity.domain.loading import Places, Unplaced
from lineside_planning.capacity.domain.orders import OrderState
from lineside_planning.capacity.domain.placing import Placement
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_planning.capacity.domain.tasks import NOWHERE, Task, Tasks
from lineside_planning.capacity.domain.utilization import Use


@dataclass(frozen=True, slots=True)
class Check:
    """What was found about an order.

    Attributes:
        due: Microseconds since 1970: the end of its due date.
        left: What is left to do.
        planned: Backward from the due date, by working time alone.
        estimated: As soon as it can be done; None where a run has no place.
        placed: What is reserved of which day, by sequence number.
        uses: Its work centers between now and then.
        sooner_at: Alternates at which a run would end sooner, by sequence number.
        completes: When it will be done, waiting included; None where nobody can tell.
        reasons: Why it is not feasible; empty where it is.
        warnings: What a planner should look at all the same.
    """

    due: int
    left: Tasks
    planned: Places
    estimated: Places | None
    placed: Mapping[int, Sequence[Take]]
    uses: tuple[Use, ...]
    sooner_at: Mapping[int, str]
    completes: int | None
    reasons: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    @property
    def is_feasible(self) -> bool:
        """Every utilization at most 100 %, done in time, materials in time."""
        return not self.reasons


def check(order: OrderState, known: Mapping[str, Center], plant: PlantDays, *, now: int) -> Check:
    """Place an order and judge it; its load is committed to the work centers.

    Args:
        order: One that is planned; its earlier load is given back already.
        known: Every work center its runs and their alternates name, settled, and `NOWHERE`.
        plant: Its plant.
        now: Microseconds since 1970.

    Returns:
        What was found.
    """
    left = tasks.tasks_of(order.runs, order.progress, known)
    due = plant.due(order.due_date or date.max)
    arrivals = material_dates.arrivals_of(order.materials, plant)
    found = loading.forward(left, not_before=now, not_before_of=arrivals)
    estimated = None if isinstance(found, Unplaced) else found
    sooner = alternates(left, estimated, known, now=now, arrivals=arrivals)
    uses = uses_of(left, due)
    if estimated is not None:
        loading.release(left, estimated)
    placed = _commit(left, estimated, due)
    completes = loading.finished(left, estimated) if estimated is not None else None
    if estimated is not None and completes is None:
        completes = now
    reasons = (
        *(utilization.overload_fault(use) for use in uses if use.is_overloaded),
        *_date_faults(found, completes, due, plant),
        *material_dates.faults(order.materials),
    )
    return Check(
        due=due,
        left=left,
        planned=planned_places(left, due=due, now=now),
        estimated=estimated,
        placed=placed,
        uses=uses,
        sooner_at=sooner,
        completes=completes,
        reasons=reasons,
        warnings=(*utilization.bottleneck_warnings(uses), *_unknown_warnings(left)),
    )


def planned_places(left: Tasks, *, due: int, now: int) -> Places:
    """Backward from the due date by working time alone, never before now (RULES 26)."""
    free = tasks.alone(left)
    latest = loading.backward(free, due=due)
    if isinstance(latest, Unplaced):
        return _begun_too_late(left, due=due, now=now)
    if all(place.start >= now for place in latest.values()):
        return latest
    starts = {number: max(now, place.start) for number, place in latest.items()}
    moved = loading.forward(free, not_before=now, not_before_of=starts)
    return {} if isinstance(moved, Unplaced) else moved


def _begun_too_late(left: Tasks, *, due: int, now: int) -> Places:
    """Planned dates of an order that should have begun before now: as the floor reckons them."""
    windows = run_timing.backward_windows(
        [tasks.timed_run(task) for task in left.ordered],
        due_at=time_spans.instant_of(due),
        not_before=time_spans.instant_of(now),
    )
    if isinstance(windows, NoWindow):
        return {}
    moment = time_spans.microseconds_of
    return {
        number: Placement(moment(window.start_at), moment(window.end_at), (), moment(window.end_at))
        for number, window in windows.items()
    }


def uses_of(left: Tasks, due: int) -> tuple[Use, ...]:
    """How full the order's work centers are until its due date; its own load not yet among it."""
    gathered: dict[str, list[Task]] = {}
    for task in left.ordered:
        if task.center.facts.work_center_code != NOWHERE:
            gathered.setdefault(task.center.facts.work_center_code, []).append(task)
    return tuple(
        utilization.use_of(
            together[0].center,
            until=due,
            required=sum(task.busy for task in together),
            required_ticks=sum(task.ticks for task in together),
        )
        for _, together in sorted(gathered.items())
    )


def alternates(
    left: Tasks,
    estimated: Places | None,
    known: Mapping[str, Center],
    *,
    now: int,
    arrivals: Mapping[int, int],
) -> dict[int, str]:
    """Name the alternate at which a run would end soonest, where that is sooner than planned.

    Each run is looked at by itself, the others staying where they are; load stays on the planned
    work center until a person or a schedule moves it.
    """
    sooner: dict[int, str] = {}
    if estimated is None:
        return sooner
    by_number = {task.number: task for task in left.ordered}
    for task in left.ordered:
        if not task.run.alternates:
            continue
        before = [(by_number[n], estimated[n]) for n in left.before[task.number]]
        ready = loading.ready_after(before, now)
        begin = max(ready.at, arrivals.get(task.number, now))
        best = estimated[task.number].end
        for code in task.run.alternates:
            other = tasks.moved(task, known[code])
            place = loading.earliest(other, begin, ready)
            if place is not None and place.end < best:
                best, sooner[task.number] = place.end, code
    return sooner


def _commit(left: Tasks, estimated: Places | None, due: int) -> dict[int, Sequence[Take]]:
    latest = loading.backward(left, due=due)
    places = estimated if isinstance(latest, Unplaced) else latest
    if places is None:
        return {}
    if places is estimated:
        for task in left.ordered:
            task.center.take(places[task.number].takes)
    placed: dict[int, Sequence[Take]] = {}
    for task in left.ordered:
        if task.center.facts.units is not None:
            placed[task.number] = places[task.number].takes
            task.center.commit(places[task.number].takes)
    return placed


def _date_faults(
    found: Places | Unplaced, completes: int | None, due: int, plant: PlantDays
) -> Iterable[Fault]:
    if isinstance(found, Unplaced):
        task = found.task
        code = task.center.facts.work_center_code
        yield Fault(
            code="no_working_time",
            path=f"runs.{task.number}",
            message=f"Operation {task.number} finds no free working time at {code or 'its plant'}.",
            facts={"sequence_number": task.number, "work_center_code": code},
        )
    elif completes is not None and completes > due:
        ready, asked = plant.working_date_of(completes), plant.date_of(due)
        yield Fault(
            code="completes_late",
            path="estimated_completion_at",
            message=f"It will be done by {ready}, after it is due on {asked}.",
            facts={
                "estimated_completion_at": time_spans.instant_of(completes).isoformat(),
                "due_at": time_spans.instant_of(due).isoformat(),
            },
        )


def _unknown_warnings(left: Tasks) -> Iterable[Fault]:
    unknown = {
        task.center.facts.work_center_code
        for task in left.ordered
        if not task.center.facts.is_known
    }
    for code in sorted(unknown):
        message = (
            f"Work center {code} is not known here: one unit by the standard calendar is taken."
        )
        yield Fault(
            code="unknown_work_center",
            path="work_centers",
            message=message,
            facts={"work_center_code": code},
        )
