"""What planning a plant costs in pure processor time, whole and after one event.

    python -m benchmarks.mrp [--rounds 5] [--orders 5000] [--json FILE]

The factory of other systems' published figures: families of a finished good made of two
sub-assemblies and one raw part, each sub-assembly of five raw parts, two of each; orders spread
over 120 days; stock, receipts and lot sizes on some items. Measured from plain rows to the plan,
and for one order's change from the facts of the touched items to their new plans. A plain
implementation with a fraction at every step (`benchmarks.mrp_reference`) plans the same rows in
the same run and must say the same; rounds of both take turns. Reading and writing rows is not in
it.
"""

import argparse
import gc
import json
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import mrp_reference
from lineside_manufacturing.calendars import standard_calendar
from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LotSizing
from lineside_planning.mrp.domain import engine, plans
from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.domain.facts import (
    BomVersion,
    Demand,
    Item,
    ItemInputs,
    PlantFacts,
    Settings,
    Supply,
)
from lineside_planning.mrp.domain.net_change import NetChange, WaveItem
from lineside_planning.mrp.domain.plans import PlantPlan

TODAY = date(2026, 3, 2)
FAMILIES = (20, 200, 2000)
PER_FAMILY = 14
GOAL_SECONDS = 2
GOAL_MILLISECONDS = 50
CONSOLE = Console(width=100)


@dataclass(frozen=True)
class Rows:
    """A factory as a store would read it: tuples, nothing prepared."""

    items: Sequence[tuple[Any, ...]]
    lines: Sequence[tuple[str, str, int]]
    stock: Mapping[str, int]
    demands: Sequence[tuple[str, str, date, int]]
    supplies: Sequence[tuple[str, str, date, int]]


@dataclass(frozen=True)
class Timing:
    """Milliseconds of processor time, by round."""

    items: int
    planned_orders: int
    regeneration: Sequence[float]
    reference: Sequence[float]
    net_change: Sequence[float]
    touched: int

    @property
    def ratio(self) -> float:
        """How many times as long the reference takes, by medians."""
        return statistics.median(self.reference) / statistics.median(self.regeneration)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mrp")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    timings = [_measure(rows_of(f, chosen.orders), chosen.rounds) for f in FAMILIES]
    CONSOLE.print(_table(timings, chosen.orders))
    CONSOLE.print(
        "planned: planned orders; whole: a regeneration; plain: the reference; 1 order: a net "
        "change\nof one order's quantity, touched: the items it re-plans"
    )
    CONSOLE.print(
        f"goals: {FAMILIES[1] * PER_FAMILY:,} items in {GOAL_SECONDS} s, "
        f"one order's change in {GOAL_MILLISECONDS} ms"
    )
    if chosen.json:
        chosen.json.write_text(json.dumps([vars(t) | {"ratio": t.ratio} for t in timings]))


