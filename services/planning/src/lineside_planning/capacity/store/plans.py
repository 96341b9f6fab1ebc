"""Orders in the eyes of capacity: loaded under their row locks, saved with their runs."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, UUID as PG_UUID
from sqlalchemy.sql.expression import any_

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_manufacturing import time_spans
from lineside_planning.capacity.domain import families
from lineside_planning.capacity.domain.checking import Check
from lineside_planning.capacity.domain.orders import OrderState
from lineside_planning.capacity.store import order_rows
from lineside_planning.capacity.tables import capacity_planning, capacity_plans as table

_IDS = bindparam("ids", type_=ARRAY(PG_UUID))
_FAMILY = select(func.unnest(_IDS).label("id")).cte("family", recursive=True)
_FAMILY = _FAMILY.union(
    select(table.c.parent_id).where(
        table.c.id == _FAMILY.c.id, table.c.parent_id.is_not(None), ~table.c.is_over
    )
)
"""Orders and whoever they are made for; `UNION` comes to an end where they form a circle."""

_LOCKED = (
    select(table)
    .where(table.c.id == any_(func.array(select(_FAMILY.c.id).scalar_subquery())))
    .order_by(table.c.id)
    .with_for_update(of=table)
)
_READ = select(table).where(table.c.id == any_(_IDS))

_OPEN = (
    select(capacity_planning.c.production_order_id)
    .where(
        capacity_planning.c.remaining_minutes > 0,
        capacity_planning.c.work_center_code == any_(bindparam("codes", type_=ARRAY(TEXT))),
        capacity_planning.c.production_order_id > bindparam("after", type_=PG_UUID),
    )
    .distinct()
    .order_by(capacity_planning.c.production_order_id)
    .limit(bindparam("limit"))
)
_OPEN_OF_PLANTS = (
    select(table.c.id)
    .where(
        table.c.plant_code == any_(bindparam("codes", type_=ARRAY(TEXT))),
        ~table.c.is_over,
        table.c.id > bindparam("after", type_=PG_UUID),
    )
    .order_by(table.c.id)
    .limit(bindparam("limit"))
)

_FIRST = UUID(int=0)


async def lock(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, OrderState]:
    """Load orders and whoever they are made for, and keep others from changing them.

    A lock that was waited for shows a row as it is now, and so may name a parent that nobody knew
    of when the statement began: that one is locked after them.

    Returns:
        The orders that are known, and their parents up to the top.
    """
    asked = set(ids)
    known = await _lock(uow, asked)
    while added := families.missing_parents(known) - asked:
        asked |= added
        known |= await _lock(uow, added)
    return known


async def _lock(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, OrderState]:
    found = await uow.connection.execute(_LOCKED, {"ids": sorted(ids)})
    return {row["id"]: order_rows.state_of(row) for row in found.mappings()}


async def find(uow: UnitOfWork, order_id: UUID) -> OrderState | None:
    """Read one order."""
    found = await uow.connection.execute(_READ, {"ids": [order_id]})
    row = found.mappings().one_or_none()
    return order_rows.state_of(row) if row else None


async def open_at(
    uow: UnitOfWork, work_center_codes: Sequence[str], *, after: UUID | None, limit: int
) -> list[UUID]:
    """The next orders with work left at some work centers, by id."""
    asked = {"codes": list(work_center_codes), "after": after or _FIRST, "limit": limit}
    return list((await uow.connection.execute(_OPEN, asked)).scalars())


async def open_in(
    uow: UnitOfWork, plant_codes: Sequence[str], *, after: UUID | None, limit: int
) -> list[UUID]:
    """The next orders of some plants that are not over, by id."""
    asked = {"codes": list(plant_codes), "after": after or _FIRST, "limit": limit}
    return list((await uow.connection.execute(_OPEN_OF_PLANTS, asked)).scalars())


def save(
    uow: UnitOfWork, order: OrderState, *, found: Check | None = None, is_new: bool = False
) -> None:
    """Register an order as it is now known; a new one must not have come to be meanwhile."""
    row = order_rows.row_of(order) | _found_columns(uow, found)
    if is_new:
        uow.insert(table, [row])
    else:
        uow.update(table, [row])


def save_runs(
    uow: UnitOfWork, before: OrderState, order: OrderState, *, found: Check | None
) -> None:
    """Register where each run goes; runs that are finished or gone have nothing left."""
    tasks = {task.number: task for task in found.left.ordered} if found else {}
    rows = []
    numbers = {run.sequence_number for run in order.runs}
    gone = [run for run in before.runs if run.sequence_number not in numbers]
    for run in (*order.runs, *gone):
        task = tasks.get(run.sequence_number)
        rows.append(
            {
                "production_order_id": order.id,
                "sequence_number": run.sequence_number,
                "operation_name": run.operation_name,
                "work_center_code": run.work_center_code,
                "required_minutes": run.required_minutes,
                "remaining_minutes": _minutes(task.ticks) if task else 0,
                **_dates(run.sequence_number, found if task else None),
            }
        )
    key = ("production_order_id", "sequence_number")
    uow.upsert(capacity_planning, rows, key=key)


def _minutes(ticks: int) -> str:
    return f"{ticks}E-4"


def _dates(number: int, found: Check | None) -> dict[str, Any]:
    planned = found.planned.get(number) if found else None
    estimated = found.estimated.get(number) if found and found.estimated else None
    takes = found.placed.get(number, ()) if found else ()
    instant_of = time_spans.instant_of
    return {
        "planned_start_at": instant_of(planned.start) if planned else None,
        "planned_end_at": instant_of(planned.end) if planned else None,
        "estimated_start_at": instant_of(estimated.start) if estimated else None,
        "estimated_end_at": instant_of(estimated.end) if estimated else None,
        "days": [(date.fromordinal(day), amount) for day, amount in takes],
    }


def _found_columns(uow: UnitOfWork, found: Check | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {
        "is_feasible": found.is_feasible,
        "due_at": time_spans.instant_of(found.due),
        "checked_at": uow.now,
    }
