"""Sales orders: what sales systems send, what the bridge makes of it, what it answers."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import Fault
from lineside_contracts.values import (
    Code,
    Day,
    Frozen,
    Instant,
    Money,
    Name,
    Percentage,
    Priority,
    Quantity,
    Request,
    Text,
    Whole,
)


class Customer(Frozen):
    """Who ordered."""

    code: Code
    name: Name | None = None


class ProjectReference(Frozen):
    """The customer project an order belongs to."""

    number: Code
    name: Name | None = None


class SalesDocumentLine(Frozen):
    """One line as the sales system wrote it, in its own unit."""

    line_number: Annotated[Whole, Field(ge=1, le=999_999)]
    product_code: Code
    quantity: Quantity
    unit: Code
    due_date: Day
    description: Text | None = None
    unit_price: Money | None = None
    over_delivery_percentage: Percentage = Decimal(0)
    under_delivery_percentage: Percentage = Decimal(0)


class SalesDocument(Frozen):
    """Lineside's own JSON: the least a sales system must send; unknown fields are ignored."""

    tenant_id: UUID | None = None
    order_number: Code
    revision: Annotated[Whole, Field(ge=1, le=1_000_000)] = 1
    confirmed_at: Instant
    customer: Customer
    project: ProjectReference | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    priority: Priority = Priority.MEDIUM
    lines: Annotated[tuple[SalesDocumentLine, ...], Field(max_length=2000)]


class SalesCancellation(Frozen):
    """A whole order is called off."""

    tenant_id: UUID | None = None
    order_number: Code
    revision: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = None
    reason: Text | None = None


class SalesOrderStatus(StrEnum):
    """Where an order stands between us and the sales system."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    FULFILLED = "fulfilled"


class SalesOrderLine(Frozen):
    """One accepted line; `quantity` is exact in the product's stock unit."""

    line_number: int
    product_code: str
    quantity: Decimal
    unit_code: str
    ordered_quantity: Decimal
    ordered_unit: str
    due_date: date
    description: str | None = None
    unit_price: Decimal | None = None
    over_delivery_percentage: Decimal = Decimal(0)
    under_delivery_percentage: Decimal = Decimal(0)


class SalesOrder(AggregateState):
    """The accepted order, canonical."""

    order_number: str
    revision: int
    confirmation_count: int = Field(
        default=1, description="2 after a cancellation and a reopening, and so on."
    )
    status: SalesOrderStatus
    confirmed_at: Instant
    customer: Customer
    project_number: str
    project_name: str
    currency: str | None = None
    priority: Priority
    lines: tuple[SalesOrderLine, ...]
    source: str = Field(description="nats, webhook:<source>, import or api")
    warnings: tuple[Fault, ...] = ()
    promised_date: date | None = None
    cancel_reason: str | None = None
    received_at: Instant


class SalesOrderConfirmed(EventPayload):
    """A sales order was accepted for the first time, or reopened."""

    EVENT: ClassVar[EventType] = EventType("sales.order", "confirmed", "sales_order")
    sales_order: SalesOrder


class SalesOrderAmended(EventPayload):
    """A higher revision replaced the order; the document is whole."""

    EVENT: ClassVar[EventType] = EventType("sales.order", "amended", "sales_order")
    sales_order: SalesOrder
    previous_revision: int


class SalesOrderCancelled(EventPayload):
    """The order was called off by the sales system."""

    EVENT: ClassVar[EventType] = EventType("sales.order", "cancelled", "sales_order")
    sales_order: SalesOrder


class SalesOrderAccepted(EventPayload):
    """Answer to the sales system: accepted, with the first promised date."""

    EVENT: ClassVar[EventType] = EventType("sales.order", "accepted", "sales_order")
    sales_order: SalesOrder


class SalesOrderPromiseChanged(EventPayload):
    """The promised date moved: the prediction crossed it, or a person decided (RULES 32)."""

    EVENT: ClassVar[EventType] = EventType("sales.order", "promise_changed", "sales_order")
    sales_order: SalesOrder
    previous_promised_date: date | None = None
    reason: str


