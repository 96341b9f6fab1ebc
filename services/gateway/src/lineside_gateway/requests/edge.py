"""Around every HTTP request: its correlation id, its line in the log, its metrics."""

from collections.abc import Callable
from time import perf_counter
from uuid import UUID

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lineside_chassis import tracing
from lineside_contracts.endpoint import CORRELATION_HEADER
from lineside_contracts.envelope import TRACE_HEADER
from lineside_gateway.domain import preconditions
from lineside_gateway.store import measures

CLIENT_WENT = 499
NO_ROUTE = "none"

_log = structlog.get_logger()


class Edge:
    """The outermost layer; it changes nothing but the correlation header of the answer."""

    def __init__(self, app: ASGIApp, *, new_id: Callable[[], UUID]) -> None:
        self._app = app
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        correlation_id = (
            preconditions.correlation_id(headers.get(CORRELATION_HEADER)) or self._new_id()
        )
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        parent = preconditions.trace_parent(headers.get(TRACE_HEADER), correlation_id)
        with (
            structlog.contextvars.bound_contextvars(correlation_id=str(correlation_id)),
            tracing.span(f"HTTP {scope['method']}", parents=[parent], path=scope["path"]),
        ):
            await self._observed(scope, receive, send, correlation_id)

    async def _observed(
        self, scope: Scope, receive: Receive, send: Send, correlation_id: UUID
    ) -> None:
        started = perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[CORRELATION_HEADER] = str(correlation_id)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except ClientDisconnect:
            status = CLIENT_WENT
        finally:
            _note(scope, status, perf_counter() - started)


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", NO_ROUTE)
    method = scope["method"] if route != NO_ROUTE else "any"
    measures.REQUESTS.labels(method, route, str(status)).inc()
    measures.SECONDS.labels(method, route).observe(seconds)
    who = scope["state"].get("identity")
    _log.info(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        milliseconds=round(seconds * 1000, 2),
        tenant_id=str(who.tenant_id) if who else None,
        user_id=str(who.user_id) if who else None,
    )
