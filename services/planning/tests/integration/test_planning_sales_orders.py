"""From confirmed, amended and cancelled sales orders to production orders, on real servers."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.envelope import EventPayload
from lineside_contracts.planning import (
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCreated,
    ProjectChanged,
)
from lineside_contracts.sales import (
    SalesOrder,
    SalesOrderAmended,
    SalesOrderCancelled,
    SalesOrderConfirmed,
)
from lineside_contracts.shopfloor import PlantChanged
from lineside_testkit import builders
from lineside_testkit.harness import Harness


async def tenant_with_products(harness: Harness) -> UUID:
    tenant = harness.new_tenant()
    for code in (builders.BROCHURE, builders.BOOK):
        fields = builders.product_fields(product_code=code)
        made = await harness.ask(planning.PRODUCTS.create, fields, tenant_id=tenant)
        assert made.status == 201, made.body
    return tenant


async def orders(harness: Harness, tenant: UUID) -> list[dict[str, Any]]:
    return await harness.sql(
        "planning", "SELECT * FROM production_orders ORDER BY id", tenant_id=tenant
    )


def line(number: int = 1, **over: Any) -> dict[str, Any]:
    return builders.sales_order_line(line_number=number, **over)


def next_state(order: SalesOrder, **over: Any) -> SalesOrder:
    values = {**order.model_dump(), "version": order.version + 1, **over}
    return SalesOrder.model_validate(values)


async def test_each_line_becomes_a_numbered_order_of_its_project(harness: Harness) -> None:
    tenant = await tenant_with_products(harness)
    await harness.publish(
        PlantChanged(plant=builders.plant(time_zone="Europe/Berlin")), tenant_id=tenant
    )
    sales_order = builders.sales_order(lines=[line(1), line(2, product_code=builders.BOOK)])
    said = await harness.publish(SalesOrderConfirmed(sales_order=sales_order), tenant_id=tenant)
    created = await harness.events(ProductionOrderCreated, tenant_id=tenant, count=2)
    states = [event.payload.production_order for event in created]
    year = created[0].envelope.occurred_at.year
    assert [state.production_order_number for state in states] == [
        f"MO-{year}-000001",
        f"MO-{year}-000002",
    ]
    assert [state.product_code for state in states] == [builders.BROCHURE, builders.BOOK]
    assert {state.sales_order_id for state in states} == {sales_order.id}
    assert states[0].created_by.name == "Toni Tester"
    assert created[0].envelope.correlation_id == said.correlation_id
    assert created[0].envelope.causation_id == said.event_id
    (project,) = await harness.events(ProjectChanged, tenant_id=tenant)
    assert project.payload.project.project_number == "P-1001"
    assert {state.project_id for state in states} == {project.payload.project.id}


async def test_the_same_event_many_times_has_one_effect(harness: Harness) -> None:
    tenant = await tenant_with_products(harness)
    event = SalesOrderConfirmed(sales_order=builders.sales_order())
    first = await harness.publish(event, tenant_id=tenant)
    await asyncio.gather(*(harness.publish(event, tenant_id=tenant) for _ in range(9)))
    await harness.publish(event, tenant_id=tenant, event_id=first.event_id)
    await harness.settle()
    assert len(await orders(harness, tenant)) == 1
    assert await harness.dead_letters(tenant_id=tenant) == []


async def test_amendments_raise_lower_remove_and_add(harness: Harness) -> None:
    tenant = await tenant_with_products(harness)
    first = builders.sales_order(lines=[line(1), line(2)])
    await harness.publish(SalesOrderConfirmed(sales_order=first), tenant_id=tenant)
    await harness.events(ProductionOrderCreated, tenant_id=tenant, count=2)
    second = next_state(first, revision=2, lines=[line(1, quantity=Decimal(5)), line(3)])
    await harness.publish(
        SalesOrderAmended(sales_order=second, previous_revision=1), tenant_id=tenant
    )
    await harness.settle()
    rows = await orders(harness, tenant)
    assert [(row["sales_line_number"], row["status"], row["version"]) for row in rows] == [
        (1, "planned", 2),
        (2, "cancelled", 2),
        (3, "planned", 1),
    ]
    assert (rows[0]["quantity_ordered"], rows[0]["planning_version"]) == (Decimal(5), 2)
    (changed,) = await harness.events(ProductionOrderChanged, tenant_id=tenant)
    assert set(changed.payload.changed_fields) >= {"quantity_ordered", "planning_version"}
    (cancelled,) = await harness.events(ProductionOrderCancelled, tenant_id=tenant)
    assert cancelled.payload.reason == "The sales order no longer has this line."


async def test_events_in_reverse_order_end_in_the_newest_state(harness: Harness) -> None:
    tenant = await tenant_with_products(harness)
    first = builders.sales_order()
    second = next_state(first, revision=2, lines=[line(1, quantity=Decimal(7))])
    amended = SalesOrderAmended(sales_order=second, previous_revision=1)
    await harness.publish(amended, tenant_id=tenant)
    await harness.events(ProductionOrderCreated, tenant_id=tenant)
    await harness.publish(SalesOrderConfirmed(sales_order=first), tenant_id=tenant)
    await harness.settle()
    (row,) = await orders(harness, tenant)
    assert (row["quantity_ordered"], row["version"]) == (Decimal(7), 1)


async def test_a_cancellation_leaves_a_tombstone_and_a_confirmation_reopens(
    harness: Harness,
) -> None:
    tenant = await tenant_with_products(harness)
    first = builders.sales_order()
    cancelled = next_state(first, status="cancelled")
    await harness.publish(SalesOrderCancelled(sales_order=cancelled), tenant_id=tenant)
    await harness.settle()
    await harness.publish(SalesOrderConfirmed(sales_order=first), tenant_id=tenant)
    await harness.settle()
    assert await orders(harness, tenant) == []
    reopened = next_state(cancelled, status="confirmed", revision=2, confirmation_count=2)
    await harness.publish(SalesOrderConfirmed(sales_order=reopened), tenant_id=tenant)
    await harness.events(ProductionOrderCreated, tenant_id=tenant)
    assert [row["status"] for row in await orders(harness, tenant)] == ["planned"]


async def test_cancel_and_reopen_make_new_orders(harness: Harness) -> None:
    tenant = await tenant_with_products(harness)
    first = builders.sales_order()
    cancelled = next_state(first, status="cancelled")
    reopened = next_state(cancelled, status="confirmed", revision=2, confirmation_count=2)
    await harness.publish(SalesOrderConfirmed(sales_order=first), tenant_id=tenant)
    await harness.events(ProductionOrderCreated, tenant_id=tenant)
    await harness.publish(SalesOrderCancelled(sales_order=cancelled), tenant_id=tenant)
    await harness.publish(SalesOrderConfirmed(sales_order=reopened), tenant_id=tenant)
    await harness.events(ProductionOrderCreated, tenant_id=tenant, count=2)
    await harness.settle()
    assert [row["status"] for row in await orders(harness, tenant)] == ["cancelled", "planned"]


async def test_an_order_of_an_unknown_product_is_held_and_returns_by_itself(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    await harness.publish(SalesOrderConfirmed(sales_order=builders.sales_order()), tenant_id=tenant)
    (created,) = await harness.events(ProductionOrderCreated, tenant_id=tenant)
    held = created.payload.production_order
    assert (held.status, held.held_by) == ("on_hold", "system")
    assert [fault.code for fault in held.faults] == ["unknown_product"]
    fields = builders.product_fields()
    await harness.ask(planning.PRODUCTS.create, fields, tenant_id=tenant)
    (changed,) = await harness.events(ProductionOrderChanged, tenant_id=tenant)
    known = changed.payload.production_order
    assert (known.product_name, known.faults, known.planning_version) == ("Brochure A4", (), 2)


async def test_an_unknown_product_of_another_tenant_stays_unknown(harness: Harness) -> None:
    mine, other = harness.new_tenant(), await tenant_with_products(harness)
    await harness.publish(SalesOrderConfirmed(sales_order=builders.sales_order()), tenant_id=mine)
    (created,) = await harness.events(ProductionOrderCreated, tenant_id=mine)
    assert created.payload.production_order.status == "on_hold"
    assert await orders(harness, other) == []


async def test_a_malformed_event_stops_nobody(harness: Harness) -> None:
    tenant = await tenant_with_products(harness)
    good = SalesOrderConfirmed(sales_order=builders.sales_order())
    envelope = await harness.publish(good, tenant_id=tenant)
    bad_id = SYSTEM_CLOCK.new_id()
    headers = envelope.headers() | {"ce-id": str(bad_id), "Nats-Msg-Id": str(bad_id)}
    subject = f"sales.order.confirmed.{tenant}.{SYSTEM_CLOCK.new_id()}"
    await harness.publish_raw(subject, b'{"sales_order": {"lines": [{"quantity": -1}]}}', headers)
    second = SalesOrderConfirmed(sales_order=builders.sales_order(order_number="SO-1002"))
    await harness.publish(second, tenant_id=tenant)
    await harness.events(ProductionOrderCreated, tenant_id=tenant, count=2)
    await harness.settle()
    assert len(await harness.dead_letters(tenant_id=tenant)) == 1


async def test_all_versions_of_many_orders_at_once_end_in_the_newest(harness: Harness) -> None:
    tenant = await tenant_with_products(harness)
    events: list[EventPayload] = []
    for number in range(20):
        first = builders.sales_order(order_number=f"SO-{number}")
        second = next_state(first, revision=2, lines=[line(1, quantity=Decimal(2))])
        third = next_state(second, revision=3, lines=[line(1, quantity=Decimal(3)), line(2)])
        events += [
            SalesOrderAmended(sales_order=third, previous_revision=2),
            SalesOrderConfirmed(sales_order=first),
            SalesOrderAmended(sales_order=second, previous_revision=1),
        ]
    await asyncio.gather(*(harness.publish(event, tenant_id=tenant) for event in events))
    await harness.settle()
    rows = await orders(harness, tenant)
    live = [(row["sales_order_number"], row["sales_line_number"]) for row in rows]
    assert len(live) == len(set(live)) == 40
    assert {row["quantity_ordered"] for row in rows if row["sales_line_number"] == 1} == {3}
    assert await harness.dead_letters(tenant_id=tenant) == []
