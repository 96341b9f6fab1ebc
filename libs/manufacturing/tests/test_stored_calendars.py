"""Calendars of what services store: whose counts, what closes it, what is built only once."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from lineside_manufacturing import calendars, stored_calendars
from lineside_manufacturing.stored_calendars import (
    CalendarContent,
    CalendarSource,
    Closure,
    StoredCalendars,
)

BERLIN = "Europe/Berlin"
MORNING = {"name": "m", "weekdays": [0], "start": "08:00:00", "end": "10:00", "breaks": []}
PAUSED = MORNING | {"breaks": [{"start": "09:00", "end": "09:30"}]}


def content(code: str, *shifts: dict[str, Any], number: int = 1, version: int = 1) -> Any:
    written = json.dumps(shifts), json.dumps(["2026-12-14"])
    return CalendarContent(UUID(int=number), version, code, *written)


def closure(number: int, hour: int) -> Closure:
    start = datetime(2026, 12, 7, hour, tzinfo=UTC)
    return Closure(UUID(int=number), 1, start, start.replace(minute=30))


STORED = StoredCalendars(
    {"OWN": content("OWN", MORNING), "PLANT": content("PLANT", PAUSED, number=2)},
    {("MAIN", None): [closure(9, 7)], ("MAIN", "PRESS"): [closure(3, 9)]},
)


def source(*codes: str | None, center: str | None = None, plant: str = "MAIN") -> CalendarSource:
    return STORED.source_of(plant, time_zone=BERLIN, calendar_codes=codes, work_center_code=center)


@pytest.mark.parametrize(
    ("codes", "name"),
    [
        (("OWN", "PLANT"), "OWN"),
        ((None, "PLANT"), "PLANT"),
        (("GONE", "PLANT"), "PLANT"),
        ((None, None), "standard calendar"),
    ],
)
def test_its_own_calendar_counts_then_the_plants_then_the_standard_one(
    codes: tuple[str | None, ...], name: str
) -> None:
    assert stored_calendars.calendar_name(source(*codes)) == name


def test_a_work_center_is_closed_with_its_plant_and_a_plant_not_with_its_work_center() -> None:
    assert [c.id.int for c in source("OWN", center="PRESS").closures] == [3, 9]
    assert [c.id.int for c in source("OWN", center="BENCH").closures] == [9]
    assert [c.id.int for c in source("OWN").closures] == [9]
    assert source("OWN", plant="NORTH").closures == ()


def test_shifts_breaks_holidays_and_closures_become_working_time() -> None:
    calendar = stored_calendars.working_calendar(source("PLANT", center="PRESS"))
    intervals = calendar.working_intervals(
        datetime(2026, 12, 7, tzinfo=UTC), datetime(2026, 12, 21, tzinfo=UTC)
    )
    assert [(a.hour, a.minute, b.hour, b.minute) for a, b in intervals] == [
        (7, 30, 8, 0),
        (8, 30, 9, 0),
    ]
    assert not calendar.is_working_day(date(2026, 12, 14))


def test_the_standard_calendar_is_closed_too() -> None:
    calendar = stored_calendars.working_calendar(source(None))
    opened = calendars.standard_calendar(BERLIN)
    day = datetime(2026, 12, 7, tzinfo=UTC), datetime(2026, 12, 8, tzinfo=UTC)
    assert opened.working_minutes(*day) - calendar.working_minutes(*day) == 30
    free = stored_calendars.working_calendar(source(None, plant="NORTH"))
    assert free is opened


def test_a_calendar_is_read_once_per_version_and_once_per_content() -> None:
    def of(version: int, shifts: str) -> CalendarSource:
        known = CalendarContent(UUID(int=77), version, "C", shifts, "[]")
        return CalendarSource(BERLIN, known)

    first = stored_calendars.working_calendar(of(1, json.dumps([MORNING])))
    assert stored_calendars.working_calendar(of(1, "never read again")) is first
    assert stored_calendars.working_calendar(of(2, json.dumps([PAUSED]))) is not first
    stored = {"shifts": [MORNING], "holidays": []}
    assert stored_calendars.plant_calendar(BERLIN, stored) is first


@pytest.mark.parametrize(
    ("time_zone", "stored", "zone"),
    [
        (BERLIN, None, BERLIN),
        (BERLIN, {"shifts": [], "holidays": []}, BERLIN),
        ("Nowhere/AtAll", None, "UTC"),
        (BERLIN, {"shifts": [{"name": "m"}], "holidays": []}, "UTC"),
        (BERLIN, {"shifts": [MORNING], "holidays": ["yesterday"]}, "UTC"),
    ],
)
def test_what_makes_no_sense_is_the_standard_calendar(
    time_zone: str, stored: dict[str, Any] | None, zone: str
) -> None:
    calendar = stored_calendars.plant_calendar(time_zone, stored)
    assert calendar is calendars.standard_calendar(zone)


@pytest.mark.parametrize(
    ("shifts", "error"),
    [
        ('[{"name": "m"}]', KeyError),
        (json.dumps([MORNING | {"breaks": None}]), TypeError),
        (json.dumps([MORNING | {"start": "late"}]), ValueError),
        (json.dumps([MORNING | {"breaks": [{"start": "11:00", "end": "12:00"}]}]), ValueError),
    ],
    ids=["field missing", "no list", "no time", "break outside"],
)
def test_a_version_that_makes_no_sense_is_an_error(shifts: str, error: type[Exception]) -> None:
    known = CalendarContent(UUID(int=5), 1, shifts, shifts, "[]")
    with pytest.raises(error):
        stored_calendars.working_calendar(CalendarSource(BERLIN, known))
