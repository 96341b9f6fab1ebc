"""Events and messages in: sales documents, predictions, and other services' master data."""

from lineside_chassis.clock import Clock
from lineside_chassis.consumers import Consumer
from lineside_chassis.ingress import RawConsumer
from lineside_sales_bridge.handlers import ingress, master, outcomes


def consumers(clock: Clock) -> tuple[Consumer | RawConsumer, ...]:
    """What this service hears."""
    return ingress.consumer(clock), outcomes.consumer(), master.consumer()
