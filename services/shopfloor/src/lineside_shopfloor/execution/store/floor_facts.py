"""Everything around a work order, as one row of JSON: operations, tracks, lanes, rules, pieces.

Numbers travel as texts, so that none of them becomes a binary float on its way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    or_,
    select,
    true,
)

from lineside_contracts.shopfloor import LaneStatus, OperationStatus, WorkOrderStatus
from lineside_contracts.values import OperationType
from lineside_shopfloor import tables
from lineside_shopfloor.execution.domain.logs import TrackKey
from lineside_shopfloor.execution.domain.states import Elsewhere, FloorRules, LaneFact
from lineside_shopfloor.execution.domain.tracks import Interval, Track
from lineside_shopfloor.work_orders.domain.operations import FloorOperation
from lineside_shopfloor.work_orders.store import work_orders

_WORK_ORDERS = tables.work_orders
_OPERATIONS = tables.work_order_operations
_TRACKS = tables.work_tracks
_INTERVALS = tables.work_intervals
_HELD = tables.lane_assignments
_LANES = tables.lanes
_PLANTS = tables.plants
_SETTINGS = tables.tenant_settings


@dataclass(frozen=True, slots=True)
class About:
    """Which work order is asked about, and where it stands."""

    work_order_id: UUID
    production_order_id: UUID | None
    plant_code: str | None
    operation_type: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report asks to be looked up besides.

    Attributes:
        lane_id: The lane it names.
        lane_number: Or its number.
        fitting: Which lanes the work could go to.
    """

    lane_id: UUID | None = None
    lane_number: str | None = None
    fitting: bool = False

    @property
    def names_lane(self) -> bool:
        """Whether it names a lane."""
        return self.lane_id is not None or self.lane_number is not None


def query(about: About, asked: Asked) -> Select[Any]:
    """Ask for all of it."""
    settings = select(_SETTINGS).limit(1).subquery("settings")
    plant = (
        select(_PLANTS.c.time_zone, _PLANTS.c.assignment_mode)
        .where(_PLANTS.c.plant_code == about.plant_code, ~_PLANTS.c.deleted)
        .subquery("plant")
    )
    return select(
        _all(_OPERATIONS, work_orders.OPERATION_FIELDS, _of(_OPERATIONS, about)).label(
            "operations"
        ),
        _all(_TRACKS, _TRACK, _of(_TRACKS, about)).label("tracks"),
        _all(_INTERVALS, _INTERVAL, _of(_INTERVALS, about), _INTERVALS.c.ended_at.is_(None)).label(
            "intervals"
        ),
        _all(_HELD, ("lane_id",), _of(_HELD, about), _HELD.c.released_at.is_(None)).label("held"),
        _all(_LANES, _LANE, _concerned(about, asked)).label("lanes"),
        _named(about, asked).label("named"),
        _fitting(about, asked).label("fitting"),
        _before(about).label("before"),
        settings.c.over_production_tolerance_percentage,
        settings.c.available_pieces,
        settings.c.time_zone,
        plant.c.time_zone.label("plant_time_zone"),
        plant.c.assignment_mode,
    ).select_from(
        select(true().label("one"))
        .subquery("one")
        .outerjoin(settings, true())
        .outerjoin(plant, true())
    )


def following(work_order_id: UUID, order_id: UUID, numbers: Sequence[int]) -> Select[Any]:
    """Ask for the operations elsewhere in a production order that take pieces of some."""
    return select(*_elsewhere_columns()).where(
        _elsewhere(work_order_id, order_id),
        _OPERATIONS.c.predecessor_operation_numbers.bool_op("&&")(
            bindparam("numbers", list(numbers), type_=ARRAY(Integer))
        ),
    )


def operations(row: Row[Any]) -> list[FloorOperation]:
    """Read the operations, by number."""
    names = work_orders.OPERATION_FIELDS
    found = [
        FloorOperation.model_validate(dict(zip(names, one, strict=True)))
        for one in row.operations or ()
    ]
    return sorted(found, key=lambda operation: operation.operation_number)


def rules(row: Row[Any]) -> FloorRules:
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


def tracks(row: Row[Any]) -> dict[TrackKey, Track]:
    """Read the tracks, with the intervals that go on."""
    going = {interval.key: interval for interval in _intervals(row)}
    return {track.key: track for track in _tracks(row, going)}


def lanes(row: Row[Any]) -> dict[UUID, LaneFact]:
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


def held(row: Row[Any]) -> tuple[UUID, ...]:
    """Read which lanes it holds."""
    return tuple(sorted(UUID(lane_id) for (lane_id,) in row.held or ()))


def named(row: Row[Any]) -> UUID | None:
    """Read the lane the report names."""
    lane_id: UUID | None = row.named
    return lane_id


def fitting(row: Row[Any]) -> tuple[str, ...]:
    """Read the numbers of the lanes its work could go to."""
    return tuple(sorted(row.fitting or ()))


def before(row: Row[Any]) -> list[Elsewhere]:
    """Read the operations elsewhere whose pieces it takes."""
    return [_of_values(values) for values in row.before or ()]


def elsewhere(row: Row[Any]) -> Elsewhere:
    """Read an operation of another work order."""
    return _of_values(tuple(row))


