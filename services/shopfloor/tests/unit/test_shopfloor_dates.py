"""Planned dates: backward from the due date, on real calendars."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest

from lineside_contracts.routing import ProductionRun
from lineside_manufacturing.stored_calendars import CalendarContent, CalendarSource, Closure
from lineside_shopfloor.places.domain import zones
from lineside_shopfloor.places.domain.facts import CenterTime, Facts, PlantFacts, WorkingTimes
from lineside_shopfloor.work_orders.domain import dates, planning
from lineside_shopfloor.work_orders.domain.dates import Due, Group, PlannedDates
from lineside_shopfloor.work_orders.domain.operations import FloorOperation

MONDAY_MORNING = datetime(2026, 12, 7, 8, tzinfo=UTC)
TUESDAY = date(2026, 12, 15)
BERLIN = "Europe/Berlin"
PLANT = PlantFacts(UUID(int=1), "MAIN", "Main works", BERLIN)
NIGHT = {"name": "night", "start": "22:00", "end": "06:00"}

MakeRun = Callable[..., ProductionRun]


def calendar(*shifts: dict[str, Any], holidays: Sequence[str] = ()) -> CalendarContent:
    days = [{"weekdays": [0, 1, 2, 3, 4], "breaks": []} | shift for shift in shifts]
    written = orjson.dumps(days).decode(), orjson.dumps(list(holidays)).decode()
    return CalendarContent(UUID(int=hash(written) % 2**64), 1, "C", *written)


def facts(
    plant: CalendarSource | None = None, **centers: CalendarSource | tuple[CalendarSource, int]
) -> Facts:
    times = {
        code: CenterTime(known[0], Decimal(known[1]))
        if isinstance(known, tuple)
        else CenterTime(known)
        for code, known in centers.items()
    }
    known_plants = {"MAIN": plant} if plant else {}
    return Facts(plants={"MAIN": PLANT}, times=WorkingTimes(known_plants, times))


def planned(
    *groups: Sequence[ProductionRun],
    due_date: date = TUESDAY,
    known: Facts | None = None,
    now: datetime = MONDAY_MORNING,
) -> tuple[PlannedDates, ...]:
    return dates.planned_backward(
        [Group(runs, "MAIN") for runs in groups],
        Due(due_date, "MAIN"),
        facts=known or facts(),
        now=now,
    )


@pytest.fixture
def work(run: MakeRun) -> MakeRun:
    """A run of so many minutes, without setup."""

    def make(number: int, minutes: int | Decimal, **over: Any) -> ProductionRun:
        return run(number, setup_minutes=0, run_minutes=minutes, **over)

    return make


def berlin(day: int, hour: int, minute: int = 0) -> datetime:
    """Winter time in December 2026."""
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


def test_the_last_work_order_ends_on_the_due_date(work: MakeRun) -> None:
    (last,) = planned([work(10, 60)])
    assert last == PlannedDates(TUESDAY, TUESDAY, berlin(15, 21), berlin(15, 22))


def test_a_predecessor_ends_before_its_first_successor_starts(work: MakeRun) -> None:
    a_day = 15 * 60
    first, second, third = planned(
        [work(10, 60)], [work(20, a_day, after=[10])], [work(30, 60, after=[10])]
    )
    assert (second.start, third.start) == (TUESDAY, TUESDAY)
    assert (first.start, first.end) == (date(2026, 12, 14), date(2026, 12, 14))


def test_a_work_order_spans_its_operations(work: MakeRun) -> None:
    (both,) = planned([work(10, 60), work(20, 15 * 60, after=[10])])
    assert (both.start_at, both.end_at) == (berlin(14, 21), berlin(15, 22))


def test_waiting_is_clock_time(work: MakeRun) -> None:
    (dried,) = planned([work(10, 60, wait_minutes=24 * 60)])
    assert (dried.start, dried.end_at) == (date(2026, 12, 14), berlin(14, 22))


def test_a_due_date_on_a_day_off_means_the_working_day_before(work: MakeRun) -> None:
    (early,) = planned([work(10, 60)], due_date=date(2026, 12, 13))
    assert early.end == date(2026, 12, 11)


def test_nothing_is_planned_before_now_and_what_follows_moves_on(work: MakeRun) -> None:
    first, second = planned([work(10, 60)], [work(20, 60, after=[10])], due_date=date(2026, 11, 2))
    assert (first.start_at, first.end_at) == (MONDAY_MORNING, berlin(7, 10))
    assert (second.start_at, second.end_at) == (berlin(7, 10, 30), berlin(7, 11, 30))
    assert {first.end, second.end} == {date(2026, 12, 7)}


def test_a_work_center_works_by_its_own_calendar_and_its_efficiency(work: MakeRun) -> None:
    day = calendar({"name": "day", "start": "08:00", "end": "16:00"}, holidays=["2026-12-15"])
    short = CalendarSource(BERLIN, calendar({"name": "m", "start": "08:00", "end": "10:00"}))
    known = facts(CalendarSource(BERLIN, day), PRESS=(short, 50))
    press, unknown = planned(
        [work(10, 90, work_center_code="PRESS")],
        [work(20, 60, after=[10], work_center_code="NOBODY-KNOWS")],
        known=known,
    )
    assert (unknown.start_at, unknown.end_at) == (berlin(14, 15), berlin(14, 16))
    assert (press.start_at, press.end_at) == (berlin(11, 9), berlin(14, 10))


def test_maintenance_pushes_work_before_it(work: MakeRun) -> None:
    closed = Closure(UUID(int=7), 1, berlin(15, 20), berlin(15, 22))
    known = facts(PRESS=CalendarSource(BERLIN, None, (closed,)))
    (before,) = planned([work(10, 60, work_center_code="PRESS")], known=known)
    assert (before.start_at, before.end_at) == (berlin(15, 19), berlin(15, 20))


def test_a_night_shift_ends_the_due_day_on_the_next_morning(work: MakeRun) -> None:
    known = facts(CalendarSource(BERLIN, calendar(NIGHT)))
    (night,) = planned([work(10, 60)], known=known)
    assert night == PlannedDates(
        date(2026, 12, 16), date(2026, 12, 16), berlin(16, 5), berlin(16, 6)
    )


def test_an_end_at_midnight_is_of_the_day_that_ends(work: MakeRun) -> None:
    late = calendar({"name": "late", "start": "16:00", "end": "00:00"})
    (last,) = planned([work(10, 60)], known=facts(CalendarSource(BERLIN, late)))
    assert (last.end_at, last.end) == (berlin(16, 0), TUESDAY)


def test_transfer_batches_overlap_and_stored_operations_know_it(work: MakeRun) -> None:
    batched = work(10, 300, transfer_batch_quantity=100)
    runs = [batched, work(20, 300, after=[10])]
    as_runs = planned(runs[:1], runs[1:])
    assert as_runs[1].start_at == berlin(15, 16, 30)
    assert as_runs[0].end_at == berlin(15, 21, 30)
    stored = [
        FloorOperation(**planning.operation_fields(one), id=one.id, status="pending")
        for one in runs
    ]
    groups = [Group([operation], "MAIN") for operation in stored]
    due = Due(TUESDAY, "MAIN")
    known = facts()
    assert dates.planned_backward(groups, due, facts=known, now=MONDAY_MORNING) == as_runs


@pytest.mark.parametrize("due", [date.min, date.max])
def test_dates_at_the_ends_of_time_break_nothing(due: date, work: MakeRun) -> None:
    (last,) = planned([work(10, 60)], due_date=due)
    assert last.end <= due or last.start == date(2026, 12, 7)


@pytest.mark.parametrize(
    "nowhere",
    [
        CalendarSource(BERLIN, calendar()),
        CalendarSource("Nowhere/Land"),
        CalendarSource(BERLIN, CalendarContent(UUID(int=9), 1, "C", '[{"name": 1}]', "[]")),
    ],
    ids=["never works", "no such zone", "no such shift"],
)
def test_where_nothing_can_be_placed_only_the_due_date_is_known(
    nowhere: CalendarSource, work: MakeRun
) -> None:
    alone, waiting = planned(
        [work(10, 60)],
        [work(20, 60, after=[10], work_center_code="CLOSED")],
        known=facts(CLOSED=nowhere),
    )
    assert alone == waiting == PlannedDates(None, TUESDAY)


def test_more_work_than_a_century_has_no_start(work: MakeRun) -> None:
    (huge,) = planned([work(10, Decimal(10) ** 12)])
    assert huge == PlannedDates(None, TUESDAY)


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/New_York"])
def test_iana_names_are_time_zones(name: str) -> None:
    assert zones.is_time_zone(name)


@pytest.mark.parametrize(
    "name", ["", "Berlin", "Europe", "UTC+1", "../etc/passwd", "europe/berlin"]
)
def test_other_names_are_not(name: str) -> None:
    assert not zones.is_time_zone(name)
