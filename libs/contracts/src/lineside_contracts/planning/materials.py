"""Materials of one production order: needs, allocations, shortages, requisitions, consumption."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.planning.production_orders import MaterialsStatus, ProductionOrderStatus
from lineside_contracts.problems import Fault
from lineside_contracts.values import (
    Actor,
    Code,
    Day,
    Frozen,
    Instant,
    Money,
    Priority,
    Quantity,
    Ratio,
    Request,
    SignedAmount,
    Text,
)


class MaterialRequirement(Frozen):
    """What one order needs of one component at one operation, and what serves it.

    needed = allocated_from_stock + allocated_from_receipts + from_child_order + from_requisition
    + what nothing serves yet; issued counts what has been consumed of it already.
    `short_quantity` is the physical shortfall of RULES 16, `replenish_quantity` the other one.
    """

    id: UUID
    component_code: str
    component_name: str | None = None
    plant_code: str
    unit_code: str
    unit_decimals: int
    sequence_number: int = Field(description="The operation that consumes it.")
    work_center_code: str | None = None
    issue_method: Literal["backflush", "pick"] = "backflush"
    make_or_buy: Literal["make", "buy"]
    needed_quantity: Decimal
    needed_on: date
    needed_at: Instant
    allocated_from_stock: Decimal = Decimal(0)
    allocated_from_receipts: Decimal = Decimal(0)
    from_child_order: Decimal = Decimal(0)
    from_requisition: Decimal = Decimal(0)
    issued_quantity: Decimal = Decimal(0)
    short_quantity: Decimal = Decimal(0)
    replenish_quantity: Decimal = Decimal(0)
    available_on: date | None = Field(
        default=None, description="When all of it is expected; null: at once, or nobody knows."
    )
    is_fixed_quantity: bool = False
    bom_line_id: UUID | None = None
    quantity_per: Ratio | None = Field(
        default=None, description="Of the component in one finished product; null: by-products."
    )
    exact_quantity: Decimal = Field(description="Before rounding up, six decimals.")


class ChildNeed(Frozen):
    """A sub-assembly that has to be made for an order; its id is the child order's."""

    id: UUID
    requirement_id: UUID
    product_code: str
    quantity: Decimal
    unit_code: str
    due_date: date


class MaterialPlan(AggregateState):
    """The materials of one production order; its id is the order's id."""

    production_order_number: str
    product_code: str
    quantity: Decimal
    priority: Priority
    due_date: date
    plant_code: str | None = None
    order_status: ProductionOrderStatus
    planning_version: int
    expansion_version: int
    order_version: int = Field(description="The version of the order it was planned for.")
    status: MaterialsStatus
    available_on: date | None = Field(
        default=None, description="When the last material is expected; null: at once or unknown."
    )
    requirements: tuple[MaterialRequirement, ...] = ()
    children: tuple[ChildNeed, ...] = ()
    warnings: tuple[Fault, ...] = ()
    planned_at: Instant


class MaterialPlanned(EventPayload):
    """The needs of an order are known, and what serves them; or that changed."""

    EVENT: ClassVar[EventType] = EventType("material", "planned", "material_plan")
    material_plan: MaterialPlan


class Shortage(Frozen):
    """A component an order lacks."""

    requirement_id: UUID
    component_code: str
    component_name: str | None = None
    needed_quantity: Decimal
    short_quantity: Decimal
    unit_code: str
    needed_on: date
    available_on: date | None = None


class MaterialShortageDetected(EventPayload):
    """Materials are physically missing for an order."""

    EVENT: ClassVar[EventType] = EventType("material", "shortage_detected", "material_plan")
    material_plan: MaterialPlan
    shortages: tuple[Shortage, ...]


class ComponentLot(Frozen):
    """How much of a lot went in."""

    lot_number: str | None = None
    location_code: str
    quantity: Decimal


class MaterialConsumed(EventPayload):
    """Material went into an order, or came back out of it (negative), or a by-product arose."""

    EVENT: ClassVar[EventType] = EventType("material", "consumed", "material_plan")
    material_plan: MaterialPlan
    requirement_id: UUID
    component_code: str
    quantity: Decimal
    unit_code: str
    issue_method: Literal["backflush", "pick", "by_product"]
    lots: tuple[ComponentLot, ...] = ()
    happened_at: Instant


class GoodsReceived(EventPayload):
    """What an order made lies in stock; pegged goods stay allocated to whom they were made for."""

    EVENT: ClassVar[EventType] = EventType("material", "output_received", "material_plan")
    material_plan: MaterialPlan
    quantity: Decimal
    location_code: str
    allocated_quantity: Decimal


class GetMaterials(Request):
    """The materials of one order."""

    production_order_id: UUID


class RequirementExplanation(Frozen):
    """How a need was computed, step by step, in words and numbers."""

    requirement_id: UUID
    component_code: str
    steps: tuple[str, ...]
    supplies: tuple[str, ...]


class MaterialsAnswer(Frozen):
    """An order's materials and how each number came to be."""

    material_plan: MaterialPlan
    explanations: tuple[RequirementExplanation, ...]


