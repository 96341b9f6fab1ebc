"""What there is to serve needs with: stock, receipts, requisitions, and who holds how much of them.

The bench's half that looks at supply; the other half, `bench`, looks at orders.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lineside_contracts.values import Actor
from lineside_planning.materials.domain.movements import PoolKey

NOTHING = Decimal(0)


@dataclass(slots=True)
class Pool:
    """Stock of a product in a plant.

    Attributes:
        is_recorded: Whether anything was ever counted or received there.
        open_elsewhere: What requirements that are not on the bench lack (RULES 16, physical).
        replenished_elsewhere: What requisitions are to buy for requirements not on the bench.
    """

    id: UUID
    product_code: str
    plant_code: str
    unit_code: str
    decimals: int
    on_hand: Decimal = NOTHING
    allocated: Decimal = NOTHING
    blocked: Decimal = NOTHING
    is_recorded: bool = False
    version: int = 0
    product_name: str | None = None
    safety_stock: Decimal = NOTHING
    open_elsewhere: Decimal = NOTHING
    replenished_elsewhere: Decimal = NOTHING

    @property
    def key(self) -> PoolKey:
        """Its name."""
        return PoolKey(self.product_code, self.plant_code)

    @property
    def free(self) -> Decimal:
        """Nettable and allocated to nobody."""
        return self.on_hand - self.allocated


@dataclass(slots=True)
class Allocation:
    """What somebody holds: of a receipt, else of the pool's stock; nobody else counts it.

    Attributes:
        requirement_id: For which need; None: finished goods kept for the order they were made for.
        quantity: 0 means it is given back.
    """

    id: UUID
    order_id: UUID
    requirement_id: UUID | None
    receipt_id: UUID | None
    product_code: str
    plant_code: str
    quantity: Decimal


@dataclass(slots=True)
class Peg:
    """Whom a share of a requisition is for; without an order for stock, from MRP."""

    id: UUID
    requisition_id: UUID
    order_id: UUID | None
    order_number: str | None
    requirement_id: UUID | None
    planned_order_id: UUID | None
    quantity: Decimal


@dataclass(slots=True)
class Receipt:
    """Goods that are on their way."""

    id: UUID
    number: str
    product_code: str
    plant_code: str
    unit_code: str
    quantity: Decimal
    expected_on: date
    status: str
    created_at: datetime
    created_by: Actor
    updated_at: datetime
    updated_by: Actor
    received: Decimal = NOTHING
    allocated: Decimal = NOTHING
    version: int = 0
    vendor_code: str | None = None
    unit_cost: Decimal | None = None
    requisition_id: UUID | None = None

    @property
    def pool_key(self) -> PoolKey:
        """Where it will lie."""
        return PoolKey(self.product_code, self.plant_code)

    @property
    def open_quantity(self) -> Decimal:
        """What is still to come."""
        if self.status != "open":
            return NOTHING
        return max(NOTHING, self.quantity - self.received)

    @property
    def free(self) -> Decimal:
        """To come and allocated to nobody."""
        return self.open_quantity - self.allocated


@dataclass(slots=True)
class Requisition:
    """A part to buy by a day, consolidated while it is open."""

    id: UUID
    number: str
    status: str
    product_code: str
    product_name: str | None
    plant_code: str
    needed_on: date
    arrive_on: date
    order_by: date
    is_late: bool
    quantity_needed: Decimal
    quantity: Decimal
    unit_code: str
    decimals: int
    lead_time_days: int
    created_at: datetime
    created_by: Actor
    updated_at: datetime
    updated_by: Actor
    version: int = 0
    vendor_code: str | None = None
    purchase_quantity: Decimal | None = None
    purchase_unit_code: str | None = None
    unit_cost: Decimal | None = None
    explanation: tuple[str, ...] = ()
    purchase_order_number: str | None = None
    receipt_id: UUID | None = None
    pegs: list[Peg] = field(default_factory=list)

    @property
    def pool_key(self) -> PoolKey:
        """Where the goods will lie."""
        return PoolKey(self.product_code, self.plant_code)
