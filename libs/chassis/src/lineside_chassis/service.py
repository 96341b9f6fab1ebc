"""A running service: connects, starts everything, waits for the end, stops in the right order.

Stopping: fetch no more, finish the batch and the requests in hand, publish the outbox, close.
"""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from nats.aio.client import Client
from starlette.routing import BaseRoute

from lineside_chassis import (
    advisories,
    broker,
    collecting,
    dead_letters,
    errors,
    logs,
    stopping,
    tracing,
)
from lineside_chassis.advisories import AdvisoryMover
from lineside_chassis.consumers import Consumer
from lineside_chassis.database import Database
from lineside_chassis.ingress import RawConsumer
from lineside_chassis.processing import Engine
from lineside_chassis.pulling import Puller
from lineside_chassis.relay import Relay, Retention
from lineside_chassis.requests import Requests
from lineside_chassis.responder import Responder, Timeouts
from lineside_chassis.settings import ServiceSettings
from lineside_contracts import documents, streams

RESTART_SECONDS = 1.0
CHECK_SECONDS = 2.0
REDRIVE_FETCH_SECONDS = 30.0
"""Redrives are rare: one idle question in half a minute is enough."""

_log = structlog.get_logger()


@dataclass
class Service:
    """Everything a service consists of; building one does no I/O.

    Attributes:
        name: As in subjects and databases ("sales_bridge").
        database: None for a service that owns nothing.
        background: Coroutines that run beside the rest until it stops.
        client: The connection to NATS while it runs.
    """

    name: str
    settings: ServiceSettings
    database: Database | None = None
    consumers: Sequence[Consumer | RawConsumer] = ()
    requests: Sequence[Requests] = ()
    http_routes: Sequence[BaseRoute] = ()
    background: Sequence[Callable[[], Awaitable[None]]] = ()
    client: Client | None = field(default=None, init=False)
    _pullers: list[Puller] = field(default_factory=list, init=False)
    _started: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then end cleanly."""
        async with contextlib.AsyncExitStack() as stack:
            await self._serve_probes(stack)
            client = await stopping.unless(stop, broker.connect(self.settings, name=self.name))
            if client is None:
                return
            self.client = client
            stack.push_async_callback(_close, client)
            if self.database is not None:
                await self._run_with_database(self.database, client, stop, stack)
            else:
                await self._run_background(stop, stack)

    async def wait_started(self) -> None:
        """Wait until requests are answered and every part runs (durables may still be missing)."""
        await self._started.wait()

    async def readiness(self) -> Mapping[str, str]:
        """Check the database, NATS and every consumer, now."""
        checks = {"started": _ok(self._started.is_set()), "nats": _ok(self._connected())}
        if self.database is not None:
            checks["database"] = await _tried(self.database.probe())
        if self._connected():
            results = await asyncio.gather(*(_tried(puller.check()) for puller in self._pullers))
            checks |= {p.durable: r for p, r in zip(self._pullers, results, strict=True)}
        return checks

    def asyncapi(self) -> Mapping[str, Any]:
        """Describe the events this service says and hears."""
        hears = [
            payload_type
            for consumer in self.consumers
            if isinstance(consumer, Consumer)
            for payload_type in consumer.payload_types
        ]
        return documents.asyncapi(self.name, hears=hears)

    def _connected(self) -> bool:
        return self.client is not None and self.client.is_connected

    async def _serve_probes(self, stack: contextlib.AsyncExitStack) -> None:
        if not self.settings.http_port:
            return
        from lineside_chassis import probes  # noqa: PLC0415 -- saves its memory where unused

        server = probes.server(
            host=self.settings.http_host,
            port=self.settings.http_port,
            readiness=self.readiness,
            routes=self.http_routes,
            asyncapi=self.asyncapi,
        )
        serving = asyncio.create_task(server.serve())

        async def end() -> None:
            server.should_exit = True
            await serving

        stack.push_async_callback(end)

    async def _run_with_database(
        self,
        database: Database,
        client: Client,
        stop: asyncio.Event,
        stack: contextlib.AsyncExitStack,
    ) -> None:
        stack.push_async_callback(database.close)
        if not await _await_database(database, stop):
            return
        await self._run_relay(database, client, stack)
        await self._run_responder(database, client, stack)
        await self._run_consumers(database, client, stop, stack)
        await self._run_background(stop, stack)

    async def _run_background(self, stop: asyncio.Event, stack: contextlib.AsyncExitStack) -> None:
        tasks = [asyncio.create_task(_supervise(job, stop)) for job in self.background]
        stack.push_async_callback(stopping.cancel, tasks)
        self._started.set()
        _log.info("started", service=self.name)
        await stop.wait()
        _log.info("stopping", service=self.name)

    async def _run_relay(
        self, database: Database, client: Client, stack: contextlib.AsyncExitStack
    ) -> None:
        if not self.settings.relay_database_url:
            return
        relay = Relay(
            self.settings.relay_database_url,
            service=self.name,
            client=client,
            retention=Retention(
                inbox_days=self.settings.inbox_days,
                answered_requests_days=self.settings.answered_requests_days,
            ),
        )
        database.notify_relay = relay.notify
        last = asyncio.Event()
        running = asyncio.create_task(relay.run(last))

        async def end() -> None:
            last.set()
            await _finish([running], seconds=self.settings.shutdown_seconds)

        stack.push_async_callback(end)

    async def _run_responder(
        self, database: Database, client: Client, stack: contextlib.AsyncExitStack
    ) -> None:
        if not self.requests:
            return
        objects = broker.ImportedObjects(client)
        for some in self.requests:
            some.objects = objects
        responder = Responder(
            service=self.name,
            answered=self.requests,
            database=database,
            client=client,
            concurrency=self.settings.pool_size,
            timeouts=Timeouts(
                request_seconds=self.settings.request_seconds,
                import_seconds=self.settings.import_seconds,
            ),
        )
        await responder.start()
        stack.push_async_callback(responder.stop, seconds=self.settings.shutdown_seconds)

    async def _run_consumers(
        self,
        database: Database,
        client: Client,
        stop: asyncio.Event,
        stack: contextlib.AsyncExitStack,
    ) -> None:
        js = client.jetstream()
        for consumer in self.consumers:
            if isinstance(consumer, RawConsumer):
                consumer.publisher = client
            self._pullers += self._pullers_of(consumer, database, client, stop)
        mover = self._puller(
            client, streams.ADVISORIES, advisories.DURABLE, AdvisoryMover(js, clock=database.clock)
        )
        pullers = [*self._pullers, mover] if self.consumers else []
        tasks = [asyncio.create_task(_supervised(puller.run, stop)) for puller in pullers]
        stack.push_async_callback(_finish, tasks, seconds=self.settings.shutdown_seconds)

    def _pullers_of(
        self,
        consumer: Consumer | RawConsumer,
        database: Database,
        client: Client,
        stop: asyncio.Event,
    ) -> list[Puller]:
        redrive = f"{consumer.name}{dead_letters.REDRIVE_SUFFIX}"
        places = ((consumer.stream, consumer.name), (streams.REDRIVE, redrive))
        return [
            self._puller(
                client,
                stream,
                durable,
                Engine(consumer, database, client.jetstream(), stop, self.settings.retry_delays),
            )
            for stream, durable in places
        ]

    def _puller(
        self, client: Client, stream: str, durable: str, processor: Engine | AdvisoryMover
    ) -> Puller:
        rare = stream in {streams.REDRIVE, streams.ADVISORIES}
        return Puller(
            client=client,
            stream=stream,
            durable=durable,
            processor=processor,
            batch_size=self.settings.batch_size,
            fetch_seconds=REDRIVE_FETCH_SECONDS if rare else self.settings.fetch_seconds,
        )


def run_forever(service: Service) -> None:
    """Run a service as this process until SIGTERM or SIGINT."""
    import uvloop  # noqa: PLC0415 -- in-process runs choose their own loop

    logs.configure(service.settings, service=service.name)
    if service.settings.otlp_endpoint:
        tracing.configure(service=service.name, endpoint=service.settings.otlp_endpoint)
    collecting.settle()
    try:
        uvloop.run(_run_until_signal(service))
    finally:
        tracing.end()


async def _run_until_signal(service: Service) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await service.run(stop)


async def _supervised(run: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    async def job() -> None:
        await run(stop)

    await _supervise(job, stop)


async def _supervise(job: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Run a part of the service again when it fails; one part never takes the others along."""
    while not stop.is_set():
        try:
            await job()
        except Exception as error:  # noqa: BLE001 -- logged and started again
            _log.error("part failed", exc_info=error)
            await stopping.within(stop, RESTART_SECONDS)
        else:
            return


async def _await_database(database: Database, stop: asyncio.Event) -> bool:
    while not stop.is_set():
        problem = await _tried(database.probe())
        if problem == "ok":
            return True
        _log.warning("waiting for the database", error=problem)
        await stopping.within(stop, RESTART_SECONDS / 2)
    return False


async def _tried(check: Awaitable[None]) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check
    except Exception as error:  # noqa: BLE001 -- the answer says what is wrong
        return errors.text_of(error)
    return "ok"


def _ok(fine: bool) -> str:  # noqa: FBT001
    return "ok" if fine else "not yet"


async def _finish(tasks: Sequence["asyncio.Task[None]"], *, seconds: float) -> None:
    if tasks:
        _done, late = await asyncio.wait(tasks, timeout=seconds)
        await stopping.cancel(late)


async def _close(client: Client) -> None:
    """Send what is buffered, where the server still takes it, and disconnect."""
    try:
        if client.is_connected:
            async with asyncio.timeout(CHECK_SECONDS):
                await broker.settle(client)
        await client.close()
    except Exception as error:  # noqa: BLE001 -- the broker may be gone, and the end must come
        _log.warning("NATS was gone at the end", error=errors.text_of(error))
