"""A file of bills of material: one row per line, the bill's columns repeated in each.

Rows of one product and one first day (`bom_effective_from`) make one bill. Faults name lines of the
file ("row 17.quantity"), never positions inside a bill.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lineside_contracts.planning import BomFields, BomLineFields
from lineside_contracts.planning.boms import MAX_LINES
from lineside_contracts.problems import Fault
from lineside_contracts.values import Code, Day, Quantity, Text
from lineside_planning.master_data.domain import boms

BILL_COLUMNS = ("base_quantity", "bom_effective_until", "bom_description")
"""What all rows of a bill say alike, besides what makes them one."""

_LINE_PATH = re.compile(r"^lines\[(\d+)\]\.?")
_OWN_COLUMNS = {"effective_from": "bom_effective_from", "effective_until": "bom_effective_until"}


class BomRow(BomLineFields):
    """One row: a line, and the bill it belongs to."""

    product_code: Code
    base_quantity: Quantity = Decimal(1)
    bom_effective_from: Day | None = None
    bom_effective_until: Day | None = None
    bom_description: Text | None = None


@dataclass(frozen=True, slots=True)
class FiledBom:
    """A bill of the file; `rows` are the numbers of its lines' rows, in their order."""

    fields: BomFields
    rows: tuple[int, ...]

    def located(self, fault: Fault) -> Fault:
        """Say where in the file a fault of this bill is."""
        found = _LINE_PATH.match(fault.path)
        row = self.rows[int(found.group(1))] if found else self.rows[0]
        rest = fault.path[found.end() :] if found else fault.path
        column = rest if found else _OWN_COLUMNS.get(rest, rest)
        path = f"row {row}.{column}" if column and column != "lines" else f"row {row}"
        return fault.model_copy(update={"path": path})


def gathered(
    rows: Sequence[tuple[int, BomRow]],
) -> tuple[tuple[FiledBom, ...], tuple[Fault, ...]]:
    """Gather rows into bills, and name those that contradict their bill's first."""
    groups: dict[Any, list[tuple[int, BomRow]]] = {}
    for number, row in rows:
        groups.setdefault((row.product_code, row.bom_effective_from), []).append((number, row))
    faults = tuple(fault for group in groups.values() for fault in _group_faults(group))
    usable = (group for group in groups.values() if len(group) <= MAX_LINES)
    return tuple(_bom(group) for group in usable), faults


def _bom(group: Sequence[tuple[int, BomRow]]) -> FiledBom:
    numbers = {id(row): number for number, row in group}
    ordered = boms.in_order([row for _, row in group])
    _, first = group[0]
    fields = BomFields.model_construct(
        product_code=first.product_code,
        base_quantity=first.base_quantity,
        effective_from=first.bom_effective_from,
        effective_until=first.bom_effective_until,
        description=first.bom_description,
        lines=tuple(boms.bare(row) for row in ordered),
    )
    return FiledBom(fields, tuple(numbers[id(row)] for row in ordered))


def _group_faults(group: Sequence[tuple[int, BomRow]]) -> Iterator[Fault]:
    first_number, first = group[0]
    for number, row in group[1:]:
        for column in BILL_COLUMNS:
            if getattr(row, column) != getattr(first, column):
                yield Fault(
                    code="contradicts_first_row",
                    path=f"row {number}.{column}",
                    message=f"{first.product_code} says otherwise in row {first_number}.",
                    facts={"first_row": first_number},
                )
    if len(group) > MAX_LINES:
        number, _ = group[MAX_LINES]
        message = f"The bill of {first.product_code} has more than {MAX_LINES} lines."
        yield Fault(code="too_many_lines", path=f"row {number}", message=message)
