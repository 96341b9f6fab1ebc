"""Delivery predictions: when each project will really be ready, and why."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.values import Code, Frozen, Instant, Request


class Confidence(StrEnum):
    """How far such predictions have been right before (RULES 33)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class PredictedOrder(Frozen):
    """One production order's share in its project's date."""

    production_order_id: UUID
    production_order_number: str
    sales_order_id: UUID | None = None
    status: str
    due_date: date
    quantity: Decimal
    remaining_work_minutes: Decimal
    p50_date: date
    p80_date: date
    p95_date: date


class PredictionFactor(Frozen):
    """One reason behind the date, in numbers a person can check."""

    name: str
    value: Decimal
    unit: str
    explanation: str


class DeliveryPrediction(AggregateState):
    """The newest prediction of a project; its id is the project's id."""

    project_number: str
    project_name: str
    predicted_date: date = Field(description="P80: four of five such projects are ready by then.")
    p50_date: date
    p80_date: date
    p95_date: date
    confidence: Confidence
    requested_date: date
    days_late: int = Field(description="Calendar days from requested to predicted; 0 when on time.")
    remaining_work_minutes: Decimal
    orders: tuple[PredictedOrder, ...] = Field(description="The latest 200, latest first.")
    order_count: int = 0
    factors: tuple[PredictionFactor, ...]
    calculated_at: Instant
    calculated_by: str


class DeliveryPredictionUpdated(EventPayload):
    """The predicted date or its confidence changed."""

    EVENT: ClassVar[EventType] = EventType("delivery_prediction", "updated", "delivery_prediction")
    delivery_prediction: DeliveryPrediction
    previous_predicted_date: date | None = None
    changed_orders: tuple[PredictedOrder, ...] = Field(
        default=(), description="Those predicted anew just now, whether listed above or not."
    )


class GetDeliveryPrediction(Request):
    """The newest prediction of a project, by project id."""

    project_id: UUID


class ListDeliveryPredictions(Request):
    """The newest prediction of every project that matches."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    project_number: Code | None = None


GET_DELIVERY_PREDICTION = Endpoint(
    "predictions",
    "delivery_prediction",
    "get",
    GetDeliveryPrediction,
    DeliveryPrediction,
    Permission.PROJECT_READ,
)
LIST_DELIVERY_PREDICTIONS = Endpoint(
    "predictions",
    "delivery_prediction",
    "list",
    ListDeliveryPredictions,
    Page[DeliveryPrediction],
    Permission.PROJECT_READ,
)
