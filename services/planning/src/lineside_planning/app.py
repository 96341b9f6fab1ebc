"""Composition root: the only place of planning that builds things."""

from lineside_chassis.clock import SYSTEM_CLOCK, Clock
from lineside_chassis.database import Database
from lineside_chassis.requests import Requests
from lineside_chassis.service import Service
from lineside_planning.master_data.handlers import places
from lineside_planning.master_data.requests import kinds
from lineside_planning.orders.handlers import products, progress, routing, sales
from lineside_planning.orders.requests import production_orders
from lineside_planning.orders.store import usage
from lineside_planning.settings import Settings

NAME = "planning"


def build(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Service:
    """Put planning together; nothing is connected yet."""
    requests = Requests(NAME)
    kinds.register(
        requests,
        kinds.UsedBy(
            product={"production orders": usage.orders_of_product},
            project={"production orders": usage.orders_of_project},
        ),
    )
    production_orders.register(requests)
    return Service(
        name=NAME,
        settings=settings,
        database=Database(
            settings.database_url, service=NAME, pool_size=settings.pool_size, clock=clock
        ),
        consumers=[
            places.consumer(),
            products.consumer(),
            sales.consumer(),
            routing.consumer(),
            progress.consumer(),
        ],
        requests=[requests],
    )
