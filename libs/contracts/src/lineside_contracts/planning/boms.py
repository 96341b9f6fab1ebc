"""Bills of material: versions, their lines, and what may be asked about them."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Done, Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.master_data import ImportMasterData, ImportReport
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import Fault
from lineside_contracts.values import (
    MAX_QUANTITY,
    Actor,
    Code,
    Day,
    Frozen,
    Instant,
    Number,
    Quantity,
    Request,
    Text,
)

MAX_LINES = 5000
"""The most lines one bill may have."""


class BomStatus(StrEnum):
    """draft → active → retired."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class BomLineFields(Request):
    """One component; validation judges it with all others, all faults at once.

    Of one `line_number` several entries may stand, effective one after the other.
    """

    line_number: Annotated[int, Field(ge=1, le=999_999)]
    component_code: Code
    quantity: Annotated[Number, Field(ge=-MAX_QUANTITY, le=MAX_QUANTITY, decimal_places=6)] = Field(
        description="Per base quantity of the bill; negative: a by-product (RULES 9)."
    )
    unit_code: Code | None = Field(default=None, description="Null: the component's stock unit.")
    is_fixed_quantity: bool = Field(
        default=False, description="Per order, whatever its quantity: plates, tools (RULES 21)."
    )
    component_scrap_percentage: Annotated[Number, Field(ge=0, le=100, decimal_places=4)] = Decimal(
        0
    )
    sequence_number: int | None = Field(
        default=None, description="The operation that consumes it; null: the first."
    )
    effective_from: Day | None = None
    effective_until: Day | None = Field(default=None, description="The last day it holds.")
    description: Text | None = None


class BomLine(BomLineFields):
    """A line of a stored bill."""

    model_config = Frozen.model_config
    id: UUID


class BomFields(Request):
    """A bill of material as people write it."""

    product_code: Code
    base_quantity: Quantity = Field(
        default=Decimal(1), description="The lines are for this many of the product."
    )
    effective_from: Day | None = None
    effective_until: Day | None = Field(default=None, description="The last day it holds.")
    description: Text | None = None
    lines: Annotated[tuple[BomLineFields, ...], Field(max_length=MAX_LINES)] = ()


class Bom(AggregateState):
    """One version of a product's bill of material with its lines."""

    product_code: str
    bom_version: int
    status: BomStatus
    base_quantity: Decimal
    effective_from: date | None = None
    effective_until: date | None = None
    description: str | None = None
    lines: tuple[BomLine, ...] = ()
    deleted: bool = False
    created_at: Instant
    created_by: Actor
    updated_at: Instant
    updated_by: Actor
    activated_at: Instant | None = None


class BomChanged(EventPayload):
    """A bill was made, changed, activated, retired or deleted."""

    EVENT: ClassVar[EventType] = EventType("bom", "changed", "bom")
    bom: Bom


class ListBoms(Request):
    """Which bills: a page of those that match."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    product_code: Code | None = None
    component_code: Code | None = Field(default=None, description="Where is it used?")
    status: BomStatus | None = None


class GetBom(Request):
    """One version by id."""

    bom_id: UUID


class UpdateBom(Request):
    """Replace a draft."""

    bom_id: UUID
    expected_version: int | None = None
    fields: BomFields


class ActOnBom(Request):
    """Validate, activate, retire, copy or delete one version."""

    bom_id: UUID
    expected_version: int | None = None


class BomValidation(Frozen):
    """Every fault of a bill at once; empty means it may be activated."""

    is_valid: bool
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


class ExplodeBom(Request):
    """What does a quantity take, down to what is bought? Nothing is netted, nothing stored."""

    product_code: Code
    quantity: Quantity
    on: Day | None = Field(default=None, description="Effectivity; null: today in the plant.")


class ExplosionLine(Frozen):
    """One component at one place of the structure, depth first."""

    level: int
    path: tuple[str, ...]
    component_code: str
    component_name: str | None = None
    quantity: Decimal = Field(description="Rounded up at the component's unit, once.")
    unit_code: str
    make_or_buy: str
    is_phantom: bool = False
    explanation: str


class BomExplosion(Frozen):
    """The structure, and what it takes in all."""

    product_code: str
    quantity: Decimal
    on: date
    lines: tuple[ExplosionLine, ...]
    warnings: tuple[Fault, ...] = ()


_READ = Permission.MASTERDATA_READ
_MANAGE = Permission.MASTERDATA_MANAGE
LIST_BOMS = Endpoint("planning", "bom", "list", ListBoms, Page[Bom], _READ)
GET_BOM = Endpoint("planning", "bom", "get", GetBom, Bom, _READ)
CREATE_BOM = Endpoint("planning", "bom", "create", BomFields, Bom, _MANAGE, "write", 201)
UPDATE_BOM = Endpoint("planning", "bom", "update", UpdateBom, Bom, _MANAGE, "write")
DELETE_BOM = Endpoint("planning", "bom", "delete", ActOnBom, Done, _MANAGE, "write")
VALIDATE_BOM = Endpoint("planning", "bom", "validate", ActOnBom, BomValidation, _READ)
ACTIVATE_BOM = Endpoint("planning", "bom", "activate", ActOnBom, Bom, _MANAGE, "write")
RETIRE_BOM = Endpoint("planning", "bom", "retire", ActOnBom, Bom, _MANAGE, "write")
COPY_BOM = Endpoint("planning", "bom", "copy", ActOnBom, Bom, _MANAGE, "write", 201)
IMPORT_BOMS = Endpoint(
    "planning", "bom", "import", ImportMasterData, ImportReport, _MANAGE, "write"
)
EXPLODE_BOM = Endpoint("planning", "bom", "explode", ExplodeBom, BomExplosion, _READ)
