"""Checks and promises with a real database: what `benchmarks.promises` measures second."""

import statistics
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from rich.console import Console
from sqlalchemy import Table

from benchmarks.promises_plant import PLANT, ZONE, AdventureWorksPlant, OpenOrder
from lineside_chassis import metrics
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.planning import AskPromise, Promise, Stock
from lineside_contracts.problems import Problem
from lineside_contracts.routing import (
    Expansion,
    ExpansionOrder,
    ProductionRun,
    Routing,
    RoutingExpanded,
    RoutingOperation,
)
from lineside_planning.capacity.handlers import orders
from lineside_planning.capacity.requests import promises
from lineside_planning.capacity.store import supplies
from lineside_planning.master_data import tables
from lineside_planning.master_data.store import routings
from lineside_testkit import builders, servers
from lineside_testkit.harness import Harness

BATCH = 200
QUANTITY = 10
SERVICE = "promises"
ACTOR = {"id": "benchmark", "name": "Benchmark"}


async def measure(plant: AdventureWorksPlant, console: Console, *, goal: int) -> None:
    """Start a database, fill it, and ask."""
    async with (
        servers.embedded("bench") as started,
        Harness.start(started, services=["planning"]) as harness,
    ):
        database = Database(harness.installation.database("planning").urls["app"], service=SERVICE)
        tenant = harness.new_tenant()
        await _fill(database, tenant, plant)
        await _show_batches(database, tenant, plant, console)
        await _show_promises(database, tenant, plant, console, goal=goal)
        await database.close()


async def _show_batches(
    database: Database, tenant: UUID, plant: AdventureWorksPlant, console: Console
) -> None:
    events = [_received(plant, order, tenant) for order in plant.orders]
    counter = metrics.STATEMENTS.labels(SERVICE)
    walls, processor, statements = [], [], set()
    for begin in range(0, len(events), BATCH):
        batch = events[begin : begin + BATCH]
        before = counter._value.get()  # noqa: SLF001 -- read, never written
        wall, used = time.perf_counter(), time.process_time()
        async with database.consuming(
            Context.of_event(batch[0].envelope),
            consumer=SERVICE,
            event_ids=[event.envelope.event_id for event in batch],
        ) as (uow, _):
            uow.is_batch = True
            await orders.on_order_news(uow, batch)
        walls.append((time.perf_counter() - wall) * 1000)
        processor.append((time.process_time() - used) * 1000)
        statements.add(int(counter._value.get() - before))  # noqa: SLF001
    console.print(
        f"{BATCH} orders to a transaction: {sorted(statements)} statements,"
        f" {statistics.median(processor):.0f} ms of our processor time"
        f" (most {max(processor):.0f}), {statistics.median(walls):.0f} ms in all"
    )


async def _show_promises(
    database: Database,
    tenant: UUID,
    plant: AdventureWorksPlant,
    console: Console,
    *,
    goal: int,
) -> None:
    finished = [
        row["product_number"]
        for row in plant.products
        if row["finished_goods_flag"] == "True" and row["product_number"] in plant.routes
    ]
    await _ask(database, tenant, finished[0])
    times: list[float] = []
    ours: list[float] = []
    answers: list[Promise] = []
    for code in finished:
        begun, used = time.perf_counter(), time.process_time()
        answers.append(await _ask(database, tenant, code))
        ours.append((time.process_time() - used) * 1000)
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    taken = statistics.fmean(len(answer.materials) for answer in answers)
    most = max(len(answer.materials) for answer in answers)
    console.print(
        f"{len(times)} promises of {QUANTITY} (on average {taken:.0f} components, at most {most}):"
        f" median {statistics.median(times):.1f} ms, 99 % {times[len(times) * 99 // 100]:.1f} ms,"
        f" most {times[-1]:.1f} ms, of which our processor time {statistics.median(ours):.1f} ms"
        f" (most {max(ours):.1f}); goal: less than {goal} ms"
    )


async def _ask(database: Database, tenant: UUID, code: str) -> Promise:
    """From the request to the answer's bytes."""
    context = Context(tenant_id=tenant, correlation_id=SYSTEM_CLOCK.new_id())
    async with database.unit_of_work(context, read_only=True) as uow:
        answer = await promises.ask_promise(uow, AskPromise(product_code=code, quantity=QUANTITY))
        if isinstance(answer, Problem):
            raise SystemExit(answer.detail)
        answer.model_dump_json()
    return answer


async def _fill(database: Database, tenant: UUID, plant: AdventureWorksPlant) -> None:
    context = Context(tenant_id=tenant, correlation_id=SYSTEM_CLOCK.new_id())
    async with database.unit_of_work(context) as uow:
        for table, rows in _master_data(plant):
            uow.insert(table, rows)
        await uow.flush()
        routings.keep(uow, [_routing(code, plant) for code in plant.routes])
        supplies.keep_stock(uow, [_stock(code, quantity) for code, quantity in plant.stock.items()])


