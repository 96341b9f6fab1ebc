from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import sales
from lineside_contracts.planning import (
    CalendarChanged,
    ProductionOrderCancelled,
    ProductionOrderCompleted,
)
from lineside_contracts.predictions import (
    DeliveryPrediction,
    DeliveryPredictionUpdated,
    PredictedOrder,
)
from lineside_contracts.sales import (
    GetSalesOrder,
    SalesOrder,
    SalesOrderAccepted,
    SalesOrderFulfilled,
    SalesOrderPromiseChanged,
    SubmitSalesDocument,
)
from lineside_contracts.shopfloor import PlantChanged
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
    early, late = date(2099, 12, 1), date(2099, 12, 18)
    await predict(harness, shop, prediction(order_id, early))
    assert await accepted(harness, shop, 0) == []
    await predict(harness, shop, prediction(order_id, early, late, version=2))
    await predict(harness, shop, prediction(order_id, early, late, version=3))
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
    late = date(2099, 12, 18)
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


async def test_a_promise_moves_when_the_prediction_crosses_it_and_never_back_by_an_older_one(
    harness: Harness, shop: UUID
) -> None:
    order_id = await submit(harness, shop)
    await predict(harness, shop, prediction(order_id, DUE_ON, DUE_ON))
    await predict(harness, shop, prediction(order_id, DUE_ON, date(2099, 12, 18), version=4))
    await predict(harness, shop, prediction(order_id, DUE_ON, date(2099, 12, 22), version=3))
    await predict(harness, shop, prediction(order_id, DUE_ON, date(2099, 12, 19), version=5))
    (moved,) = await harness.events(SalesOrderPromiseChanged, tenant_id=shop)
    state = moved.payload.sales_order
    assert (moved.payload.previous_promised_date, state.promised_date) == (
        DUE_ON,
        date(2099, 12, 18),
    )
    assert "later than the 2099-12-15" in moved.payload.reason
    request = GetSalesOrder(sales_order_id=order_id)
    assert (await harness.ask(sales.GET_SALES_ORDER, request, tenant_id=shop)).body == state
    assert len(await accepted(harness, shop, 1)) == 1


async def test_a_promise_is_a_day_on_which_the_plant_works(harness: Harness, shop: UUID) -> None:
    shifts = [{"name": "weekend", "weekdays": [5, 6], "start": "08:00", "end": "16:00"}]
    calendar = builders.calendar(calendar_code="WEEKEND", shifts=shifts)
    plant = builders.plant(version=2, calendar_code="WEEKEND")
    await harness.publish(CalendarChanged(calendar=calendar), tenant_id=shop)
    await harness.publish(PlantChanged(plant=plant), tenant_id=shop)
    await harness.settle()
    order_id = await submit(harness, shop)
    await predict(harness, shop, prediction(order_id, DUE_ON, date(2099, 12, 17)))
    (told,) = await accepted(harness, shop, 1)
    assert told.promised_date == date(2099, 12, 19)


async def complete(
    harness: Harness, tenant_id: UUID, order_id: UUID, line_number: int, **over: Any
) -> None:
    values = {
        "sales_order_id": order_id,
        "sales_line_number": line_number,
        "quantity_completed": Decimal(10),
        "status": "completed",
        "version": 7,
    }
    state = builders.production_order(**(values | over))
    ended = ProductionOrderCancelled if state.status == "cancelled" else ProductionOrderCompleted
    await harness.publish(ended(production_order=state), tenant_id=tenant_id)


async def fulfilled(harness: Harness, tenant_id: UUID, count: int) -> list[SalesOrder]:
    await harness.settle()
    said = await harness.events(SalesOrderFulfilled, tenant_id=tenant_id, count=count)
    return [event.payload.sales_order for event in said]


async def test_an_order_is_fulfilled_once_when_its_last_line_is_made(
    harness: Harness, shop: UUID
) -> None:
    order_id = await submit(harness, shop)
    await complete(harness, shop, order_id, 1)
    assert await fulfilled(harness, shop, 0) == []
    await complete(harness, shop, order_id, 2, quantity_completed=Decimal(9))
    assert await fulfilled(harness, shop, 0) == []
    await complete(harness, shop, order_id, 2, quantity_completed=Decimal(1))
    await complete(harness, shop, order_id, 2, quantity_completed=Decimal(1))
    (told,) = await fulfilled(harness, shop, 1)
    assert (told.id, told.status, told.version) == (order_id, "fulfilled", 2)
    await submit(harness, shop, revision=2, currency="EUR")
    request = GetSalesOrder(sales_order_id=order_id)
    found = (await harness.ask(sales.GET_SALES_ORDER, request, tenant_id=shop)).body
    assert (found.status, found.revision) == ("fulfilled", 2)


async def test_an_order_whose_last_open_line_is_taken_off_is_fulfilled(
    harness: Harness, shop: UUID
) -> None:
    order_id = await submit(harness, shop)
    await complete(harness, shop, order_id, 1)
    line = {"product_code": builders.BROCHURE, "quantity": "10", "unit": "EA", "due_date": DUE_ON}
    await submit(harness, shop, revision=2, lines=[{"line_number": 1, **line}])
    await complete(harness, shop, order_id, 2, status="cancelled")
    (told,) = await fulfilled(harness, shop, 1)
    assert told.revision == 2


async def test_lines_that_end_at_the_same_moment_fulfil_each_order_once(
    harness: Harness, shop: UUID
) -> None:
    order_ids = [await submit(harness, shop, order_number=f"SO-{n}") for n in range(20)]
    for line_number in (1, 2):
        for order_id in order_ids:
            await complete(harness, shop, order_id, line_number)
    told = await fulfilled(harness, shop, 20)
    assert sorted(order.id for order in told) == sorted(order_ids)
