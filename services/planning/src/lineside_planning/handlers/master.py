"""Master data in: plants for their time zones, and products that orders are waiting for."""

from collections.abc import Sequence

from lineside_chassis import master_data
from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Received
from lineside_contracts.planning import ProductChanged
from lineside_contracts.shopfloor import Plant, PlantChanged
from lineside_planning import tables
from lineside_planning.domain import master_data as checking, openings, orders as deciding
from lineside_planning.domain.orders import Change
from lineside_planning.store import facts, orders

PLANNING_MASTER = "planning-master"


def consumer() -> Consumer:
    """Build the consumer of master data."""
    consumer = Consumer(PLANNING_MASTER, stream=streams.MASTER_DATA)
    consumer.on_batch(PlantChanged)(on_plant_changed)
    consumer.on_batch(ProductChanged)(on_product_changed)
    return consumer


async def on_plant_changed(uow: UnitOfWork, events: Sequence[Received[PlantChanged]]) -> None:
    """Keep the plants' time zones."""
    plants = [_with_valid_zone(event.payload.plant) for event in events]
    master_data.project_state(uow, tables.plants, plants, key=("id",))


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


def _with_valid_zone(plant: Plant) -> Plant:
    if checking.is_time_zone(plant.time_zone):
        return plant
    return plant.model_copy(update={"time_zone": "UTC"})
