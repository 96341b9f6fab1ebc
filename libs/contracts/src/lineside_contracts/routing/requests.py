"""Questions and commands about templates and expansions."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Done, Endpoint, Page
from lineside_contracts.master_data import (
    ImportMasterData,
    ImportReport,
)
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import Fault
from lineside_contracts.routing.templates import (
    Expansion,
    ProductionRun,
    Routing,
    RoutingFields,
    RoutingStatus,
)
from lineside_contracts.values import (
    Code,
    Frozen,
    Quantity,
    Request,
)


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
