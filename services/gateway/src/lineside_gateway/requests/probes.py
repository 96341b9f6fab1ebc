"""Is the gateway alive, is it ready, and its metrics."""

from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Readiness = Callable[[], Awaitable[Mapping[str, str]]]
"""Every check by name: "ok", or what is wrong."""


def routes(readiness: Readiness) -> list[Route]:
    """Make the routes that machines ask."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_request: Request) -> Response:
        checks = dict(await readiness())
        fine = all(result == "ok" for result in checks.values())
        return JSONResponse({"ready": fine, "checks": checks}, status_code=200 if fine else 503)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/health", health, include_in_schema=False),
        Route("/ready", ready, include_in_schema=False),
        Route("/metrics", metrics, include_in_schema=False),
    ]