class SalesOrderFulfilled(EventPayload):
    """Everything ordered is made."""

    EVENT: ClassVar[EventType] = EventType("sales.order", "fulfilled", "sales_order")
    sales_order: SalesOrder


class RejectedOrder(AggregateState):
    """A document that was refused, with every fault. Its id is the stored document's."""

    order_number: str | None = None
    revision: int | None = None
    code: str
    faults: tuple[Fault, ...]
    source: str
    received_at: Instant


class SalesOrderRejected(EventPayload):
    """A document was refused; the same document sent again is judged again."""

    EVENT: ClassVar[EventType] = EventType("sales.order", "rejected", "rejected_order")
    rejected_order: RejectedOrder


class SalesOrderAnswer(Frozen):
    """What the sender of a document is told at once."""

    status: str = Field(description="accepted, amended, cancelled, duplicate or rejected")
    order_number: str | None
    revision: int | None
    sales_order_id: UUID | None = None
    warnings: tuple[Fault, ...] = ()
    code: str | None = Field(default=None, description="Problem code of a refusal.")
    faults: tuple[Fault, ...] = ()


class SubmitSalesDocument(Request):
    """A document handed in over HTTP by an authenticated integration."""

    content_type: str = "application/json"
    document: str = Field(description="The document's text, exactly as it arrived.")


class ListSalesOrders(Request):
    """Which sales orders: a page of those that match, newest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    order_number: str | None = None
    status: SalesOrderStatus | None = None


class GetSalesOrder(Request):
    """One sales order by id."""

    sales_order_id: UUID


class ListRejectedOrders(Request):
    """The refused documents, newest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None


class ImportSalesOrders(Request):
    """A file of orders (CSV or JSON lines) in the object store; each order is judged alone."""

    object_name: str
    format: Annotated[str, Field(pattern="^(csv|jsonl)$")]


class SalesImportReport(Frozen):
    """What became of each order of a file."""

    order_count: int
    accepted_count: int
    duplicate_count: int
    rejected_count: int
    answers: tuple[SalesOrderAnswer, ...]


class PutWebhookSource(Request):
    """Register a sales system that posts to /webhooks/<tenant>/<source>."""

    source: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    secret: Annotated[str, Field(min_length=16, max_length=200)]
    is_active: bool = True
    callback_url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=500)] | None = Field(
        default=None, description="Where outcomes are posted, signed with the same secret."
    )


class WebhookSource(Frozen):
    """A registered sales system; its secret is never shown."""

    source: str
    is_active: bool
    callback_url: str | None = None
    updated_at: Instant


class ListWebhookSources(Request):
    """All registered sales systems."""


SUBMIT_SALES_DOCUMENT = Endpoint(
    "sales-bridge",
    "sales_order",
    "submit",
    SubmitSalesDocument,
    SalesOrderAnswer,
    Permission.SALES_INGEST,
    "write",
    201,
)
LIST_SALES_ORDERS = Endpoint(
    "sales-bridge",
    "sales_order",
    "list",
    ListSalesOrders,
    Page[SalesOrder],
    Permission.PROJECT_READ,
)
GET_SALES_ORDER = Endpoint(
    "sales-bridge", "sales_order", "get", GetSalesOrder, SalesOrder, Permission.PROJECT_READ
)
LIST_REJECTED_ORDERS = Endpoint(
    "sales-bridge",
    "rejected_order",
    "list",
    ListRejectedOrders,
    Page[RejectedOrder],
    Permission.PROJECT_READ,
)
IMPORT_SALES_ORDERS = Endpoint(
    "sales-bridge",
    "sales_order",
    "import",
    ImportSalesOrders,
    SalesImportReport,
    Permission.SALES_INGEST,
    "write",
)
PUT_WEBHOOK_SOURCE = Endpoint(
    "sales-bridge",
    "webhook_source",
    "put",
    PutWebhookSource,
    WebhookSource,
    Permission.MASTERDATA_MANAGE,
    "write",
)
LIST_WEBHOOK_SOURCES = Endpoint(
    "sales-bridge",
    "webhook_source",
    "list",
    ListWebhookSources,
    Page[WebhookSource],
    Permission.MASTERDATA_READ,
)
