"""Capacity from the stream: events in, answers out, requests answered, places that change late."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.planning import (
    AskPromise,
    CapacityChecked,
    GetWorkCenterLoad,
    OfOrder,
)
from lineside_contracts.routing import (
    RoutingExpanded,
    RoutingTemplateActivated,
    WorkCenterChanged,
)
from lineside_contracts.shopfloor import Lane, LaneChanged, PlantChanged
from lineside_testkit import builders
from lineside_testkit.harness import Harness

TODAY = SYSTEM_CLOCK.now().date()


def order_of(**over: Any) -> Any:
    due = TODAY + timedelta(days=30)
    return builders.production_order(**({"id": SYSTEM_CLOCK.new_id(), "due_date": due} | over))


async def checked(harness: Harness, tenant: UUID, count: int) -> list[Any]:
    found = await harness.events(CapacityChecked, tenant_id=tenant, count=count)
    return [event.payload.capacity_plan for event in found]


async def test_an_expanded_order_is_answered_and_can_be_asked_about(
    harness: Harness, make_expansion: Any
) -> None:
    tenant, order = harness.new_tenant(), order_of()
    center = builders.work_center(work_center_code="PRESS")
    await harness.publish(PlantChanged(plant=builders.plant()), tenant_id=tenant)
    await harness.publish(WorkCenterChanged(work_center=center), tenant_id=tenant)
    await harness.settle()
    event_id = SYSTEM_CLOCK.new_id()
    for _ in range(2):
        await harness.publish(
            RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant, event_id=event_id
        )
    (answer,) = await checked(harness, tenant, 1)
    assert (answer.id, answer.is_feasible) == (order.id, True)
    asked = OfOrder(production_order_id=order.id)
    for endpoint in (planning.GET_CAPACITY, planning.GET_LEAD_TIME, planning.GET_ORDER_PROMISE):
        found: Any = await harness.ask(endpoint, asked, tenant_id=tenant)
        assert found.status == 200, found.body
    load = await harness.ask(
        planning.GET_WORK_CENTER_LOAD,
        GetWorkCenterLoad(work_center_code="PRESS", to_date=order.due_date),
        tenant_id=tenant,
    )
    assert sum(share.minutes for day in load.body.days for share in day.orders) == 20
    assert len(await checked(harness, tenant, 1)) == 1


async def test_lanes_decide_how_much_a_work_center_can_take(
    harness: Harness, make_expansion: Any, make_run: Any
) -> None:
    tenant, order = harness.new_tenant(), order_of()
    await harness.publish(PlantChanged(plant=builders.plant()), tenant_id=tenant)
    center = builders.work_center(work_center_code="PRESS", parallel_units=4)
    await harness.publish(WorkCenterChanged(work_center=center), tenant_id=tenant)
    await harness.settle()
    runs = (make_run(10, run_minutes=600),)
    await harness.publish(
        RoutingExpanded(expansion=make_expansion(order, runs=runs)), tenant_id=tenant
    )
    (first,) = await checked(harness, tenant, 1)
    assert first.is_feasible
    await harness.settle()
    told = len(await checked(harness, tenant, 0))
    lane = planning_lane(is_active=False)
    await harness.publish(LaneChanged(lane=lane), tenant_id=tenant)
    *_, last = await checked(harness, tenant, told + 1)
    assert not last.is_feasible
    assert "no_capacity" in {fault.code for fault in last.reasons}


def planning_lane(**over: Any) -> Any:
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "version": 1,
        "lane_number": "L-1",
        "lane_name": "Lane 1",
        "plant_code": builders.PLANT,
        "lane_type": "fabrication",
        "work_center_code": "PRESS",
        "created_at": builders.AT,
        "created_by": builders.ACTOR,
        "updated_at": builders.AT,
        "updated_by": builders.ACTOR,
    }
    return Lane.model_validate(values | over)


async def test_a_promise_is_asked_over_the_wire(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await harness.publish(PlantChanged(plant=builders.plant()), tenant_id=tenant)
    operation = {
        "sequence_number": 10,
        "operation_code": "PRINT",
        "planned_work_center_code": "PRESS",
        "planned_setup_minutes": 30,
        "planned_run_seconds_per_unit": 1,
    }
    template = builders.routing(
        product_code=builders.BROCHURE, status="active", operations=(operation,)
    )
    await harness.publish(RoutingTemplateActivated(routing_template=template), tenant_id=tenant)
    await harness.ask(planning.PRODUCTS.create, builders.product_fields(), tenant_id=tenant)
    await harness.settle()
    asked = AskPromise(product_code=builders.BROCHURE, quantity=3600, requested_date=TODAY)
    answer = await harness.ask(planning.ASK_PROMISE, asked, tenant_id=tenant)
    assert answer.status == 200, answer.body
    promise = answer.body
    assert promise.earliest_date >= TODAY
    assert [run.required_minutes for run in promise.runs] == [90]
    unknown = AskPromise(product_code="NOBODY-KNOWS", quantity=1)
    refused = await harness.ask(planning.ASK_PROMISE, unknown, tenant_id=tenant)
    assert refused.status == 404
