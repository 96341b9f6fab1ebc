"""Placing an order's tasks one after the other: backward from its due date, forward from now.

The rules of `lineside_manufacturing.run_timing` (precedence, waiting, overlap by transfer batches)
with another way to place a single run: on what its work center has free. Where nothing is taken,
both give the same instants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lineside_manufacturing import time_spans
from lineside_planning.capacity.domain import placing
from lineside_planning.capacity.domain.centers import Center
from lineside_planning.capacity.domain.placing import Placement
from lineside_planning.capacity.domain.tasks import Task, Tasks

Places = dict[int, Placement]
"""Where each task goes, by sequence number."""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A task has no place within the years looked at.

    Attributes:
        task: Which.
    """

    task: Task


@dataclass(frozen=True, slots=True)
class Ready:
    """From when on a task may be worked on, as far as the tasks before it say.

    Attributes:
        at: Microseconds since 1970.
        fed: When which products come last, for predecessors that hand over in batches.
    """

    at: int
    fed: Sequence[tuple[int, Fraction]] = ()


def forward(
    tasks: Tasks, *, not_before: int, not_before_of: Mapping[int, int]
) -> Places | Unplaced:
    """Place every task as early as can be; what they take stays reserved.

    Args:
        tasks: Of one order.
        not_before: Microseconds since 1970.
        not_before_of: The same for single tasks, such as when their materials are there.

    Returns:
        Where they go; nothing is reserved where one has no place.
    """
    places: Places = {}
    by_number = {task.number: task for task in tasks.ordered}
    for task in tasks.ordered:
        before = [(by_number[n], places[n]) for n in tasks.before[task.number]]
        ready = ready_after(before, not_before)
        begin = max(not_before, not_before_of.get(task.number, not_before), ready.at)
        place = earliest(task, begin, ready)
        if place is None:
            release(tasks, places)
            return Unplaced(task)
        task.center.take(place.takes)
        places[task.number] = place
    return places


def backward(tasks: Tasks, *, due: int) -> Places | Unplaced:
    """Place every task as late as its successors allow, and not before its work center's now.

    Args:
        tasks: Of one order.
        due: Microseconds since 1970 by which all is done, the last waiting included.

    Returns:
        Where they go, reserved; nothing is reserved where one has no place.
    """
    places: Places = {}
    by_number = {task.number: task for task in tasks.ordered}
    for task in reversed(tasks.ordered):
        after = [(by_number[n], places[n]) for n in tasks.after[task.number]]
        place = _latest(task, due, after)
        if place is None:
            release(tasks, places)
            return Unplaced(task)
        task.center.take(place.takes)
        places[task.number] = place
    return places


def release(tasks: Tasks, places: Places) -> None:
    """Give back what places take."""
    for task in tasks.ordered:
        place = places.get(task.number)
        if place is not None:
            task.center.release(place.takes)


def finished(tasks: Tasks, places: Places) -> int | None:
    """When all is done, waiting included; None where nothing is left to do."""
    return max((places[task.number].end + task.wait for task in tasks.ordered), default=None)


def ready_after(before: Sequence[tuple[Task, Placement]], not_before: int) -> Ready:
    """When the tasks before one let it begin."""
    at, fed = not_before, []
    for task, place in before:
        ready = place.end + task.wait
        if task.timed is not None and task.timed.is_batched:
            fed.append((ready, task.timed.last_batch_products))
            first = task.busy_minutes(task.timed.first_batch_minutes)
            ready = placing.reached(task.center, place, first) + task.wait
        at = max(at, ready)
    return Ready(at, fed)


def earliest(task: Task, begin: int, ready: Ready) -> Placement | None:
    """Place one task forward; it ends no earlier than the batches that feed it allow."""
    place = placing.forward(task.center, begin, task.busy)
    if place is None or not ready.fed:
        return place
    ends = [
        _worked(task.center, at, task.busy_for_products(products)) for at, products in ready.fed
    ]
    return Placement(place.start, max(place.end, *ends), place.takes, place.worked_until)


def _latest(task: Task, due: int, after: Sequence[tuple[Task, Placement]]) -> Placement | None:
    center = task.center
    needed = min((place.start for _, place in after), default=due) - task.wait
    if task.timed is None or not task.timed.is_batched or not after:
        return placing.backward(center, needed, task.busy)
    products = task.timed.last_batch_products
    fed_until = min(
        _worked_back(other.center, place.end, other.busy_for_products(products))
        for other, place in after
    )
    return _handing_over(task, needed, fed_until - task.wait)


def _handing_over(task: Task, needed: int, until: int) -> Placement | None:
    """Place a batched task to end by one instant and have its first batch through by another."""
    center = task.center
    first = task.busy_minutes(task.timed.first_batch_minutes) if task.timed else task.busy
    place = placing.backward(center, until, task.busy)
    while place is not None and placing.reached(center, place, first) > needed:
        late = _work_between(center, needed, placing.reached(center, place, first))
        until = _worked_back(center, min(place.end, until), max(1, late))
        place = placing.backward(center, until, task.busy)
    return place


def _worked(center: Center, moment: int, work: int) -> int:
    """When so much working time has passed, whoever has it."""
    place = placing.forward(center.alone, moment, work)
    return moment if place is None else place.end


def _worked_back(center: Center, moment: int, work: int) -> int:
    place = placing.backward(center.alone, moment, work)
    return moment if place is None else place.start


def _work_between(center: Center, start: int, end: int) -> int:
    instant_of = time_spans.instant_of
    minutes = center.facts.calendar.working_minutes(instant_of(start), instant_of(end))
    return int(minutes * 60_000_000)
