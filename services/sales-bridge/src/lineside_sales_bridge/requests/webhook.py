"""Signed webhooks: `POST /webhooks/<tenant>/<source>`, for systems that cannot speak NATS.

The signature is an HMAC-SHA256 with the source's secret over `<timestamp>.<raw body>`. Nobody
learns from a refusal whether a tenant or source exists: to a stranger everything is a bad
signature. A body sent again within the window is a repeated order, which has no second effect.
"""

import hmac
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lineside_chassis.clock import Clock
from lineside_chassis.database import Database
from lineside_chassis.errors import Conflict
from lineside_chassis.unit_of_work import Context
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.sales import SalesOrderAnswer
from lineside_sales_bridge import adapters, intake
from lineside_sales_bridge.domain import documents, signatures
from lineside_sales_bridge.domain.verdicts import Rejected, Submission
from lineside_sales_bridge.store import webhook_sources

WINDOW_SECONDS = 300
"""How far a timestamp may be from now, either way (SPEC 4)."""

_JSON = "application/json"
_PROBLEM = "application/problem+json"
_XML_TYPES = frozenset({"application/xml", "text/xml"})
_NOBODYS_SECRET = "no source has this secret"  # noqa: S105 -- compared against, so that time tells nothing

_log = structlog.get_logger()


class BodyTooLarge(Exception):  # noqa: N818 -- a verdict, not an error of ours
    """The body exceeds what any document may have."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """The route, with what it needs."""

    database: Database
    clock: Clock

    async def receive(self, request: Request) -> Response:
        """Take one document in, or say why not."""
        try:
            body = await _body(request)
            return await self._take(request, body)
        except intake.UnknownTenant:
            return _stranger()
        except BodyTooLarge:
            limit = documents.MAX_DOCUMENT_BYTES
            detail = f"A document has at most {limit} bytes."
            return _refuse(Problem(code=ProblemCode.PAYLOAD_TOO_LARGE, detail=detail))
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        except (SQLAlchemyError, Conflict, OSError) as error:
            _log.warning("webhook not served", error=str(error))
            detail = "Not available now; send it again soon."
            return _refuse(Problem(code=ProblemCode.UNAVAILABLE, detail=detail))

    async def _take(self, request: Request, body: bytes) -> Response:
        source = str(request.path_params["source"])
        context = await self._authenticated(request, source, body)
        if context is None:
            return _stranger()
        if not _is_taken(request.headers.get("content-type", "")):
            detail = "Send JSON or UBL XML, and say so in Content-Type."
            return _refuse(Problem(code=ProblemCode.UNSUPPORTED_DOCUMENT, detail=detail))
        reading, raw = adapters.read(body)
        submission = Submission(
            id=self.clock.new_id(),
            reading=documents.of_tenant(reading, context.tenant_id),
            raw=raw,
            source=f"webhook:{source}",
            is_patient=True,
        )
        deadline = intake.patience_deadline()
        (ruling,) = await intake.take_all(self.database, context, [submission], deadline=deadline)
        if isinstance(ruling, Rejected):
            return _refuse(intake.problem_of(ruling))
        return _answer(ruling.answer)

    async def _authenticated(self, request: Request, source: str, body: bytes) -> Context | None:
        """Whoever signed it; None for everybody else."""
        tenant_id = _uuid(request.path_params["tenant"]) or self.clock.new_id()
        context = Context(
            tenant_id=tenant_id,
            correlation_id=self.clock.new_id(),
            actor_id=f"webhook:{source}",
            actor_name=source,
            trace_parent=request.headers.get("traceparent"),
        )
        async with self.database.unit_of_work(context, read_only=True) as uow:
            secret = await webhook_sources.load_secret(uow, source)
        timestamp = request.headers.get(signatures.TIMESTAMP_HEADER, "")
        expected = signatures.signature(secret or _NOBODYS_SECRET, timestamp, body)
        given = request.headers.get(signatures.SIGNATURE_HEADER, "")
        is_genuine = hmac.compare_digest(expected.encode(), given.encode())
        is_timely = self._is_timely(timestamp)
        return context if secret is not None and is_genuine and is_timely else None

    def _is_timely(self, timestamp: str) -> bool:
        if not (timestamp.isascii() and timestamp.isdigit()):
            return False
        return abs(self.clock.now().timestamp() - int(timestamp[:12])) <= WINDOW_SECONDS


def routes(database: Database, clock: Clock) -> list[Route]:
    """The addresses sales systems post to."""
    webhook = Webhook(database, clock)
    return [Route("/webhooks/{tenant}/{source}", webhook.receive, methods=["POST"])]


async def _body(request: Request) -> bytes:
    """Read the body while it is no larger than it may be.

    Raises:
        BodyTooLarge: It is.
    """
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced[:16]) > documents.MAX_DOCUMENT_BYTES:
        raise BodyTooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > documents.MAX_DOCUMENT_BYTES:
            raise BodyTooLarge
    return bytes(body)


def _is_taken(content_type: str) -> bool:
    """Whether a content type is one an adapter may understand; the content decides which."""
    name = content_type.partition(";")[0].strip().lower()
    return name == _JSON or name in _XML_TYPES or name.endswith(("+json", "+xml"))


def _stranger() -> Response:
    detail = "The signature does not match, or its time is more than 5 minutes off."
    return _refuse(Problem(code=ProblemCode.SIGNATURE_INVALID, detail=detail))


def _answer(answer: SalesOrderAnswer) -> Response:
    status = HTTPStatus.CREATED if answer.status == "accepted" else HTTPStatus.OK
    return Response(answer.model_dump_json(), status_code=status, media_type=_JSON)


def _refuse(problem: Problem) -> Response:
    """Write a problem document (RFC 9457); its facts are fields of their own."""
    status = HTTPStatus(problem.status)
    said = problem.model_dump(mode="json", exclude={"facts"})
    members = {**problem.facts, **said, "type": "about:blank", "title": status.phrase}
    return JSONResponse(
        {**members, "status": status.value}, status_code=status.value, media_type=_PROBLEM
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
