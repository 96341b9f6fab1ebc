"""Work orders locked for being put on lanes, without the operations they have."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor import tables
from lineside_shopfloor.assignment.store import queue
from lineside_shopfloor.lanes.store import lanes


async def lock_waiting(uow: UnitOfWork, work_order_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Lock work orders in the order of their ids, and tell which still wait for a lane.

    What holds lanes is read after the locks: whoever held one of them may have taken a lane.
    """
    c = tables.work_orders.c
    wanted = sorted(set(work_order_ids))
    query = (
        select(c.id, c.status)
        .where(one_of(c.id, wanted))
        .order_by(c.id)
        .with_for_update(key_share=True)
    )
    rows = (await uow.connection.execute(query)).all()
    live = {row.id for row in rows if row.status in queue.LIVE}
    held = await lanes.holding(uow, work_order_ids=wanted)
    return frozenset(live - {one.work_order_id for one in held})
