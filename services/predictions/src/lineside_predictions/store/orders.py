"""Production orders and the floor's progress on them: loaded under lock, saved whole."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_predictions import tables
from lineside_predictions.domain.factors import OPEN, ProjectOrder
from lineside_predictions.domain.order_dates import NO_FORECAST, Forecast, OrderDates
from lineside_predictions.domain.runs import Progress, Run
from lineside_predictions.domain.scoring import Mark, Marks, Moment
from lineside_predictions.store import queries

_NO_PROGRESS = Progress(Decimal(0), Decimal(0), {}, Decimal(0))


@dataclass(frozen=True)
class OrderRecord:
    """What is known of one production order; before its expansion only its status is."""

    id: UUID
    status: str = OPEN
    expansion_version: int = 0
    order_version: int = 0
    project_id: UUID | None = None
    production_order_number: str | None = None
    sales_order_id: UUID | None = None
    due_date: date | None = None
    quantity: Decimal | None = None
    plant_code: str | None = None
    runs: tuple[Run, ...] = ()
    dates: OrderDates | None = None
    capacity_version: int = 0
    capacity_expansion_version: int = 0
    forecast: Forecast = NO_FORECAST
    product_category: str | None = None
    kind_of_work: UUID | None = None
    marks: Marks = field(default_factory=dict)
    progress: Progress = _NO_PROGRESS
    lane_conflicts: int | None = None
    finished_on: date | None = None
    is_on_time: bool | None = None

    def as_project_order(self) -> ProjectOrder | None:
        """The order as a part of its project; None until it is expanded."""
        if self.dates is None or self.due_date is None or self.quantity is None:
            return None
        return ProjectOrder(
            production_order_id=self.id,
            production_order_number=self.production_order_number or "",
            sales_order_id=self.sales_order_id,
            status=self.status,
            due_date=self.due_date,
            quantity=self.quantity,
            dates=self.dates,
            plant_code=self.plant_code,
            progress=self.progress,
            kind_of_work=self.kind_of_work,
            lane_conflicts=self.lane_conflicts,
            is_on_time=self.is_on_time,
        )


@dataclass(frozen=True)
class FloorStatus:
    """What work orders say of the runs of some orders, by run id."""

    status: Mapping[UUID, str]
    ended_at: Mapping[UUID, datetime]


async def load_orders(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, OrderRecord]:
    """Load and lock orders, runs included, in id order."""
    table = tables.predicted_orders
    query = (
        select(table)
        .where(table.c.id == queries.any_id(ids))
        .order_by(table.c.id)
        .with_for_update()
    )
    rows = (await uow.connection.execute(query)).mappings()
    return {row["id"]: _order(row) for row in rows}


async def load_orders_of_projects(
    uow: UnitOfWork, project_ids: Iterable[UUID]
) -> dict[UUID, OrderRecord]:
    """Load the orders of projects without their runs."""
    table = tables.predicted_orders
    columns = [column for column in table.c if column.name != "runs"]
    query = select(*columns).where(table.c.project_id == queries.any_id(project_ids))
    rows = (await uow.connection.execute(query)).mappings()
    return {row["id"]: _order({**row, "runs": []}) for row in rows}


async def load_open_order_ids(uow: UnitOfWork, plant_codes: Iterable[str]) -> list[UUID]:
    """Which expanded orders of some plants are open."""
    table = tables.predicted_orders
    query = select(table.c.id).where(
        table.c.plant_code == queries.any_text(plant_codes),
        table.c.status == OPEN,
        table.c.expansion_version > 0,
    )
    return [row.id for row in await uow.connection.execute(query)]


async def load_floor_status(uow: UnitOfWork, order_ids: Iterable[UUID]) -> FloorStatus:
    """The floor's status of every run whose work order has moved, and when it ended."""
    table = tables.work_order_progress
    query = select(table.c.status, table.c.run_ids, table.c.ended_at).where(
        table.c.production_order_id == queries.any_id(order_ids)
    )
    status: dict[UUID, str] = {}
    ended: dict[UUID, datetime] = {}
    for row in await uow.connection.execute(query):
        for run_id in map(UUID, row.run_ids):
            status[run_id] = row.status
            if row.ended_at is not None:
                ended[run_id] = row.ended_at
    return FloorStatus(status, ended)


async def load_promised_dates(uow: UnitOfWork, sales_order_ids: Iterable[UUID]) -> dict[UUID, date]:
    """What customers were promised, by sales order."""
    table = tables.promises
    query = select(table.c.id, table.c.promised_date).where(
        table.c.id == queries.any_id(sales_order_ids), table.c.promised_date.is_not(None)
    )
    return {row.id: row.promised_date for row in await uow.connection.execute(query)}


def save_orders(uow: UnitOfWork, orders: Sequence[OrderRecord], *, known: Container[UUID]) -> None:
    """Write orders whole: known ones are locked, a new one that stands already is a conflict."""
    table = tables.predicted_orders
    uow.update(table, [_order_row(order) for order in orders if order.id in known])
    uow.insert(table, [_order_row(order) for order in orders if order.id not in known])


def save_unknown_orders(uow: UnitOfWork, ids: Iterable[UUID]) -> None:
    """Leave a trace of orders that are heard of before their expansion."""
    rows = [_order_row(OrderRecord(each)) for each in sorted(set(ids))]
    uow.insert_new(tables.predicted_orders, rows, key=("id",))


