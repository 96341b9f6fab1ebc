"""What goes on on a lane, for whoever closes it or takes work off it."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.values import Actor
from lineside_shopfloor import tables
from lineside_shopfloor.execution.domain import by_hand, tracks
from lineside_shopfloor.execution.domain.making import Writing
from lineside_shopfloor.execution.store import recording, saving, states

_TRACKS = tables.work_tracks


async def open_on(uow: UnitOfWork, lane_id: UUID) -> dict[UUID, Literal["running", "paused"]]:
    """Tell which work orders run or are paused on a lane, without locking anything.

    One that does both, at different operations, runs.
    """
    query = select(_TRACKS.c.work_order_id, _TRACKS.c.state).where(
        _TRACKS.c.lane_id == lane_id, _TRACKS.c.state != "idle"
    )
    found: dict[UUID, Literal["running", "paused"]] = {}
    for row in (await uow.connection.execute(query)).all():
        runs = row.state == "running" or found.get(row.work_order_id) == "running"
        found[row.work_order_id] = "running" if runs else "paused"
    return found


async def running_on(uow: UnitOfWork, lane_id: UUID) -> frozenset[UUID]:
    """Tell which work orders run on a lane, without locking anything."""
    going = await open_on(uow, lane_id)
    return frozenset(work_order_id for work_order_id, state in going.items() if state == "running")


async def pause_all(
    uow: UnitOfWork, lane_of: Mapping[UUID, UUID], *, reason: str | None, by: Actor
) -> None:
    """Pause what runs of some work orders on their lanes, for maintenance (RULES 12).

    Args:
        uow: Where; lock the work orders in the order of their ids before any lane.
        lane_of: The lane of each, by work order.
        reason: As people say it; the reason's code is `maintenance`.
        by: Who closes the lane.
    """
    for work_order_id, lane_id in sorted(lane_of.items()):
        state = await states.lock(uow, work_order_id)
        if state is None:
            continue
        logs = [
            by_hand.pause(
                state,
                track,
                writing=Writing(log_id=uow.new_id(), now=uow.now, by=by),
                notes=reason,
            )
            for track in by_hand.running_on(state, lane_id)
        ]
        if logs:
            await recording.keep(uow, state, logs, by=by)


async def leave_lane(uow: UnitOfWork, work_order_id: UUID, lane_id: UUID) -> None:
    """End what is paused of a work order on a lane it is taken off.

    It needs an assignment and a start to go on, there or elsewhere.

    Args:
        uow: Where; the work order is locked.
        work_order_id: Which.
        lane_id: The lane it leaves.
    """
    state = await states.lock(uow, work_order_id)
    if state is None:
        return
    leaving = [t for t in state.tracks if t.lane_id == lane_id and t.state != "idle"]
    ended = [tracks.ended(track, uow.now)[0] for track in leaving]
    saving.save_ended(uow, state, ended, at=uow.now)
