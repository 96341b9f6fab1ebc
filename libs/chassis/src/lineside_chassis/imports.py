"""CSV files in: parsed and checked row by row, every fault named by its line and column."""

import asyncio
import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from lineside_chassis.faults import faults_of
from lineside_contracts.problems import Fault

F = TypeVar("F", bound=BaseModel)

MAX_FAULTS = 1_000
"""Nobody reads more, and an answer must fit into a message."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file: its line number (the header is 1) and its cells that hold something."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Parsed(Generic[F]):
    """What a file holds: valid rows by their line, or faults."""

    rows: tuple[tuple[int, F], ...]
    faults: tuple[Fault, ...]


async def parse_aside(data: bytes, fields: type[F]) -> Parsed[F]:
    """Parse in a thread, so that a large file does not hold up the service."""
    return await asyncio.to_thread(parse, data, fields)


def parse(data: bytes, fields: type[F]) -> Parsed[F]:
    """Read a CSV file (UTF-8, comma or semicolon) into a model.

    Args:
        data: The file. A byte order mark is fine; empty cells are absent.
        fields: The model of a row; its fields are the columns.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _unreadable("encoding", f"The file is not UTF-8 (byte {error.start}).")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return _unreadable("encoding", f"Line {line} holds a NUL character.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    header = [name.strip() for name in next(reader, [])]
    wrong = tuple(_header_faults(header, fields))
    if wrong:
        return Parsed(rows=(), faults=wrong)
    try:
        return _validate(_lines(reader, header), fields)
    except csv.Error as error:
        return _unreadable("csv", f"Line {reader.line_num} is not CSV: {error}.")


def _delimiter(text: str) -> str:
    """Whichever separates the header's columns."""
    header = text.partition("\n")[0]
    return ";" if header.count(";") > header.count(",") else ","


def _header_faults(header: list[str], fields: type[BaseModel]) -> Iterable[Fault]:
    known = {info.alias or name: info for name, info in fields.model_fields.items()}
    if not header:
        yield Fault(code="empty_file", message="The file has no header row.")
        return
    for name in header:
        if name not in known:
            expected = ", ".join(known)
            message = f"Column {name!r} is not known; columns are {expected}."
            yield Fault(code="unknown_column", path=name, message=message)
        elif header.count(name) > 1:
            yield Fault(code="repeated_column", path=name, message=f"Column {name} stands twice.")
    for name, info in known.items():
        if info.is_required() and name not in header:
            message = f"Column {name} is missing."
            yield Fault(code="missing_column", path=name, message=message)


def _lines(reader: "csv._reader", header: list[str]) -> Iterable[Line]:  # type: ignore[name-defined]
    for cells in reader:
        if any(cell.strip() for cell in cells):
            held = {name: cell for name, cell in zip(header, cells, strict=False) if cell.strip()}
            if len(cells) > len(header):
                held[""] = cells[len(header)]
            yield Line(reader.line_num, held)


def _validate(lines: Iterable[Line], fields: type[F]) -> Parsed[F]:
    rows: list[tuple[int, F]] = []
    faults: list[Fault] = []
    for line in lines:
        if "" in line.cells:
            message = "The row has more cells than the header has columns."
            faults.append(Fault(code="too_many_cells", path=f"row {line.number}", message=message))
            continue
        try:
            rows.append((line.number, fields.model_validate(line.cells)))
        except ValidationError as error:
            faults.extend(faults_of(error, prefix=f"row {line.number}"))
        if len(faults) >= MAX_FAULTS:
            break
    return Parsed(rows=tuple(rows), faults=tuple(faults[:MAX_FAULTS]))


def _unreadable(code: str, message: str) -> Parsed[F]:
    return Parsed(rows=(), faults=(Fault(code=code, message=message),))
