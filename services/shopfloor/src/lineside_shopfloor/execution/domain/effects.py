"""What becomes of a work order and its operations: status, quantities, dates, hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lineside_contracts.shopfloor import OperationStatus, WorkOrderStatus
from lineside_manufacturing import quantities
from lineside_shopfloor.execution.domain import progress as standing
from lineside_shopfloor.execution.domain.logs import FloorLog
from lineside_shopfloor.execution.domain.progress import Completion, Progress, Totals
from lineside_shopfloor.execution.domain.states import WorkState
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.work_orders.domain import operations, outcomes, transitions
from lineside_shopfloor.work_orders.domain.operations import FloorOperation
from lineside_shopfloor.work_orders.domain.outcomes import Outcome

_HOUR_DECIMALS = 4
_MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True)
class Effects:
    """What follows from reports on one work order.

    Attributes:
        outcome: The work order after them, and what is said of it.
        after: Where it stands.
        logs: To be kept, in order.
        rewrites: All its intervals are made anew, not only those that changed.
    """

    outcome: Outcome
    after: Progress
    logs: tuple[FloorLog, ...] = ()
    rewrites: bool = False

    @property
    def completes(self) -> bool:
        """The work order was completed by them."""
        return _says(self.outcome, WorkOrderStatus.COMPLETED)


def of_progress(state: WorkState, after: Progress, *, stamp: Stamp) -> Outcome:
    """Let a work order follow where it stands now, one event per step of its status."""
    outcome = Outcome(state.work_order)
    fields = fields_of(state, after)
    status = state.work_order.status
    if status is WorkOrderStatus.RELEASED and after.started_at is not None:
        outcome = outcomes.moved(outcome, WorkOrderStatus.IN_PROGRESS, stamp=stamp, fields=fields)
        status = WorkOrderStatus.IN_PROGRESS
    if status is WorkOrderStatus.IN_PROGRESS and after.completion is not None:
        outcome = outcomes.moved(outcome, WorkOrderStatus.COMPLETED, stamp=stamp, fields=fields)
    return outcomes.progressed(outcome, fields, stamp=stamp)


def fields_of(state: WorkState, after: Progress) -> dict[str, Any]:
    """Tell what a work order says about where it stands."""
    work_order = state.work_order
    changed = [_operation(state, o, after) for o in state.operations]
    fields: dict[str, Any] = {
        "operations": operations.replaced(work_order, changed),
        "quantity_completed": standing.completed_quantity(state.plan, after.totals),
    }
    if after.started_at is not None:
        fields["actual_start_at"] = after.started_at
        fields["actual_start_date"] = state.rules.day_of(after.started_at)
    if after.completion is not None and work_order.status is not WorkOrderStatus.CANCELLED:
        fields["actual_end_at"] = after.completion.at
        fields["actual_end_date"] = state.rules.day_of(after.completion.at)
    return fields


def _operation(state: WorkState, operation: FloorOperation, after: Progress) -> FloorOperation:
    number = operation.operation_number
    updated = operation.model_copy(update=_totals(after.of(number)))
    if transitions.is_final(state.work_order.status):
        return updated
    return _with_status(updated, after.completions.get(number), begun=_begun(after, number))


def _totals(totals: Totals) -> Mapping[str, Any]:
    minutes = totals.setup_minutes + totals.run_minutes
    hours = quantities.exact(minutes) / _MINUTES_PER_HOUR
    return {
        "good_quantity": totals.good,
        "scrap_quantity": totals.scrap,
        "rework_quantity": totals.rework,
        "rework_in_quantity": totals.rework_in,
        "rework_out_quantity": totals.rework_out,
        "input_added_quantity": totals.input_added,
        "actual_setup_minutes": totals.setup_minutes,
        "actual_run_minutes": totals.run_minutes,
        "actual_labour_minutes": totals.labour_minutes,
        "actual_hours": quantities.round_half_up(hours, _HOUR_DECIMALS) if minutes else None,
        "stated_hours": totals.stated_hours,
    }


def _with_status(
    operation: FloorOperation, completion: Completion | None, *, begun: bool
) -> FloorOperation:
    if operation.status is OperationStatus.CANCELLED:
        return operation
    if completion is not None:
        stamp = Stamp(at=completion.at, by=completion.by)
        done = operations.completed(operation, stamp=stamp)
        return done.model_copy(update={"completed_at": stamp.at, "completed_by": stamp.by})
    status = OperationStatus.IN_PROGRESS if begun else OperationStatus.PENDING
    if operation.status is OperationStatus.COMPLETED or begun:
        gone = {"status": status, "completed_at": None, "completed_by": None}
        return operation.model_copy(update=gone)
    return operation


def _begun(after: Progress, number: int) -> bool:
    return any(key.operation_number == number for key in after.tracks)


def _says(outcome: Outcome, status: WorkOrderStatus) -> bool:
    return outcome.work_order.status is status and "status" in outcome.touched
