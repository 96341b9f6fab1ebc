"""What became of a work order is written, and said: one statement, whatever it was.

Intervals made anew take a second one: they cannot take the place of those that vanish with them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor import tables
from lineside_shopfloor.execution.domain import answers
from lineside_shopfloor.execution.domain.effects import Effects
from lineside_shopfloor.execution.domain.logs import FloorLog
from lineside_shopfloor.execution.domain.states import WorkState
from lineside_shopfloor.execution.domain.tracks import Interval, Track
from lineside_shopfloor.execution.store import logs
from lineside_shopfloor.work_orders.store import work_orders

_TRACKS = tables.work_tracks
_INTERVALS = tables.work_intervals
_TRACK_KEY = ("work_order_id", "operation_number", "lane_id")


def save(uow: UnitOfWork, state: WorkState, effects: Effects, *, affected_from: datetime) -> None:
    """Store what follows from reports, and say it.

    Args:
        uow: Where; the work order is locked.
        state: Before them.
        effects: What follows.
        affected_from: Since when times or quantities are other than before.
    """
    kept = _numbered(state, effects.logs)
    version = state.log_version + len(kept)
    work_orders.save_progress(uow, effects.outcome, state.work_order, log_version=version)
    logs.insert(uow, kept)
    _save_tracks(uow, state, effects)
    _save_intervals(uow, state, effects)
    for log in kept:
        told = answers.said(log, effects.outcome.work_order, affected_from=affected_from)
        uow.emit(told)


def save_ended(uow: UnitOfWork, state: WorkState, tracks: Sequence[Track], *, at: datetime) -> None:
    """Store that some tracks ended, where nothing else changes."""
    uow.upsert(_TRACKS, [_track_row(state, track) for track in tracks], key=_TRACK_KEY)
    going = [state.progress.tracks[track.key].open for track in tracks]
    ended = [
        {"id": interval.id, "ended_at": max(at, interval.started_at)}
        for interval in going
        if interval is not None and interval.id is not None
    ]
    uow.update(_INTERVALS, ended)


def _numbered(state: WorkState, made: Sequence[FloorLog]) -> list[FloorLog]:
    return [
        replace(log, log_version=state.log_version + position)
        for position, log in enumerate(made, start=1)
    ]


def _save_tracks(uow: UnitOfWork, state: WorkState, effects: Effects) -> None:
    known, now = state.progress.tracks, effects.after.tracks
    gone = [
        {"work_order_id": state.work_order.id, **key._asdict()} for key in known if key not in now
    ]
    uow.delete(_TRACKS, gone, key=_TRACK_KEY)
    changed = [track for key, track in now.items() if track != known.get(key)]
    uow.upsert(_TRACKS, [_track_row(state, track) for track in changed], key=_TRACK_KEY)


def _save_intervals(uow: UnitOfWork, state: WorkState, effects: Effects) -> None:
    going = [track.open for track in effects.after.tracks.values() if track.open is not None]
    if effects.rewrites:
        uow.delete(_INTERVALS, [{"work_order_id": state.work_order.id}], key=("work_order_id",))
    closed = effects.after.closed
    uow.update(_INTERVALS, [{"id": i.id, "ended_at": i.ended_at} for i in closed if i.id])
    new = [interval for interval in (*closed, *going) if interval.id is None]
    uow.insert(_INTERVALS, [_interval_row(uow, state, interval) for interval in new])


def _track_row(state: WorkState, track: Track) -> dict[str, Any]:
    return {
        "work_order_id": state.work_order.id,
        **track.key._asdict(),
        "state": track.state,
        "activity": track.activity,
        "since": track.since,
        "last_happened_at": track.last_happened_at,
        "last_log_id": track.last_log_id,
    }


def _interval_row(uow: UnitOfWork, state: WorkState, interval: Interval) -> dict[str, Any]:
    operation = state.operation(interval.key.operation_number)
    return {
        "id": uow.new_id(),
        "work_order_id": state.work_order.id,
        "operation_id": operation.id if operation else None,
        **interval.key._asdict(),
        "plant_code": state.work_order.plant_code,
        "activity": interval.activity,
        "reason_code": interval.reason_code,
        "worker_count": interval.worker_count,
        "started_at": interval.started_at,
        "ended_at": interval.ended_at,
    }
