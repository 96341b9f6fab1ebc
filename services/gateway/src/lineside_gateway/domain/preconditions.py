"""What request headers mean: versions, keys and correlation."""

import re
from uuid import UUID

from lineside_contracts.problems import ProblemCode
from lineside_gateway.domain import refusals

KEY_LENGTH = 200

ETAG_PATTERN = '^"[1-9][0-9]{0,17}"$'
ETAGS_PATTERN = r'^("[1-9][0-9]{0,17}"|\*)$'
KEY_PATTERN = "^[!-~]+$"

_ETAG = re.compile(r'"([1-9][0-9]{0,17})"')
_KEY = re.compile(rf"[!-~]{{1,{KEY_LENGTH}}}")
_TRACE_PARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def etag_of(version: int) -> str:
    """Write a version as an ETag."""
    return f'"{version}"'


def expected_version(if_match: str | None) -> int | None:
    """Read If-Match: the version a change was decided on, None for "whatever it is now".

    Raises:
        Refused: It is not one strong ETag of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise refusals.refuse(
            ProblemCode.MALFORMED, 'If-Match holds one ETag as it was given, such as "3".'
        )
    return int(match[1])


def idempotency_key(value: str | None) -> str | None:
    """Check an Idempotency-Key.

    Raises:
        Refused: It is empty, too long or not plain printable ASCII.
    """
    if value is None or _KEY.fullmatch(value):
        return value
    raise refusals.refuse(
        ProblemCode.MALFORMED,
        f"Idempotency-Key is 1 to {KEY_LENGTH} printable ASCII characters without blanks.",
    )


def correlation_id(value: str | None) -> UUID | None:
    """Read a correlation id; one that is no UUID is as good as none."""
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


def trace_parent(value: str | None, correlation: UUID) -> str:
    """Pass a W3C traceparent on, or begin a trace that is named after the correlation id."""
    if value is not None and _TRACE_PARENT.fullmatch(value):
        return value
    return f"00-{correlation.hex}-{correlation.hex[16:]}-01"
