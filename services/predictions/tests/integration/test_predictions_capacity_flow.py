"""Finite capacity and plants' calendars move predictions, on two replicas."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis import metrics, migrations
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts import predictions as contract
from lineside_contracts.envelope import EventPayload, Received
from lineside_contracts.planning import (
    CalendarChanged,
    CapacityChecked,
    CapacityPlan,
    ProductionOrder,
)
from lineside_contracts.predictions import DeliveryPrediction, DeliveryPredictionUpdated
from lineside_contracts.routing import Expansion, ExpansionOrder, ProductionRun, RoutingExpanded
from lineside_contracts.shopfloor import (
    PlantChanged,
    WorkOrder,
    WorkOrderStatus,
    WorkOrderStatusChanged,
)
from lineside_predictions import tables
from lineside_predictions.handlers import orders as handlers
from lineside_testkit import builders
from lineside_testkit.events import received
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

LATER = datetime.combine(
    SYSTEM_CLOCK.now().date() + timedelta(days=60), datetime.min.time(), tzinfo=UTC
) + timedelta(hours=10)
"""Far beyond what the work itself takes from now."""

Handler = Callable[[UnitOfWork, list[Received[Any]]], Awaitable[None]]


@pytest.fixture(scope="module")
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers, services=["predictions"], replicas={"predictions": 2}
    ) as started:
        yield started


def ordered(**over: Any) -> ProductionOrder:
    return builders.production_order(plant_code="P1", **over)


def expanded(order: ProductionOrder, *, version: int = 1) -> RoutingExpanded:
    facts = {
        name: getattr(order, name)
        for name in ExpansionOrder.model_fields
        if name not in {"production_order_id", "quantity"}
    }
    about = ExpansionOrder(production_order_id=order.id, quantity=order.quantity_ordered, **facts)
    run = ProductionRun(
        id=SYSTEM_CLOCK.new_id(),
        sequence_number=10,
        operation_code="PRINT",
        operation_name="Print",
        operation_type="fabrication",
        work_center_code="PRESS",
        plant_code="P1",
        unit_code="EA",
        unit_decimals=0,
        units_per_product=1,
        yield_percentage=100,
        planned_input=100,
        planned_output=100,
        planned_scrap=0,
        setup_minutes=0,
        run_minutes=600,
        run_seconds_per_unit=60,
    )
    return RoutingExpanded(
        expansion=Expansion(id=order.id, version=version, order=about, plant_code="P1", runs=(run,))
    )


def plan(order: ProductionOrder, **over: Any) -> CapacityPlan:
    return builders.capacity_plan(order, **({"estimated_completion_at": LATER} | over))


async def predicted(harness: Harness, tenant: UUID, order: ProductionOrder) -> DeliveryPrediction:
    await harness.settle()
    request = contract.GetDeliveryPrediction(project_id=order.project_id)
    answer = await harness.ask(contract.GET_DELIVERY_PREDICTION, request, tenant_id=tenant)
    found: DeliveryPrediction = answer.body
    return found


def working_day(day: date) -> date:
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


async def test_the_migrated_database_is_what_the_code_believes_in(harness: Harness) -> None:
    await harness.client()
    url = harness.installation.database("predictions").urls["owner"]
    assert migrations.differences(url, tables.metadata) == []


async def test_an_order_is_predicted_by_its_finite_completion_and_the_factors_say_so(
    harness: Harness,
) -> None:
    tenant, order = harness.new_tenant(), ordered()
    await harness.publish(expanded(order), tenant_id=tenant)
    first = await predicted(harness, tenant, order)
    assert first.calculated_by == "standard times"
    materials_on = LATER.date() - timedelta(days=20)
    checked = CapacityChecked(capacity_plan=plan(order, materials_available_on=materials_on))
    await harness.publish(checked, tenant_id=tenant)
    made = await predicted(harness, tenant, order)
    assert made.p50_date == working_day(LATER.date())
    assert made.p50_date <= made.p80_date <= made.p95_date
    assert made.calculated_by == "finite capacity"
    factors = {factor.name: factor for factor in made.factors}
    assert factors["queue"].value > 0
    assert str(materials_on) in factors["materials"].explanation
    said = await harness.events(DeliveryPredictionUpdated, tenant_id=tenant, count=2)
    assert said[-1].payload.changed_orders[0].production_order_id == order.id


async def test_answers_ahead_of_their_expansion_older_and_repeated_ones(harness: Harness) -> None:
    tenant, order = harness.new_tenant(), ordered()
    newest = CapacityChecked(capacity_plan=plan(order, version=4))
    await harness.publish(newest, tenant_id=tenant)
    await harness.settle()
    await harness.publish(expanded(order), tenant_id=tenant)
    made = await predicted(harness, tenant, order)
    assert made.p50_date == working_day(LATER.date())
    sooner = LATER - timedelta(days=30)
    for version, expansion_version in ((3, 1), (9, 0)):
        old = plan(
            order,
            version=version,
            expansion_version=expansion_version,
            estimated_completion_at=sooner,
        )
        await harness.publish(CapacityChecked(capacity_plan=old), tenant_id=tenant)
    await harness.publish(newest, tenant_id=tenant)
    assert await predicted(harness, tenant, order) == made
    await harness.publish(expanded(order, version=2), tenant_id=tenant)
    again = await predicted(harness, tenant, order)
    assert again.calculated_by == "standard times"


async def test_dates_are_days_on_which_the_plant_works(harness: Harness) -> None:
    tenant, order = harness.new_tenant(), ordered()
    shifts = [{"name": "weekend", "weekdays": [5, 6], "start": "08:00", "end": "16:00"}]
    calendar = builders.calendar(calendar_code="WEEKEND", shifts=shifts)
    plant = builders.plant(plant_code="P1", calendar_code="WEEKEND")
    await harness.publish(CalendarChanged(calendar=calendar), tenant_id=tenant)
    await harness.publish(PlantChanged(plant=plant), tenant_id=tenant)
    await harness.settle()
    await harness.publish(expanded(order), tenant_id=tenant)
    made = await predicted(harness, tenant, order)
    assert {made.p50_date.weekday(), made.p80_date.weekday(), made.p95_date.weekday()} <= {5, 6}


async def test_work_that_is_done_is_not_queued_for_any_more(harness: Harness) -> None:
    tenant, order = harness.new_tenant(), ordered()
    event = expanded(order)
    await harness.publish(event, tenant_id=tenant)
    await harness.publish(CapacityChecked(capacity_plan=plan(order)), tenant_id=tenant)
    await predicted(harness, tenant, order)
    await harness.publish(_done(order, event.expansion.runs[0].id), tenant_id=tenant)
    made = await predicted(harness, tenant, order)
    assert made.remaining_work_minutes == 0
    assert made.p50_date <= working_day(SYSTEM_CLOCK.now().date() + timedelta(days=1))
    assert made.orders[0].status == "completed"


def _done(order: ProductionOrder, run_id: UUID) -> WorkOrderStatusChanged:
    operation = {
        "id": SYSTEM_CLOCK.new_id(),
        "operation_number": 10,
        "operation_name": "Print",
        "status": "completed",
        "run_id": run_id,
        "unit_code": "EA",
        "planned_input": 100,
        "planned_output": 100,
        "planned_hours": 1,
    }
    work_order = WorkOrder(
        id=SYSTEM_CLOCK.new_id(),
        version=3,
        work_order_number="WO-2026-000001",
        status="completed",
        priority="medium",
        operation_type="fabrication",
        production_order_id=order.id,
        quantity_ordered=Decimal(100),
        unit_code="EA",
        operations=(operation,),
        created_at=builders.AT,
        created_by=builders.ACTOR,
        updated_at=builders.AT,
        updated_by=builders.ACTOR,
    )
    return WorkOrderStatusChanged(
        work_order=work_order,
        old_status=WorkOrderStatus.IN_PROGRESS,
        new_status=WorkOrderStatus.COMPLETED,
    )


CAPACITY_STATEMENTS = 8
"""BEGIN, begin_work, orders, surroundings, orders of the projects, experience, write, COMMIT."""

PROGRESS_STATEMENTS = 10
"""Those, the work orders' own write before them, and which runs are done."""


