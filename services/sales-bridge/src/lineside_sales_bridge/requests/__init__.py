"""Requests in: documents handed in, orders looked up, files imported, webhook sources kept."""

from lineside_chassis.database import Database
from lineside_chassis.requests import Requests
from lineside_sales_bridge.requests import documents, orders, webhook_sources

SERVICE = "sales-bridge"


def requests(database: Database) -> Requests:
    """What this service answers.

    Args:
        database: For what must be stored although the request itself is refused.
    """
    answered = Requests(SERVICE)
    documents.register(answered, database)
    orders.register(answered)
    webhook_sources.register(answered)
    return answered
