"""Production orders in: each is expanded once per planning version, whatever comes when.

`production_order.created | changed | cancelled` → newest state per order → `domain.orders.asked` →
expansion or cancellation → `routing.expanded` or `routing.failed`.
"""

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.planning import (
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCreated,
)
from lineside_routing.domain.orders import Ask, Known, asked, facts_of
from lineside_routing.handlers import expanding
from lineside_routing.handlers.expanding import Wanted
from lineside_routing.store import expansions
from lineside_routing.store.templates import TemplateCache

OrderEvent = Received[ProductionOrderCreated | ProductionOrderChanged | ProductionOrderCancelled]


def listen(consumer: Consumer, cache: TemplateCache) -> None:
    """Register what happens on events of production orders."""

    @consumer.on_batch(ProductionOrderCreated, ProductionOrderChanged, ProductionOrderCancelled)
    async def on_production_orders(uow: UnitOfWork, events: list[OrderEvent]) -> None:
        ids = [event.payload.production_order.id for event in events]
        known = await expansions.locked(uow, ids)
        wanted: list[Wanted] = []
        cancelled: list[Wanted] = []
        for event in events:
            order = event.payload.production_order
            found = known.get(order.id)
            ask = asked(order, found)
            if ask is not Ask.NOTHING:
                asking = cancelled if ask is Ask.CANCEL else wanted
                asking.append(Wanted(facts_of(order), found, event.envelope))
        await _cancel(uow, cancelled)
        await expanding.expand_orders(uow, wanted, cache)


async def _cancel(uow: UnitOfWork, orders: list[Wanted]) -> None:
    seen: list[Known] = [order.known for order in orders if order.known is not None]
    runs = await expansions.runs_of(uow, [known.id for known in seen])
    for order in orders:
        expansions.cancel(uow, order.facts, known=order.known)
    for stored in runs.values():
        expansions.cancel_runs(uow, list(stored.values()))
