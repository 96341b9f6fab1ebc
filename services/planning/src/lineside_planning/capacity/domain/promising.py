"""Capable to promise: when everything a wish takes could be there (SPEC 8).

From the lowest level up: what is bought arrives, what is made is loaded on what is free, sub-
assemblies before what takes them. The load is reserved while the question is answered and nowhere
else, so that nothing is left of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from lineside_contracts.problems import Fault
from lineside_manufacturing.calendars import NoWorkingTime
from lineside_planning.capacity.domain import checking, loading, tasks, utilization
from lineside_planning.capacity.domain.centers import Center
from lineside_planning.capacity.domain.loading import Places, Unplaced
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_planning.capacity.domain.promise_needs import Item, Needs
from lineside_planning.capacity.domain.tasks import Run, Task, Tasks
from lineside_planning.capacity.domain.utilization import Use

CentersOf = Callable[[Iterable[str], str | None], Mapping[str, Center]]
"""Finds work centers by code, for a product of some plant."""


@dataclass(frozen=True, slots=True)
class Made:
    """An item that is made, placed."""

    item: Item
    left: Tasks
    places: Places


@dataclass(slots=True)
class Outcome:
    """When things are there, in microseconds since 1970.

    Attributes:
        there: By item.
        made: What was loaded, sub-assemblies first.
    """

    there: dict[str, int] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)


def promise(needs: Needs, centers_of: CentersOf, plant: PlantDays, *, now: int) -> Outcome | Fault:
    """Find when the first item of some needs could be finished.

    Args:
        needs: From `promise_needs`; its first item is the product.
        centers_of: The work centers, settled.
        plant: Whose days count.
        now: Microseconds since 1970.

    Returns:
        When everything is there; a fault where a run has no place within ten years.
    """
    outcome = Outcome()
    for item in reversed(needs.items):
        fault = _place(item, outcome, centers_of, plant, now=now)
        if fault is not None:
            return fault
    return outcome


def _place(
    item: Item, outcome: Outcome, centers_of: CentersOf, plant: PlantDays, *, now: int
) -> Fault | None:
    at = [now, *(plant.midnight(on) for on, _ in item.from_receipts)]
    if item.buys_on is not None:
        at.append(plant.midnight(item.buys_on))
    if item.to_make:
        if not item.planned:
            at.append(_by_lead_time(item, outcome, plant, now=now))
        else:
            made = _load(item, outcome, centers_of, now=now)
            if isinstance(made, Fault):
                return made
            outcome.made.append(made)
            at.append(loading.finished(made.left, made.places) or now)
    outcome.there[item.code] = max(at)
    return None


def _by_lead_time(item: Item, outcome: Outcome, plant: PlantDays, *, now: int) -> int:
    """Without a routing: its lead time in working days, once its components are there."""
    begin = max([now, *(outcome.there[code] for code, _ in item.uses)])
    days = item.product.lead_time_days if item.product else 0
    day = plant.working_date_of(begin)
    try:
        return max(begin, plant.due(plant.calendar.add_working_days(day, days)))
    except NoWorkingTime:
        return begin


def _load(item: Item, outcome: Outcome, centers_of: CentersOf, *, now: int) -> Made | Fault:
    runs = _runs(item)
    codes = {code for run in runs for code in (run.center_code, *run.alternates)}
    known = centers_of(codes, item.product.plant_code if item.product else None)
    left = tasks.tasks_of(runs, {}, known)
    found = loading.forward(left, not_before=now, not_before_of=_arrivals(item, runs, outcome))
    if isinstance(found, Unplaced):
        code = found.task.center.facts.work_center_code
        return Fault(
            code="no_working_time",
            path="runs",
            message=f"Operation {found.task.number} of {item.code} finds no time at {code}.",
            facts={"product_code": item.code, "work_center_code": code},
        )
    return Made(item, left, found)


def _arrivals(item: Item, runs: Iterable[Run], outcome: Outcome) -> dict[int, int]:
    numbers = [run.sequence_number for run in runs]
    arrivals: dict[int, int] = {}
    for code, wanted_by in item.uses:
        number = wanted_by if wanted_by in numbers else min(numbers)
        there = outcome.there[code]
        arrivals[number] = max(there, arrivals.get(number, there))
    return arrivals


def _runs(item: Item) -> list[Run]:
    if item.routing is None:
        return []
    return [
        Run(
            sequence_number=operation.sequence_number,
            operation_name=operation.operation_code,
            work_center_code=operation.work_center_code,
            setup_minutes=operation.setup_minutes,
            run_minutes=minutes,
            alternates=operation.alternates,
            predecessors=operation.predecessors,
            wait_minutes=operation.wait_minutes,
            planned_input=planned.planned_input,
            planned_output=planned.planned_output,
            units_per_product=operation.units_per_product,
            unit_decimals=operation.decimals(item.decimals),
            transfer_batch_quantity=operation.transfer_batch_quantity,
            setup_scrap_quantity=operation.setup_scrap_quantity,
            time_basis=operation.time_basis,
            batch_size=operation.batch_size,
        )
        for operation, planned, minutes in zip(
            item.routing.operations, item.planned, item.minutes, strict=True
        )
    ]


def uses(outcome: Outcome, *, due: int) -> tuple[Use, ...]:
    """How full the work centers of everything that is made are until a due date."""
    gathered: dict[str, list[Task]] = {}
    for made in outcome.made:
        for task in made.left.ordered:
            if task.run.work_center_code:
                gathered.setdefault(task.run.work_center_code, []).append(task)
    return tuple(
        utilization.use_of(
            together[0].center,
            until=due,
            required=sum(task.busy for task in together),
            required_ticks=sum(task.ticks for task in together),
        )
        for _, together in sorted(gathered.items())
    )


def planned_places(made: Made, *, due: int, now: int) -> Places:
    """When the product's own runs would be planned, backward from a due date."""
    return checking.planned_places(made.left, due=due, now=now)


def date_fault(completes: int, requested: date, plant: PlantDays) -> Fault | None:
    """Why a wish is not met, where it would be done later."""
    if completes <= plant.due(requested):
        return None
    ready = plant.working_date_of(completes)
    return Fault(
        code="completes_late",
        path="requested_date",
        message=f"It can be done by {ready}, not by {requested}.",
        facts={"earliest_date": ready.isoformat(), "requested_date": requested.isoformat()},
    )
