"""The two questions a decision on reports asks, written once per shape.

Building them anew would cost more than the database takes to answer them: each shape is compiled
once and sent as text. Numbers come back as texts inside JSON, so that none of them becomes a binary
float on its way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import psycopg

from lineside_contracts.shopfloor import OperationStatus, WorkOrderStatus
from lineside_shopfloor import tables
from lineside_shopfloor.work_orders.store import work_orders

_WORK_ORDERS = tables.work_orders
_OPERATIONS = tables.work_order_operations
_TRACKS = tables.work_tracks
_INTERVALS = tables.work_intervals
_HELD = tables.lane_assignments
_LANES = tables.lanes
_PLANTS = tables.plants
_SETTINGS = tables.tenant_settings

_WORK_ORDER: Any = bindparam("work_order_id", type_=Uuid)
_ORDER: Any = bindparam("production_order_id", type_=Uuid)
_PLANT: Any = bindparam("plant_code", type_=Text)
_TYPE: Any = bindparam("operation_type", type_=Text)
_LANE_ID: Any = bindparam("lane_id", type_=Uuid)
_LANE_NUMBER: Any = bindparam("lane_number", type_=Text)


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


@dataclass(frozen=True, slots=True)
class Shape:
    """What makes one question differ from another, apart from its values."""

    of_order: bool
    lane: Literal["id", "number"] | None
    fitting: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """A statement as the driver takes it, with the values that are always the same."""

    sql: str
    constants: Mapping[str, Any]


@lru_cache
def lock(*, for_update: bool) -> Sentence:
    """Ask for a work order's own fields by `work_order_id`, locked where it is to be changed."""
    query = select(
        *(_WORK_ORDERS.c[name] for name in work_orders.FIELDS), _WORK_ORDERS.c.log_version
    ).where(_WORK_ORDERS.c.id == _WORK_ORDER)
    return _sentence(query.with_for_update(key_share=True) if for_update else query)


def shape_of(fields: Mapping[str, Any], asked: Asked) -> Shape:
    """Tell which question is to be asked about a work order."""
    by_number: Literal["number"] | None = "number" if asked.lane_number is not None else None
    return Shape(
        of_order=fields["production_order_id"] is not None,
        lane="id" if asked.lane_id is not None else by_number,
        fitting=asked.fitting,
    )


@lru_cache
def around(shape: Shape) -> Sentence:
    """Ask for everything around a work order, as one row."""
    return _sentence(_around(shape))


def following(work_order_id: UUID, order_id: UUID, numbers: Sequence[int]) -> Select[Any]:
    """Ask for the operations elsewhere in a production order that take pieces of some."""
    wanted = bindparam("numbers", list(numbers), type_=ARRAY(Integer))
    return (
        select(*_elsewhere_columns())
        .where(_elsewhere(), _OPERATIONS.c.predecessor_operation_numbers.bool_op("&&")(wanted))
        .params(work_order_id=work_order_id, production_order_id=order_id)
    )


def _sentence(query: Select[Any]) -> Sentence:
    compiled = query.compile(dialect=psycopg.dialect())  # type: ignore[no-untyped-call]
    return Sentence(str(compiled), {k: v for k, v in compiled.params.items() if v is not None})


def _around(shape: Shape) -> Select[Any]:
    settings = select(_SETTINGS).limit(1).subquery("settings")
    plant = (
        select(_PLANTS.c.time_zone, _PLANTS.c.assignment_mode)
        .where(_PLANTS.c.plant_code == _PLANT, ~_PLANTS.c.deleted)
        .subquery("plant")
    )
    return select(
        _all(_OPERATIONS, work_orders.OPERATION_FIELDS, _of(_OPERATIONS)).label("operations"),
        _all(_TRACKS, _TRACK, _of(_TRACKS)).label("tracks"),
        _all(_INTERVALS, _INTERVAL, _of(_INTERVALS), _INTERVALS.c.ended_at.is_(None)).label(
            "intervals"
        ),
        _all(_HELD, ("lane_id",), _of(_HELD), _HELD.c.released_at.is_(None)).label("held"),
        _all(_LANES, _LANE, _concerned(shape)).label("lanes"),
        _named(shape).scalar_subquery().label("named"),
        _fitting(shape).label("fitting"),
        _before(shape).label("before"),
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


def _of(table: FromClause) -> ColumnElement[bool]:
    is_own: ColumnElement[bool] = table.c.work_order_id == _WORK_ORDER
    return is_own


def _concerned(shape: Shape) -> ColumnElement[bool]:
    """Lanes it holds or has tracks on, and the one that is named."""
    own = [
        select(_HELD.c.lane_id).where(_of(_HELD), _HELD.c.released_at.is_(None)),
        select(_TRACKS.c.lane_id).where(_of(_TRACKS)),
        *([_named(shape)] if shape.lane is not None else []),
    ]
    return _LANES.c.id.in_(union_all(*own))


def _named(shape: Shape) -> Select[Any]:
    lane = _LANES.alias("named")
    if shape.lane == "id":
        return select(lane.c.id).where(lane.c.id == _LANE_ID, ~lane.c.deleted)
    if shape.lane == "number":
        is_it = and_(lane.c.plant_code == _PLANT, lane.c.lane_number == _LANE_NUMBER)
        return select(lane.c.id).where(is_it, ~lane.c.deleted)
    return select(lane.c.id).where(false())


def _fitting(shape: Shape) -> ColumnElement[Any]:
    """Lanes of its plant and type at work centers it may go to, or at none (RULES 11)."""
    wanted = select(_OPERATIONS.c.work_center_code).where(_of(_OPERATIONS))
    others = select(func.unnest(_OPERATIONS.c.alternate_work_center_codes)).where(_of(_OPERATIONS))
    eligible = wanted.where(_OPERATIONS.c.work_center_code.is_not(None)).union_all(others)
    return (
        select(func.json_agg(_LANES.c.lane_number))
        .where(
            true() if shape.fitting else false(),
            _LANES.c.plant_code == _PLANT,
            _LANES.c.lane_type == _TYPE,
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


def _before(shape: Shape) -> ColumnElement[Any]:
    if not shape.of_order:
        return select(func.json_agg(func.json_build_array())).where(false()).scalar_subquery()
    numbers = select(func.unnest(_OPERATIONS.c.predecessor_operation_numbers)).where(
        _of(_OPERATIONS)
    )
    columns = [_written(column) for column in _elsewhere_columns()]
    return (
        select(func.json_agg(func.json_build_array(*columns)))
        .where(
            _elsewhere(),
            _OPERATIONS.c.operation_number.in_(numbers.correlate(None)),
        )
        .scalar_subquery()
    )


def _elsewhere() -> ColumnElement[bool]:
    """Operations of a production order's other work orders, of those that were not called off."""
    others = select(_WORK_ORDERS.c.id).where(
        _WORK_ORDERS.c.production_order_id == _ORDER,
        _WORK_ORDERS.c.id != _WORK_ORDER,
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
