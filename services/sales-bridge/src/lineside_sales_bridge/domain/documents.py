"""A document on its way to the judge: what was read of it, and how its parts are called there.

Adapters make a `Reading` of whatever a sales system sent; everything after them knows this form
only. Paths are Lineside's own (`lines[2].quantity`) until `locate` turns them into the document's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from lineside_contracts.problems import Fault, ProblemCode
from lineside_contracts.sales import SalesCancellation, SalesDocument

MAX_DOCUMENT_BYTES = 5 * 1024 * 1024
"""The largest document any door takes: 5 MiB hold an order of the most lines many times over."""


class SalesVerb(StrEnum):
    """What a sales system says about an order."""

    CONFIRMED = "confirmed"
    AMENDED = "amended"
    CANCELLED = "cancelled"


class DraftLine(Protocol):
    """A line as far as it could be read; None stands for what is missing or wrong."""

    @property
    def line_number(self) -> int | None:
        """Its number, unique in the order."""

    @property
    def product_code(self) -> str | None:
        """What is ordered."""

    @property
    def quantity(self) -> Decimal | None:
        """How much, in `unit`."""

    @property
    def unit(self) -> str | None:
        """The sales system's unit."""

    @property
    def due_date(self) -> date | None:
        """The day it is wanted, local to the plant."""


class Draft(Protocol):
    """A document as far as it could be read; a valid one is a draft without gaps."""

    @property
    def order_number(self) -> str | None:
        """The sales system's number."""

    @property
    def confirmed_at(self) -> datetime | None:
        """When the sale was made."""

    @property
    def lines(self) -> Sequence[DraftLine] | None:
        """Its lines; None when they could not be read at all."""


def _same(path: str) -> str:
    return path


@dataclass(frozen=True, slots=True)
class Reading:
    """What an adapter made of one document.

    Attributes:
        verb: What the document says about its order.
        document: The valid document; None when it has faults or is a cancellation.
        cancellation: The valid cancellation.
        draft: What could be read of a document with faults, so that every fault is named at once.
        tenant_id: The tenant the body names.
        order_number: As far as it could be read. revision: likewise.
        code: The refusal, where reading alone decides it.
        faults: Found by reading.
        warnings: Doubts that refuse nothing.
        locate: Turns one of Lineside's paths into the document's own.
    """

    verb: SalesVerb
    document: SalesDocument | None = None
    cancellation: SalesCancellation | None = None
    draft: Draft | None = None
    tenant_id: UUID | None = None
    order_number: str | None = None
    revision: int | None = None
    code: ProblemCode | None = None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    locate: Callable[[str], str] = field(default=_same)

    def located(self, faults: Sequence[Fault]) -> tuple[Fault, ...]:
        """Give faults the paths of the original document."""
        if self.locate is _same:
            return tuple(faults)
        return tuple(f.model_copy(update={"path": self.locate(f.path)}) for f in faults)


def refused_reading(
    code: ProblemCode, faults: Sequence[Fault], *, verb: SalesVerb = SalesVerb.CONFIRMED
) -> Reading:
    """Make the reading of a document that nothing could be read of."""
    return Reading(verb=verb, code=code, faults=tuple(faults))


def of_tenant(reading: Reading, tenant_id: UUID) -> Reading:
    """Hold a document against the tenant its door belongs to; one that names another is refused."""
    if reading.tenant_id in {None, tenant_id}:
        return reading
    fault = Fault(
        code="tenant_mismatch",
        path="tenant_id",
        message=f"The document names tenant {reading.tenant_id}, but it came in for {tenant_id}.",
    )
    draft = reading.document or reading.draft
    faults = (fault, *reading.faults)
    return replace(reading, document=None, cancellation=None, draft=draft, faults=faults)
