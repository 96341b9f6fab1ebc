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
from lineside_manufacturing.calendars import WorkingCalendar, standard_calendar
from lineside_sales_bridge.domain import promises
from lineside_testkit import builders

ORDER_ID = SYSTEM_CLOCK.new_id()
BERLIN = standard_calendar("Europe/Berlin")


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
    return promises.promised_date(found, deliveries[ORDER_ID], BERLIN)


@pytest.mark.parametrize(
    ("p80", "promised"),
    [
        ("2026-12-10", "2026-12-15"),
        ("2026-12-15", "2026-12-15"),
        ("2026-12-16", "2026-12-16"),
        ("2026-12-19", "2026-12-21"),
    ],
)
def test_the_requested_date_is_promised_unless_the_prediction_is_later(
    p80: str, promised: str
) -> None:
    assert promise(order("2026-12-15"), predicted(p80)) == date.fromisoformat(promised)


def test_an_order_is_promised_as_a_whole_for_its_latest_line() -> None:
    two = order("2026-12-01", "2026-12-15")
    assert promise(two, predicted("2026-11-30")) is None
    assert promise(two, predicted("2026-11-30"), predicted("2026-12-18")) == date(2026, 12, 18)
    assert promise(two, predicted("2026-11-30"), predicted("2026-12-02")) == date(2026, 12, 15)


def test_cancelled_production_orders_and_other_orders_do_not_count() -> None:
    other = predicted("2027-01-01", sales_order_id=SYSTEM_CLOCK.new_id())
    gone = predicted("2027-01-01", status="cancelled")
    assert promise(order("2026-12-15"), predicted("2026-12-01"), gone, other) == date(2026, 12, 15)


def test_a_list_that_is_cut_is_not_waited_for() -> None:
    lines = ["2026-12-15"] * 300
    listed = [predicted("2026-12-18") for _ in range(200)]
    cut = prediction(*listed, order_count=300)
    delivery = promises.deliveries_of([cut])[ORDER_ID]
    assert promises.promised_date(order(*lines), delivery, BERLIN) == date(2026, 12, 18)


def test_orders_outside_a_cut_list_are_promised_when_they_are_predicted() -> None:
    other = [predicted("2026-12-20", sales_order_id=SYSTEM_CLOCK.new_id()) for _ in range(200)]
    fresh = predicted("2026-11-25")
    cut = prediction(*other, order_count=201).model_copy(update={"changed_orders": (fresh,)})
    later = prediction(*other, order_count=202)
    delivery = promises.deliveries_of([cut, later])[ORDER_ID]
    assert promises.promised_date(order("2026-12-15"), delivery, BERLIN) == date(2026, 12, 15)


def moved(promised: str, *orders: PredictedOrder, requested: str = "2026-12-15") -> date | None:
    found = order(requested).model_copy(update={"promised_date": date.fromisoformat(promised)})
    delivery = promises.deliveries_of([prediction(*orders)])[ORDER_ID]
    return promises.moved_promise(found, delivery, BERLIN)


@pytest.mark.parametrize(
    ("promised", "p80", "expected"),
    [
        pytest.param("2026-12-15", "2026-12-01", None, id="still in time"),
        pytest.param("2026-12-15", "2026-12-16", "2026-12-16", id="crossed by a day"),
        pytest.param("2026-12-18", "2026-12-19", None, id="a Saturday is no working day more"),
        pytest.param("2026-12-18", "2026-12-20", None, id="nor is a Sunday"),
        pytest.param("2026-12-18", "2026-12-21", "2026-12-21", id="but Monday is"),
        pytest.param("2026-12-22", "2026-12-22", None, id="as promised"),
        pytest.param("2026-12-22", "2026-12-18", "2026-12-18", id="sooner, and later than asked"),
        pytest.param("2026-12-22", "2026-12-01", "2026-12-15", id="sooner than asked"),
    ],
)
def test_a_promise_moves_only_when_the_prediction_crosses_it_by_a_working_day(
    promised: str, p80: str, expected: str | None
) -> None:
    assert moved(promised, predicted(p80)) == (date.fromisoformat(expected) if expected else None)


def test_a_promise_stands_while_not_all_of_the_order_is_predicted() -> None:
    two = order("2026-12-15", "2026-12-15").model_copy(update={"promised_date": date(2026, 12, 15)})
    delivery = promises.deliveries_of([prediction(predicted("2026-12-18"))])[ORDER_ID]
    assert promises.moved_promise(two, delivery, BERLIN) is None


def test_of_a_cut_list_a_promise_moves_only_with_an_order_that_is_on_it() -> None:
    listed = [predicted("2026-12-18") for _ in range(3)]
    cut = prediction(*listed, order_count=300)
    found = order(*["2026-12-15"] * 5).model_copy(update={"promised_date": date(2026, 12, 15)})
    delivery = promises.deliveries_of([cut])[ORDER_ID]
    assert promises.moved_promise(found, delivery, BERLIN) == date(2026, 12, 18)
    others = [predicted("2026-12-18", sales_order_id=SYSTEM_CLOCK.new_id())]
    fresh = prediction(*others, order_count=300).model_copy(
        update={"changed_orders": (predicted("2026-12-16"),)}
    )
    delivery = promises.deliveries_of([fresh])[ORDER_ID]
    assert promises.moved_promise(found, delivery, BERLIN) is None


def test_where_nobody_ever_works_a_standard_plant_decides() -> None:
    never = WorkingCalendar("Europe/Berlin", ())
    delivery = promises.deliveries_of([prediction(predicted("2026-12-19"))])[ORDER_ID]
    assert promises.promised_date(order("2026-12-15"), delivery, never) == date(2026, 12, 21)


def test_the_reason_says_which_way_the_promise_moved() -> None:
    found = order("2026-12-15").model_copy(update={"promised_date": date(2026, 12, 15)})
    delivery = promises.deliveries_of([prediction(predicted("2026-12-18"))])[ORDER_ID]
    reason = promises.reason_of_move(found, delivery, date(2026, 12, 18))
    assert reason == (
        "Four of five such orders are ready by 2026-12-18: later than the 2026-12-15 promised"
        " before."
    )
