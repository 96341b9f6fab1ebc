"""Orders that waited for a routing come back by themselves.

An activated template expands what waits for its product or category. An order may fail while the
template is being activated, each unseen by the other; so every failure is looked at a second time
when its own event comes round: by then it is committed, and either this look sees the template, or
the activation, later still, sees the order.

A template may have thousands of orders waiting: they are expanded in transactions of their own,
`CHUNK` at a time. What is done is no longer waiting, so an interrupted recovery simply goes on.
What is said then follows from the event that brought the order back (its causation) and belongs to
the order's own story (its correlation).
"""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.routing import RoutingFailed, RoutingTemplateActivated
from lineside_routing.domain.orders import Known
from lineside_routing.handlers import expanding
from lineside_routing.handlers.expanding import Wanted
from lineside_routing.store import expansions
from lineside_routing.store.expansions import Scope
from lineside_routing.store.templates import TemplateCache

CHUNK = 200
"""Orders per transaction."""


def listen(consumer: Consumer, database: Database, cache: TemplateCache) -> None:
    """Register what happens when a template is activated, and after a failure."""

    @consumer.on_batch(RoutingTemplateActivated)
    async def on_routing_template_activated(
        uow: UnitOfWork, events: list[Received[RoutingTemplateActivated]]
    ) -> None:
        routings = [event.payload.routing_template for event in events]
        scope = Scope(
            product_codes=[r.product_code for r in routings if r.product_code],
            categories=[
                r.product_category
                for r in routings
                if r.product_category and r.product_code is None
            ],
        )
        await recover(uow, scope, database, cache, cause=events[0].envelope)

    @consumer.on_batch(RoutingFailed)
    async def on_routing_failed(uow: UnitOfWork, events: list[Received[RoutingFailed]]) -> None:
        causes = {event.payload.expansion.id: event.envelope for event in events}
        scope = Scope(order_ids=list(causes))
        await recover(uow, scope, database, cache, cause=events[0].envelope, causes=causes)


async def recover(
    uow: UnitOfWork,
    scope: Scope,
    database: Database,
    cache: TemplateCache,
    *,
    cause: Envelope,
    causes: Mapping[UUID, Envelope] | None = None,
) -> None:
    """Try everything again that waits in a scope, in transactions of their own.

    Args:
        uow: On whose behalf.
        scope: What may work now.
        database: Where the transactions are opened.
        cache: The templates.
        cause: The event that brings them back, where
        causes: does not know one of the order itself.
    """
    after = None
    while True:
        async with database.unit_of_work(uow.context) as unit:
            orders = await expansions.waiting(unit, scope, after=after, limit=CHUNK)
            wanted = [
                Wanted(order.waiting_order, order, _own((causes or {}).get(order.id, cause), order))
                for order in orders
                if order.waiting_order is not None
            ]
            await expanding.expand_orders(unit, wanted, cache)
        if len(orders) < CHUNK:
            return
        after = orders[-1].id


def _own(cause: Envelope, order: Known) -> Envelope:
    """The event that brings an order back, under the correlation of what was asked for once."""
    return replace(cause, correlation_id=order.waiting_correlation_id or cause.correlation_id)
