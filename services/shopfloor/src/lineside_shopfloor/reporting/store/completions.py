"""Completed work orders, by the lane on which they were worked last."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import WorkOrder
from lineside_shopfloor import tables
from lineside_shopfloor.reporting.store.lane_times import NO_LANE

_LAST_LANES = text("""
SELECT DISTINCT ON (work_order_id) work_order_id, lane_id FROM work_intervals
WHERE work_order_id = ANY(:ids)
ORDER BY work_order_id, COALESCE(ended_at, 'infinity') DESC, started_at DESC
""")


async def save(
    uow: UnitOfWork, completed: Sequence[tuple[WorkOrder, datetime]]
) -> dict[UUID, UUID]:
    """Keep that work orders were completed, and when; tells on which lane each was.

    Args:
        uow: The transaction.
        completed: Work orders of a plant, with the instant of their end.

    Returns:
        Lanes by work order; the nil id for one that was never on any.
    """
    if not completed:
        return {}
    ids = [work_order.id for work_order, _ in completed]
    rows = await uow.connection.execute(_LAST_LANES, {"ids": ids})
    lanes: dict[UUID, UUID] = {row.work_order_id: row.lane_id for row in rows}
    uow.upsert(
        tables.work_order_completions,
        [_row(w, at, lanes.get(w.id, NO_LANE)) for w, at in completed],
        key=("id",),
    )
    await uow.flush()
    return {work_order.id: lanes.get(work_order.id, NO_LANE) for work_order, _ in completed}


def _row(work_order: WorkOrder, at: datetime, lane_id: UUID) -> dict[str, Any]:
    return {
        "id": work_order.id,
        "plant_code": work_order.plant_code,
        "lane_id": lane_id,
        "operation_type": work_order.operation_type.value,
        "completed_at": at,
    }
