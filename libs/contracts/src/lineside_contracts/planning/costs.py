"""Costs of production orders: estimated, actual, work in process, variances."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.planning.production_orders import ProductionOrderStatus
from lineside_contracts.problems import Fault
from lineside_contracts.values import Code, Day, Frozen, Instant, Quantity, Request


class CostBreakdown(Frozen):
    """Money by kind, in the tenant's currency."""

    material: Decimal = Decimal(0)
    labour: Decimal = Decimal(0)
    machine: Decimal = Decimal(0)
    overhead: Decimal = Decimal(0)
    total: Decimal = Decimal(0)


class CostLine(Frozen):
    """One component or operation: what it should cost, what it did, and how that was computed."""

    kind: Literal["material", "labour", "machine", "overhead"]
    name: str = Field(description="The component, or the operation with its work center.")
    sequence_number: int | None = None
    quantity: Decimal = Field(description="Units of material, or hours.")
    unit_code: str
    rate: Decimal = Field(description="Money per unit or hour.")
    estimated: Decimal
    actual: Decimal = Decimal(0)
    explanation: str


class Variance(Frozen):
    """Why actual differs from estimated; favourable is negative."""

    kind: Literal["price", "usage", "rate", "efficiency", "scrap", "quantity"]
    amount: Decimal
    explanation: str


class ProductionCost(AggregateState):
    """The costs of one production order; its id is the order's id."""

    production_order_number: str
    product_code: str
    project_number: str
    plant_code: str | None = None
    quantity: Decimal
    unit_code: str
    currency: str
    order_status: ProductionOrderStatus
    estimated: CostBreakdown
    actual: CostBreakdown
    wip_value: Decimal = Field(description="Put in and not yet delivered to stock.")
    delivered_value: Decimal = Field(description="Delivered to stock at estimated cost.")
    scrap_value: Decimal = Decimal(0)
    variances: tuple[Variance, ...] = ()
    is_settled: bool = Field(default=False, description="Closed: variances are final, WIP is zero.")
    lines: tuple[CostLine, ...] = ()
    warnings: tuple[Fault, ...] = Field(default=(), description="Missing rates or standard costs.")
    calculated_at: Instant


class ProductionCostEstimated(EventPayload):
    """What an order should cost."""

    EVENT: ClassVar[EventType] = EventType("production_cost", "estimated", "production_cost")
    production_cost: ProductionCost


class WipChanged(EventPayload):
    """Work in process moved: something was put in or delivered. For finance systems."""

    EVENT: ClassVar[EventType] = EventType("production_cost", "wip_changed", "production_cost")
    production_cost: ProductionCost
    wip_change: Decimal
    kind: Literal["material", "operation", "delivery"]


class VariancesSettled(EventPayload):
    """The order is done: its variances are final."""

    EVENT: ClassVar[EventType] = EventType("production_cost", "settled", "production_cost")
    production_cost: ProductionCost


class GetProductionCost(Request):
    """The costs of one order."""

    production_order_id: UUID


class ListProductionCosts(Request):
    """Costs of orders, newest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    project_number: Code | None = None
    product_code: Code | None = None
    is_settled: bool | None = None


class GetProductCost(Request):
    """What a product costs by its bill and routing, rolled up level by level."""

    product_code: Code
    quantity: Quantity = Decimal(1)
    on: Day | None = None


class ProductCost(Frozen):
    """A roll-up: cost per piece and for the quantity, every line explained."""

    product_code: str
    quantity: Decimal
    unit_code: str
    currency: str
    cost: CostBreakdown
    unit_cost: Decimal
    lines: tuple[CostLine, ...]
    warnings: tuple[Fault, ...] = ()


_READ = Permission.COST_READ
GET_PRODUCTION_COST = Endpoint(
    "planning", "production_cost", "get", GetProductionCost, ProductionCost, _READ
)
LIST_PRODUCTION_COSTS = Endpoint(
    "planning", "production_cost", "list", ListProductionCosts, Page[ProductionCost], _READ
)
GET_PRODUCT_COST = Endpoint("planning", "product_cost", "get", GetProductCost, ProductCost, _READ)
