"""A door is one route: method, path, and the endpoint behind it. Everything else follows.

The endpoint's request model is filled from the path, from If-Match (`expected_version`), and for
the rest from the query (GET) or from the JSON body. A single nested model (`fields`, `change`) is
the body itself. FastAPI reads the parameters off a signature made for each door, so that the
OpenAPI document says exactly this; the request itself takes the way written in `_pass`.
"""

import inspect
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Header, Path, Query
from fastapi.routing import APIRoute
from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo
from starlette.requests import Request
from starlette.responses import Response

from lineside_contracts.endpoint import Endpoint
from lineside_contracts.problems import Fault
from lineside_contracts.values import Request as RequestModel
from lineside_gateway.domain import preconditions, refusals
from lineside_gateway.domain.refusals import Refused
from lineside_gateway.requests import answers, bodies
from lineside_gateway.requests.gate import Gate
from lineside_gateway.store.services import Services

PREFIX = "/api/v1"
EXPECTED_VERSION = "expected_version"
_PATH_PARAMETER = re.compile(r"{(\w+)(?::path)?}")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True)
class Door:
    """One route to one endpoint.

    Attributes:
        path: Below `PREFIX`; its parameters are fields of the request.
        named_by: Field of the answer that a new resource's address ends with.
        examples: Bodies shown in the documentation.
    """

    method: str
    path: str
    endpoint: Endpoint[Any, Any]
    named_by: str = "id"
    examples: Sequence[Mapping[str, Any]] = field(default=())

    @cached_property
    def path_fields(self) -> tuple[str, ...]:
        """The request's fields that stand in the path."""
        return tuple(_PATH_PARAMETER.findall(self.path))

    @cached_property
    def rest(self) -> dict[str, FieldInfo]:
        """The request's fields that come by query or body."""
        taken = {*self.path_fields, EXPECTED_VERSION}
        fields = self.endpoint.request.model_fields
        return {name: info for name, info in fields.items() if name not in taken}

    @property
    def has_body(self) -> bool:
        """Whether there is anything to send in a body."""
        return self.method not in {"GET", "DELETE"} and bool(self.rest)

    @property
    def takes_version(self) -> bool:
        """Whether If-Match means something here."""
        return EXPECTED_VERSION in self.endpoint.request.model_fields

    @property
    def gives_version(self) -> bool:
        """Whether the answer has an ETag."""
        return "version" in self.endpoint.answer.model_fields

    @cached_property
    def wrapper(self) -> str:
        """The field the whole body stands in; empty when the body holds fields itself."""
        if len(self.rest) == 1:
            ((name, info),) = self.rest.items()
            if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
                return name
        return ""

    @cached_property
    def body_model(self) -> type[BaseModel]:
        """What the body looks like."""
        request = self.endpoint.request
        if self.wrapper:
            nested: type[BaseModel] = request.model_fields[self.wrapper].annotation
            return nested
        if len(self.rest) == len(request.model_fields):
            return request
        fields: dict[str, Any] = {name: (_annotated(f), f) for name, f in self.rest.items()}
        return create_model(f"{request.__name__}Body", __base__=RequestModel, **fields)

    @property
    def body_is_required(self) -> bool:
        """Whether an absent body is a fault: only where some field of it must be there."""
        return any(info.is_required() for info in self.body_model.model_fields.values())


