"""Other systems' own test cases about dates and times, exact or with the policy that differs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from lineside_manufacturing import durations, run_timing
from lineside_manufacturing.calendars import Shift, WorkingCalendar
from lineside_manufacturing.run_timing import NoWindow, RunWindow, TimedRun, Windows

DAILY = frozenset(range(7))
ALWAYS = WorkingCalendar("UTC", (Shift("all day", DAILY, time(0), time(0)),))
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DAY_MINUTES = 24 * 60


def run(number: int, *before: int, **over: Any) -> TimedRun:
    values: dict[str, Any] = {"setup_minutes": 0, "run_minutes": 0, "calendar": ALWAYS}
    return TimedRun(sequence_number=number, predecessors=before, **(values | over))


def backward(
    runs: Sequence[TimedRun], due_at: datetime, not_before: datetime = LONG_AGO
) -> Windows:
    found = run_timing.backward_windows(runs, due_at=due_at, not_before=not_before)
    assert not isinstance(found, NoWindow), found
    return found


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
