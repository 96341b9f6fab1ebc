"""Request bodies: read within their limit, parsed exactly, checked against the contracts."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from lineside_chassis.faults import faults_of
from lineside_contracts.problems import Fault, ProblemCode
from lineside_gateway.domain import refusals
from lineside_gateway.domain.refusals import Refused

BODY_SECONDS = 60.0
"""A body that trickles in more slowly than this is given up."""


async def stream(request: Request, *, limit: int) -> AsyncIterator[bytes]:
    """Pass the body on piece by piece; the rest of one that is too large is not kept.

    Raises:
        Refused: It is larger than `limit` bytes, whether it said so or not, or far too slow.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                yield chunk
    except TimeoutError:
        raise malformed("The body did not arrive in time.") from None


async def read(request: Request, *, limit: int) -> bytes:
    """Read the whole body.

    Raises:
        Refused: See `stream`.
    """
    return b"".join([chunk async for chunk in stream(request, limit=limit)])


async def read_json(request: Request, *, limit: int) -> Any:
    """Read a JSON body; None when there is none.

    Raises:
        Refused: It is no JSON, says that it is something else, or is too large.
    """
    body = await read(request, limit=limit)
    if not body:
        return None
    kind = media_type(request)
    if kind != "application/json" and not kind.endswith("+json"):
        raise unsupported(kind, "application/json")
    return parse(body)


def media_type(request: Request) -> str:
    """Tell the media type of the body, without parameters; JSON unless it says otherwise."""
    header = request.headers.get("content-type", "application/json")
    return header.partition(";")[0].strip().lower()


def parse(body: bytes) -> Any:
    """Parse JSON; numbers with a fraction become exact decimals.

    Raises:
        Refused: It is malformed.
    """
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise malformed(
            f"The body is no JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from None
    except (ValueError, RecursionError):
        raise malformed("The body is no JSON: its text or nesting cannot be read.") from None


def validate(model: type[BaseModel], values: Mapping[str, Any], *, within: str = "") -> BaseModel:
    """Check values against a request model; `within` names the field that the body stands in.

    Raises:
        Refused: Something is wrong with them; all of it is named.
    """
    faults = list(_unprintable(values, ""))
    try:
        checked = model.model_validate(values)
    except ValidationError as error:
        faults += faults_of(error)
    if faults:
        raise Refused(refusals.validation_problem([_outside(fault, within) for fault in faults]))
    return checked


def unsupported(kind: str, *expected: str) -> Refused:
    """Say which media types a route takes."""
    return refusals.refuse(
        ProblemCode.UNSUPPORTED_DOCUMENT,
        f"The body is {kind or 'of no type'}; send {' or '.join(expected)}.",
    )


def _outside(fault: Fault, within: str) -> Fault:
    """Leave out of a path what the client did not write."""
    if not within or not fault.path.startswith(within):
        return fault
    return fault.model_copy(update={"path": fault.path.removeprefix(within).removeprefix(".")})


def _unprintable(value: Any, path: str) -> list[Fault]:
    """Find texts that no database takes: with NUL or half a surrogate pair."""
    match value:
        case str():
            bad = "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value)
            message = "the text holds a character that cannot be stored"
            return [Fault(code="invalid_character", path=path, message=message)] if bad else []
        case Mapping():
            parts = [(f"{path}.{key}" if path else str(key), item) for key, item in value.items()]
        case list():
            parts = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
        case _:
            return []
    return [fault for where, item in parts for fault in _unprintable(item, where)]


def _no_number(name: str) -> NoReturn:
    raise malformed(f"The body is no JSON: {name} is no number.")


def _too_large(limit: int) -> Refused:
    return refusals.refuse(
        ProblemCode.PAYLOAD_TOO_LARGE, f"The body is larger than {limit} bytes.", limit=limit
    )


def malformed(detail: str) -> Refused:
    """Say that what came cannot be read at all."""
    return refusals.refuse(ProblemCode.MALFORMED, detail)
