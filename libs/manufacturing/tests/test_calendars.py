import pickle
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import partial
from itertools import pairwise
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from lineside_manufacturing.calendars import (
    NoWorkingTime,
    Shift,
    WorkingCalendar,
    standard_calendar,
)

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = frozenset(range(7))
NIGHT = WorkingCalendar("Europe/Berlin", (Shift("night", DAILY, time(22), time(6)),))
DAY = WorkingCalendar(
    "Europe/Berlin",
    (Shift("day", frozenset(range(5)), time(8), time(16), ((time(12), time(12, 30)),)),),
)
FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)


def berlin(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("evening", "hours"),
    [(date(2027, 3, 27), 7), (date(2026, 10, 24), 9), (date(2026, 6, 1), 8)],
)
def test_the_night_shift_lasts_as_long_as_the_night(evening: date, hours: int) -> None:
    noon = berlin(evening, 12)
    assert NIGHT.working_minutes(noon, noon + timedelta(hours=23)) == 60 * hours


def test_a_time_that_daylight_saving_skips_moves_forward() -> None:
    early = WorkingCalendar("Europe/Berlin", (Shift("early", DAILY, time(2, 30), time(10)),))
    [(start, end)] = early.working_intervals(
        datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 3, 28, 12, tzinfo=UTC)
    )
    assert (start, end) == (berlin(date(2027, 3, 28), 3, 30), berlin(date(2027, 3, 28), 10))


def test_an_ambiguous_time_is_its_first_occurrence() -> None:
    early = WorkingCalendar("Europe/Berlin", (Shift("early", DAILY, time(2, 30), time(10)),))
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert early.next_working_instant(datetime(2026, 10, 24, 12, tzinfo=UTC)) == first


def test_a_break_that_daylight_saving_turns_inside_out_is_none() -> None:
    breaks = ((time(2, 45), time(3, 15)),)
    night = WorkingCalendar("Europe/Berlin", (Shift("n", DAILY, time(22), time(6), breaks),))
    start = berlin(date(2027, 3, 27), 20)
    assert night.working_minutes(start, start + timedelta(hours=12)) == 7 * 60


def test_a_date_the_zone_left_out_has_no_shift() -> None:
    apia = WorkingCalendar("Pacific/Apia", (Shift("day", DAILY, time(8), time(16)),))
    assert not apia.is_working_day(date(2011, 12, 30))
    assert apia.next_working_day(date(2011, 12, 29)) == date(2011, 12, 31)


def test_a_shift_belongs_to_the_date_on_which_it_starts() -> None:
    holiday = WorkingCalendar("Europe/Berlin", NIGHT.shifts, frozenset({SATURDAY}))
    assert holiday.working_minutes(berlin(FRIDAY, 20), berlin(SATURDAY, 20)) == 8 * 60
    assert holiday.working_minutes(berlin(SATURDAY, 20), berlin(date(2026, 11, 22), 20)) == 0
    assert NIGHT.end_of_working_day(FRIDAY) == berlin(SATURDAY, 6)


def test_touching_and_overlapping_shifts_are_one_interval() -> None:
    shifts = (
        Shift("early", DAILY, time(6), time(14)),
        Shift("late", DAILY, time(13), time(22)),
        Shift("night", DAILY, time(22), time(6)),
    )
    round_the_clock = WorkingCalendar("Europe/Berlin", shifts)
    bounds = berlin(date(2026, 1, 1), 0), berlin(date(2026, 12, 31), 0)
    assert list(round_the_clock.working_intervals(*bounds)) == [bounds]


def test_breaks_and_closures_take_time_away() -> None:
    closed = (berlin(FRIDAY, 9), berlin(FRIDAY, 10))
    calendar = WorkingCalendar("Europe/Berlin", DAY.shifts, closures=(closed,))
    found = list(calendar.working_intervals(berlin(FRIDAY, 0), berlin(MONDAY, 0)))
    assert found == [
        (berlin(FRIDAY, 8), berlin(FRIDAY, 9)),
        (berlin(FRIDAY, 10), berlin(FRIDAY, 12)),
        (berlin(FRIDAY, 12, 30), berlin(FRIDAY, 16)),
    ]
    assert all(moment.tzinfo is UTC for pair in found for moment in pair)


def test_a_day_wholly_closed_is_no_working_day() -> None:
    closed = (berlin(FRIDAY, 0), berlin(SATURDAY, 0))
    calendar = WorkingCalendar("Europe/Berlin", DAY.shifts, closures=(closed,))
    assert not calendar.is_working_day(FRIDAY)
    assert calendar.end_of_working_day(SATURDAY) == berlin(date(2026, 11, 19), 16)


