import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from lineside_chassis import metrics
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.ingress import IngressMessage, RawItem
from lineside_chassis.unit_of_work import Context
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.planning import ProductionOrderCompleted
from lineside_contracts.predictions import (
    DeliveryPrediction,
    DeliveryPredictionUpdated,
    PredictedOrder,
)
from lineside_sales_bridge.handlers import ingress, outcomes
from lineside_testkit import builders
from lineside_testkit.harness import Harness

SERVICE = "sales-bridge-measured"


@pytest.fixture
async def database(harness: Harness) -> AsyncIterator[Database]:
    await harness.client()
    url = harness.installation.database("sales-bridge").urls["app"]
    database = Database(url, service=SERVICE)
    await database.probe()
    yield database
    await database.close()


@pytest.fixture
def statements() -> Callable[[], float]:
    counter = metrics.STATEMENTS.labels(SERVICE)
    return lambda: float(counter._value.get())  # noqa: SLF001


def item(tenant_id: UUID, number: int, *, revision: int = 1) -> RawItem:
    line = {
        "line_number": 1,
        "product_code": builders.BROCHURE,
        "quantity": "10",
        "unit": "EA",
        "due_date": "2099-12-15",
    }
    document = {
        "order_number": f"SO-{number}",
        "revision": revision,
        "confirmed_at": "2026-11-20T08:00:00Z",
        "customer": {"code": "C-1"},
        "lines": [line],
    }
    message = IngressMessage(
        subject=f"sales.order.confirmed.{tenant_id}",
        headers={},
        body=json.dumps(document).encode(),
        stream_sequence=number,
        delivered_count=1,
        age_seconds=0.0,
    )
    found = ingress.classify(message)
    assert isinstance(found, RawItem)
    return found


async def take(database: Database, tenant_id: UUID, items: list[RawItem]) -> None:
    context = Context(tenant_id=tenant_id, correlation_id=SYSTEM_CLOCK.new_id())
    keys = [each.message_key for each in items]
    async with database.consuming(context, consumer="measured", event_ids=keys) as (uow, _new):
        await ingress.handle(uow, items)


@pytest.mark.parametrize("count", [1, 200])
async def test_a_batch_of_orders_costs_six_statements_whatever_its_size(
    database: Database, shop: UUID, statements: Callable[[], float], count: int
) -> None:
    before = statements()
    await take(database, shop, [item(shop, number) for number in range(count)])
    assert statements() - before == 6
    before = statements()
    await take(database, shop, [item(shop, number, revision=2) for number in range(count)])
    assert statements() - before == 6


@pytest.mark.parametrize("count", [1, 200])
async def test_a_batch_of_promises_costs_five_statements_whatever_its_size(
    harness: Harness,
    database: Database,
    shop: UUID,
    statements: Callable[[], float],
    count: int,
) -> None:
    await take(database, shop, [item(shop, number) for number in range(count)])
    query = "SELECT id FROM sales_orders"
    found = await harness.sql("sales-bridge", query, tenant_id=shop)
    events = [predicted(shop, row["id"]) for row in found]
    before = statements()
    context = Context(tenant_id=shop, correlation_id=SYSTEM_CLOCK.new_id())
    keys = [event.envelope.event_id for event in events]
    async with database.consuming(context, consumer="measured", event_ids=keys) as (uow, _new):
        await outcomes.on_delivery_prediction_updated(uow, events)
    assert statements() - before == 5
    query = "SELECT count(*) FROM sales_orders WHERE promised_date IS NOT NULL"
    (promised,) = await harness.sql("sales-bridge", query, tenant_id=shop)
    assert promised == {"count": count}


@pytest.mark.parametrize("count", [1, 200])
async def test_a_batch_of_endings_costs_seven_statements_whatever_its_size(
    harness: Harness,
    database: Database,
    shop: UUID,
    statements: Callable[[], float],
    count: int,
) -> None:
    await take(database, shop, [item(shop, number) for number in range(count)])
    query = "SELECT id FROM sales_orders"
    found = await harness.sql("sales-bridge", query, tenant_id=shop)
    events = [completed(shop, row["id"]) for row in found]
    before = statements()
    context = Context(tenant_id=shop, correlation_id=SYSTEM_CLOCK.new_id())
    keys = [event.envelope.event_id for event in events]
    async with database.consuming(context, consumer="measured", event_ids=keys) as (uow, _new):
        await outcomes.on_production_orders_ended(uow, events)
    assert statements() - before == 7
    query = "SELECT count(*) FROM sales_orders WHERE status = 'fulfilled'"
    (fulfilled,) = await harness.sql("sales-bridge", query, tenant_id=shop)
    assert fulfilled == {"count": count}


def completed(tenant_id: UUID, sales_order_id: UUID) -> Received[ProductionOrderCompleted]:
    state = builders.production_order(
        sales_order_id=sales_order_id, status="completed", quantity_completed=Decimal(10)
    )
    about = Envelope(
        event_id=SYSTEM_CLOCK.new_id(),
        event_type=ProductionOrderCompleted.EVENT.wire_name,
        tenant_id=tenant_id,
        aggregate_id=state.id,
        aggregate_version=state.version,
        occurred_at=state.updated_at,
        source="test",
        correlation_id=SYSTEM_CLOCK.new_id(),
    )
    return Received(about, ProductionOrderCompleted(production_order=state))


def predicted(tenant_id: UUID, sales_order_id: UUID) -> Received[DeliveryPredictionUpdated]:
    day = date(2099, 12, 1)
    order = PredictedOrder(
        production_order_id=SYSTEM_CLOCK.new_id(),
        production_order_number="MO-1",
        sales_order_id=sales_order_id,
        status="open",
        due_date=day,
        quantity=Decimal(10),
        remaining_work_minutes=Decimal(10),
        p50_date=day,
        p80_date=day,
        p95_date=day,
    )
    made = DeliveryPrediction(
        id=SYSTEM_CLOCK.new_id(),
        version=1,
        project_number="P",
        project_name="P",
        predicted_date=day,
        p50_date=day,
        p80_date=day,
        p95_date=day,
        confidence="low",
        requested_date=day,
        days_late=0,
        remaining_work_minutes=Decimal(10),
        orders=(order,),
        factors=(),
        calculated_at=datetime(2026, 11, 20, tzinfo=UTC),
        calculated_by="standard times",
    )
    about = Envelope(
        event_id=SYSTEM_CLOCK.new_id(),
        event_type=DeliveryPredictionUpdated.EVENT.wire_name,
        tenant_id=tenant_id,
        aggregate_id=made.id,
        aggregate_version=1,
        occurred_at=made.calculated_at,
        source="test",
        correlation_id=SYSTEM_CLOCK.new_id(),
    )
    return Received(about, DeliveryPredictionUpdated(delivery_prediction=made))