class IssueMaterial(Request):
    """Pick: hand material out to an order; a negative quantity brings some back."""

    production_order_id: UUID
    component_code: Code
    sequence_number: int | None = Field(default=None, description="Where several lines need it.")
    quantity: Annotated[SignedAmount, Field(decimal_places=6)]
    location_code: Code | None = Field(default=None, description="Null: wherever it lies.")
    lot_number: Code | None = None
    happened_at: Instant | None = None


class MoveAllocation(Request):
    """Take allocated stock from one order and give it to another: by a person only (RULES 16)."""

    component_code: Code
    plant_code: Code
    from_production_order_id: UUID
    to_production_order_id: UUID
    quantity: Quantity
    reason: Text


class ListShortages(Request):
    """Requirements that nothing covers, soonest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    component_code: Code | None = None
    plant_code: Code | None = None
    needed_before: date | None = None


class OrderShortage(Shortage):
    """A shortage and the order that has it."""

    production_order_id: UUID
    production_order_number: str
    product_code: str
    priority: Priority


class RequisitionStatus(StrEnum):
    """open → ordered → received; cancelled when nobody needs it any more."""

    OPEN = "open"
    ORDERED = "ordered"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class RequisitionPeg(Frozen):
    """Whom a share of a requisition is for; no order: for stock, from MRP."""

    production_order_id: UUID | None = None
    production_order_number: str | None = None
    requirement_id: UUID | None = None
    planned_order_id: UUID | None = None
    quantity: Decimal


class PurchaseRequisition(AggregateState):
    """A part to buy by a day: consolidated, rounded once to the vendor's units (RULES 22)."""

    requisition_number: str
    status: RequisitionStatus
    product_code: str
    product_name: str | None = None
    plant_code: str
    needed_on: date
    arrive_on: date = Field(description="The working day on or before the need.")
    order_by: date
    is_late: bool = Field(description="The order-by date had passed when it was planned.")
    quantity_needed: Decimal = Field(description="The sum of its pegs, in stock units.")
    quantity: Decimal = Field(description="In stock units, after rounding to what is sold.")
    unit_code: str
    vendor_code: str | None = None
    purchase_quantity: Decimal | None = None
    purchase_unit_code: str | None = None
    lead_time_days: int
    unit_cost: Decimal | None = Field(default=None, description="Per stock unit.")
    explanation: tuple[str, ...] = ()
    pegs: tuple[RequisitionPeg, ...] = ()
    purchase_order_number: str | None = None
    receipt_id: UUID | None = None
    created_at: Instant
    created_by: Actor
    updated_at: Instant
    updated_by: Actor


class PurchaseRequisitionCreated(EventPayload):
    """A part has to be bought."""

    EVENT: ClassVar[EventType] = EventType(
        "purchase_requisition", "created", "purchase_requisition"
    )
    purchase_requisition: PurchaseRequisition


class PurchaseRequisitionChanged(EventPayload):
    """Quantity, pegs or dates changed, or it was ordered, received or cancelled."""

    EVENT: ClassVar[EventType] = EventType(
        "purchase_requisition", "changed", "purchase_requisition"
    )
    purchase_requisition: PurchaseRequisition


class ListRequisitions(Request):
    """Which requisitions, soonest order-by date first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    status: RequisitionStatus | None = None
    product_code: Code | None = None
    vendor_code: Code | None = None
    plant_code: Code | None = None
    order_by_before: date | None = None


class GetRequisition(Request):
    """One requisition by id."""

    purchase_requisition_id: UUID


class OrderRequisition(Request):
    """It was ordered: a scheduled receipt takes its place."""

    purchase_requisition_id: UUID
    expected_version: int | None = None
    purchase_order_number: Code
    expected_on: Day
    quantity: Quantity | None = Field(default=None, description="In stock units; null: as planned.")
    vendor_code: Code | None = None
    unit_cost: Money | None = None


_READ = Permission.MATERIAL_READ
_MANAGE = Permission.MATERIAL_MANAGE
GET_MATERIALS = Endpoint("planning", "material", "get", GetMaterials, MaterialsAnswer, _READ)
REPLAN_MATERIALS = Endpoint(
    "planning", "material", "replan", GetMaterials, MaterialPlan, _MANAGE, "write"
)
ISSUE_MATERIAL = Endpoint(
    "planning", "material", "issue", IssueMaterial, MaterialPlan, _MANAGE, "write", 201
)
MOVE_ALLOCATION = Endpoint(
    "planning", "allocation", "move", MoveAllocation, MaterialPlan, _MANAGE, "write"
)
LIST_SHORTAGES = Endpoint("planning", "shortage", "list", ListShortages, Page[OrderShortage], _READ)
LIST_REQUISITIONS = Endpoint(
    "planning", "purchase_requisition", "list", ListRequisitions, Page[PurchaseRequisition], _READ
)
GET_REQUISITION = Endpoint(
    "planning", "purchase_requisition", "get", GetRequisition, PurchaseRequisition, _READ
)
ORDER_REQUISITION = Endpoint(
    "planning",
    "purchase_requisition",
    "order",
    OrderRequisition,
    PurchaseRequisition,
    _MANAGE,
    "write",
)