def test_work_that_fills_a_shift_ends_with_it_and_not_on_monday() -> None:
    assert DAY.add_working_minutes(berlin(FRIDAY, 15), 60) == berlin(FRIDAY, 16)
    assert DAY.add_working_minutes(berlin(FRIDAY, 15), 61) == berlin(MONDAY, 8, 1)
    assert DAY.subtract_working_minutes(berlin(MONDAY, 9), 60) == berlin(MONDAY, 8)
    assert DAY.subtract_working_minutes(berlin(MONDAY, 9), 61) == berlin(FRIDAY, 15, 59)


def test_no_work_takes_no_time_even_at_night() -> None:
    assert DAY.add_working_minutes(berlin(SATURDAY, 3), 0) == berlin(SATURDAY, 3)


def test_the_next_working_instant_is_now_or_when_work_begins() -> None:
    assert DAY.next_working_instant(berlin(FRIDAY, 9)) == berlin(FRIDAY, 9)
    assert DAY.next_working_instant(berlin(FRIDAY, 16)) == berlin(MONDAY, 8)


def test_something_due_on_a_weekend_is_due_on_friday_evening() -> None:
    for day in (FRIDAY, SATURDAY, date(2026, 11, 22)):
        assert DAY.end_of_working_day(day) == berlin(FRIDAY, 16)


def test_working_days_are_counted_without_the_day_itself() -> None:
    assert DAY.next_working_day(FRIDAY) == MONDAY
    assert DAY.previous_working_day(MONDAY) == FRIDAY
    assert DAY.add_working_days(FRIDAY, 5) == date(2026, 11, 27)
    assert DAY.add_working_days(SATURDAY, -1) == FRIDAY
    assert DAY.add_working_days(SATURDAY, 0) == SATURDAY
    assert DAY.working_day_on_or_before(SATURDAY) == FRIDAY
    assert DAY.working_day_on_or_after(SATURDAY) == MONDAY


def test_the_date_is_the_plants() -> None:
    instant = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert DAY.local_date(instant) == SATURDAY
    assert standard_calendar("America/New_York").local_date(instant) == FRIDAY


def test_a_calendar_without_work_says_so_instead_of_searching_for_ever() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    closed = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
    shut = WorkingCalendar("Europe/Berlin", DAY.shifts, closures=(closed,))
    for calendar in (WorkingCalendar("Europe/Berlin", ()), shut):
        assert calendar.working_minutes(now, now + timedelta(days=900)) == 0
        assert list(calendar.working_intervals(now, now + timedelta(days=900))) == []
        for question in (
            partial(calendar.add_working_minutes, now, 1),
            partial(calendar.subtract_working_minutes, now, 1),
            partial(calendar.end_of_working_day, FRIDAY),
            partial(calendar.next_working_day, FRIDAY),
        ):
            with pytest.raises(NoWorkingTime, match="two years"):
                question()


def test_dates_at_the_end_of_time_do_no_harm() -> None:
    assert DAY.end_of_working_day(date.max).year == 9999
    with pytest.raises(NoWorkingTime):
        DAY.next_working_day(date.max)
    with pytest.raises(ValueError, match="century"):
        DAY.working_minutes(berlin(FRIDAY, 0), datetime(9999, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("weekday", "start", "breaks"),
    [
        (7, time(8), ()),
        (0, time(8, tzinfo=UTC), ()),
        (0, time(8), ((time(15), time(17)),)),
        (0, time(8), ((time(7), time(9)),)),
        (0, time(8), ((time(9), time(9)),)),
    ],
    ids=["eighth day", "zoned", "break leaves", "break before", "empty break"],
)
def test_a_shift_that_makes_no_sense_is_refused(
    weekday: int, start: time, breaks: tuple[tuple[time, time], ...]
) -> None:
    with pytest.raises(ValueError, match="shift x"):
        Shift("x", frozenset({weekday}), start, time(16), breaks)


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "", "Europe"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="IANA"):
        WorkingCalendar(zone, ())


def test_closures_turned_round_and_zoneless_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="closure"):
        WorkingCalendar("UTC", (), closures=((berlin(MONDAY, 0), berlin(FRIDAY, 0)),))
    with pytest.raises(ValueError, match="zone"):
        DAY.add_working_minutes(berlin(FRIDAY, 0).replace(tzinfo=None), 1)
    with pytest.raises(ValueError, match="0 or more"):
        DAY.add_working_minutes(berlin(FRIDAY, 0), -1)


def test_breaks_may_lie_after_midnight_and_at_the_end() -> None:
    shift = Shift("night", DAILY, time(22), time(6), ((time(1), time(2)), (time(5, 30), time(6))))
    calendar = WorkingCalendar("UTC", (shift,))
    assert (
        calendar.working_minutes(
            datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 2, 12, tzinfo=UTC)
        )
        == 6 * 60 + 30
    )


