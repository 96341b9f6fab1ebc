"""Finite loading, against plain calendar arithmetic and against what a day can hold."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st

from lineside_manufacturing import run_timing, time_spans
from lineside_manufacturing.calendars import Shift, WorkingCalendar, standard_calendar
from lineside_manufacturing.run_timing import RunWindow, Windows
from lineside_planning.capacity.domain import centers, day_buckets, loading, placing, tasks
from lineside_planning.capacity.domain.centers import Center, CenterFacts
from lineside_planning.capacity.domain.loading import Places, Unplaced
from lineside_planning.capacity.domain.tasks import Run, Tasks

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = frozenset(range(7))
PLANT = standard_calendar("Europe/Berlin")
NIGHT = WorkingCalendar("Europe/Berlin", (Shift("night", DAILY, time(22), time(6)),))
ALWAYS = WorkingCalendar("UTC", (Shift("all day", DAILY, time(0), time(0)),))
HOUR = 3_600_000_000


def berlin(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=BERLIN)


def micro(instant: datetime) -> int:
    return time_spans.microseconds_of(instant)


def center(
    code: str = "PRESS",
    *,
    calendar: WorkingCalendar = PLANT,
    units: int | None = 1,
    now: datetime = datetime(2027, 1, 4, 5, tzinfo=UTC),
    loads: dict[int, int] | None = None,
    efficiency: str = "100",
) -> Center:
    facts = CenterFacts(code, code, "MAIN", calendar, units, Decimal(efficiency))
    made = centers.loaded(facts, loads or {}, now=micro(now))
    made.settle()
    return made


def run(number: int, *before: int, **over: Any) -> Run:
    values: dict[str, Any] = {
        "operation_name": f"Operation {number}",
        "work_center_code": "PRESS",
        "setup_minutes": Decimal(0),
        "run_minutes": Decimal(60),
        "planned_input": Decimal(100),
        "planned_output": Decimal(100),
    }
    return Run(sequence_number=number, predecessors=before, **(values | over))


def tasks_on(runs: Sequence[Run], *known: Center) -> Tasks:
    return tasks.tasks_of(runs, {}, {one.facts.work_center_code: one for one in known})


def windows(places: Places | Unplaced) -> Windows:
    assert not isinstance(places, Unplaced)
    return {
        number: RunWindow(time_spans.instant_of(place.start), time_spans.instant_of(place.end))
        for number, place in places.items()
    }


def days(place: placing.Placement | None) -> list[int]:
    assert place is not None
    return [amount // HOUR for _, amount in place.takes]


def test_a_run_takes_a_day_at_most_what_one_unit_works() -> None:
    press = center(units=3)
    place = placing.forward(press, micro(berlin(1, 4, 6)), 40 * HOUR)
    assert days(place) == [15, 15, 10]


def test_a_run_takes_what_others_leave() -> None:
    press = center()
    monday = press.buckets.day_of(press.now)
    press.take([(monday, 12 * HOUR), (monday + 1, 15 * HOUR)])
    place = placing.forward(press, micro(berlin(1, 4, 6)), 5 * HOUR)
    assert days(place) == [3, 2]
    assert place is not None
    assert place.start == micro(berlin(1, 4, 19))  # the last three hours of the day
    assert place.end == micro(berlin(1, 6, 8))


def test_backward_leaves_the_end_of_a_busy_day_to_others() -> None:
    press = center()
    monday = press.buckets.day_of(press.now)
    press.take([(monday + 1, 12 * HOUR)])
    place = placing.backward(press, micro(berlin(1, 5, 22)), 5 * HOUR)
    assert days(place) == [2, 3]
    assert place is not None
    assert place.start == micro(berlin(1, 4, 20))


def test_two_orders_never_get_the_same_minutes() -> None:
    press = center(units=2)
    until = micro(berlin(1, 5, 22))
    for _ in range(4):
        place = placing.backward(press, until, 15 * HOUR)
        assert place is not None
        press.take(place.takes)
    assert placing.backward(press, until, 1) is None
    assert all(press.taken[day] == press.capacity(day) for day in press.taken)


def test_nothing_is_placed_before_now() -> None:
    press = center(now=berlin(1, 4, 12))
    until = micro(berlin(1, 4, 22))
    assert placing.backward(press, until, 10 * HOUR) is None
    place = placing.backward(press, until, 9 * HOUR)
    assert place is not None
    assert place.start == micro(berlin(1, 4, 12, 30))


def test_late_work_is_done_before_new_work() -> None:
    friday = micro(berlin(1, 1, 12)) // (24 * HOUR) + day_buckets.EPOCH_DAY
    press = center(loads={friday: 20 * HOUR})
    monday = press.buckets.day_of(press.now)
    assert press.taken == {monday: 15 * HOUR, monday + 1: 5 * HOUR} | {
        day: 0 for day in press.taken if day not in {monday, monday + 1}
    }
    place = placing.forward(press, press.now, HOUR)
    assert place is not None
    assert place.end > micro(berlin(1, 5, 11))


def test_a_work_center_without_units_has_no_place() -> None:
    press = center(units=0)
    assert placing.forward(press, press.now, 1) is None
    assert placing.backward(press, press.now + 10 * HOUR, 1) is None


def test_what_is_reported_is_no_longer_to_be_done() -> None:
    press = center()
    runs = [run(10, run_id="a", setup_minutes=Decimal(30)), run(20, 10, run_id="b"), run(30, 20)]
    progress = {
        "a": tasks.Progress(is_finished=True),
        "b": tasks.Progress(done_quantity=Decimal(25)),
    }
    left = tasks.tasks_of(runs, progress, {"PRESS": press})
    assert [(task.number, task.ticks) for task in left.ordered] == [(20, 450_000), (30, 600_000)]
    assert left.before == {20: (), 30: (20,)}


def test_efficiency_keeps_a_unit_busy_longer() -> None:
    press = center(efficiency="80")
    assert press.busy(centers.ticks_of(Decimal(60))) == 75 * 60_000_000


@st.composite
def orders(draw: st.DrawFn, units: int = 1) -> tuple[list[Run], dict[str, Center]]:
    known = {
        code: center(code, calendar=calendar, units=units, efficiency=share)
        for code, calendar, share in (
            ("A", PLANT, draw(st.sampled_from(["100", "80"]))),
            ("B", NIGHT, "130"),
            ("C", ALWAYS, "100"),
        )
    }
    runs = []
    for index in range(draw(st.integers(1, 5))):
        before = [10 * n for n in range(index) if draw(st.booleans())]
        output = draw(st.integers(1, 200))
        scrap = draw(st.integers(0, 20))
        runs.append(
            run(
                10 * index,
                *before,
                work_center_code=draw(st.sampled_from("ABC")),
                setup_minutes=Decimal(draw(st.integers(0, 120))),
                run_minutes=Decimal(draw(st.integers(0, 3000))),
                wait_minutes=Decimal(draw(st.sampled_from([0, 0, 30, 1000]))),
                planned_output=Decimal(output),
                planned_input=Decimal(output + scrap + draw(st.integers(0, 30))),
                setup_scrap_quantity=Decimal(scrap),
                units_per_product=draw(st.sampled_from([Fraction(1), Fraction(1, 4)])),
                transfer_batch_quantity=draw(
                    st.one_of(st.none(), st.integers(1, 250).map(Decimal))
                ),
                time_basis=draw(st.sampled_from(["per_unit", "fixed", "per_batch"])),
                batch_size=Decimal(30),
            )
        )
    return runs, known


DUE = st.sampled_from([berlin(3, 29, 22), berlin(10, 31, 7), berlin(6, 5, 15, 7)])


@settings(max_examples=80, deadline=None)
@given(orders(units=5), DUE)  # a unit for each run: none waits for another
def test_an_empty_plant_gives_plain_calendar_arithmetic(
    order: tuple[list[Run], dict[str, Center]], due: datetime
) -> None:
    runs, known = order
    left = tasks.tasks_of(runs, {}, known)
    timed = [tasks.timed_run(task) for task in left.ordered]
    for variant in (left, tasks.alone(left)):
        placed = loading.backward(variant, due=micro(due))
        assert windows(placed) == run_timing.backward_windows(
            timed, due_at=due, not_before=datetime(2000, 1, 1, tzinfo=UTC)
        )
        assert not isinstance(placed, Unplaced)
        loading.release(variant, placed)
    found = loading.forward(left, not_before=micro(due), not_before_of={})
    assert windows(found) == run_timing.forward_windows(timed, not_before=due)


@settings(max_examples=40, deadline=None)
@given(st.lists(orders(), min_size=2, max_size=4), DUE)
def test_no_day_is_ever_overbooked(
    many: list[tuple[list[Run], dict[str, Center]]], due: datetime
) -> None:
    known = many[0][1]
    for runs, _ in many:
        left = tasks.tasks_of(runs, {}, known)
        placed = loading.backward(left, due=micro(due))
        if isinstance(placed, Unplaced):
            placed = loading.forward(left, not_before=micro(due), not_before_of={})
        assert not isinstance(placed, Unplaced)
        for task in left.ordered:
            taken = sum(amount for _, amount in placed[task.number].takes)
            assert taken == task.busy
    for one in known.values():
        assert all(taken <= one.capacity(day) for day, taken in one.taken.items())


def test_overlap_in_a_busy_plant_waits_for_the_first_batch() -> None:
    press, folder = center("PRESS"), center("FOLDER")
    monday = press.buckets.day_of(press.now)
    press.take([(monday, 14 * HOUR)])
    runs = [
        run(10, run_minutes=Decimal(600), transfer_batch_quantity=Decimal(20)),
        run(20, 10, work_center_code="FOLDER", run_minutes=Decimal(600)),
    ]
    placed = loading.forward(tasks_on(runs, press, folder), not_before=press.now, not_before_of={})
    assert not isinstance(placed, Unplaced)
    assert placed[10].start == micro(berlin(1, 4, 21))
    assert placed[20].start == micro(berlin(1, 5, 7))  # one hour on Monday, the second on Tuesday
    assert placed[20].end == micro(berlin(1, 5, 6)) + 11 * HOUR + HOUR // 2
    assert timedelta(microseconds=placed[20].end - placed[20].start) == timedelta(hours=10.5)
