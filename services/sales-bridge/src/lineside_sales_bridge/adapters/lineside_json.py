"""Lineside's own JSON (SPEC 4): one decode for a good document, a second look at a bad one."""

import pydantic_core
from pydantic import ValidationError

from lineside_contracts.problems import Fault, ProblemCode
from lineside_contracts.sales import SalesCancellation, SalesDocument
from lineside_sales_bridge.adapters import normal_form
from lineside_sales_bridge.domain import documents
from lineside_sales_bridge.domain.documents import Reading, SalesVerb

EVENT_FIELD = "event"
"""Where no subject says it: confirmed (the default), amended or cancelled."""

_MARKS = ('"order_number"', '"confirmed_at"', '"lines"')
_INVALID_JSON = "json_invalid"


def recognises(text: str) -> bool:
    """Tell by a glance: an object with a field of ours.

    Shop systems number their orders as well, but call their lines `line_items`.
    """
    if not text.startswith("{"):
        return False
    is_shop = '"line_items"' in text and '"lines"' not in text
    return not is_shop and any(mark in text for mark in _MARKS)


def read(text: str, verb: SalesVerb | None) -> Reading:
    """Read a document.

    Args:
        text: A JSON object.
        verb: What its subject says; None where its field `event` does.

    Returns:
        The reading, faults included.

    Raises:
        Nothing.
    """
    spoken = verb or _spoken(text)
    if isinstance(spoken, Reading):
        return spoken
    try:
        if spoken is SalesVerb.CANCELLED:
            return normal_form.valid_cancellation(SalesCancellation.model_validate_json(text))
        return normal_form.valid_document(SalesDocument.model_validate_json(text), spoken)
    except ValidationError as error:
        return _look_again(text, error, spoken)


def what_is_malformed(text: str) -> str | None:
    """Say where a text stops being JSON; None when it is JSON all through."""
    try:
        pydantic_core.from_json(text)
    except ValueError as error:
        return f"This is not valid JSON: {error}."
    return None


def _look_again(text: str, error: ValidationError, verb: SalesVerb) -> Reading:
    first = error.errors(include_url=False)[0]
    if first["type"] == _INVALID_JSON:
        return _malformed(f"This is not valid JSON: {first['ctx']['error']}.", verb)
    return normal_form.faulty(pydantic_core.from_json(text), error, verb)


def _malformed(message: str, verb: SalesVerb) -> Reading:
    fault = Fault(code=ProblemCode.MALFORMED, message=message)
    return documents.refused_reading(ProblemCode.MALFORMED, [fault], verb=verb)


def _spoken(text: str) -> SalesVerb | Reading:
    """What the document itself says it is."""
    if f'"{EVENT_FIELD}"' not in text:
        return SalesVerb.CONFIRMED
    reason = what_is_malformed(text)
    if reason is not None:
        return _malformed(reason, SalesVerb.CONFIRMED)
    fields = pydantic_core.from_json(text)
    said = fields.get(EVENT_FIELD) if isinstance(fields, dict) else None
    if said is None:
        return SalesVerb.CONFIRMED
    try:
        return SalesVerb(str(said).removeprefix("sales.order."))
    except ValueError:
        allowed = ", ".join(SalesVerb)
        message = f"event must be one of {allowed}."
        fault = Fault(code="not_allowed", path=EVENT_FIELD, message=message)
        return Reading(verb=SalesVerb.CONFIRMED, faults=(fault,))
