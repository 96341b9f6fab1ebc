"""Stock and scheduled receipts: state, events, requests.

Stock is counted per pool: a product in a plant. Each pool has balances by location and lot, and a
journal of movements that explains every piece of it.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.master_data import ImportMasterData, ImportReport
from lineside_contracts.permissions import Permission
from lineside_contracts.values import (
    Actor,
    Amount,
    Code,
    Day,
    Frozen,
    Instant,
    Money,
    Quantity,
    Request,
    SignedAmount,
    Text,
)


class StockBalance(Frozen):
    """What lies at one location, of one lot."""

    location_code: str
    lot_number: str | None = None
    quantity: Decimal
    is_nettable: bool = True


class Stock(AggregateState):
    """One pool: a product in a plant.

    Available is what is nettable and allocated to nobody; stock never falls below zero by itself.
    """

    product_code: str
    product_name: str | None = None
    plant_code: str
    unit_code: str
    quantity_on_hand: Decimal = Field(description="Nettable locations only.")
    quantity_allocated: Decimal
    quantity_available: Decimal
    quantity_blocked: Decimal = Field(
        default=Decimal(0), description="At locations that are not planned with."
    )
    safety_stock_quantity: Decimal = Decimal(0)
    balances: tuple[StockBalance, ...] = ()
    updated_at: Instant


class StockChanged(EventPayload):
    """What lies in a pool changed (allocations alone do not say so)."""

    EVENT: ClassVar[EventType] = EventType("stock", "changed", "stock")
    stock: Stock
    quantity_change: Decimal


class MovementKind(StrEnum):
    """Why stock moved."""

    RECEIPT = "receipt"
    PRODUCTION = "production"
    ISSUE = "issue"
    BACKFLUSH = "backflush"
    RETURN = "return"
    BY_PRODUCT = "by_product"
    ADJUSTMENT = "adjustment"
    COUNT = "count"
    SCRAP = "scrap"
    TRANSFER = "transfer"


class StockMovement(Frozen):
    """One entry of the journal; quantity is signed."""

    id: UUID
    kind: MovementKind
    product_code: str
    plant_code: str
    location_code: str
    lot_number: str | None = None
    quantity: Decimal
    quantity_after: Decimal = Field(description="In the pool, nettable, after it.")
    production_order_id: UUID | None = None
    production_order_number: str | None = None
    receipt_id: UUID | None = None
    unit_cost: Decimal | None = None
    reason: str | None = None
    happened_at: Instant
    recorded_at: Instant
    recorded_by: Actor


class ListStock(Request):
    """Which pools: a page of those that match."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    product_code: Code | None = None
    plant_code: Code | None = None
    below_safety: bool | None = None
    search: Annotated[str, Field(max_length=100)] | None = None


class GetStock(Request):
    """One product's pool in a plant."""

    product_code: Code
    plant_code: Code


class ListStockMovements(Request):
    """The journal, newest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    product_code: Code | None = None
    plant_code: Code | None = None
    production_order_id: UUID | None = None
    kind: MovementKind | None = None


class PostStockMovement(Request):
    """Move stock by hand.

    `count` sets what lies at the place and books the difference; `adjustment` adds a signed
    quantity; `scrap` takes out; `transfer` moves to `to_location_code` of the same plant.
    """

    kind: Literal["adjustment", "count", "scrap", "transfer"]
    product_code: Code
    location_code: Code
    lot_number: Code | None = None
    quantity: Annotated[SignedAmount, Field(decimal_places=6)]
    to_location_code: Code | None = None
    reason: Text
    happened_at: Instant | None = None


class ReceiptStatus(StrEnum):
    """open until all is received; cancelled."""

    OPEN = "open"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Receipt(AggregateState):
    """A scheduled receipt: bought goods that are on their way."""

    receipt_number: str = Field(description="The purchase order's number and line, as people know.")
    product_code: str
    plant_code: str
    unit_code: str
    quantity: Decimal
    quantity_received: Decimal = Decimal(0)
    quantity_allocated: Decimal = Field(
        default=Decimal(0), description="Of what is still open, allocated to orders."
    )
    expected_on: date
    status: ReceiptStatus
    vendor_code: str | None = None
    unit_cost: Decimal | None = Field(default=None, description="Per stock unit.")
    requisition_id: UUID | None = None
    created_at: Instant
    created_by: Actor
    updated_at: Instant
    updated_by: Actor


class ReceiptChanged(EventPayload):
    """A scheduled receipt was made, moved, changed, received or cancelled."""

    EVENT: ClassVar[EventType] = EventType("receipt", "changed", "receipt")
    receipt: Receipt


class ListReceipts(Request):
    """Which receipts: a page of those that match."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    product_code: Code | None = None
    plant_code: Code | None = None
    status: ReceiptStatus | None = None
    expected_before: date | None = None


