from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import sales
from lineside_contracts.predictions import (
    DeliveryPrediction,
    DeliveryPredictionUpdated,
    PredictedOrder,
)
from lineside_contracts.sales import (
    GetSalesOrder,
    SalesOrder,
    SalesOrderAccepted,
    SubmitSalesDocument,
)
from lineside_testkit import builders
from lineside_testkit.harness import Harness

DUE_ON = date(2099, 12, 15)


async def submit(harness: Harness, tenant_id: UUID, **over: Any) -> UUID:
    line = {"product_code": builders.BROCHURE, "quantity": "10", "unit": "EA", "due_date": DUE_ON}
    fields = {
        "order_number": "SO-1",
        "confirmed_at": datetime(2026, 11, 20, tzinfo=UTC),
        "customer": {"code": "C-1"},
        "lines": [{"line_number": 1, **line}, {"line_number": 2, **line}],
    }
    text = sales.SalesDocument.model_validate(fields | over).model_dump_json()
    answer = await harness.ask(
        sales.SUBMIT_SALES_DOCUMENT, SubmitSalesDocument(document=text), tenant_id=tenant_id
    )
    found: UUID = answer.body.sales_order_id
    return found


def prediction(sales_order_id: UUID, *p80_dates: date, version: int = 1) -> DeliveryPrediction:
    orders = tuple(
        PredictedOrder(
            production_order_id=SYSTEM_CLOCK.new_id(),
            production_order_number="MO-1",
            sales_order_id=sales_order_id,
            status="open",
            due_date=DUE_ON,
            quantity=Decimal(10),
            remaining_work_minutes=Decimal(10),
            p50_date=day,
            p80_date=day,
            p95_date=day,
        )
        for day in p80_dates
    )
    day = max(p80_dates)
    return DeliveryPrediction(
        id=sales_order_id,
        version=version,
        project_number="SO-1",
        project_name="SO-1",
        predicted_date=day,
        p50_date=day,
        p80_date=day,
        p95_date=day,
        confidence="low",
        requested_date=DUE_ON,
        days_late=0,
        remaining_work_minutes=Decimal(10),
        orders=orders,
        factors=(),
        calculated_at=datetime(2026, 11, 20, tzinfo=UTC),
        calculated_by="standard times",
    )


async def predict(harness: Harness, tenant_id: UUID, made: DeliveryPrediction) -> None:
    event = DeliveryPredictionUpdated(delivery_prediction=made)
    await harness.publish(event, tenant_id=tenant_id)
    await harness.settle()


async def accepted(harness: Harness, tenant_id: UUID, count: int) -> list[SalesOrder]:
    said = await harness.events(SalesOrderAccepted, tenant_id=tenant_id, count=count)
    return [event.payload.sales_order for event in said]


async def test_an_order_is_promised_once_when_all_its_lines_are_predicted(
    harness: Harness, shop: UUID
) -> None:
    order_id = await submit(harness, shop)
    early, late = date(2099, 12, 1), date(2099, 12, 20)
    await predict(harness, shop, prediction(order_id, early))
    assert await accepted(harness, shop, 0) == []
    await predict(harness, shop, prediction(order_id, early, late, version=2))
    await predict(harness, shop, prediction(order_id, early, early, version=3))
    (told,) = await accepted(harness, shop, 1)
    assert (told.promised_date, told.version, told.revision) == (late, 2, 1)
    request = GetSalesOrder(sales_order_id=order_id)
    assert (await harness.ask(sales.GET_SALES_ORDER, request, tenant_id=shop)).body == told


async def test_the_requested_date_is_promised_where_it_can_be_kept(
    harness: Harness, shop: UUID
) -> None:
    order_id = await submit(harness, shop)
    await predict(harness, shop, prediction(order_id, date(2099, 12, 1), date(2099, 12, 2)))
    (told,) = await accepted(harness, shop, 1)
    assert told.promised_date == DUE_ON


async def test_every_revision_is_promised_anew(harness: Harness, shop: UUID) -> None:
    order_id = await submit(harness, shop)
    late = date(2099, 12, 20)
    await predict(harness, shop, prediction(order_id, late, late))
    await submit(harness, shop, revision=2, currency="EUR")
    first, second = await accepted(harness, shop, 2)
    assert (first.version, second.version, second.revision) == (2, 4, 2)
    assert second.promised_date == late
    line = {"product_code": builders.BROCHURE, "quantity": "9", "unit": "EA", "due_date": DUE_ON}
    await submit(harness, shop, revision=3, lines=[{"line_number": 1, **line}])
    request = GetSalesOrder(sales_order_id=order_id)
    found = (await harness.ask(sales.GET_SALES_ORDER, request, tenant_id=shop)).body
    assert found.promised_date is None
    await predict(harness, shop, prediction(order_id, date(2099, 12, 1), version=2))
    third = (await accepted(harness, shop, 3))[-1]
    assert (third.revision, third.promised_date) == (3, DUE_ON)


async def test_a_cancelled_order_is_promised_nothing(harness: Harness, shop: UUID) -> None:
    order_id = await submit(harness, shop)
    cancel = SubmitSalesDocument(document='{"order_number": "SO-1", "event": "cancelled"}')
    await harness.ask(sales.SUBMIT_SALES_DOCUMENT, cancel, tenant_id=shop)
    await predict(harness, shop, prediction(order_id, DUE_ON, DUE_ON))
    assert await accepted(harness, shop, 0) == []
