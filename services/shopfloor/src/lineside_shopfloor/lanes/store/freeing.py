"""Work orders that are over leave their lanes, in the transaction that ends them (RULES 12)."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.values import Actor
from lineside_shopfloor import tables
from lineside_shopfloor.lanes.domain import occupancy
from lineside_shopfloor.lanes.domain.occupancy import Lane
from lineside_shopfloor.lanes.store import lanes as store
from lineside_shopfloor.places.domain.facts import Stamp


async def free_all(
    uow: UnitOfWork,
    reasons: Mapping[UUID, str | None],
    *,
    by: Actor | None = None,
    caused_by: Mapping[UUID, Envelope] | None = None,
) -> dict[UUID, Lane]:
    """Take work orders off whatever lanes they hold, and say it; nothing where they hold none.

    The caller has locked these work orders, so that they take no lane meanwhile. One statement
    where no lane is held, two else.

    Args:
        uow: Where.
        reasons: Why each is taken off, by work order.
        by: Who did it; by default whoever stands behind the cause.
        caused_by: The event behind each, in batches of events.

    Returns:
        The lanes that were freed, as they stand now.
    """
    lanes = await _locked(uow, reasons)
    held = [one for lane in lanes.values() for one in lane.state.assignments]
    for work_order_id, lane_id in ((one.work_order_id, one.lane_id) for one in held):
        if work_order_id not in reasons:
            continue
        cause = (caused_by or {}).get(work_order_id)
        stamp = Stamp(at=uow.now, by=by or uow.actor_of(cause))
        before = Lane(lanes[lane_id].state)
        freed = occupancy.free(before, work_order_id, reason=reasons[work_order_id], stamp=stamp)
        store.save(uow, [freed], caused_by=cause)
        lanes[lane_id] = freed
    return lanes


async def _locked(uow: UnitOfWork, reasons: Mapping[UUID, str | None]) -> dict[UUID, Lane]:
    if not reasons:
        return {}
    held = tables.lane_assignments
    lane_ids = select(held.c.lane_id).where(
        one_of(held.c.work_order_id, sorted(reasons)), held.c.released_at.is_(None)
    )
    return await store.lock_where(uow, tables.lanes.c.id.in_(lane_ids))
