"""What an event about a production order asks of routing, and what an expansion then says.

An expansion answers one planning version of an order. The same or an older version asks for
nothing, whatever the order of arrival; only a failed expansion is tried again with newer facts.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from lineside_contracts.planning import ProductionOrder, ProductionOrderStatus
from lineside_contracts.problems import Fault
from lineside_contracts.routing import Expansion, ExpansionOrder
from lineside_contracts.values import Frozen
from lineside_routing.domain.expansion import Expanded, Target
from lineside_routing.domain.templates import Template


class ExpansionStatus(StrEnum):
    """Where an expansion stands; failed ones wait for a routing, cancelled ones are final."""

    EXPANDED = "expanded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Ask(StrEnum):
    """What an event asks for."""

    NOTHING = "nothing"
    EXPAND = "expand"
    CANCEL = "cancel"


class OrderFacts(Frozen):
    """What an expansion needs of its order; kept while it waits for a routing."""

    order: ExpansionOrder
    order_version: int
    unit_decimals: int
    plant_code: str | None = None

    def target(self, default_plant_code: str | None) -> Target:
        """What is to be made; the product's own plant comes before the order's."""
        return Target(
            quantity=self.order.quantity,
            unit_code=self.order.unit_code,
            unit_decimals=self.unit_decimals,
            plant_code=default_plant_code or self.plant_code,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of an order's expansion; where it waits, the order and its correlation."""

    id: UUID
    version: int
    status: ExpansionStatus
    order_version: int
    planning_version: int
    product_category: str | None
    faults: tuple[Fault, ...]
    waiting_order: OrderFacts | None = None
    waiting_correlation_id: UUID | None = None


def asked(order: ProductionOrder, known: Known | None) -> Ask:
    """Decide what an order's newest state asks for.

    Args:
        order: The order as an event tells it, possibly late or again.
        known: Its expansion so far.
    """
    if known is not None and known.status is ExpansionStatus.CANCELLED:
        return Ask.NOTHING
    if order.status is ProductionOrderStatus.CANCELLED:
        return Ask.CANCEL
    if known is None or order.planning_version > known.planning_version:
        return Ask.EXPAND
    waits = known.status is ExpansionStatus.FAILED
    return Ask.EXPAND if waits and order.version > known.order_version else Ask.NOTHING


def facts_of(order: ProductionOrder) -> OrderFacts:
    """Take from an order's state what an expansion answers."""
    facts = {
        name: getattr(order, name)
        for name in ExpansionOrder.model_fields
        if name not in {"production_order_id", "quantity"}
    }
    return OrderFacts(
        order=ExpansionOrder(
            production_order_id=order.id, quantity=order.quantity_ordered, **facts
        ),
        order_version=order.version,
        unit_decimals=order.unit_decimals,
        plant_code=order.plant_code,
    )


def routing_missing(product_code: str, product_category: str | None) -> Fault:
    """No active routing fits the product."""
    rest = f", and neither has its category {product_category}" if product_category else ""
    return Fault(
        code="routing_missing",
        path="product_code",
        message=f"Product {product_code} has no active routing{rest}.",
        facts={"product_code": product_code, "product_category": product_category},
    )


def expansion_of(
    facts: OrderFacts,
    *,
    version: int,
    template: Template | None,
    outcome: Expanded | tuple[Fault, ...],
) -> Expansion:
    """Word an expansion, or its failure, as everybody reads it."""
    said: dict[str, Any] = {"plant_code": facts.plant_code}
    if isinstance(outcome, Expanded):
        said = {
            "plant_code": outcome.plant_code,
            "runs": outcome.runs,
            "warnings": outcome.warnings,
        }
    else:
        said["faults"] = outcome
    return Expansion(
        id=facts.order.production_order_id,
        version=version,
        order=facts.order,
        routing_id=template.routing_id if template else None,
        routing_code=template.routing_code if template else None,
        routing_version=template.routing_version if template else None,
        **said,
    )


def says_nothing_new(known: Known | None, facts: OrderFacts, faults: tuple[Fault, ...]) -> bool:
    """Whether a failure was announced already, for this planning version and these reasons."""
    return (
        known is not None
        and known.status is ExpansionStatus.FAILED
        and known.planning_version == facts.order.planning_version
        and known.faults == faults
    )
