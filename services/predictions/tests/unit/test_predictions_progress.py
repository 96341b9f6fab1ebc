"""What is left of an order as pieces are reported, how its date moves, and who shares its lanes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given, strategies as st

from lineside_manufacturing.calendars import standard_calendar
from lineside_predictions.domain import debounce, lane_conflicts, order_dates, runs
from lineside_predictions.domain.lane_conflicts import FloorLane, LiveWork
from lineside_predictions.domain.order_dates import Forecast, OrderDates
from lineside_predictions.domain.reports import OperationProgress, Totals
from lineside_predictions.domain.runs import Run
from lineside_predictions.domain.velocity import Velocity

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
BERLIN = standard_calendar("Europe/Berlin")
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 -- made aware
ORDER = UUID(int=7)


def run(number: int = 10, **over: Any) -> Run:
    facts: dict[str, Any] = {
        "id": UUID(int=number),
        "sequence_number": number,
        "predecessors": (number - 10,) if number > 10 else (),
        "work_minutes": Decimal(6060),
        "wait_minutes": Decimal(0),
        "operation_type": "fabrication",
        "setup_minutes": Decimal(60),
        "planned_input": Decimal(102),
        "planned_output": Decimal(100),
    }
    return Run(**facts | over)


def reported(good: int, scrap: int = 0, *, done: bool = False) -> OperationProgress:
    totals = Totals(Decimal(good), Decimal(scrap), is_completed=done)
    return OperationProgress(UUID(int=1), ORDER, UUID(int=2), UUID(int=10), 10, 1, totals)


def dates(*planned: Run, **over: Any) -> OrderDates:
    return order_dates.predict_order(planned, now=NOW, calendar=BERLIN, **over)


def test_pieces_that_are_reported_are_not_left() -> None:
    (half,) = runs.take_reports([run()], [reported(51)])
    assert half.minutes_left == Decimal(3000)
    assert runs.take_reports([run()], [reported(0)])[0].minutes_left == Decimal(6060)
    assert runs.take_reports([run()], [reported(100, done=True)])[0].minutes_left == 0


def test_scrap_beyond_what_was_planned_must_be_made_again() -> None:
    (poor,) = runs.take_reports([run()], [reported(60, 40)])
    assert poor.pieces_left == 40
    (fine,) = runs.take_reports([run()], [reported(98, 2)])
    assert fine.pieces_left == 2


def test_a_run_planned_anew_is_found_by_its_number() -> None:
    other = run(id=UUID(int=99))
    assert runs.take_reports([other], [reported(51)])[0].good == 51


def test_progress_counts_what_left_the_last_operation_and_what_is_between() -> None:
    planned = [run(good=Decimal(80), processed=Decimal(82)), run(20, good=Decimal(25))]
    seen = runs.progress(planned, quantity=Decimal(1000))
    assert seen.remaining_quantity == 750
    assert seen.wip_quantity == (Decimal(82) / 102 * 1000 - 250).quantize(Decimal("0.01"))
    assert seen.total_minutes == 12120


@given(st.integers(0, 120), st.integers(0, 40), st.booleans())
def test_nothing_left_is_ever_negative(good: int, scrap: int, done: bool) -> None:
    (after,) = runs.take_reports([run()], [reported(good, scrap, done=done)])
    seen = runs.progress([after], quantity=Decimal(100))
    assert after.minutes_left >= 0
    assert 0 <= seen.remaining_quantity <= 100
    assert 0 <= seen.wip_quantity <= 100


def test_more_reported_is_never_later() -> None:
    less, more = (runs.take_reports([run()], [reported(n)])[0] for n in (10, 60))
    assert dates(more).p80_date < dates(less).p80_date


def test_slow_work_is_ready_later_than_standard_times_say() -> None:
    slow = {"fabrication": Velocity(10, 8, 100, ratio=0.5, spread=0.3)}
    assert dates(run(), velocities=slow).p50_date > dates(run()).p50_date
    young = {"fabrication": Velocity(3, 8, 100)}
    assert dates(run(), velocities=young) == dates(run())


def test_a_senseless_standard_time_still_gets_a_date() -> None:
    endless = run(work_minutes=Decimal(10) ** 9, wait_minutes=Decimal(0))
    slow = {"fabrication": Velocity(10, 8, 100, ratio=0.2, spread=1.0)}
    assert dates(endless, velocities=slow).p95_date.year < 2200


def test_steady_work_has_a_narrower_band() -> None:
    def band(spread: float) -> timedelta:
        made = dates(run(), velocities={"fabrication": Velocity(10, 8, 100, 1.0, spread)})
        return made.p95_date - made.p50_date

    assert band(0.05) < band(0.32) < band(0.8)


def test_an_estimate_moves_with_the_work_once_that_has_begun() -> None:
    completion = NOW + timedelta(days=28)
    begun = run(good=Decimal(10), processed=Decimal(10))
    forecast = order_dates.paced(Forecast(completion), [begun], now=NOW)
    assert forecast.paced_from_at == NOW
    at_first = dates(begun, forecast=forecast)
    assert at_first.p50_date == completion.date()
    ahead = replace(begun, good=Decimal(56), processed=Decimal(56))
    assert dates(ahead, forecast=forecast).p50_date < at_first.p50_date
    week = NOW + timedelta(days=7)
    stalled = order_dates.predict_order([begun], now=week, calendar=BERLIN, forecast=forecast)
    assert stalled.p50_date > at_first.p50_date


def test_work_that_has_not_begun_keeps_its_estimate() -> None:
    forecast = Forecast(NOW + timedelta(days=28))
    assert order_dates.paced(forecast, [run()], now=NOW) == forecast


@given(INSTANTS, st.sampled_from([0.3, 1.0, 3.0, 7.0]))
def test_a_slot_ends_after_now_and_within_its_length(now: datetime, seconds: float) -> None:
    now = now.replace(tzinfo=UTC)
    end = debounce.slot_end(now, seconds=seconds)
    assert timedelta() < end - now <= timedelta(seconds=seconds)
    assert debounce.slot_end(end - timedelta(microseconds=1), seconds=seconds) == end
    assert debounce.slot_end(end, seconds=seconds) == end + timedelta(seconds=seconds)


@given(INSTANTS, st.lists(st.integers(0, 60_000), min_size=1, max_size=50))
def test_many_reports_ask_for_few_recalculations(now: datetime, millis: list[int]) -> None:
    now = now.replace(tzinfo=UTC)
    ends = {debounce.slot_end(now + timedelta(milliseconds=m), seconds=3) for m in millis}
    assert len(ends) <= (max(millis) - min(millis)) // 3000 + 2
    assert max(ends) > now + timedelta(milliseconds=max(millis))
    assert len({debounce.slot_name(end) for end in ends}) == len(ends)


def lane(*held: int, center: str | None = "PRESS", capacity: int = 1) -> FloorLane:
    return FloorLane("P1", "fabrication", center, capacity, tuple(UUID(int=n) for n in held))


def live(number: int, order: int, *centers: str) -> LiveWork:
    return LiveWork(UUID(int=number), UUID(int=order), "P1", "fabrication", frozenset(centers))


def test_lanes_with_more_work_than_they_take_are_contested() -> None:
    work = [live(1, 100, "PRESS"), live(2, 200, "PRESS"), live(3, 300, "DRILL")]
    found = lane_conflicts.count_by_order([lane(1), lane(center="DRILL")], work)
    assert found == {UUID(int=100): 1, UUID(int=200): 1, UUID(int=300): 0}


def test_enough_lanes_for_everybody_are_no_conflict() -> None:
    work = [live(1, 100, "PRESS"), live(2, 200, "PRESS")]
    assert set(lane_conflicts.count_by_order([lane(1), lane()], work).values()) == {0}
    assert set(lane_conflicts.count_by_order([lane(1, capacity=2)], work).values()) == {0}


def test_work_of_another_type_competes_with_nobody() -> None:
    other = replace(live(2, 200), operation_type="assembly")
    found = lane_conflicts.count_by_order([lane(1)], [live(1, 100), other])
    assert found == {UUID(int=100): 0, UUID(int=200): 0}
