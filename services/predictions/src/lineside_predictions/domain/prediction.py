"""What is predicted of a project: the latest of its orders, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from lineside_contracts.predictions import DeliveryPrediction, PredictedOrder
from lineside_predictions.domain import factors, scoring
from lineside_predictions.domain.factors import (
    CANCELLED,
    COMPLETED,
    NO_EXPERIENCE,
    OPEN,
    Experience,
    ProjectOrder,
)

__all__ = ["CANCELLED", "COMPLETED", "OPEN", "Experience", "ProjectOrder"]

MAX_LISTED_ORDERS = 200
"""A prediction lists at most this many orders, the latest first."""


@dataclass(frozen=True)
class Project:
    """Which project is predicted, and the version its prediction will have."""

    id: UUID
    number: str
    name: str
    version: int


@dataclass(frozen=True)
class ProjectRecord:
    """A project and its newest prediction; None when nothing of it is left to deliver."""

    project: Project
    prediction: DeliveryPrediction | None


def predict_project(
    project: Project,
    orders: Sequence[ProjectOrder],
    *,
    now: datetime,
    experience: Experience = NO_EXPERIENCE,
    reason: str | None = None,
) -> DeliveryPrediction | None:
    """Combine the orders of a project; None when nothing of it is left to deliver.

    How sure it is, is how sure predictions of work like that of its latest order have been.
    """
    counted = [order for order in orders if order.status != CANCELLED]
    if not counted:
        return None
    latest = sorted(counted, key=lambda order: (order.dates.p80_date, order.due_date), reverse=True)
    predicted = latest[0].dates.p80_date
    requested = max(order.due_date for order in counted)
    return DeliveryPrediction(
        id=project.id,
        version=project.version,
        project_number=project.number,
        project_name=project.name,
        predicted_date=predicted,
        p50_date=max(order.dates.p50_date for order in counted),
        p80_date=predicted,
        p95_date=max(order.dates.p95_date for order in counted),
        confidence=scoring.confidence_of(experience.accuracy_of(latest[0].kind_of_work)),
        requested_date=requested,
        days_late=max(0, (predicted - requested).days),
        remaining_work_minutes=sum(
            (order.dates.remaining_work_minutes for order in counted), Decimal(0)
        ),
        orders=tuple(listed(order) for order in latest[:MAX_LISTED_ORDERS]),
        order_count=len(counted),
        factors=factors.factors(counted, latest[0], today=now.date(), experience=experience),
        calculated_at=now,
        calculated_by=_basis(latest[0], experience),
        reason=reason,
    )


def renew(
    record: ProjectRecord,
    orders: Sequence[ProjectOrder],
    *,
    now: datetime,
    experience: Experience = NO_EXPERIENCE,
    reason: str | None = None,
) -> ProjectRecord | None:
    """Predict a project again; None when that is no news.

    The version counts published predictions: a project that lost all its orders keeps it.
    """
    project = replace(record.project, version=record.project.version + 1)
    made = predict_project(project, orders, now=now, experience=experience, reason=reason)
    if made is None:
        return ProjectRecord(record.project, None) if record.prediction else None
    return ProjectRecord(project, made) if is_news(made, record.prediction) else None


def refresh(
    record: ProjectRecord,
    orders: Sequence[ProjectOrder],
    *,
    now: datetime,
    experience: Experience = NO_EXPERIENCE,
) -> ProjectRecord | None:
    """Bring the factors of a prediction up to date whose dates and confidence stand.

    It keeps its version and reason: nobody is told. None where nothing of it changed.
    """
    old = record.prediction
    made = predict_project(
        record.project,
        orders,
        now=now,
        experience=experience,
        reason=old.reason if old else None,
    )
    if made is None or old is None:
        return None
    is_same = _as_of(made, old) == old
    return None if is_same else ProjectRecord(record.project, made)


def _as_of(new: DeliveryPrediction, old: DeliveryPrediction) -> DeliveryPrediction:
    """A prediction as if it had been made when another was."""
    return new.model_copy(update={"calculated_at": old.calculated_at})


def is_news(new: DeliveryPrediction, old: DeliveryPrediction | None) -> bool:
    """Whether others must hear of it: another date, confidence or set of orders."""
    return old is None or _essence(new) != _essence(old)


def _essence(prediction: DeliveryPrediction) -> tuple[object, ...]:
    return (
        prediction.predicted_date,
        prediction.p50_date,
        prediction.p95_date,
        prediction.confidence,
        prediction.requested_date,
        prediction.order_count,
        frozenset(
            (
                order.production_order_id,
                order.quantity,
                order.due_date,
                order.status,
                order.p80_date,
            )
            for order in prediction.orders
        ),
    )


def listed(order: ProjectOrder) -> PredictedOrder:
    """Write an order as others read it."""
    return PredictedOrder(
        production_order_id=order.production_order_id,
        production_order_number=order.production_order_number,
        sales_order_id=order.sales_order_id,
        status=order.status,
        due_date=order.due_date,
        quantity=order.quantity,
        remaining_work_minutes=order.dates.remaining_work_minutes,
        p50_date=order.dates.p50_date,
        p80_date=order.dates.p80_date,
        p95_date=order.dates.p95_date,
    )


def _basis(latest: ProjectOrder, experience: Experience) -> str:
    measured = experience.velocities_of(latest.plant_code)
    is_measured = any(
        name in measured and measured[name].ratio for name in latest.progress.remaining_minutes
    )
    if latest.dates.queue_minutes is None:
        return "measured velocity" if is_measured else "standard times"
    return "finite capacity, measured velocity" if is_measured else "finite capacity"
