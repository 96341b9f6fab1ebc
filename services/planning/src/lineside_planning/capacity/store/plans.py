"""Orders in the eyes of capacity: loaded under their row locks, saved with their runs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, UUID as PG_UUID
from sqlalchemy.sql.expression import any_

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.values import Priority
from lineside_manufacturing import time_spans
from lineside_planning.capacity.domain.checking import Check
from lineside_planning.capacity.domain.orders import MaterialDate, OrderState, RunNews, Said
from lineside_planning.capacity.domain.tasks import Progress, Run
from lineside_planning.capacity.tables import capacity_planning, capacity_plans as table

_IDS = bindparam("ids", type_=ARRAY(PG_UUID))
_LOCKED = select(table).where(table.c.id == any_(_IDS)).order_by(table.c.id).with_for_update()
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
    """Load orders and keep others from changing them."""
    rows = await uow.connection.execute(_LOCKED, {"ids": sorted(ids)})
    return {row["id"]: _state(row) for row in rows.mappings()}


async def find(uow: UnitOfWork, order_id: UUID) -> OrderState | None:
    """Read one order."""
    rows = await uow.connection.execute(_READ, {"ids": [order_id]})
    row = rows.mappings().one_or_none()
    return _state(row) if row else None


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
    row = _row(order) | _found_columns(uow, found)
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
    completes = found.completes
    return {
        "is_feasible": found.is_feasible,
        "due_at": time_spans.instant_of(found.due),
        "estimated_completion_at": None if completes is None else time_spans.instant_of(completes),
        "checked_at": uow.now,
    }


def _row(order: OrderState) -> dict[str, Any]:
    return {
        "id": order.id,
        "version": order.version,
        "order_version": order.order_version,
        "production_order_number": order.production_order_number,
        "product_code": order.product_code,
        "plant_code": order.plant_code,
        "due_date": order.due_date,
        "priority": order.priority,
        "is_over": order.is_over,
        "planning_version": order.planning_version,
        "expansion_version": order.expansion_version,
        "expanded_planning_version": order.expanded_planning_version,
        "runs": order.runs,
        "material_version": order.material_version,
        "materials": order.materials,
        "materials_available_on": order.materials_available_on,
        "allocated": order.allocated,
        "news": order.news,
        "placed": order.placed,
        "said": order.said,
    }


_PLAIN = (
    "id",
    "version",
    "order_version",
    "production_order_number",
    "product_code",
    "plant_code",
    "due_date",
    "is_over",
    "planning_version",
    "expansion_version",
    "expanded_planning_version",
    "material_version",
    "materials_available_on",
)


def _state(row: RowMapping) -> OrderState:
    return OrderState(
        **{name: row[name] for name in _PLAIN},
        priority=Priority(row["priority"]),
        runs=tuple([_run(stored) for stored in row["runs"]]),
        materials=tuple([_material(stored) for stored in row["materials"]]),
        allocated=row["allocated"],
        news={run_id: _news(stored) for run_id, stored in row["news"].items()},
        placed={code: [(d, a) for d, a in takes] for code, takes in row["placed"].items()},
        said=_said(row["said"]) if row["said"] else None,
    )


def _run(stored: Mapping[str, Any]) -> Run:
    return Run(
        sequence_number=stored["sequence_number"],
        operation_name=stored["operation_name"],
        work_center_code=stored["work_center_code"],
        setup_minutes=Decimal(stored["setup_minutes"]),
        run_minutes=Decimal(stored["run_minutes"]),
        run_id=stored["run_id"],
        alternates=tuple(stored["alternates"]),
        predecessors=tuple(stored["predecessors"]),
        wait_minutes=Decimal(stored["wait_minutes"]),
        planned_input=Decimal(stored["planned_input"]),
        planned_output=Decimal(stored["planned_output"]),
        units_per_product=Fraction(stored["units_per_product"]),
        unit_decimals=stored["unit_decimals"],
        transfer_batch_quantity=_decimal(stored["transfer_batch_quantity"]),
        setup_scrap_quantity=Decimal(stored["setup_scrap_quantity"]),
        time_basis=stored["time_basis"],
        batch_size=_decimal(stored["batch_size"]),
        is_finished=stored["is_finished"],
    )


def _decimal(stored: str | None) -> Decimal | None:
    return None if stored is None else Decimal(stored)


def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


def _material(stored: Mapping[str, Any]) -> MaterialDate:
    return MaterialDate(
        sequence_number=stored["sequence_number"],
        component_code=stored["component_code"],
        needed_on=date.fromisoformat(stored["needed_on"]),
        available_on=_day(stored["available_on"]),
    )


def _news(stored: Mapping[str, Any]) -> RunNews:
    done = stored["progress"]
    return RunNews(
        log_version=stored["log_version"],
        progress=Progress(Decimal(done["done_quantity"]), done["is_finished"]),
        cancelled_in=stored["cancelled_in"],
    )


def _said(stored: Mapping[str, Any]) -> Said:
    return Said(
        is_feasible=stored["is_feasible"],
        reasons=tuple(stored["reasons"]),
        completes_on=_day(stored["completes_on"]),
        due_date=date.fromisoformat(stored["due_date"]),
        planning_version=stored["planning_version"],
        expansion_version=stored["expansion_version"],
        materials_available_on=_day(stored["materials_available_on"]),
    )
