"""Composition root: the only place of planning that builds things."""

from lineside_chassis.clock import SYSTEM_CLOCK, Clock
from lineside_chassis.database import Database
from lineside_chassis.requests import Requests
from lineside_chassis.service import Service
from lineside_planning.handlers import master, progress, routing, sales
from lineside_planning.requests import master_data, production_orders
from lineside_planning.settings import Settings

NAME = "planning"


def build(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Service:
    """Put planning together; nothing is connected yet."""
    requests = Requests(NAME)
    master_data.register(requests)
    production_orders.register(requests)
    return Service(
        name=NAME,
        settings=settings,
        database=Database(
            settings.database_url, service=NAME, pool_size=settings.pool_size, clock=clock
        ),
        consumers=[sales.consumer(), routing.consumer(), progress.consumer(), master.consumer()],
        requests=[requests],
    )
