"""Routing's answers in: orders are routed, held, or come back from their hold.

Where materials and capacity answered an expansion before this consumer heard of it, nobody else
would come back to the order: it is released here, by the same rule as in `readiness`.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.routing import Expansion, RoutingExpanded, RoutingFailed
from lineside_planning.orders.domain import (
    openings,
    orders as deciding,
    readiness,
    routing_answers,
)
from lineside_planning.orders.domain.facts import ProductFacts
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_planning.orders.domain.sealing import Change
from lineside_planning.orders.store import facts, orders

PLANNING_ROUTING = "planning-routing"


def consumer() -> Consumer:
    """Build the consumer of routing's answers."""
    consumer = Consumer(PLANNING_ROUTING)
    consumer.on_batch(RoutingExpanded, RoutingFailed)(on_routing_answered)
    return consumer


async def on_routing_answered(uow: UnitOfWork, events: Sequence[Received[Any]]) -> None:
    """Take the newest answer to each order into the order."""
    ids = [event.payload.expansion.id for event in events]
    known, releases = await orders.lock_with_policy(uow, ids)
    products = await _products_that_appeared(uow, known)
    for event in events:
        answer: Expansion = event.payload.expansion
        order = known.get(answer.id)
        if order is None:
            continue
        after = _met(order, products)
        if after is order and not routing_answers.is_outdated(order, answer):
            if isinstance(event.payload, RoutingExpanded):
                routed = routing_answers.expanded(order, answer)
                after = readiness.release_if_ready(routed, releases=releases)
            else:
                after = routing_answers.failed(order, answer)
        orders.change(uow, Change(order, after), caused_by=event.envelope)


async def _products_that_appeared(
    uow: UnitOfWork, known: Mapping[UUID, PlannedOrder]
) -> dict[str, ProductFacts]:
    """A product may have come between loading it and committing its order; look once more."""
    codes = [o.state.product_code for o in known.values() if deciding.waits_for_product(o)]
    if not codes:
        return {}
    return (await facts.load(uow, product_codes=codes, project_numbers=[])).products


def _met(order: PlannedOrder, products: Mapping[str, ProductFacts]) -> PlannedOrder:
    product = products.get(order.state.product_code)
    if product is None or not deciding.waits_for_product(order):
        return order
    return openings.meet_product(order, product)
