"""What checking an order and promising one cost on the AdventureWorks plant.

    python -m benchmarks.promises --data ../shared/data [--orders 5000] [--no-database]

First the arithmetic alone, in processor time: every open order is checked, one after the other,
from its runs to the bytes of `capacity.checked`, until the plant is full of them. A plain
implementation with instants and fractions (`benchmarks.promises_reference`) places the same orders
in the same run and must come to the same dates and the same load.

Then with a real database: the same orders as events, 200 to a transaction, and promises for every
finished bicycle, from the request to the answer, each of them exploding its structure, netting it
against stock, and loading its sub-assemblies and itself on what those orders leave.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

from benchmarks import promises_database, promises_plant, promises_reference
from benchmarks.promises_plant import PLANT, ZONE, AdventureWorksPlant, OpenOrder
from lineside_contracts import envelope
from lineside_contracts.planning import CapacityChecked
from lineside_manufacturing import time_spans
from lineside_manufacturing.calendars import standard_calendar
from lineside_planning.capacity.domain import answers, centers, checking
from lineside_planning.capacity.domain.centers import Center, CenterFacts
from lineside_planning.capacity.domain.checking import Check
from lineside_planning.capacity.domain.orders import OrderState
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_planning.capacity.domain.tasks import NOWHERE, Run

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
GOAL_MILLISECONDS = 100
CONSOLE = Console()


Answer = tuple[datetime, tuple[datetime, ...], tuple[Fraction, ...]]
"""When it is done, when its runs are planned to start, how full its work centers are."""


@dataclass(frozen=True)
class Checked:
    """Microseconds of each order to its check, and to its bytes; and what came of them."""

    microseconds: Sequence[float]
    to_bytes: Sequence[float]
    answers: Sequence[Answer]
    taken: Any


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.promises")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--no-database", action="store_true")
    asked = parser.parse_args()
    plant = promises_plant.load(
        asked.data / "adventureworks", order_count=asked.orders, today=NOW.date()
    )
    runs = sum(len(plant.routes[order.product_code]) for order in plant.orders)
    CONSOLE.print(
        f"{len(plant.products)} products, {len(plant.routes)} routings, {len(plant.units)} work"
        f" centers, {len(plant.orders):,} open orders with {runs:,} runs"
    )
    _show_checks(plant)
    if not asked.no_database:
        asyncio.run(promises_database.measure(plant, CONSOLE, goal=GOAL_MILLISECONDS))


def _show_checks(plant: AdventureWorksPlant) -> None:
    ours, plain = _ours(plant, plant.orders), _reference(plant, plant.orders)
    if ours.answers != plain.answers or ours.taken != plain.taken:
        raise SystemExit("the reference says something else")
    table = Table(title="Check of one order (µs of processor time)")
    for column in ("", "orders", "median", "mean", "99 %", "most"):
        table.add_column(column, justify="right" if column else "left")
    for name, measured in (
        ("checked", ours.microseconds),
        ("checked and told, to event bytes", ours.to_bytes),
        ("checked by the reference", plain.microseconds),
    ):
        times = sorted(measured)
        figures = (
            statistics.median(times),
            statistics.fmean(times),
            times[len(times) * 99 // 100],
            times[-1],
        )
        table.add_row(name, f"{len(times):,}", *(f"{value:,.0f}" for value in figures))
    CONSOLE.print(table)
    ratio = statistics.median(plain.microseconds) / statistics.median(ours.microseconds)
    CONSOLE.print(f"the reference takes {ratio:.1f} times as long")


def _ours(plant: AdventureWorksPlant, orders: Sequence[OpenOrder]) -> Checked:
    days = PlantDays(PLANT, ZONE, standard_calendar(ZONE))
    known = dict(_centers(plant))
    now = time_spans.microseconds_of(NOW)
    times, told, said = [], [], []
    for number, order in enumerate(orders):
        state = _state(plant, order, UUID(int=number))
        begun = time.process_time_ns()
        found = checking.check(state, known, days, now=now)
        times.append((time.process_time_ns() - begun) / 1000)
        answer = answers.answer(state, found, version=1, now=NOW)
        envelope.encode_payload(CapacityChecked(capacity_plan=answer))
        told.append((time.process_time_ns() - begun) / 1000)
        said.append(_said(found))
    taken = {
        code: {date.fromordinal(day): Fraction(load, 60_000_000) for day, load in c.loads.items()}
        for code, c in known.items()
        if code
    }
    return Checked(times, told, said, taken)


def _said(found: Check) -> Answer:
    starts = [found.planned[task.number].start for task in found.left.ordered]
    return (
        time_spans.instant_of(found.completes or 0),
        tuple(time_spans.instant_of(start) for start in starts),
        tuple(Fraction(use.taken, use.available) for use in found.uses),
    )


def _reference(plant: AdventureWorksPlant, orders: Sequence[OpenOrder]) -> Checked:
    calendar = standard_calendar(ZONE)
    known = {
        code: promises_reference.Center(calendar, units, NOW) for code, units in plant.units.items()
    }
    times: list[float] = []
    said: list[Answer] = []
    for order in orders:
        steps = [(code, Fraction(minutes)) for _, code, minutes in plant.routes[order.product_code]]
        begun = time.process_time_ns()
        due = calendar.end_of_working_day(order.due_date)
        found = promises_reference.check(steps, known, due)
        times.append((time.process_time_ns() - begun) / 1000)
        shares = tuple(found.shares[code] for code in sorted(found.shares))
        said.append((found.completes, tuple(found.planned), shares))
    taken = {
        code: {day: amount for day, amount in center.taken.items() if amount}
        for code, center in known.items()
    }
    return Checked(times, times, said, taken)


def _centers(plant: AdventureWorksPlant) -> Iterator[tuple[str, Center]]:
    calendar, now = standard_calendar(ZONE), time_spans.microseconds_of(NOW)
    for code, units in (*plant.units.items(), (NOWHERE, None)):
        facts = CenterFacts(code, code, PLANT, calendar, units)
        center = centers.loaded(facts, {}, now=now)
        center.settle()
        yield code, center


def _state(plant: AdventureWorksPlant, order: OpenOrder, order_id: UUID) -> OrderState:
    steps = plant.routes[order.product_code]
    numbers = [number for number, _, _ in steps]
    return OrderState(
        id=order_id,
        production_order_number=order.number,
        product_code=order.product_code,
        plant_code=PLANT,
        due_date=order.due_date,
        expansion_version=1,
        expanded_planning_version=1,
        runs=tuple(
            Run(
                sequence_number=number,
                operation_name=code,
                work_center_code=code,
                setup_minutes=Decimal(0),
                run_minutes=minutes,
                predecessors=tuple(numbers[index - 1 : index]) if index else (),
                planned_input=Decimal(order.quantity),
                planned_output=Decimal(order.quantity),
                time_basis="fixed",
            )
            for index, (number, code, minutes) in enumerate(steps)
        ),
    )


if __name__ == "__main__":
    main()
