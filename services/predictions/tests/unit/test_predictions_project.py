"""A project's date is the latest of its orders, and only what changed is news."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from lineside_contracts.predictions import Confidence
from lineside_manufacturing.calendars import standard_calendar
from lineside_predictions.domain import order_dates, prediction
from lineside_predictions.domain.order_dates import OrderDates, Run
from lineside_predictions.domain.prediction import (
    CANCELLED,
    OPEN,
    Project,
    ProjectOrder,
    ProjectRecord,
)

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
PROJECT = Project(UUID(int=1), "P-1", "Project", 4)


def order(number: int, *, p80: date, status: str = OPEN) -> ProjectOrder:
    return ProjectOrder(
        production_order_id=UUID(int=100 + number),
        production_order_number=f"MO-2026-{number:06}",
        sales_order_id=None,
        status=status,
        due_date=date(2026, 12, 1),
        quantity=Decimal(10),
        dates=OrderDates(Decimal(60), p80 - timedelta(days=1), p80, p80 + timedelta(days=1)),
    )


def test_the_project_is_as_late_as_its_latest_order() -> None:
    orders = [order(1, p80=date(2026, 11, 25)), order(2, p80=date(2026, 12, 3))]
    made = prediction.predict_project(PROJECT, orders, now=NOW)
    assert made is not None
    assert made.predicted_date == date(2026, 12, 3)
    assert made.days_late == 2
    assert made.orders[0].production_order_number == "MO-2026-000002"
    assert made.confidence is Confidence.LOW


def test_a_cancelled_order_delays_nobody() -> None:
    orders = [
        order(1, p80=date(2026, 11, 25)),
        order(2, p80=date(2026, 12, 3), status=CANCELLED),
    ]
    made = prediction.predict_project(PROJECT, orders, now=NOW)
    assert made is not None
    assert made.predicted_date == date(2026, 11, 25)


def test_a_project_without_orders_has_no_date() -> None:
    assert prediction.predict_project(PROJECT, [], now=NOW) is None


def test_the_same_dates_again_are_no_news() -> None:
    orders = [order(1, p80=date(2026, 11, 25))]
    first = prediction.renew(ProjectRecord(PROJECT, None), orders, now=NOW)
    assert first is not None
    assert first.project.version == 5
    assert prediction.renew(first, orders, now=NOW + timedelta(minutes=5)) is None


def test_another_order_is_news_even_when_the_date_stays() -> None:
    orders = [order(1, p80=date(2026, 11, 25))]
    first = prediction.renew(ProjectRecord(PROJECT, None), orders, now=NOW)
    assert first is not None
    more = [*orders, order(2, p80=date(2026, 11, 24))]
    assert prediction.renew(first, more, now=NOW) is not None


def test_a_project_that_lost_all_orders_loses_its_prediction_quietly() -> None:
    orders = [order(1, p80=date(2026, 11, 25))]
    first = prediction.renew(ProjectRecord(PROJECT, None), orders, now=NOW)
    assert first is not None
    gone = [replace(orders[0], status=CANCELLED)]
    after = prediction.renew(first, gone, now=NOW)
    assert after == ProjectRecord(first.project, None)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Los_Angeles"])
def test_less_remaining_work_is_never_later(zone: str) -> None:
    calendar = standard_calendar(zone)
    runs = [
        Run(UUID(int=n), n, (n - 1,), Decimal(600), Decimal(0), is_done=False) for n in range(1, 5)
    ]
    status = {runs[0].id: "completed"}
    whole = order_dates.predict_order(runs, now=NOW, calendar=calendar)
    rest = order_dates.predict_order(
        order_dates.mark_done(runs, status), now=NOW, calendar=calendar
    )
    assert rest.remaining_work_minutes == Decimal(1800)
    assert rest.p80_date <= whole.p80_date
    assert whole.p50_date <= whole.p80_date <= whole.p95_date
