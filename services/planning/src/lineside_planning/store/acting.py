"""Who does something: the actor of the event that caused it, else whoever the unit acts for."""

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.values import Actor

ITSELF = Actor(id="service:planning", name="service:planning")


def actor_of(uow: UnitOfWork, caused_by: Envelope | None) -> Actor:
    """Name who did it; events of a batch have causes of their own."""
    if caused_by is None:
        return uow.actor
    if caused_by.actor_id is None:
        return ITSELF
    return Actor(id=caused_by.actor_id, name=caused_by.actor_name or caused_by.actor_id)