def _master_data(plant: AdventureWorksPlant) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    place = {"plant_code": PLANT, "version": 1, "deleted": False}
    yield tables.plants, [{"id": _id(), "time_zone": ZONE, "calendar_code": None, **place}]
    yield (
        tables.work_centers,
        [
            {
                "id": _id(),
                "work_center_code": code,
                "work_center_name": code,
                "parallel_units": units,
                "efficiency_percentage": 100,
                "hourly_rate": 0,
                "overhead_rate": 0,
                "material_issue_method": "backflush",
                "labour_role": "operator",
                "is_active": True,
                **place,
            }
            for code, units in plant.units.items()
        ],
    )
    yield tables.products, [_product(row) for row in plant.products]
    for code, lines in plant.bills.items():
        bom = _id()
        values = {"bom_version": 1, "status": "active", "base_quantity": 1}
        yield tables.boms, [{"id": bom, "product_code": code, **values, **_stamps()}]
        yield (
            tables.bom_lines,
            [
                {
                    "id": _id(),
                    "bom_id": bom,
                    "line_number": 10 * number,
                    "component_code": component,
                    "quantity": quantity,
                    "is_fixed_quantity": False,
                    "component_scrap_percentage": 0,
                }
                for number, (component, quantity) in enumerate(lines, 1)
            ],
        )
    yield (
        tables.vendor_products,
        [
            {
                "id": _id(),
                "vendor_product_code": f"{code}@{vendor}",
                "product_code": code,
                "vendor_code": vendor,
                "lead_time_days": days,
                "minimum_order_quantity": 0,
                "preference": 100,
                "is_active": True,
                **_stamps(),
            }
            for code, (vendor, days) in plant.lead_times.items()
        ],
    )


def _product(row: Any) -> dict[str, Any]:
    fields = builders.product_fields(
        product_code=row["product_number"],
        product_name=row["name"],
        product_category=None,
        make_or_buy="make" if row["make_flag"] == "True" else "buy",
        lead_time_days=int(row["days_to_manufacture"]),
        safety_stock_quantity=Decimal(row["safety_stock_level"]),
        plant_code=PLANT,
    )
    return {**fields.model_dump(mode="json"), "id": _id(), **_stamps()}


def _routing(code: str, plant: AdventureWorksPlant) -> Routing:
    return Routing(
        id=_id(),
        version=2,
        routing_code=f"R-{code}",
        routing_version=1,
        routing_name=code,
        status="active",
        product_code=code,
        operations=tuple(
            RoutingOperation(
                id=_id(),
                sequence_number=number,
                operation_code=center,
                work_center_code=center,
                run_time_per_unit_seconds=minutes * 60,
                planned_setup_minutes=Decimal(0),
                time_basis="fixed",
            )
            for number, center, minutes in plant.routes[code]
        ),
        created_at=builders.AT,
        created_by=ACTOR,
        updated_at=builders.AT,
        updated_by=ACTOR,
    )


def _stock(code: str, quantity: Decimal) -> Stock:
    return Stock(
        id=_id(),
        version=1,
        product_code=code,
        plant_code=PLANT,
        unit_code="EA",
        quantity_on_hand=quantity,
        quantity_allocated=Decimal(0),
        quantity_available=quantity,
        updated_at=builders.AT,
    )


def _received(plant: AdventureWorksPlant, order: OpenOrder, tenant: UUID) -> Received[Any]:
    order_id = _id()
    about = ExpansionOrder(
        production_order_id=order_id,
        production_order_number=order.number,
        planning_version=1,
        project_id=order_id,
        project_number="P",
        project_name="P",
        product_code=order.product_code,
        quantity=Decimal(order.quantity),
        unit_code="EA",
        priority="medium",
        due_date=order.due_date,
    )
    expansion = Expansion(
        id=order_id, version=1, order=about, plant_code=PLANT, runs=tuple(_runs(plant, order))
    )
    return Received(
        envelope=Envelope(
            event_id=_id(),
            event_type=RoutingExpanded.EVENT.wire_name,
            tenant_id=tenant,
            aggregate_id=order_id,
            aggregate_version=1,
            occurred_at=SYSTEM_CLOCK.now(),
            source="benchmark",
            correlation_id=order_id,
        ),
        payload=RoutingExpanded(expansion=expansion),
    )


def _runs(plant: AdventureWorksPlant, order: OpenOrder) -> Sequence[ProductionRun]:
    steps = plant.routes[order.product_code]
    numbers = [number for number, _, _ in steps]
    return [
        ProductionRun(
            id=_id(),
            sequence_number=number,
            operation_code=center,
            operation_name=center,
            operation_type="fabrication",
            work_center_code=center,
            plant_code=PLANT,
            unit_code="EA",
            unit_decimals=0,
            units_per_product=1,
            yield_percentage=Decimal(100),
            planned_input=Decimal(order.quantity),
            planned_output=Decimal(order.quantity),
            planned_scrap=Decimal(0),
            setup_minutes=Decimal(0),
            run_minutes=minutes,
            run_seconds_per_unit=minutes * 60,
            time_basis="fixed",
            predecessor_sequence_numbers=tuple(numbers[index - 1 : index]) if index else (),
        )
        for index, (number, center, minutes) in enumerate(steps)
    ]


def _stamps() -> dict[str, Any]:
    return {
        "version": 1,
        "deleted": False,
        "created_at": builders.AT,
        "created_by": ACTOR,
        "updated_at": builders.AT,
        "updated_by": ACTOR,
    }


def _id() -> UUID:
    return SYSTEM_CLOCK.new_id()
