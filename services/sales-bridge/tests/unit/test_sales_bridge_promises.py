from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.predictions import (
    DeliveryPrediction,
    DeliveryPredictionUpdated,
    PredictedOrder,
)
from lineside_contracts.sales import SalesOrder
from lineside_sales_bridge.domain import promises
from lineside_testkit import builders

ORDER_ID = SYSTEM_CLOCK.new_id()


def predicted(p80: str, *, status: str = "open", sales_order_id: UUID = ORDER_ID) -> PredictedOrder:
    day = date.fromisoformat(p80)
    return PredictedOrder(
        production_order_id=SYSTEM_CLOCK.new_id(),
        production_order_number="MO-1",
        sales_order_id=sales_order_id,
        status=status,
        due_date=day,
        quantity=Decimal(1),
        remaining_work_minutes=Decimal(1),
        p50_date=day,
        p80_date=day,
        p95_date=day,
    )


def prediction(
    *orders: PredictedOrder, order_count: int | None = None
) -> DeliveryPredictionUpdated:
    fields: dict[str, Any] = dict.fromkeys(
        ("predicted_date", "p50_date", "p80_date", "p95_date", "requested_date"), date(2026, 12, 1)
    )
    state = DeliveryPrediction(
        id=SYSTEM_CLOCK.new_id(),
        version=1,
        project_number="P-1",
        project_name="P",
        confidence="low",
        days_late=0,
        remaining_work_minutes=Decimal(1),
        orders=orders,
        order_count=len(orders) if order_count is None else order_count,
        factors=(),
        calculated_at=datetime(2026, 11, 20, tzinfo=UTC),
        calculated_by="standard times",
        **fields,
    )
    return DeliveryPredictionUpdated(delivery_prediction=state)


def order(*due: str) -> SalesOrder:
    lines = [
        builders.sales_order_line(line_number=number, due_date=day)
        for number, day in enumerate(due, start=1)
    ]
    return builders.sales_order(id=ORDER_ID, lines=lines)


def promise(found: SalesOrder, *orders: PredictedOrder) -> date | None:
    deliveries = promises.deliveries_of([prediction(*orders)])
    return promises.promised_date(found, deliveries[ORDER_ID])


@pytest.mark.parametrize(
    ("p80", "promised"),
    [("2026-12-10", "2026-12-15"), ("2026-12-15", "2026-12-15"), ("2026-12-16", "2026-12-16")],
)
def test_the_requested_date_is_promised_unless_the_prediction_is_later(
    p80: str, promised: str
) -> None:
    assert promise(order("2026-12-15"), predicted(p80)) == date.fromisoformat(promised)


def test_an_order_is_promised_as_a_whole_for_its_latest_line() -> None:
    two = order("2026-12-01", "2026-12-15")
    assert promise(two, predicted("2026-11-30")) is None
    assert promise(two, predicted("2026-11-30"), predicted("2026-12-20")) == date(2026, 12, 20)
    assert promise(two, predicted("2026-11-30"), predicted("2026-12-02")) == date(2026, 12, 15)


def test_cancelled_production_orders_and_other_orders_do_not_count() -> None:
    other = predicted("2027-01-01", sales_order_id=SYSTEM_CLOCK.new_id())
    gone = predicted("2027-01-01", status="cancelled")
    assert promise(order("2026-12-15"), predicted("2026-12-01"), gone, other) == date(2026, 12, 15)


def test_a_list_that_is_cut_is_not_waited_for() -> None:
    lines = ["2026-12-15"] * 300
    listed = [predicted("2026-12-20") for _ in range(200)]
    cut = prediction(*listed, order_count=300)
    delivery = promises.deliveries_of([cut])[ORDER_ID]
    assert promises.promised_date(order(*lines), delivery) == date(2026, 12, 20)


def test_orders_outside_a_cut_list_are_promised_when_they_are_predicted() -> None:
    other = [predicted("2026-12-20", sales_order_id=SYSTEM_CLOCK.new_id()) for _ in range(200)]
    fresh = predicted("2026-11-25")
    cut = prediction(*other, order_count=201).model_copy(update={"changed_orders": (fresh,)})
    later = prediction(*other, order_count=202)
    delivery = promises.deliveries_of([cut, later])[ORDER_ID]
    assert promises.promised_date(order("2026-12-15"), delivery) == date(2026, 12, 15)
