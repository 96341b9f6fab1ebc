"""Checks of an order: feasible or not, with every reason; its lead time and its promise."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from lineside_manufacturing import time_spans
from lineside_manufacturing.calendars import Shift, WorkingCalendar
from lineside_planning.capacity.domain import (
    answers,
    centers,
    checking,
    lead_times,
    order_promises,
    utilization,
)
from lineside_planning.capacity.domain.centers import Center, CenterFacts
from lineside_planning.capacity.domain.checking import Check
from lineside_planning.capacity.domain.material_dates import MaterialDate
from lineside_planning.capacity.domain.orders import OrderState
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_planning.capacity.domain.tasks import NOWHERE, Run

EIGHT_HOURS = WorkingCalendar(
    "Europe/Berlin", (Shift("day", frozenset(range(5)), time(8), time(16)),)
)
PLANT = PlantDays("MAIN", "Europe/Berlin", EIGHT_HOURS)
MONDAY = datetime(2027, 1, 4, 6, tzinfo=UTC)
FRIDAY_NEXT = date(2027, 1, 15)
"""Ten working days of eight hours after that Monday morning: 80 hours."""
HOUR = 3_600_000_000
NOW = time_spans.microseconds_of(MONDAY)


def center(
    code: str = "PRESS",
    *,
    hours: float = 0,
    units: int = 1,
    day: date = date(2027, 1, 4),
    **over: Any,
) -> Center:
    facts = CenterFacts(code, f"{code} name", "MAIN", EIGHT_HOURS, units, **over)
    loads: dict[int, int] = {}
    left, on = int(hours * HOUR), day.toordinal()
    while left > 0:
        loads[on] = min(left, center_day(on) * units)
        left, on = left - loads[on], on + 1
    made = centers.loaded(facts, loads, now=NOW)
    made.settle()
    return made


def center_day(on: int) -> int:
    return 8 * HOUR if date.fromordinal(on).weekday() < 5 else 0


def floor(*known: Center) -> dict[str, Center]:
    nowhere = CenterFacts(NOWHERE, None, "MAIN", EIGHT_HOURS, None)
    found = {one.facts.work_center_code: one for one in known}
    return {**found, NOWHERE: centers.loaded(nowhere, {}, now=NOW)}


def run(number: int, *before: int, hours: float = 1, **over: Any) -> Run:
    values: dict[str, Any] = {
        "operation_name": f"Operation {number}",
        "work_center_code": "PRESS",
        "setup_minutes": Decimal(0),
        "run_minutes": Decimal(str(hours)) * 60,
    }
    return Run(sequence_number=number, predecessors=before, **(values | over))


def order(*runs: Run, **over: Any) -> OrderState:
    values: dict[str, Any] = {
        "id": UUID(int=1),
        "production_order_number": "MO-2027-000001",
        "product_code": "BROCHURE-A4",
        "plant_code": "MAIN",
        "due_date": FRIDAY_NEXT,
        "runs": runs,
        "expansion_version": 1,
        "expanded_planning_version": 1,
    }
    return OrderState(**(values | over))


def check(state: OrderState, *known: Center) -> Check:
    return checking.check(state, floor(*known), PLANT, now=NOW)


def codes(found: Check) -> list[str]:
    return [fault.code for fault in found.reasons]


def berlin(month: int, day: int, hour: int) -> int:
    wall = datetime(2027, month, day, hour, tzinfo=ZoneInfo("Europe/Berlin"))
    return time_spans.microseconds_of(wall)


def test_75_hours_of_80_are_a_bottleneck_and_feasible() -> None:
    found = check(order(run(10, hours=15)), center(hours=60))
    (use,) = found.uses
    assert utilization.load_of(use).available_hours == 80
    assert (use.percent, use.is_bottleneck, use.is_overloaded) == (Decimal("93.8"), True, False)
    assert found.is_feasible
    assert [warning.code for warning in found.warnings] == ["bottleneck"]
    assert utilization.load_of(use).explanation[-1] == "75 h of 80 h = 93.8 %."


@pytest.mark.parametrize(
    ("hours", "percent", "is_bottleneck", "is_overloaded"),
    [
        ("12", "90.0", False, False),
        ("12.0001", "90.0", True, False),
        ("20", "100.0", True, False),
        ("20.0001", "100.0", True, True),
    ],
)
def test_limits_are_decided_on_the_exact_value(
    hours: str, percent: str, is_bottleneck: bool, is_overloaded: bool
) -> None:
    state = order(run(10, run_minutes=Decimal(hours) * 60))
    (use,) = check(state, center(hours=60)).uses
    assert use.percent == Decimal(percent)
    assert (use.is_bottleneck, use.is_overloaded) == (is_bottleneck, is_overloaded)


def test_nothing_available_but_something_required_is_infeasible_without_a_percentage() -> None:
    found = check(order(run(10)), center(units=0))
    (use,) = found.uses
    assert (use.percent, use.is_bottleneck) == (None, True)
    assert codes(found) == ["no_capacity", "no_working_time"]
    assert found.completes is None
    answer = answers.answer(order(run(10)), found, version=1, now=MONDAY)
    assert answer.estimated_completion_at is None
    assert answer.work_centers[0].utilization_percent is None


def test_every_failing_reason_is_listed() -> None:
    late = MaterialDate(10, "PAPER", date(2027, 1, 14), date(2027, 1, 20))
    unknown = MaterialDate(10, "INK", date(2027, 1, 14), None)
    state = order(run(10, hours=30), materials=(late, unknown))
    found = check(state, center(hours=60))
    assert codes(found) == [
        "work_center_overloaded",
        "completes_late",
        "materials_late",
        "materials_missing",
    ]


def test_efficiency_counts_once() -> None:
    found = check(order(run(10, hours=40)), center(efficiency_percentage=Decimal(80)))
    (use,) = found.uses
    load = utilization.load_of(use)
    assert (load.available_hours, load.required_hours) == (Decimal(64), Decimal(40))
    assert use.percent == Decimal("62.5")
    assert found.completes == berlin(1, 12, 10)  # 50 hours at the machine: six days and two hours


def test_parallel_units_serve_several_orders_and_never_one_run_twice() -> None:
    press = center(units=2)
    first = check(order(run(10, hours=80)), press)
    second = check(order(run(10, hours=80)), press)
    assert first.is_feasible
    assert second.is_feasible
    third = check(order(run(10, hours=8)), press)
    assert codes(third) == ["work_center_overloaded", "completes_late"]


def test_committed_load_is_placed_as_late_as_it_may_be() -> None:
    press = center()
    check(order(run(10, hours=20)), press)
    assert press.loads == {
        date(2027, 1, 13).toordinal(): 4 * HOUR,
        date(2027, 1, 14).toordinal(): 8 * HOUR,
        date(2027, 1, 15).toordinal(): 8 * HOUR,
    }


def test_what_does_not_fit_before_its_due_date_goes_forward() -> None:
    press = center()
    check(order(run(10, hours=20), due_date=date(2027, 1, 5)), press)
    assert sorted(press.loads) == [date(2027, 1, day).toordinal() for day in (4, 5, 6)]


def test_an_alternate_that_is_sooner_is_named_and_the_load_stays() -> None:
    press, other = center(hours=40), center("PRESS-2")
    found = check(order(run(10, hours=8, alternates=("PRESS-2",))), press, other)
    assert found.sooner_at == {10: "PRESS-2"}
    assert not other.loads
    same = check(order(run(10, hours=8, alternates=("PRESS-3",))), center(), center("PRESS-3"))
    assert same.sooner_at == {}


def test_a_run_without_a_work_center_takes_time_and_no_capacity() -> None:
    found = check(order(run(10, hours=8, work_center_code=None)))
    assert found.uses == ()
    assert found.placed == {}
    assert found.completes == berlin(1, 4, 16)


def test_an_unknown_work_center_is_one_unit_with_a_warning() -> None:
    found = check(order(run(10)), center(is_known=False))
    assert [warning.code for warning in found.warnings] == ["unknown_work_center"]
    assert found.is_feasible


def test_late_work_of_others_comes_first() -> None:
    press = center(hours=16, day=date(2026, 12, 30))  # two days that nobody has worked
    found = check(order(run(10, hours=8)), press)
    assert found.completes == berlin(1, 6, 16)
    assert found.uses[0].committed == 16 * HOUR


def test_the_lead_time_says_where_the_time_goes() -> None:
    paper = MaterialDate(10, "PAPER", date(2027, 1, 14), date(2027, 1, 6))
    state = order(
        run(10, hours=8, wait_minutes=Decimal(24 * 60)), run(20, 10, hours=4), materials=(paper,)
    )
    press = center(hours=8, day=date(2027, 1, 6))
    found = check(state, press)
    lead = lead_times.lead_time(state, found, PLANT, now=NOW)
    assert lead is not None
    parts = {part.name: part.working_minutes / 60 for part in lead.parts}
    # Mon, Tue: materials; Wed: others; Thu: run 10; Fri: drying; Mon 11: run 20
    assert parts == {"materials": 16, "queue": 8, "processing": 12, "waiting": 8}
    assert (lead.working_days, lead.calendar_days) == (5, 7)
    assert lead.completes_at == datetime(2027, 1, 11, 11, tzinfo=UTC)
    assert "operation 10 (PRESS)" in lead.parts[1].explanation


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 3000), st.booleans()), min_size=1, max_size=5
    ),
    st.integers(0, 70),
    st.integers(0, 12),
)
def test_the_parts_of_a_lead_time_are_all_of_it(
    shape: Sequence[tuple[int, int, bool]], hours: int, arrives_in: int
) -> None:
    runs = [
        run(
            10 * index,
            *([10 * (index - 1)] if index and follows else []),
            hours=work,
            wait_minutes=Decimal(wait),
            planned_input=Decimal(100),
            planned_output=Decimal(100),
            transfer_batch_quantity=Decimal(30) if wait % 2 else None,
        )
        for index, (work, wait, follows) in enumerate(shape)
    ]
    arrival = MaterialDate(0, "PAPER", FRIDAY_NEXT, date(2027, 1, 4 + arrives_in))
    state = order(*runs, materials=(arrival,))
    found = check(state, center(hours=hours))
    lead = lead_times.lead_time(state, found, PLANT, now=NOW)
    assert lead is not None
    total = EIGHT_HOURS.working_minutes(MONDAY, lead.completes_at)
    assert sum(part.working_minutes for part in lead.parts) == total


def promised(predicted_on: date | None, hours: float = 8) -> Mapping[str, Any]:
    state = order(run(10, hours=hours))
    promise = order_promises.order_promise(
        state, check(state, center()), PLANT, predicted_on=predicted_on
    )
    assert promise is not None
    return promise.model_dump()


def test_the_requested_date_is_promised_unless_it_will_not_be_kept() -> None:
    assert promised(None)["promised_date"] == FRIDAY_NEXT
    assert promised(date(2027, 1, 10))["promised_date"] == FRIDAY_NEXT
    late = promised(date(2027, 1, 17))
    assert (late["promised_date"], late["is_on_time"]) == (date(2027, 1, 18), False)
    loaded = promised(None, hours=88)
    assert loaded["promised_date"] == date(2027, 1, 18)
