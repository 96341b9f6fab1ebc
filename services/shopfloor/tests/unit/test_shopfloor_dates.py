from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from lineside_shopfloor.domain import dates
from lineside_shopfloor.domain.dates import Effort

MONDAY_MORNING = datetime(2026, 12, 7, 8, tzinfo=UTC)
TUESDAY = date(2026, 12, 15)


def effort(minutes: int, *, after: tuple[int, ...] = (), wait: int = 0) -> Effort:
    return Effort(Decimal(minutes), Decimal(wait), "Europe/Berlin", after)


def test_the_last_work_order_ends_on_the_due_date() -> None:
    (planned,) = dates.planned_backward([effort(60)], due_date=TUESDAY, now=MONDAY_MORNING)
    assert (planned.start, planned.end) == (TUESDAY, TUESDAY)
    assert planned.end_at == datetime(2026, 12, 15, 21, tzinfo=UTC)
    assert planned.start_at == datetime(2026, 12, 15, 20, tzinfo=UTC)


def test_a_predecessor_ends_before_its_first_successor_starts() -> None:
    a_day = 15 * 60
    efforts = [effort(60), effort(a_day, after=(0,)), effort(60, after=(0,))]
    first, second, third = dates.planned_backward(efforts, due_date=TUESDAY, now=MONDAY_MORNING)
    assert (second.start, third.start) == (TUESDAY, TUESDAY)
    assert (first.start, first.end) == (date(2026, 12, 14), date(2026, 12, 14))


def test_waiting_is_clock_time() -> None:
    (planned,) = dates.planned_backward(
        [effort(60, wait=24 * 60)], due_date=TUESDAY, now=MONDAY_MORNING
    )
    assert (planned.start, planned.end) == (date(2026, 12, 14), date(2026, 12, 14))


def test_a_due_date_on_a_day_off_means_the_working_day_before() -> None:
    (planned,) = dates.planned_backward(
        [effort(60)], due_date=date(2026, 12, 13), now=MONDAY_MORNING
    )
    assert planned.end == date(2026, 12, 11)


def test_nothing_is_planned_before_now() -> None:
    today = date(2026, 12, 7)
    efforts = [effort(60), effort(60, after=(0,))]
    for planned in dates.planned_backward(efforts, due_date=date(2026, 11, 2), now=MONDAY_MORNING):
        assert (planned.start, planned.end) == (today, today)
        assert planned.start_at == MONDAY_MORNING
        assert planned.end_at is not None
        assert planned.end_at >= MONDAY_MORNING


@pytest.mark.parametrize("due", [date.min, date.max])
def test_dates_at_the_ends_of_time_break_nothing(due: date) -> None:
    (planned,) = dates.planned_backward([effort(60)], due_date=due, now=MONDAY_MORNING)
    assert planned.end in {due, date(2026, 12, 7), date(9999, 12, 31)} or planned.start


def test_more_work_than_a_century_has_no_start() -> None:
    huge = Effort(Decimal(10) ** 12, Decimal(0), "UTC", ())
    (planned,) = dates.planned_backward([huge], due_date=TUESDAY, now=MONDAY_MORNING)
    assert (planned.start, planned.end) == (None, TUESDAY)


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/New_York"])
def test_iana_names_are_time_zones(name: str) -> None:
    assert dates.is_time_zone(name)


@pytest.mark.parametrize(
    "name", ["", "Berlin", "Europe", "UTC+1", "../etc/passwd", "europe/berlin"]
)
def test_other_names_are_not(name: str) -> None:
    assert not dates.is_time_zone(name)
