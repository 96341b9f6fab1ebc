"""The composition root: the only place that builds things, without any I/O."""

from lineside_chassis.clock import SYSTEM_CLOCK, Clock
from lineside_chassis.database import Database
from lineside_chassis.service import Service
from lineside_routing import handlers, requests
from lineside_routing.settings import Settings
from lineside_routing.store.templates import TemplateCache

SERVICE = "routing"


def build(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Service:
    """Put the service together."""
    database = Database(
        settings.database_url, service=SERVICE, pool_size=settings.pool_size, clock=clock
    )
    cache = TemplateCache(max_operations=settings.cached_operations)
    return Service(
        name=SERVICE,
        settings=settings,
        database=database,
        consumers=handlers.consumers(database, cache),
        requests=[requests.answered()],
    )
