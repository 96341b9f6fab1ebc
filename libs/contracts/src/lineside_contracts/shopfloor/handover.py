"""What one shift hands over to the next: the work that goes on, and what is wrong with it."""

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint
from lineside_contracts.permissions import Permission
from lineside_contracts.values import Code, Frozen, Instant, OperationType, Priority, Request


class GetHandover(Request):
    """What goes on in a plant at a moment, such as the end of a shift."""

    plant_code: Code
    at: Instant | None = Field(default=None, description="Null: now.")


class HandoverIssue(Frozen):
    """Something that was reported and not resumed or completed since."""

    production_log_id: UUID
    kind: Literal["pause", "issue"]
    stops_production: bool
    reason_code: str | None = None
    operation_number: int | None = None
    lane_number: str | None = None
    happened_at: Instant
    logged_by_name: str
    notes: str | None = None


class HandoverLane(Frozen):
    """Where a work order was worked on, or stood, at that moment."""

    lane_id: UUID | None = None
    lane_number: str | None = None
    operation_number: int | None = None
    activity: Literal["setup", "run", "pause"]
    reason_code: str | None = None
    since: Instant


class HandoverWorkOrder(Frozen):
    """A work order that had begun and had not ended."""

    work_order_id: UUID
    work_order_number: str
    description: str | None = None
    operation_type: OperationType
    priority: Priority
    product_code: str | None = None
    due_date: date | None = None
    planned_end_at: Instant | None = None
    started_at: Instant
    unit_code: str
    quantity_ordered: Decimal
    quantity_completed: Decimal = Field(description="Good, as had happened by then.")
    scrap_quantity: Decimal
    progress_percentage: Decimal = Field(
        description="Completed of ordered, to one decimal; over-production is above 100."
    )
    lanes: tuple[HandoverLane, ...] = ()
    open_issues: tuple[HandoverIssue, ...] = ()


class Handover(Frozen):
    """What goes on in a plant, the most urgent first."""

    plant_code: str
    at: Instant
    items: tuple[HandoverWorkOrder, ...]


GET_HANDOVER = Endpoint(
    "shopfloor", "handover", "get", GetHandover, Handover, Permission.WORK_ORDER_READ
)
