"""MRP for the plant: runs, planned orders, pegging, exception messages."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.values import Actor, Code, Frozen, Instant, Request, Text


class MrpRunStatus(StrEnum):
    """queued → running → completed; cancelled or failed end it early and change no plan."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class MrpRun(AggregateState):
    """One regeneration, or one check that net change and regeneration agree."""

    mrp_run_number: str
    kind: Literal["regeneration", "check"]
    status: MrpRunStatus
    planning_date: date
    phase: str = Field(default="", description="What it is at: loading, level 2 of 5, saving …")
    items_total: int = 0
    items_done: int = 0
    planned_order_count: int = 0
    exception_count: int = 0
    changed_item_count: int = Field(
        default=0, description="Items whose plan differs from the one before; a check wants 0."
    )
    differences: tuple[str, ...] = Field(
        default=(), description="Of a check: the items that differ, and how; the first hundred."
    )
    duration_ms: int | None = None
    reason: str | None = None
    requested_at: Instant
    requested_by: Actor
    started_at: Instant | None = None
    finished_at: Instant | None = None


class MrpRunChanged(EventPayload):
    """A run was asked for, went on, or ended."""

    EVENT: ClassVar[EventType] = EventType("mrp_run", "changed", "mrp_run")
    mrp_run: MrpRun


class MrpDriftDetected(EventPayload):
    """Alarm: the plan kept by net change is not the one a regeneration gives."""

    EVENT: ClassVar[EventType] = EventType("mrp_run", "drift_detected", "mrp_run")
    mrp_run: MrpRun


class Peg(Frozen):
    """One supply serving one demand with a quantity; ids name what stands behind either."""

    supply_kind: str = Field(
        description="stock, receipt, requisition, production_order, planned_order"
    )
    supply_id: str | None = None
    supply_name: str
    supply_date: date
    demand_kind: str = Field(
        description="sales_order_line, production_order, planned_order, safety_stock"
    )
    demand_id: str | None = None
    demand_name: str
    demand_date: date
    quantity: Decimal


class LotLedgerEntry(Frozen):
    """Why a planned order is larger than what is missing."""

    kind: Literal["net", "whole_unit", "lot_size", "safety_stock"]
    quantity: Decimal
    explanation: str


class PlannedOrder(AggregateState):
    """A proposal to make or to buy; firm it to make it real (RULES 17)."""

    product_code: str
    product_name: str | None = None
    plant_code: str
    make_or_buy: Literal["make", "buy"]
    quantity: Decimal
    unit_code: str
    release_on: date = Field(description="Start of production, or the order-by date.")
    due_on: date
    level: int = Field(description="Low-level code of its item.")
    is_past_due: bool = Field(description="Its release date had passed when it was planned.")
    status: Literal["proposed", "firmed"] = "proposed"
    ledger: tuple[LotLedgerEntry, ...] = ()
    pegs: tuple[Peg, ...] = ()


class PlannedOrderFirmed(EventPayload):
    """A proposal became real: a production order to stock, or a requisition, follows."""

    EVENT: ClassVar[EventType] = EventType("planned_order", "firmed", "planned_order")
    planned_order: PlannedOrder


class MrpException(Frozen):
    """What a planner should do, or know, about a supply or an item."""

    kind: Literal[
        "expedite",
        "defer",
        "cancel",
        "past_due",
        "no_bom",
        "bom_cycle",
        "no_working_time",
        "unknown_component",
        "unknown_item",
        "bad_parameters",
    ]
    product_code: str
    plant_code: str
    supply_kind: str | None = None
    supply_id: str | None = None
    supply_name: str | None = None
    quantity: Decimal | None = Field(
        default=None, description="Of an expedite: what need not be planned if it is followed."
    )
    from_date: date | None = None
    to_date: date | None = None
    message: str


class MrpBucket(Frozen):
    """One day or week of an item's plan; every number is explained."""

    starts_on: date
    gross_requirement: Decimal
    scheduled_receipts: Decimal
    projected_on_hand: Decimal = Field(description="At its end, with planned receipts.")
    net_requirement: Decimal
    planned_receipts: Decimal
    planned_releases: Decimal
    explanation: tuple[str, ...] = ()