class GetReceipt(Request):
    """One receipt by id."""

    receipt_id: UUID


class CreateReceipt(Request):
    """Goods ordered elsewhere, to come on a day."""

    receipt_number: Code
    product_code: Code
    plant_code: Code
    quantity: Quantity
    expected_on: Day
    vendor_code: Code | None = None
    unit_cost: Money | None = None


class ReceiptChange(Request):
    """What may change while it is open; absent fields stay."""

    quantity: Quantity | None = None
    expected_on: Day | None = None
    vendor_code: Code | None = None


class UpdateReceipt(Request):
    """A change against the version the person saw."""

    receipt_id: UUID
    expected_version: int | None = None
    change: ReceiptChange


class ReceiveGoods(Request):
    """Goods arrived; with `is_last` the rest will not come."""

    receipt_id: UUID
    expected_version: int | None = None
    quantity: Amount
    location_code: Code
    lot_number: Code | None = None
    is_last: bool = False
    happened_at: Instant | None = None


class ActOnReceipt(Request):
    """Cancel what is still open of a receipt."""

    receipt_id: UUID
    expected_version: int | None = None
    reason: Text | None = None


class Discrepancy(AggregateState):
    """More was used than was there: stock stays at zero and a person has to count."""

    product_code: str
    plant_code: str
    location_code: str | None = None
    quantity_missing: Decimal
    production_order_id: UUID | None = None
    production_order_number: str | None = None
    status: Literal["open", "settled"]
    explanation: str
    created_at: Instant
    created_by: Actor
    updated_at: Instant
    updated_by: Actor


class StockDiscrepancyRecorded(EventPayload):
    """A miscount came to light, or was settled by a count."""

    EVENT: ClassVar[EventType] = EventType("stock", "discrepancy_recorded", "discrepancy")
    discrepancy: Discrepancy


class ListDiscrepancies(Request):
    """Miscounts, newest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    status: Literal["open", "settled"] | None = None
    product_code: Code | None = None


class GetGenealogy(Request):
    """Where a lot came from (`down`: what went into it) or went to (`up`), to the ends."""

    product_code: Code
    lot_number: Code
    direction: Literal["up", "down"]


class GenealogyLink(Frozen):
    """One component lot that went into one product lot; lots may be unknown."""

    level: int
    product_code: str
    lot_number: str | None = None
    component_code: str
    component_lot_number: str | None = None
    quantity: Decimal
    unit_code: str
    production_order_id: UUID
    production_order_number: str | None = None
    first_happened_at: Instant


class Genealogy(Frozen):
    """The chain of lots, nearest first (RULES 9)."""

    product_code: str
    lot_number: str
    direction: Literal["up", "down"]
    links: tuple[GenealogyLink, ...]


_READ = Permission.MATERIAL_READ
_MANAGE = Permission.MATERIAL_MANAGE
LIST_STOCK = Endpoint("planning", "stock", "list", ListStock, Page[Stock], _READ)
GET_STOCK = Endpoint("planning", "stock", "get", GetStock, Stock, _READ)
LIST_STOCK_MOVEMENTS = Endpoint(
    "planning", "stock_movement", "list", ListStockMovements, Page[StockMovement], _READ
)
POST_STOCK_MOVEMENT = Endpoint(
    "planning", "stock_movement", "create", PostStockMovement, Stock, _MANAGE, "write", 201
)
IMPORT_STOCK = Endpoint(
    "planning", "stock", "import", ImportMasterData, ImportReport, _MANAGE, "write"
)
LIST_DISCREPANCIES = Endpoint(
    "planning", "discrepancy", "list", ListDiscrepancies, Page[Discrepancy], _READ
)
LIST_RECEIPTS = Endpoint("planning", "receipt", "list", ListReceipts, Page[Receipt], _READ)
GET_RECEIPT = Endpoint("planning", "receipt", "get", GetReceipt, Receipt, _READ)
CREATE_RECEIPT = Endpoint(
    "planning", "receipt", "create", CreateReceipt, Receipt, _MANAGE, "write", 201
)
UPDATE_RECEIPT = Endpoint("planning", "receipt", "update", UpdateReceipt, Receipt, _MANAGE, "write")
RECEIVE_GOODS = Endpoint("planning", "receipt", "receive", ReceiveGoods, Receipt, _MANAGE, "write")
CANCEL_RECEIPT = Endpoint("planning", "receipt", "cancel", ActOnReceipt, Receipt, _MANAGE, "write")
IMPORT_RECEIPTS = Endpoint(
    "planning", "receipt", "import", ImportMasterData, ImportReport, _MANAGE, "write"
)
GET_GENEALOGY = Endpoint("planning", "genealogy", "get", GetGenealogy, Genealogy, _READ)
