"""Which operation and lane a report is about, where it does not say."""

from dataclasses import dataclass

from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import LogKind, RecordProductionLog
from lineside_shopfloor.execution.domain.logs import NO_LANE, NO_OPERATION, FloorLog, TrackKey
from lineside_shopfloor.execution.domain.states import LaneFact, WorkState
from lineside_shopfloor.execution.domain.tracks import Track
from lineside_shopfloor.work_orders.domain.operations import FloorOperation


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report belongs: operation and lane, as far as there are any."""

    operation: FloorOperation | None
    lane: LaneFact | None

    @property
    def key(self) -> TrackKey:
        """The track it is about."""
        return TrackKey(
            self.operation.operation_number if self.operation else NO_OPERATION,
            self.lane.id if self.lane else NO_LANE,
        )


def place(
    state: WorkState, report: RecordProductionLog, corrected: FloorLog | None = None
) -> Place | Problem:
    """Find where a report belongs, or tell what it has to name.

    Args:
        state: With the lane it names, where that exists.
        report: As it came.
        corrected: The log it corrects; a correction belongs where that one does.
    """
    if corrected is not None:
        return _place_of(state, report, corrected)
    if (fault := _unknown_lane(state, report)) is not None:
        return _invalid(fault)
    operation = _operation(state, report)
    if isinstance(operation, Problem):
        return operation
    lane = _lane(state, report, operation)
    return lane if isinstance(lane, Problem) else Place(operation, lane)


def lacks_name(problem: Problem) -> bool:
    """Say whether a report only has to name its operation or lane."""
    return problem.code in {ProblemCode.OPERATION_REQUIRED, ProblemCode.LANE_REQUIRED}


def _place_of(
    state: WorkState, report: RecordProductionLog, corrected: FloorLog
) -> Place | Problem:
    named = report.operation_number
    if named is not None and named != corrected.operation_number:
        return _foreign_correction(corrected, "operation_number")
    names_lane = report.lane_id is not None or report.lane_number is not None
    if names_lane and state.named != corrected.lane_id:
        return _foreign_correction(corrected, "lane_id")
    if report.kind is not corrected.kind:
        return _foreign_correction(corrected, "kind")
    number, lane_id = corrected.operation_number, corrected.lane_id
    return Place(
        state.operation(number) if number is not None else None,
        state.lanes.get(lane_id) if lane_id is not None else None,
    )


def _operation(state: WorkState, report: RecordProductionLog) -> FloorOperation | Problem | None:
    own = state.operations
    if report.operation_number is not None:
        named = state.operation(report.operation_number)
        return named or _invalid(_unknown_operation(state, report.operation_number))
    if len(own) <= 1:
        return own[0] if own else None
    going = {track.operation_number for track in state.tracks if track.state != "idle"}
    if report.kind is not LogKind.START and len(going) == 1:
        return state.operation(going.pop())
    return Problem(
        code=ProblemCode.OPERATION_REQUIRED,
        detail="The work order has several operations: name the one this is about.",
        facts={"operations": [operation.operation_number for operation in own]},
    )


def _lane(
    state: WorkState, report: RecordProductionLog, operation: FloorOperation | None
) -> LaneFact | Problem | None:
    if state.named is not None:
        return state.lanes[state.named]
    number = operation.operation_number if operation else NO_OPERATION
    own = [track for track in state.tracks if track.operation_number == number]
    if report.kind is LogKind.START:
        return _lane_of_start(state)
    return _lane_of_tracks(state, [t for t in own if t.state != "idle"] or own)


def _lane_of_start(state: WorkState) -> LaneFact | Problem | None:
    if len(state.held) == 1:
        return state.lanes[state.held[0]]
    if not state.held and not state.fitting:
        return None
    numbers = [state.lanes[lane_id].lane_number for lane_id in state.held]
    return _lane_required(sorted(numbers) or sorted(state.fitting))


def _lane_of_tracks(state: WorkState, found: list[Track]) -> LaneFact | Problem | None:
    lane_ids = {track.lane_id for track in found}
    if len(lane_ids) > 1:
        known = (state.lane_number(lane_id) for lane_id in lane_ids)
        return _lane_required(sorted(number for number in known if number is not None))
    lane_id = lane_ids.pop() if lane_ids else None
    if not found and len(state.held) == 1:
        lane_id = state.held[0]
    return state.lanes.get(lane_id) if lane_id is not None else None


def _unknown_lane(state: WorkState, report: RecordProductionLog) -> Fault | None:
    if state.named is not None or (report.lane_id is None and report.lane_number is None):
        return None
    path = "lane_id" if report.lane_id is not None else "lane_number"
    name = report.lane_number if report.lane_id is None else report.lane_id
    message = f"The work order's plant has no lane {name}."
    return Fault(code="unknown_lane", path=path, message=message)


def _unknown_operation(state: WorkState, number: int) -> Fault:
    known = [operation.operation_number for operation in state.operations]
    return Fault(
        code="unknown_operation",
        path="operation_number",
        message=f"The work order has no operation {number}.",
        facts={"operations": known},
    )


def _invalid(fault: Fault) -> Problem:
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=fault.message, faults=(fault,))


def _lane_required(numbers: list[str]) -> Problem:
    return Problem(
        code=ProblemCode.LANE_REQUIRED,
        detail=f"Name the lane this is about: {', '.join(numbers)}.",
        facts={"lanes": numbers},
    )


def _foreign_correction(corrected: FloorLog, path: str) -> Problem:
    expected = {
        "operation_number": corrected.operation_number,
        "lane_id": str(corrected.lane_id) if corrected.lane_id else None,
        "kind": corrected.kind.value,
    }[path]
    return Problem(
        code=ProblemCode.CORRECTION_INVALID,
        detail=f"A correction has the {path} of the log it corrects: {expected}.",
        facts={"corrects_log_id": str(corrected.id), "field": path, "expected": expected},
    )
