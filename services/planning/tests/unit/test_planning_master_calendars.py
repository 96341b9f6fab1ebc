"""Calendars: what is refused, and that the same versions give the same calendar."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from lineside_contracts.planning import CalendarFields, MaintenanceWindowFields
from lineside_planning.master_data.domain import calendar_checks, places
from lineside_planning.master_data.domain.places import CalendarContent, CalendarSource, Closure

DAYS = "mon-fri"


def faults(shifts: str) -> list[tuple[str, str]]:
    fields = CalendarFields.model_validate(
        {"calendar_code": "C", "calendar_name": "C", "shifts": shifts}
    )
    return [(fault.code, fault.path) for fault in calendar_checks.calendar_faults(fields)]


@pytest.mark.parametrize(
    ("shifts", "expected"),
    [
        ("early mon-fri 06:00-14:00 10:00-10:30; night sun-thu 22:00-06:00 01:00-02:00", []),
        ("whole sat 06:00-06:00", []),
        ("", [("no_working_time", "shifts")]),
        ("early mon 06:00-08:00 06:00-08:00", [("no_working_time", "shifts")]),
        ("early mon 06:00-08:00 06:00-07:00 06:30-08:00", [("no_working_time", "shifts")]),
        ("early mon 06:00-08:00 06:00-07:00 07:01-08:00", []),
        ("early mon 06:00-14:00 14:00-14:30", [("break_outside_shift", "shifts[0].breaks[0]")]),
        ("early mon 06:00-14:00 05:00-06:30", [("break_outside_shift", "shifts[0].breaks[0]")]),
        (
            "a mon 06:00-14:00 10:00-10:00; b mon 22:00-06:00 05:00-07:00",
            [
                ("break_outside_shift", "shifts[0].breaks[0]"),
                ("break_outside_shift", "shifts[1].breaks[0]"),
            ],
        ),
    ],
)
def test_a_calendar_has_working_time_and_breaks_within_its_shifts(
    shifts: str, expected: list[tuple[str, str]]
) -> None:
    assert faults(shifts) == expected


def test_a_window_ends_after_it_starts_where_its_work_center_stands() -> None:
    window = MaintenanceWindowFields.model_validate(
        {
            "maintenance_window_code": "M",
            "work_center_code": "PRESS",
            "plant_code": "NORTH",
            "starts_at": "2026-12-01T08:00:00Z",
            "ends_at": "2026-12-01T09:00:00+01:00",
        }
    )
    found = calendar_checks.window_faults(window, plant_of_center="SOUTH")
    assert [(fault.code, fault.path) for fault in found] == [
        ("ends_before_start", "ends_at"),
        ("other_plant", "plant_code"),
    ]


def test_one_calendar_is_built_for_each_version_of_what_it_is_made_of() -> None:
    def source(version: int, *windows: int, shifts: str = "[]") -> CalendarSource:
        content = CalendarContent(UUID(int=1), version, "C", shifts, "[]")
        at = datetime(2026, 12, 1, 8, tzinfo=UTC)
        closures = [Closure(UUID(int=n), 1, at, at.replace(hour=9)) for n in windows]
        return CalendarSource("Europe/Berlin", content, places.closures_of(closures))

    built = places.working_calendar(source(1, 2, 3))
    assert places.working_calendar(source(1, 3, 2, shifts="never read again")) is built
    assert places.working_calendar(source(2, 2, 3)) is not built
    assert places.working_calendar(source(1, 2)) is not built
