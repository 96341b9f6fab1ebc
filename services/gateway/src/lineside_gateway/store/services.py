"""The services behind the gateway, asked over NATS."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import nats.errors
from nats.aio.client import Client

from lineside_chassis import asking
from lineside_chassis.asking import Answer
from lineside_chassis.unit_of_work import Context
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.problems import ProblemCode
from lineside_gateway.domain import refusals
from lineside_gateway.domain.identity import Identity

NOT_CONNECTED = "The services cannot be reached now; try again soon."


@dataclass(frozen=True, slots=True)
class Asker:
    """On whose behalf, and in which conversation, something is asked."""

    identity: Identity
    correlation_id: UUID
    trace_parent: str
    idempotency_key: str | None = None

    def context(self) -> Context:
        """Write it the way services read it."""
        return Context(
            tenant_id=self.identity.tenant_id,
            actor_id=str(self.identity.user_id),
            actor_name=self.identity.name,
            permissions=self.identity.permissions,
            plants=self.identity.plants,
            correlation_id=self.correlation_id,
            causation_id=None,
            trace_parent=self.trace_parent,
        )


class Connection:
    """The process's connection to NATS, once there is one."""

    def __init__(self, current: Callable[[], Client | None]) -> None:
        self._current = current

    @property
    def is_up(self) -> bool:
        """Whether something can be asked right now."""
        client = self._current()
        return client is not None and client.is_connected

    def client(self) -> Client:
        """Get it.

        Raises:
            Refused: There is none at the moment.
        """
        client = self._current()
        if client is None or not client.is_connected:
            raise refusals.unavailable(NOT_CONNECTED)
        return client


class Services:
    """Asks the services."""

    def __init__(self, connection: Connection, *, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds

    async def ask(
        self,
        endpoint: Endpoint[Any, Any],
        body: bytes,
        asker: Asker,
        *,
        seconds: float | None = None,
    ) -> Answer:
        """Ask and wait for the answer, whatever it is.

        Raises:
            Refused: Nobody is there to answer, or nobody did in time.
        """
        try:
            return await asking.ask(
                self._connection.client(),
                endpoint,
                body,
                context=asker.context(),
                idempotency_key=asker.idempotency_key if endpoint.kind == "write" else None,
                timeout_seconds=seconds or self._seconds,
            )
        except nats.errors.NoRespondersError:
            raise refusals.unavailable(
                f"The service {endpoint.service} is not there now; try again soon."
            ) from None
        except nats.errors.MaxPayloadError:
            raise refusals.refuse(
                ProblemCode.PAYLOAD_TOO_LARGE, "The request is larger than a message may be."
            ) from None
        except (nats.errors.Error, TimeoutError, OSError):
            raise refusals.unavailable(_late(endpoint)) from None


def _late(endpoint: Endpoint[Any, Any]) -> str:
    told = f"The service {endpoint.service} has not answered in time."
    if endpoint.kind == "read":
        return told
    return f"{told} It may have been done: repeat it with the same Idempotency-Key to be sure."
