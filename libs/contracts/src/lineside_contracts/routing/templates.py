"""Routing templates, and the expansion of a production order into runs."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, field_validator

from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.problems import Fault
from lineside_contracts.routing.catalogue import MAX_OPERATIONS, split_codes
from lineside_contracts.values import (
    Actor,
    Amount,
    Code,
    Frozen,
    Instant,
    Minutes,
    Name,
    OperationType,
    Priority,
    Quantity,
    Ratio,
    Request,
    Seconds,
    SignedAmount,
    Text,
)


class RoutingStatus(StrEnum):
    """draft → active → retired."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class RoutingOperationFields(Request):
    """One operation of a template; validation judges its ranges, all faults at once."""

    sequence_number: int
    operation_code: Code
    setup_time_minutes: Minutes | None = Field(default=None, description="Overrides the catalogue.")
    run_time_per_unit_seconds: Seconds | None = None
    work_center_code: Code | None = None
    alternate_work_center_codes: tuple[Code, ...] = ()
    yield_percentage: Decimal = Decimal(100)
    scrap_percentage: Decimal | None = Field(default=None, description="Null: all expected loss.")
    setup_scrap_quantity: Amount = Decimal(0)
    units_per_product: Ratio = Fraction(1)
    unit_code: Code | None = Field(default=None, description="Its own unit, e.g. SHEET.")
    unit_decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    time_basis: Literal["per_unit", "fixed", "per_batch"] = "per_unit"
    batch_size: Quantity | None = None
    crew_size: Annotated[Decimal, Field(gt=0, le=1000)] = Decimal(1)
    wait_minutes: Minutes = Decimal(0)
    transfer_batch_quantity: Quantity | None = None
    is_concurrent: bool = False
    predecessor_sequence_number: int | None = None
    description: Text | None = None
    work_instructions: Text | None = None

    _alternates = field_validator("alternate_work_center_codes", mode="before")(split_codes)


class RoutingOperation(RoutingOperationFields):
    """An operation of a stored template."""

    model_config = Frozen.model_config
    id: UUID
    planned_setup_minutes: Decimal | None = Field(
        default=None, description="As activation resolved it: its own, else the catalogue's."
    )
    planned_run_seconds_per_unit: Decimal | None = None
    planned_work_center_code: str | None = None
    planned_unit_code: str | None = None
    planned_unit_decimals: int | None = None


class RoutingFields(Request):
    """A template as people write it; it attaches to a product or to a category."""

    routing_code: Code
    routing_name: Name
    product_code: Code | None = None
    product_category: Code | None = None
    description: Text | None = None
    operations: Annotated[tuple[RoutingOperationFields, ...], Field(max_length=MAX_OPERATIONS)] = ()


class Routing(AggregateState):
    """A routing template version with its operations."""

    routing_code: str
    routing_version: int
    routing_name: str
    status: RoutingStatus
    product_code: str | None = None
    product_category: str | None = None
    description: str | None = None
    operations: tuple[RoutingOperation, ...] = ()
    created_at: Instant
    created_by: Actor
    updated_at: Instant
    updated_by: Actor
    activated_at: Instant | None = None


class RoutingTemplateActivated(EventPayload):
    """This version is now the one its product or category is made by."""

    EVENT: ClassVar[EventType] = EventType("routing_template", "activated", "routing_template")
    routing_template: Routing


class RoutingTemplateRetired(EventPayload):
    """This version is no longer used for new orders."""

    EVENT: ClassVar[EventType] = EventType("routing_template", "retired", "routing_template")
    routing_template: Routing


class LedgerEntry(Frozen):
    """Why an operation needs more than the plain target."""

    kind: Literal["downstream", "yield", "make_ready", "whole_unit", "lot_size"]
    quantity: SignedAmount
    explanation: str


class RunStatus(StrEnum):
    """A run mirrors its operation on the floor."""

    PLANNED = "planned"
    RELEASED = "released"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ProductionRun(Frozen):
    """One operation of one order: how much goes in, how much comes out, where, how long."""

    id: UUID
    sequence_number: int
    operation_code: str
    operation_name: str
    operation_type: OperationType
    work_center_code: str | None
    alternate_work_center_codes: tuple[str, ...] = ()
    plant_code: str | None
    department_code: str | None = None
    unit_code: str
    unit_decimals: int
    units_per_product: Ratio
    yield_percentage: Decimal
    planned_input: Decimal
    planned_output: Decimal
    planned_scrap: Decimal
    setup_minutes: Decimal
    run_minutes: Decimal
    run_seconds_per_unit: Decimal
    crew_size: Decimal = Decimal(1)
    wait_minutes: Decimal = Decimal(0)
    transfer_batch_quantity: Decimal | None = None
    setup_scrap_quantity: Decimal = Decimal(0)
    time_basis: Literal["per_unit", "fixed", "per_batch"] = "per_unit"
    batch_size: Decimal | None = None
    predecessor_sequence_numbers: tuple[int, ...] = ()
    status: RunStatus = RunStatus.PLANNED
    ledger: tuple[LedgerEntry, ...] = ()
    description: str | None = None


class ExpansionOrder(Frozen):
    """The facts of the production order that an expansion answers, as they were then."""

    production_order_id: UUID
    production_order_number: str
    planning_version: int
    project_id: UUID
    project_number: str
    project_name: str
    sales_order_id: UUID | None = None
    sales_order_number: str | None = None
    sales_line_number: int | None = None
    product_code: str
    product_name: str | None = None
    product_category: str | None = None
    quantity: Decimal
    unit_code: str
    priority: Priority
    due_date: date


class Expansion(AggregateState):
    """The expansion of a production order; its id is the order's id."""

    order: ExpansionOrder
    routing_id: UUID | None = None
    routing_code: str | None = None
    routing_version: int | None = None
    plant_code: str | None = None
    runs: tuple[ProductionRun, ...] = ()
    warnings: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()


class RoutingExpanded(EventPayload):
    """The runs that make an order are planned."""

    EVENT: ClassVar[EventType] = EventType("routing", "expanded", "expansion")
    expansion: Expansion


class RoutingFailed(EventPayload):
    """No routing, or an invalid one: the order cannot be expanded for now."""

    EVENT: ClassVar[EventType] = EventType("routing", "failed", "expansion")
    expansion: Expansion
