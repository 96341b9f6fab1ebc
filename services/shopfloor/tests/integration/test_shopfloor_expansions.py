"""Expansions and production orders as they come from the stream."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from lineside_contracts.planning import (
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderReleased,
    TenantChanged,
)
from lineside_contracts.routing import Expansion, ProductionRun, RoutingExpanded
from lineside_contracts.shopfloor import (
    CREATE_WORK_ORDER,
    LIST_WORK_ORDERS,
    PLANTS,
    RELEASE_WORK_ORDER,
    ActOnWorkOrder,
    CreateWorkOrder,
    ListWorkOrders,
    PlantFields,
    WorkOrder,
    WorkOrderChanged,
    WorkOrderCreated,
    WorkOrderReplanRefused,
    WorkOrderStatusChanged,
)
from lineside_testkit import builders
from lineside_testkit.harness import Harness

MakeRuns = Callable[[], list[ProductionRun]]
MakeExpansion = Callable[..., Expansion]


async def expand(harness: Harness, tenant: UUID, expansion: Expansion, **said: Any) -> None:
    await harness.publish(RoutingExpanded(expansion=expansion), tenant_id=tenant, **said)


async def released(harness: Harness, tenant: UUID, order_id: UUID, version: int = 3) -> None:
    order = builders.production_order(id=order_id, version=version, status="released")
    await harness.publish(ProductionOrderReleased(production_order=order), tenant_id=tenant)


async def cancelled(harness: Harness, tenant: UUID, order_id: UUID, version: int = 4) -> None:
    order = builders.production_order(id=order_id, version=version, status="cancelled")
    event = ProductionOrderCancelled(production_order=order, reason="No longer wanted")
    await harness.publish(event, tenant_id=tenant)


async def work_orders(harness: Harness, tenant: UUID, **filters: Any) -> list[WorkOrder]:
    request = ListWorkOrders(limit=500, **filters)
    answer = await harness.ask(LIST_WORK_ORDERS, request, tenant_id=tenant)
    assert answer.status == 200, answer.body
    return sorted(answer.body.items, key=lambda work_order: work_order.id)


async def test_an_expansion_becomes_work_orders_with_operations(
    harness: Harness, brochure_runs: MakeRuns, expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    plant = PlantFields(plant_code="MAIN", plant_name="Main works", time_zone="Europe/Berlin")
    assert (await harness.ask(PLANTS.create, plant, tenant_id=tenant)).status == 201
    cause = await harness.publish(
        RoutingExpanded(expansion=expansion(brochure_runs())), tenant_id=tenant
    )
    said = await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)
    press, bench = await work_orders(harness, tenant)
    assert [event.payload.work_order for event in said] == [press, bench]
    assert {event.envelope.causation_id for event in said} == {cause.event_id}
    assert press.plant_name == "Main works"
    assert press.work_order_number.endswith("-1")
    assert [o.operation_number for o in bench.operations] == [30, 40]
    assert bench.predecessor_work_order_ids == (press.id,)
    assert (press.created_by.name, press.version) == ("Toni Tester", 1)


async def test_doubled_and_reordered_expansions_have_one_effect(
    harness: Harness, brochure_runs: MakeRuns, expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    first = expansion(brochure_runs())
    second = expansion(brochure_runs()[:2], order_id=first.id, version=2, priority="high")
    event_id = harness.new_tenant()
    await expand(harness, tenant, second, event_id=event_id)
    await harness.events(WorkOrderCreated, tenant_id=tenant)
    await expand(harness, tenant, first)
    await expand(harness, tenant, second, event_id=event_id)
    await expand(harness, tenant, second)
    await harness.settle()
    (only,) = await work_orders(harness, tenant)
    assert (only.expansion_version, only.version) == (2, 1)
    assert len(await harness.events(WorkOrderCreated, tenant_id=tenant, count=1)) == 1


async def test_a_newer_expansion_keeps_numbers_and_cancels_what_vanished(
    harness: Harness, brochure_runs: MakeRuns, expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    first = expansion(brochure_runs())
    await expand(harness, tenant, first)
    await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)
    before = {w.id: w.work_order_number for w in await work_orders(harness, tenant)}
    await expand(harness, tenant, expansion(brochure_runs()[:1], order_id=first.id, version=2))
    (changed,) = await harness.events(WorkOrderChanged, tenant_id=tenant)
    (gone,) = await harness.events(WorkOrderStatusChanged, tenant_id=tenant)
    assert gone.payload.new_status == "cancelled"
    press, bench = await work_orders(harness, tenant)
    assert changed.payload.work_order == press
    assert [o.operation_number for o in press.operations] == [10]
    assert {w.id: w.work_order_number for w in (press, bench)} == before
    assert {o.status for o in bench.operations} == {"cancelled"}


async def test_a_release_before_the_expansion_is_not_lost(
    harness: Harness, brochure_runs: MakeRuns, expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    planned = expansion(brochure_runs())
    await released(harness, tenant, planned.id)
    await harness.settle()
    await expand(harness, tenant, planned)
    created = await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)
    (moved,) = await harness.events(WorkOrderStatusChanged, tenant_id=tenant)
    assert [e.payload.work_order.status for e in created] == ["planned", "planned"]
    assert [e.envelope.aggregate_version for e in created] == [1, 1]
    assert moved.envelope.aggregate_version == 2
    press, bench = await work_orders(harness, tenant)
    assert (press.status, bench.status) == ("released", "planned")


async def test_a_cancellation_before_the_expansion_leaves_nothing_to_do(
    harness: Harness, brochure_runs: MakeRuns, expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    planned = expansion(brochure_runs())
    await cancelled(harness, tenant, planned.id)
    await harness.settle()
    await expand(harness, tenant, planned)
    await harness.settle()
    assert await work_orders(harness, tenant) == []


async def test_release_and_expansion_at_the_same_moment_always_meet(
    harness: Harness, brochure_runs: MakeRuns, expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    planned = [expansion(brochure_runs()) for _ in range(20)]
    await asyncio.gather(
        *(expand(harness, tenant, p) for p in planned),
        *(released(harness, tenant, p.id) for p in planned),
    )
    await harness.settle()
    assert len(await work_orders(harness, tenant, status="released")) == len(planned)
    assert len(await work_orders(harness, tenant, status="planned")) == len(planned)


async def test_a_cancelled_order_takes_its_work_orders_along(
    harness: Harness, brochure_runs: MakeRuns, expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    planned = expansion(brochure_runs())
    await expand(harness, tenant, planned)
    await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)
    await released(harness, tenant, planned.id)
    await cancelled(harness, tenant, planned.id)
    await harness.settle()
    assert {w.status for w in await work_orders(harness, tenant)} == {"cancelled"}
    assert {w.cancel_reason for w in await work_orders(harness, tenant)} == {"No longer wanted"}


async def test_priority_and_due_date_follow_the_order(
    harness: Harness, brochure_runs: MakeRuns, expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    planned = expansion(brochure_runs())
    await expand(harness, tenant, planned)
    await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)
    order = builders.production_order(
        id=planned.id, version=2, priority="urgent", due_date=date(2027, 1, 29)
    )
    event = ProductionOrderChanged(production_order=order, changed_fields=("priority", "due_date"))
    await harness.publish(event, tenant_id=tenant)
    await harness.events(WorkOrderChanged, tenant_id=tenant, count=2)
    for work_order in await work_orders(harness, tenant):
        assert (work_order.priority, work_order.due_date) == ("urgent", date(2027, 1, 29))


async def test_started_work_refuses_an_amendment(
    harness: Harness, brochure_runs: MakeRuns, expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    planned = expansion(brochure_runs())
    await expand(harness, tenant, planned)
    await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)
    press = (await work_orders(harness, tenant))[0]
    await harness.sql(
        "shopfloor",
        "UPDATE work_orders SET status = 'in_progress' WHERE id = %s",
        tenant_id=tenant,
        parameters=[press.id],
    )
    before = await work_orders(harness, tenant)
    await expand(harness, tenant, expansion(brochure_runs(), order_id=planned.id, version=2))
    (refused,) = await harness.events(WorkOrderReplanRefused, tenant_id=tenant)
    assert refused.payload.production_order_id == planned.id
    assert refused.payload.work_order.id == press.id
    counted = {"version", "updated_at"}
    after = await work_orders(harness, tenant)
    assert [w.model_dump(exclude=counted) for w in after] == [
        w.model_dump(exclude=counted) for w in before
    ]


async def test_the_tenants_rules_are_followed(
    harness: Harness, brochure_runs: MakeRuns, expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    rules = builders.tenant(tenant, work_order_prefix="JOB", release_work_orders="all_at_once")
    await harness.publish(TenantChanged(tenant=rules), tenant_id=tenant)
    await harness.settle()
    planned = expansion(brochure_runs())
    await expand(harness, tenant, planned)
    await released(harness, tenant, planned.id)
    await harness.settle()
    found = await work_orders(harness, tenant)
    assert {w.status for w in found} == {"released"}
    assert all(w.work_order_number.startswith("JOB-") for w in found)


async def test_two_replicas_never_give_a_number_twice(
    harness: Harness,
    brochure_runs: MakeRuns,
    expansion: MakeExpansion,
    by_hand: Callable[..., CreateWorkOrder],
) -> None:
    tenant = harness.new_tenant()
    plant = PlantFields(plant_code="MAIN", plant_name="Main works")
    await harness.ask(PLANTS.create, plant, tenant_id=tenant)
    planned = [expansion(brochure_runs()) for _ in range(60)]
    answers, _ = await asyncio.gather(
        asyncio.gather(
            *(harness.ask(CREATE_WORK_ORDER, by_hand(), tenant_id=tenant) for _ in range(30))
        ),
        asyncio.gather(*(expand(harness, tenant, p) for p in planned)),
    )
    assert {answer.status for answer in answers} == {201}
    await harness.events(WorkOrderCreated, tenant_id=tenant, count=150)
    rows = await harness.sql(
        "shopfloor", "SELECT work_order_number FROM work_orders", tenant_id=tenant
    )
    given = sorted(int(row["work_order_number"].rpartition("-")[2]) for row in rows)
    assert given == list(range(1, 151))


async def test_runs_that_are_no_graph_are_set_aside_and_stop_nothing(
    harness: Harness,
    run: Callable[..., ProductionRun],
    brochure_runs: MakeRuns,
    expansion: MakeExpansion,
) -> None:
    tenant = harness.new_tenant()
    await expand(harness, tenant, expansion([run(10, after=[20]), run(20, after=[10])]))
    await expand(harness, tenant, expansion(brochure_runs()))
    await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)
    await harness.settle()
    (letter,) = await harness.dead_letters(tenant_id=tenant)
    assert "circle" in str(letter)


async def test_by_hand_the_second_work_order_may_be_released_first(
    harness: Harness, brochure_runs: MakeRuns, expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    await expand(harness, tenant, expansion(brochure_runs()))
    await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)
    bench = (await work_orders(harness, tenant))[1]
    answer = await harness.ask(
        RELEASE_WORK_ORDER, ActOnWorkOrder(work_order_id=bench.id), tenant_id=tenant
    )
    assert (answer.status, answer.body.status, answer.body.version) == (200, "released", 2)
