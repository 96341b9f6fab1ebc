from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from lineside_manufacturing import run_timing
from lineside_manufacturing.calendars import Shift, WorkingCalendar, standard_calendar
from lineside_manufacturing.run_timing import NoWindow, RunWindow, TimedRun, Windows

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = frozenset(range(7))
ALWAYS = WorkingCalendar("UTC", (Shift("all day", DAILY, time(0), time(0)),))
PLANT = standard_calendar("Europe/Berlin")
NIGHT = WorkingCalendar("Europe/Berlin", (Shift("night", DAILY, time(22), time(6)),))
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def run(number: int, *before: int, **over: Any) -> TimedRun:
    values: dict[str, Any] = {
        "setup_minutes": 0,
        "run_minutes": 60,
        "calendar": ALWAYS,
        "planned_input": 100,
        "planned_output": 100,
    }
    return TimedRun(sequence_number=number, predecessors=before, **(values | over))


def berlin(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=BERLIN)


def placed(found: Windows | NoWindow) -> Windows:
    assert not isinstance(found, NoWindow), found
    return found


def backward(
    runs: Sequence[TimedRun], due_at: datetime, not_before: datetime = LONG_AGO
) -> Windows:
    return placed(run_timing.backward_windows(runs, due_at=due_at, not_before=not_before))


def forward(
    runs: Sequence[TimedRun], begin: datetime, of: Mapping[int, datetime] | None = None
) -> Windows:
    return placed(run_timing.forward_windows(runs, not_before=begin, not_before_of=of))


def window(start: datetime, end: datetime) -> RunWindow:
    return RunWindow(start.astimezone(UTC), end.astimezone(UTC))


def test_runs_end_with_the_last_working_period_of_the_due_day() -> None:
    runs = [run(10, calendar=PLANT, run_minutes=240), run(20, 10, calendar=PLANT)]
    due = PLANT.end_of_working_day(date(2027, 1, 10))  # a Sunday: Friday 22:00
    assert backward(runs, due) == {
        10: window(berlin(1, 8, 16, 30), berlin(1, 8, 21)),
        20: window(berlin(1, 8, 21), berlin(1, 8, 22)),
    }


def test_nothing_is_planned_to_start_before_now() -> None:
    runs = [run(10), run(20, 10), run(30, 20)]
    now = datetime(2027, 1, 1, tzinfo=UTC)
    windows = backward(runs, now + timedelta(minutes=90), now)
    assert [windows[n].start_at for n in (10, 20, 30)] == [
        now + timedelta(hours=hours) for hours in (0, 1, 2)
    ]


def test_what_is_not_late_stays_as_late_as_it_may_be() -> None:
    runs = [run(10, run_minutes=600), run(20, run_minutes=10), run(30, 10, 20)]
    now = datetime(2027, 1, 1, tzinfo=UTC)
    windows = backward(runs, now + timedelta(hours=8), now)
    assert windows[10].start_at == now
    assert windows[20].end_at == now + timedelta(hours=7)
    assert windows[30].end_at == now + timedelta(hours=11)


def test_waiting_is_clock_time_and_passes_through_nights() -> None:
    runs = [run(10, calendar=PLANT, wait_minutes=14 * 60), run(20, 10, calendar=PLANT)]
    assert forward(runs, berlin(1, 5, 20)) == {
        10: window(berlin(1, 5, 20), berlin(1, 5, 21)),
        20: window(berlin(1, 6, 11), berlin(1, 6, 12)),
    }
    assert backward(runs, berlin(1, 6, 12))[10].end_at == berlin(1, 5, 21)


def test_goods_are_finished_when_the_last_waiting_is_over() -> None:
    runs = [run(10, wait_minutes=120)]
    due = datetime(2027, 1, 1, tzinfo=UTC)
    windows = backward(runs, due)
    assert windows[10].end_at == due - timedelta(hours=2)
    assert run_timing.finished_at(runs, windows) == due


def test_a_run_waits_for_its_own_materials_only() -> None:
    begin = datetime(2027, 1, 1, tzinfo=UTC)
    windows = forward([run(10), run(20, 10)], begin, {20: begin + timedelta(days=3)})
    assert windows[10].start_at == begin
    assert windows[20].start_at == begin + timedelta(days=3)


