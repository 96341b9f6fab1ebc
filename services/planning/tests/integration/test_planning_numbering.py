"""Numbers and projects under concurrency: two replicas, many tasks, no twins and no gaps."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_chassis.clock import SYSTEM_CLOCK, FixedClock
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context
from lineside_contracts import planning
from lineside_contracts.planning import CreateProductionOrder, ProductionOrderCreated, TenantFields
from lineside_contracts.sales import SalesOrderConfirmed
from lineside_planning.orders.domain.facts import NumberSeries
from lineside_planning.orders.requests import production_orders
from lineside_planning.orders.store import reservations
from lineside_planning.orders.store.reservations import WantedProject
from lineside_testkit import builders
from lineside_testkit.harness import Harness

TASKS = 32


async def numbers(harness: Harness, tenant: UUID) -> list[str]:
    rows = await harness.sql(
        "planning",
        "SELECT production_order_number AS number FROM production_orders ORDER BY 1",
        tenant_id=tenant,
    )
    return [row["number"] for row in rows]


async def test_thirty_two_orders_at_once_are_numbered_without_twins_or_gaps(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    await harness.ask(planning.PRODUCTS.create, builders.product_fields(), tenant_id=tenant)
    by_hand = CreateProductionOrder(
        product_code=builders.BROCHURE, quantity=Decimal(10), due_date=builders.DUE_ON
    )
    lines = [builders.sales_order_line(line_number=number) for number in (1, 2, 3)]
    answers, _ = await asyncio.gather(
        asyncio.gather(
            *(
                harness.ask(planning.CREATE_PRODUCTION_ORDER, by_hand, tenant_id=tenant)
                for _ in range(TASKS)
            )
        ),
        asyncio.gather(
            *(
                harness.publish(
                    SalesOrderConfirmed(
                        sales_order=builders.sales_order(order_number=f"SO-{n}", lines=lines)
                    ),
                    tenant_id=tenant,
                )
                for n in range(TASKS)
            )
        ),
    )
    assert {answer.status for answer in answers} == {201}
    total = TASKS * 4
    await harness.events(ProductionOrderCreated, tenant_id=tenant, count=total, timeout=30)
    year = answers[0].body.created_at.year
    expected = [f"MO-{year}-{number:06d}" for number in range(1, total + 1)]
    assert await numbers(harness, tenant) == expected
    projects = await harness.sql(
        "planning", "SELECT project_number FROM projects", tenant_id=tenant
    )
    assert sorted(row["project_number"] for row in projects) == ["P-1001", "STOCK"]


async def test_two_replicas_that_make_the_same_project_share_it(harness: Harness) -> None:
    tenant = harness.new_tenant()
    url = harness.installation.database("planning").urls["app"]
    databases = [Database(url, service="planning") for _ in range(2)]
    series = NumberSeries("MO", 2026)

    async def reserve(database: Database) -> tuple[UUID, int]:
        context = Context(tenant_id=tenant, correlation_id=SYSTEM_CLOCK.new_id())
        async with database.unit_of_work(context) as uow:
            wanted = WantedProject("P-7", "Seven", None, None)
            reserved = await reservations.reserve(uow, {series: 2}, [wanted])
            await asyncio.sleep(0.01)
            return reserved.projects["P-7"].id, reserved.first_numbers[series]

    taken = await asyncio.gather(*(reserve(databases[n % 2]) for n in range(TASKS)))
    for database in databases:
        await database.close()
    assert len({project for project, _ in taken}) == 1
    assert sorted(first for _, first in taken) == list(range(1, 2 * TASKS, 2))
    said = await harness.owner_sql(
        "planning",
        "SELECT count(*) AS n FROM projects WHERE tenant_id = %s AND version = 1",
        parameters=[str(tenant)],
    )
    assert said == [{"n": 1}]


async def test_prefix_and_year_are_the_tenants(harness: Harness) -> None:
    tenant = harness.new_tenant()
    fields = TenantFields(
        tenant_code="ACME",
        tenant_name="Acme",
        production_order_prefix="FA",
        time_zone="Pacific/Kiritimati",
    )
    registered = await harness.ask(planning.TENANTS.create, fields, tenant_id=tenant)
    assert registered.status == 201, registered.body
    await harness.ask(
        planning.PRODUCTS.create, builders.product_fields(plant_code=None), tenant_id=tenant
    )
    assert await _number_at(harness, tenant, datetime(2026, 12, 31, 9, tzinfo=UTC)) == (
        "FA-2026-000001"
    )
    assert await _number_at(harness, tenant, datetime(2026, 12, 31, 11, tzinfo=UTC)) == (
        "FA-2027-000001"
    )


async def _number_at(harness: Harness, tenant: UUID, now: datetime) -> str:
    url = harness.installation.database("planning").urls["app"]
    database = Database(url, service="planning", clock=FixedClock(now))
    context = Context(tenant_id=tenant, correlation_id=SYSTEM_CLOCK.new_id())
    request = CreateProductionOrder(
        product_code=builders.BROCHURE, quantity=Decimal(1), due_date=builders.DUE_ON
    )
    async with database.unit_of_work(context) as uow:
        order: Any = await production_orders.create_order(uow, request)
    await database.close()
    number: str = order.production_order_number
    return number
