"""What FastAPI reads to document a route, beside the function that really takes the request.

A signature is made for each route, so that the OpenAPI document says exactly what the route's
models say; the request itself goes to the handler as it is (see `passage`).
"""

import inspect
from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any

from fastapi import Body, Header, Path, Query
from fastapi.routing import APIRoute
from pydantic.fields import FieldInfo
from starlette.requests import Request
from starlette.responses import Response

from lineside_contracts.endpoint import Endpoint
from lineside_gateway.domain import preconditions
from lineside_gateway.requests import doors, examples_answers
from lineside_gateway.requests.doors import Door
from lineside_gateway.requests.problem_codes import Codes

CREATED = 201
NOT_MODIFIED = 304

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class DoorRoute(APIRoute):
    """A route whose function takes the request as it is; its signature is for the document."""

    def get_route_handler(self) -> Handler:
        """Call the function with the request."""
        handler: Handler = self.endpoint.handler  # type: ignore[attr-defined]
        return handler

    @property
    def codes(self) -> Codes:
        """The problems it may answer with."""
        codes: Codes = self.endpoint.codes  # type: ignore[attr-defined]
        return codes


def documented(
    handler: Handler,
    parameters: Sequence[inspect.Parameter],
    *,
    codes: Codes,
) -> Callable[..., Any]:
    """Give a handler the parameters and problems that the OpenAPI document shows."""

    def shown() -> None:
        """Stand for the handler."""

    shown.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    shown.handler = handler  # type: ignore[attr-defined]
    shown.codes = codes  # type: ignore[attr-defined]
    return shown


def describe(endpoint: Endpoint[Any, Any]) -> str:
    """Say what an endpoint is for and what it takes."""
    purpose = inspect.getdoc(endpoint.request) or ""
    return f"{purpose}\n\nPermission: `{endpoint.permission}`."


def summary_of(endpoint: Endpoint[Any, Any]) -> str:
    """Name an endpoint in two or three words."""
    return f"{endpoint.verb} {endpoint.noun}".replace("_", " ").capitalize()


def parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> Any:
    """Describe one parameter."""
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, annotation=annotation, default=default)


IDEMPOTENCY_PARAMETER = parameter(
    "idempotency_key",
    Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            pattern=preconditions.KEY_PATTERN,
            max_length=preconditions.KEY_LENGTH,
            description="The same key and request give the same answer, once done.",
        ),
    ],
    None,
)
_IF_MATCH_PARAMETER = parameter(
    "if_match",
    Annotated[
        str | None,
        Header(
            alias="If-Match",
            pattern=preconditions.ETAGS_PATTERN,
            description="The ETag the change was decided on; 412 when there is another by now.",
        ),
    ],
    None,
)
_IF_NONE_MATCH_PARAMETER = parameter(
    "if_none_match",
    Annotated[
        str | None,
        Header(alias="If-None-Match", description="The ETag you have; 304 when it still holds."),
    ],
    None,
)


def signature_of(door: Door) -> list[inspect.Parameter]:
    """The parameters of a door."""
    fields = door.endpoint.request.model_fields
    found = [
        parameter(name, Annotated[doors.annotated(fields[known]), Path()])
        for name, known in door.path_fields.items()
    ]
    if door.method == "GET":
        found += [
            parameter(
                name,
                Annotated[
                    doors.annotated(info),
                    Query(description=info.description, examples=info.examples),
                ],
                _default(info),
            )
            for name, info in door.rest.items()
        ]
    elif door.takes_body and door.rest:
        shown = Body(examples=[dict(example) for example in door.examples] or None)
        model: Any = door.body_model
        required = door.body_is_required
        found.append(
            parameter(
                "body",
                Annotated[model if required else model | None, shown],
                inspect.Parameter.empty if required else None,
            )
        )
    if door.takes_version:
        found.append(_IF_MATCH_PARAMETER)
    if door.method == "GET" and door.gives_version:
        found.append(_IF_NONE_MATCH_PARAMETER)
    if door.method == "POST" and door.endpoint.kind == "write":
        found.append(IDEMPOTENCY_PARAMETER)
    return found


def responses_of(door: Door) -> dict[int | str, dict[str, Any]]:
    """What the document says about the answers of a door, beside their model."""
    endpoint = door.endpoint
    headers: dict[str, Any] = {}
    if door.gives_version:
        headers["ETag"] = _told("The version, for If-Match.", preconditions.ETAG_PATTERN)
    if endpoint.success_status == CREATED and door.method == "POST":
        headers["Location"] = _told("Where what was made is found.", "^/")
    done: dict[str, Any] = {"headers": headers} if headers else {}
    example = examples_answers.shown(endpoint.answer)
    if example is not None:
        done["content"] = {"application/json": {"example": example}}
    found: dict[int | str, dict[str, Any]] = {endpoint.success_status: done}
    if door.method == "GET" and door.gives_version:
        found[NOT_MODIFIED] = {"description": "It still has the version you named."}
    return found


def _told(description: str, pattern: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", "pattern": pattern}}


def _default(info: FieldInfo) -> Any:
    return inspect.Parameter.empty if info.is_required() else info.default
