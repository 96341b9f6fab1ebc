"""Files in: taken to the object store, loaded by the service that owns the kind, then deleted."""

import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lineside_chassis.asking import Answer
from lineside_contracts import planning, registry, routing, sales
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.problems import ProblemCode
from lineside_gateway.requests import (
    answers,
    bodies,
    import_streams,
    passage as passing,
    problem_codes,
    signatures,
)
from lineside_gateway.requests.passage import Passage
from lineside_gateway.store.progress import Progress
from lineside_gateway.store.services import Asker
from lineside_gateway.store.uploads import Spool, Uploads

CSV_TYPES = ("text/csv", "text/plain", "application/octet-stream")
LINES_TYPES = ("application/jsonl", "application/x-ndjson", "application/x-jsonlines")
DRY_RUN_PARAMETER = signatures.parameter(
    "dry_run",
    Annotated[bool, Query(description="Check everything, load nothing.")],
    False,  # noqa: FBT003
)
FORMAT_PARAMETER = signatures.parameter(
    "format",
    Annotated[
        Literal["csv", "jsonl"] | None, Query(description="Told by the content type if absent.")
    ],
    None,
)
_CODES = (
    problem_codes.ASKED
    | problem_codes.KEYED
    | {
        ProblemCode.IMPORT_REJECTED,
        ProblemCode.UNSUPPORTED_DOCUMENT,
        ProblemCode.VERSION_CONFLICT,
        ProblemCode.NOT_FOUND,
    }
)
_LINES = {
    "schema": {
        "type": "string",
        "description": "Where accepted: lines with `progress`, the last with `status` and `report` "
        "or `problem`.",
    }
}


@dataclass(frozen=True)
class File:
    """A file that came in, and the question that goes with it."""

    endpoint: Endpoint[Any, Any]
    name: str
    spool: Spool
    question: bytes


class Imports:
    """The routes that take files."""

    def __init__(
        self,
        passage: Passage,
        uploads: Uploads,
        progress: Progress,
        *,
        limit: int,
        seconds: float,
        new_id: Callable[[], UUID],
    ) -> None:
        self._passage = passage
        self._uploads = uploads
        self._progress = progress
        self._limit = limit
        self._seconds = seconds
        self._new_id = new_id

    def add_master_data(self, router: APIRouter) -> None:
        """Make a route per kind of master data, and those for routings and bills of material."""
        for kind in registry.MASTER_DATA:
            self._add(router, f"/imports/{kind.path}", kind.load, DRY_RUN_PARAMETER)
        self._add(router, "/imports/routings", routing.IMPORT_ROUTINGS, DRY_RUN_PARAMETER)
        self._add(router, "/imports/boms", planning.IMPORT_BOMS, DRY_RUN_PARAMETER)

    def add_stock(self, router: APIRouter) -> None:
        """Make the routes for files of opening stock and of scheduled receipts."""
        self._add(router, "/stock/import", planning.IMPORT_STOCK, DRY_RUN_PARAMETER)
        self._add(router, "/receipts/import", planning.IMPORT_RECEIPTS, DRY_RUN_PARAMETER)

    def add_sales_orders(self, router: APIRouter) -> None:
        """Make the route for files of sales orders."""
        endpoint = sales.IMPORT_SALES_ORDERS
        self._add(router, "/sales-orders/import", endpoint, FORMAT_PARAMETER)

    def _add(self, router: APIRouter, path: str, endpoint: Endpoint[Any, Any], extra: Any) -> None:
        async def load(request: Request) -> Response:
            return await self._load(request, endpoint)

        router.add_api_route(
            path,
            signatures.documented(load, [extra, signatures.IDEMPOTENCY_PARAMETER], codes=_CODES),
            methods=["POST"],
            response_model=endpoint.answer,
            responses={200: {"content": {import_streams.MEDIA_TYPE: _LINES}}},
            summary=f"Import {endpoint.noun.replace('_', ' ')}s",
            description=signatures.describe(endpoint),
            operation_id=f"{endpoint.noun}_{endpoint.verb}",
            openapi_extra={"requestBody": _documented_body(endpoint)},
            route_class_override=signatures.DoorRoute,
        )

    async def _load(self, request: Request, endpoint: Endpoint[Any, Any]) -> Response:
        asker = await self._passage.gate.admit(request, endpoint.permission)
        wanted = _wanted(request, endpoint)
        spool = Spool()
        try:
            async for chunk in bodies.stream(request, limit=self._limit):
                spool.write(chunk)
            name = spool.name_for(asker, self._new_id())
            question = bodies.validate(endpoint.request, wanted | {"object_name": name})
        except BaseException:
            spool.file.close()
            raise
        file = File(endpoint, name, spool, question.model_dump_json(exclude_unset=True).encode())
        if import_streams.is_wanted(request):
            return import_streams.LineStream(self._lines(request, file, asker))
        return answers.response_of(request, await self._ask(file, asker))

    async def _ask(self, file: File, asker: Asker) -> Answer:
        with file.spool.file:
            async with self._uploads.lent(file.name, file.spool):
                return await self._passage.services.ask(
                    file.endpoint, file.question, asker, seconds=self._seconds
                )

    async def _lines(
        self, request: Request, file: File, asker: Asker
    ) -> AsyncGenerator[bytes, None]:
        async with (
            self._progress.followed(file.name) as news,
            contextlib.aclosing(
                import_streams.lines(request, news, self._ask(file, asker))
            ) as lines,
        ):
            async for line in lines:
                yield line


def _wanted(request: Request, endpoint: Endpoint[Any, Any]) -> dict[str, Any]:
    """Read the query, and the format from the content type where the query names none.

    Raises:
        Refused: The body is neither CSV nor, where that is taken, JSON lines.
    """
    wanted: dict[str, Any] = passing.query_of(request, reserved=["object_name"])
    kind = bodies.media_type(request)
    by_lines = "format" in endpoint.request.model_fields
    allowed = (*CSV_TYPES, *LINES_TYPES) if by_lines else CSV_TYPES
    if kind not in allowed:
        raise bodies.unsupported(kind, "text/csv", *(LINES_TYPES[:1] if by_lines else ()))
    if by_lines:
        wanted.setdefault("format", "jsonl" if kind in LINES_TYPES else "csv")
    return wanted


def _documented_body(endpoint: Endpoint[Any, Any]) -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    content = {"text/csv": text}
    if "format" in endpoint.request.model_fields:
        content["application/jsonl"] = text
    return {"required": True, "content": content}
