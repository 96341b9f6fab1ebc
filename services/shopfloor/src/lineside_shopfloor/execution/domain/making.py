"""A report as the log it would be kept as."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import RecordProductionLog
from lineside_contracts.values import Actor
from lineside_shopfloor.execution.domain import tracks
from lineside_shopfloor.execution.domain.logs import FloorLog
from lineside_shopfloor.execution.domain.placing import Place
from lineside_shopfloor.execution.domain.states import WorkState

TOLERATED_SKEW = timedelta(seconds=60)
"""A device's clock may be off by so much; beyond it a report is late, or from the future."""

FIRST_YEAR = 1970
"""Devices that have lost the time say that it is this year; earlier ones are no time at all."""

_COPIED = (
    "good_quantity",
    "scrap_quantity",
    "rework_quantity",
    "input_added_quantity",
    "is_from_rework",
    "rework_operation_number",
    "completes_operation",
    "reason_code",
    "stops_production",
    "stated_hours",
    "lot_number",
    "serial_numbers",
    "inspection_reference",
    "nonconformance_reference",
    "corrects_log_id",
    "is_void",
    "notes",
)


@dataclass(frozen=True, slots=True)
class Writing:
    """What a log gets from whoever writes it down: its id, when, and who reported it."""

    log_id: UUID
    now: datetime
    by: Actor


def time_problem(report: RecordProductionLog, now: datetime) -> Problem | None:
    """Refuse what is said to have happened after it was reported, or before anybody kept time."""
    at = report.happened_at
    if at is None:
        return None
    if at.year < FIRST_YEAR:
        message = f"Nothing was reported before {FIRST_YEAR}."
        fault = Fault(code="implausible", path="happened_at", message=message)
        return Problem(code=ProblemCode.VALIDATION_FAILED, detail=message, faults=(fault,))
    if at <= now + TOLERATED_SKEW:
        return None
    return Problem(
        code=ProblemCode.HAPPENED_IN_FUTURE,
        detail="This has not happened yet; check the clock of the device.",
        facts={"happened_at": at.isoformat(), "now": now.isoformat()},
    )


def is_late(report: RecordProductionLog, now: datetime) -> bool:
    """Say whether a report comes from a device that was offline when it happened."""
    return report.happened_at is not None and report.happened_at < now - TOLERATED_SKEW


def make(
    state: WorkState,
    report: RecordProductionLog,
    place: Place,
    *,
    writing: Writing,
    corrected: FloorLog | None = None,
) -> FloorLog:
    """Write a report down.

    Args:
        state: Of its work order.
        report: Without faults.
        place: Where it belongs.
        writing: Id, when, who.
        corrected: The log it corrects, whose time and people it keeps where it says nothing else.
    """
    work_order, operation, lane = state.work_order, place.operation, place.lane
    log = FloorLog(
        id=writing.log_id,
        logged_at=writing.now,
        happened_at=_happened_at(state, report, writing, corrected),
        kind=report.kind,
        activity="run",
        work_order_id=work_order.id,
        work_order_number=work_order.work_order_number,
        logged_by=writing.by,
        production_order_id=work_order.production_order_id,
        product_code=work_order.product_code,
        plant_code=work_order.plant_code,
        operation_id=operation.id if operation else None,
        operation_number=operation.operation_number if operation else None,
        lane_id=lane.id if lane else None,
        lane_number=lane.lane_number if lane else None,
        **{name: getattr(report, name) for name in _COPIED},
    )
    return _manned(state, log, report, corrected)


def _happened_at(
    state: WorkState, report: RecordProductionLog, writing: Writing, corrected: FloorLog | None
) -> datetime:
    """A report of now happens last, whatever others have just reported."""
    if report.happened_at is not None:
        return min(report.happened_at.astimezone(UTC), writing.now)
    if corrected is not None:
        return corrected.happened_at
    return state.happens_at(writing.now)


def _manned(
    state: WorkState, log: FloorLog, report: RecordProductionLog, corrected: FloorLog | None
) -> FloorLog:
    activity, workers = tracks.defaults(state.progress.tracks.get(log.key), report.kind)
    if corrected is not None:
        activity, workers = corrected.activity, corrected.worker_count
    return replace(
        log,
        activity=report.activity or activity,
        worker_count=report.worker_count or workers,
    )
