"""What postings cost the database: the same statements whatever the size of a batch."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from lineside_chassis import metrics
from lineside_planning.materials.handlers.completions import on_orders_finished
from lineside_planning.materials.handlers.logs import on_production_logs
from lineside_planning.materials.requests import issues, postings

REPORTS = 18
"""BEGIN, tenant, orders, keys, facts, places, pools, concerned, plans, requirements, goods,
receipts, requisitions, balances, miscounts, floor reports, write, COMMIT."""

COMPLETIONS = 19
"""The same with lots of output and default locations, without floor reports, and a flush."""

PICK = 18
COUNT = 14


@dataclass
class Cost:
    statements: int
    milliseconds: float
    busy_milliseconds: float

    def __str__(self) -> str:
        spent = f"{self.milliseconds:.1f} ms ({self.busy_milliseconds:.1f} of this process)"
        return f"{self.statements} statements, {spent}"


async def cost(shop: Any, work: Callable[[], Awaitable[None]]) -> Cost:
    counter = metrics.STATEMENTS.labels(shop.database.service)
    before, start, busy = value(counter), time.perf_counter(), time.process_time()
    await work()
    return Cost(
        int(value(counter) - before),
        (time.perf_counter() - start) * 1000,
        (time.process_time() - busy) * 1000,
    )


def value(counter: Any) -> float:
    (sample, *_) = [s for metric in counter.collect() for s in metric.samples]
    found: float = sample.value
    return found


@pytest.mark.parametrize("count", [1, 100])
async def test_a_batch_of_postings_costs_the_same_statements_whatever_its_size(
    shop: Any, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    await shop.count("GLUE", 1000)
    await shop.count("PAPER", 100_000)
    orders = [await shop.plan(f"MO-{number:03}") for number in range(count)]
    floors = [shop.floor(order) for order in orders]
    await shop.handle(on_production_logs, [floor.log(10) for floor in floors])
    await shop.harness.settle()
    reports = [floor.log(20) for floor in floors]
    reported = await cost(shop, lambda: shop.handle(on_production_logs, reports))
    made = [shop.finished(order, made=100) for order in orders]
    finished = await cost(shop, lambda: shop.handle(on_orders_finished, made))
    picked = await cost(shop, lambda: shop.call(issues.issue_material, shop.issue(orders[0], 5)))
    counted = await cost(shop, lambda: shop.call(postings.post_movement, shop.posting("GLUE", 900)))
    with capsys.disabled():
        print(f"\n{count:>4} orders: reported {reported}, finished {finished}")  # noqa: T201
        print(f"     picked {picked}, counted {counted}")  # noqa: T201
    assert reported.statements == REPORTS
    assert finished.statements == COMPLETIONS
    assert picked.statements == PICK
    assert counted.statements == COUNT
