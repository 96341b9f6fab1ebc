"""What the row of `floor_queries` says: operations, tracks, lanes, rules, pieces elsewhere."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from lineside_contracts.shopfloor import LaneStatus
from lineside_contracts.values import OperationType
from lineside_shopfloor.execution.domain.logs import TrackKey
from lineside_shopfloor.execution.domain.states import Elsewhere, FloorRules, LaneFact
from lineside_shopfloor.execution.domain.tracks import Interval, Track
from lineside_shopfloor.work_orders.domain.operations import FloorOperation
from lineside_shopfloor.work_orders.store import work_orders


def operations(row: Any) -> list[FloorOperation]:
    """Read the operations, by number."""
    names = work_orders.OPERATION_FIELDS
    found = [
        FloorOperation.model_validate(dict(zip(names, one, strict=True)))
        for one in row.operations or ()
    ]
    return sorted(found, key=lambda operation: operation.operation_number)


def rules(row: Any) -> FloorRules:
    """Read the rules of tenant and plant; the defaults of a new tenant where nothing is known."""
    zone = row.plant_time_zone or row.time_zone or "UTC"
    assigns = (row.assignment_mode or "automatic") != "manual"
    if row.available_pieces is None:
        return FloorRules(time_zone=zone, assigns_at_start=assigns)
    return FloorRules(
        tolerance_percentage=row.over_production_tolerance_percentage,
        is_strict=row.available_pieces == "strict",
        assigns_at_start=assigns,
        time_zone=zone,
    )


def tracks(row: Any) -> dict[TrackKey, Track]:
    """Read the tracks, with the intervals that go on."""
    going = {interval.key: interval for interval in _intervals(row)}
    return {track.key: track for track in _tracks(row, going)}


def lanes(row: Any) -> dict[UUID, LaneFact]:
    """Read the lanes it has to do with, by id."""
    found = (
        LaneFact(
            id=UUID(lane_id),
            lane_number=number,
            plant_code=plant,
            lane_type=OperationType(kind),
            status=LaneStatus(status),
        )
        for lane_id, number, plant, kind, status in row.lanes or ()
    )
    return {lane.id: lane for lane in found}


def held(row: Any) -> tuple[UUID, ...]:
    """Read which lanes it holds."""
    return tuple(sorted(UUID(lane_id) for (lane_id,) in row.held or ()))


def named(row: Any) -> UUID | None:
    """Read the lane the report names."""
    lane_id: UUID | None = row.named
    return lane_id


def fitting(row: Any) -> tuple[str, ...]:
    """Read the numbers of the lanes its work could go to."""
    return tuple(sorted(row.fitting or ()))


def before(row: Any) -> list[Elsewhere]:
    """Read the operations elsewhere whose pieces it takes."""
    return [_of_values(values) for values in row.before or ()]


def elsewhere(row: Any) -> Elsewhere:
    """Read an operation of another work order."""
    return _of_values(tuple(row))


def _of_values(values: Sequence[Any]) -> Elsewhere:
    number, good, used, units, decimals, predecessors = values
    return Elsewhere(
        operation_number=number,
        good=Decimal(good),
        used=Decimal(used),
        units_per_product=Fraction(units),
        unit_decimals=decimals,
        predecessor_numbers=tuple(predecessors),
    )


def _tracks(row: Any, going: dict[TrackKey, Interval]) -> Iterator[Track]:
    for number, lane_id, state, activity, since, last_at, last_log_id in row.tracks or ():
        key = TrackKey(number, UUID(lane_id))
        yield Track(
            key=key,
            state=state,
            activity=activity,
            since=datetime.fromisoformat(since),
            last_happened_at=datetime.fromisoformat(last_at),
            last_log_id=UUID(last_log_id),
            open=going.get(key),
        )


def _intervals(row: Any) -> Iterator[Interval]:
    for interval_id, number, lane_id, activity, reason, workers, started in row.intervals or ():
        yield Interval(
            id=UUID(interval_id),
            key=TrackKey(number, UUID(lane_id)),
            activity=activity,
            reason_code=reason,
            worker_count=workers,
            started_at=datetime.fromisoformat(started),
        )
