"""CSV files in: parsed and checked row by row, every fault named by its line and column."""

import asyncio
import contextlib
import csv
import io
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from lineside_chassis.faults import faults_of
from lineside_chassis.requests import ObjectReader
from lineside_contracts.problems import Fault, Problem, ProblemCode

F = TypeVar("F", bound=BaseModel)
R = TypeVar("R")

MAX_FAULTS = 1_000
"""Nobody reads more, and an answer must fit into a message."""


PROGRESS_SECONDS = 0.5
"""So often an import tells how far it is."""

POLITE_ROWS = 50
"""Rows that a thread works on before it lets others in: less than a millisecond."""


@dataclass(slots=True)
class Progress:
    """How far an import is; written by whatever thread does the work, read by the one that tells.

    Attributes:
        phase: Rows are checked first, then written.
        total_count: Rows of the phase; about, until the file is read.
    """

    phase: Literal["checking", "writing"] = "checking"
    done_count: int = 0
    total_count: int = 0

    def begin(self, phase: Literal["checking", "writing"], total_count: int) -> None:
        """Start a phase."""
        self.phase, self.done_count, self.total_count = phase, 0, total_count


@contextlib.asynccontextmanager
async def told(progress: Progress, objects: ObjectReader, object_name: str) -> AsyncIterator[None]:
    """Tell whoever sent a file how far its import is, for as long as the block runs."""

    async def tell() -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            await objects.tell(
                object_name,
                phase=progress.phase,
                done_count=progress.done_count,
                total_count=progress.total_count,
            )

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.wait([telling])


def politely(rows: Iterable[R]) -> Iterator[R]:
    """Walk many rows in a thread, letting the event loop in between; it waits 5 ms otherwise.

    Measured: sending a chunk while the next was prepared took three times as long without it.
    """
    for count, row in enumerate(rows):
        if not count % POLITE_ROWS:
            time.sleep(0)
        yield row


def rejected(faults: Sequence[Fault]) -> Problem:
    """Refuse a file with its faults, as many as anybody reads."""
    detail = f"Nothing was imported: the file has {len(faults)} faults."
    shown = tuple(faults[:MAX_FAULTS])
    return Problem(code=ProblemCode.IMPORT_REJECTED, detail=detail, faults=shown)


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


async def parse_aside(
    data: bytes, fields: type[F], *, progress: Progress | None = None
) -> Parsed[F]:
    """Parse in a thread, so that a large file does not hold up the service."""
    return await asyncio.to_thread(parse, data, fields, progress=progress)


def parse(data: bytes, fields: type[F], *, progress: Progress | None = None) -> Parsed[F]:
    """Read a CSV file (UTF-8, comma or semicolon) into a model.

    Args:
        data: The file. A byte order mark is fine; empty cells are absent.
        fields: The model of a row; its fields are the columns.
        progress: Where it is told how many rows are checked.
    """
    progress = progress or Progress()
    progress.begin("checking", data.count(b"\n"))
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
        return _validate(_lines(reader, header), fields, progress)
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


def _validate(lines: Iterable[Line], fields: type[F], progress: Progress) -> Parsed[F]:
    rows: list[tuple[int, F]] = []
    faults: list[Fault] = []
    for line in politely(lines):
        progress.done_count += 1
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