_TRACK = (
    "operation_number",
    "lane_id",
    "state",
    "activity",
    "since",
    "last_happened_at",
    "last_log_id",
)
_INTERVAL = (
    "id",
    "operation_number",
    "lane_id",
    "activity",
    "reason_code",
    "worker_count",
    "started_at",
)
_LANE = ("id", "lane_number", "plant_code", "lane_type", "status")


def _all(
    table: FromClause, names: Sequence[str], *conditions: ColumnElement[bool]
) -> ColumnElement[Any]:
    rows = func.json_agg(func.json_build_array(*(_written(table.c[name]) for name in names)))
    return select(rows).where(*conditions).scalar_subquery()


def _written(column: Any) -> Any:
    return cast(column, Text) if isinstance(column.type, Numeric) else column


def _of(table: FromClause, about: About) -> ColumnElement[bool]:
    return table.c.work_order_id == about.work_order_id


def _concerned(about: About, asked: Asked) -> ColumnElement[bool]:
    own = (
        select(_HELD.c.lane_id)
        .where(_of(_HELD, about), _HELD.c.released_at.is_(None))
        .union_all(select(_TRACKS.c.lane_id).where(_of(_TRACKS, about)))
    )
    return or_(_LANES.c.id.in_(own), _is_named(about, asked))


def _named(about: About, asked: Asked) -> ColumnElement[Any]:
    return select(_LANES.c.id).where(_is_named(about, asked)).scalar_subquery()


def _is_named(about: About, asked: Asked) -> ColumnElement[bool]:
    if asked.lane_id is not None:
        return and_(_LANES.c.id == asked.lane_id, ~_LANES.c.deleted)
    if asked.lane_number is None:
        return false()
    return and_(
        _LANES.c.plant_code == about.plant_code,
        _LANES.c.lane_number == asked.lane_number,
        ~_LANES.c.deleted,
    )


def _fitting(about: About, asked: Asked) -> ColumnElement[Any]:
    """Lanes of its plant and type at work centers it may go to, or at none (RULES 11)."""
    wanted = select(_OPERATIONS.c.work_center_code).where(_of(_OPERATIONS, about))
    others = select(func.unnest(_OPERATIONS.c.alternate_work_center_codes)).where(
        _of(_OPERATIONS, about)
    )
    eligible = wanted.where(_OPERATIONS.c.work_center_code.is_not(None)).union_all(others)
    return (
        select(func.json_agg(_LANES.c.lane_number))
        .where(
            true() if asked.fitting else false(),
            _LANES.c.plant_code == about.plant_code,
            _LANES.c.lane_type == about.operation_type,
            ~_LANES.c.deleted,
            _LANES.c.is_active,
            or_(
                _LANES.c.work_center_code.is_(None),
                _LANES.c.work_center_code.in_(eligible),
                ~select(eligible.subquery("eligible")).exists(),
            ),
        )
        .scalar_subquery()
    )


def _before(about: About) -> ColumnElement[Any]:
    if about.production_order_id is None:
        return select(func.json_agg(func.json_build_array())).where(false()).scalar_subquery()
    numbers = select(func.unnest(_OPERATIONS.c.predecessor_operation_numbers)).where(
        _of(_OPERATIONS, about)
    )
    columns = [_written(column) for column in _elsewhere_columns()]
    return (
        select(func.json_agg(func.json_build_array(*columns)))
        .where(
            _elsewhere(about.work_order_id, about.production_order_id),
            _OPERATIONS.c.operation_number.in_(numbers.correlate(None)),
        )
        .scalar_subquery()
    )


def _elsewhere(work_order_id: UUID, order_id: UUID) -> ColumnElement[bool]:
    """Operations of a production order's other work orders, of those that were not called off."""
    others = select(_WORK_ORDERS.c.id).where(
        _WORK_ORDERS.c.production_order_id == order_id,
        _WORK_ORDERS.c.id != work_order_id,
        _WORK_ORDERS.c.status != WorkOrderStatus.CANCELLED.value,
    )
    return and_(
        _OPERATIONS.c.work_order_id.in_(others),
        _OPERATIONS.c.status != OperationStatus.CANCELLED.value,
    )


def _elsewhere_columns() -> list[Any]:
    c = _OPERATIONS.c
    used = (
        c.good_quantity
        + c.scrap_quantity
        + c.rework_quantity
        + c.rework_out_quantity
        - c.rework_in_quantity
    )
    return [
        c.operation_number,
        c.good_quantity,
        used.label("used"),
        c.units_per_product,
        c.unit_decimals,
        c.predecessor_operation_numbers,
    ]


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


def _tracks(row: Row[Any], going: dict[TrackKey, Interval]) -> Iterator[Track]:
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


def _intervals(row: Row[Any]) -> Iterator[Interval]:
    for interval_id, number, lane_id, activity, reason, workers, started in row.intervals or ():
        yield Interval(
            id=UUID(interval_id),
            key=TrackKey(number, UUID(lane_id)),
            activity=activity,
            reason_code=reason,
            worker_count=workers,
            started_at=datetime.fromisoformat(started),
        )
