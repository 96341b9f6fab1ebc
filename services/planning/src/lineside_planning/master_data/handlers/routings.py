"""Routings in: the active templates, for promises and for rolled-up costs."""

from collections.abc import Sequence

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.routing import RoutingTemplateActivated, RoutingTemplateRetired
from lineside_planning.master_data.store import routings

PLANNING_ROUTINGS = "planning-routings"


def consumer() -> Consumer:
    """Build the consumer of routing templates."""
    consumer = Consumer(PLANNING_ROUTINGS)
    consumer.on_batch(RoutingTemplateActivated, RoutingTemplateRetired)(on_routing_template)
    return consumer


async def on_routing_template(
    uow: UnitOfWork,
    events: Sequence[Received[RoutingTemplateActivated] | Received[RoutingTemplateRetired]],
) -> None:
    """Keep templates as they are; retired ones make nothing any more."""
    routings.keep(uow, [event.payload.routing_template for event in events])
