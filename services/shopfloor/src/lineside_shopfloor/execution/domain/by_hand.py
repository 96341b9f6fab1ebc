"""Logs that the floor writes itself when a person decides: pauses, last scrap, done operations."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_contracts.shopfloor import LogKind
from lineside_shopfloor.execution.domain.logs import FloorLog
from lineside_shopfloor.execution.domain.making import Writing
from lineside_shopfloor.execution.domain.states import WorkState
from lineside_shopfloor.execution.domain.tracks import Track

MAINTENANCE = "maintenance"
"""Reason of pauses that a lane's maintenance causes."""

WORK_IN_PROCESS = "work_in_process"
"""Reason of scrap that is left when a work order is called off."""


def running_on(state: WorkState, lane_id: UUID) -> list[Track]:
    """Find the tracks of a work order that run on a lane."""
    return [t for t in state.tracks if t.lane_id == lane_id and t.state == "running"]


def pause(state: WorkState, track: Track, *, writing: Writing, notes: str | None) -> FloorLog:
    """Pause a track for its lane's maintenance."""
    return _log(
        state,
        writing,
        kind=LogKind.PAUSE,
        activity=track.activity,
        operation_number=track.operation_number or None,
        lane_id=track.lane_id,
        worker_count=track.open.worker_count if track.open else 1,
        reason_code=MAINTENANCE,
        notes=notes,
    )


def operation_done(
    state: WorkState,
    number: int,
    *,
    writing: Writing,
    stated_hours: Decimal | None,
    notes: str | None,
) -> FloorLog:
    """Say that nothing more comes of an operation."""
    own = [t for t in state.tracks if t.operation_number == number]
    going = [t for t in own if t.state != "idle"] or own
    return _log(
        state,
        writing,
        kind=LogKind.COMPLETE,
        operation_number=number,
        lane_id=going[0].lane_id if going else None,
        completes_operation=True,
        stated_hours=stated_hours,
        notes=notes,
    )


def scrap(
    state: WorkState, number: int, quantity: Decimal, *, writings: Iterator[Writing]
) -> Iterator[FloorLog]:
    """Scrap what lies at an operation: open rework first, then what has not been reported.

    Args:
        state: Of its work order.
        number: Of the operation; 0 for the work order itself.
        quantity: How much.
        writings: An id for each log, as many as need be.
    """
    reworked = min(quantity, state.progress.of(number).rework)
    parts: Mapping[bool, Decimal] = {True: reworked, False: quantity - reworked}
    for is_from_rework, part in parts.items():
        if part > 0:
            yield _log(
                state,
                next(writings),
                kind=LogKind.COMPLETE,
                operation_number=number or None,
                scrap_quantity=part,
                is_from_rework=is_from_rework,
                reason_code=WORK_IN_PROCESS,
            )


def _log(state: WorkState, writing: Writing, *, kind: LogKind, **fields: Any) -> FloorLog:
    work_order = state.work_order
    number: int | None = fields.pop("operation_number", None)
    lane_id: UUID | None = fields.pop("lane_id", None)
    operation = state.operation(number) if number is not None else None
    return FloorLog(
        id=writing.log_id,
        logged_at=writing.now,
        happened_at=state.happens_at(writing.now),
        logged_by=writing.by,
        kind=kind,
        activity=fields.pop("activity", "run"),
        work_order_id=work_order.id,
        work_order_number=work_order.work_order_number,
        production_order_id=work_order.production_order_id,
        product_code=work_order.product_code,
        plant_code=work_order.plant_code,
        operation_id=operation.id if operation else None,
        operation_number=number,
        lane_id=lane_id,
        lane_number=state.lane_number(lane_id),
        **fields,
    )
