"""What the floor reported: operations, the days that earned it, lanes; and orders gone stale."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    Text,
    Uuid,
    bindparam,
    func,
    literal,
    select,
    tuple_,
    union_all,
)

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_predictions import tables
from lineside_predictions.domain.earning import EarnedDay
from lineside_predictions.domain.lane_conflicts import INACTIVE, FloorLane, LiveWork
from lineside_predictions.domain.reports import Contribution, OperationProgress, Totals
from lineside_predictions.store import queries

DayKey = tuple[str, str, date]
"""Plant, operation type, local day."""


@dataclass(frozen=True, slots=True)
class StaleOrder:
    """An order that is to be predicted again, why, and by which event."""

    id: UUID
    reason: str
    cause: Envelope | None = None


async def load_operations(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, OperationProgress]:
    """Load operations by id; whoever marked their orders stale has them alone."""
    table = tables.operation_progress
    query = select(table).where(table.c.id == queries.any_id(ids))
    rows = (await uow.connection.execute(query)).mappings()
    return {row["id"]: _operation(row) for row in rows}


async def load_operations_of_orders(
    uow: UnitOfWork, order_ids: Iterable[UUID]
) -> dict[UUID, list[OperationProgress]]:
    """Load the operations of production orders, by order."""
    table = tables.operation_progress
    query = select(table).where(table.c.production_order_id == queries.any_id(order_ids))
    found: dict[UUID, list[OperationProgress]] = {}
    for row in (await uow.connection.execute(query)).mappings():
        found.setdefault(row["production_order_id"], []).append(_operation(row))
    return found


def save_operations(uow: UnitOfWork, operations: Sequence[OperationProgress]) -> None:
    """Write operations whole."""
    rows = [_operation_row(operation) for operation in operations]
    uow.upsert(tables.operation_progress, rows, key=("id",))


async def load_days(uow: UnitOfWork, keys: Iterable[DayKey]) -> dict[DayKey, EarnedDay]:
    """Load and lock days in key order."""
    table = tables.velocities
    wanted = sorted(set(keys))
    key = (table.c.plant_code, table.c.operation_type, table.c.worked_on)
    arrays = (
        bindparam("plants", [k[0] for k in wanted], type_=ARRAY(Text)),
        bindparam("types", [k[1] for k in wanted], type_=ARRAY(Text)),
        bindparam("days", [k[2] for k in wanted], type_=ARRAY(Date)),
    )
    listed = select(*(func.unnest(array) for array in arrays))
    query = select(table).where(tuple_(*key).in_(listed)).order_by(*key).with_for_update()
    return {
        (row.plant_code, row.operation_type, row.worked_on): EarnedDay(
            row.earned_minutes, row.pieces, row.actual_minutes
        )
        for row in await uow.connection.execute(query)
    }


def save_days(
    uow: UnitOfWork, days: Mapping[DayKey, EarnedDay], *, known: Mapping[DayKey, EarnedDay]
) -> None:
    """Write days: known ones are locked, a new one that stands already is a conflict."""
    table, key = tables.velocities, ("plant_code", "operation_type", "worked_on")
    uow.update(table, [_day_row(k, days[k]) for k in days if k in known], key=key)
    uow.insert(table, [_day_row(k, days[k]) for k in days if k not in known])


def mark_stale(uow: UnitOfWork, orders: Sequence[StaleOrder]) -> None:
    """Ask for orders to be predicted again; waits for whoever is doing so right now."""
    rows = [_stale_row(uow, order) for order in orders]
    uow.upsert(tables.stale_orders, rows, key=("id",))


def mark_expanded(uow: UnitOfWork, ids: Iterable[UUID], *, cause: Envelope | None) -> None:
    """Ask for orders whose reports may have come before their runs; waits for nobody.

    Who is marked already is in nobody's hands but those of who waits for this order's lock.
    """
    rows = [_stale_row(uow, StaleOrder(each, "routing.expanded", cause)) for each in sorted(ids)]
    uow.insert_new(tables.stale_orders, rows, key=("id",))


async def take_stale(uow: UnitOfWork, *, limit: int) -> list[StaleOrder]:
    """Lock orders that are to be predicted again, those nobody else has in hand.

    What another unit holds it marks just now, and the timer that follows it comes back for it. An
    order without expansion waits for that.
    """
    table, orders = tables.stale_orders, tables.predicted_orders
    query = (
        select(table)
        .join(orders, (orders.c.tenant_id == table.c.tenant_id) & (orders.c.id == table.c.id))
        .where(orders.c.expansion_version > 0)
        .order_by(table.c.id)
        .limit(limit)
        .with_for_update(of=table, skip_locked=True)
    )
    return [
        StaleOrder(row.id, row.reason, Envelope.from_headers(row.cause) if row.cause else None)
        for row in await uow.connection.execute(query)
    ]


def forget_stale(uow: UnitOfWork, orders: Sequence[StaleOrder]) -> None:
    """They are predicted."""
    uow.delete(tables.stale_orders, [{"id": order.id} for order in orders], key=("id",))


async def load_order_ids(uow: UnitOfWork, work_order_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Which production orders work orders belong to."""
    table = tables.work_order_progress
    query = select(table.c.id, table.c.production_order_id).where(
        table.c.id == queries.any_id(work_order_ids)
    )
    return {row.id: row.production_order_id for row in await uow.connection.execute(query)}


