"""Files of orders: CSV with one row per line, or JSON lines with one document each.

An order of a CSV file is all rows with its number, wherever they stand; what belongs to the order
as a whole is repeated on each row or left empty after the first.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lineside_contracts.problems import Fault
from lineside_sales_bridge import adapters
from lineside_sales_bridge.adapters import normal_form
from lineside_sales_bridge.domain.documents import Reading

ORDER_COLUMNS = {
    "order_number": "order_number",
    "revision": "revision",
    "confirmed_at": "confirmed_at",
    "customer_code": "customer.code",
    "customer_name": "customer.name",
    "project_number": "project.number",
    "project_name": "project.name",
    "currency": "currency",
    "priority": "priority",
}
"""Columns of the order as a whole, and the fields they fill."""

LINE_COLUMNS = (
    "line_number",
    "product_code",
    "quantity",
    "unit",
    "due_date",
    "description",
    "unit_price",
    "over_delivery_percentage",
    "under_delivery_percentage",
)
_REQUIRED = (
    "order_number",
    "confirmed_at",
    "customer_code",
    "line_number",
    "product_code",
    "quantity",
    "unit",
    "due_date",
)
_DELIMITERS = (",", ";", "\t")

OrderRead = tuple[Reading, str]
"""One order of a file: what was read, and its part of the file's text."""


class UnreadableFile(Exception):  # noqa: N818 -- a verdict, not an error of ours
    """A file no order can be told apart in.

    Attributes:
        faults: Why, by line.
    """

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class _Row:
    """A row and the line of the file it ends on (the header is line 1)."""

    number: int
    cells: dict[str, str]


def split(data: bytes, form: str) -> list[OrderRead]:
    """Take a file apart into its orders.

    Args:
        data: The file, UTF-8.
        form: "csv" or "jsonl".

    Returns:
        The orders in the order they first appear, each with its own faults by line.

    Raises:
        UnreadableFile: It is not UTF-8 or not CSV, lacks columns, or has unknown ones.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"The file is not UTF-8 (byte {error.start})."
        raise UnreadableFile(Fault(code="encoding", message=message)) from None
    if "\0" in text:
        raise UnreadableFile(Fault(code="encoding", message="The file holds NUL characters."))
    return list(_json_lines(text) if form == "jsonl" else _csv_orders(text))


def _json_lines(text: str) -> Iterator[OrderRead]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            reading, raw = adapters.read(line)
            yield _under(reading, f"line {number}"), raw


def _under(reading: Reading, place: str) -> Reading:
    """Put the line's number in front of every path."""
    inner = reading.locate

    def locate(path: str) -> str:
        located = inner(path)
        return f"{place}: {located}" if located else place

    return replace(reading, locate=locate)


def _csv_orders(text: str) -> Iterator[OrderRead]:
    header, rows = _rows(text)
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        number = row.cells.get("order_number")
        groups.setdefault(number or f"\nrow {row.number}", []).append(row)
    for group in groups.values():
        yield _order(group), _raw(header, group)


def _rows(text: str) -> tuple[list[str], list[_Row]]:
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header)
        rows = [_row(reader.line_num, header, cells) for cells in reader if any(cells)]
    except csv.Error as error:
        message = f"Line {reader.line_num} is not CSV: {error}."
        fault = Fault(code="csv", path=f"row {reader.line_num}", message=message)
        raise UnreadableFile(fault) from None
    return header, rows


def _check_header(header: Sequence[str]) -> None:
    known = (*ORDER_COLUMNS, *LINE_COLUMNS)
    faults = [
        Fault(code="missing_column", path="row 1", message=f"There is no column {name}.")
        for name in _REQUIRED
        if name not in header
    ]
    faults += [
        Fault(
            code="unknown_column",
            path="row 1",
            message=f"No column is called {name[:80]!r}; there are {', '.join(known)}.",
        )
        for name in header
        if name not in known
    ]
    faults += [
        Fault(code="repeated_column", path="row 1", message=f"Column {name} stands twice.")
        for name in sorted({name for name in header if header.count(name) > 1})
    ]
    if faults:
        raise UnreadableFile(*faults)


def _row(number: int, header: Sequence[str], cells: Sequence[str]) -> _Row:
    if len(cells) > len(header):
        message = f"Line {number} has {len(cells)} cells, the header {len(header)}."
        raise UnreadableFile(Fault(code="csv", path=f"row {number}", message=message))
    pairs = zip(header, cells, strict=False)
    return _Row(number, {name: cell.strip() for name, cell in pairs if cell.strip()})


def _order(rows: Sequence[_Row]) -> Reading:
    fields: dict[str, Any] = {"customer": {}}
    places = {"lines": f"row {rows[0].number}", "customer": f"row {rows[0].number}, customer_code"}
    faults: list[Fault] = []
    for column, field in ORDER_COLUMNS.items():
        places[field] = f"row {rows[0].number}, {column}"
        said = [(row.number, row.cells[column]) for row in rows if column in row.cells]
        if said:
            places[field] = f"row {said[0][0]}, {column}"
            _put(fields, field, said[0][1])
            faults += _contradictions(column, said)
    fields["lines"] = [_line(row) for row in rows]
    places |= {
        f"lines[{index}].{column}": f"row {row.number}, {column}"
        for index, row in enumerate(rows)
        for column in LINE_COLUMNS
    }
    reading = normal_form.read_fields(fields, locate=lambda path: places.get(path, path))
    return _with_faults(reading, faults)


def _with_faults(reading: Reading, faults: Sequence[Fault]) -> Reading:
    """Refuse what contradicts itself, keeping what else was read for the judge."""
    if not faults:
        return reading
    draft = reading.document or reading.draft
    return replace(reading, document=None, draft=draft, faults=(*faults, *reading.faults))


def _line(row: _Row) -> dict[str, str]:
    return {name: row.cells[name] for name in LINE_COLUMNS if name in row.cells}


def _put(fields: dict[str, Any], field: str, value: str) -> None:
    group, _, name = field.rpartition(".")
    if group:
        fields.setdefault(group, {})[name] = value
    else:
        fields[name] = value


def _contradictions(column: str, said: Sequence[tuple[int, str]]) -> Iterator[Fault]:
    """Rows of one order must agree about it."""
    first_row, first = said[0]
    for number, value in said[1:]:
        if value != first:
            yield Fault(
                code="contradiction",
                path=f"row {number}, {column}",
                message=f"{column} is {value[:80]!r} here and {first[:80]!r} in row {first_row}.",
            )


def _raw(header: Sequence[str], rows: Sequence[_Row]) -> str:
    """The order's own part of the file, header included."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([row.cells.get(name, "") for name in header] for row in rows)
    return target.getvalue()
