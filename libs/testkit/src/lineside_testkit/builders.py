"""Common payloads with every field filled in; a test states only what its claim is about.

Fields are what people write (`…_fields`), states are what events carry. Every function takes
overrides by field name. The goods are a printing plant's: brochures and books of SPEC 6.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import (
    Calendar,
    CapacityPlan,
    MaterialPlan,
    Product,
    ProductFields,
    ProductionOrder,
    Project,
    Tenant,
)
from lineside_contracts.routing import (
    Operation,
    OperationFields,
    Routing,
    RoutingFields,
    WorkCenter,
    WorkCenterFields,
)
from lineside_contracts.sales import SalesOrder
from lineside_contracts.shopfloor import Plant
from lineside_contracts.values import Actor

M = TypeVar("M", bound=BaseModel)

AT: Final = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DUE_ON: Final = date(2026, 12, 15)
ACTOR: Final = Actor(id="0190b5c0-0000-7000-8000-000000000001", name="Toni Tester")
PLANT: Final = "MAIN"
BROCHURE: Final = "BROCHURE-A4"
BOOK: Final = "BOOK-A5"

_STAMPS: Final = {
    "version": 1,
    "created_at": AT,
    "created_by": ACTOR,
    "updated_at": AT,
    "updated_by": ACTOR,
}

BROCHURE_OPERATIONS: Final[tuple[dict[str, Any], ...]] = (
    {"sequence_number": 10, "operation_code": "PRINT", "yield_percentage": "98"},
    {"sequence_number": 20, "operation_code": "DIECUT", "yield_percentage": "99"},
    {"sequence_number": 30, "operation_code": "FOLD", "yield_percentage": "99.5"},
    {"sequence_number": 40, "operation_code": "PACK", "yield_percentage": "100"},
)
"""10,000 brochures need 10,361 · 10,153 · 10,051 · 10,000 (SPEC 6)."""

BOOK_OPERATIONS: Final[tuple[dict[str, Any], ...]] = (
    {
        "sequence_number": 10,
        "operation_code": "PRINT-BLOCK",
        "units_per_product": "4",
        "yield_percentage": "97",
        "setup_scrap_quantity": "150",
        "unit_code": "SHEET",
    },
    {
        "sequence_number": 20,
        "operation_code": "PRINT-COVER",
        "is_concurrent": True,
        "units_per_product": "0.25",
        "yield_percentage": "95",
        "setup_scrap_quantity": "60",
        "unit_code": "SHEET",
    },
    {
        "sequence_number": 30,
        "operation_code": "FOLD",
        "predecessor_sequence_number": 10,
        "units_per_product": "8",
        "yield_percentage": "99",
        "unit_code": "SIGNATURE",
    },
    {"sequence_number": 40, "operation_code": "BIND", "yield_percentage": "98"},
)
"""1,000 books: binding 1,021, folding 8,251, block 4,404, cover 330 (SPEC 6)."""


def tenant(tenant_id: UUID, **over: Any) -> Tenant:
    """A registered tenant; its state's id is the tenant id."""
    code = f"T-{tenant_id.hex[-12:].upper()}"
    return _made(Tenant, over, id=tenant_id, tenant_code=code, tenant_name="Paper & Co", **_STAMPS)


def plant(**over: Any) -> Plant:
    """A plant in Europe, so that daylight saving shows."""
    return _made(
        Plant,
        over,
        plant_code=PLANT,
        plant_name="Main works",
        time_zone="Europe/Berlin",
        **_STAMPS,
    )


def calendar(**over: Any) -> Calendar:
    """One shift from Monday to Friday."""
    shift = {"name": "day", "weekdays": [0, 1, 2, 3, 4], "start": "08:00", "end": "16:00"}
    return _made(
        Calendar, over, calendar_code="DAY", calendar_name="Day shift", shifts=[shift], **_STAMPS
    )


def product_fields(**over: Any) -> ProductFields:
    """A brochure made in house."""
    return _made(
        ProductFields,
        over,
        product_code=BROCHURE,
        product_name="Brochure A4",
        product_category="PRINT",
        plant_code=PLANT,
    )


def product(**over: Any) -> Product:
    """The state of a product."""
    return _made(Product, over, **product_fields().model_dump(), **_STAMPS)


def project(**over: Any) -> Project:
    """A customer project."""
    return _made(Project, over, project_number="P-1001", project_name="Autumn campaign", **_STAMPS)


def operation_fields(**over: Any) -> OperationFields:
    """A catalogue entry."""
    return _made(
        OperationFields,
        over,
        operation_code="PRINT",
        operation_name="Printing",
        operation_type="fabrication",
        default_setup_minutes="30",
        default_run_seconds_per_unit="0.36",
        work_center_code="PRESS",
    )


def operation(**over: Any) -> Operation:
    """The state of a catalogue entry."""
    return _made(Operation, over, **operation_fields().model_dump(), **_STAMPS)


def work_center_fields(**over: Any) -> WorkCenterFields:
    """A work center."""
    return _made(
        WorkCenterFields,
        over,
        work_center_code="PRESS",
        work_center_name="Offset presses",
        plant_code=PLANT,
    )


