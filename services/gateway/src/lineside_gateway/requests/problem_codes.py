"""Which problems an operation may answer with: what every one may, and what its form adds.

The OpenAPI document lists them per operation; a test asks in all kinds of ways and finds no other.
"""

from collections.abc import Iterable
from typing import Final

from lineside_contracts.problems import STATUS_OF, ProblemCode
from lineside_gateway.requests.doors import Door

Codes = frozenset[ProblemCode]

UNPROCESSABLE = 422

AT_THE_GATE: Final[Codes] = frozenset(
    {
        ProblemCode.MALFORMED,
        ProblemCode.UNAUTHENTICATED,
        ProblemCode.TOKEN_EXPIRED,
        ProblemCode.RATE_LIMITED,
        ProblemCode.INTERNAL,
        ProblemCode.UNAVAILABLE,
    }
)
"""Told before anybody is asked."""

ASKED: Final[Codes] = AT_THE_GATE | {
    ProblemCode.FORBIDDEN,
    ProblemCode.PLANT_FORBIDDEN,
    ProblemCode.PAYLOAD_TOO_LARGE,
    ProblemCode.VALIDATION_FAILED,
}
"""Whatever is asked of a service may be answered with these."""

KEYED: Final[Codes] = frozenset({ProblemCode.IDEMPOTENCY_KEY_REUSED})


def of_door(door: Door) -> Codes:
    """List the problems behind a door."""
    fields = door.endpoint.request.model_fields
    writes = door.endpoint.kind == "write"
    return ASKED.union(
        door.refused,
        [ProblemCode.NOT_FOUND] if door.path_fields else (),
        [ProblemCode.INVALID_CURSOR] if "cursor" in fields else (),
        [ProblemCode.UNSUPPORTED_DOCUMENT] if door.takes_body else (),
        [ProblemCode.VERSION_CONFLICT] if writes else (),
        KEYED if writes and door.method == "POST" else (),
    )


def by_status(codes: Iterable[ProblemCode]) -> dict[int, tuple[ProblemCode, ...]]:
    """Group codes by their HTTP status, both in order."""
    found: dict[int, list[ProblemCode]] = {}
    for code in sorted(codes):
        found.setdefault(status_of(code), []).append(code)
    return {status: tuple(found[status]) for status in sorted(found)}


def status_of(code: ProblemCode) -> int:
    """Tell the HTTP status of a code."""
    return STATUS_OF.get(code, UNPROCESSABLE)
