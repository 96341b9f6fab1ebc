"""Products in: orders that waited for theirs go and look for a routing."""

from collections.abc import Sequence

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Received
from lineside_contracts.planning import ProductChanged
from lineside_planning.orders.domain import openings, orders as deciding
from lineside_planning.orders.domain.sealing import Change
from lineside_planning.orders.store import facts, orders

PLANNING_PRODUCTS = "planning-products"


def consumer() -> Consumer:
    """Build the consumer of products."""
    consumer = Consumer(PLANNING_PRODUCTS, stream=streams.MASTER_DATA)
    consumer.on_batch(ProductChanged)(on_product_changed)
    return consumer


async def on_product_changed(uow: UnitOfWork, events: Sequence[Received[ProductChanged]]) -> None:
    """Let the orders of a product that has become known look for their routing."""
    causes = {event.payload.product.product_code: event.envelope for event in events}
    held = await orders.lock_held_for_products(uow, list(causes))
    waiting = [order for order in held if deciding.waits_for_product(order)]
    if not waiting:
        return
    codes = [order.state.product_code for order in waiting]
    known = (await facts.load(uow, product_codes=codes, project_numbers=[])).products
    for order in waiting:
        code = order.state.product_code
        if code in known:
            change = Change(order, openings.meet_product(order, known[code]))
            orders.change(uow, change, caused_by=causes[code])
