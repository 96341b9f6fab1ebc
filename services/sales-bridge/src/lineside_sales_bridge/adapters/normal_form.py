"""Lineside's own form of a document, validated: in full, or as far as it goes.

A document with faults is read a second time without its faulty parts, so that the judge can name
what is wrong with the rest in the same answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationError

from lineside_contracts.problems import Fault
from lineside_contracts.sales import SalesCancellation, SalesDocument
from lineside_contracts.values import Code, Frozen, Instant, Quantity
from lineside_sales_bridge.domain import validation
from lineside_sales_bridge.domain.documents import Reading, SalesVerb

_PRUNINGS = 3
"""So often faulty parts are taken out before the rest is given up; once is nearly always enough."""


class PartialLine(Frozen):
    """A line of which anything may be missing."""

    line_number: Annotated[int, Field(ge=1, le=999_999)] | None = None
    product_code: Code | None = None
    quantity: Quantity | None = None
    unit: Code | None = None
    due_date: date | None = None


class PartialDocument(Frozen):
    """A document of which anything may be missing."""

    tenant_id: UUID | None = None
    order_number: Code | None = None
    revision: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    confirmed_at: Instant | None = None
    lines: Annotated[tuple[PartialLine, ...], Field(max_length=2000)] | None = None


def valid_document(document: SalesDocument, verb: SalesVerb) -> Reading:
    """Make the reading of a document without faults."""
    return Reading(
        verb=verb,
        document=document,
        tenant_id=document.tenant_id,
        order_number=document.order_number,
        revision=document.revision,
    )


def valid_cancellation(cancellation: SalesCancellation) -> Reading:
    """Make the reading of a cancellation without faults."""
    return Reading(
        verb=SalesVerb.CANCELLED,
        cancellation=cancellation,
        tenant_id=cancellation.tenant_id,
        order_number=cancellation.order_number,
        revision=cancellation.revision,
    )


def faulty(fields: Any, error: ValidationError, verb: SalesVerb) -> Reading:
    """Make the reading of a document with faults, and of what is right in it.

    Args:
        fields: The document as parsed, of any shape.
        error: What the schema found.
        verb: What it was meant to say.

    Returns:
        Every fault of the schema, and a draft for the judge (none for a cancellation).

    Raises:
        Nothing.
    """
    errors = error.errors(include_url=False)
    partial = _partial(fields, [found["loc"] for found in errors])
    return Reading(
        verb=verb,
        draft=None if verb is SalesVerb.CANCELLED else partial,
        tenant_id=partial.tenant_id if partial else None,
        order_number=partial.order_number if partial else None,
        revision=partial.revision if partial else None,
        faults=tuple(validation.faults_of(errors)),
    )


def read_fields(
    fields: Mapping[str, Any],
    *,
    locate: Callable[[str], str],
    warnings: Sequence[Fault] = (),
) -> Reading:
    """Read a confirmed order that an adapter has translated into Lineside's fields.

    Args:
        fields: As Lineside's JSON has them; what the original lacks is left out.
        locate: Turns Lineside's paths into the original's.
        warnings: The adapter's own doubts.

    Returns:
        The reading, faults included.

    Raises:
        Nothing.
    """
    try:
        reading = valid_document(SalesDocument.model_validate(fields), SalesVerb.CONFIRMED)
    except ValidationError as error:
        reading = faulty(fields, error, SalesVerb.CONFIRMED)
    return replace(reading, warnings=tuple(warnings), locate=locate)


def _partial(fields: Any, locations: Sequence[tuple[int | str, ...]]) -> PartialDocument | None:
    for _ in range(_PRUNINGS):
        pruned = _pruned(fields, frozenset(locations), ())
        try:
            return PartialDocument.model_validate(pruned)
        except ValidationError as error:
            locations = [*locations, *(found["loc"] for found in error.errors())]
    return None


def _pruned(
    value: Any, faulty_places: frozenset[tuple[int | str, ...]], place: tuple[int | str, ...]
) -> Any:
    """Copy without what is faulty; a faulty line leaves an empty one, so that places stay."""
    if isinstance(value, Mapping):
        return {
            key: _pruned(part, faulty_places, (*place, key))
            for key, part in value.items()
            if (*place, key) not in faulty_places
        }
    if isinstance(value, (list, tuple)):
        return [
            {}
            if (*place, index) in faulty_places
            else _pruned(part, faulty_places, (*place, index))
            for index, part in enumerate(value)
        ]
    return value
