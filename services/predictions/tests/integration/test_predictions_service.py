"""Predictions on real servers: first answer, cancellations, progress, repeats and disorder."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import predictions as contract
from lineside_contracts.planning import (
    ProductionOrder,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderStatus,
)
from lineside_contracts.predictions import DeliveryPredictionUpdated
from lineside_contracts.routing import Expansion, ExpansionOrder, ProductionRun, RoutingExpanded
from lineside_contracts.values import Actor, OperationType, Priority
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
ACTOR = Actor(id="x", name="x")


@pytest.fixture(scope="module")
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(lineside_servers, services=["predictions"]) as started:
        yield started


def run(sequence_number: int, minutes: int) -> ProductionRun:
    return ProductionRun(
        id=SYSTEM_CLOCK.new_id(),
        sequence_number=sequence_number,
        operation_code="PRINT",
        operation_name="Print",
        operation_type=OperationType.FABRICATION,
        work_center_code="PRESS",
        plant_code="P1",
        unit_code="EA",
        unit_decimals=0,
        units_per_product=1,
        yield_percentage=Decimal(100),
        planned_input=Decimal(100),
        planned_output=Decimal(100),
        planned_scrap=Decimal(0),
        setup_minutes=Decimal(10),
        run_minutes=Decimal(minutes),
        run_seconds_per_unit=Decimal(60),
        predecessor_sequence_numbers=(sequence_number - 10,) if sequence_number > 10 else (),
    )


def expanded(
    project_id: UUID, *, order_id: UUID | None = None, version: int = 1, minutes: int = 480
) -> RoutingExpanded:
    order_id = order_id or SYSTEM_CLOCK.new_id()
    return RoutingExpanded(
        expansion=Expansion(
            id=order_id,
            version=version,
            order=ExpansionOrder(
                production_order_id=order_id,
                production_order_number="MO-2026-000001",
                planning_version=version,
                project_id=project_id,
                project_number=f"P-{project_id}",
                project_name="Project",
                product_code="A",
                quantity=Decimal(100),
                unit_code="EA",
                priority=Priority.MEDIUM,
                due_date=date(2026, 12, 15),
            ),
            plant_code="P1",
            runs=(run(10, minutes), run(20, minutes)),
        )
    )


def order_state(
    event: RoutingExpanded, *, version: int, status: ProductionOrderStatus, due_date: date
) -> ProductionOrder:
    facts = event.expansion.order
    return ProductionOrder(
        id=event.expansion.id,
        version=version,
        production_order_number=facts.production_order_number,
        status=status,
        project_id=facts.project_id,
        project_number=facts.project_number,
        project_name=facts.project_name,
        product_code="A",
        quantity_ordered=facts.quantity,
        unit_code="EA",
        unit_decimals=0,
        priority=Priority.MEDIUM,
        due_date=due_date,
        created_at=NOW,
        created_by=ACTOR,
        updated_at=NOW,
        updated_by=ACTOR,
    )


async def test_an_expanded_order_gets_its_project_a_date(harness: Harness) -> None:
    tenant, project = harness.new_tenant(), SYSTEM_CLOCK.new_id()
    cause = await harness.publish(expanded(project), tenant_id=tenant)
    (said,) = await harness.events(DeliveryPredictionUpdated, tenant_id=tenant, count=1)
    made = said.payload.delivery_prediction
    assert made.id == project
    assert made.version == 1
    assert made.remaining_work_minutes == Decimal(980)
    assert made.p50_date <= made.p80_date <= made.p95_date
    assert said.envelope.correlation_id == cause.correlation_id
    assert said.envelope.causation_id == cause.event_id
    answer = await harness.ask(
        contract.GET_DELIVERY_PREDICTION,
        contract.GetDeliveryPrediction(project_id=project),
        tenant_id=tenant,
    )
    assert answer.body == made


async def test_another_tenant_sees_no_prediction(harness: Harness) -> None:
    tenant, project = harness.new_tenant(), SYSTEM_CLOCK.new_id()
    await harness.publish(expanded(project), tenant_id=tenant)
    await harness.events(DeliveryPredictionUpdated, tenant_id=tenant, count=1)
    answer = await harness.ask(
        contract.GET_DELIVERY_PREDICTION,
        contract.GetDeliveryPrediction(project_id=project),
        tenant_id=harness.new_tenant(),
    )
    assert answer.status == 404


async def test_the_same_and_older_expansions_again_change_nothing(harness: Harness) -> None:
    tenant, project = harness.new_tenant(), SYSTEM_CLOCK.new_id()
    newer = expanded(project, version=2, minutes=4800)
    older = expanded(project, order_id=newer.expansion.id, version=1)
    await harness.publish(newer, tenant_id=tenant)
    (first,) = await harness.events(DeliveryPredictionUpdated, tenant_id=tenant, count=1)
    await harness.publish(older, tenant_id=tenant)
    await harness.publish(newer, tenant_id=tenant)
    other = await harness.publish(expanded(project), tenant_id=tenant)
    said = await harness.events(DeliveryPredictionUpdated, tenant_id=tenant, count=2)
    assert [event.payload.delivery_prediction.version for event in said] == [1, 2]
    assert said[0] == first
    assert said[1].envelope.causation_id == other.event_id
    assert len(said[1].payload.delivery_prediction.orders) == 2


async def test_a_cancel_that_comes_first_keeps_the_order_out(harness: Harness) -> None:
    tenant, project = harness.new_tenant(), SYSTEM_CLOCK.new_id()
    called_off, kept = expanded(project, minutes=9000), expanded(project)
    state = order_state(
        called_off,
        version=5,
        status=ProductionOrderStatus.CANCELLED,
        due_date=date(2026, 12, 15),
    )
    await harness.publish(ProductionOrderCancelled(production_order=state), tenant_id=tenant)
    await harness.publish(called_off, tenant_id=tenant)
    await harness.publish(kept, tenant_id=tenant)
    (said,) = await harness.events(DeliveryPredictionUpdated, tenant_id=tenant, count=1)
    orders = said.payload.delivery_prediction.orders
    assert [order.production_order_id for order in orders] == [kept.expansion.id]


async def test_a_new_due_date_is_news(harness: Harness) -> None:
    tenant, project = harness.new_tenant(), SYSTEM_CLOCK.new_id()
    event = expanded(project)
    await harness.publish(event, tenant_id=tenant)
    await harness.events(DeliveryPredictionUpdated, tenant_id=tenant, count=1)
    state = order_state(
        event, version=3, status=ProductionOrderStatus.ROUTED, due_date=date(2026, 12, 1)
    )
    await harness.publish(
        ProductionOrderChanged(production_order=state, changed_fields=("due_date",)),
        tenant_id=tenant,
    )
    said = await harness.events(DeliveryPredictionUpdated, tenant_id=tenant, count=2)
    assert said[1].payload.delivery_prediction.requested_date == date(2026, 12, 1)


async def test_many_orders_of_one_project_at_once_are_all_counted(harness: Harness) -> None:
    tenant, project = harness.new_tenant(), SYSTEM_CLOCK.new_id()
    for _ in range(50):
        await harness.publish(expanded(project), tenant_id=tenant)
    await harness.settle()
    answer = await harness.ask(
        contract.GET_DELIVERY_PREDICTION,
        contract.GetDeliveryPrediction(project_id=project),
        tenant_id=tenant,
    )
    assert len(answer.body.orders) == 50


async def test_predictions_are_listed_page_by_page(harness: Harness) -> None:
    tenant = harness.new_tenant()
    for _ in range(3):
        await harness.publish(expanded(SYSTEM_CLOCK.new_id()), tenant_id=tenant)
    await harness.events(DeliveryPredictionUpdated, tenant_id=tenant, count=3)
    request = contract.ListDeliveryPredictions(limit=2)
    first = await harness.ask(contract.LIST_DELIVERY_PREDICTIONS, request, tenant_id=tenant)
    second = await harness.ask(
        contract.LIST_DELIVERY_PREDICTIONS,
        request.model_copy(update={"cursor": first.body.next_cursor}),
        tenant_id=tenant,
    )
    numbers = [each.project_number for page in (first, second) for each in page.body.items]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 3
    assert second.body.next_cursor is None