def test_efficiency_stretches_setup_and_run_once() -> None:
    slow = run(10, setup_minutes=30, run_minutes=50, efficiency_percentage=80)
    begin = datetime(2027, 1, 1, tzinfo=UTC)
    assert forward([slow], begin)[10].end_at == begin + timedelta(minutes=100)


def test_a_successor_starts_with_the_first_batch() -> None:
    press = run(10, setup_minutes=30, run_minutes=100, transfer_batch_quantity=20)
    folder = run(20, 10, run_minutes=300)
    begin = datetime(2027, 1, 1, tzinfo=UTC)
    windows = forward([press, folder], begin)
    assert windows[20].start_at == begin + timedelta(minutes=50)
    assert windows[20].end_at == begin + timedelta(minutes=350)


def test_make_ready_and_yield_delay_the_first_batch() -> None:
    press = run(
        10,
        run_minutes=240,
        planned_input=120,
        planned_output=80,
        setup_scrap_quantity=20,
        transfer_batch_quantity=8,
    )
    assert press.first_batch_minutes == (20 + 10) * 2


def test_a_fast_successor_ends_after_the_last_batch() -> None:
    press = run(10, run_minutes=100, transfer_batch_quantity=30, wait_minutes=5)
    folder = run(20, 10, run_minutes=50, units_per_product=Fraction(2), planned_input=200)
    begin = datetime(2027, 1, 1, tzinfo=UTC)
    ended = forward([press, folder], begin)[20].end_at
    assert ended == begin + timedelta(minutes=100 + 5 + 5)  # the last 10 of 100 take 5
    assert backward([press, folder], ended)[10] == RunWindow(begin, begin + timedelta(minutes=100))


def test_a_fixed_time_is_handed_over_at_its_end_and_needs_all_batches() -> None:
    oven = run(10, time_basis="fixed", transfer_batch_quantity=10)
    assert oven.first_batch_minutes == oven.work_minutes
    press = run(10, transfer_batch_quantity=10)
    begin = datetime(2027, 1, 1, tzinfo=UTC)
    ended = forward([press, run(20, 10, time_basis="fixed")], begin)[20].end_at
    assert ended == begin + timedelta(minutes=120)


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 27, 7), (10, 30, 9)])
def test_a_night_of_daylight_saving_holds_as_many_hours_as_it_has(
    month: int, day: int, hours: int
) -> None:
    runs = [run(10, calendar=NIGHT, run_minutes=60 * hours)]
    evening = berlin(month, day, 22)
    morning = (evening + timedelta(days=1)).replace(hour=6)
    assert forward(runs, evening) == {10: window(evening, morning)}
    assert backward(runs, morning) == {10: window(evening, morning)}


@pytest.mark.parametrize(("month", "day"), [(3, 28), (10, 31)])
def test_waiting_passes_through_the_night_of_daylight_saving_by_the_clock(
    month: int, day: int
) -> None:
    runs = [run(10, run_minutes=0, wait_minutes=1000), run(20, 10, run_minutes=0)]
    due = berlin(month, day, 7)
    assert backward(runs, due)[10].end_at == due.astimezone(UTC) - timedelta(minutes=1000)
    begin = berlin(month, day, 0)
    waited = forward(runs, begin)[20].start_at
    assert waited == begin.astimezone(UTC) + timedelta(minutes=1000)


def test_a_calendar_without_working_time_is_an_answer() -> None:
    closed = WorkingCalendar("UTC", ())
    begin = datetime(2027, 1, 1, tzinfo=UTC)
    for found in (
        run_timing.forward_windows([run(10), run(20, 10, calendar=closed)], not_before=begin),
        run_timing.backward_windows(
            [run(10), run(20, 10, calendar=closed)], due_at=begin, not_before=LONG_AGO
        ),
    ):
        assert isinstance(found, NoWindow)
        assert found.sequence_number == 20
        assert "working time" in found.reason


def test_waiting_beyond_the_calendar_is_an_answer() -> None:
    runs = [run(10, wait_minutes=10**10), run(20, 10)]
    found = run_timing.forward_windows(runs, not_before=LONG_AGO)
    assert isinstance(found, NoWindow)


def test_runs_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="wait for each other"):
        run_timing.forward_windows([run(10, 20), run(20, 10)], not_before=LONG_AGO)


