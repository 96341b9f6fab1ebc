"""What must be true of calendars and maintenance windows before work is planned by them."""

from collections.abc import Iterator
from datetime import time, timedelta

from lineside_contracts.planning import CalendarFields, CalendarShift, MaintenanceWindowFields
from lineside_contracts.problems import Fault

_DAY = timedelta(days=1)


def calendar_faults(calendar: CalendarFields) -> tuple[Fault, ...]:
    """Name everything that is wrong with a calendar."""
    faults = [
        fault
        for position, shift in enumerate(calendar.shifts)
        for fault in _shift_faults(shift, f"shifts[{position}]")
    ]
    if faults:
        return tuple(faults)
    if not any(_works(shift) for shift in calendar.shifts):
        message = f"Calendar {calendar.calendar_code} has no working time at all."
        path = "shifts"
        return (Fault(code="no_working_time", path=path, message=message),)
    return ()


def window_faults(
    window: MaintenanceWindowFields, *, plant_of_center: str | None
) -> tuple[Fault, ...]:
    """Name everything that is wrong with a maintenance window.

    Args:
        window: As written.
        plant_of_center: Where its work center stands, as far as that is known.
    """
    faults = []
    if window.ends_at <= window.starts_at:
        message = "The window ends after it starts."
        faults.append(Fault(code="ends_before_start", path="ends_at", message=message))
    if plant_of_center not in {None, window.plant_code}:
        message = f"Work center {window.work_center_code} stands in plant {plant_of_center}."
        facts = {"plant_code": plant_of_center}
        faults.append(Fault(code="other_plant", path="plant_code", message=message, facts=facts))
    return tuple(faults)


def unknown_reference(kind: str, code: str, path: str) -> Fault:
    """Warn of a code that another service has not told us of (yet)."""
    message = f"{kind} {code} is not known yet."
    return Fault(code=f"unknown_{path.removesuffix('_code')}", path=path, message=message)


def _shift_faults(shift: CalendarShift, path: str) -> Iterator[Fault]:
    times = [shift.start, shift.end, *(t for b in shift.breaks for t in (b.start, b.end))]
    if any(moment.tzinfo is not None for moment in times):
        message = f"Times of shift {shift.name} are the plant's own and carry no zone."
        yield Fault(code="time_with_zone", path=path, message=message)
        return
    length = _until(shift, shift.end)
    for position, pause in enumerate(shift.breaks):
        if not _after(shift, pause.start) < _until(shift, pause.end) <= length:
            message = (
                f"Break {pause.start:%H:%M}-{pause.end:%H:%M} is not within shift {shift.name}."
            )
            at = f"{path}.breaks[{position}]"
            yield Fault(code="break_outside_shift", path=at, message=message)


def _works(shift: CalendarShift) -> bool:
    """Whether breaks leave anything of a shift."""
    length = _until(shift, shift.end)
    reached = timedelta()
    for pause in sorted(shift.breaks, key=lambda pause: _after(shift, pause.start)):
        if _after(shift, pause.start) > reached:
            return True
        reached = max(reached, _until(shift, pause.end))
    return reached < length


def _after(shift: CalendarShift, moment: time) -> timedelta:
    """From the start to a time, on the wall, below 24 hours."""
    return (_of(moment) - _of(shift.start)) % _DAY


def _until(shift: CalendarShift, moment: time) -> timedelta:
    """The same for an end: 24 hours where the two are equal."""
    return _after(shift, moment) or _DAY


def _of(moment: time) -> timedelta:
    return timedelta(
        hours=moment.hour,
        minutes=moment.minute,
        seconds=moment.second,
        microseconds=moment.microsecond,
    )
