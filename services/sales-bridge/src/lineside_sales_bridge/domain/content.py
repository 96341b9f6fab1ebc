"""What a document says, as one short text: two documents that say the same have the same hash.

Numbers are compared by value (10 and "10.00" are the same quantity), instants by moment, lines by
number; how the document was written, and whether it named its tenant, does not matter.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lineside_contracts.sales import SalesCancellation, SalesDocument, SalesDocumentLine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hash_of_document(document: SalesDocument) -> str:
    """Digest the content of a confirmed or amended document.

    Returns:
        64 hexadecimal characters.

    Raises:
        Nothing.
    """
    project = document.project
    return _digest(
        [
            document.order_number,
            document.revision,
            (document.confirmed_at - _EPOCH) // timedelta(microseconds=1),
            document.customer.code,
            document.customer.name,
            [project.number, project.name] if project else None,
            document.currency,
            document.priority.value,
            sorted((_line(line) for line in document.lines), key=_first),
        ]
    )


def hash_of_cancellation(cancellation: SalesCancellation) -> str | None:
    """Digest a cancellation; None where it names no revision and so means the present."""
    if cancellation.revision is None:
        return None
    return _digest(["cancelled", cancellation.order_number, cancellation.revision])


def _line(line: SalesDocumentLine) -> list[object]:
    return [
        line.line_number,
        line.product_code,
        _number(line.quantity),
        line.unit,
        line.due_date.isoformat(),
        line.description,
        _number(line.unit_price),
        _number(line.over_delivery_percentage),
        _number(line.under_delivery_percentage),
    ]


def _first(row: list[object]) -> str:
    return str(row[0]).zfill(6)


def _number(value: Decimal | None) -> str | None:
    return None if value is None else str(value.normalize())


def _digest(content: list[object]) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
