"""Costs on real servers: estimated when planned, moving with the floor, settled at the end."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.planning import (
    GetProductionCost,
    ListProductionCosts,
    MaterialConsumed,
    MaterialPlan,
    MaterialPlanned,
    MaterialRequirement,
    ProductFields,
    ProductionCost,
    ProductionCostEstimated,
    ProductionOrder,
    ProductionOrderCompleted,
    ProductionOrderCreated,
    ProductionOrderStatus as Status,
    Receipt,
    ReceiptChanged,
    VariancesSettled,
    WipChanged,
)
from lineside_contracts.problems import ProblemCode
from lineside_contracts.routing import RoutingExpanded, WorkCenterChanged
from lineside_contracts.shopfloor import OperationTotals, ProductionLogRecorded, WorkOrderLog
from lineside_testkit import builders
from lineside_testkit.harness import Harness

PAPER = "PAPER-A3"
OUTPUT = Decimal(100)


async def rates(harness: Harness, tenant: UUID) -> None:
    """A press at 60 an hour, 12 overhead, 30 a person; paper at 0.05."""
    press = builders.work_center(hourly_rate="60", overhead_rate="12")
    await harness.publish(WorkCenterChanged(work_center=press), tenant_id=tenant)
    paper = ProductFields(
        product_code=PAPER, product_name="Paper", make_or_buy="buy", standard_cost=Decimal("0.05")
    )
    operator = planning.LabourRateFields(
        role_code="operator", role_name="Operator", hourly_rate=Decimal(30)
    )
    for endpoint, fields in (
        (planning.PRODUCTS.create, paper),
        (planning.LABOUR_RATES.create, operator),
    ):
        answer = await harness.ask(endpoint, fields, tenant_id=tenant)
        assert answer.status == 201, answer.body
    await harness.settle()


def plan_of(order: ProductionOrder, requirement_id: UUID, **over: Any) -> MaterialPlan:
    requirement = MaterialRequirement(
        id=requirement_id,
        component_code=PAPER,
        plant_code=builders.PLANT,
        unit_code="EA",
        unit_decimals=0,
        sequence_number=10,
        make_or_buy="buy",
        needed_quantity=OUTPUT,
        needed_on=order.due_date,
        needed_at=builders.AT,
        exact_quantity=OUTPUT,
    )
    values = {
        "id": order.id,
        "version": 50,  # above whatever the materials package says of this order itself
        "production_order_number": order.production_order_number,
        "product_code": order.product_code,
        "quantity": order.quantity_ordered,
        "priority": order.priority,
        "due_date": order.due_date,
        "order_status": order.status,
        "planning_version": 1,
        "expansion_version": 1,
        "order_version": 1,
        "status": "covered",
        "requirements": (requirement,),
        "planned_at": builders.AT,
    }
    return MaterialPlan.model_validate(values | over)


def log_of(order: ProductionOrder, version: int, **totals: Any) -> WorkOrderLog:
    operation = OperationTotals(
        operation_id=SYSTEM_CLOCK.new_id(),
        operation_number=10,
        sequence_number=10,
        work_center_code="PRESS",
        **totals,
    )
    return WorkOrderLog(
        id=order.id,
        version=version,
        log_id=SYSTEM_CLOCK.new_id(),
        kind="complete",
        work_order_number="WO-2026-000001",
        production_order_id=order.id,
        operations=(operation,),
        happened_at=builders.AT,
        logged_at=builders.AT,
        logged_by=builders.ACTOR,
    )


async def estimated(
    harness: Harness, tenant: UUID, make_expansion: Callable[..., Any]
) -> tuple[ProductionOrder, MaterialPlan, ProductionCost]:
    await rates(harness, tenant)
    order = builders.production_order(quantity_ordered=OUTPUT)
    plan = plan_of(order, SYSTEM_CLOCK.new_id())
    await harness.publish(ProductionOrderCreated(production_order=order), tenant_id=tenant)
    await harness.publish(RoutingExpanded(expansion=make_expansion(order)), tenant_id=tenant)
    await harness.publish(MaterialPlanned(material_plan=plan), tenant_id=tenant)
    await harness.settle()
    return order, plan, await cost_of(harness, tenant, order)


async def cost_of(harness: Harness, tenant: UUID, order: ProductionOrder) -> ProductionCost:
    question = GetProductionCost(production_order_id=order.id)
    answer = await harness.ask(planning.GET_PRODUCTION_COST, question, tenant_id=tenant)
    assert answer.status == 200, answer.body
    assert isinstance(answer.body, ProductionCost)
    return answer.body


async def test_an_order_is_estimated_worked_on_and_settled(
    harness: Harness, make_expansion: Callable[..., Any]
) -> None:
    tenant = harness.new_tenant()
    order, plan, cost = await estimated(harness, tenant, make_expansion)
    # two runs of 10 minutes at 60, 12 and 30 an hour; 100 sheets at 0.05
    assert cost.estimated.model_dump() == {
        "material": Decimal("5.00"),
        "machine": Decimal("20.00"),
        "labour": Decimal("10.00"),
        "overhead": Decimal("4.00"),
        "total": Decimal("39.00"),
    }
    consumed = MaterialConsumed(
        material_plan=plan.model_copy(update={"version": 51}),
        requirement_id=plan.requirements[0].id,
        component_code=PAPER,
        quantity=Decimal(60),
        unit_code="EA",
        issue_method="backflush",
        happened_at=builders.AT,
    )
    await harness.publish(consumed, tenant_id=tenant)
    worked = log_of(order, 1, good_quantity=50, run_minutes=12, labour_minutes=12)
    await harness.publish(ProductionLogRecorded(production_log=worked), tenant_id=tenant)
    await harness.settle()
    moved = await cost_of(harness, tenant, order)
    # 60 x 0.05 + 12 min x (60 + 12 + 30) / 60
    assert moved.wip_value == Decimal("23.40")
    changes = await harness.events(WipChanged, tenant_id=tenant, count=2)
    assert sum(event.payload.wip_change for event in changes) == moved.wip_value

    done = order.model_copy(
        update={"version": 9, "status": Status.COMPLETED, "quantity_completed": OUTPUT}
    )
    await harness.publish(ProductionOrderCompleted(production_order=done), tenant_id=tenant)
    (settled,) = await harness.events(VariancesSettled, tenant_id=tenant)
    final = settled.payload.production_cost
    assert (final.is_settled, str(final.wip_value)) == (True, "0")
    explained = sum(variance.amount for variance in final.variances)
    assert explained == final.actual.total - final.delivered_value


async def test_the_same_news_twice_and_late_costs_once(
    harness: Harness, make_expansion: Callable[..., Any]
) -> None:
    tenant = harness.new_tenant()
    order, _, before = await estimated(harness, tenant, make_expansion)
    newest = log_of(order, 3, good_quantity=80, run_minutes=30, labour_minutes=30)
    older = log_of(order, 2, good_quantity=10, run_minutes=5, labour_minutes=5)
    for log in (newest, older, newest):
        await harness.publish(ProductionLogRecorded(production_log=log), tenant_id=tenant)
    await harness.settle()
    after = await cost_of(harness, tenant, order)
    assert after.actual.machine == Decimal("30.00")
    assert after.version == before.version + 1
    said = await harness.events(ProductionCostEstimated, tenant_id=tenant)
    assert len(said) == 1


async def test_what_parts_were_bought_at_is_the_price_variance(
    harness: Harness, make_expansion: Callable[..., Any]
) -> None:
    tenant = harness.new_tenant()
    order, plan, _ = await estimated(harness, tenant, make_expansion)
    receipt = Receipt(
        id=SYSTEM_CLOCK.new_id(),
        version=2,
        receipt_number="PO-1",
        product_code=PAPER,
        plant_code=builders.PLANT,
        unit_code="EA",
        quantity=Decimal(1000),
        quantity_received=Decimal(1000),
        expected_on=order.due_date,
        status="received",
        unit_cost=Decimal("0.07"),
        created_at=builders.AT,
        created_by=builders.ACTOR,
        updated_at=builders.AT,
        updated_by=builders.ACTOR,
    )
    for _again in range(2):
        await harness.publish(ReceiptChanged(receipt=receipt), tenant_id=tenant)
    await harness.settle()
    consumed = MaterialConsumed(
        material_plan=plan.model_copy(update={"version": 51}),
        requirement_id=plan.requirements[0].id,
        component_code=PAPER,
        quantity=OUTPUT,
        unit_code="EA",
        issue_method="pick",
        happened_at=builders.AT,
    )
    await harness.publish(consumed, tenant_id=tenant)
    done = order.model_copy(
        update={"version": 9, "status": Status.COMPLETED, "quantity_completed": OUTPUT}
    )
    await harness.publish(ProductionOrderCompleted(production_order=done), tenant_id=tenant)
    await harness.settle()
    cost = await cost_of(harness, tenant, order)
    amounts = {variance.kind: variance.amount for variance in cost.variances}
    assert amounts["price"] == Decimal("2.00")


async def test_costs_of_other_plants_and_unknown_orders_are_not_shown(
    harness: Harness, make_expansion: Callable[..., Any]
) -> None:
    tenant = harness.new_tenant()
    order, *_ = await estimated(harness, tenant, make_expansion)
    question = GetProductionCost(production_order_id=order.id)
    elsewhere = frozenset({"ELSEWHERE"})
    answer = await harness.ask(
        planning.GET_PRODUCTION_COST, question, tenant_id=tenant, plants=elsewhere
    )
    assert answer.problem.code is ProblemCode.PLANT_FORBIDDEN
    page = await harness.ask(
        planning.LIST_PRODUCTION_COSTS,
        ListProductionCosts(),
        tenant_id=tenant,
        plants=elsewhere,
    )
    assert page.body.items == ()
    unknown = GetProductionCost(production_order_id=SYSTEM_CLOCK.new_id())
    answer = await harness.ask(planning.GET_PRODUCTION_COST, unknown, tenant_id=tenant)
    assert answer.problem.code is ProblemCode.NOT_FOUND