def test_the_standard_calendar_works_fifteen_hours_from_monday_to_friday() -> None:
    calendar = standard_calendar("Europe/Berlin")
    assert calendar.working_minutes(berlin(FRIDAY, 0), berlin(MONDAY, 0)) == 15 * 60
    assert calendar.end_of_working_day(FRIDAY) == berlin(FRIDAY, 22)


def test_a_calendar_is_a_value() -> None:
    used = standard_calendar("Europe/Berlin")
    used.add_working_minutes(berlin(FRIDAY, 0), 10_000)
    fresh = standard_calendar("Europe/Berlin")
    assert used == fresh == pickle.loads(pickle.dumps(used))  # noqa: S301
    assert hash(used) == hash(fresh)


CALENDARS = (
    NIGHT,
    DAY,
    standard_calendar("America/New_York"),
    WorkingCalendar(
        "Australia/Lord_Howe",  # half an hour of daylight saving
        (
            Shift("day", frozenset({0, 2, 4, 6}), time(9), time(9)),
            Shift("long", frozenset({1, 2}), time(1, 45), time(23), ((time(2), time(2, 15)),)),
        ),
        frozenset({date(2026, 4, 6), date(2026, 12, 25)}),
        ((datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 9, 3, tzinfo=UTC)),),
    ),
)
calendars = st.sampled_from(CALENDARS)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=730)).map(FIRST.__add__)
amounts = st.fractions(0, 20_000, max_denominator=60)


@settings(max_examples=150, deadline=None)
@given(calendars, instants, amounts)
def test_adding_finds_the_earliest_and_subtracting_the_latest_instant(
    calendar: WorkingCalendar, instant: datetime, minutes: Fraction
) -> None:
    tick = timedelta(microseconds=1)
    later = calendar.add_working_minutes(instant, minutes)
    earlier = calendar.subtract_working_minutes(instant, minutes)
    slack = Fraction(1, 60_000_000)
    assert 0 <= calendar.working_minutes(instant, later) - minutes < slack
    assert 0 <= calendar.working_minutes(earlier, instant) - minutes < slack
    if minutes:
        assert calendar.working_minutes(instant, later - tick) < minutes
        assert calendar.working_minutes(earlier + tick, instant) < minutes


@settings(max_examples=150, deadline=None)
@given(calendars, instants, st.integers(0, 20_000))
def test_subtracting_undoes_adding_within_working_time(
    calendar: WorkingCalendar, instant: datetime, minutes: int
) -> None:
    begin = calendar.next_working_instant(instant)
    done = calendar.add_working_minutes(begin, minutes)
    assert calendar.subtract_working_minutes(done, minutes) == begin


@settings(max_examples=100, deadline=None)
@given(calendars, instants, instants, amounts)
def test_starting_later_never_ends_earlier(
    calendar: WorkingCalendar, one: datetime, other: datetime, minutes: Fraction
) -> None:
    first, second = sorted((one, other))
    assert calendar.add_working_minutes(first, minutes) <= calendar.add_working_minutes(
        second, minutes
    )


@settings(max_examples=60, deadline=None)
@given(calendars, st.lists(instants, min_size=3, max_size=3))
def test_minutes_add_up_and_are_what_the_intervals_hold(
    calendar: WorkingCalendar, moments: list[datetime]
) -> None:
    a, b, c = moments
    split = calendar.working_minutes(a, b) + calendar.working_minutes(b, c)
    assert split == calendar.working_minutes(a, c)
    start, end = min(moments), max(moments)
    intervals = list(calendar.working_intervals(start, end))
    held = sum(((to - since) for since, to in intervals), timedelta())
    assert Fraction(held // timedelta(microseconds=1), 60_000_000) == calendar.working_minutes(
        start, end
    )
    assert all(one[1] < two[0] for one, two in pairwise(intervals))
    assert all(start <= since < to <= end for since, to in intervals)


@settings(max_examples=60, deadline=None)
@given(calendars, st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(1, 60))
def test_counting_days_back_undoes_counting_on(
    calendar: WorkingCalendar, day: date, count: int
) -> None:
    working = calendar.working_day_on_or_after(day)
    reached = calendar.add_working_days(working, count)
    assert calendar.add_working_days(reached, -count) == working
    assert calendar.is_working_day(reached)


def test_hundreds_of_long_additions_take_milliseconds() -> None:
    calendar = standard_calendar("Europe/Berlin")
    now = berlin(FRIDAY, 0)
    begun = perf_counter()
    for minute in range(500):
        calendar.add_working_minutes(now + timedelta(minutes=minute), 60_000)
    assert perf_counter() - begun < 0.5  # 0.01 s where measured
