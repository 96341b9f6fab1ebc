"""Who stands behind an event of a batch: each event has an actor of its own."""

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.values import Actor
from lineside_shopfloor.places.domain.facts import Stamp

_SERVICE = "service:shopfloor"


def of(uow: UnitOfWork, envelope: Envelope) -> Stamp:
    """Stamp what an event leads to; the service itself where nobody is known."""
    actor_id = envelope.actor_id or _SERVICE
    return Stamp(at=uow.now, by=Actor(id=actor_id, name=envelope.actor_name or actor_id))
