"""Lanes, work orders and assets by the names people give them."""

from uuid import UUID

from sqlalchemy import and_, false, select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor import tables
from lineside_shopfloor.reporting.domain.work_logs import Named


async def lane_of(
    uow: UnitOfWork, *, lane_id: UUID | None, number: str | None = None, plant_code: str = ""
) -> Named | None:
    """Find a lane by id, or by its number in a plant; a deleted one is none."""
    c = tables.lanes.c
    by_number = and_(c.plant_code == plant_code, c.lane_number == number) if number else false()
    wanted = c.id == lane_id if lane_id is not None else by_number
    query = select(c.id, c.lane_number, c.plant_code).where(wanted, ~c.deleted)
    row = (await uow.connection.execute(query)).one_or_none()
    return Named(row.id, row.lane_number, row.plant_code) if row else None


async def work_order_of(
    uow: UnitOfWork, *, work_order_id: UUID | None, number: str | None
) -> Named | None:
    """Find a work order by id or number."""
    if work_order_id is None and number is None:
        return None
    c = tables.work_orders.c
    wanted = c.id == work_order_id if work_order_id is not None else c.work_order_number == number
    query = select(c.id, c.work_order_number, c.plant_code).where(wanted)
    row = (await uow.connection.execute(query)).one_or_none()
    return Named(row.id, row.work_order_number, row.plant_code) if row else None


async def asset_of(uow: UnitOfWork, code: str) -> tuple[str, Named | None] | None:
    """Find an asset's plant, and the lane it is or serves."""
    c, lanes = tables.asset_hierarchy.c, tables.lanes
    query = (
        select(c.plant_code, lanes.c.id, lanes.c.lane_number)
        .select_from(tables.asset_hierarchy)
        .outerjoin(
            lanes,
            (lanes.c.tenant_id == c.tenant_id)
            & (lanes.c.plant_code == c.plant_code)
            & (lanes.c.lane_number == c.lane_number)
            & ~lanes.c.deleted,
        )
        .where(c.asset_code == code, ~c.deleted)
    )
    row = (await uow.connection.execute(query)).one_or_none()
    if row is None:
        return None
    lane = Named(row.id, row.lane_number, row.plant_code) if row.id else None
    return row.plant_code, lane
