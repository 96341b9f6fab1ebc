"""Events in: each consumer's durable name is a constant here, since it is a place in the stream."""

from lineside_chassis.consumers import Consumer
from lineside_chassis.database import Database
from lineside_contracts import streams
from lineside_routing.handlers import master, orders, progress, recovery
from lineside_routing.store.templates import TemplateCache

ORDERS = "routing-orders"
RECOVERY = "routing-recovery"
MASTER = "routing-master"
PROGRESS = "routing-progress"


def consumers(database: Database, cache: TemplateCache) -> list[Consumer]:
    """Everything routing listens to."""
    on_orders = Consumer(ORDERS)
    orders.listen(on_orders, cache)
    on_recovery = Consumer(RECOVERY)
    recovery.listen(on_recovery, database, cache)
    on_master = Consumer(MASTER, stream=streams.MASTER_DATA)
    master.listen(on_master, database, cache)
    on_progress = Consumer(PROGRESS)
    progress.listen(on_progress)
    return [on_orders, on_recovery, on_master, on_progress]
