"""What a batch costs the database: the same statements for one order and for two hundred."""

import time
from decimal import Decimal
from typing import Any

import pytest

from lineside_contracts import planning

COUNTS = [1, 200]

STATEMENTS = {"created": 5, "expanded": 10, "released": 5, "amended": 15, "cancelled": 14}
"""With BEGIN, begin_work and COMMIT; expanding loads orders, master data, places, pools, receipts
and requisitions, and writes once. What gives something back loads who waits as well, and deletes
what vanished in a second statement; new requisitions take their numbers in one more.
"""


@pytest.mark.parametrize("count", COUNTS)
async def test_planning_costs_the_same_statements_whatever_the_batch(
    stage: Any, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    await stage.product("BROCHURE-A4", make_or_buy="make")
    parts = [f"PART-{n}" for n in range(5)]
    for part in parts:
        await stage.product(part)
        await stage.stock(part, 100 * count)
    lines = [{"component_code": part, "quantity": 1, "sequence_number": 10} for part in parts]
    await stage.bill("BROCHURE-A4", *lines)
    orders = [stage.order(100) for _ in range(count)]
    told: dict[str, tuple[int, float, float]] = {}

    async def measure(name: str, payloads: list[Any]) -> None:
        await stage.harness.settle()  # or MRP's answer to the last batch is counted here
        start = time.perf_counter(), time.process_time()
        await stage.tell(*payloads)
        wall, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
        told[name] = (stage.statements, 1000 * wall / count, 1000 * cpu / count)

    await measure("created", [planning.ProductionOrderCreated(production_order=o) for o in orders])
    await measure("expanded", [stage.expansion(order) for order in orders])
    released = [
        o.model_copy(update={"version": 2, "status": planning.ProductionOrderStatus.RELEASED})
        for o in orders
    ]
    await measure(
        "released", [planning.ProductionOrderReleased(production_order=o) for o in released]
    )
    more = [
        o.model_copy(update={"version": 3, "planning_version": 2, "quantity_ordered": Decimal(150)})
        for o in orders
    ]
    changes = [
        planning.ProductionOrderChanged(production_order=o, changed_fields=("quantity",))
        for o in more
    ]
    await measure("amended", [*changes, *(stage.expansion(o, version=2) for o in more)])
    gone = [
        o.model_copy(update={"version": 4, "status": planning.ProductionOrderStatus.CANCELLED})
        for o in more
    ]
    await measure(
        "cancelled", [planning.ProductionOrderCancelled(production_order=o) for o in gone]
    )
    with capsys.disabled():
        for name, (statements, wall, cpu) in told.items():
            spent = f"{wall:.2f} ms, {cpu:.2f} ms CPU an order"
            print(f"\n{count:>4} {name}: {statements} statements, {spent}", end="")  # noqa: T201
    assert {name: figures[0] for name, figures in told.items()} == STATEMENTS
