"""What was measured before: velocities of plants, accuracy of predictions by kind of work."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal_column, select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_predictions import tables
from lineside_predictions.domain import velocity
from lineside_predictions.domain.factors import Experience
from lineside_predictions.domain.scoring import Accuracy, KindOfWork, Score
from lineside_predictions.domain.velocity import Velocity, WorkedDay
from lineside_predictions.store import queries


async def load_experience(
    uow: UnitOfWork, *, plants: Mapping[str, WorkingCalendar], kinds: Iterable[UUID]
) -> Experience:
    """Load the velocities of plants and the accuracy of kinds of work, in one statement.

    Args:
        uow: The unit.
        plants: With the calendars that tell which days are looked back on.
        kinds: Of work.
    """
    days, accuracy = tables.velocities, tables.prediction_accuracy
    since = uow.now.date() - timedelta(days=velocity.LONGEST_WINDOW_DAYS)
    packed = func.jsonb_build_array(
        days.c.plant_code,
        days.c.operation_type,
        days.c.worked_on,
        days.c.earned_minutes,
        days.c.pieces,
        days.c.actual_minutes,
    )
    worked = select(func.jsonb_agg(packed)).where(
        days.c.plant_code == queries.any_text(plants), days.c.worked_on >= since
    )
    known = select(func.jsonb_agg(func.to_jsonb(literal_column("prediction_accuracy")))).where(
        accuracy.c.id == queries.any_id(kinds)
    )
    query = select(worked.scalar_subquery(), known.scalar_subquery())
    day_rows, accuracy_rows = (await uow.connection.execute(query)).one()
    return Experience(
        velocities=_velocities(day_rows or (), plants, now=uow.now),
        accuracy={UUID(row["id"]): _accuracy(row) for row in accuracy_rows or ()},
    )


async def lock_accuracy(uow: UnitOfWork, kinds: Iterable[UUID]) -> dict[UUID, Accuracy]:
    """Load and lock the accuracy of kinds of work, in id order."""
    table = tables.prediction_accuracy
    query = (
        select(table)
        .where(table.c.id == queries.any_id(kinds))
        .order_by(table.c.id)
        .with_for_update()
    )
    rows = (await uow.connection.execute(query)).mappings()
    return {row["id"]: _accuracy(row) for row in rows}


async def load_scored_projects(
    uow: UnitOfWork, project_ids: Iterable[UUID]
) -> set[tuple[UUID, UUID]]:
    """Which projects have scored orders, each with the kind of work these are."""
    table = tables.prediction_scores
    query = (
        select(table.c.project_id, table.c.kind_of_work)
        .where(table.c.project_id == queries.any_id(project_ids))
        .distinct()
    )
    return {(row.project_id, row.kind_of_work) for row in await uow.connection.execute(query)}


async def list_accuracy(
    uow: UnitOfWork, *, product_category: str | None
) -> list[tuple[KindOfWork, Accuracy]]:
    """The accuracy of every kind of work, those with most orders first."""
    table = tables.prediction_accuracy
    query = select(table).order_by(table.c.order_count.desc(), table.c.id)
    if product_category is not None:
        query = query.where(table.c.product_category == product_category)
    rows = (await uow.connection.execute(query)).mappings()
    return [
        (
            KindOfWork(row["id"], row["product_category"], tuple(row["operation_codes"])),
            _accuracy(row),
        )
        for row in rows
    ]


def save_scores(
    uow: UnitOfWork,
    production_order_id: UUID,
    scores: Sequence[Score],
    *,
    project_id: UUID,
    kind: KindOfWork,
) -> None:
    """Keep how the predictions of an order came out."""
    rows = [
        {
            "production_order_id": production_order_id,
            "moment": score.moment.value,
            "project_id": project_id,
            "kind_of_work": kind.id,
            "p50_date": score.mark.p50_date,
            "p80_date": score.mark.p80_date,
            "p95_date": score.mark.p95_date,
            "finished_on": score.finished_on,
            "is_p50_kept": score.kept("p50"),
            "is_p80_kept": score.kept("p80"),
            "is_p95_kept": score.kept("p95"),
            "scored_at": uow.now,
        }
        for score in scores
    ]
    uow.insert(tables.prediction_scores, rows)


def save_accuracy(
    uow: UnitOfWork,
    accuracy: Mapping[UUID, Accuracy],
    *,
    kinds: Mapping[UUID, KindOfWork],
    known: Mapping[UUID, Accuracy],
) -> None:
    """Write sums: known ones are locked, a new one that stands already is a conflict."""
    table = tables.prediction_accuracy
    rows = [_accuracy_row(kinds[each], accuracy[each]) for each in sorted(accuracy)]
    uow.update(table, [row for row in rows if row["id"] in known])
    uow.insert(table, [row for row in rows if row["id"] not in known])


def _velocities(
    rows: Sequence[Sequence[Any]], plants: Mapping[str, WorkingCalendar], *, now: datetime
) -> dict[str, dict[str, Velocity]]:
    days: dict[tuple[str, str], list[WorkedDay]] = {}
    for plant_code, operation_type, day, *amounts in rows:
        earned, pieces, actual = map(float, amounts)
        days.setdefault((plant_code, operation_type), []).append(
            WorkedDay(date.fromisoformat(day), earned, pieces, actual)
        )
    found: dict[str, dict[str, Velocity]] = {}
    for (plant_code, operation_type), worked in days.items():
        today = plants[plant_code].local_date(now)
        first = velocity.window(plants[plant_code], today)
        counted = [day for day in worked if first <= day.worked_on < today]
        measured = velocity.measure(counted)
        if measured is not None:
            found.setdefault(plant_code, {})[operation_type] = measured
    return found


def _accuracy(row: Mapping[Any, Any]) -> Accuracy:
    return Accuracy(
        project_count=row["project_count"],
        order_count=row["order_count"],
        on_time_count=row["on_time_count"],
        prediction_count=row["prediction_count"],
        kept={name: row[f"kept_{name}"] for name in ("p50", "p80", "p95")},
    )


def _accuracy_row(kind: KindOfWork, accuracy: Accuracy) -> dict[str, Any]:
    return {
        "id": kind.id,
        "product_category": kind.product_category,
        "operation_codes": list(kind.operation_codes),
        "project_count": accuracy.project_count,
        "order_count": accuracy.order_count,
        "on_time_count": accuracy.on_time_count,
        "prediction_count": accuracy.prediction_count,
        **{f"kept_{name}": count for name, count in accuracy.kept.items()},
    }
