"""Composition root: the only place that builds things."""

from lineside_chassis.clock import SYSTEM_CLOCK, Clock
from lineside_chassis.database import Database
from lineside_chassis.service import Service
from lineside_predictions import requests
from lineside_predictions.handlers import master, mornings, orders, reality, recalculating
from lineside_predictions.settings import Settings

SERVICE = "predictions"


def build(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Service:
    """Put the service together without any I/O."""
    return Service(
        name=SERVICE,
        settings=settings,
        database=Database(
            settings.database_url, service=SERVICE, pool_size=settings.pool_size, clock=clock
        ),
        consumers=(
            orders.consumer(),
            reality.consumer(slot_seconds=settings.recalculation_seconds),
            recalculating.consumer(),
            mornings.consumer(),
            master.consumer(),
        ),
        requests=(requests.requests(),),
    )
