"""Delivery predictions: when each project will really be ready, and why."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
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
    reason: str | None = Field(default=None, description="What made it be calculated anew.")


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


class ListPredictionHistory(Request):
    """What was predicted of a project and when, the newest first."""

    project_id: UUID
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None


class PastPrediction(Frozen):
    """One prediction of a project that was published."""

    project_id: UUID
    version: int
    calculated_at: Instant
    calculated_by: str
    reason: str | None = None
    predicted_date: date
    p50_date: date
    p80_date: date
    p95_date: date
    requested_date: date
    confidence: Confidence
    remaining_work_minutes: Decimal


class GetCalibration(Request):
    """How far predictions have been right, overall and by kind of work."""

    product_category: Code | None = None


class KeptDates(Frozen):
    """How many dates of one quantile were kept: the work was finished on or before them."""

    quantile: Literal["p50", "p80", "p95"]
    expected_percentage: Decimal = Field(description="What is kept where predictions are right.")
    kept_count: int
    prediction_count: int
    kept_percentage: Decimal | None = Field(description="Null where nothing was scored yet.")
    statement: str


class AccuracyOfWork(Frozen):
    """How far predictions of one kind of work have been right (RULES 33).

    Every finished order is scored by what was predicted when it was confirmed, when it was
    released, and at half of its work.
    """

    product_category: str | None = None
    operation_codes: tuple[str, ...] = ()
    confidence: Confidence
    project_count: int
    order_count: int
    kept: tuple[KeptDates, ...]
    on_time_count: int = Field(description="Orders finished by the date promised, else requested.")
    on_time_percentage: Decimal | None = None


class Calibration(Frozen):
    """Measured accuracy of predictions."""

    overall: AccuracyOfWork
    groups: tuple[AccuracyOfWork, ...] = Field(
        description="By product category and set of operations, the 200 with most orders."
    )


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
LIST_PREDICTION_HISTORY = Endpoint(
    "predictions",
    "delivery_prediction",
    "history",
    ListPredictionHistory,
    Page[PastPrediction],
    Permission.PROJECT_READ,
)
GET_CALIBRATION = Endpoint(
    "predictions",
    "calibration",
    "get",
    GetCalibration,
    Calibration,
    Permission.PROJECT_READ,
)
