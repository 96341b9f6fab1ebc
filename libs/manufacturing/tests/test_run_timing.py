import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from lineside_manufacturing import durations, run_timing
from lineside_manufacturing.calendars import Shift, WorkingCalendar, standard_calendar
from lineside_manufacturing.run_timing import NoWindow, RunWindow, TimedRun, Windows

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = frozenset(range(7))
ALWAYS = WorkingCalendar("UTC", (Shift("all day", DAILY, time(0), time(0)),))
PLANT = standard_calendar("Europe/Berlin")
NIGHT = WorkingCalendar("Europe/Berlin", (Shift("night", DAILY, time(22), time(6)),))
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DAY_MINUTES = 24 * 60


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


Case = Mapping[str, Any]


@pytest.fixture(scope="module")
def cases(lineside_external_data: Path) -> Mapping[str, Case]:
    listed = json.loads((lineside_external_data / "oracles/cases.json").read_text("utf-8"))
    return {case["id"]: case for case in listed}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(first: str, last: str) -> RunWindow:
    return RunWindow(utc(first), utc(last))


def test_lead_times_of_frepple(cases: Mapping[str, Case]) -> None:
    """What is to be made is netting; each operation's dates are ours."""
    case = cases["frepple-leadtime1-unconstrained"]
    expected = {
        (name, qty): between(first, last) for name, first, last, qty in case["expected"]["ops"]
    }
    delivery = run(30, 20, run_minutes=DAY_MINUTES)
    make = run(20, 10, run_minutes=7 * DAY_MINUTES)
    sub = run(10, setup_minutes=DAY_MINUTES, run_minutes=6 * 12 * 60)
    second = backward([sub, make, delivery], utc("2009-01-11"))
    assert second[30] == expected["delivery", 14]
    assert second[20] == expected["make end item", 14]
    assert second[10] == RunWindow(utc("2008-12-30"), utc("2009-01-03"))
    assert second[10] == expected["make subassembly", 6]
    first = backward([replace(make, predecessors=()), delivery], utc("2009-01-03"))
    assert [first[20], first[30]] == [expected["make end item", 7], expected["delivery", 7]]


def test_a_chain_with_a_branch_of_frepple(cases: Mapping[str, Case]) -> None:
    case = cases["frepple-leadtime2-chain"]
    inputs, numbers = case["inputs"], {name: n for n, name in enumerate(case["inputs"]["ops"])}
    runs = [
        run(
            numbers[name],
            *(numbers[before] for before in op.get("after", ())),
            setup_minutes=60 * op.get("fixed_h", 0),
            run_minutes=60 * op["per_unit_h"] * inputs["qty"],
        )
        for name, op in inputs["ops"].items()
    ]
    windows = backward(runs, utc(inputs["due"]))
    expected = {numbers[n]: between(*dates) for n, dates in case["expected"]["ops"].items()}
    assert windows == expected


def test_backward_around_unavailable_periods_of_frepple(cases: Mapping[str, Case]) -> None:
    case = cases["frepple-calendar-backward"]
    closures = tuple((utc(a), utc(b)) for a, b in case["inputs"]["unavailable"])
    calendar = replace(ALWAYS, closures=closures)
    found = [
        backward([run(10, calendar=calendar, run_minutes=o["days"] * DAY_MINUTES)], utc(o["due"]))
        for o in case["inputs"]["ops"]
    ]
    assert [windows[10] for windows in found] == [
        between(*dates) for dates in case["expected"]["windows"]
    ]


def test_shifts_and_a_transfer_time_of_frepple(cases: Mapping[str, Case]) -> None:
    case = cases["frepple-shift-calendar-offset"]
    inputs = case["inputs"]
    item, part = inputs["end_item"], inputs["intermediate"]
    opening, closing = (time.fromisoformat(text) for text in item["shift"])
    shift = WorkingCalendar("UTC", (Shift("day", DAILY, opening, closing),))
    days = {"wait_minutes": item["offset_after_days"] * DAY_MINUTES}
    runs = [
        run(10, run_minutes=part["hours"] * 60, **days),
        run(20, 10, run_minutes=item["work_hours"] * 60, calendar=shift, **days),
    ]
    expected = case["expected"]
    assert backward(runs, utc(inputs["due"])) == {
        10: between(*expected["intermediate_op"]),
        20: between(*expected["end_item_op"]),
    }


def test_run_times_of_other_systems(cases: Mapping[str, Case]) -> None:
    report = cases["odoo-routing-time-cost"]
    for quantity, minutes in zip(
        report["inputs"]["cases"], report["expected"]["minutes"], strict=True
    ):
        taken = [
            durations.run_minutes(run_seconds_per_unit=60 * each, planned_input=quantity)
            for each in report["inputs"]["ops_min_per_unit"]
        ]
        assert sum(taken) == minutes
    dozen = cases["odoo-routing-dozen"]
    pieces = 12 * dozen["inputs"]["qty"]
    seconds = 60 * dozen["inputs"]["min_per_unit"]
    taken_by_dozens = durations.run_minutes(run_seconds_per_unit=seconds, planned_input=pieces)
    assert taken_by_dozens == dozen["expected"]["minutes"]
    fixed = cases["erpnext-fixed-time-op"]
    assert fixed["expected"]["minutes"] == [
        durations.run_minutes(
            run_seconds_per_unit=60 * fixed["inputs"]["min"],
            planned_input=quantity,
            time_basis="fixed",
        )
        for quantity in fixed["inputs"]["qtys"]
    ]


Rows = Sequence[Mapping[str, Any]]


def frepple(folder: Path, model: str, expected: str) -> dict[str, RunWindow]:
    """The operations of a model's expected plan, each planned once, by name."""
    rows: Rows = json.loads((folder / f"oracles/frepple/{model}.json").read_text("utf-8"))[
        "expected"
    ][expected]
    return {
        row["operation"]: between(row["start"], row["end"])
        for row in rows
        if row["kind"] == "OPERATION"
    }


def test_efficiency_of_frepple(lineside_external_data: Path) -> None:
    """Unconstrained; items 3 and 4 choose among resources by cost, which Lineside does not."""
    expected = frepple(lineside_external_data, "resource_efficiency", "2")
    one = run(10, run_minutes=DAY_MINUTES, efficiency_percentage=90)
    ten = run(
        10, setup_minutes=DAY_MINUTES, run_minutes=10 * DAY_MINUTES, efficiency_percentage=120
    )
    due = utc("2018-01-01")
    assert backward([one], due)[10] == expected["make item 1"]
    assert backward([ten], due)[10] == expected["make item 2"]


def test_an_order_that_is_late_already_in_frepple(lineside_external_data: Path) -> None:
    """The delivery is frePPLe's. What is not critical starts at once here (RULES 26: never before
    now), where frePPLe plans it backward again from the delivery it found."""
    expected = frepple(lineside_external_data, "constraints_leadtime_4", "1")
    days = {1: 1, 2: 3, 3: 5, 4: 3, 5: 4, 6: 5, 7: 2, 8: 1}
    before = {2: (1,), 5: (4,), 7: (6,), 8: (2, 3, 5, 7)}
    runs = [run(n, *before.get(n, ()), run_minutes=d * DAY_MINUTES) for n, d in days.items()]
    now = utc("2023-01-01")
    windows = backward(runs, now, now)
    assert windows[8] == expected["make end item"]
    assert all(windows[n].end_at <= expected[f"make {n}"].end_at for n in range(1, 8))
    assert windows[4] == expected["make 4"]
