"""Routes of sales orders, refused ones, and the systems that send them."""

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lineside_chassis.asking import Answer
from lineside_contracts import sales
from lineside_contracts.problems import Problem, ProblemCode
from lineside_gateway.domain.refusals import Refused
from lineside_gateway.requests import answers, bodies, examples, problem_codes, signatures
from lineside_gateway.requests.doors import Door
from lineside_gateway.requests.passage import Passage

DOCUMENT_TYPES = ("application/json", "application/xml", "text/xml")
REJECTED = "rejected"
CREATED_STATUSES = frozenset({"accepted", "amended"})
"""A new order or a new revision of one is created; a duplicate or a cancellation is not."""

_CODES = (
    problem_codes.ASKED
    | problem_codes.KEYED
    | {
        ProblemCode.ORDER_REJECTED,
        ProblemCode.STALE_REVISION,
        ProblemCode.REVISION_CONTENT_MISMATCH,
        ProblemCode.INVALID_STATUS_TRANSITION,
        ProblemCode.UNSUPPORTED_DOCUMENT,
        ProblemCode.VERSION_CONFLICT,
    }
)

DOORS = (
    Door("GET", "/sales-orders", sales.LIST_SALES_ORDERS),
    Door("GET", "/sales-orders/{sales_order_id}", sales.GET_SALES_ORDER),
    Door("GET", "/rejected-orders", sales.LIST_REJECTED_ORDERS),
    Door("GET", "/webhook-sources", sales.LIST_WEBHOOK_SOURCES),
    Door(
        "PUT",
        "/webhook-sources",
        sales.PUT_WEBHOOK_SOURCE,
        examples=[examples.WEBHOOK_SOURCE],
    ),
)


def add_submission(router: APIRouter, passage: Passage, *, document_limit: int) -> None:
    """Take in sales documents: they travel as the text they are, whatever they hold."""

    async def submit(request: Request) -> Response:
        asker = await passage.gate.admit(request, sales.SUBMIT_SALES_DOCUMENT.permission)
        kind = bodies.media_type(request)
        if not kind.endswith(("json", "xml")):
            raise bodies.unsupported(kind, *DOCUMENT_TYPES)
        document = _text(await bodies.read(request, limit=document_limit), kind)
        question = bodies.validate(
            sales.SubmitSalesDocument, {"content_type": kind, "document": document}
        )
        answer = await passage.services.ask(
            sales.SUBMIT_SALES_DOCUMENT, question.model_dump_json().encode(), asker
        )
        return response_of(request, answer)

    endpoint = sales.SUBMIT_SALES_DOCUMENT
    router.add_api_route(
        "/sales-orders",
        signatures.documented(submit, [signatures.IDEMPOTENCY_PARAMETER], codes=_CODES),
        methods=["POST"],
        status_code=endpoint.success_status,
        response_model=endpoint.answer,
        responses={200: {"model": endpoint.answer, "description": "Known already, or cancelled."}},
        summary="Submit a sales document",
        description=signatures.describe(endpoint),
        operation_id="sales_order_submit",
        openapi_extra={"requestBody": _documented_body()},
        route_class_override=signatures.DoorRoute,
    )


def response_of(request: Request, answer: Answer) -> Response:
    """Answer as the bridge judged: 201 accepted, 200 known already, 422 with every fault.

    Raises:
        Refused: The document was rejected.
    """
    if answer.status >= answers.FIRST_REFUSAL:
        return answers.response_of(request, answer)
    told = orjson.loads(answer.body)
    if told.get("status") == REJECTED:
        raise Refused(rejection_of(sales.SalesOrderAnswer.model_validate(told)))
    status = 201 if told.get("status") in CREATED_STATUSES else 200
    return answers.response_of(
        request,
        Answer(status, answer.body),
        place=lambda made: f"{request.url.path}/{made['sales_order_id']}",
    )


def rejection_of(answer: sales.SalesOrderAnswer) -> Problem:
    """Word the bridge's refusal as a problem."""
    known = {str(code): code for code in ProblemCode}
    return Problem(
        code=known.get(answer.code or "", ProblemCode.ORDER_REJECTED),
        detail=f"The order was refused; {len(answer.faults)} fault(s) are listed.",
        faults=answer.faults,
        facts={"order_number": answer.order_number, "revision": answer.revision},
    )


def _text(body: bytes, kind: str) -> str:
    """Read the document's text; XML may say in which encoding it is written."""
    encoding = "utf-8-sig"
    if kind.endswith("xml"):
        encoding = _xml_encoding(body)
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise bodies.malformed(f"The document's text cannot be read as {encoding}.") from None


def _xml_encoding(body: bytes) -> str:
    """Tell the encoding of XML (XML 1.0, appendix F), of those that sales systems use."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = body[:200].lower()
    for name in (b"iso-8859-15", b"iso-8859-1", b"windows-1252", b"us-ascii"):
        if b"encoding=" in head and name in head.partition(b"?>")[0]:
            return name.decode()
    return "utf-8-sig"


def _documented_body() -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/SalesDocument"}
    xml = {"schema": {"type": "string", "description": "UBL 2.1 Order, Peppol order"}}
    return {
        "required": True,
        "content": {
            "application/json": {"schema": reference, "example": examples.SALES_DOCUMENT},
            "application/xml": xml,
        },
    }