async def load_lane_conflicts(
    uow: UnitOfWork, plant_codes: Sequence[str]
) -> tuple[list[FloorLane], list[LiveWork]]:
    """Load the lanes of some plants and the live work there, in one statement."""
    lanes, work = tables.floor_lanes, tables.work_order_progress
    codes = queries.any_text(plant_codes)
    on_lanes = (
        select(literal(None).cast(Uuid), lanes.c.plant_code, lanes.c.lane_type)
        .add_columns(lanes.c.work_center_code, lanes.c.capacity, lanes.c.work_order_ids)
        .where(lanes.c.plant_code == codes, lanes.c.status != INACTIVE)
    )
    live = (
        select(work.c.id, work.c.plant_code, work.c.operation_type)
        .add_columns(work.c.production_order_id.cast(Text), literal(0), work.c.work_center_codes)
        .where(work.c.plant_code == codes, work.c.status.in_(("released", "in_progress")))
    )
    rows = (await uow.connection.execute(union_all(on_lanes, live))).all()
    return (
        [
            FloorLane(plant, kind, center, capacity, tuple(map(UUID, held)))
            for identity, plant, kind, center, capacity, held in rows
            if identity is None
        ],
        [
            LiveWork(identity, UUID(order), plant, kind, frozenset(centers))
            for identity, plant, kind, order, _, centers in rows
            if identity is not None
        ],
    )


def save_lanes(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what is on lanes; an older version changes nothing."""
    uow.upsert(tables.floor_lanes, rows, key=("id",), newer_by="version")


def _stale_row(uow: UnitOfWork, order: StaleOrder) -> dict[str, Any]:
    return {
        "id": order.id,
        "reason": order.reason,
        "cause": order.cause.headers() if order.cause else None,
        "asked_at": uow.now,
    }


def _operation(row: Mapping[Any, Any]) -> OperationProgress:
    return OperationProgress(
        id=row["id"],
        production_order_id=row["production_order_id"],
        work_order_id=row["work_order_id"],
        run_id=row["run_id"],
        sequence_number=row["sequence_number"],
        version=row["version"],
        totals=Totals(
            good=row["good_quantity"],
            scrap=row["scrap_quantity"],
            rework=row["rework_quantity"],
            actual_minutes=row["actual_minutes"],
            is_completed=row["is_completed"],
        ),
        uncounted=tuple(
            Contribution(datetime.fromisoformat(at), Decimal(pieces), Decimal(minutes), setups)
            for at, pieces, minutes, setups in row["uncounted"]
        ),
    )


def _operation_row(operation: OperationProgress) -> dict[str, Any]:
    totals = operation.totals
    return {
        "id": operation.id,
        "production_order_id": operation.production_order_id,
        "work_order_id": operation.work_order_id,
        "run_id": operation.run_id,
        "sequence_number": operation.sequence_number,
        "version": operation.version,
        "good_quantity": totals.good,
        "scrap_quantity": totals.scrap,
        "rework_quantity": totals.rework,
        "actual_minutes": totals.actual_minutes,
        "is_completed": totals.is_completed,
        "uncounted": [
            [each.happened_at.isoformat(), str(each.pieces), str(each.actual_minutes), each.setups]
            for each in operation.uncounted
        ],
    }


def _day_row(key: DayKey, day: EarnedDay) -> dict[str, Any]:
    plant_code, operation_type, worked_on = key
    return {
        "plant_code": plant_code,
        "operation_type": operation_type,
        "worked_on": worked_on,
        "earned_minutes": day.earned_minutes,
        "pieces": day.pieces,
        "actual_minutes": day.actual_minutes,
    }
