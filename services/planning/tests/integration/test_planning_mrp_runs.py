"""Runs: queued, done by any replica, called off, checked by themselves, alarmed by a difference."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.planning import (
    Bom,
    BomChanged,
    Calendar,
    CalendarChanged,
    GetMrpRun,
    ListMrpExceptions,
    ListMrpRuns,
    MrpDriftDetected,
    MrpRun,
    MrpRunChanged,
    ProductChanged,
    ProductionOrderCreated,
    StartMrpRun,
)
from lineside_contracts.shopfloor import PlantChanged
from lineside_planning.mrp.jobs import running
from lineside_testkit import builders
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

STAMPS = {
    "created_at": builders.AT,
    "created_by": builders.ACTOR,
    "updated_at": builders.AT,
    "updated_by": builders.ACTOR,
}
MANY = 4000
"""Items with ten demands each: more than a second to plan, and too much for a thread."""


@pytest.fixture(scope="module")
async def factory(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers,
        services=["planning"],
        replicas={"planning": 2},
        settings={"planning": {"mrp_poll_seconds": 0.05, "mrp_check_seconds": 3}},
    ) as harness:
        yield harness


async def test_a_run_is_done_and_tells_how_it_went(factory: Harness) -> None:
    tenant = await _small(factory)
    asked = StartMrpRun(reason="because")
    started = await factory.ask(planning.START_MRP_RUN, asked, tenant_id=tenant)
    assert (started.status, started.body.status) == (201, "queued")
    run = await _ended(factory, tenant, started.body.id)
    assert (run.status, run.items_total, run.planned_order_count) == ("completed", 2, 1)
    assert run.changed_item_count == 0
    assert run.duration_ms is not None
    said = await factory.events(MrpRunChanged, tenant_id=tenant, count=3)
    told = [s.payload.mrp_run.status for s in said if s.payload.mrp_run.id == run.id]
    assert (told[0], told[1], told[-1]) == ("queued", "running", "completed")
    page = await factory.ask(planning.LIST_MRP_RUNS, ListMrpRuns(), tenant_id=tenant)
    assert run.id in [each.id for each in page.body.items]


async def test_a_run_that_is_called_off_changes_nothing(factory: Harness) -> None:
    tenant = await _large(factory)
    started = await factory.ask(planning.START_MRP_RUN, StartMrpRun(), tenant_id=tenant)
    own = GetMrpRun(mrp_run_id=started.body.id)
    async with asyncio.timeout(30):
        while True:
            run = (await factory.ask(planning.GET_MRP_RUN, own, tenant_id=tenant)).body
            if run.status == "running":
                break
            await asyncio.sleep(0.01)
    called_off = await factory.ask(planning.CANCEL_MRP_RUN, own, tenant_id=tenant)
    assert called_off.body.status == "cancelled"
    again = await factory.ask(planning.CANCEL_MRP_RUN, own, tenant_id=tenant)
    assert again.problem.code == "mrp_run_ended"
    await _nothing_left(factory, tenant)
    assert await _count(factory, tenant, "planned_orders") == 0
    assert (await _ended(factory, tenant, run.id)).status == "cancelled"


async def test_a_large_run_tells_its_progress_and_plans_everything(factory: Harness) -> None:
    tenant = await _large(factory)
    started = await factory.ask(planning.START_MRP_RUN, StartMrpRun(), tenant_id=tenant)
    run = await _ended(factory, tenant, started.body.id)
    assert run.status == "completed", run.reason
    assert (run.items_total, run.planned_order_count) == (MANY, 10 * MANY)
    assert await _count(factory, tenant, "planned_orders") == 10 * MANY
    said = [s.payload.mrp_run for s in await factory.events(MrpRunChanged, tenant_id=tenant)]
    assert [r.version for r in said if r.id == run.id] == list(range(1, run.version + 1))
    assert any(r.status == "running" and r.phase != "loading" for r in said)
    checked = await factory.ask(planning.START_MRP_RUN, StartMrpRun(kind="check"), tenant_id=tenant)
    assert (await _ended(factory, tenant, checked.body.id)).changed_item_count == 0


async def test_a_row_changed_by_hand_is_found_without_being_asked_for(factory: Harness) -> None:
    tenant = await _small(factory)
    before = running.DRIFT._value.get()  # noqa: SLF001 -- read, never written
    changed = "UPDATE planned_orders SET quantity = quantity + 1 RETURNING product_code"
    assert await factory.sql("planning", changed, tenant_id=tenant) == [{"product_code": "PART"}]
    alarm, *_ = await factory.events(MrpDriftDetected, tenant_id=tenant, timeout=30)
    run = alarm.payload.mrp_run
    assert (run.kind, run.changed_item_count) == ("check", 1)
    assert run.differences == ("PART at MAIN: planned orders: 1 of 1 differ",)
    assert running.DRIFT._value.get() > before  # noqa: SLF001
    repaired = await factory.ask(planning.START_MRP_RUN, StartMrpRun(), tenant_id=tenant)
    assert (await _ended(factory, tenant, repaired.body.id)).changed_item_count == 1


async def test_checks_that_find_nothing_say_nothing_and_leave_one_row(factory: Harness) -> None:
    tenant = await _small(factory)
    own = "requested_by ->> 'id' LIKE 'service:%%' AND kind = 'check' AND status = 'completed'"
    query = f"SELECT max(mrp_run_number) AS n, count(*) AS c FROM mrp_runs WHERE {own}"  # noqa: S608
    async with asyncio.timeout(30):
        while True:
            (row,) = await factory.sql("planning", query, tenant_id=tenant)
            if row["n"] and row["n"].endswith("000002"):
                break
            await asyncio.sleep(0.1)
    assert row["c"] == 1
    said = await factory.events(MrpRunChanged, tenant_id=tenant, count=0)
    assert all(s.payload.mrp_run.kind == "regeneration" for s in said)


async def test_when_the_day_turns_the_plan_is_made_for_the_new_one(factory: Harness) -> None:
    tenant = await _small(factory)
    today = SYSTEM_CLOCK.now().date()
    mine = "WHERE tenant_id = current_tenant()"
    for statement in (
        "UPDATE mrp_planning SET planning_date = %(day)s",
        "UPDATE known_tenants SET mrp_planned_on = %(day)s, mrp_checked_at = NULL",
    ):
        day = {"day": today - timedelta(days=1)}
        await factory.sql(
            "planning", f"{statement} {mine} RETURNING 1", tenant_id=tenant, parameters=day
        )
    async with asyncio.timeout(30):
        while True:
            query = "SELECT planning_date FROM mrp_planning"
            (row,) = await factory.sql("planning", query, tenant_id=tenant)
            if row["planning_date"] == today:
                break
            await asyncio.sleep(0.05)
    await _nothing_left(factory, tenant)


async def test_bad_master_data_are_exceptions_and_stop_no_run(factory: Harness) -> None:
    tenant = factory.new_tenant()
    idle = Calendar.model_validate(
        {
            "id": SYSTEM_CLOCK.new_id(),
            "version": 1,
            "deleted": False,
            "calendar_code": "NEVER",
            "calendar_name": "Never",
            **STAMPS,
        }
    )
    plant = builders.plant(calendar_code="NEVER")
    await factory.publish(CalendarChanged(calendar=idle), tenant_id=tenant)
    await factory.publish(PlantChanged(plant=plant), tenant_id=tenant)
    for code in ("LOOP", "POOL"):
        product = builders.product(product_code=code, lead_time_days=2)
        await factory.publish(ProductChanged(product=product), tenant_id=tenant)
    await factory.publish(_bom("LOOP", "POOL", "NOBODY"), tenant_id=tenant)
    await factory.publish(_bom("POOL", "LOOP"), tenant_id=tenant)
    await _order(factory, tenant, "LOOP")
    await factory.settle()
    await _nothing_left(factory, tenant)
    started = await factory.ask(planning.START_MRP_RUN, StartMrpRun(), tenant_id=tenant)
    run = await _ended(factory, tenant, started.body.id)
    assert (run.status, run.changed_item_count) == ("completed", 0)
    page = await factory.ask(planning.LIST_MRP_EXCEPTIONS, ListMrpExceptions(), tenant_id=tenant)
    told = {each.kind: each.message for each in page.body.items}
    assert {"bom_cycle", "unknown_component", "no_working_time"} <= told.keys()
    assert "LOOP" in told["bom_cycle"]
    assert "POOL" in told["bom_cycle"]
    assert "NOBODY" in told["unknown_component"]


async def _small(factory: Harness) -> UUID:
    """A tenant with one product made of one part, and one order."""
    tenant = factory.new_tenant()
    for code, over in {"THING": {}, "PART": {"make_or_buy": "buy"}}.items():
        product = builders.product(product_code=code, **over)
        await factory.publish(ProductChanged(product=product), tenant_id=tenant)
    await factory.publish(_bom("THING", "PART"), tenant_id=tenant)
    await _order(factory, tenant, "THING")
    await factory.settle()
    return tenant


async def _large(factory: Harness) -> UUID:
    """A tenant whose projection is written directly: nothing of it is planned yet."""
    tenant = factory.new_tenant()
    product = builders.product(product_code="P-1")
    await factory.publish(ProductChanged(product=product), tenant_id=tenant)
    await factory.settle()
    columns = (
        "version, deleted, product_name, unit_code, unit_decimals, conversions, make_or_buy,"
        " lead_time_days, safety_stock_quantity, safety_time_days, is_phantom, supply_policy,"
        " plant_code, is_active, lot_sizing"
    )
    items = (
        f"INSERT INTO mrp_items (tenant_id, product_code, {columns})"  # noqa: S608
        f" SELECT tenant_id, 'P-' || n, {columns} FROM mrp_items,"
        " generate_series(2, %(many)s) AS n RETURNING 1"
    )
    demands = (
        "INSERT INTO mrp_demands (tenant_id, id, source_id, kind, name, product_code, plant_code,"
        " due_on, quantity, pairing) SELECT current_tenant(), n || '/' || d, uuidv7(), 'project',"
        " 'P', 'P-' || n, 'MAIN', current_date + d, 5, 0"
        " FROM generate_series(1, %(many)s) AS n, generate_series(1, 10) AS d RETURNING 1"
    )
    for statement in (items, demands):
        many: dict[str, Any] = {"many": MANY}
        await factory.sql("planning", statement, tenant_id=tenant, parameters=many)
    return tenant


async def _order(factory: Harness, tenant: UUID, code: str) -> None:
    due = SYSTEM_CLOCK.now().date() + timedelta(days=60)
    order = builders.production_order(product_code=code, due_date=due)
    created = ProductionOrderCreated(production_order=order)
    await factory.publish(created, tenant_id=tenant)


async def _ended(factory: Harness, tenant: UUID, run_id: UUID) -> MrpRun:
    own = GetMrpRun(mrp_run_id=run_id)
    async with asyncio.timeout(60):
        while True:
            run: MrpRun = (await factory.ask(planning.GET_MRP_RUN, own, tenant_id=tenant)).body
            if run.status not in {"queued", "running"}:
                return run
            await asyncio.sleep(0.05)


async def _nothing_left(factory: Harness, tenant: UUID) -> None:
    async with asyncio.timeout(30):
        while await _count(factory, tenant, "mrp_run_jobs"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    (row,) = await factory.sql(
        "planning", "SELECT is_recording FROM mrp_planning", tenant_id=tenant
    )
    assert not row["is_recording"]


async def _count(factory: Harness, tenant: UUID, table: str) -> int:
    counted = f"SELECT count(*) AS n FROM {table}"  # noqa: S608
    (row,) = await factory.sql("planning", counted, tenant_id=tenant)
    count: int = row["n"]
    return count


def _bom(product_code: str, *components: str) -> BomChanged:
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "version": 1,
        "product_code": product_code,
        "bom_version": 1,
        "status": "active",
        "base_quantity": 1,
        "lines": [
            {
                "id": SYSTEM_CLOCK.new_id(),
                "line_number": number,
                "component_code": component,
                "quantity": 1,
            }
            for number, component in enumerate(components, 1)
        ],
    }
    return BomChanged(bom=Bom.model_validate(values | STAMPS))