@dataclass(frozen=True)
class Passage:
    """What every door shares."""

    gate: Gate
    services: Services
    body_limit: int

    def router(self, tag: str, doors: Sequence[Door]) -> APIRouter:
        """Make the routes of one area."""
        router = APIRouter(prefix=PREFIX, tags=[tag])
        for door in doors:
            self.add(router, door)
        return router

    def add(self, router: APIRouter, door: Door) -> None:
        """Make one route."""
        endpoint = door.endpoint

        async def passed(request: Request) -> Response:
            return await self._pass(request, door)

        router.add_api_route(
            door.path,
            documented(passed, _signature(door)),
            methods=[door.method],
            status_code=endpoint.success_status,
            response_model=endpoint.answer,
            summary=_summary(endpoint),
            description=describe(endpoint),
            operation_id=f"{endpoint.noun}_{endpoint.verb}",
            response_description="Done.",
            route_class_override=DoorRoute,
        )

    async def _pass(self, request: Request, door: Door) -> Response:
        asker = await self.gate.admit(request, door.endpoint.permission)
        question = await self._question(request, door)
        answer = await self.services.ask(door.endpoint, question, asker)
        return answers.response_of(
            request,
            answer,
            versioned=door.gives_version,
            place=lambda made: f"{_collection(request)}/{quote(str(made[door.named_by]), safe='')}",
        )

    async def _question(self, request: Request, door: Door) -> bytes:
        values: dict[str, Any] = dict(request.path_params)
        if door.takes_version:
            version = preconditions.expected_version(request.headers.get("if-match"))
            values |= {} if version is None else {EXPECTED_VERSION: version}
        if door.method == "GET":
            values |= query_of(request, reserved=values.keys())
        elif door.has_body:
            values |= await self._body(request, door)
        checked = bodies.validate(door.endpoint.request, values, within=door.wrapper)
        return checked.model_dump_json(exclude_unset=True).encode()

    async def _body(self, request: Request, door: Door) -> dict[str, Any]:
        content = await bodies.read_json(request, limit=self.body_limit)
        if content is None and not door.body_is_required:
            content = {}
        if not isinstance(content, dict):
            raise _fault("", "object_expected", "the body is a JSON object")
        if door.wrapper:
            return {door.wrapper: content}
        for name in content.keys() - door.rest.keys():
            if name in door.endpoint.request.model_fields:
                raise _fault(name, "extra_forbidden", "this is told by the address or If-Match")
        return content


class DoorRoute(APIRoute):
    """A route whose function takes the request as it is; its signature is for the document."""

    def get_route_handler(self) -> Handler:
        """Call the function with the request."""
        handler: Handler = self.endpoint.handler  # type: ignore[attr-defined]
        return handler


def documented(handler: Handler, parameters: Sequence[inspect.Parameter]) -> Callable[..., Any]:
    """Give a handler the parameters that the OpenAPI document shows."""

    def shown() -> None:
        """Stand for the handler."""

    shown.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    shown.handler = handler  # type: ignore[attr-defined]
    return shown


def describe(endpoint: Endpoint[Any, Any]) -> str:
    """Say what an endpoint is for and what it takes."""
    purpose = inspect.getdoc(endpoint.request) or ""
    return f"{purpose}\n\nPermission: `{endpoint.permission}`."


def query_of(request: Request, *, reserved: Any = ()) -> dict[str, str]:
    """Read the query; a parameter stands there once.

    Raises:
        Refused: One is given twice, or is none of the query's.
    """
    values = request.query_params
    for name in values:
        if len(values.getlist(name)) > 1:
            raise _fault(name, "repeated", "this parameter is given more than once")
        if name in (EXPECTED_VERSION, *reserved):
            raise _fault(name, "extra_forbidden", "there is no such parameter")
    return dict(values)


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
        Header(alias="If-Match", description="The ETag the change was decided on; else 412."),
    ],
    None,
)


def _signature(door: Door) -> list[inspect.Parameter]:
    fields = door.endpoint.request.model_fields
    found = [
        parameter(name, Annotated[_annotated(fields[name]), Path()]) for name in door.path_fields
    ]
    if door.method == "GET":
        found += [
            parameter(
                name,
                Annotated[_annotated(info), Query(description=info.description)],
                _default(info),
            )
            for name, info in door.rest.items()
        ]
    elif door.has_body:
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
    if door.method == "POST" and door.endpoint.kind == "write":
        found.append(IDEMPOTENCY_PARAMETER)
    return found


def _annotated(info: FieldInfo) -> Any:
    """A field's type with its constraints."""
    if not info.metadata:
        return info.annotation
    return Annotated.__class_getitem__((info.annotation, *info.metadata))  # type: ignore[attr-defined]


def _default(info: FieldInfo) -> Any:
    return inspect.Parameter.empty if info.is_required() else info.default


def _summary(endpoint: Endpoint[Any, Any]) -> str:
    return f"{endpoint.verb} {endpoint.noun}".replace("_", " ").capitalize()


def _collection(request: Request) -> str:
    """The address of what a new resource belongs to, seen from the address that made it.

    `POST /routings` and `POST /routings/{id}/copy` both make a routing below `/routings`.
    """
    path = request.url.path
    for name, value in request.path_params.items():
        if name:
            path = path.partition(f"/{value}")[0]
    return path


def _fault(path: str, code: str, message: str) -> Refused:
    fault = Fault(code=code, path=path, message=message)
    return Refused(refusals.validation_problem([fault]))
