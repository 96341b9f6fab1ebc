"""The way of a request through any door: admitted, read, asked, answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lineside_contracts.problems import Fault
from lineside_gateway.domain import preconditions, refusals
from lineside_gateway.domain.refusals import Refused
from lineside_gateway.requests import answers, bodies, problem_codes, signatures
from lineside_gateway.requests.doors import EXPECTED_VERSION, PATH_PARAMETER, Door
from lineside_gateway.requests.gate import Gate
from lineside_gateway.store.services import Services

PREFIX = "/api/v1"


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
            signatures.documented(
                passed, signatures.signature_of(door), codes=problem_codes.of_door(door)
            ),
            methods=[door.method],
            status_code=endpoint.success_status,
            response_model=endpoint.answer,
            responses=signatures.responses_of(door),
            summary=signatures.summary_of(endpoint),
            description=signatures.describe(endpoint),
            operation_id=f"{endpoint.noun}_{endpoint.verb}",
            response_description="Done.",
            route_class_override=signatures.DoorRoute,
        )

    async def _pass(self, request: Request, door: Door) -> Response:
        asker = await self.gate.admit(request, door.endpoint.permission)
        question = await self._question(request, door)
        answer = await self.services.ask(door.endpoint, question, asker)
        return answers.response_of(
            request,
            answer,
            version_field=door.version_field if door.gives_version else None,
            place=lambda made: place_of(made, door, collection=_collection(request)),
        )

    async def _question(self, request: Request, door: Door) -> bytes:
        values: dict[str, Any] = {
            known: request.path_params[name] for name, known in door.path_fields.items()
        }
        if door.takes_version:
            version = preconditions.expected_version(request.headers.get("if-match"))
            values |= {} if version is None else {EXPECTED_VERSION: version}
        if door.method == "GET":
            values |= query_of(request, reserved=values.keys())
        elif door.takes_body:
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


def place_of(made: Mapping[str, object], door: Door, *, collection: str) -> str:
    """Tell the address of what a door made.

    Args:
        made: The answer.
        door: Says where its resources lie, where not in `collection`.
        collection: Address of the door's own resources.
    """

    def segment(field: str) -> str:
        return quote(str(made[field]), safe="")

    if callable(door.place):
        return PREFIX + door.place(made)
    if not door.place:
        return f"{collection}/{segment(door.named_by)}"
    return PREFIX + PATH_PARAMETER.sub(lambda found: segment(found[1]), door.place)


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
