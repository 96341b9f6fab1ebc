"""Routing: operations catalogue, work centers, templates, and the expansion of an order."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field, field_validator

from lineside_contracts.endpoint import Done, Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.master_data import (
    Fields,
    ImportMasterData,
    ImportReport,
    MasterDataChanged,
    MasterDataKind,
    MasterDataState,
)
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import Fault
from lineside_contracts.values import (
    Actor,
    Amount,
    Code,
    Frozen,
    Instant,
    Minutes,
    Money,
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

MAX_OPERATIONS = 1000
"""The most operations one routing may have."""


def split_codes(value: Any) -> Any:
    """Let a CSV cell hold several codes: "PRESS-2;PRESS-3"."""
    return (
        [part.strip() for part in value.split(";") if part.strip()]
        if isinstance(value, str)
        else value
    )


class OperationFields(Fields):
    """One entry of the operations catalogue."""

    operation_code: Code
    operation_name: Name
    operation_type: OperationType
    default_setup_minutes: Minutes = Decimal(0)
    default_run_seconds_per_unit: Seconds = Decimal(0)
    work_center_code: Code | None = Field(default=None, description="Where it is usually done.")
    description: Text | None = None
    is_active: bool = True


class Operation(OperationFields, MasterDataState):
    """A catalogue entry; `is_global` ones are shared by all tenants and written by none."""

    model_config = Frozen.model_config
    is_global: bool = False


class OperationChanged(MasterDataChanged):
    """A catalogue entry was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("operation", "changed", "operation")
    operation: Operation


class WorkCenterFields(Fields):
    """A group of equal resources that operations are planned on."""

    work_center_code: Code
    work_center_name: Name
    plant_code: Code
    department_code: Code | None = None
    parallel_units: Annotated[int, Field(ge=1, le=1000)] = 1
    efficiency_percentage: Annotated[Decimal, Field(gt=0, le=1000, decimal_places=4)] = Decimal(100)
    hourly_rate: Money = Decimal(0)
    overhead_rate: Money = Decimal(0)
    material_issue_method: Literal["backflush", "pick"] = "backflush"
    is_active: bool = True


class WorkCenter(WorkCenterFields, MasterDataState):
    """A work center as everybody reads it."""

    model_config = Frozen.model_config


class WorkCenterChanged(MasterDataChanged):
    """A work center was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("work_center", "changed", "work_center")
    work_center: WorkCenter


OPERATIONS = MasterDataKind(
    "operation",
    "operations-catalogue",
    "routing",
    "operation_code",
    "operation_name",
    OperationFields,
    Operation,
    OperationChanged,
)
WORK_CENTERS = MasterDataKind(
    "work_center",
    "work-centers",
    "routing",
    "work_center_code",
    "work_center_name",
    WorkCenterFields,
    WorkCenter,
    WorkCenterChanged,
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


class ListRoutings(Request):
    """Which template versions: a page of those that match."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    routing_code: Code | None = None
    status: RoutingStatus | None = None
    product_code: Code | None = None
    product_category: Code | None = None


class GetRouting(Request):
    """One template version by id."""

    routing_id: UUID


class UpdateRouting(Request):
    """Replace a draft."""

    routing_id: UUID
    expected_version: int | None = None
    fields: RoutingFields


class ActOnRouting(Request):
    """Validate, activate, retire, copy or delete one version."""

    routing_id: UUID
    expected_version: int | None = None


class RoutingValidation(Frozen):
    """Every fault of a template at once; empty means it may be activated."""

    is_valid: bool
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


class PreviewExpansion(Request):
    """What would it take to make this many? Nothing is stored."""

    routing_id: UUID
    quantity: Quantity


class ExpansionPreview(Frozen):
    """The runs a quantity would need, with their ledgers."""

    routing_id: UUID
    routing_code: str
    routing_version: int
    quantity: Decimal
    runs: tuple[ProductionRun, ...]
    warnings: tuple[Fault, ...] = ()


class GetExpansion(Request):
    """The runs of one production order."""

    production_order_id: UUID


class RoutingCoverage(Frozen):
    """Which active products have an active routing (RULES 36)."""

    product_count: int
    covered_count: int
    coverage_percentage: Decimal | None
    goal_percentage: Decimal = Decimal(90)
    uncovered_product_codes: tuple[str, ...] = ()


class GetRoutingCoverage(Request):
    """Share of active make products with an active routing."""


_READ = Permission.ROUTING_READ
_MANAGE = Permission.ROUTING_MANAGE
LIST_ROUTINGS = Endpoint("routing", "routing", "list", ListRoutings, Page[Routing], _READ)
GET_ROUTING = Endpoint("routing", "routing", "get", GetRouting, Routing, _READ)
CREATE_ROUTING = Endpoint(
    "routing", "routing", "create", RoutingFields, Routing, _MANAGE, "write", 201
)
UPDATE_ROUTING = Endpoint("routing", "routing", "update", UpdateRouting, Routing, _MANAGE, "write")
DELETE_ROUTING = Endpoint("routing", "routing", "delete", ActOnRouting, Done, _MANAGE, "write")
VALIDATE_ROUTING = Endpoint(
    "routing", "routing", "validate", ActOnRouting, RoutingValidation, _READ
)
ACTIVATE_ROUTING = Endpoint(
    "routing", "routing", "activate", ActOnRouting, Routing, _MANAGE, "write"
)
RETIRE_ROUTING = Endpoint("routing", "routing", "retire", ActOnRouting, Routing, _MANAGE, "write")
COPY_ROUTING = Endpoint("routing", "routing", "copy", ActOnRouting, Routing, _MANAGE, "write", 201)
PREVIEW_EXPANSION = Endpoint(
    "routing", "routing", "preview", PreviewExpansion, ExpansionPreview, _READ
)
IMPORT_ROUTINGS = Endpoint(
    "routing", "routing", "import", ImportMasterData, ImportReport, _MANAGE, "write"
)
GET_EXPANSION = Endpoint(
    "routing", "expansion", "get", GetExpansion, Expansion, Permission.PRODUCTION_ORDER_READ
)
GET_ROUTING_COVERAGE = Endpoint(
    "routing", "coverage", "get", GetRoutingCoverage, RoutingCoverage, _READ
)
