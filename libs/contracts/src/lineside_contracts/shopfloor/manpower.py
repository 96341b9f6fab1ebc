"""People at work orders: who works on what, for how long, and what their work costs."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.permissions import Permission
from lineside_contracts.values import (
    Actor,
    Amount,
    Code,
    Frozen,
    Instant,
    Money,
    Name,
    Request,
    Text,
)

UserId = Annotated[str, Field(min_length=1, max_length=200)]
"""Whom a token names as its subject, or however the plant knows a person."""

OperationNumber = Annotated[int, Field(ge=1, le=999_999)]
WorkerCount = Annotated[int, Field(ge=1, le=1000)]


class ManpowerRole(StrEnum):
    """What somebody does at a work order; labour rates are by these codes."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    QC_INSPECTOR = "qc_inspector"


class ManpowerAllocation(Frozen):
    """A person, or a crew led by one, at a work order from `allocated_at` until `released_at`."""

    id: UUID
    version: int
    work_order_id: UUID
    work_order_number: str
    plant_code: str | None = None
    operation_number: int | None = None
    user_id: str
    user_name: str
    role: ManpowerRole
    worker_count: int
    allocated_at: Instant
    allocated_by: Actor
    released_at: Instant | None = None
    released_by: Actor | None = None
    hours_worked: Decimal | None = Field(
        default=None, description="Of each worker, as stated; null: the time between."
    )
    has_own_rate: bool = Field(
        description="Its hourly rate is its own, not that of the role (labour cost tells it)."
    )
    notes: str | None = None
    created_at: Instant
    created_by: Actor
    updated_at: Instant
    updated_by: Actor


class AllocateManpower(Request):
    """Put somebody at a work order that is not over."""

    work_order_id: UUID
    operation_number: OperationNumber | None = None
    user_id: UserId
    user_name: Name | None = None
    role: ManpowerRole = ManpowerRole.OPERATOR
    worker_count: WorkerCount = 1
    allocated_at: Instant | None = Field(default=None, description="Null: now.")
    hourly_rate: Money | None = Field(default=None, description="Instead of the role's.")
    notes: Text | None = None


class ListManpower(Request):
    """Who works where, what was allocated last first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    work_order_id: UUID | None = None
    user_id: UserId | None = None
    role: ManpowerRole | None = None
    plant_code: Code | None = None
    is_active: bool | None = Field(default=None, description="True: those not yet released.")


class ReleaseManpower(Request):
    """End an allocation."""

    manpower_allocation_id: UUID
    expected_version: int | None = None
    released_at: Instant | None = Field(default=None, description="Null: now.")
    hours_worked: Amount | None = Field(
        default=None, description="Of each worker; null: the time since the allocation."
    )
    notes: Text | None = None


class ManpowerChange(Request):
    """What may be changed of an allocation; absent fields stay."""

    operation_number: OperationNumber | None = None
    role: ManpowerRole | None = None
    worker_count: WorkerCount | None = None
    hours_worked: Amount | None = Field(
        default=None, description="Only of an allocation that has ended."
    )
    hourly_rate: Money | None = None
    notes: Text | None = None


class UpdateManpower(Request):
    """Correct an allocation, against the version the person saw."""

    manpower_allocation_id: UUID
    expected_version: int | None = None
    change: ManpowerChange


class GetLabourCost(Request):
    """What the people at one work order cost."""

    work_order_id: UUID


class LabourCostLine(Frozen):
    """One allocation: hours times rate times workers; without a rate the cost is not known."""

    manpower_allocation_id: UUID
    user_id: str
    user_name: str
    role: ManpowerRole
    operation_number: int | None = None
    worker_count: int
    hours: Decimal = Field(description="Of each worker.")
    hours_from: Literal["stated", "elapsed"]
    is_released: bool
    hourly_rate: Decimal | None = None
    rate_from: Literal["allocation", "role", "none"]
    cost: Decimal | None = None


class LabourCost(Frozen):
    """The labour cost of a work order, as it stands at `as_of`.

    `total_cost` leaves out allocations without a rate; `roles_without_rate` names their roles.
    """

    work_order_id: UUID
    work_order_number: str
    as_of: Instant
    total_hours: Decimal = Field(description="Hours times workers, over all lines.")
    total_cost: Decimal
    roles_without_rate: tuple[str, ...] = ()
    lines: tuple[LabourCostLine, ...]


ALLOCATE_MANPOWER = Endpoint(
    "shopfloor",
    "manpower",
    "allocate",
    AllocateManpower,
    ManpowerAllocation,
    Permission.WORK_ORDER_ASSIGN,
    "write",
    201,
)
LIST_MANPOWER = Endpoint(
    "shopfloor",
    "manpower",
    "list",
    ListManpower,
    Page[ManpowerAllocation],
    Permission.WORK_ORDER_READ,
)
RELEASE_MANPOWER = Endpoint(
    "shopfloor",
    "manpower",
    "release",
    ReleaseManpower,
    ManpowerAllocation,
    Permission.WORK_ORDER_ASSIGN,
    "write",
)
UPDATE_MANPOWER = Endpoint(
    "shopfloor",
    "manpower",
    "update",
    UpdateManpower,
    ManpowerAllocation,
    Permission.WORK_ORDER_ASSIGN,
    "write",
)
GET_LABOUR_COST = Endpoint(
    "shopfloor", "labour_cost", "get", GetLabourCost, LabourCost, Permission.COST_READ
)
