"""Questions and commands in, from the gateway: one transaction each."""

from lineside_chassis.requests import Requests
from lineside_routing.requests import expansions, imports, lifecycle, master, routings

SERVICE = "routing"


def answered() -> Requests:
    """Everything routing answers."""
    requests = Requests(SERVICE)
    master.register(requests)
    routings.register(requests)
    lifecycle.register(requests)
    imports.register(requests)
    expansions.register(requests)
    return requests
