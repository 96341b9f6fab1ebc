"""Orders on real servers: loaded, judged, re-loaded, taken off; no minute given twice."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from time import perf_counter, process_time
from typing import Any

import pytest

from lineside_chassis import metrics
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context
from lineside_contracts.envelope import EventPayload
from lineside_contracts.planning import (
    CapacityChecked,
    MaterialPlan,
    MaterialPlanned,
    MaterialRequirement,
    ProductionOrderCancelled,
    ProductionOrderChanged,
)
from lineside_contracts.routing import RoutingExpanded
from lineside_contracts.shopfloor import OperationTotals, ProductionLogRecorded, WorkOrderLog
from lineside_planning.capacity.handlers import orders
from lineside_testkit import builders
from lineside_testkit.events import received
from lineside_testkit.harness import Harness

STATEMENTS = 8
"""BEGIN, begin_work, orders, turns, places, loads, write, COMMIT."""


class Plant:
    """A tenant whose capacity is told of events directly, without a stream in between."""

    def __init__(self, harness: Harness, database: Database) -> None:
        self.harness = harness
        self.database = database
        self.tenant = harness.new_tenant()

    async def tell(self, *payloads: EventPayload) -> None:
        events = [received(payload, self.tenant) for payload in payloads]
        async with self.database.consuming(
            Context.of_event(events[0].envelope),
            consumer="telling",
            event_ids=[event.envelope.event_id for event in events],
        ) as (uow, _):
            uow.is_batch = len(events) > 1
            await orders.on_order_news(uow, events)

    async def sql(self, statement: str) -> list[dict[str, Any]]:
        return await self.harness.sql("planning", statement, tenant_id=self.tenant)

    async def answers(self, count: int = 1) -> list[Any]:
        found = await self.harness.events(CapacityChecked, tenant_id=self.tenant, count=count)
        return [event.payload.capacity_plan for event in found]

    async def loads(self) -> dict[str, int]:
        rows = await self.sql(
            "SELECT work_center_code, sum(load_microseconds)::bigint AS load"
            " FROM work_center_loads GROUP BY 1"
        )
        return {row["work_center_code"]: row["load"] for row in rows}

    async def shares(self) -> dict[str, int]:
        rows = await self.sql(
            "SELECT work_center_code, sum((d ->> 1)::bigint)::bigint AS load"
            " FROM capacity_planning, jsonb_array_elements(days) AS d GROUP BY 1"
        )
        return {row["work_center_code"]: row["load"] for row in rows}


@pytest.fixture
async def plant(harness: Harness) -> Any:
    url = harness.installation.database("planning").urls["app"]
    database = Database(url, service="planning-capacity-test", pool_size=8)
    yield Plant(harness, database)
    await database.close()


def order_of(**over: Any) -> Any:
    due = SYSTEM_CLOCK.now().date() + timedelta(days=30)
    return builders.production_order(**({"id": SYSTEM_CLOCK.new_id(), "due_date": due} | over))


MINUTE = 60_000_000


async def test_an_expanded_order_is_loaded_and_judged(plant: Plant, make_expansion: Any) -> None:
    order = order_of()
    await plant.tell(RoutingExpanded(expansion=make_expansion(order)))
    (answer,) = await plant.answers()
    assert (answer.id, answer.version, answer.status) == (order.id, 1, "feasible")
    assert [run.remaining_minutes for run in answer.runs] == [10, 10]
    (load,) = answer.work_centers
    assert load.work_center_code == "PRESS"
    assert load.required_hours == Decimal("0.3333")
    assert load.committed_hours == 0
    assert len(load.explanation) == 4
    assert answer.estimated_completion_at < answer.due_at
    assert await plant.loads() == await plant.shares() == {"PRESS": 20 * MINUTE}


async def test_the_same_news_again_change_nothing(plant: Plant, make_expansion: Any) -> None:
    expanded = RoutingExpanded(expansion=make_expansion(order_of()))
    await plant.tell(expanded)
    await plant.tell(expanded)
    assert len(await plant.answers()) == 1
    assert await plant.loads() == {"PRESS": 20 * MINUTE}


async def test_a_new_expansion_replaces_the_load(
    plant: Plant, make_expansion: Any, make_run: Any
) -> None:
    order = order_of()
    first = make_expansion(order)
    await plant.tell(RoutingExpanded(expansion=first))
    runs = (make_run(10, run_minutes=100, work_center_code="MILL"),)
    await plant.tell(RoutingExpanded(expansion=make_expansion(order, version=2, runs=runs)))
    await plant.tell(RoutingExpanded(expansion=first))  # late: means nothing
    assert [answer.expansion_version for answer in await plant.answers(2)] == [1, 2]
    assert await plant.loads() == {"MILL": 100 * MINUTE, "PRESS": 0}
    rows = await plant.sql("SELECT * FROM capacity_planning ORDER BY sequence_number")
    assert [row["remaining_minutes"] for row in rows] == [100, 0]


async def test_a_cancelled_order_gives_its_load_back(plant: Plant, make_expansion: Any) -> None:
    order = order_of()
    await plant.tell(RoutingExpanded(expansion=make_expansion(order)))
    cancelled = order.model_copy(update={"version": 5, "status": "cancelled"})
    await plant.tell(ProductionOrderCancelled(production_order=cancelled))
    assert await plant.loads() == {"PRESS": 0}
    await plant.tell(RoutingExpanded(expansion=make_expansion(order, version=2)))
    assert await plant.loads() == {"PRESS": 0}


async def test_a_nearer_due_date_is_judged_anew(
    plant: Plant, make_expansion: Any, make_run: Any
) -> None:
    order = order_of()
    runs = (make_run(10, run_minutes=60 * 60),)
    await plant.tell(RoutingExpanded(expansion=make_expansion(order, runs=runs)))
    sooner = order.model_copy(
        update={"version": 2, "due_date": SYSTEM_CLOCK.now().date() + timedelta(days=1)}
    )
    await plant.tell(ProductionOrderChanged(production_order=sooner, changed_fields=("due_date",)))
    first, second = await plant.answers(2)
    assert first.is_feasible
    assert not second.is_feasible
    assert {fault.code for fault in second.reasons} >= {"completes_late"}
    assert second.order_version == 2
    assert await plant.loads() == await plant.shares() == {"PRESS": 3600 * MINUTE}


def materials(order: Any, available_on: date | None, **over: Any) -> MaterialPlanned:
    need = MaterialRequirement(
        id=SYSTEM_CLOCK.new_id(),
        component_code="PAPER",
        plant_code=builders.PLANT,
        unit_code="KGM",
        unit_decimals=3,
        sequence_number=20,
        make_or_buy="buy",
        needed_quantity=Decimal(10),
        needed_on=order.due_date,
        needed_at=SYSTEM_CLOCK.now(),
        short_quantity=Decimal(10),
        available_on=available_on,
        exact_quantity=Decimal(10),
    )
    values: dict[str, Any] = {
        "id": order.id,
        "version": 1,
        "production_order_number": order.production_order_number,
        "product_code": order.product_code,
        "quantity": order.quantity_ordered,
        "priority": order.priority,
        "due_date": order.due_date,
        "order_status": "routed",
        "planning_version": 1,
        "expansion_version": 1,
        "order_version": 1,
        "status": "short",
        "available_on": available_on,
        "requirements": (need,),
        "planned_at": SYSTEM_CLOCK.now(),
    }
    return MaterialPlanned(material_plan=MaterialPlan.model_validate(values | over))


async def test_an_order_waits_for_its_materials(plant: Plant, make_expansion: Any) -> None:
    order = order_of()
    arrives = order.due_date + timedelta(days=7)
    await plant.tell(RoutingExpanded(expansion=make_expansion(order)), materials(order, arrives))
    (late,) = await plant.answers()
    assert {fault.code for fault in late.reasons} == {"materials_late", "completes_late"}
    assert late.estimated_completion_at.date() >= arrives
    await plant.tell(materials(order, None, version=2, status="covered", requirements=()))
    *_, there = await plant.answers(2)
    assert there.is_feasible
    assert there.estimated_completion_at.date() < order.due_date


async def test_what_the_floor_reports_is_no_longer_load(plant: Plant, make_expansion: Any) -> None:
    order = order_of()
    expansion = make_expansion(order)
    await plant.tell(RoutingExpanded(expansion=expansion))

    def log(version: int, good: int, *, done: bool = False) -> ProductionLogRecorded:
        totals = OperationTotals(
            operation_id=SYSTEM_CLOCK.new_id(),
            operation_number=10,
            run_id=expansion.runs[0].id,
            good_quantity=Decimal(good),
            is_completed=done,
        )
        return ProductionLogRecorded(
            production_log=WorkOrderLog(
                id=order.id,
                version=version,
                log_id=SYSTEM_CLOCK.new_id(),
                kind="complete",
                work_order_number="WO-1",
                production_order_id=order.id,
                operations=(totals,),
                happened_at=SYSTEM_CLOCK.now(),
                logged_at=SYSTEM_CLOCK.now(),
                logged_by=builders.ACTOR,
            )
        )

    await plant.tell(log(2, 50))
    assert await plant.loads() == await plant.shares() == {"PRESS": 15 * MINUTE}
    await plant.tell(log(1, 10))
    assert await plant.loads() == {"PRESS": 15 * MINUTE}
    await plant.tell(log(3, 100, done=True))
    assert await plant.loads() == await plant.shares() == {"PRESS": 10 * MINUTE}
    assert len(await plant.answers()) == 1  # nothing others act on has changed


async def test_two_replicas_never_give_the_same_minutes_twice(
    plant: Plant, make_expansion: Any, make_run: Any
) -> None:
    due = SYSTEM_CLOCK.now().date() + timedelta(days=30)
    runs = (make_run(10, run_minutes=5 * 60), make_run(20, run_minutes=60, work_center_code="MILL"))
    batches = [
        [
            RoutingExpanded(expansion=make_expansion(order_of(due_date=due), runs=_fresh(runs)))
            for _ in range(5)
        ]
        for _ in range(6)
    ]
    await asyncio.gather(*(plant.tell(*batch) for batch in batches))
    assert await plant.loads() == await plant.shares()
    assert await plant.loads() == {"PRESS": 30 * 300 * MINUTE, "MILL": 30 * 60 * MINUTE}
    rows = await plant.sql("SELECT max(load_microseconds) AS most FROM work_center_loads")
    assert rows[0]["most"] <= 15 * 60 * MINUTE


def _fresh(runs: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(run.model_copy(update={"id": SYSTEM_CLOCK.new_id()}) for run in runs)


@pytest.mark.parametrize("count", [1, 200])
async def test_a_batch_of_capacity_costs_the_same_statements_whatever_its_size(
    plant: Plant, make_expansion: Any, make_run: Any, count: int, capsys: Any
) -> None:
    def expanded(number: int) -> RoutingExpanded:
        runs = tuple(
            make_run(
                10 * step,
                work_center_code=f"WC-{(number + step) % 7}",
                run_minutes=40,
                predecessor_sequence_numbers=(10 * (step - 1),) if step > 1 else (),
            )
            for step in range(1, 5)
        )
        return RoutingExpanded(expansion=make_expansion(order_of(), runs=runs))

    await plant.tell(expanded(0))
    events = [expanded(number) for number in range(count)]
    counter = metrics.STATEMENTS.labels("planning-capacity-test")
    before, begun, used = counter._value.get(), perf_counter(), process_time()  # noqa: SLF001
    await plant.tell(*events)
    wall, processor = (1000 * (perf_counter() - begun), 1000 * (process_time() - used))
    with capsys.disabled():
        print(f"\n{count:>4} orders of 4 runs: {wall:.0f} ms, {processor:.0f} of them ours")  # noqa: T201
    assert counter._value.get() - before == STATEMENTS  # noqa: SLF001
