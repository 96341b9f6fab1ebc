"""Requests about bills of material: editing, the life of a version, imports, explosions."""

from lineside_chassis.requests import Requests
from lineside_planning.master_data.requests.boms import editing, explosions, filing, lifecycle


def register(requests: Requests) -> None:
    """Answer all of them."""
    editing.register(requests)
    lifecycle.register(requests)
    filing.register(requests)
    explosions.register(requests)
