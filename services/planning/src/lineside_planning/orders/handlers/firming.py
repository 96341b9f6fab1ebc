"""Firmed proposals in: what MRP proposed to make becomes a production order to stock."""

from collections import Counter
from collections.abc import Sequence

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.planning import PlannedOrderFirmed
from lineside_planning.orders.domain import facts as knowing, openings
from lineside_planning.orders.domain.openings import Birth
from lineside_planning.orders.store import facts, orders, reservations

PLANNING_FIRMING = "planning-firming"


def consumer() -> Consumer:
    """Build the consumer of firmed proposals."""
    consumer = Consumer(PLANNING_FIRMING)
    consumer.on_batch(PlannedOrderFirmed)(on_planned_order_firmed)
    return consumer


async def on_planned_order_firmed(
    uow: UnitOfWork, events: Sequence[Received[PlannedOrderFirmed]]
) -> None:
    """Make one order of each proposal to make; its id is the proposal's, so it is made once."""
    firmed = [event for event in events if event.payload.planned_order.make_or_buy == "make"]
    if not firmed:
        return
    there = await orders.lock(uow, [event.payload.planned_order.id for event in firmed])
    new = [event for event in firmed if event.payload.planned_order.id not in there]
    if not new:
        return
    codes = [event.payload.planned_order.product_code for event in new]
    stock = knowing.STOCK_PROJECT_NUMBER
    about = await facts.load(uow, product_codes=codes, project_numbers=[stock])
    series = [
        knowing.number_series(about.tenant, about.products.get(code), uow.now) for code in codes
    ]
    missing = [] if stock in about.projects else [reservations.stock_project(new[0].envelope)]
    reserved = await reservations.reserve(uow, Counter(series), missing)
    for event, counter in zip(new, series, strict=True):
        proposal = event.payload.planned_order
        birth = Birth(
            id=proposal.id,
            number=reserved.next_number(counter),
            project=(about.projects | reserved.projects)[stock],
            actor=uow.actor_of(event.envelope),
            now=uow.now,
        )
        product = about.products.get(proposal.product_code)
        order = openings.open_to_stock(proposal, birth=birth, product=product)
        orders.add(uow, order, caused_by=event.envelope)
