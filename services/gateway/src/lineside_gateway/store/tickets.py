"""Single-use tickets for the WebSocket, in a NATS key-value bucket: any replica may redeem one.

A token in an address leaks into logs; a ticket there is void once used and half a minute later.
The bucket holds the identity under the ticket's hash; redeeming is a delete that names the
revision it read, which the broker lets only one of many win.
"""

import hashlib
import secrets

import nats.errors
import nats.js.errors
import orjson
from nats.js.kv import KeyValue

from lineside_contracts import streams
from lineside_gateway.domain import identity, refusals
from lineside_gateway.domain.identity import Identity
from lineside_gateway.domain.refusals import Refused
from lineside_gateway.store import tokens
from lineside_gateway.store.services import Connection

TICKET_BYTES = 32


class Tickets:
    """Issues and redeems tickets."""

    def __init__(self, connection: Connection, *, seconds: float) -> None:
        self._connection = connection
        self.seconds = seconds

    async def issue(self, who: Identity) -> str:
        """Make a ticket that stands for somebody, once.

        Raises:
            Refused: The bucket cannot be reached.
        """
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        try:
            bucket = await self._bucket()
            await bucket.create(_key(ticket), orjson.dumps(who.to_claims()))
        except (nats.errors.Error, TimeoutError, OSError):
            raise _away() from None
        return ticket

    async def redeem(self, ticket: str) -> Identity:
        """Take a ticket; nobody can take it again.

        Raises:
            Refused: There is no such ticket any more, or the bucket cannot be reached.
        """
        try:
            bucket = await self._bucket()
            entry = await bucket.get(_key(ticket))
            await bucket.delete(_key(ticket), last=entry.revision)
        except (nats.js.errors.NotFoundError, nats.js.errors.BadRequestError):
            raise tokens.unauthenticated("The ticket is used, expired or unknown.") from None
        except (nats.errors.Error, TimeoutError, OSError):
            raise _away() from None
        return identity.identity_of(orjson.loads(entry.value or b""))

    async def _bucket(self) -> KeyValue:
        return await self._connection.client().jetstream().key_value(streams.TICKETS_BUCKET)


def _key(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def _away() -> Refused:
    return refusals.unavailable("Tickets cannot be had or used now; try again soon.")