def work_center(**over: Any) -> WorkCenter:
    """The state of a work center."""
    return _made(WorkCenter, over, **work_center_fields().model_dump(), **_STAMPS)


def routing_fields(**over: Any) -> RoutingFields:
    """The brochure's routing."""
    return _made(
        RoutingFields,
        over,
        routing_code="R-BROCHURE",
        routing_name="Brochure",
        product_code=BROCHURE,
        operations=BROCHURE_OPERATIONS,
    )


def routing(**over: Any) -> Routing:
    """An active template version of the brochure's routing."""
    operations = [
        {"id": SYSTEM_CLOCK.new_id(), **fields}
        for fields in over.pop("operations", BROCHURE_OPERATIONS)
    ]
    return _made(
        Routing,
        over,
        routing_code="R-BROCHURE",
        routing_version=1,
        routing_name="Brochure",
        status="active",
        product_code=BROCHURE,
        operations=operations,
        activated_at=AT,
        **_STAMPS,
    )


def sales_order(**over: Any) -> SalesOrder:
    """An accepted order, as the bridge publishes it."""
    return _made(
        SalesOrder,
        over,
        version=1,
        order_number="SO-1001",
        revision=1,
        status="confirmed",
        confirmed_at=AT,
        customer={"code": "C-1", "name": "Customer One"},
        project_number="P-1001",
        project_name="Autumn campaign",
        priority="medium",
        lines=[sales_order_line()],
        source="nats",
        received_at=AT,
    )


def sales_order_line(**over: Any) -> dict[str, Any]:
    """One accepted line."""
    line = {
        "line_number": 1,
        "product_code": BROCHURE,
        "quantity": Decimal(10_000),
        "unit_code": "EA",
        "ordered_quantity": Decimal(10_000),
        "ordered_unit": "EA",
        "due_date": DUE_ON,
    }
    return line | over


def production_order(**over: Any) -> ProductionOrder:
    """A planned production order of 10,000 brochures."""
    return _made(
        ProductionOrder,
        over,
        production_order_number="MO-2026-000001",
        status="planned",
        project_id=SYSTEM_CLOCK.new_id(),
        project_number="P-1001",
        project_name="Autumn campaign",
        sales_order_id=SYSTEM_CLOCK.new_id(),
        sales_order_number="SO-1001",
        sales_line_number=1,
        sales_revision=1,
        product_code=BROCHURE,
        product_name="Brochure A4",
        product_category="PRINT",
        quantity_ordered=Decimal(10_000),
        unit_code="EA",
        unit_decimals=0,
        priority="medium",
        due_date=DUE_ON,
        plant_code=PLANT,
        **_STAMPS,
    )


def material_plan(order: ProductionOrder, **over: Any) -> MaterialPlan:
    """An order's materials, covered from stock."""
    return _made(
        MaterialPlan,
        over,
        id=order.id,
        version=1,
        production_order_number=order.production_order_number,
        product_code=order.product_code,
        quantity=order.quantity_ordered,
        priority=order.priority,
        due_date=order.due_date,
        plant_code=order.plant_code,
        order_status=order.status,
        planning_version=order.planning_version,
        expansion_version=max(order.expansion_version, 1),
        order_version=order.version,
        status="covered",
        planned_at=AT,
    )


def material_requirement(**over: Any) -> dict[str, Any]:
    """10,500 sheets of paper for the first operation, all in stock."""
    requirement = {
        "id": SYSTEM_CLOCK.new_id(),
        "component_code": "PAPER",
        "plant_code": PLANT,
        "unit_code": "SHEET",
        "unit_decimals": 0,
        "sequence_number": 10,
        "make_or_buy": "buy",
        "needed_quantity": Decimal(10_500),
        "needed_on": date(2026, 12, 10),
        "needed_at": datetime(2026, 12, 10, 5, 0, tzinfo=UTC),
        "exact_quantity": Decimal(10_500),
    }
    return requirement | over


def capacity_plan(order: ProductionOrder, **over: Any) -> CapacityPlan:
    """An order's capacity: feasible, done the day before it is due."""
    due_at = datetime(order.due_date.year, order.due_date.month, order.due_date.day, 21, tzinfo=UTC)
    return _made(
        CapacityPlan,
        over,
        id=order.id,
        version=1,
        production_order_number=order.production_order_number,
        product_code=order.product_code,
        plant_code=order.plant_code,
        due_date=order.due_date,
        due_at=due_at,
        planning_version=order.planning_version,
        expansion_version=max(order.expansion_version, 1),
        order_version=order.version,
        status="feasible",
        is_feasible=True,
        estimated_completion_at=due_at - timedelta(days=1),
        checked_at=AT,
    )


def _made(model: type[M], over: dict[str, Any], **defaults: Any) -> M:
    """Fill a model; an aggregate without an id gets one."""
    values = defaults | over
    if "id" in model.model_fields:
        values.setdefault("id", SYSTEM_CLOCK.new_id())
    return model.model_validate(values)
