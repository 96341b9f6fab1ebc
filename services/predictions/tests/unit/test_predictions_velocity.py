"""Velocity: per worked day, trimmed, in its window; reports add up in whatever order they come."""

import statistics
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lineside_manufacturing.calendars import WorkingCalendar, standard_calendar
from lineside_predictions.domain import earning, reports, velocity
from lineside_predictions.domain.reports import OperationProgress, Totals
from lineside_predictions.domain.runs import Run
from lineside_predictions.domain.velocity import WorkedDay

TODAY = date(2026, 11, 20)
BERLIN = standard_calendar("Europe/Berlin")
OPERATION = OperationProgress(UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4), 10)
RUN = Run(
    id=UUID(int=4),
    sequence_number=10,
    predecessors=(),
    work_minutes=Decimal(130),
    wait_minutes=Decimal(0),
    operation_type="fabrication",
    setup_minutes=Decimal(30),
    planned_input=Decimal(100),
    planned_output=Decimal(98),
)
AMOUNTS = st.floats(min_value=0.1, max_value=1e6)


def worked(*minutes: float, actual: float = 1.0) -> list[WorkedDay]:
    return [
        WorkedDay(TODAY - timedelta(days=n), each, each / 2, each * actual)
        for n, each in enumerate(minutes, start=1)
    ]


def test_hours_and_units_a_day_are_those_of_days_on_which_something_was_earned() -> None:
    measured = velocity.measure(worked(120, 0, 240, 0, 0))
    assert measured is not None
    assert (measured.day_count, measured.hours_per_day, measured.units_per_day) == (2, 3.0, 90.0)


def test_nothing_earned_is_no_velocity() -> None:
    assert velocity.measure(worked(0, 0)) is None
    assert velocity.measure([]) is None


def test_a_tenth_of_the_days_goes_at_either_end() -> None:
    assert velocity.trimmed_mean([*[10.0] * 8, 1000.0, 0.1]) == 10.0
    assert velocity.trimmed_mean([10.0] * 4 + [1000.0]) > 100


@given(st.lists(AMOUNTS, min_size=1, max_size=60))
def test_a_trimmed_mean_lies_between_what_is_kept(values: list[float]) -> None:
    dropped = len(values) // 10
    kept = sorted(values)[dropped : len(values) - dropped]
    mean = velocity.trimmed_mean(values)
    assert kept[0] * 0.999999 <= mean <= kept[-1] * 1.000001
    assert mean == pytest.approx(statistics.fmean(kept))


@given(st.lists(AMOUNTS, min_size=10, max_size=30), st.floats(min_value=1e7, max_value=1e12))
def test_one_wild_day_moves_nothing_beyond_the_others(values: list[float], wild: float) -> None:
    assert velocity.trimmed_mean([*values, wild]) <= max(values) * 1.000001


def test_standard_times_stay_until_enough_days_are_worked() -> None:
    few, enough = velocity.measure(worked(60, 60, 60, 60)), velocity.measure(worked(*[60] * 5))
    assert few is not None
    assert enough is not None
    assert (few.ratio, few.spread) == (None, None)
    assert enough.ratio == 1.0
    assert enough.spread == velocity.NARROWEST


def test_slow_work_has_a_ratio_below_one() -> None:
    measured = velocity.measure(worked(*[60] * 9, 61, actual=1.25))
    assert measured is not None
    assert measured.ratio == pytest.approx(0.8)


@given(st.lists(AMOUNTS, min_size=5, max_size=40), st.floats(min_value=1e-3, max_value=1e3))
def test_ratio_and_spread_stay_in_bounds(minutes: list[float], actual: float) -> None:
    measured = velocity.measure(worked(*minutes, actual=actual))
    assert measured is not None
    assert measured.ratio is not None
    assert measured.spread is not None
    assert velocity.SLOWEST <= measured.ratio <= velocity.FASTEST
    assert velocity.NARROWEST <= measured.spread <= velocity.WIDEST


def test_thirty_working_days_are_six_weeks_of_five() -> None:
    assert velocity.window(BERLIN, TODAY) == TODAY - timedelta(days=42)
    never = WorkingCalendar("UTC", ())
    assert velocity.window(never, TODAY) == TODAY - timedelta(days=velocity.LONGEST_WINDOW_DAYS)


def at(hour: int, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def earned(operation: OperationProgress) -> dict[tuple[str, date], Decimal]:
    days = earning.earned([RUN], [operation], local_date=BERLIN.local_date)
    return {key: day.earned_minutes for key, day in days.items()}


def test_the_first_report_earns_the_setup_too() -> None:
    first = reports.report(OPERATION, Totals(good=Decimal(10)), version=1, happened_at=at(8))
    assert earned(first) == {("fabrication", TODAY): Decimal(40)}
    second = reports.report(
        first, Totals(good=Decimal(15), scrap=Decimal(5)), version=2, happened_at=at(9)
    )
    assert earned(second) == {("fabrication", TODAY): Decimal(50)}


def test_a_report_counts_on_the_plants_own_day() -> None:
    late = reports.report(OPERATION, Totals(good=Decimal(1)), version=1, happened_at=at(23, 19))
    assert earned(late) == {("fabrication", TODAY): Decimal(31)}


def test_what_is_taken_back_is_earned_back() -> None:
    wrong = reports.report(OPERATION, Totals(good=Decimal(100)), version=1, happened_at=at(8))
    right = reports.report(wrong, Totals(), version=2, happened_at=at(9))
    assert earned(right) == {("fabrication", TODAY): Decimal(0)}


def test_what_belongs_to_no_run_earns_nothing() -> None:
    lost = OperationProgress(UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=9), 90)
    lost = reports.report(lost, Totals(good=Decimal(1)), version=1, happened_at=at(8))
    assert earned(lost) == {}


@given(
    st.lists(
        st.tuples(st.integers(0, 100), st.integers(0, 20), st.booleans()), min_size=1, max_size=12
    ),
    st.randoms(use_true_random=False),
)
def test_in_whatever_order_logs_come_all_that_was_earned_is_what_the_last_one_says(
    said: list[tuple[int, int, bool]], shuffle: object
) -> None:
    logs = [
        (version, Totals(Decimal(good), Decimal(scrap), is_completed=done))
        for version, (good, scrap, done) in enumerate(said, start=1)
    ]
    heard = [*logs, *logs[::2]]
    shuffle.shuffle(heard)  # type: ignore[attr-defined]
    operation = OPERATION
    for version, totals in heard:
        day = at(8) - timedelta(days=version)
        operation = reports.report(operation, totals, version=version, happened_at=day)
    last = logs[-1][1]
    whole = Decimal(30) * last.is_set_up + last.processed
    assert operation.totals == last
    assert sum(earned(operation).values()) == whole
    assert reports.report(operation, logs[0][1], version=1, happened_at=at(8)) == operation
