"""The master data of a printing plant: what journeys order from.

Brochures go through printing, die cutting, folding and packaging; books have a cover branch; flyers
are printed only. All of it is written through the requests people make.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from lineside_contracts import planning, routing, shopfloor
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.routing import RoutingFields
from lineside_testkit import builders
from lineside_testkit.builders import BOOK, BROCHURE, PLANT

FLYER: Final = "FLYER-A5"
"""One operation at 98 %: 98 pieces need 100."""

_OPERATIONS: Final = (
    ("PRINT", "Printing", "fabrication", "PRESS"),
    ("PRINT-BLOCK", "Block printing", "fabrication", "PRESS"),
    ("PRINT-COVER", "Cover printing", "fabrication", "PRESS"),
    ("DIECUT", "Die cutting", "fabrication", "PRESS"),
    ("FOLD", "Folding", "fabrication", "PRESS"),
    ("BIND", "Binding", "assembly", "FINISHING"),
    ("PACK", "Packaging", "assembly", "FINISHING"),
)
_PRODUCTS: Final = (
    (BROCHURE, "Brochure A4"),
    (BOOK, "Book A5"),
    (FLYER, "Flyer A5"),
)
ROUTINGS: Final[Mapping[str, RoutingFields]] = {
    BROCHURE: builders.routing_fields(),
    BOOK: builders.routing_fields(
        routing_code="R-BOOK",
        routing_name="Book",
        product_code=BOOK,
        operations=builders.BOOK_OPERATIONS,
    ),
    FLYER: builders.routing_fields(
        routing_code="R-FLYER",
        routing_name="Flyer",
        product_code=FLYER,
        operations=[
            {"sequence_number": 10, "operation_code": "PRINT", "yield_percentage": "98"},
        ],
    ),
}
"""By product."""


def master_data(tenant_id: UUID, **tenant: Any) -> Iterator[tuple[Endpoint[Any, Any], BaseModel]]:
    """The requests that register a tenant and its plant, in an order that is accepted.

    Args:
        tenant_id: The tenant.
        tenant: Its settings, by field name, where not the usual ones.
    """
    code = f"T-{tenant_id.hex[-12:].upper()}"
    registered = {"tenant_code": code, "tenant_name": "Paper & Co", **tenant}
    yield planning.TENANTS.create, planning.TenantFields.model_validate(registered)
    plant = shopfloor.PlantFields(
        plant_code=PLANT, plant_name="Main works", time_zone="Europe/Berlin"
    )
    yield shopfloor.PLANTS.create, plant
    for work_center in ("PRESS", "FINISHING"):
        fields = builders.work_center_fields(work_center_code=work_center)
        yield routing.WORK_CENTERS.create, fields
    for code, name, kind, work_center in _OPERATIONS:
        operation = builders.operation_fields(
            operation_code=code,
            operation_name=name,
            operation_type=kind,
            work_center_code=work_center,
        )
        yield routing.OPERATIONS.create, operation
    for code, name in _PRODUCTS:
        product = builders.product_fields(product_code=code, product_name=name)
        yield planning.PRODUCTS.create, product
