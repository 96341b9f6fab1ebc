"""Projects with their predictions, and the plants and calendars these are counted in."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from lineside_contracts.predictions import DeliveryPrediction, PastPrediction
from lineside_manufacturing import stored_calendars
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_predictions import tables
from lineside_predictions.domain.prediction import Project, ProjectRecord
from lineside_predictions.store import queries

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


@dataclass(frozen=True)
class Surroundings:
    """What orders are predicted in: their projects, and the time their plants work by."""

    projects: Mapping[UUID, ProjectRecord]
    plants: Mapping[str, WorkingCalendar]


async def load_surroundings(
    uow: UnitOfWork, *, project_ids: Iterable[UUID], plant_codes: Iterable[str]
) -> Surroundings:
    """Load and lock projects in id order, and load plants' calendars, in one statement."""
    plants, calendars, projects = tables.plants, tables.calendars, tables.project_progress
    locked = (
        select(projects)
        .where(projects.c.id == queries.any_id(project_ids))
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
            row["project_number"]: stored_calendars.plant_calendar(
                row["project_name"], row["prediction"]
            )
            for row in rows
            if row["id"] is None
        },
    )


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


def save_refreshed(uow: UnitOfWork, predictions: Sequence[ProjectRecord]) -> None:
    """Write predictions whose dates stand: they are no part of the history."""
    uow.update(tables.project_progress, [_project_row(record) for record in predictions])


async def list_history(
    uow: UnitOfWork, project_id: UUID, *, before: int | None, limit: int
) -> list[PastPrediction]:
    """What was published of a project, the newest first, those before a version."""
    table = tables.delivery_predictions
    query = select(table).where(table.c.project_id == project_id)
    if before is not None:
        query = query.where(table.c.project_version < before)
    query = query.order_by(table.c.project_version.desc()).limit(limit)
    return [_past(row) for row in (await uow.connection.execute(query)).mappings()]


def save_plants(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what is known of plants; an older version changes nothing."""
    uow.upsert(tables.plants, rows, key=("plant_code",), newer_by="version")


def save_calendars(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what is known of calendars; an older version changes nothing."""
    uow.upsert(tables.calendars, rows, key=("calendar_code",), newer_by="version")


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
        "reason": made.reason,
    }


def _past(row: Mapping[Any, Any]) -> PastPrediction:
    """Its predicted date is the P80."""
    facts = {name: row[name] for name in PastPrediction.model_fields if name in row}
    return PastPrediction(**facts, version=row["project_version"], p80_date=row["predicted_date"])


def _project(row: Mapping[Any, Any]) -> ProjectRecord:
    stored = row["prediction"]
    return ProjectRecord(
        project=Project(row["id"], row["project_number"], row["project_name"], row["version"]),
        prediction=DeliveryPrediction.model_validate(stored) if stored else None,
    )
