"""Calendars, maintenance and work centers from the stream, and the dates they lead to."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.envelope import EventPayload
from lineside_contracts.planning import (
    CalendarChanged,
    MaintenanceWindow,
    MaintenanceWindowChanged,
    ProductionOrderChanged,
    ProductionOrderCompleted,
    ProductionOrderReleased,
    ProductionOrderStatus,
    ProductionOrderStatusChanged,
)
from lineside_contracts.routing import ProductionRun, RoutingExpanded, WorkCenterChanged
from lineside_contracts.shopfloor import (
    GET_WORK_ORDER,
    PLANTS,
    GetWorkOrder,
    PlantFields,
    WorkOrder,
    WorkOrderChanged,
    WorkOrderCreated,
    WorkOrderStatusChanged,
)
from lineside_shopfloor.work_orders.handlers import production_orders
from lineside_testkit import builders
from lineside_testkit.harness import Harness

MakeRun = Callable[..., ProductionRun]
MakeExpansion = Callable[..., Any]

DUE = SYSTEM_CLOCK.now().date() + timedelta(days=60)
"""Shifts are daily here, and the plant is in UTC: every date is like any other."""

WEEK = [0, 1, 2, 3, 4, 5, 6]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def shift(start: str, end: str) -> dict[str, Any]:
    return {"name": "s", "weekdays": WEEK, "start": start, "end": end}


def calendar(code: str, start: str, end: str, **over: Any) -> CalendarChanged:
    made = builders.calendar(calendar_code=code, shifts=[shift(start, end)], **over)
    return CalendarChanged(calendar=made)


def center(version: int = 1, **over: Any) -> WorkCenterChanged:
    values = {"id": UUID(int=4), "work_center_code": "PRESS", "version": version} | over
    return WorkCenterChanged(work_center=builders.work_center(**values))


def window(**over: Any) -> MaintenanceWindowChanged:
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "version": 1,
        "maintenance_window_code": "M",
        "plant_code": "MAIN",
        "work_center_code": "PRESS",
        "starts_at": at(DUE, 9),
        "ends_at": at(DUE, 12),
        "created_at": builders.AT,
        "created_by": builders.ACTOR,
        "updated_at": builders.AT,
        "updated_by": builders.ACTOR,
    }
    made = MaintenanceWindow.model_validate(values | over)
    return MaintenanceWindowChanged(maintenance_window=made)


@pytest.fixture
async def tenant(harness: Harness) -> UUID:
    """With a plant in UTC that works by the calendar DAYS, 08:00 to 16:00 every day."""
    tenant = harness.new_tenant()
    plant = PlantFields(plant_code="MAIN", plant_name="Main works", calendar_code="DAYS")
    assert (await harness.ask(PLANTS.create, plant, tenant_id=tenant)).status == 201
    await tell(harness, tenant, calendar("DAYS", "08:00", "16:00"))
    return tenant


async def tell(harness: Harness, tenant: UUID, *events: EventPayload) -> None:
    for event in events:
        await harness.publish(event, tenant_id=tenant)
    await harness.settle()


async def made(harness: Harness, tenant: UUID, expansion: Any) -> WorkOrder:
    await harness.publish(RoutingExpanded(expansion=expansion), tenant_id=tenant)
    created = await harness.events(WorkOrderCreated, tenant_id=tenant)
    return next(
        event.payload.work_order
        for event in created
        if event.payload.work_order.production_order_id == expansion.id
    )


async def test_work_is_dated_by_the_calendars_there_are(
    harness: Harness, tenant: UUID, run: MakeRun, expansion: MakeExpansion
) -> None:
    await tell(
        harness,
        tenant,
        calendar("SHORT", "06:00", "10:00"),
        center(calendar_code="SHORT", efficiency_percentage="50"),
        window(),
    )
    slow = run(10, setup_minutes=0, run_minutes=60)
    packed = run(20, after=[10], work_center_code="BENCH", operation_type="testing")
    await harness.publish(
        RoutingExpanded(expansion=expansion([slow, packed], due_date=DUE)), tenant_id=tenant
    )
    created = await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)
    press, bench = [event.payload.work_order for event in created]
    assert (bench.planned_start_at, bench.planned_end_at) == (at(DUE, 14, 30), at(DUE, 16))
    assert (press.planned_start_at, press.planned_end_at) == (at(DUE, 7), at(DUE, 9))
    assert (press.planned_start_date, press.planned_end_date) == (DUE, DUE)


async def test_the_newest_version_counts_in_whatever_order_they_come(
    harness: Harness, tenant: UUID, run: MakeRun, expansion: MakeExpansion
) -> None:
    days = UUID(int=5)
    newest = calendar("OWN", "10:00", "12:00", id=days, version=3)
    await tell(harness, tenant, newest, calendar("OWN", "00:00", "02:00", id=days, version=2))
    await tell(harness, tenant, center(3, calendar_code="OWN"), center(2), newest)
    gone = window()
    state = gone.maintenance_window.model_copy(update={"version": 2, "deleted": True})
    await tell(harness, tenant, MaintenanceWindowChanged(maintenance_window=state), gone)
    work_order = await made(harness, tenant, expansion([run(10)], due_date=DUE))
    expected = at(DUE, 10, 30), at(DUE, 12)
    assert (work_order.planned_start_at, work_order.planned_end_at) == expected


async def test_a_changed_calendar_dates_nothing_by_itself_but_the_next_due_date_does(
    harness: Harness, tenant: UUID, run: MakeRun, expansion: MakeExpansion
) -> None:
    planned = expansion([run(10)], due_date=DUE)
    before = await made(harness, tenant, planned)
    await tell(harness, tenant, calendar("NEW", "08:00", "12:00"), center(calendar_code="NEW"))
    asked = GetWorkOrder(work_order_id=before.id)
    assert (await harness.ask(GET_WORK_ORDER, asked, tenant_id=tenant)).body == before
    order = builders.production_order(
        id=planned.id, version=2, due_date=DUE + timedelta(days=1), status="routed"
    )
    await tell(
        harness,
        tenant,
        ProductionOrderChanged(production_order=order, changed_fields=("due_date",)),
    )
    (changed,) = await harness.events(WorkOrderChanged, tenant_id=tenant)
    assert changed.payload.work_order.planned_end_at == at(DUE + timedelta(days=1), 12)


async def test_a_due_date_that_comes_with_a_status_is_heard(
    harness: Harness, tenant: UUID, run: MakeRun, expansion: MakeExpansion
) -> None:
    batched = run(10, transfer_batch_quantity=100)
    packing = run(20, after=[10], work_center_code="BENCH", operation_type="testing")
    planned = expansion([batched, packing], due_date=DUE)
    await harness.publish(RoutingExpanded(expansion=planned), tenant_id=tenant)
    created = await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)
    later = builders.production_order(
        id=planned.id,
        version=4,
        status="on_hold",
        priority="urgent",
        due_date=DUE + timedelta(days=2),
    )
    held = ProductionOrderStatusChanged(
        production_order=later, old_status="routed", new_status="on_hold"
    )
    await tell(harness, tenant, held)
    changed = await harness.events(WorkOrderChanged, tenant_id=tenant, count=2)
    for old, new in zip(created, changed, strict=True):
        was, now = old.payload.work_order, new.payload.work_order
        assert was.planned_start_at is not None
        assert now.planned_start_at == was.planned_start_at + timedelta(days=2)
        assert (now.priority, now.due_date) == ("urgent", later.due_date)


async def test_what_is_over_releases_nothing_more(
    harness: Harness, tenant: UUID, run: MakeRun, expansion: MakeExpansion
) -> None:
    planned = expansion([run(10)], due_date=DUE)
    await made(harness, tenant, planned)
    order = builders.production_order(id=planned.id, version=5, status="completed", due_date=DUE)
    await tell(harness, tenant, ProductionOrderCompleted(production_order=order))
    late = order.model_copy(update={"version": 4, "status": ProductionOrderStatus.RELEASED})
    await tell(harness, tenant, ProductionOrderReleased(production_order=late))
    assert await harness.events(WorkOrderStatusChanged, tenant_id=tenant, count=0) == []


def test_what_was_only_assessed_is_not_even_fetched() -> None:
    subjects = production_orders.consumer().filter_subjects
    assert "production_order.assessed.*.*" not in subjects
    assert "production_order.status_changed.*.*" in subjects
