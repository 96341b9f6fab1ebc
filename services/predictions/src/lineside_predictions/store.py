"""Rows to domain values and back; every query of this service is here."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.predictions import DeliveryPrediction
from lineside_predictions import tables
from lineside_predictions.domain import working_time
from lineside_predictions.domain.order_dates import NO_FORECAST, Forecast, OrderDates, Run
from lineside_predictions.domain.prediction import OPEN, Project, ProjectOrder, ProjectRecord
from lineside_predictions.domain.working_time import PlantTime


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


_BY_CALENDAR = and_(
    tables.calendars.c.tenant_id == tables.plants.c.tenant_id,
    tables.calendars.c.calendar_code == tables.plants.c.calendar_code,
    ~tables.calendars.c.deleted,
)
_CALENDAR = case(
    (
        tables.calendars.c.calendar_code.is_not(None),
        func.jsonb_build_object(
            literal_column("'shifts'"),
            tables.calendars.c.shifts,
            literal_column("'holidays'"),
            tables.calendars.c.holidays,
        ),
    ),
    else_=null(),
)


async def load_orders(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, OrderRecord]:
    """Load and lock orders, runs included, in id order."""
    table = tables.predicted_orders
    query = select(table).where(table.c.id == _any_uuid(ids)).order_by(table.c.id).with_for_update()
    rows = (await uow.connection.execute(query)).mappings()
    return {row["id"]: _order(row) for row in rows}


async def load_orders_of_projects(
    uow: UnitOfWork, project_ids: Iterable[UUID]
) -> dict[UUID, OrderRecord]:
    """Load the orders of projects without their runs."""
    table = tables.predicted_orders
    columns = [column for column in table.c if column.name != "runs"]
    query = select(*columns).where(table.c.project_id == _any_uuid(project_ids))
    rows = (await uow.connection.execute(query)).mappings()
    return {row["id"]: _order({**row, "runs": []}) for row in rows}


@dataclass(frozen=True)
class Surroundings:
    """What orders are predicted in: their projects, and the time their plants work by."""

    projects: Mapping[UUID, ProjectRecord]
    plants: Mapping[str, PlantTime]


async def load_surroundings(
    uow: UnitOfWork, *, project_ids: Iterable[UUID], plant_codes: Iterable[str]
) -> Surroundings:
    """Load and lock projects in id order, and load plants' calendars, in one statement."""
    plants, calendars, projects = tables.plants, tables.calendars, tables.project_progress
    locked = (
        select(projects)
        .where(projects.c.id == _any_uuid(project_ids))
        .order_by(projects.c.id)
        .with_for_update()
        .subquery()
    )
    codes = bindparam("codes", sorted(set(plant_codes)), type_=ARRAY(Text))
    query = union_all(
        select(locked.c.id, locked.c.project_number, locked.c.project_name, locked.c.version)
        .add_columns(locked.c.prediction)
        .select_from(locked),
        select(null().cast(Uuid), plants.c.plant_code, plants.c.time_zone, plants.c.version)
        .add_columns(_CALENDAR)
        .select_from(plants.outerjoin(calendars, _BY_CALENDAR))
        .where(plants.c.plant_code == any_(codes)),
    )
    rows = (await uow.connection.execute(query)).mappings().all()
    return Surroundings(
        projects={row["id"]: _project(row) for row in rows if row["id"] is not None},
        plants={
            row["project_number"]: working_time.plant_time(row["project_name"], row["prediction"])
            for row in rows
            if row["id"] is None
        },
    )


async def load_run_status(uow: UnitOfWork, order_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The floor's status of every run whose work order has moved, by run id."""
    table = tables.work_order_progress
    query = select(table.c.status, table.c.run_ids).where(
        table.c.production_order_id == _any_uuid(order_ids)
    )
    return {
        UUID(run_id): row.status
        for row in await uow.connection.execute(query)
        for run_id in row.run_ids
    }


async def load_prediction(uow: UnitOfWork, project_id: UUID) -> DeliveryPrediction | None:
    """The newest prediction of one project."""
    table = tables.project_progress
    query = select(table.c.prediction).where(table.c.id == project_id)
    stored = (await uow.connection.execute(query)).scalar_one_or_none()
    return DeliveryPrediction.model_validate(stored) if stored else None


async def list_predictions(
    uow: UnitOfWork, *, after: str | None, limit: int, project_number: str | None
) -> list[DeliveryPrediction]:
    """Newest predictions by project number, those after a number; `limit` of them."""
    table = tables.project_progress
    query = select(table.c.prediction).where(table.c.prediction.is_not(None))
    if after is not None:
        query = query.where(table.c.project_number > after)
    if project_number is not None:
        query = query.where(table.c.project_number == project_number)
    rows = await uow.connection.execute(query.order_by(table.c.project_number).limit(limit))
    return [DeliveryPrediction.model_validate(row.prediction) for row in rows]


def save_orders(uow: UnitOfWork, orders: Sequence[OrderRecord], *, known: Container[UUID]) -> None:
    """Write orders whole: known ones are locked, a new one that stands already is a conflict."""
    table = tables.predicted_orders
    uow.update(table, [_order_row(order) for order in orders if order.id in known])
    uow.insert(table, [_order_row(order) for order in orders if order.id not in known])


def save_statuses(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the progress of work orders; an older version changes nothing."""
    uow.upsert(tables.work_order_progress, rows, key=("id",), newer_by="version")


def save_predictions(
    uow: UnitOfWork, predictions: Sequence[ProjectRecord], *, known: Container[UUID]
) -> None:
    """Write the newest prediction of projects, and each into the history."""
    table = tables.project_progress
    rows = [_project_row(record) for record in predictions]
    uow.update(table, [row for row in rows if row["id"] in known])
    uow.insert(table, [row for row in rows if row["id"] not in known])
    made = [record.prediction for record in predictions if record.prediction is not None]
    uow.insert(tables.delivery_predictions, [_history_row(uow, each) for each in made])


def save_plants(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what is known of plants; an older version changes nothing."""
    uow.upsert(tables.plants, rows, key=("plant_code",), newer_by="version")


def save_calendars(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what is known of calendars; an older version changes nothing."""
    uow.upsert(tables.calendars, rows, key=("calendar_code",), newer_by="version")


def _any_uuid(ids: Iterable[UUID]) -> Any:
    return any_(bindparam(None, sorted(set(ids)), type_=ARRAY(Uuid), unique=True))


def _project_row(record: ProjectRecord) -> dict[str, Any]:
    project = record.project
    return {
        "id": project.id,
        "project_number": project.number,
        "project_name": project.name,
        "version": project.version,
        "prediction": record.prediction,
    }


def _history_row(uow: UnitOfWork, made: DeliveryPrediction) -> dict[str, Any]:
    return {
        "id": uow.new_id(),
        "project_id": made.id,
        "project_version": made.version,
        "predicted_date": made.predicted_date,
        "p50_date": made.p50_date,
        "p95_date": made.p95_date,
        "requested_date": made.requested_date,
        "confidence": made.confidence,
        "remaining_work_minutes": made.remaining_work_minutes,
        "calculated_at": made.calculated_at,
        "calculated_by": made.calculated_by,
    }


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


def _project(row: Mapping[Any, Any]) -> ProjectRecord:
    stored = row["prediction"]
    return ProjectRecord(
        project=Project(row["id"], row["project_number"], row["project_name"], row["version"]),
        prediction=DeliveryPrediction.model_validate(stored) if stored else None,
    )
