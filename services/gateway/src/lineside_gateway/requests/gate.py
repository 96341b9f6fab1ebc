"""Who stands at the door, whether they may come in, and how often."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from lineside_contracts import endpoint
from lineside_contracts.envelope import TRACE_HEADER
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import ProblemCode
from lineside_gateway.domain import preconditions, refusals
from lineside_gateway.domain.rates import RateLimit
from lineside_gateway.store import tokens
from lineside_gateway.store.services import Asker
from lineside_gateway.store.tokens import Tokens


@dataclass(frozen=True)
class Gate:
    """Lets requests in."""

    tokens: Tokens
    rate_limit: RateLimit
    monotonic: Callable[[], float]

    async def admit(self, request: Request, permission: Permission | None) -> Asker:
        """Find out who asks and whether they may.

        Raises:
            Refused: 401, 403 (naming the permission), 429, or 400 for a bad Idempotency-Key.
        """
        who = await self.tokens.identify(_bearer(request))
        request.state.identity = who
        seconds = self.rate_limit.wait_seconds(who.tenant_id, self.monotonic())
        if seconds > 0:
            raise refusals.refuse(
                ProblemCode.RATE_LIMITED,
                "Your organisation sends more requests than agreed; wait a moment.",
                headers={"Retry-After": str(math.ceil(seconds))},
            )
        if permission is not None:
            who.require(permission)
        headers = request.headers
        correlation_id = request.state.correlation_id
        return Asker(
            identity=who,
            correlation_id=correlation_id,
            trace_parent=preconditions.trace_parent(headers.get(TRACE_HEADER), correlation_id),
            idempotency_key=preconditions.idempotency_key(headers.get(endpoint.IDEMPOTENCY_HEADER)),
        )


def _bearer(request: Request) -> str:
    """Take the token out of the Authorization header (RFC 6750, section 2.1)."""
    headers = request.headers.getlist("authorization")
    scheme, _, token = (headers[0] if len(headers) == 1 else "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise tokens.unauthenticated("Send one header Authorization: Bearer <token>.")
    return token.strip()