class MrpItem(Frozen):
    """The time-phased plan of one product in one plant."""

    product_code: str
    product_name: str | None = None
    plant_code: str
    unit_code: str
    low_level_code: int
    on_hand: Decimal
    safety_stock: Decimal
    lot_sizing: str
    lead_time_days: int
    planning_date: date
    buckets: tuple[MrpBucket, ...]
    planned_orders: tuple[PlannedOrder, ...]
    pegs: tuple[Peg, ...]
    exceptions: tuple[MrpException, ...]


class StartMrpRun(Request):
    """Ask for a regeneration or a check."""

    kind: Literal["regeneration", "check"] = "regeneration"
    reason: Text | None = None


class ListMrpRuns(Request):
    """Runs, newest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    status: MrpRunStatus | None = None


class GetMrpRun(Request):
    """One run by id; also to cancel it."""

    mrp_run_id: UUID


class ListPlannedOrders(Request):
    """Proposals, soonest release first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    product_code: Code | None = None
    plant_code: Code | None = None
    make_or_buy: Literal["make", "buy"] | None = None
    release_before: date | None = None


class GetPlannedOrder(Request):
    """One proposal by id; also to firm it."""

    planned_order_id: UUID


class GetMrpItem(Request):
    """The plan of one product in one plant."""

    product_code: Code
    plant_code: Code | None = Field(default=None, description="Null: the product's plant.")
    bucket: Literal["day", "week"] = "day"


class ListMrpExceptions(Request):
    """Exception messages, soonest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    kind: str | None = None
    product_code: Code | None = None
    plant_code: Code | None = None


class GetPegging(Request):
    """Where the supply of an order comes from, and whom the order serves; down to the ends."""

    production_order_id: UUID


class PeggingNode(Frozen):
    """One supply or demand in the chain; `level` 0 is the order itself."""

    level: int
    direction: Literal["upstream", "downstream"]
    product_code: str
    peg: Peg


class Pegging(Frozen):
    """Both directions of an order's chain."""

    production_order_id: UUID
    production_order_number: str
    serves: tuple[PeggingNode, ...] = Field(description="Which demands it serves, up to sales.")
    served_by: tuple[PeggingNode, ...] = Field(description="What supplies it, down to purchases.")


_READ = Permission.MATERIAL_READ
_MANAGE = Permission.MATERIAL_MANAGE
START_MRP_RUN = Endpoint(
    "planning", "mrp_run", "create", StartMrpRun, MrpRun, _MANAGE, "write", 201
)
LIST_MRP_RUNS = Endpoint("planning", "mrp_run", "list", ListMrpRuns, Page[MrpRun], _READ)
GET_MRP_RUN = Endpoint("planning", "mrp_run", "get", GetMrpRun, MrpRun, _READ)
CANCEL_MRP_RUN = Endpoint("planning", "mrp_run", "cancel", GetMrpRun, MrpRun, _MANAGE, "write")
LIST_PLANNED_ORDERS = Endpoint(
    "planning", "planned_order", "list", ListPlannedOrders, Page[PlannedOrder], _READ
)
GET_PLANNED_ORDER = Endpoint(
    "planning", "planned_order", "get", GetPlannedOrder, PlannedOrder, _READ
)
FIRM_PLANNED_ORDER = Endpoint(
    "planning", "planned_order", "firm", GetPlannedOrder, PlannedOrder, _MANAGE, "write"
)
GET_MRP_ITEM = Endpoint("planning", "mrp_item", "get", GetMrpItem, MrpItem, _READ)
LIST_MRP_EXCEPTIONS = Endpoint(
    "planning", "mrp_exception", "list", ListMrpExceptions, Page[MrpException], _READ
)
GET_PEGGING = Endpoint("planning", "pegging", "get", GetPegging, Pegging, _READ)