def rows_of(families: int, orders: int) -> Rows:
    """Write down a factory."""
    rng = random.Random(families)  # noqa: S311 - the same factory every time
    items, lines = [], []
    for family in range(families):
        own, below = _family(f"{family:04}", rng)
        items += own
        lines += below
    finished = [key for key, *_ in items if key.startswith("FG")]
    demands = [
        (f"SO-{n:05}", rng.choice(finished), TODAY + timedelta(days=20 + rng.randrange(120)), 10)
        for n in range(orders)
    ]
    raw = [key for key, *_ in items if key.startswith("RM")]
    stock = {key: rng.randrange(200) for key in rng.sample(raw, len(raw) // 3)}
    supplies = [
        (f"PO-{n:05}", key, TODAY + timedelta(days=rng.randrange(60)), 100)
        for n, key in enumerate(rng.sample(raw, len(raw) // 3))
    ]
    return Rows(items, lines, stock, demands, supplies)


def _family(name: str, rng: random.Random) -> tuple[list[Any], list[tuple[str, str, int]]]:
    finished = f"FG-{name}@MAIN"
    items: list[Any] = [(finished, True, 2, 0, None)]
    lines = [(finished, f"RM-{name}-0@MAIN", 1)]
    for letter in "AB":
        made = f"SA-{name}-{letter}@MAIN"
        items.append((made, True, 1, 0, None))
        lines.append((finished, made, 2))
        lines += [(made, f"RM-{name}-{letter}{n}@MAIN", 2) for n in range(5)]
    for _, component, _ in lines:
        if component.startswith("RM"):
            lot = LotSizing("min_max_multiple", minimum=50, multiple=25)
            items.append((component, False, 5, 10, lot if rng.random() < 1 / 3 else None))
    return items, lines


def facts_of(rows: Rows) -> PlantFacts:
    """Build the engine's facts from rows."""
    below: dict[str, list[ComponentLine]] = {}
    for parent, component, quantity in rows.lines:
        line = ComponentLine(component, Fraction(quantity), line_id=f"{parent}/{component}")
        below.setdefault(parent, []).append(line)
    return PlantFacts(
        Settings(TODAY, {"MAIN": standard_calendar("Europe/Berlin")}),
        [_item(*row) for row in rows.items],
        {parent: (BomVersion(tuple(lines)),) for parent, lines in below.items()},
        rows.stock,
        [Demand(*row) for row in rows.demands],
        [Supply(*row) for row in rows.supplies],
    )


def _item(key: str, is_made: bool, lead: int, safety: int, lot: LotSizing | None) -> Item:  # noqa: FBT001 - a row
    return Item(
        key,
        is_made=is_made,
        lead_time_days=lead,
        calendar="MAIN",
        safety_stock=safety,
        lot_sizing=lot or LotSizing(),
    )


def planned_by_engine(plan: PlantPlan) -> mrp_reference.Orders:
    """Write the engine's orders as the reference does (whole pieces)."""
    return {
        key: [(o.due_on, o.starts_on, Fraction(o.quantity)) for o in each.orders]
        for key, each in plan.plans.items()
    }


def _regenerate(rows: Rows) -> PlantPlan:
    plan = engine.regenerate(facts_of(rows))
    if plan is None:
        raise SystemExit("nobody cancelled")
    return plan


def _measure(rows: Rows, rounds: int) -> Timing:
    plan = _regenerate(rows)
    if planned_by_engine(plan) != mrp_reference.plan(facts_of(rows)):
        raise SystemExit("the reference says something else")
    kept = _Kept(facts_of(rows), plan)
    ours, reference, change = [], [], []
    for number in range(rounds):
        ours.append(_milliseconds(lambda: _regenerate(rows)))
        reference.append(_milliseconds(lambda: mrp_reference.plan(facts_of(rows))))
        change += [kept.change(number * 10 + n) for n in range(10)]
    kept.check()
    count = sum(len(each.orders) for each in plan.plans.values())
    return Timing(len(rows.items), count, ours, reference, change, kept.touched)


class _Kept:
    """Facts and plans as a store keeps them, found by item; loading is not measured."""

    def __init__(self, facts: PlantFacts, plan: PlantPlan) -> None:
        self.facts, self.structure = facts, plan.structure
        self.plans = dict(plan.plans)
        self.demands = list(facts.demands)
        self.items = {item.key: item for item in facts.items}
        self.dates = PlanningDates(facts.settings)
        self.touched = 0
        self._using: dict[str, list[str]] = {}
        for parent, versions in facts.boms.items():
            for line in versions[0].lines:
                self._using.setdefault(line.component, []).append(parent)

    def change(self, number: int) -> float:
        """Change one order's quantity and give the milliseconds its re-planning took."""
        place = number * 97 % len(self.demands)
        demand = replace(self.demands[place], quantity=self.demands[place].quantity + 1)
        self.demands[place] = demand
        change, spent = NetChange(self.dates, {demand.item: 0}), 0.0
        while change.wave:
            loaded = [self._loaded(key) for key in change.wave]
            spent += _milliseconds(lambda: change.plan(loaded))  # noqa: B023 - called at once
        self.plans.update((key, each.after) for key, each in change.changes.items())
        self.touched = max(self.touched, change.planned_count)
        return spent

    def check(self) -> None:
        """A regeneration must give what is kept."""
        plan = engine.regenerate(replace(self.facts, demands=self.demands))
        if plan is None or plans.differences(self.plans, plan.plans):
            raise SystemExit("net change and regeneration differ")

    def _loaded(self, key: str) -> WaveItem:
        boms = self.facts.boms.get(key, ())
        parents = [self.plans[parent] for parent in self._using.get(key, ())]
        inputs = ItemInputs(
            key,
            self.items[key],
            boms,
            self.facts.stock.get(key, 0),
            [demand for demand in self.demands if demand.item == key],
            [supply for supply in self.facts.supplies if supply.item == key],
            [r for plan in parents for r in plan.requirements if r.component == key],
            self.structure.codes[key],
            (),
            {ln.component: self.structure.codes[ln.component] for b in boms for ln in b.lines},
        )
        kept = self.plans[key]
        return WaveItem(inputs, replace(kept, orders=(*kept.orders,), pegs=(*kept.pegs,)))


def _milliseconds(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time_ns()
    work()
    return (time.process_time_ns() - begun) / 1e6


def _table(timings: Sequence[Timing], orders: int) -> Table:
    table = Table(title=f"MRP, {orders:,} orders (ms of processor time)")
    columns = ("items", "planned", "whole", "best", "plain", "best", "ratio")
    for column in (*columns, "1 order", "p95", "touched"):
        table.add_column(column, justify="right")
    for each in timings:
        ours, reference = each.regeneration, each.reference
        figures = [statistics.median(ours), min(ours), statistics.median(reference), min(reference)]
        change = sorted(each.net_change)
        table.add_row(
            f"{each.items:,}",
            f"{each.planned_orders:,}",
            *(f"{value:,.0f}" for value in figures),
            f"{each.ratio:.1f}",
            f"{statistics.median(change):.2f}",
            f"{change[int(len(change) * 0.95)]:.2f}",
            f"{each.touched}",
        )
    return table


if __name__ == "__main__":
    main()
