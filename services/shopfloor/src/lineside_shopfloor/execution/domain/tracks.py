"""Whether work runs: a state per track, and the intervals its changes leave behind (RULES 13).

A track goes from idle to running, paused, running … and back to idle when its operation or its
work order is done, or when the work order leaves the lane.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from uuid import UUID

from lineside_contracts.problems import ProblemCode
from lineside_contracts.shopfloor import LogKind
from lineside_manufacturing import quantities
from lineside_shopfloor.execution.domain.logs import NO_LANE, Activity, FloorLog, TrackKey

State = Literal["idle", "running", "paused"]

MINUTE_DECIMALS = 4
_MICROSECONDS_PER_MINUTE = 60_000_000
_C = ProblemCode


@dataclass(frozen=True, slots=True)
class Interval:
    """Time that work was set up, ran or stood on a track; open while it goes on.

    Attributes:
        id: Of the stored one; None before it is stored.
    """

    key: TrackKey
    activity: Literal["setup", "run", "pause"]
    started_at: datetime
    worker_count: int = 1
    reason_code: str | None = None
    ended_at: datetime | None = None
    id: UUID | None = None

    @property
    def minutes(self) -> Decimal:
        """How long it was, to four decimals; an open one counts nothing yet."""
        if self.ended_at is None:
            return Decimal(0)
        elapsed = self.ended_at - self.started_at
        microseconds = (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds
        exact = Fraction(microseconds, _MICROSECONDS_PER_MINUTE)
        return quantities.round_half_up(exact, MINUTE_DECIMALS)


@dataclass(frozen=True, slots=True)
class Track:
    """How a work order stands at an operation on a lane.

    Attributes:
        since: When it came to this state.
        last_happened_at: When the last thing reported of it happened.
        last_log_id: What reported it.
        open: The interval that goes on; None when idle.
    """

    key: TrackKey
    state: State
    activity: Activity
    since: datetime
    last_happened_at: datetime
    last_log_id: UUID
    open: Interval | None = None

    @property
    def operation_number(self) -> int:
        """Its operation; 0 where reports name none."""
        return self.key.operation_number

    @property
    def lane_id(self) -> UUID | None:
        """Its lane; None where work goes on without one."""
        return None if self.key.lane_id == NO_LANE else self.key.lane_id

    @property
    def last_at(self) -> datetime:
        """Nothing that happened before it is in order."""
        return max(self.since, self.last_happened_at)


def fault_of(track: Track | None, log: FloorLog) -> ProblemCode | None:
    """Tell which rule of state a report breaks; issues that stop nothing break none.

    Raises:
        ValueError: The report stops nothing and says nothing of the state.
    """
    state = track.state if track is not None else "idle"
    if log.kind is LogKind.START:
        return _start_fault(track, log)
    if log.kind is LogKind.RESUME:
        return {"running": _C.CANNOT_RESUME_WITHOUT_PAUSE, "idle": _C.PRODUCTION_NOT_STARTED}.get(
            state
        )
    if state == "idle":
        return _C.PRODUCTION_NOT_STARTED
    return _C.ALREADY_PAUSED if log.pauses and state == "paused" else None


def is_redundant(fault: ProblemCode, log: FloorLog) -> bool:
    """Say whether a report that breaks a rule of state only repeats what is so already."""
    if fault is _C.ALREADY_PAUSED:
        return log.pauses
    return fault in {_C.ALREADY_RUNNING, _C.CANNOT_RESUME_WITHOUT_PAUSE}


def after(track: Track | None, log: FloorLog) -> tuple[Track, Interval | None]:
    """Follow a report; one that breaks a rule leaves the state as it is.

    Returns:
        The track as it stands, and the interval that ended.
    """
    known = track or Track(
        key=log.key,
        state="idle",
        activity=log.activity,
        since=log.happened_at,
        last_happened_at=log.happened_at,
        last_log_id=log.id,
    )
    heard = replace(
        known,
        last_happened_at=max(known.last_happened_at, log.happened_at),
        last_log_id=log.id,
    )
    changes = log.kind in {LogKind.START, LogKind.RESUME} or log.pauses
    if not changes or fault_of(track, log) is not None:
        return heard, None
    return _moved(heard, log)


def ended(track: Track, at: datetime) -> tuple[Track, Interval | None]:
    """End whatever goes on on a track; an idle one stays as it is."""
    if track.state == "idle":
        return track, None
    return replace(track, state="idle", since=at, open=None), _closed(track.open, at)


def defaults(track: Track | None, kind: LogKind) -> tuple[Activity, int]:
    """Tell which activity and how many people a report means that states neither."""
    if track is None or kind is LogKind.START or track.open is None:
        return "run", 1
    return track.activity, track.open.worker_count


def _start_fault(track: Track | None, log: FloorLog) -> ProblemCode | None:
    if track is None or track.state == "idle":
        return None
    if track.state == "paused":
        return _C.ALREADY_PAUSED
    return _C.ALREADY_RUNNING if track.activity == log.activity else None


def _moved(track: Track, log: FloorLog) -> tuple[Track, Interval | None]:
    at = log.happened_at
    begun = Interval(
        key=track.key,
        activity="pause" if log.pauses else log.activity,
        started_at=at,
        worker_count=log.worker_count,
        reason_code=log.reason_code if log.pauses else None,
    )
    state: State = "paused" if log.pauses else "running"
    activity = track.activity if log.pauses else log.activity
    moved = replace(track, state=state, activity=activity, since=at, open=begun)
    return moved, _closed(track.open, at)


def _closed(interval: Interval | None, at: datetime) -> Interval | None:
    if interval is None:
        return None
    return replace(interval, ended_at=max(at, interval.started_at))
