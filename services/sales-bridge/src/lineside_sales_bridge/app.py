"""Composition root: the only place that builds things."""

from lineside_chassis.clock import SYSTEM_CLOCK, Clock
from lineside_chassis.database import Database
from lineside_chassis.service import Service
from lineside_sales_bridge import handlers, requests
from lineside_sales_bridge.handlers import callbacks
from lineside_sales_bridge.requests import webhook
from lineside_sales_bridge.settings import Settings


def build(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Service:
    """Put the service together without any I/O."""
    database = Database(
        settings.database_url, service=requests.SERVICE, pool_size=settings.pool_size, clock=clock
    )
    return Service(
        name=requests.SERVICE,
        settings=settings,
        database=database,
        consumers=handlers.consumers(clock),
        requests=(requests.requests(database),),
        http_routes=webhook.routes(database, clock),
        background=(
            callbacks.courier(
                database,
                clock,
                patience=callbacks.Patience(
                    settings.callback_retry_seconds, settings.callback_timeout_seconds
                ),
            ),
        ),
    )
