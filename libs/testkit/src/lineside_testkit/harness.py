"""Services under test on real servers, and the hands a test needs: say, ask, look, wait."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from nats.aio.client import Client
from nats.js import JetStreamContext
from pydantic import BaseModel, TypeAdapter

from lineside_chassis import asking
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.unit_of_work import Context
from lineside_contracts import envelope, streams
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.envelope import Envelope, EventPayload, Payload, Received
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import Problem
from lineside_stack import catalogue, databases
from lineside_testkit import events as reading, installation, querying
from lineside_testkit.events import ACTOR_ID, ACTOR_NAME
from lineside_testkit.installation import Installation
from lineside_testkit.querying import Parameters
from lineside_testkit.servers import Servers

_SETTLE_POLL_SECONDS = 0.05
_FIRST_REFUSAL = 400


@dataclass(frozen=True)
class Answer:
    """What a service said to a request; `body` is the answer's model, or the problem."""

    status: int
    body: Any

    @property
    def problem(self) -> Problem:
        """The refusal.

        Raises:
            AssertionError: It was none.
        """
        if not isinstance(self.body, Problem):
            raise AssertionError(f"{self.status} is no refusal: {self.body!r}")  # noqa: TRY004
        return self.body


class Harness:
    """Some services with databases and a NATS account of their own.

    Where the worker has fewer accounts than harnesses, the one used last runs and the others
    pause; their databases are kept, their streams begin anew.
    """

    def __init__(self, installed: Installation) -> None:
        self.installation = installed

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        servers: Servers,
        *,
        services: Sequence[str],
        replicas: Mapping[str, int] | None = None,
        processes: bool = False,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> AsyncIterator[Self]:
        """Provision and run services; everything is removed at the end.

        Args:
            servers: The fixture `lineside_servers`.
            services: Names, e.g. "planning"; empty for a bare broker with its streams.
            replicas: How many instances of a service, where not one.
            processes: Run each instance as a process of its own.
            settings: Settings by service name, over the harness's own.
        """
        installed = Installation(
            servers,
            services=[catalogue.service(name) for name in services],
            replicas=replicas or {},
            processes=processes,
            settings=settings or {},
        )
        try:
            await installed.activate()
            yield cls(installed)
        finally:
            await installed.remove()

    def new_tenant(self) -> UUID:
        """A tenant nobody else uses."""
        return SYSTEM_CLOCK.new_id()

    async def client(self) -> Client:
        """The broker, as administrator."""
        return await self.installation.activate()

    async def jetstream(self) -> JetStreamContext:
        """JetStream, as administrator."""
        return (await self.client()).jetstream()

    async def publish(
        self,
        payload: EventPayload,
        *,
        tenant_id: UUID,
        caused_by: Envelope | None = None,
        event_id: UUID | None = None,
    ) -> Envelope:
        """Say an event on its canonical subject, as its publisher would.

        Args:
            payload: Id and version are those of its state.
            tenant_id: Whose it is.
            caused_by: The event whose correlation it carries.
            event_id: To say the same event again; a new one when None.
        """
        about = reading.envelope_of(
            payload, tenant_id=tenant_id, caused_by=caused_by, event_id=event_id
        )
        await self.publish_raw(
            envelope.subject_of(payload.EVENT, tenant_id, about.aggregate_id),
            envelope.encode_payload(payload),
            about.headers(),
        )
        return about

    async def publish_raw(
        self, subject: str, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        """Store any message in the stream that holds its subject."""
        js = await self.jetstream()
        await js.publish(subject, body, headers=headers)

    async def events(
        self,
        payload_type: type[Payload],
        *,
        tenant_id: UUID,
        count: int = 1,
        timeout: float = 10,  # noqa: ASYNC109 -- a bound on waiting, part of the claim
    ) -> list[Received[Payload]]:
        """Wait until a tenant has at least `count` events of a type; return all there are.

        Raises:
            AssertionError: Fewer came in time; the message lists what did.
        """
        js = await self.jetstream()
        return await reading.read(
            js, payload_type, tenant_id=tenant_id, count=count, timeout_seconds=timeout
        )

    async def ask(
        self,
        endpoint: Endpoint[Any, Any],
        request: BaseModel | bytes,
        *,
        tenant_id: UUID,
        permissions: frozenset[Permission] | None = None,
        plants: frozenset[str] | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Ask a service as the gateway does; with every permission unless told otherwise."""
        allowed = frozenset(Permission) if permissions is None else permissions
        said = await asking.ask(
            await self.client(),
            endpoint,
            request,
            context=Context(
                tenant_id=tenant_id,
                correlation_id=SYSTEM_CLOCK.new_id(),
                actor_id=ACTOR_ID,
                actor_name=ACTOR_NAME,
                permissions=frozenset(permission.value for permission in allowed),
                plants=plants,
            ),
            idempotency_key=idempotency_key,
        )
        model = Problem if said.status >= _FIRST_REFUSAL else endpoint.answer
        return Answer(said.status, TypeAdapter(model).validate_json(said.body))

    @property
    def http_url(self) -> str:
        """The gateway's address, where it is among the services."""
        (gateway, *_more) = self.installation.instances[installation.GATEWAY]
        return f"http://127.0.0.1:{gateway.http_port}"

    def token(self, role: str, *, tenant_id: UUID, plants: tuple[str, ...] | None = None) -> str:
        """A token the gateway believes."""
        now = SYSTEM_CLOCK.now()
        return self.installation.issuer.token(role, now=now, tenant_id=tenant_id, plants=plants)

    async def upload(self, text: str | bytes) -> str:
        """Put a file where imports read it; returns its object name."""
        js = await self.jetstream()
        name = str(SYSTEM_CLOCK.new_id())
        store = await js.object_store(streams.IMPORTS_BUCKET)
        await store.put(name, text.encode() if isinstance(text, str) else text)
        return name

    async def sql(
        self,
        service: str,
        statement: str,
        *,
        tenant_id: UUID | None,
        parameters: Parameters = None,
    ) -> list[dict[str, Any]]:
        """Query as the service's app role, so under row-level security; None sets no tenant."""
        url = self.installation.database(service).urls["app"]
        return await querying.rows(url, statement, parameters, tenant_id=tenant_id)

    async def owner_sql(
        self,
        service: str,
        statement: str,
        *,
        parameters: Parameters = None,
    ) -> list[dict[str, Any]]:
        """Query as the server's administrator, whom row-level security does not bind."""
        found = self.installation.database(service)
        url = databases.in_database(self.installation.servers.admin_url, found.name)
        return await querying.rows(url, statement, parameters)

    async def settle(self, *, timeout: float = 20) -> None:  # noqa: ASYNC109
        """Wait until nobody has anything left to do: outboxes empty, every message acked.

        Raises:
            TimeoutError: Somebody still has.
        """
        js = await self.jetstream()
        async with asyncio.timeout(timeout):
            while await self._is_busy(js):  # noqa: ASYNC110 -- servers are asked
                await asyncio.sleep(_SETTLE_POLL_SECONDS)

    async def dead_letters(self, *, tenant_id: UUID | None = None) -> list[dict[str, str]]:
        """The headers of every dead letter, of one tenant where given."""
        return await installation.dead_letters(await self.jetstream(), tenant_id=tenant_id)

    async def _is_busy(self, js: JetStreamContext) -> bool:
        """Idle is only who was found idle everywhere while no stream grew."""
        before = await installation.last_sequences(js)
        if await installation.has_pending(js) or await self._has_outbox():
            return True
        return before != await installation.last_sequences(js)

    async def _has_outbox(self) -> bool:
        for entry in self.installation.services:
            if entry.has_database and (
                await self.owner_sql(entry.name, "SELECT 1 AS waiting FROM outbox LIMIT 1")
            ):
                return True
        return False
