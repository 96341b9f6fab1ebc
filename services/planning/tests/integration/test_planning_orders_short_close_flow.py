"""An order that ends short, through the service: what was made counts, the rest is decided."""

from typing import Any
from uuid import UUID

import pytest

from lineside_contracts import planning
from lineside_contracts.planning import (
    ActOnProductionOrder,
    ListProductionOrders,
    ProductionOrder,
    ProductionOrderCompleted,
    ProductionOrderCreated,
    ProductionOrderReleased,
    ProductionOrderStatus,
    ProductionOrderStatusChanged,
    ResolveException,
)
from lineside_contracts.routing import RoutingExpanded
from lineside_contracts.sales import SalesOrderConfirmed
from lineside_contracts.shopfloor import WorkOrderStatus, WorkOrderStatusChanged
from lineside_testkit import builders
from lineside_testkit.harness import Harness


async def ended_short(
    harness: Harness, tenant: UUID, make_expansion: Any, make_work_order: Any
) -> ProductionOrder:
    """An order of 10,000 of which the floor has made 9,990 and made an end."""
    await harness.ask(planning.PRODUCTS.create, builders.product_fields(), tenant_id=tenant)
    await harness.publish(SalesOrderConfirmed(sales_order=builders.sales_order()), tenant_id=tenant)
    (created,) = await harness.events(ProductionOrderCreated, tenant_id=tenant)
    order = created.payload.production_order
    await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant)
    await harness.events(ProductionOrderStatusChanged, tenant_id=tenant)
    act = ActOnProductionOrder(production_order_id=order.id)
    await harness.ask(planning.RELEASE_PRODUCTION_ORDER, act, tenant_id=tenant)
    await harness.events(ProductionOrderReleased, tenant_id=tenant)
    first = make_work_order(order.id, quantity_completed=10_100)
    last = make_work_order(
        order.id, quantity_completed=9_990, predecessor_work_order_ids=[first.id]
    )
    for work_order in (first, last):
        ended = work_order.model_copy(
            update={"status": WorkOrderStatus.COMPLETED, "version": work_order.version + 1}
        )
        event = WorkOrderStatusChanged(
            work_order=ended,
            old_status=WorkOrderStatus.IN_PROGRESS,
            new_status=WorkOrderStatus.COMPLETED,
            reason="The coil ran out",
        )
        await harness.publish(event, tenant_id=tenant)
    (told,) = await harness.events(ProductionOrderCompleted, tenant_id=tenant)
    return told.payload.production_order


async def decide(harness: Harness, tenant: UUID, order: ProductionOrder, **over: Any) -> Any:
    (note,) = order.exceptions
    values = {"code": note.code, "path": note.path, "reason": "Agreed by phone"}
    request = ResolveException.model_validate(
        {"production_order_id": order.id, "expected_version": order.version, **values, **over}
    )
    endpoint = planning.RESOLVE_PRODUCTION_ORDER_EXCEPTION
    return await harness.ask(endpoint, request, tenant_id=tenant)


async def orders(harness: Harness, tenant: UUID) -> list[ProductionOrder]:
    answer = await harness.ask(
        planning.LIST_PRODUCTION_ORDERS, ListProductionOrders(), tenant_id=tenant
    )
    return sorted(answer.body.items, key=lambda order: order.id)


async def test_the_order_ends_with_what_was_made_and_names_what_is_missing(
    harness: Harness, make_expansion: Any, make_work_order: Any
) -> None:
    tenant = harness.new_tenant()
    order = await ended_short(harness, tenant, make_expansion, make_work_order)
    assert order.quantity_completed == 9_990
    (note,) = order.exceptions
    assert note.facts == {"ordered": "10000", "completed": "9990", "short_by": "10", "unit": "EA"}
    accepted = await decide(harness, tenant, order, decision="accept")
    assert (accepted.status, accepted.body.exceptions) == (200, ())
    assert len(await orders(harness, tenant)) == 1


@pytest.mark.parametrize(
    ("over", "due_date"),
    [
        ({"decision": "top_up"}, builders.DUE_ON.isoformat()),
        ({"decision": "reschedule", "due_date": "2027-02-01"}, "2027-02-01"),
    ],
    ids=["topped up", "rescheduled"],
)
async def test_what_is_missing_gets_an_order_of_its_own(
    harness: Harness,
    make_expansion: Any,
    make_work_order: Any,
    over: dict[str, str],
    due_date: str,
) -> None:
    tenant = harness.new_tenant()
    order = await ended_short(harness, tenant, make_expansion, make_work_order)
    decided = await decide(harness, tenant, order, **over)
    assert decided.status == 200, decided.body
    first, second = await orders(harness, tenant)
    assert (first.status, first.exceptions) == ("completed", ())
    assert second.quantity_ordered == 10
    assert second.project_id == order.project_id
    assert second.status is ProductionOrderStatus.PLANNED
    assert (second.due_date.isoformat(), second.sales_order_id) == (due_date, order.sales_order_id)
    again = await decide(harness, tenant, order, **over)
    assert again.status == 412
    assert len(await orders(harness, tenant)) == 2


async def test_a_refused_decision_makes_no_order(
    harness: Harness, make_expansion: Any, make_work_order: Any
) -> None:
    tenant = harness.new_tenant()
    order = await ended_short(harness, tenant, make_expansion, make_work_order)
    refused = await decide(harness, tenant, order, decision="reschedule")
    assert [fault.path for fault in refused.problem.faults] == ["due_date"]
    (only,) = await orders(harness, tenant)
    assert [note.code for note in only.exceptions] == ["short_by"]
