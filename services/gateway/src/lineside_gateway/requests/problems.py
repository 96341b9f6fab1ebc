"""Every refusal over HTTP is a problem document (RFC 9457)."""

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from lineside_contracts.problems import Problem, ProblemCode
from lineside_gateway.domain import refusals
from lineside_gateway.domain.refusals import Refused
from lineside_gateway.requests.signatures import DoorRoute
from lineside_gateway.store import measures

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger()
_ROUTING_ERRORS = {
    404: (ProblemCode.NOT_FOUND, "There is nothing at this address."),
    405: (ProblemCode.METHOD_NOT_ALLOWED, "This address does not know this method."),
}


def install(app: FastAPI) -> None:
    """Answer every way a request can fail with a problem document."""

    async def on_refusal(request: Request, error: Exception) -> Response:
        if not isinstance(error, Refused):
            raise error
        return response_of(request, error.problem, error.headers)

    async def on_routing_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        code, detail = _ROUTING_ERRORS.get(status, (ProblemCode.MALFORMED, "Malformed request."))
        headers = {"Allow": ", ".join(_allowed(app, request))} if status == 405 else {}  # noqa: PLR2004
        return response_of(request, Problem(code=code, detail=detail), headers)

    async def on_bug(request: Request, _error: Exception) -> Response:
        detail = "Something went wrong here; the log has it under this correlation id."
        return response_of(request, Problem(code=ProblemCode.INTERNAL, detail=detail))

    app.add_exception_handler(Refused, on_refusal)
    app.add_exception_handler(HTTPException, on_routing_error)
    app.add_exception_handler(Exception, on_bug)


def response_of(
    request: Request, problem: Problem, headers: Mapping[str, str] | None = None
) -> Response:
    """Write a problem as the answer to a request."""
    correlation_id = str(getattr(request.state, "correlation_id", ""))
    document = refusals.document_of(
        problem, instance=request.url.path, correlation_id=correlation_id
    )
    structlog.contextvars.bind_contextvars(problem=str(problem.code))
    _note_undocumented(request, problem.code)
    return Response(
        orjson.dumps(document, default=str),
        status_code=problem.status,
        headers=dict(headers or {}),
        media_type=MEDIA_TYPE,
    )


def _note_undocumented(request: Request, code: ProblemCode) -> None:
    """Count what the document does not tell: a door that should name the code."""
    route = request.scope.get("route")
    if isinstance(route, DoorRoute) and code not in route.codes:
        _log.warning("undocumented refusal", operation=route.operation_id, code=str(code))
        measures.UNDOCUMENTED.labels(route.operation_id, str(code)).inc()


def _allowed(app: FastAPI, request: Request) -> list[str]:
    found: set[str] = set()
    for route in app.routes:
        methods: Any = getattr(route, "methods", None)
        if methods and route.matches(request.scope)[0] is not Match.NONE:
            found |= methods
    return sorted(found)
