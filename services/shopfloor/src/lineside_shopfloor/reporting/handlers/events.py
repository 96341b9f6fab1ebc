"""Keeps summaries, effectiveness and the equipment log current with what happens on the floor.

Consumer `shopfloor-reporting`. An event says only which dates of which lanes it touches; those are
recomputed from the rows, which are there since the event comes after their commit. So a second or
late delivery changes nothing, and several replicas may share the work.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, EventPayload, Received
from lineside_contracts.shopfloor import (
    LaneStatusChanged,
    ProductionLogRecorded,
    WorkOrderStatus,
    WorkOrderStatusChanged,
)
from lineside_shopfloor.reporting.store import (
    completions,
    equipment_log,
    recomputing,
    touching,
)
from lineside_shopfloor.reporting.store.lane_times import NO_LANE
from lineside_shopfloor.reporting.store.recomputing import Causes
from lineside_shopfloor.reporting.store.touching import Reported

REPORTING = "shopfloor-reporting"
"""The durable's name: its place in the stream, never changed."""

_LATE = timedelta(seconds=60)
"""A log that happened longer ago was sent late (RULES 12, as execution judges it)."""

P = TypeVar("P", bound=EventPayload)


def consumer() -> Consumer:
    """Build the consumer."""
    reporting = Consumer(REPORTING)
    reporting.on_batch(
        ProductionLogRecorded, WorkOrderStatusChanged, LaneStatusChanged, reduce=False
    )(on_events)
    return reporting


async def on_events(uow: UnitOfWork, events: list[Received[Any]]) -> None:
    """Recompute what some events touch, once for all of them."""
    await equipment_log.follow_lanes(uow, _of(events, LaneStatusChanged))
    logs = _of(events, ProductionLogRecorded)
    completed = [
        event
        for event in _of(events, WorkOrderStatusChanged)
        if event.payload.new_status is WorkOrderStatus.COMPLETED
        and event.payload.work_order.plant_code is not None
    ]
    finished = [(event.payload.work_order, _end(event)) for event in completed]
    lanes = await completions.save(uow, finished)
    reported = [*map(_reported, logs), *(_ended(event, lanes) for event in completed)]
    cells = await touching.cells(uow, reported)
    sources = [*(event.envelope for event in logs), *(event.envelope for event in completed)]
    await recomputing.recompute(uow, cells, causes=_causes(sources, reported))


def _causes(sources: Sequence[Envelope], reported: Sequence[Reported]) -> Causes:
    """The last event that touched a lane; of lanes touched from afar, the last one of all."""
    by_lane = {each.lane_id: source for each, source in zip(reported, sources, strict=False)}
    return Causes(by_lane, sources[-1] if sources else None)


def _reported(event: Received[ProductionLogRecorded]) -> Reported:
    log = event.payload.production_log
    since = min(log.happened_at, log.affected_from or log.happened_at)
    is_late = log.happened_at < log.logged_at - _LATE or log.corrects_log_id is not None
    return Reported(
        work_order_id=log.id,
        lane_id=log.lane_id or NO_LANE,
        plant_code=log.plant_code,
        since=since,
        happened_at=log.happened_at,
        is_late=is_late,
        corrects=log.corrects_log_id,
    )


def _ended(event: Received[WorkOrderStatusChanged], lanes: dict[UUID, UUID]) -> Reported:
    """A completed work order ends what still ran on its lanes."""
    return Reported(
        work_order_id=_id(event),
        lane_id=lanes[_id(event)],
        plant_code=event.payload.work_order.plant_code,
        since=_end(event),
        happened_at=_end(event),
    )


def _end(event: Received[WorkOrderStatusChanged]) -> datetime:
    return event.payload.work_order.actual_end_at or event.envelope.occurred_at


def _id(event: Received[WorkOrderStatusChanged]) -> UUID:
    return event.payload.work_order.id


def _of(events: Iterable[Received[Any]], kind: type[P]) -> list[Received[P]]:
    return [event for event in events if isinstance(event.payload, kind)]
