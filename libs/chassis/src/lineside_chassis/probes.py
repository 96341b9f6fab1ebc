"""What a service serves over HTTP: is it alive, is it ready, its metrics, its AsyncAPI document."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

Readiness = Callable[[], Awaitable[Mapping[str, str]]]
"""Every check by name: "ok", or what is wrong."""


class Server(uvicorn.Server):
    """A uvicorn that leaves the signals to the service."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def server(
    *,
    host: str,
    port: int,
    readiness: Readiness,
    routes: Sequence[BaseRoute],
    asyncapi: Callable[[], Mapping[str, Any]],
) -> Server:
    """Build the HTTP server of a service's probes and own routes."""
    application = Starlette(routes=[*_routes(readiness, asyncapi), *routes])
    return Server(
        uvicorn.Config(
            application,
            host=host,
            port=port,
            lifespan="off",
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=5,
        )
    )


def _routes(readiness: Readiness, asyncapi: Callable[[], Mapping[str, Any]]) -> list[Route]:
    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_request: Request) -> Response:
        checks = dict(await readiness())
        fine = all(result == "ok" for result in checks.values())
        return JSONResponse({"ready": fine, "checks": checks}, status_code=200 if fine else 503)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def document(_request: Request) -> Response:
        return JSONResponse(dict(asyncapi()))

    return [
        Route("/health", health),
        Route("/ready", ready),
        Route("/metrics", metrics),
        Route("/asyncapi.json", document),
    ]
