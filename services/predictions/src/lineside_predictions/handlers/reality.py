"""Events in: what really happens. Reports of the floor, lanes, and what customers were promised.

A report is kept at once and looked at when its time slot ends (`recalculating`): the order is
marked stale and a timer asked for, in one transaction. Marking comes first in each transaction: it
is the lock under which the reports of an order stand, for those who write and those who read them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from lineside_chassis import schedules
from lineside_chassis.consumers import Consumer
from lineside_chassis.schedules import Schedule
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, EventPayload, Received
from lineside_contracts.sales import SalesOrderAccepted, SalesOrderPromiseChanged
from lineside_contracts.shopfloor import (
    LaneAssigned,
    LaneReleased,
    LaneState,
    LaneStatusChanged,
    OperationTotals,
    ProductionLogRecorded,
    WorkOrderLog,
)
from lineside_predictions.domain import debounce, reports
from lineside_predictions.domain.reports import OperationProgress, Totals
from lineside_predictions.store import floor, orders as stored_orders
from lineside_predictions.store.floor import StaleOrder

REALITY_CONSUMER = "predictions-reality"
SERVICE = "predictions"
RECALCULATE = "recalculate"

Lanes = LaneAssigned | LaneReleased | LaneStatusChanged
Reports = Sequence[Received[ProductionLogRecorded]]


def consumer(*, slot_seconds: float) -> Consumer:
    """What is measured.

    Args:
        slot_seconds: An order is predicted again at most once in so many seconds.
    """
    reality = Consumer(REALITY_CONSUMER)

    # one handler for all that marks orders stale: they are locked in one order, all at once
    @reality.on_batch(
        ProductionLogRecorded, LaneAssigned, LaneReleased, LaneStatusChanged, reduce=False
    )
    async def on_floor_event(uow: UnitOfWork, events: list[Received[Any]]) -> None:
        await keep(uow, events, slot_seconds=slot_seconds)

    reality.on_batch(SalesOrderAccepted, SalesOrderPromiseChanged)(on_promise)
    return reality


async def keep(uow: UnitOfWork, events: Sequence[Received[Any]], *, slot_seconds: float) -> None:
    """Keep what is reported and what is on lanes; ask for the orders concerned."""
    logs = [
        event
        for event in events
        if isinstance(event.payload, ProductionLogRecorded)
        and event.payload.production_log.production_order_id
    ]
    lanes = [event for event in events if isinstance(event.payload, Lanes)]
    stale = await _stale(uow, events)
    if stale:
        floor.mark_stale(uow, stale)
        await uow.flush()
        ask_again(uow, slot_seconds=slot_seconds)
    await _keep_reports(uow, logs)
    floor.save_lanes(uow, [_lane_row(event.payload.lane) for event in lanes])


async def _keep_reports(uow: UnitOfWork, events: Reports) -> None:
    """Keep where operations stand, and what each log added."""
    if not events:
        return
    logs = sorted((event.payload.production_log for event in events), key=lambda log: log.version)
    known = await floor.load_operations(
        uow, [o.operation_id for log in logs for o in log.operations]
    )
    changed: dict[UUID, OperationProgress] = {}
    for log in logs:
        for each in log.operations:
            before = changed.get(each.operation_id) or known.get(each.operation_id)
            changed[each.operation_id] = reports.report(
                before or _unreported(log, each),
                _totals(each),
                version=log.version,
                happened_at=_happened_at(log),
            )
    floor.save_operations(uow, list(changed.values()))
    orders = [log.production_order_id for log in logs if log.production_order_id]
    stored_orders.save_unknown_orders(uow, orders)


async def on_promise(
    uow: UnitOfWork,
    events: list[Received[SalesOrderAccepted] | Received[SalesOrderPromiseChanged]],
) -> None:
    """Remember what customers were promised: a finished order is on time by that."""
    states = [event.payload.sales_order for event in events]
    rows = [
        {"id": state.id, "promised_date": state.promised_date, "version": state.version}
        for state in states
    ]
    stored_orders.save_promises(uow, rows)


def ask_again(uow: UnitOfWork, *, slot_seconds: float) -> None:
    """Have stale orders looked at when the present slot ends; whoever asks asks for the same."""
    end = debounce.slot_end(uow.now, seconds=slot_seconds)
    ask_at(uow, end, name=debounce.slot_name(end))


def ask_at(uow: UnitOfWork, instant: datetime, *, name: str) -> None:
    """Have stale orders looked at at an instant."""
    schedules.register(uow, Schedule(SERVICE, RECALCULATE, name, schedules.at(instant)))


async def _stale(uow: UnitOfWork, events: Sequence[Received[Any]]) -> list[StaleOrder]:
    """Each order concerned once, with the event that came last."""
    work = [each for event in events for each in _work_order_ids(event.payload)]
    orders = await floor.load_order_ids(uow, work) if work else {}
    causes: dict[UUID, Envelope] = {}
    for event in events:
        concerned = [orders.get(each) for each in _work_order_ids(event.payload)]
        if isinstance(event.payload, ProductionLogRecorded):
            concerned = [event.payload.production_log.production_order_id]
        causes |= {order: event.envelope for order in concerned if order}
    return [
        StaleOrder(order, cause.event_type.rpartition(".v")[0], cause)
        for order, cause in sorted(causes.items(), key=lambda item: item[0])
    ]


def _work_order_ids(payload: EventPayload) -> list[UUID]:
    """Which work orders came, went, or are concerned by what a lane can take."""
    match payload:
        case LaneAssigned() | LaneReleased():
            return [payload.assignment.work_order_id]
        case LaneStatusChanged():
            return [each.work_order_id for each in payload.lane.assignments]
        case _:
            return []


def _unreported(log: WorkOrderLog, totals: OperationTotals) -> OperationProgress:
    order = log.production_order_id or log.id
    return OperationProgress(
        id=totals.operation_id,
        production_order_id=order,
        work_order_id=log.id,
        run_id=totals.run_id,
        sequence_number=totals.sequence_number,
    )


def _happened_at(log: WorkOrderLog) -> datetime:
    """A correction counts when what it corrects happened."""
    if log.corrects_log_id is not None and log.affected_from is not None:
        return log.affected_from
    return log.happened_at


def _totals(totals: OperationTotals) -> Totals:
    return Totals(
        good=totals.good_quantity,
        scrap=totals.scrap_quantity,
        rework=totals.rework_quantity,
        actual_minutes=totals.setup_minutes + totals.run_minutes,
        is_completed=totals.is_completed,
    )


def _lane_row(lane: LaneState) -> dict[str, Any]:
    return {
        "id": lane.id,
        "plant_code": lane.plant_code,
        "lane_type": lane.lane_type,
        "work_center_code": lane.work_center_code,
        "capacity": lane.capacity,
        "status": lane.status,
        "work_order_ids": [str(each.work_order_id) for each in lane.assignments],
        "version": lane.version,
    }