def save_statuses(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the progress of work orders; an older version changes nothing."""
    uow.upsert(tables.work_order_progress, rows, key=("id",), newer_by="version")


def save_promises(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what customers were promised; an older version changes nothing."""
    uow.upsert(tables.promises, rows, key=("id",), newer_by="version")


def _order_row(order: OrderRecord) -> dict[str, Any]:
    dates, progress = order.dates, order.progress
    return {
        "id": order.id,
        "project_id": order.project_id,
        "production_order_number": order.production_order_number,
        "sales_order_id": order.sales_order_id,
        "status": order.status,
        "due_date": order.due_date,
        "quantity": order.quantity,
        "plant_code": order.plant_code,
        "expansion_version": order.expansion_version,
        "order_version": order.order_version,
        "runs": [_run_row(run) for run in order.runs],
        "remaining_work_minutes": dates.remaining_work_minutes if dates else None,
        "p50_date": dates.p50_date if dates else None,
        "p80_date": dates.p80_date if dates else None,
        "p95_date": dates.p95_date if dates else None,
        "queue_minutes": dates.queue_minutes if dates else None,
        "capacity_version": order.capacity_version,
        "capacity_expansion_version": order.capacity_expansion_version,
        "estimated_completion_at": order.forecast.estimated_completion_at,
        "materials_available_on": order.forecast.materials_available_on,
        "kind_of_work": order.kind_of_work,
        "product_category": order.product_category,
        "marks": {moment.value: _mark_row(mark) for moment, mark in order.marks.items()},
        "paced_from_at": order.forecast.paced_from_at,
        "paced_minutes": order.forecast.paced_minutes,
        "remaining_quantity": progress.remaining_quantity,
        "wip_quantity": progress.wip_quantity,
        "remaining_by_type": {k: str(v) for k, v in progress.remaining_minutes.items()},
        "total_work_minutes": progress.total_minutes,
        "lane_conflicts": order.lane_conflicts,
        "finished_on": order.finished_on,
        "is_on_time": order.is_on_time,
    }


def _mark_row(mark: Mark) -> dict[str, Any]:
    return {
        "p50_date": mark.p50_date.isoformat(),
        "p80_date": mark.p80_date.isoformat(),
        "p95_date": mark.p95_date.isoformat(),
        "is_finite": mark.is_finite,
    }


def _mark(row: Mapping[str, Any]) -> Mark:
    p50, p80, p95 = (date.fromisoformat(row[f"{name}_date"]) for name in ("p50", "p80", "p95"))
    return Mark(p50, p80, p95, is_finite=row["is_finite"])


def _run_row(run: Run) -> list[Any]:
    return [
        str(run.id),
        run.sequence_number,
        list(run.predecessors),
        str(run.work_minutes),
        str(run.wait_minutes),
        run.is_done,
        run.operation_code,
        run.operation_type,
        str(run.setup_minutes),
        str(run.planned_input),
        str(run.planned_output),
        str(run.good),
        str(run.processed),
        run.is_released,
        run.ended_at.isoformat() if run.ended_at else None,
    ]


def _run(row: Sequence[Any]) -> Run:
    """Rows of before anything was reported end after the sixth value."""
    identity, number, predecessors, work, wait, is_done, *more = row
    run = Run(
        UUID(identity), number, tuple(predecessors), Decimal(work), Decimal(wait), is_done=is_done
    )
    return _reported(run, more) if more else run


def _reported(run: Run, values: Sequence[Any]) -> Run:
    code, kind, *quantities, is_released, ended_at = values
    setup, planned_input, planned_output, good, processed = map(Decimal, quantities)
    return Run(
        run.id,
        run.sequence_number,
        run.predecessors,
        run.work_minutes,
        run.wait_minutes,
        is_done=run.is_done,
        operation_code=code,
        operation_type=kind,
        setup_minutes=setup,
        planned_input=planned_input,
        planned_output=planned_output,
        good=good,
        processed=processed,
        is_released=is_released,
        ended_at=datetime.fromisoformat(ended_at) if ended_at else None,
    )


def _order(row: Mapping[Any, Any]) -> OrderRecord:
    return OrderRecord(
        id=row["id"],
        status=row["status"],
        expansion_version=row["expansion_version"],
        order_version=row["order_version"],
        project_id=row["project_id"],
        production_order_number=row["production_order_number"],
        sales_order_id=row["sales_order_id"],
        due_date=row["due_date"],
        quantity=row["quantity"],
        plant_code=row["plant_code"],
        runs=tuple(_run(run) for run in row["runs"]),
        dates=_dates(row) if row["p80_date"] else None,
        capacity_version=row["capacity_version"],
        capacity_expansion_version=row["capacity_expansion_version"],
        forecast=Forecast(
            row["estimated_completion_at"],
            row["materials_available_on"],
            row["paced_from_at"],
            row["paced_minutes"],
        ),
        product_category=row["product_category"],
        kind_of_work=row["kind_of_work"],
        marks={Moment(name): _mark(mark) for name, mark in row["marks"].items()},
        progress=_progress(row),
        lane_conflicts=row["lane_conflicts"],
        finished_on=row["finished_on"],
        is_on_time=row["is_on_time"],
    )


def _dates(row: Mapping[Any, Any]) -> OrderDates:
    return OrderDates(
        remaining_work_minutes=row["remaining_work_minutes"],
        p50_date=row["p50_date"],
        p80_date=row["p80_date"],
        p95_date=row["p95_date"],
        queue_minutes=row["queue_minutes"],
        materials_available_on=row["materials_available_on"],
    )


def _progress(row: Mapping[Any, Any]) -> Progress:
    nothing = Decimal(0)
    return Progress(
        remaining_quantity=row["remaining_quantity"] or nothing,
        wip_quantity=row["wip_quantity"] or nothing,
        remaining_minutes={k: Decimal(v) for k, v in row["remaining_by_type"].items()},
        total_minutes=row["total_work_minutes"] or nothing,
    )
