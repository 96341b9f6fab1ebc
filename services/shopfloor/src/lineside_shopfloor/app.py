"""The composition root: the only place that builds things."""

from lineside_chassis.clock import SYSTEM_CLOCK, Clock
from lineside_chassis.database import Database
from lineside_chassis.requests import Requests
from lineside_chassis.service import Service
from lineside_shopfloor.places.handlers import master_data
from lineside_shopfloor.places.requests import places
from lineside_shopfloor.settings import Settings
from lineside_shopfloor.work_orders.handlers import expansions, production_orders
from lineside_shopfloor.work_orders.requests import work_orders

NAME = "shopfloor"


def build(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Service:
    """Put the service together, without any I/O."""
    requests = Requests(NAME)
    places.register(requests)
    work_orders.register(requests)
    return Service(
        name=NAME,
        settings=settings,
        database=Database(
            settings.database_url, service=NAME, pool_size=settings.pool_size, clock=clock
        ),
        consumers=[
            expansions.consumer(),
            production_orders.consumer(),
            master_data.consumer(),
        ],
        requests=[requests],
    )
