"""Production orders and the floor's progress on them: loaded under lock, saved whole."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_predictions import tables
from lineside_predictions.domain.order_dates import NO_FORECAST, Forecast, OrderDates, Run
from lineside_predictions.domain.prediction import OPEN, ProjectOrder
from lineside_predictions.store import queries


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
        )


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


async def load_run_status(uow: UnitOfWork, order_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The floor's status of every run whose work order has moved, by run id."""
    table = tables.work_order_progress
    query = select(table.c.status, table.c.run_ids).where(
        table.c.production_order_id == queries.any_id(order_ids)
    )
    return {
        UUID(run_id): row.status
        for row in await uow.connection.execute(query)
        for run_id in row.run_ids
    }


def save_orders(uow: UnitOfWork, orders: Sequence[OrderRecord], *, known: Container[UUID]) -> None:
    """Write orders whole: known ones are locked, a new one that stands already is a conflict."""
    table = tables.predicted_orders
    uow.update(table, [_order_row(order) for order in orders if order.id in known])
    uow.insert(table, [_order_row(order) for order in orders if order.id not in known])


def save_statuses(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the progress of work orders; an older version changes nothing."""
    uow.upsert(tables.work_order_progress, rows, key=("id",), newer_by="version")


def _order_row(order: OrderRecord) -> dict[str, Any]:
    dates = order.dates
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
    }


def _run_row(run: Run) -> list[Any]:
    return [
        str(run.id),
        run.sequence_number,
        list(run.predecessors),
        str(run.work_minutes),
        str(run.wait_minutes),
        run.is_done,
    ]


def _run(row: Sequence[Any]) -> Run:
    identity, number, predecessors, work, wait, is_done = row
    return Run(
        UUID(identity), number, tuple(predecessors), Decimal(work), Decimal(wait), is_done=is_done
    )


def _order(row: Mapping[Any, Any]) -> OrderRecord:
    dates = (
        OrderDates(
            remaining_work_minutes=row["remaining_work_minutes"],
            p50_date=row["p50_date"],
            p80_date=row["p80_date"],
            p95_date=row["p95_date"],
            queue_minutes=row["queue_minutes"],
            materials_available_on=row["materials_available_on"],
        )
        if row["p80_date"]
        else None
    )
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
        dates=dates,
        capacity_version=row["capacity_version"],
        capacity_expansion_version=row["capacity_expansion_version"],
        forecast=Forecast(row["estimated_completion_at"], row["materials_available_on"]),
    )
