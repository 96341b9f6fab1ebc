"""Completed work lets what follows it begin, once, in whatever order and however often told."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import (
    ProductionOrderCancelled,
    ProductionOrderReleased,
)
from lineside_contracts.routing import Expansion, ProductionRun, RoutingExpanded
from lineside_contracts.shopfloor import (
    LIST_WORK_ORDERS,
    ListWorkOrders,
    WorkOrder,
    WorkOrderStatus,
    WorkOrderStatusChanged,
)
from lineside_testkit import builders
from lineside_testkit.harness import Harness

MakeRun = Callable[..., ProductionRun]
MakeExpansion = Callable[..., Expansion]


async def work_orders(harness: Harness, tenant: UUID) -> list[WorkOrder]:
    """By the number of their first operation."""
    answer = await harness.ask(LIST_WORK_ORDERS, ListWorkOrders(), tenant_id=tenant)
    assert answer.status == 200, answer.body
    return sorted(answer.body.items, key=lambda w: w.operations[0].operation_number)


async def released(
    harness: Harness, tenant: UUID, runs: Sequence[ProductionRun], expansion: MakeExpansion
) -> list[WorkOrder]:
    """A released production order's work orders, one for each run."""
    made = expansion(runs)
    await harness.publish(RoutingExpanded(expansion=made), tenant_id=tenant)
    order = builders.production_order(id=made.id, version=3, status="released")
    await harness.publish(ProductionOrderReleased(production_order=order), tenant_id=tenant)
    await harness.settle()
    return await work_orders(harness, tenant)


async def complete(harness: Harness, work_order: WorkOrder) -> WorkOrderStatusChanged:
    """Complete a work order behind everybody's back; the event says it."""
    done = {
        "status": WorkOrderStatus.COMPLETED,
        "version": work_order.version + 2,
        "actual_end_at": datetime(2026, 12, 1, tzinfo=UTC),
    }
    await harness.owner_sql(
        "shopfloor",
        "UPDATE work_orders SET status = 'completed', version = version + 2 WHERE id = %(id)s",
        parameters={"id": work_order.id},
    )
    return WorkOrderStatusChanged(
        work_order=work_order.model_copy(update=done),
        old_status=WorkOrderStatus.IN_PROGRESS,
        new_status=WorkOrderStatus.COMPLETED,
    )


@pytest.fixture
def branches(run: MakeRun) -> list[ProductionRun]:
    """Block and cover, each on its own, then bound."""
    return [
        run(10, operation_type="fabrication"),
        run(20, operation_type="machining"),
        run(30, after=[10, 20], operation_type="assembly"),
    ]


def states(found: Sequence[WorkOrder]) -> list[str]:
    return [w.status.value for w in found]


async def test_a_follower_waits_for_the_last_of_its_predecessors(
    harness: Harness, branches: list[ProductionRun], expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    block, cover, _ = await released(harness, tenant, branches, expansion)
    assert states(await work_orders(harness, tenant)) == ["released", "released", "planned"]
    await harness.publish(await complete(harness, block), tenant_id=tenant)
    await harness.settle()
    assert states(await work_orders(harness, tenant)) == ["completed", "released", "planned"]
    cause = await harness.publish(await complete(harness, cover), tenant_id=tenant)
    await harness.settle()
    found = await work_orders(harness, tenant)
    assert states(found) == ["completed", "completed", "released"]
    said = await harness.events(WorkOrderStatusChanged, tenant_id=tenant, count=0)
    (last,) = [e for e in said if e.payload.work_order.id == found[2].id]
    assert last.envelope.causation_id == cause.event_id


async def test_two_that_end_at_once_release_what_follows_both_once(
    harness: Harness, branches: list[ProductionRun], expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    block, cover, _ = await released(harness, tenant, branches, expansion)
    ended = [await complete(harness, one) for one in (block, cover)]
    ids = [SYSTEM_CLOCK.new_id() for _ in ended]
    for _ in range(2):
        await asyncio.gather(
            *(
                harness.publish(event, tenant_id=tenant, event_id=event_id)
                for event, event_id in zip(ended, ids, strict=True)
            )
        )
    again = [SYSTEM_CLOCK.new_id() for _ in ended]
    for event, event_id in zip(ended, again, strict=True):
        await harness.publish(event, tenant_id=tenant, event_id=event_id)
    await harness.settle()
    last = (await work_orders(harness, tenant))[2]
    said = await harness.events(WorkOrderStatusChanged, tenant_id=tenant, count=0)
    assert len([e for e in said if e.payload.work_order.id == last.id]) == 1
    assert (last.status, last.version) == (WorkOrderStatus.RELEASED, 2)


async def test_of_an_order_that_is_called_off_nothing_is_released(
    harness: Harness, branches: list[ProductionRun], expansion: MakeExpansion
) -> None:
    tenant = harness.new_tenant()
    block, cover, bound = await released(harness, tenant, branches, expansion)
    ended: list[Any] = [await complete(harness, one) for one in (block, cover)]
    assert bound.production_order_id is not None
    order = builders.production_order(id=bound.production_order_id, version=9, status="cancelled")
    await harness.publish(ProductionOrderCancelled(production_order=order), tenant_id=tenant)
    await harness.settle()
    for event in ended:
        await harness.publish(event, tenant_id=tenant)
    await harness.settle()
    assert states(await work_orders(harness, tenant)) == ["completed", "completed", "cancelled"]
