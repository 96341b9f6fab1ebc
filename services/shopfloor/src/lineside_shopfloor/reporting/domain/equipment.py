"""What people say of equipment: statuses that follow one another, maintenance that makes sense."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import (
    EquipmentStatusEntry,
    MaintenanceRecord,
    MaintenanceStatus,
    RecordEquipmentStatus,
)

_CLOCKS_APART = timedelta(seconds=60)
"""So far ahead another clock may be."""

_NEXT: dict[MaintenanceStatus, tuple[MaintenanceStatus, ...]] = {
    MaintenanceStatus.PLANNED: (
        MaintenanceStatus.IN_PROGRESS,
        MaintenanceStatus.COMPLETED,
        MaintenanceStatus.CANCELLED,
    ),
    MaintenanceStatus.IN_PROGRESS: (MaintenanceStatus.COMPLETED, MaintenanceStatus.CANCELLED),
    MaintenanceStatus.COMPLETED: (),
    MaintenanceStatus.CANCELLED: (),
}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a new status stands among those there are: what it ends."""

    ended: tuple[EquipmentStatusEntry, ...] = ()


def which_faults(*, asset_code: str | None, has_lane: bool) -> Iterator[Fault]:
    """Equipment is an asset or a lane: one of them must be named."""
    if (asset_code is None) == (not has_lane):
        message = "Name an asset or a lane, and one of them only."
        yield Fault(code="equipment_required", path="asset_code", message=message)


def place(
    request: RecordEquipmentStatus, known: Sequence[EquipmentStatusEntry], *, now: datetime
) -> Placed | tuple[Fault, ...]:
    """Put a status where it belongs.

    Args:
        request: What somebody says.
        known: What was said of the same equipment that holds at its beginning or later.
        now: When it is said.

    Returns:
        What ends where it begins; or every fault: it lies in the future, ends before it begins, or
        overlaps what was said already.

    Raises:
        Nothing.
    """
    start = request.started_at or now
    faults = [*_time_faults(request, start, now)]
    before = tuple(each for each in known if each.ended_at is None and each.started_at < start)
    for each in known:
        if each not in before and _overlaps(each, start, request.ended_at):
            message = f"It was {each.status} from {each.started_at.isoformat()}."
            faults.append(Fault(code="overlaps", path="started_at", message=message))
    return tuple(faults) or Placed(before)


def maintenance_faults(record: MaintenanceRecord, *, now: datetime) -> tuple[Fault, ...]:
    """Find everything about the times of a maintenance record that cannot be.

    Args:
        record: As it would be kept.
        now: When it is written.

    Returns:
        Faults, none where it may be kept.

    Raises:
        Nothing.
    """
    return (
        *_ordered("planned", record.planned_start_at, record.planned_end_at),
        *_ordered("actual", record.actual_start_at, record.actual_end_at),
        *_needed_times(record),
        *_past_times(record, now),
    )


def transition_problem(old: MaintenanceStatus, new: MaintenanceStatus) -> Problem | None:
    """Refuse a status that does not follow."""
    if new is old or new in _NEXT[old]:
        return None
    allowed = [status.value for status in _NEXT[old]]
    return Problem(
        code=ProblemCode.INVALID_STATUS_TRANSITION,
        detail=f"Maintenance that is {old} cannot become {new}.",
        facts={"from": old.value, "to": new.value, "allowed": allowed},
    )


def with_times(record: MaintenanceRecord, *, now: datetime) -> MaintenanceRecord:
    """Fill in the actual times that its status implies: it began, or ended, now."""
    started = record.actual_start_at
    if record.status is MaintenanceStatus.IN_PROGRESS and started is None:
        return record.model_copy(update={"actual_start_at": now})
    if record.status is MaintenanceStatus.COMPLETED and record.actual_end_at is None:
        return record.model_copy(update={"actual_end_at": now})
    return record


def _time_faults(request: RecordEquipmentStatus, start: datetime, now: datetime) -> Iterator[Fault]:
    if start > now + _CLOCKS_APART:
        yield _fault("in_future", "started_at", "It has not begun yet.")
    if request.ended_at is not None and request.ended_at > now + _CLOCKS_APART:
        yield _fault("in_future", "ended_at", "It has not ended yet.")
    if request.ended_at is not None and request.ended_at < start:
        yield _fault("period_reversed", "ended_at", "It ends before it begins.")


def _overlaps(entry: EquipmentStatusEntry, start: datetime, end: datetime | None) -> bool:
    begins_before_end = end is None or entry.started_at < end
    return begins_before_end and (entry.ended_at is None or entry.ended_at > start)


def _ordered(which: str, start: datetime | None, end: datetime | None) -> Iterator[Fault]:
    if end is not None and start is None:
        yield _fault("start_required", f"{which}_start_at", f"The {which} start is missing.")
    elif end is not None and start is not None and end < start:
        yield _fault("period_reversed", f"{which}_end_at", "It ends before it begins.")


def _needed_times(record: MaintenanceRecord) -> Iterator[Fault]:
    is_ahead = record.status is MaintenanceStatus.PLANNED
    if is_ahead and record.is_planned and None in {record.planned_start_at, record.planned_end_at}:
        message = "Planned maintenance says from when until when."
        yield _fault("planned_times_required", "planned_start_at", message)
    if is_ahead and record.actual_start_at is not None:
        message = "Maintenance that has begun is in progress or completed."
        yield _fault("status_mismatch", "actual_start_at", message)
    if record.status is MaintenanceStatus.COMPLETED and record.actual_start_at is None:
        message = "Maintenance that is completed says when it began."
        yield _fault("actual_start_required", "actual_start_at", message)


def _past_times(record: MaintenanceRecord, now: datetime) -> Iterator[Fault]:
    for path in ("actual_start_at", "actual_end_at"):
        moment: datetime | None = getattr(record, path)
        if moment is not None and moment > now + _CLOCKS_APART:
            yield _fault("in_future", path, "It has not happened yet.")


def _fault(code: str, path: str, message: str) -> Fault:
    return Fault(code=code, path=path, message=message)
