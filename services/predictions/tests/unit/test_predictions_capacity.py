"""An order's dates from finite capacity, on the days its plant works."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, strategies as st

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_manufacturing import stored_calendars
from lineside_manufacturing.calendars import WorkingCalendar, standard_calendar
from lineside_predictions.domain import order_dates
from lineside_predictions.domain.order_dates import Forecast, OrderDates, Run

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
"""A Friday."""

BERLIN = standard_calendar("Europe/Berlin")
RUNS = tuple(
    Run(
        id=SYSTEM_CLOCK.new_id(),
        sequence_number=number,
        predecessors=(number - 10,) if number > 10 else (),
        work_minutes=Decimal(600),
        wait_minutes=Decimal(0),
    )
    for number in (10, 20)
)


def dates(estimated_at: datetime | None = None, **over: Any) -> OrderDates:
    forecast = Forecast(estimated_at, over.pop("materials", None))
    runs, calendar = over.pop("runs", RUNS), over.pop("calendar", BERLIN)
    return order_dates.predict_order(runs, now=NOW, calendar=calendar, forecast=forecast)


def test_half_of_such_orders_are_done_when_finite_capacity_says() -> None:
    estimated = datetime(2026, 12, 9, 19, tzinfo=UTC)
    made = dates(estimated)
    assert made.p50_date == date(2026, 12, 9)
    assert made.p50_date < made.p80_date <= made.p95_date
    assert made.queue_minutes is not None
    assert made.queue_minutes > 0
    plain = dates()
    assert plain.queue_minutes is None
    assert plain.p50_date < made.p50_date


def test_the_spread_is_that_of_the_work_that_is_left() -> None:
    estimated = datetime(2026, 12, 9, 10, tzinfo=UTC)
    spread = dates(estimated).p95_date - dates(estimated).p50_date
    nearly_done = (RUNS[0], Run(**{**vars(RUNS[1]), "work_minutes": Decimal(10)}))
    less = dates(estimated, runs=order_dates.mark_done(nearly_done, {RUNS[0].id: "completed"}))
    assert less.p95_date - less.p50_date < spread


def test_nothing_is_ready_before_its_materials() -> None:
    made = dates(materials=date(2026, 12, 7))
    assert made.p50_date >= date(2026, 12, 7)
    assert made.materials_available_on == date(2026, 12, 7)


def test_an_estimate_that_has_passed_says_nothing_about_work_that_is_left() -> None:
    assert dates(NOW - timedelta(days=3)) == dates()


def test_what_is_all_done_is_ready_today() -> None:
    done = order_dates.mark_done(RUNS, {run.id: "completed" for run in RUNS})
    made = dates(datetime(2027, 1, 5, tzinfo=UTC), runs=done, materials=date(2027, 1, 1))
    assert (made.p50_date, made.p95_date) == (NOW.date(), NOW.date())
    assert made.queue_minutes is None


def test_dates_are_working_days_of_the_plants_own_calendar() -> None:
    calendar = {
        "shifts": [
            {
                "name": "weekend",
                "weekdays": [5, 6],
                "start": "08:00:00",
                "end": "16:00:00",
                "breaks": [{"start": "12:00:00", "end": "12:30:00"}],
            }
        ],
        "holidays": ["2026-11-21"],
    }
    plant = stored_calendars.plant_calendar("Europe/Berlin", calendar)
    assert dates(calendar=plant).p50_date.weekday() in {5, 6}
    on_monday = datetime(2026, 12, 7, 10, tzinfo=UTC)
    assert dates(on_monday, calendar=plant).p50_date == date(2026, 12, 12)


def test_a_plant_without_a_sensible_calendar_works_the_standard_one() -> None:
    assert stored_calendars.plant_calendar("Europe/Berlin", None) is BERLIN
    assert stored_calendars.plant_calendar("Nowhere/AtAll", None).zone == "UTC"
    never = WorkingCalendar("Europe/Berlin", ())
    assert dates(calendar=never) == dates()


@given(
    st.datetimes(datetime(2026, 11, 1), datetime(2027, 6, 1)),  # noqa: DTZ001 -- made aware below
    st.dates(date(2026, 11, 1), date(2027, 6, 1)),
)
def test_whatever_capacity_says_the_dates_ascend_on_working_days(
    estimated: datetime, materials: date
) -> None:
    made = dates(estimated.replace(tzinfo=UTC), materials=materials)
    assert NOW.date() <= made.p50_date <= made.p80_date <= made.p95_date
    assert all(BERLIN.is_working_day(d) for d in (made.p50_date, made.p80_date, made.p95_date))
