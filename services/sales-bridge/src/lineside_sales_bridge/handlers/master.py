"""Master data of others in: tenants, products, plants, calendars, units, as orders need them."""

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Received
from lineside_contracts.planning import (
    CalendarChanged,
    ProductChanged,
    TenantChanged,
    UnitChanged,
)
from lineside_contracts.shopfloor import PlantChanged
from lineside_sales_bridge.store import references

MASTER_CONSUMER = "sales-bridge-master"


def consumer() -> Consumer:
    """What is projected."""
    master = Consumer(MASTER_CONSUMER, stream=streams.MASTER_DATA)
    master.on_batch(TenantChanged)(on_tenant_changed)
    master.on_batch(ProductChanged)(on_product_changed)
    master.on_batch(PlantChanged)(on_plant_changed)
    master.on_batch(CalendarChanged)(on_calendar_changed)
    master.on_batch(UnitChanged)(on_unit_changed)
    return master


async def on_tenant_changed(uow: UnitOfWork, events: list[Received[TenantChanged]]) -> None:
    """Remember that a tenant is there, and whether it is active.

    A tenant speaks for itself only: its id is the tenant the event belongs to.
    """
    states = [event.payload.tenant for event in events if event.payload.tenant.id == uow.tenant_id]
    references.save_tenants(uow, states)


async def on_product_changed(uow: UnitOfWork, events: list[Received[ProductChanged]]) -> None:
    """Remember what a product is counted in, where it is made, and whether it may be ordered."""
    references.save_products(uow, [event.payload.product for event in events])


async def on_plant_changed(uow: UnitOfWork, events: list[Received[PlantChanged]]) -> None:
    """Remember the zone a plant's days are in, and its calendar."""
    references.save_plants(uow, [event.payload.plant for event in events])


async def on_calendar_changed(uow: UnitOfWork, events: list[Received[CalendarChanged]]) -> None:
    """Remember on which days people work: a promise is one of them."""
    references.save_calendars(uow, [event.payload.calendar for event in events])


async def on_unit_changed(uow: UnitOfWork, events: list[Received[UnitChanged]]) -> None:
    """Remember the units a tenant defined."""
    references.save_units(uow, [event.payload.unit for event in events])
