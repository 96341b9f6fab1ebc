"""Operations as people see them: with the pieces that are there, and where they run."""

from lineside_contracts.shopfloor import OperationLaneState, OperationView, WorkOrderOperation
from lineside_shopfloor.execution.domain import pieces
from lineside_shopfloor.execution.domain.states import WorkState

_SHOWN = set(WorkOrderOperation.model_fields)


def of(state: WorkState) -> tuple[OperationView, ...]:
    """Show the operations of a work order, by number."""
    work_order = state.work_order
    available, ceilings = pieces.available(state), pieces.ceilings(state)
    return tuple(
        OperationView(
            **operation.model_dump(include=_SHOWN),
            version=work_order.version,
            work_order_id=work_order.id,
            work_order_number=work_order.work_order_number,
            operation_type=work_order.operation_type,
            available_quantity=available.get(operation.operation_number),
            good_ceiling=ceilings.get(operation.operation_number),
            states=_lane_states(state, operation.operation_number),
        )
        for operation in sorted(state.operations, key=lambda o: o.operation_number)
    )


def _lane_states(state: WorkState, number: int) -> tuple[OperationLaneState, ...]:
    return tuple(
        OperationLaneState(
            lane_id=track.lane_id,
            lane_number=state.lane_number(track.lane_id),
            state=track.state,
            activity=track.activity,
            since=track.since,
        )
        for track in state.tracks
        if track.operation_number == number
    )