@st.composite
def routings(draw: st.DrawFn) -> list[TimedRun]:
    count = draw(st.integers(1, 6))
    runs = []
    for index in range(count):
        before = [10 * n for n in range(index) if draw(st.booleans())]
        output = draw(st.integers(1, 200))
        scrap = draw(st.integers(0, 20))
        runs.append(
            run(
                10 * index,
                *before,
                setup_minutes=draw(st.integers(0, 120)),
                run_minutes=draw(st.integers(0, 3000)),
                wait_minutes=draw(st.sampled_from([0, 0, 30, 1000])),
                calendar=draw(st.sampled_from([PLANT, NIGHT, ALWAYS])),
                planned_output=output,
                planned_input=output + scrap + draw(st.integers(0, 30)),
                setup_scrap_quantity=scrap,
                units_per_product=draw(st.sampled_from([Fraction(1), Fraction(1, 4), Fraction(8)])),
                transfer_batch_quantity=draw(st.one_of(st.none(), st.integers(1, 250))),
                time_basis=draw(st.sampled_from(["per_unit", "fixed", "per_batch"])),
                batch_size=30,
                efficiency_percentage=draw(st.sampled_from([100, 80, 130])),
            )
        )
    return runs


STARTS = st.sampled_from([berlin(3, 26, 9), berlin(10, 29, 23), berlin(12, 24, 15, 7)])


def one_after_the_other(runs: Sequence[TimedRun]) -> list[TimedRun]:
    return [replace(run, transfer_batch_quantity=None) for run in runs]


def holds_precedence(runs: Sequence[TimedRun], windows: Windows) -> bool:
    by_number = {run.sequence_number: run for run in runs}
    for successor in runs:
        mine = windows[successor.sequence_number]
        for number in successor.predecessors:
            before, its = by_number[number], windows[number]
            through = min(
                before.calendar.add_working_minutes(its.start_at, before.first_batch_minutes),
                its.end_at,
            )
            if mine.start_at < (through if before.is_batched else its.end_at) + before.wait:
                return False
            if before.is_batched:
                last = successor.minutes_for_products(before.last_batch_products)
                fed = successor.calendar.add_working_minutes(its.end_at + before.wait, last)
                if mine.end_at < fed:
                    return False
    return True


def works_enough(runs: Sequence[TimedRun], windows: Windows) -> bool:
    return all(
        run.calendar.working_minutes(*windows[run.sequence_number]) >= run.work_minutes
        for run in runs
    )


@settings(max_examples=60, deadline=None)
@given(routings(), STARTS)
def test_forward_keeps_precedence_and_overlap_is_never_later(
    runs: list[TimedRun], begin: datetime
) -> None:
    windows = forward(runs, begin)
    assert holds_precedence(runs, windows)
    assert works_enough(runs, windows)
    plain = forward(one_after_the_other(runs), begin)
    assert all(windows[number].end_at <= plain[number].end_at for number in windows)


@settings(max_examples=60, deadline=None)
@given(routings(), STARTS)
def test_backward_keeps_precedence_and_overlap_starts_never_earlier(
    runs: list[TimedRun], due_at: datetime
) -> None:
    windows = backward(runs, due_at)
    assert holds_precedence(runs, windows)
    assert works_enough(runs, windows)
    finished = run_timing.finished_at(runs, windows)
    assert finished is not None
    assert finished <= due_at
    plain = backward(one_after_the_other(runs), due_at)
    assert all(windows[number].start_at >= plain[number].start_at for number in windows)


@settings(max_examples=60, deadline=None)
@given(routings(), STARTS)
def test_who_starts_when_backward_says_is_in_time(runs: list[TimedRun], due_at: datetime) -> None:
    begin = min(window.start_at for window in backward(runs, due_at).values())
    finished = run_timing.finished_at(runs, forward(runs, begin))
    assert finished is not None
    assert finished <= due_at


@settings(max_examples=60, deadline=None)
@given(routings(), STARTS, st.integers(0, 20_000))
def test_now_moves_only_what_must_move(
    runs: list[TimedRun], due_at: datetime, minutes: int
) -> None:
    now = due_at - timedelta(minutes=minutes)
    late, free = backward(runs, due_at, now), backward(runs, due_at)
    assert holds_precedence(runs, late)
    assert all(window.start_at >= now for window in late.values())
    assert all(late[number].start_at >= free[number].start_at for number in late)
