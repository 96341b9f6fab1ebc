"""Orders and expansions in: what each order needs follows what it is.

NATS → `on_orders` → facts folded under the orders' locks → needs, allocation, requisitions,
children → material.planned and its companions, in one statement with the facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.planning import ProductionOrderCancelled
from lineside_contracts.routing import RoutingExpanded
from lineside_planning.materials.domain import orders as knowing
from lineside_planning.materials.domain.orders import OrderFacts
from lineside_planning.materials.store import orders, replanning
from lineside_planning.materials.store.replanning import Work


async def on_orders(uow: UnitOfWork, events: Sequence[Received[Any]]) -> None:
    """Take news of orders and their expansions in, and plan what has become due."""
    parents = _parents(events)
    named = {event.envelope.aggregate_id for event in events}
    known = await orders.lock(uow, named | set(parents.values()))
    folded = _fold(known, events)
    changed = {key: after for key, after in folded.items() if after is not known.get(key)}
    due = [after for key, after in changed.items() if knowing.is_due(known.get(key), after)]
    planned = {order.id: replace(order, is_planned=True) for order in due}
    orders.save(uow, [planned.get(key, after) for key, after in changed.items()], known)
    called_off = {
        child: parent
        for child, parent in parents.items()
        if parent in known and known[parent].is_planned and not folded[parent].is_final
    }
    if due or called_off:
        await replanning.replan(uow, _work(events, due, called_off))


def _work(
    events: Sequence[Received[Any]], due: Sequence[OrderFacts], called_off: Mapping[UUID, UUID]
) -> Work:
    causes: dict[UUID, Envelope] = {event.envelope.aggregate_id: event.envelope for event in events}
    causes |= {p: causes[child] for child, p in called_off.items() if p not in causes}
    ids = {order.id for order in due}
    return Work(
        orders=due,
        causes=causes,
        beside=[parent for parent in set(called_off.values()) if parent not in ids],
        called_off=frozenset(called_off),
    )


def _parents(events: Iterable[Received[Any]]) -> dict[UUID, UUID]:
    """Children that were called off, and whose they are."""
    return {
        event.payload.production_order.id: event.payload.production_order.parent_order_id
        for event in events
        if isinstance(event.payload, ProductionOrderCancelled)
        and event.payload.production_order.parent_order_id is not None
    }


def _fold(
    known: Mapping[UUID, OrderFacts], events: Iterable[Received[Any]]
) -> dict[UUID, OrderFacts]:
    folded = dict(known)
    for event in events:
        before = folded.get(event.envelope.aggregate_id)
        if isinstance(event.payload, RoutingExpanded):
            after = knowing.follow_expansion(before, event.payload.expansion)
        else:
            after = knowing.follow_order(before, event.payload.production_order)
        if after is not None:
            folded[after.id] = after
    return folded
