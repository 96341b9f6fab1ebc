"""The consumer of business events: orders and expansions first, then what the floor did."""

from lineside_chassis.consumers import Consumer
from lineside_contracts.planning import (
    PlannedOrderFirmed,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCompleted,
    ProductionOrderCreated,
    ProductionOrderReleased,
    ProductionOrderStatusChanged,
)
from lineside_contracts.routing import RoutingExpanded
from lineside_contracts.shopfloor import ProductionLogRecorded
from lineside_planning.materials.handlers import completions, firmed, logs, orders

PLANNING_MATERIALS = "planning-materials"


def consumer() -> Consumer:
    """Build the consumer of orders, expansions, firmed proposals and the floor."""
    consumer = Consumer(PLANNING_MATERIALS)
    consumer.on_batch(
        RoutingExpanded,
        ProductionOrderCreated,
        ProductionOrderChanged,
        ProductionOrderReleased,
        ProductionOrderStatusChanged,
        ProductionOrderCancelled,
        ProductionOrderCompleted,
    )(orders.on_orders)
    consumer.on_batch(RoutingExpanded)(logs.on_expanded_late)
    consumer.on_batch(ProductionLogRecorded, reduce=False)(logs.on_production_logs)
    consumer.on_batch(
        ProductionOrderCompleted, ProductionOrderStatusChanged, ProductionOrderChanged
    )(completions.on_orders_finished)
    consumer.on_batch(PlannedOrderFirmed)(firmed.on_planned_orders_firmed)
    return consumer
