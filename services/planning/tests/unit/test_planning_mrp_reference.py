"""The engine next to MRP written down plainly (benchmarks/mrp_reference.py): the same orders."""

import random
import runpy
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from hypothesis import assume, given, settings, strategies as st

from lineside_manufacturing.calendars import standard_calendar
from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LotSizing
from lineside_planning.mrp.domain import engine
from lineside_planning.mrp.domain.facts import (
    BomVersion,
    Demand,
    Item,
    PlantFacts,
    Settings,
    Supply,
)

Orders = dict[str, list[tuple[date, date, Fraction]]]

REFERENCE = Path(__file__).parents[4] / "benchmarks/mrp_reference.py"
reference_plan: Callable[[PlantFacts], Orders] = runpy.run_path(str(REFERENCE))["plan"]

TODAY = date(2026, 3, 4)
WEEK = standard_calendar("Europe/Berlin")
SIZINGS = (
    LotSizing(),
    LotSizing(),
    LotSizing("fixed_order_quantity", fixed=7),
    LotSizing("min_max_multiple", minimum=5, maximum=30, multiple=5),
    LotSizing("min_max_multiple", minimum=12, multiple=4),
)


def some_plant(rng: random.Random) -> PlantFacts:
    keys = [f"I{n}" for n in range(rng.randrange(2, 12))]
    boms = {
        key: some_bom(rng, keys[n + 1 :]) for n, key in enumerate(keys[:-1]) if rng.random() < 0.7
    }
    items = [
        Item(
            key,
            decimals=rng.choice([0, 0, 1, 3]),
            is_made=key in boms,
            lead_time_days=rng.randrange(7),
            calendar="week",
            safety_stock=rng.choice([0, 0, rng.randrange(30)]),
            lot_sizing=rng.choice(SIZINGS),
        )
        for key in keys
    ]
    demands = [
        Demand(f"D{n}", rng.choice(keys), some_day(rng), rng.randrange(1, 60))
        for n in range(rng.randrange(1, 30))
    ]
    supplies = [
        Supply(f"S{n}", rng.choice(keys), some_day(rng), rng.randrange(1, 60))
        for n in range(rng.randrange(10))
    ]
    stock = {key: rng.randrange(60) for key in keys if rng.random() < 0.5}
    return PlantFacts(Settings(TODAY, {"week": WEEK}), items, boms, stock, demands, supplies)


def some_bom(rng: random.Random, below: list[str]) -> tuple[BomVersion]:
    chosen = rng.sample(below, rng.randrange(1, min(4, len(below)) + 1))
    return (BomVersion(tuple(some_line(rng, component) for component in chosen)),)


def some_line(rng: random.Random, component: str) -> ComponentLine:
    is_dated = rng.random() < 0.2
    return ComponentLine(
        component,
        Fraction(rng.randrange(1, 30), rng.choice([1, 1, 4, 10])),
        Fraction(rng.choice([1, 1, 3, 248, 1000])),
        is_fixed=rng.random() < 0.1,
        scrap_percentage=rng.choice([Fraction(0), Fraction(5, 2)]),
        effective_from=some_day(rng) if is_dated else None,
        effective_until=TODAY + timedelta(days=30) if is_dated else None,
    )


def some_day(rng: random.Random) -> date:
    return TODAY + timedelta(days=rng.randrange(-3, 40))


@given(st.integers(0, 2**40))
@settings(max_examples=150, deadline=None)
def test_the_engine_plans_what_the_plain_loops_plan(seed: int) -> None:
    plant = some_plant(random.Random(seed))  # noqa: S311 - the same plant for the same seed
    plan = engine.regenerate(plant)
    assert plan is not None
    told = {m.kind for own in plan.plans.values() for m in own.messages}
    assume("bad_parameters" not in told)  # a need of more than a thousand lots: the loops go on
    power = {item.key: 10**item.decimals for item in plant.items}
    ours = {
        key: [(o.due_on, o.starts_on, Fraction(o.quantity, power[key])) for o in own.orders]
        for key, own in plan.plans.items()
    }
    assert ours == reference_plan(plant)
