"""Capacity: does an order fit, when will it be done, what can be promised."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.planning.production_orders import CapacityStatus
from lineside_contracts.problems import Fault
from lineside_contracts.values import Code, Day, Frozen, Instant, Priority, Quantity, Request


class WorkCenterLoad(Frozen):
    """One work center between now and the due date (RULES 27)."""

    work_center_code: str
    work_center_name: str | None = None
    available_hours: Decimal
    committed_hours: Decimal
    required_hours: Decimal
    utilization_percent: Decimal | None = Field(
        description="One decimal, half up; decided on the exact value; null: nothing available."
    )
    is_bottleneck: bool
    explanation: tuple[str, ...] = ()


class RunPlan(Frozen):
    """When one run is planned (backward from the due date) and expected (forward, finite)."""

    sequence_number: int
    operation_name: str
    work_center_code: str | None
    required_minutes: Decimal
    remaining_minutes: Decimal
    planned_start_at: Instant
    planned_end_at: Instant
    estimated_start_at: Instant | None = None
    estimated_end_at: Instant | None = None
    alternate_work_center_code: str | None = Field(
        default=None, description="Where it would be done sooner, if anywhere."
    )


class CapacityPlan(AggregateState):
    """The capacity answer for one production order; its id is the order's id."""

    production_order_number: str
    product_code: str
    plant_code: str | None = None
    due_date: date
    due_at: Instant = Field(description="End of the last working period of the due day.")
    planning_version: int
    expansion_version: int
    order_version: int
    status: CapacityStatus
    is_feasible: bool
    reasons: tuple[Fault, ...] = Field(
        default=(), description="Every reason why it is not feasible."
    )
    warnings: tuple[Fault, ...] = Field(default=(), description="Bottlenecks above 90 %.")
    work_centers: tuple[WorkCenterLoad, ...] = ()
    runs: tuple[RunPlan, ...] = ()
    materials_available_on: date | None = None
    estimated_completion_at: Instant | None = None
    checked_at: Instant


class CapacityChecked(EventPayload):
    """An order was loaded on its work centers and judged."""

    EVENT: ClassVar[EventType] = EventType("capacity", "checked", "capacity_plan")
    capacity_plan: CapacityPlan


class OfOrder(Request):
    """A question about one production order."""

    production_order_id: UUID


class LeadTimePart(Frozen):
    """A stretch of the lead time and its reason."""

    name: str = Field(description="materials, queue, processing, waiting")
    working_minutes: Decimal
    explanation: str


class LeadTime(Frozen):
    """How long until it is done, from now (RULES 27)."""

    production_order_id: UUID
    working_days: int
    calendar_days: int
    completes_at: Instant
    materials_available_on: date | None = None
    parts: tuple[LeadTimePart, ...]


class OrderPromise(Frozen):
    """What is promised for an order, and why."""

    production_order_id: UUID
    requested_date: date
    promised_date: date
    estimated_completion_at: Instant | None
    predicted_date: date | None = Field(default=None, description="P80 of its delivery prediction.")
    is_on_time: bool
    reasons: tuple[Fault, ...] = ()
    explanation: tuple[str, ...]


class AskPromise(Request):
    """When could you deliver this much? Leaves no trace."""

    product_code: Code
    quantity: Quantity
    requested_date: Day | None = None
    priority: Priority = Priority.MEDIUM
    plant_code: Code | None = None


class PromiseMaterial(Frozen):
    """A component of a promise: where it would come from, and by when."""

    component_code: str
    level: int
    needed_quantity: Decimal
    from_stock: Decimal
    from_receipts: Decimal
    to_buy: Decimal
    to_make: Decimal
    unit_code: str
    available_on: date
    explanation: str


class Promise(Frozen):
    """The earliest date, what it rests on, and whether the wish can be met."""

    product_code: str
    quantity: Decimal
    unit_code: str
    plant_code: str | None
    earliest_date: date
    earliest_at: Instant
    requested_date: date | None = None
    is_feasible: bool | None = Field(
        default=None, description="Whether the requested date holds; null without one."
    )
    reasons: tuple[Fault, ...] = ()
    materials: tuple[PromiseMaterial, ...] = ()
    work_centers: tuple[WorkCenterLoad, ...] = ()
    runs: tuple[RunPlan, ...] = ()
    explanation: tuple[str, ...] = ()
    computed_in_ms: Decimal


class GetWorkCenterLoad(Request):
    """Who takes a work center's time, day by day."""

    work_center_code: Code
    from_date: Day | None = None
    to_date: Day | None = None


class OrderShare(Frozen):
    """An order's part of a day's load."""

    production_order_id: UUID
    production_order_number: str
    sequence_number: int
    minutes: Decimal


class DayLoad(Frozen):
    """One day of a work center."""

    on: date
    available_minutes: Decimal
    committed_minutes: Decimal
    utilization_percent: Decimal | None
    orders: tuple[OrderShare, ...] = ()


class WorkCenterDays(Frozen):
    """A work center's days."""

    work_center_code: str
    work_center_name: str | None = None
    parallel_units: int
    efficiency_percentage: Decimal
    days: Annotated[tuple[DayLoad, ...], Field(max_length=400)]


_READ = Permission.PRODUCTION_ORDER_READ
GET_CAPACITY = Endpoint("planning", "capacity", "get", OfOrder, CapacityPlan, _READ)
GET_LEAD_TIME = Endpoint("planning", "lead_time", "get", OfOrder, LeadTime, _READ)
GET_ORDER_PROMISE = Endpoint("planning", "order_promise", "get", OfOrder, OrderPromise, _READ)
ASK_PROMISE = Endpoint("planning", "promise", "ask", AskPromise, Promise, _READ)
GET_WORK_CENTER_LOAD = Endpoint(
    "planning", "work_center_load", "get", GetWorkCenterLoad, WorkCenterDays, _READ
)
