"""Composition root: the only place that builds things."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from lineside_chassis import service as chassis
from lineside_chassis.clock import SYSTEM_CLOCK, Clock
from lineside_chassis.probes import Server
from lineside_chassis.service import Service
from lineside_contracts import streams
from lineside_contracts.endpoint import CORRELATION_HEADER, IDEMPOTENCY_HEADER
from lineside_gateway.domain.rates import RateLimit
from lineside_gateway.domain.refusals import Refused
from lineside_gateway.handlers import follower
from lineside_gateway.handlers.hub import Hub
from lineside_gateway.handlers.sockets import Limits, Sockets
from lineside_gateway.requests import (
    boms,
    capacity,
    costs,
    documentation,
    equipment,
    imports,
    lanes,
    manpower,
    master_data,
    materials,
    mrp,
    predictions,
    probes,
    problems,
    production_logs,
    production_orders,
    reporting,
    routings,
    sales_orders,
    stock,
    work_orders,
    ws_tickets,
)
from lineside_gateway.requests.edge import Edge
from lineside_gateway.requests.gate import Gate
from lineside_gateway.requests.passage import PREFIX, Passage
from lineside_gateway.settings import Settings
from lineside_gateway.store import endings, key_sets
from lineside_gateway.store.event_log import EventLog
from lineside_gateway.store.key_sets import KeySet
from lineside_gateway.store.progress import Progress
from lineside_gateway.store.services import Connection, Services
from lineside_gateway.store.tickets import Tickets
from lineside_gateway.store.tokens import Tokens
from lineside_gateway.store.uploads import Uploads

NAME = "gateway"
SOCKET_MESSAGE_BYTES = 64 * 1024
ABORT_SECONDS = 5.0
GRACE_SECONDS = 5


def build(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Service:
    """Put the gateway together, without I/O: it has no database and no consumers of its own."""
    connection = Connection(lambda: service.client)
    keys = KeySet(_key_reader(settings), seconds=settings.jwks_seconds, monotonic=time.monotonic)
    tokens = Tokens(keys, issuer=settings.jwt_issuer, audience=settings.jwt_audience)
    tickets = Tickets(connection, seconds=settings.ticket_seconds)
    log = EventLog(connection, stream=streams.EVENTS, new_id=clock.new_id)
    hub = Hub()
    parts = Parts(settings, clock, connection, keys, tokens, tickets, hub, log)
    server = _server(settings, Edge(application(parts), new_id=clock.new_id))

    async def serve() -> None:
        await _serve(server)

    async def follow() -> None:
        following = asyncio.create_task(follower.follow(hub, log))
        try:
            await asyncio.shield(following)
        finally:
            await endings.end([following])

    service = Service(
        name=NAME,
        settings=settings.model_copy(update={"http_port": 0}),  # its HTTP server is its own
        background=(serve, follow),
    )
    return service


def run(settings: Settings) -> None:
    """Run the gateway as this process until SIGTERM or SIGINT."""
    chassis.run_forever(build(settings))


@dataclass(frozen=True)
class Parts:
    """What the application is made of."""

    settings: Settings
    clock: Clock
    connection: Connection
    keys: KeySet
    tokens: Tokens
    tickets: Tickets
    hub: Hub
    log: EventLog


def application(parts: Parts) -> FastAPI:
    """Make the HTTP application."""
    settings = parts.settings
    app = FastAPIOffline(  # factories have no way to a CDN
        redoc_url=None,
        title="Lineside",
        summary="Production planning: orders, routings, work orders, predictions.",
        version="1",
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    limits = Limits(
        frames=settings.socket_frames,
        size=settings.socket_bytes,
        seconds=settings.socket_seconds,
        count=settings.socket_count,
    )
    sockets = Sockets(
        parts.tokens, parts.tickets, parts.hub, parts.log, limits=limits, clock=parts.clock
    )
    app.router.routes += [
        *probes.routes(lambda: _readiness(parts)),
        WebSocketRoute("/ws", sockets.serve),
    ]
    for router in _routers(parts):
        app.router.routes += router.routes
    problems.install(app)
    documentation.install(app)
    if settings.cors_origins:
        _allow_origins(app, settings.cors_origins)
    return app


def _routers(parts: Parts) -> list[APIRouter]:
    settings = parts.settings
    rate_limit = RateLimit(settings.rate_per_second, settings.rate_burst)
    gate = Gate(parts.tokens, rate_limit, time.monotonic)
    passage = Passage(
        gate,
        Services(parts.connection, seconds=settings.request_seconds),
        body_limit=settings.body_bytes,
    )
    files = imports.Imports(
        passage,
        Uploads(parts.connection),
        Progress(parts.connection),
        limit=settings.import_bytes,
        seconds=settings.import_seconds,
        new_id=parts.clock.new_id,
    )
    sales = passage.router("sales orders", sales_orders.DOORS)
    sales_orders.add_submission(sales, passage, document_limit=settings.document_bytes)
    files.add_sales_orders(sales)
    stocks = passage.router("stock", stock.DOORS)
    files.add_stock(stocks)
    importing = APIRouter(prefix=PREFIX, tags=["imports"])
    files.add_master_data(importing)
    live = APIRouter(prefix=PREFIX, tags=["live updates"])
    ws_tickets.add_tickets(live, gate, parts.tickets)
    return [  # capacity and costs before master data: their addresses begin with a code
        sales,
        passage.router("production orders", production_orders.DOORS),
        passage.router("materials", materials.DOORS),
        stocks,
        passage.router("mrp", mrp.DOORS),
        passage.router("capacity", capacity.DOORS),
        passage.router("costs", costs.DOORS),
        passage.router("bills of material", boms.DOORS),
        passage.router("routings", routings.DOORS),
        passage.router("work orders", work_orders.DOORS),
        passage.router("lanes", lanes.DOORS),
        passage.router("production logs", production_logs.DOORS),
        passage.router("manpower", manpower.DOORS),
        passage.router("reporting", reporting.DOORS),
        passage.router("equipment", equipment.DOORS),
        passage.router("delivery predictions", predictions.DOORS),
        passage.router("master data", master_data.DOORS),
        importing,
        live,
    ]


def _allow_origins(app: FastAPI, origins: tuple[str, ...]) -> None:
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "If-Match",
            "If-None-Match",
            IDEMPOTENCY_HEADER,
            CORRELATION_HEADER,
        ],
        expose_headers=["ETag", "Location", "Retry-After", CORRELATION_HEADER],
    )


async def _readiness(parts: Parts) -> Mapping[str, str]:
    checks = {
        "nats": "ok" if parts.connection.is_up else "not connected",
        "events": "ok" if parts.hub.position is not None else "not followed yet",
    }
    try:
        await parts.keys.check()
    except Refused as refusal:
        return checks | {"keys": refusal.problem.detail}
    return checks | {"keys": "ok"}


def _key_reader(settings: Settings) -> key_sets.Reader:
    if settings.jwks_url is not None:
        return key_sets.url_reader(settings.jwks_url)
    if settings.jwks_file is not None:
        return key_sets.file_reader(settings.jwks_file)
    raise ValueError("set LINESIDE_JWKS_URL or LINESIDE_JWKS_FILE: tokens cannot be checked")


class SocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket connection that is gone some seconds after we are done with it.

    uvicorn waits for the peer to take what is still buffered; one that never reads would keep
    its connection for ever.
    """

    def on_task_complete(self, task: "asyncio.Task[None]") -> None:
        """Give the close some time, then end the connection."""
        super().on_task_complete(task)
        self.loop.call_later(ABORT_SECONDS, self.transport.abort)


def _server(settings: Settings, app: ASGIApp) -> Server:
    return Server(
        uvicorn.Config(
            app,
            host=settings.http_host,
            port=settings.http_port,
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            ws=SocketProtocol,
            ws_max_size=SOCKET_MESSAGE_BYTES,
            ws_per_message_deflate=False,
        )
    )


async def _serve(server: Server) -> None:
    """Serve until cancelled; then finish the requests in hand."""
    serving = asyncio.create_task(server.serve())
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving
