"""What is predicted of a project: the latest of its orders, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lineside_contracts.predictions import (
    Confidence,
    DeliveryPrediction,
    PredictedOrder,
    PredictionFactor,
)
from lineside_predictions.domain.order_dates import OrderDates

MAX_LISTED_ORDERS = 200
"""A prediction lists at most this many orders, the latest first."""

OPEN = "open"
COMPLETED = "completed"
CANCELLED = "cancelled"


@dataclass(frozen=True)
class ProjectOrder:
    """One order of a project with its dates."""

    production_order_id: UUID
    production_order_number: str
    sales_order_id: UUID | None
    status: str
    due_date: date
    quantity: Decimal
    dates: OrderDates


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
    project: Project, orders: Sequence[ProjectOrder], *, now: datetime
) -> DeliveryPrediction | None:
    """Combine the orders of a project; None when nothing of it is left to deliver."""
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
        confidence=Confidence.LOW,
        requested_date=requested,
        days_late=max(0, (predicted - requested).days),
        remaining_work_minutes=sum(
            (order.dates.remaining_work_minutes for order in counted), Decimal(0)
        ),
        orders=tuple(listed(order) for order in latest[:MAX_LISTED_ORDERS]),
        order_count=len(counted),
        factors=_factors(counted, latest[0], today=now.date()),
        calculated_at=now,
        calculated_by=(
            "standard times" if latest[0].dates.queue_minutes is None else "finite capacity"
        ),
    )


def renew(
    record: ProjectRecord, orders: Sequence[ProjectOrder], *, now: datetime
) -> ProjectRecord | None:
    """Predict a project again; None when that is no news.

    The version counts published predictions: a project that lost all its orders keeps it.
    """
    project = replace(record.project, version=record.project.version + 1)
    made = predict_project(project, orders, now=now)
    if made is None:
        return ProjectRecord(record.project, None) if record.prediction else None
    return ProjectRecord(project, made) if is_news(made, record.prediction) else None


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


def _factors(
    orders: Sequence[ProjectOrder], latest: ProjectOrder, *, today: date
) -> tuple[PredictionFactor, ...]:
    open_count = sum(order.status == OPEN for order in orders)
    remaining = latest.dates.remaining_work_minutes
    return (
        PredictionFactor(
            name="open_orders",
            value=Decimal(open_count),
            unit="orders",
            explanation=f"{open_count} of {len(orders)} production orders are still open",
        ),
        PredictionFactor(
            name="latest_order_work",
            value=remaining,
            unit="minutes",
            explanation=(
                f"{latest.production_order_number} is the last to be ready: "
                f"{remaining} standard minutes are left"
            ),
        ),
        *_waits(latest, today=today),
        PredictionFactor(
            name="scored_predictions",
            value=Decimal(0),
            unit="predictions",
            explanation="fewer than 10 finished predictions of similar work: confidence is low",
        ),
    )


def _waits(latest: ProjectOrder, *, today: date) -> tuple[PredictionFactor, ...]:
    """What the last order waits for besides its own work."""
    number, dates = latest.production_order_number, latest.dates
    found = []
    if dates.queue_minutes is not None:
        found.append(
            PredictionFactor(
                name="queue",
                value=dates.queue_minutes,
                unit="minutes",
                explanation=(
                    f"{number} is loaded on its work centers behind other orders: "
                    f"{dates.queue_minutes} working minutes of waiting for capacity"
                ),
            )
        )
    if dates.materials_available_on is not None:
        found.append(
            PredictionFactor(
                name="materials",
                value=Decimal(max(0, (dates.materials_available_on - today).days)),
                unit="days",
                explanation=(
                    f"the last material of {number} is expected on {dates.materials_available_on}"
                ),
            )
        )
    return tuple(found)
