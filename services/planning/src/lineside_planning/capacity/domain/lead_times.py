"""How long an order takes from now, and where the time goes (RULES 27).

Walked back from the last piece along whatever held it up: a run waited for its predecessors, for
its materials, or for nothing but its turn. Every minute of the plant's working time between now and
the end belongs to exactly one part.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from lineside_contracts.planning import LeadTime, LeadTimePart
from lineside_manufacturing import quantities, time_spans
from lineside_manufacturing.calendars import NoWorkingTime
from lineside_planning.capacity.domain import loading, material_dates
from lineside_planning.capacity.domain.checking import Check
from lineside_planning.capacity.domain.orders import OrderState
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_planning.capacity.domain.tasks import Task

Kind = Literal["materials", "queue", "processing", "waiting"]

_KINDS: tuple[Kind, ...] = ("materials", "queue", "processing", "waiting")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the critical path, in microseconds since 1970, and what it is spent on."""

    kind: Kind
    start: int
    end: int
    task: Task | None
    work: int = 0


def lead_time(order: OrderState, found: Check, plant: PlantDays, *, now: int) -> LeadTime | None:
    """Measure an order's lead time.

    Args:
        order: Which.
        found: By its check.
        plant: Whose working time is measured.
        now: Microseconds since 1970.

    Returns:
        The lead time with its parts; None where nobody can tell when it ends.
    """
    if found.completes is None:
        return None
    stretches = critical_path(found, material_dates.arrivals_of(order.materials, plant), now=now)
    ends_on, today = plant.working_date_of(found.completes), plant.date_of(now)
    return LeadTime(
        production_order_id=order.id,
        working_days=working_days(plant, now=now, end=found.completes),
        calendar_days=max(0, (ends_on - today).days),
        completes_at=time_spans.instant_of(found.completes),
        materials_available_on=order.materials_on,
        parts=tuple(_parts(stretches, plant)),
    )


def working_days(plant: PlantDays, *, now: int, end: int) -> int:
    """Working days after today until something is done; 0 where that is today."""
    day, last, count = plant.date_of(now), plant.working_date_of(end), 0
    try:
        while day < last:
            day, count = plant.calendar.next_working_day(day), count + 1
    except NoWorkingTime:
        return (last - plant.date_of(now)) // _DAY
    return count


def critical_path(found: Check, arrivals: Mapping[int, int], *, now: int) -> list[Stretch]:
    """What the time until completion is spent on, latest first."""
    places = found.estimated or {}
    if not places:
        return []
    by_number = {task.number: task for task in found.left.ordered}
    task = max(found.left.ordered, key=lambda task: places[task.number].end + task.wait)
    until = places[task.number].end + task.wait
    stretches: list[Stretch] = []
    while True:
        place = places[task.number]
        done = max(place.start, min(place.end, until - task.wait))
        stretches.append(Stretch("waiting", done, until, task))
        stretches.append(Stretch("processing", place.start, done, task, task.busy))
        before = [(by_number[n], places[n]) for n in found.left.before[task.number]]
        arrives = arrivals.get(task.number, now)
        held_by = [(loading.ready_after([pair], now).at, pair[0]) for pair in before]
        ready, last = max(held_by, key=lambda pair: pair[0], default=(now, None))
        bound = max(now, arrives, ready)
        stretches.append(Stretch("queue", bound, place.start, task))
        if last is None or ready <= max(now, arrives):
            stretches.append(Stretch("materials", now, max(now, arrives), task))
            return stretches
        task, until = last, ready


def _parts(stretches: Iterable[Stretch], plant: PlantDays) -> Iterable[LeadTimePart]:
    spent: dict[Kind, int] = dict.fromkeys(_KINDS, 0)
    causes: dict[Kind, dict[str, None]] = {kind: {} for kind in _KINDS}
    for stretch in stretches:
        length = _measured(stretch, plant)
        worked = min(length, stretch.work) if stretch.kind == "processing" else length
        for kind, amount in ((stretch.kind, worked), ("queue", length - worked)):
            if amount:
                spent[kind] += amount
                causes[kind][_cause(stretch, kind)] = None
    for kind in _KINDS:
        minutes = quantities.trimmed(quantities.half_up(spent[kind], 6_000), 4)
        shown = "; ".join(reversed(causes[kind])) or "none"
        yield LeadTimePart(name=kind, working_minutes=minutes, explanation=_WORDS[kind] + shown)


_WORDS: Mapping[Kind, str] = {
    "materials": "Until the materials are there: ",
    "queue": "Waiting for a turn at: ",
    "processing": "Setup and run: ",
    "waiting": "Waiting after operations (drying, curing): ",
}


def _cause(stretch: Stretch, kind: Kind) -> str:
    task = stretch.task
    if task is None:
        return kind
    code = task.center.facts.work_center_code or "no work center"
    return f"operation {task.number} ({code})"


def _measured(stretch: Stretch, plant: PlantDays) -> int:
    if stretch.end <= stretch.start:
        return 0
    instant_of = time_spans.instant_of
    minutes = plant.calendar.working_minutes(instant_of(stretch.start), instant_of(stretch.end))
    return int(minutes * 60_000_000)
