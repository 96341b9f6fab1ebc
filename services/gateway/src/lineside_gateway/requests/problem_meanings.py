"""What each problem code means and which facts come with it, for the OpenAPI document.

A code without an entry fails a test, so that none is left unexplained. `facts` are an example.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lineside_contracts.problems import ProblemCode as Code

AN_ID: Final = "019aa1b4-52c7-7d6e-9c1b-0f4c5f0e8a11"


@dataclass(frozen=True)
class Meaning:
    """When a code is told, how a person reads it, and its facts by example."""

    when: str
    detail: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Mapping[str, Any], ...] = ()


def _fault(code: str, path: str, message: str, **facts: Any) -> Mapping[str, Any]:
    return {"code": code, "path": path, "message": message, "facts": facts}


GENERAL: Final[Mapping[Code, Meaning]] = {
    Code.VALIDATION_FAILED: Meaning(
        "something in the request is wrong; every fault is listed with its path",
        "1 thing is wrong.",
        faults=(_fault("greater_than", "quantity", "Input should be greater than 0"),),
    ),
    Code.MALFORMED: Meaning(
        "the request cannot be read: no JSON, a bad header, a body that broke off",
        "The body is no JSON: Expecting value in line 1, column 1.",
    ),
    Code.PAYLOAD_TOO_LARGE: Meaning(
        "the body is larger than allowed, or the page asked for is",
        "The body is larger than 1048576 bytes.",
        {"limit": 1048576},
    ),
    Code.UNSUPPORTED_DOCUMENT: Meaning(
        "the body's media type or document format is not one that is read here",
        "The body is text/html; send application/json.",
    ),
    Code.UNAUTHENTICATED: Meaning(
        "no valid token came with the request",
        "Send one header Authorization: Bearer <token>.",
    ),
    Code.TOKEN_EXPIRED: Meaning(
        "the token was valid once; get a new one", "The token has expired."
    ),
    Code.FORBIDDEN: Meaning(
        "the token does not carry the permission, or the row belongs to everybody",
        "This needs the permission work_order:release.",
        {"permission": "work_order:release"},
    ),
    Code.PLANT_FORBIDDEN: Meaning(
        "the token is limited to other plants",
        "Your account is limited to other plants than PLANT-2.",
        {"plant_code": "PLANT-2"},
    ),
    Code.TENANT_SUSPENDED: Meaning(
        "the organisation is suspended and begins nothing new",
        "The organisation is suspended.",
        {"tenant_status": "suspended"},
    ),
    Code.NOT_FOUND: Meaning(
        "there is none of this id or code, or not for this organisation and these plants",
        "There is no work order of this id.",
        {"work_order_id": AN_ID},
    ),
    Code.METHOD_NOT_ALLOWED: Meaning(
        "the address exists, the method does not",
        "This address does not know this method.",
    ),
    Code.VERSION_CONFLICT: Meaning(
        "somebody else changed it since it was read; nothing was changed",
        "It has changed in the meantime: read it again and repeat.",
        {"expected_version": 3, "current_version": 4},
    ),
    Code.IDEMPOTENCY_KEY_REUSED: Meaning(
        "the key was used for another request before",
        "This Idempotency-Key belongs to another request.",
    ),
    Code.INVALID_CURSOR: Meaning(
        "the cursor is none that this list gave out, or its filter has changed",
        "This is no cursor of this list.",
    ),
    Code.RATE_LIMITED: Meaning(
        "the organisation sends more requests than agreed; see Retry-After",
        "Your organisation sends more requests than agreed; wait a moment.",
    ),
    Code.UNAVAILABLE: Meaning(
        "a service is away or late; see Retry-After, and repeat a write with the same key",
        "The service shopfloor is not there now; try again soon.",
    ),
    Code.INTERNAL: Meaning(
        "something went wrong inside; the log has it under the correlation id",
        "Something went wrong here; the log has it under this correlation id.",
    ),
    Code.CODE_TAKEN: Meaning(
        "another one has this code already",
        "There is a product BROCHURE-A4 already.",
        {"code": "BROCHURE-A4"},
    ),
    Code.IN_USE: Meaning(
        "others refer to it; the facts name some",
        "It is used by routings.",
        {"used_by": ["routings"], "needed_by": ["BROCHURE"]},
    ),
    Code.IMPORT_REJECTED: Meaning(
        "rows of the file are bad; every one is named by its line, and nothing was loaded",
        "1 row is bad; nothing was loaded.",
        faults=(_fault("decimal_parsing", "row 17: quantity", "Input should be a valid decimal"),),
    ),
    Code.INVALID_STATUS_TRANSITION: Meaning(
        "its status does not allow that; `allowed` tells what it does allow",
        "A completed work order cannot be released.",
        {"from": "completed", "to": "released", "allowed": []},
    ),
}

SALES: Final[Mapping[Code, Meaning]] = {
    Code.ORDER_REJECTED: Meaning(
        "the order was judged and refused; every fault is listed by path",
        "The order was refused; 1 fault(s) are listed.",
        {"order_number": "SO-1001", "revision": 1},
        (_fault("unknown_product", "lines[0].product_code", "there is no product X-1"),),
    ),
    Code.STALE_REVISION: Meaning(
        "a higher revision of the order is known",
        "Revision 2 of SO-1001 is known.",
        {"revision": 1, "known_revision": 2},
    ),
    Code.REVISION_CONTENT_MISMATCH: Meaning(
        "this revision is known with another content",
        "Revision 1 of SO-1001 is known with another content.",
        {"revision": 1},
    ),
    Code.SIGNATURE_INVALID: Meaning(
        "a webhook's signature or timestamp is not right",
        "The signature does not fit the body.",
    ),
}

PLANNING: Final[Mapping[Code, Meaning]] = {
    Code.ROUTING_INVALID: Meaning(
        "the routing has faults; all are listed",
        "Routing BROCHURE version 2 has 1 fault.",
        faults=(_fault("cycle", "operations[1]", "10 → 20 → 10"),),
    ),
    Code.ROUTING_NOT_DRAFT: Meaning(
        "only drafts can be changed; copy it to a new version",
        "Routing BROCHURE version 1 is active.",
        {"status": "active", "routing_version": 1},
    ),
    Code.ROUTING_MISSING: Meaning(
        "no active routing fits the product or its category",
        "No active routing fits BROCHURE-A4.",
        {"product_code": "BROCHURE-A4"},
    ),
    Code.BOM_INVALID: Meaning(
        "the bill of material has faults; all are listed",
        "The bill of BROCHURE-A4 has 1 fault.",
        faults=(_fault("cycle", "lines[0]", "BROCHURE-A4 → BROCHURE-A4"),),
    ),
    Code.BOM_NOT_DRAFT: Meaning(
        "only drafts can be changed; copy it to a new version",
        "The bill of BROCHURE-A4 version 1 is active.",
        {"status": "active", "bom_version": 1},
    ),
    Code.ORDER_IN_PROGRESS: Meaning(
        "work has begun, so that this would undo what was done",
        "Work on MO-2026-000017 has begun.",
        {"status": "in_progress"},
    ),
    Code.ORDER_NOT_COMPLETED: Meaning(
        "only completed orders can be closed",
        "MO-2026-000017 is released.",
        {"from": "released", "to": "closed", "allowed": ["on_hold", "cancelled"]},
    ),
    Code.EXCEPTION_NOT_FOUND: Meaning(
        "the order has no such exception (any more)",
        "MO-2026-000017 has no exception amended_in_progress.",
        {"exceptions": []},
    ),
    Code.INSUFFICIENT_STOCK: Meaning(
        "there is less in this place than was to be taken",
        "There are 3 of PLATE-A2 in PRESSROOM-BUFFER.",
        {"on_hand": "3", "attempting": "4"},
    ),
    Code.INSUFFICIENT_ALLOCATION: Meaning(
        "the order holds less than was to be moved",
        "MO-2026-000017 holds 1000 of PAPER-A2-130.",
        {"allocated": "1000", "attempting": "1500"},
    ),
    Code.RECEIPT_CLOSED: Meaning(
        "the receipt is received or cancelled",
        "Receipt PO-4711-10 is received.",
        {"status": "received", "quantity_received": "20000"},
    ),
    Code.REQUISITION_CLOSED: Meaning(
        "the requisition is ordered or cancelled",
        "The requisition is ordered.",
        {"status": "ordered"},
    ),
    Code.NOT_REQUIRED: Meaning(
        "the order does not need this (any more)",
        "MO-2026-000017 lacks 0 of PAPER-A2-130.",
        {"lacking": "0", "attempting": "1500"},
    ),
    Code.BACKFLUSHED: Meaning(
        "the component is consumed by itself, at completion",
        "PAPER-A2-130 is backflushed.",
        {"component_code": "PAPER-A2-130"},
    ),
    Code.MRP_RUN_ENDED: Meaning(
        "the run has ended and cannot be cancelled", "The run has ended.", {"status": "completed"}
    ),
    Code.ALREADY_FIRMED: Meaning(
        "the planned order is firm already",
        "It is firm already.",
        {"planned_order_id": AN_ID},
    ),
    Code.NO_PROMISE_POSSIBLE: Meaning(
        "no date can be computed; the faults say why",
        "No date can be promised.",
        faults=(_fault("no_routing", "product_code", "no active routing fits BROCHURE-A4"),),
    ),
}
