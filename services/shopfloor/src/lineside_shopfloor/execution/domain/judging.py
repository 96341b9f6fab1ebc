"""Whether a report makes sense: the rules it breaks, each with its code and facts (RULES 39).

Every broken rule is named at once: the first gives the problem its code, the others stand among
its faults.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import LogKind, WorkOrderStatus
from lineside_shopfloor.execution.domain import pieces
from lineside_shopfloor.execution.domain.logs import FloorLog
from lineside_shopfloor.execution.domain.progress import Progress, StateFault
from lineside_shopfloor.execution.domain.states import WorkState
from lineside_shopfloor.execution.domain.tracks import Track

_C = ProblemCode
_NEXT = {
    "idle": (LogKind.START,),
    "running": (LogKind.PAUSE, LogKind.COMPLETE, LogKind.ISSUE),
    "paused": (LogKind.RESUME, LogKind.COMPLETE, LogKind.ISSUE),
}
_STATE_WORDS = {
    _C.PRODUCTION_NOT_STARTED: "Nothing runs there: start it first.",
    _C.ALREADY_RUNNING: "It runs already.",
    _C.ALREADY_PAUSED: "It is paused already: resume it.",
    _C.CANNOT_RESUME_WITHOUT_PAUSE: "It is not paused, so there is nothing to resume.",
}
_LATE = frozenset(
    {
        *_STATE_WORDS,
        _C.WORK_ORDER_NOT_RELEASED,
        _C.WORK_ORDER_FINAL,
        _C.OPERATION_FINAL,
        _C.PREVIOUS_OPERATIONS_INCOMPLETE,
        _C.QUANTITY_EXCEEDS_ORDERED,
        _C.PIECES_NOT_AVAILABLE,
        _C.REWORK_NOT_OPEN,
        _C.LOG_OUT_OF_ORDER,
        _C.SERIAL_NUMBER_TAKEN,
        _C.NOT_ASSIGNED,
        _C.LANE_OCCUPIED,
        _C.LANE_UNAVAILABLE,
    }
)


def problems(
    state: WorkState, log: FloorLog, *, before: Progress, after: Progress
) -> Iterator[Problem]:
    """Find the rules that a report breaks.

    Args:
        state: Of the work order, without the report.
        log: The report, as it would be kept.
        before: Where the work order stands without it.
        after: Where it would stand with it; faults that were there before are nobody's now.
    """
    is_correction = log.corrects_log_id is not None
    shut = closed(state, is_late=True)
    if shut is not None and not (is_correction and shut.code is _C.WORK_ORDER_FINAL):
        yield shut
        return
    yield from _state_problems(state, log, before=before, after=after)
    yield from pieces.problems(state, after, log)


def closed(state: WorkState, *, is_late: bool) -> Problem | None:
    """Tell why nothing may be reported on a work order, whatever it is.

    Args:
        state: Of the work order.
        is_late: What happened before a work order was completed may still make sense.
    """
    status = state.work_order.status
    if status is WorkOrderStatus.PLANNED:
        return Problem(
            code=_C.WORK_ORDER_NOT_RELEASED,
            detail="The work order is planned; it has to be released first.",
            facts={"status": status.value},
        )
    is_over = status is WorkOrderStatus.COMPLETED and not is_late
    return _final(state) if is_over or status is WorkOrderStatus.CANCELLED else None


def combined(found: Sequence[Problem]) -> Problem | None:
    """Say several problems as one; None where there is none."""
    if len(found) <= 1:
        return found[0] if found else None
    first = found[0]
    faults = tuple(
        fault
        for problem in found
        for fault in (
            problem.faults
            or (Fault(code=problem.code, message=problem.detail, facts=problem.facts),)
        )
    )
    return first.model_copy(update={"faults": faults})


def may_wait(problem: Problem) -> bool:
    """Say whether a late report with this problem goes to the list of conflicts.

    What names nothing known, or nothing at all, is refused whenever it comes.
    """
    return problem.code in _LATE


def is_running_already(before: Progress, log: FloorLog) -> bool:
    """Say whether a start changes over on a track that runs: its lane is settled."""
    track = before.tracks.get(log.key)
    return track is not None and track.state != "idle"


def _state_problems(
    state: WorkState, log: FloorLog, *, before: Progress, after: Progress
) -> Iterator[Problem]:
    known = {_renamed(fault, log) for fault in before.faults}
    for fault in after.faults:
        if fault in known:
            continue
        if fault.log_id == log.id:
            yield _of_fault(state, log, fault.code, before=before)
        elif not fault.is_redundant:
            yield _out_of_order(fault)


def _renamed(fault: StateFault, log: FloorLog) -> StateFault:
    """A correction inherits what its log was forgiven."""
    return fault._replace(log_id=log.id) if fault.log_id == log.corrects_log_id else fault


def _of_fault(state: WorkState, log: FloorLog, code: ProblemCode, *, before: Progress) -> Problem:
    if code is _C.WORK_ORDER_FINAL:
        return _final(state)
    number = log.key.operation_number
    if code is _C.OPERATION_FINAL:
        return Problem(
            code=code,
            detail=f"Operation {number} is completed.",
            facts={"operation_number": number, "status": "completed"},
        )
    if code is _C.PREVIOUS_OPERATIONS_INCOMPLETE:
        return _incomplete(number, state.plan.before(number) - before.completions.keys())
    return _of_state(state, log, code, before.tracks.get(log.key))


def _of_state(state: WorkState, log: FloorLog, code: ProblemCode, track: Track | None) -> Problem:
    now = track.state if track is not None else "idle"
    return Problem(
        code=code,
        detail=_STATE_WORDS[code],
        facts={
            "state": now,
            "allowed": [kind.value for kind in _NEXT[now]],
            "operation_number": log.operation_number,
            "lane_number": state.lane_number(log.lane_id),
        },
    )


def _final(state: WorkState) -> Problem:
    status = state.work_order.status
    if status is not WorkOrderStatus.CANCELLED:
        status = WorkOrderStatus.COMPLETED
    return Problem(
        code=_C.WORK_ORDER_FINAL,
        detail=f"The work order is {status}.",
        facts={"status": status.value},
    )


def _incomplete(number: int, open_numbers: set[int]) -> Problem:
    shown = sorted(open_numbers)
    return Problem(
        code=_C.PREVIOUS_OPERATIONS_INCOMPLETE,
        detail=f"Before operation {number} these are still open:"
        f" {', '.join(str(one) for one in shown)}.",
        facts={"operation_number": number, "incomplete_operations": shown},
    )


def _out_of_order(fault: StateFault) -> Problem:
    return Problem(
        code=_C.LOG_OUT_OF_ORDER,
        detail="What was reported after it would no longer make sense.",
        facts={"log_id": str(fault.log_id), "reason": fault.code.value},
    )


def not_assigned(state: WorkState, lane_number: str | None) -> Problem:
    """Refuse a start on a lane the work order does not hold."""
    held = sorted(state.lanes[lane_id].lane_number for lane_id in state.held)
    return Problem(
        code=_C.NOT_ASSIGNED,
        detail=f"The work order is not assigned to lane {lane_number}.",
        facts={"lane_number": lane_number, "assigned_lanes": held},
    )


def lane_unavailable(lane_number: str, status: str) -> Problem:
    """Refuse work on a lane that takes none."""
    return Problem(
        code=_C.LANE_UNAVAILABLE,
        detail=f"Lane {lane_number} is {status}.",
        facts={"lane_number": lane_number, "status": status},
    )


def unknown_log(log_id: UUID) -> Problem:
    """Refuse a correction of a log that this work order does not have."""
    return Problem(
        code=_C.CORRECTION_INVALID,
        detail="The work order has no such log.",
        facts={"corrects_log_id": str(log_id)},
    )


def corrected_already(log_id: UUID, newest: UUID) -> Problem:
    """Refuse a correction of a log that has been corrected: it is to name the newest."""
    return Problem(
        code=_C.CORRECTION_INVALID,
        detail="That log has been corrected already; correct the newest one.",
        facts={"corrects_log_id": str(log_id), "newest_log_id": str(newest)},
    )


def archived(state: WorkState, log: FloorLog) -> Problem:
    """Refuse what asks for logs to be read again that lie in an archive by now."""
    detail = "The first logs of this work order lie in an archive; its totals stay as they are."
    if log.corrects_log_id is None:
        return _final(state).model_copy(update={"detail": detail})
    facts = {"corrects_log_id": str(log.corrects_log_id), "status": state.work_order.status.value}
    return Problem(code=_C.CORRECTION_INVALID, detail=detail, facts=facts)


def serials_taken(serials: Sequence[str]) -> Problem:
    """Refuse serial numbers that other pieces of the product have."""
    return Problem(
        code=_C.SERIAL_NUMBER_TAKEN,
        detail=f"These serial numbers stand for other pieces: {', '.join(serials[:10])}.",
        facts={"serial_numbers": list(serials)},
    )
