"""From a service's answer to the HTTP response."""

from collections.abc import Callable

import orjson
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from lineside_chassis.asking import Answer
from lineside_contracts.problems import Problem, ProblemCode
from lineside_gateway.domain import preconditions, refusals
from lineside_gateway.domain.refusals import Refused

MEDIA_TYPE = "application/json"
FIRST_REFUSAL = 400
CREATED = 201
NOT_MODIFIED = 304
UNAVAILABLE = 503

Place = Callable[[dict[str, object]], str]
"""Where a new resource is found, told from its representation."""


def response_of(
    request: Request,
    answer: Answer,
    *,
    version_field: str | None = None,
    place: Place | None = None,
) -> Response:
    """Pass an answer on, with its version as ETag and the address of what it created.

    Raises:
        Refused: The service said no; its problem is the answer.
    """
    if answer.status >= FIRST_REFUSAL:
        raise Refused(problem_of(answer), _retry(answer.status))
    headers = _headers(answer, version_field=version_field, place=place)
    etag = headers.get("ETag")
    if request.method == "GET" and etag and request.headers.get("if-none-match") == etag:
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(answer.body, answer.status, headers=headers, media_type=MEDIA_TYPE)


def problem_of(answer: Answer) -> Problem:
    """Read the problem a service answered with."""
    try:
        return Problem.model_validate_json(answer.body)
    except ValidationError:
        code = ProblemCode.INTERNAL
        return refusals.refuse(code, "The service gave an answer that cannot be read.").problem


def _headers(answer: Answer, *, version_field: str | None, place: Place | None) -> dict[str, str]:
    created = place if answer.status == CREATED else None
    if version_field is None and created is None:
        return {}
    body = orjson.loads(answer.body)
    version = body.get(version_field)
    headers = {"ETag": preconditions.etag_of(version)} if version is not None else {}
    if created is not None:
        headers["Location"] = created(body)
    return headers


def _retry(status: int) -> dict[str, str]:
    return {"Retry-After": "1"} if status == UNAVAILABLE else {}
