"""Effectiveness: every edge case of RULES 30, and what holds of any shift."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from lineside_contracts.shopfloor import UNSCHEDULED, OeeFlag
from lineside_manufacturing import time_spans
from lineside_manufacturing.calendars import Shift, WorkingCalendar
from lineside_manufacturing.time_spans import Span
from lineside_shopfloor.reporting.domain import effectiveness, spans
from lineside_shopfloor.reporting.domain.effectiveness import Figures, Oee, Pieces, Worked
from lineside_shopfloor.reporting.domain.timetables import Timetable

MINUTE = effectiveness.MINUTE
LATER = 10_000 * MINUTE
SHIFT: list[Span] = [(0, 240 * MINUTE), (270 * MINUTE, 480 * MINUTE)]
"""Eight hours with half an hour of break: 450 minutes."""


def worked(activity: str, start: int, end: int | None) -> Worked:
    return Worked(activity, start * MINUTE, None if end is None else end * MINUTE)


def pieces(good: int, scrap: int = 0, rework: int = 0, ideal: Fraction | None = None) -> Pieces:
    return Pieces(Fraction(good), Fraction(scrap), Fraction(rework), ideal or Fraction(1))


def measured(intervals: list[Worked], counted: list[Pieces], *, now: int = LATER) -> Figures:
    return effectiveness.measure(SHIFT, intervals, counted, now=now)


def test_an_ordinary_shift_multiplies_its_three_factors() -> None:
    figures = measured([worked("run", 0, 240)], [pieces(90, 8, 2)])
    found = effectiveness.oee_of(figures)
    assert (found.availability, found.performance, found.quality) == (
        Fraction(240, 450),
        Fraction(100, 240),
        Fraction(90, 100),
    )
    assert found.oee == Fraction(90, 450)
    assert figures.flags == frozenset()


def test_run_time_is_a_union_clipped_to_planned_time() -> None:
    overlapping = [worked("run", -30, 60), worked("run", 30, 90), worked("run", 230, 300)]
    assert measured(overlapping, []).run == 90 + 10 + 30


def test_setup_and_stops_are_availability_loss() -> None:
    figures = measured(
        [worked("setup", 0, 30), worked("run", 30, 100), worked("pause", 100, 160)], [pieces(70)]
    )
    minutes = [figures.run, figures.setup, figures.stopped]
    assert minutes == [Fraction(70), Fraction(30), Fraction(60)]
    assert effectiveness.oee_of(figures).availability == Fraction(70, 450)


def test_without_planned_time_nothing_has_a_meaning() -> None:
    figures = effectiveness.measure([], [worked("run", 0, 60)], [pieces(5)], now=LATER)
    assert effectiveness.oee_of(figures) == effectiveness.Oee()


def test_without_run_time_availability_and_oee_are_nothing() -> None:
    figures = measured([], [pieces(5)])
    found = effectiveness.oee_of(figures)
    assert found == Oee(availability=Fraction(0), oee=Fraction(0))
    assert figures.flags == {OeeFlag.PIECES_WITHOUT_RUN}


def test_without_pieces_quality_has_no_meaning_and_oee_is_nothing() -> None:
    found = effectiveness.oee_of(measured([worked("run", 0, 60)], []))
    assert found == Oee(Fraction(60, 450), performance=Fraction(0), oee=Fraction(0))


def test_performance_above_one_is_flagged_and_not_capped() -> None:
    figures = measured([worked("run", 0, 60)], [pieces(90)])
    assert effectiveness.oee_of(figures).performance == Fraction(3, 2)
    assert OeeFlag.PERFORMANCE_ABOVE_ONE in figures.flags


def test_scrap_above_good_is_flagged() -> None:
    figures = measured([worked("run", 0, 60)], [pieces(3, 7)])
    assert effectiveness.oee_of(figures).quality == Fraction(3, 10)
    assert OeeFlag.SCRAP_ABOVE_GOOD in figures.flags


def test_pieces_without_a_standard_are_flagged() -> None:
    figures = measured([worked("run", 0, 60)], [Pieces(good=Fraction(3), ideal_minutes=None)])
    assert effectiveness.oee_of(figures).performance == 0
    assert OeeFlag.WITHOUT_STANDARD in figures.flags


@pytest.mark.parametrize(("now", "run"), [(60, 60), (10_000, 450)])
def test_an_open_interval_ends_with_the_shift_or_now_and_is_flagged(now: int, run: int) -> None:
    figures = measured([worked("run", 0, None)], [], now=now * MINUTE)
    assert figures.run == run
    assert figures.flags == {OeeFlag.OPEN_INTERVAL}


def test_an_interval_that_was_closed_after_the_shift_is_not_flagged() -> None:
    assert measured([worked("run", 400, 600)], []).flags == frozenset()


def test_an_interval_counts_for_a_week_at_most() -> None:
    days = 24 * 60
    on_the_ninth = [(8 * days * MINUTE, (8 * days + 60) * MINUTE)]
    figures = effectiveness.measure(
        on_the_ninth, [worked("run", 0, None)], [], now=20 * days * MINUTE
    )
    assert figures.run == 0
    assert figures.flags == frozenset()


def test_what_is_planned_later_does_not_count_yet() -> None:
    assert measured([], [], now=100 * MINUTE).planned == 100


def test_percentages_are_never_averaged() -> None:
    one = measured([worked("run", 0, 60)], [pieces(10)])
    other = measured([worked("run", 0, 240)], [pieces(100, 100)])
    both = effectiveness.oee_of(effectiveness.together([one, other]))
    assert both.availability == Fraction(300, 900)
    assert both.quality == Fraction(110, 210)


INTERVALS = st.builds(
    lambda activity, start, length: worked(activity, start, start + length),
    st.sampled_from(["run", "setup", "pause"]),
    st.integers(-600, 600),
    st.integers(0, 300),
)
PIECES = st.builds(
    pieces,
    st.integers(0, 500),
    st.integers(0, 500),
    st.integers(0, 50),
    st.fractions(min_value=Fraction(1, 100), max_value=5),
)


@given(st.lists(INTERVALS, max_size=8), st.lists(PIECES, max_size=4), st.integers(-10, 600))
def test_times_never_exceed_what_was_planned(
    intervals: list[Worked], counted: list[Pieces], now: int
) -> None:
    figures = measured(intervals, counted, now=now * MINUTE)
    assert 0 <= figures.run + figures.setup + figures.stopped <= figures.planned <= 450
    found = effectiveness.oee_of(figures)
    assert found.availability is None or 0 <= found.availability <= 1
    assert found.quality is None or 0 <= found.quality <= 1
    assert (found.oee is None) == (figures.planned == 0)


@given(st.lists(st.tuples(st.lists(INTERVALS, max_size=4), st.lists(PIECES, max_size=3))))
def test_sums_do_not_depend_on_how_shifts_are_grouped(
    shifts: list[tuple[list[Worked], list[Pieces]]],
) -> None:
    each = [measured(*shift) for shift in shifts]
    half = len(each) // 2
    by_halves = [effectiveness.together(each[:half]), effectiveness.together(each[half:])]
    halves, whole = effectiveness.together(by_halves), effectiveness.together(each)
    assert replace(halves, flags=whole.flags) == whole
    assert halves.flags >= whole.flags  # a half may show a performance that the whole does not
    assert whole.flags >= {flag for one in each for flag in one.flags}
    assert effectiveness.together(each[:1]) == (each[0] if each else Figures())


BERLIN = "Europe/Berlin"
EVERY_DAY = frozenset(range(7))
THREE_SHIFTS = (
    Shift("morning", EVERY_DAY, time(6), time(14), ((time(10), time(10, 30)),)),
    Shift("afternoon", EVERY_DAY, time(14), time(22)),
    Shift("night", EVERY_DAY, time(22), time(6)),
)


def timetable(*shifts: Shift, closures: tuple[tuple[datetime, datetime], ...] = ()) -> Timetable:
    return Timetable(WorkingCalendar(BERLIN, shifts, frozenset({date(2026, 5, 1)}), closures))


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 6, 1), 8)]
)
def test_a_night_shift_lasts_as_long_as_the_night(day: date, hours: int) -> None:
    (night,) = [s for s in timetable(*THREE_SHIFTS).shifts_of(day) if s.name == "night"]
    assert spans.length(night.working) == hours * 60 * MINUTE


def test_a_night_belongs_to_the_date_on_which_it_starts() -> None:
    table = timetable(*THREE_SHIFTS)
    after_midnight = datetime(2026, 6, 2, 1, 30, tzinfo=UTC)
    assert table.production_date_of(after_midnight) == date(2026, 6, 1)
    assert table.production_date_of(after_midnight + timedelta(hours=3)) == date(2026, 6, 2)


def test_a_night_is_cut_at_midnight_for_the_calendar_day() -> None:
    night = [s for s in timetable(*THREE_SHIFTS).slots_of(date(2026, 6, 1)) if s.shift == "night"]
    assert [(s.calendar_date, spans.length([s.span]) // MINUTE) for s in night] == [
        (date(2026, 6, 1), 120),
        (date(2026, 6, 2), 360),
    ]


def test_breaks_and_closures_are_not_planned_but_belong_to_the_shift() -> None:
    closed = datetime(2026, 6, 1, 10, tzinfo=UTC), datetime(2026, 6, 1, 11, tzinfo=UTC)
    (morning,) = timetable(THREE_SHIFTS[0], closures=(closed,)).shifts_of(date(2026, 6, 1))
    assert spans.length(morning.spans) == 480 * MINUTE
    assert spans.length(morning.working) == (480 - 30 - 60) * MINUTE


def test_where_shifts_overlap_the_one_that_began_first_keeps_the_time() -> None:
    early = Shift("early", EVERY_DAY, time(6), time(14))
    late = Shift("late", EVERY_DAY, time(13), time(21))
    found = timetable(early, late).shifts_of(date(2026, 6, 1))
    assert [spans.length(shift.working) // MINUTE for shift in found] == [480, 420]


def test_on_a_holiday_all_time_is_unscheduled_but_the_night_before() -> None:
    slots = timetable(*THREE_SHIFTS).slots_of(date(2026, 5, 1))
    assert [(s.shift, spans.length([s.span]) // MINUTE) for s in slots] == [(UNSCHEDULED, 18 * 60)]


SHIFTS = st.lists(
    st.builds(
        lambda name, days, start, end: Shift(name, days, time(start), time(end)),
        st.sampled_from("abc"),
        st.frozensets(st.integers(0, 6), min_size=1),
        st.integers(0, 23),
        st.integers(0, 23),
    ),
    max_size=4,
)


@given(SHIFTS, st.dates(date(2026, 3, 20), date(2026, 11, 5)))
def test_every_moment_belongs_to_exactly_one_slot(shifts: list[Shift], day: date) -> None:
    table = timetable(*shifts)
    dates = [day + timedelta(days=offset) for offset in range(-2, 3)]
    slots = [slot for each in dates for slot in table.slots_of(each)]
    parts = sorted(slot.span for slot in slots)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(parts))
    start, end = table.day_span(day)
    inside = [part for part in parts if part[0] < end and part[1] > start]
    assert spans.length(spans.within(time_spans.merged(inside), [(start, end)])) == end - start
    for slot in slots:
        for moment in (slot.span[0], slot.span[1] - 1):
            instant = time_spans.instant_of(moment)
            assert table.production_date_of(instant) == slot.production_date
            assert instant.astimezone(table.zone).date() == slot.calendar_date
