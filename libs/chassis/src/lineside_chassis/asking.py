"""The two sides of a request's headers, and how to ask: the gateway and tests use it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from nats.aio.client import Client
from pydantic import BaseModel

from lineside_chassis.unit_of_work import Context
from lineside_contracts import endpoint as names
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.envelope import TRACE_HEADER

IMPORT_VERB = "import"
REQUEST_SECONDS = 60.0
IMPORT_SECONDS = 300.0
"""So long a service works on a request or on a file, unless its settings say otherwise."""

ROUND_TRIP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said: an HTTP status and a JSON body (the answer or a problem)."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return orjson.loads(self.body)


async def ask(
    client: Client,
    endpoint: Endpoint[Any, Any],
    request: BaseModel | bytes,
    *,
    context: Context,
    idempotency_key: str | None = None,
    timeout_seconds: float | None = None,
) -> Answer:
    """Ask a service and wait for its answer; by default somewhat longer than it may take.

    Raises:
        nats.errors.NoRespondersError: No instance of the service is there.
        nats.errors.TimeoutError: None answered in time.
    """
    body = request if isinstance(request, bytes) else request.model_dump_json().encode()
    headers = headers_of(context)
    if idempotency_key is not None:
        headers[names.IDEMPOTENCY_HEADER] = idempotency_key
    patience = timeout_seconds or patience_seconds(endpoint)
    reply = await client.request(endpoint.subject, body, timeout=patience, headers=headers)
    return Answer(status=int((reply.headers or {})[names.STATUS_HEADER]), body=reply.data)


def is_import(endpoint: Endpoint[Any, Any]) -> bool:
    """Tell whether a request loads a file, which takes longer than others."""
    return endpoint.verb == IMPORT_VERB


def patience_seconds(endpoint: Endpoint[Any, Any]) -> float:
    """How long to wait for an answer unless told otherwise."""
    answer_seconds = IMPORT_SECONDS if is_import(endpoint) else REQUEST_SECONDS
    return answer_seconds + ROUND_TRIP_SECONDS


def headers_of(context: Context) -> dict[str, str]:
    """Write on whose behalf a request is."""
    pairs = {
        names.TENANT_HEADER: str(context.tenant_id),
        names.CORRELATION_HEADER: str(context.correlation_id),
        names.ACTOR_ID_HEADER: context.actor_id,
        names.ACTOR_NAME_HEADER: _ascii(context.actor_name),
        names.PERMISSIONS_HEADER: " ".join(sorted(context.permissions)),
        names.PLANTS_HEADER: _ascii(_joined(context.plants)),
        TRACE_HEADER: context.trace_parent,
    }
    return {name: value for name, value in pairs.items() if value is not None}


def context_of(headers: Mapping[str, str]) -> Context:
    """Read on whose behalf a request is.

    Raises:
        ValueError: The tenant or correlation is missing or no UUID.
    """
    try:
        return Context(
            tenant_id=UUID(headers[names.TENANT_HEADER]),
            correlation_id=UUID(headers[names.CORRELATION_HEADER]),
            actor_id=headers.get(names.ACTOR_ID_HEADER),
            actor_name=_unicode(headers.get(names.ACTOR_NAME_HEADER)),
            permissions=frozenset(headers.get(names.PERMISSIONS_HEADER, "").split()),
            plants=_plants(_unicode(headers.get(names.PLANTS_HEADER))),
            trace_parent=headers.get(TRACE_HEADER),
        )
    except KeyError as missing:
        raise ValueError(f"the request has no header {missing.args[0]}") from None


def _joined(plants: frozenset[str] | None) -> str | None:
    return ",".join(sorted(plants)) if plants is not None else None


def _plants(value: str | None) -> frozenset[str] | None:
    if value is None:
        return None
    return frozenset(code for code in value.split(",") if code)


def _ascii(value: str | None) -> str | None:
    return value.encode("unicode_escape").decode("ascii") if value is not None else None


def _unicode(value: str | None) -> str | None:
    return value.encode("ascii").decode("unicode_escape") if value is not None else None