@pytest.mark.parametrize("count", [1, 200])
async def test_a_batch_of_answers_costs_the_same_statements_whatever_its_size(
    harness: Harness, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    await harness.client()
    tenant = harness.new_tenant()
    url = harness.installation.database("predictions").urls["app"]
    database = Database(url, service=f"predictions-{count}")
    made = [ordered(project_number=f"P-{n}") for n in range(count)]
    await _cost(database, harness.new_tenant(), handlers.on_routing_expanded, [expanded(made[0])])
    first = await _cost(
        database, tenant, handlers.on_routing_expanded, [expanded(order) for order in made]
    )
    checks = [CapacityChecked(capacity_plan=plan(order)) for order in made]
    again = await _cost(database, tenant, handlers.on_capacity_checked, checks)
    done = [_done(order, SYSTEM_CLOCK.new_id()) for order in made]
    moved = await _cost(database, tenant, handlers.on_work_order_status_changed, done)
    await database.close()
    with capsys.disabled():
        print(f"\n{count:>4} orders: routing.expanded {first}, capacity.checked {again}")  # noqa: T201
        print(f"     work_order.status_changed {moved}")  # noqa: T201
    assert (again[0], moved[0]) == (CAPACITY_STATEMENTS, PROGRESS_STATEMENTS)
    query = "SELECT count(*) AS n FROM predicted_orders WHERE queue_minutes > 0"
    assert await harness.sql("predictions", query, tenant_id=tenant) == [{"n": count}]


async def _cost(
    database: Database, tenant: UUID, handler: Handler, payloads: Sequence[EventPayload]
) -> tuple[int, str]:
    events = [received(payload, tenant) for payload in payloads]
    counter = metrics.STATEMENTS.labels(database.service)
    before, start = counter._value.get(), time.process_time()  # noqa: SLF001
    async with database.consuming(
        Context.of_event(events[0].envelope),
        consumer="counting",
        event_ids=[event.envelope.event_id for event in events],
    ) as (uow, _):
        await handler(uow, events)
    took = (time.process_time() - start) * 1000
    return int(counter._value.get() - before), f"{took:.1f} ms of CPU"  # noqa: SLF001
