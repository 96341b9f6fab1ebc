"""Other services' master data in: small copies, newest version wins.

A product that gets a category may have its routing now. The copy is committed first, so that an
order failing at the same moment finds it when it is looked at again (see `recovery`).
"""

from lineside_chassis.consumers import Consumer
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.planning import ProductChanged, UnitChanged
from lineside_contracts.shopfloor import PlantChanged
from lineside_routing.handlers import recovery
from lineside_routing.store import projections
from lineside_routing.store.expansions import Scope
from lineside_routing.store.templates import TemplateCache


def listen(consumer: Consumer, database: Database, cache: TemplateCache) -> None:
    """Register what happens on changes of products, plants and units."""

    @consumer.on_batch(ProductChanged)
    async def on_product_changed(uow: UnitOfWork, events: list[Received[ProductChanged]]) -> None:
        products = [event.payload.product for event in events]
        async with database.unit_of_work(uow.context) as first:
            projections.keep_products(first, products)
        scope = Scope(product_codes=[product.product_code for product in products])
        await recovery.recover(uow, scope, database, cache, cause=events[0].envelope)

    @consumer.on_batch(PlantChanged)
    async def on_plant_changed(uow: UnitOfWork, events: list[Received[PlantChanged]]) -> None:
        projections.keep_plants(uow, [event.payload.plant for event in events])

    @consumer.on_batch(UnitChanged)
    async def on_unit_changed(uow: UnitOfWork, events: list[Received[UnitChanged]]) -> None:
        projections.keep_units(uow, [event.payload.unit for event in events])
