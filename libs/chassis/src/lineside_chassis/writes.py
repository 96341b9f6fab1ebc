"""A unit of work's writes, compiled to as few statements as correctness allows (mostly one).

All rows of one shape become one `INSERT/UPDATE/DELETE … json_populate_recordset(…)`, and all of
those become data-modifying CTEs of one statement. Such CTEs do not see each other's rows, so writes
that depend on an earlier one of the same unit are merged into it or start a new statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from lineside_chassis import encoding
from lineside_chassis.errors import StaleWrite

TENANT = "tenant_id"


class Kind(StrEnum):
    """What a write does with its row."""

    INSERT = "insert"
    INSERT_NEW = "insert new"
    UPSERT = "upsert"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything about a write but its values; writes of one shape share one CTE."""

    kind: Kind
    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    newer_by: str | None = None
    versioned: bool = False


@dataclass(slots=True)
class Write:
    """One row to be written; `key` tells which row it is."""

    kind: Kind
    table: Table
    values: dict[str, Any]
    key: tuple[str, ...]
    newer_by: str | None = None
    versioned: bool = False

    @property
    def shape(self) -> Shape:
        """What it shares with other writes."""
        return Shape(
            self.kind, self.table.name, tuple(self.values), self.key, self.newer_by, self.versioned
        )

    @property
    def identity(self) -> tuple[Any, ...] | None:
        """Which row it means; None where the database numbers it."""
        if not self.key or any(column not in self.values for column in self.key):
            return None
        return (self.table.name, *(_plain(self.values[column]) for column in self.key))


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, its parameters, and how many rows each versioned update must hit."""

    sql: str
    parameters: Mapping[str, str]
    expected: tuple[tuple[int, str, int], ...]

    def check(self, counts: tuple[int, ...]) -> None:
        """Compare what was hit with what was meant.

        Raises:
            StaleWrite: A versioned update met another version, or no row.
        """
        for position, table, count in self.expected:
            if counts[position] != count:
                raise StaleWrite(f"{count - counts[position]} of {count} rows of {table} are stale")


@dataclass(slots=True)
class Segment:
    """Writes that may share a statement: one key per table, no row twice."""

    writes: list[Write] = field(default_factory=list)
    keys: dict[str, tuple[tuple[str, ...], bool]] = field(default_factory=dict)
    rows: dict[tuple[Any, ...], Write] = field(default_factory=dict)

    def take(self, write: Write) -> bool:
        """Add a write or merge it; False when it needs a statement of its own."""
        form = (write.key, write.kind is Kind.DELETE)
        if self.keys.setdefault(write.table.name, form) != form:
            return False
        identity = write.identity
        earlier = self.rows.get(identity) if identity is not None else None
        if earlier is not None:
            return merge(earlier, write)
        if identity is not None:
            self.rows[identity] = write
        self.writes.append(write)
        return True

    def statement(self) -> Statement:
        """Compile it."""
        groups: dict[Shape, list[dict[str, Any]]] = {}
        for write in self.writes:
            groups.setdefault(write.shape, []).append(write.values)
        return Statement(
            sql=compile_sql(tuple(groups)),
            parameters={
                f"p{position}": encoding.encode(_in_lock_order(shape, rows))
                for position, (shape, rows) in enumerate(groups.items())
            },
            expected=tuple(
                (position, shape.table, len(rows))
                for position, (shape, rows) in enumerate(groups.items())
                if shape.versioned
            ),
        )


class WriteSet:
    """The writes of a unit of work, in the order they were registered."""

    def __init__(self) -> None:
        self._segments: list[Segment] = [Segment()]

    def __bool__(self) -> bool:
        return bool(self._segments[0].writes)

    def add(self, write: Write) -> None:
        """Register a write."""
        if not self._segments[-1].take(write):
            self._segments.append(Segment())
            self._segments[-1].take(write)

    def statements(self) -> list[Statement]:
        """Compile everything registered so far and forget it."""
        segments, self._segments = self._segments, [Segment()]
        return [segment.statement() for segment in segments if segment.writes]


def merge(earlier: Write, later: Write) -> bool:
    """Fold a second write of a row into the first one, where that means the same."""
    match (earlier.kind, later.kind):
        case (Kind.INSERT, Kind.UPDATE):
            earlier.values.update(later.values)
            return True
        case (Kind.UPDATE, Kind.UPDATE) if not (earlier.versioned or later.versioned):
            earlier.values.update(later.values)
            return True
        case (Kind.UPSERT, Kind.UPSERT) if earlier.shape == later.shape:
            newer_by = later.newer_by
            if newer_by is None or later.values[newer_by] > earlier.values[newer_by]:
                earlier.values = later.values
            return True
        case (Kind.INSERT_NEW, Kind.INSERT_NEW) | (Kind.DELETE, Kind.DELETE):
            return True
        case _:
            return False


@lru_cache(maxsize=1024)
def compile_sql(shapes: tuple[Shape, ...]) -> str:
    """Write the statement for some shapes; parameters are p0, p1 … in their order."""
    ctes = ", ".join(
        f"w{position} AS ({_cte(shape, f'p{position}')} RETURNING 1)"
        for position, shape in enumerate(shapes)
    )
    counts = ", ".join(
        f"(SELECT count(*) FROM w{position})"  # noqa: S608 -- a number
        for position in range(len(shapes))
    )
    return f"WITH {ctes} SELECT {counts}"


def _cte(shape: Shape, parameter: str) -> str:
    table = _quote(shape.table)
    rows = f"json_populate_recordset(NULL::{table}, %({parameter})s::json)"
    match shape.kind:
        case Kind.UPDATE:
            changed = [column for column in shape.columns if column not in shape.key]
            settings = ", ".join(f"{_quote(c)} = r.{_quote(c)}" for c in changed)
            return f"UPDATE {table} t SET {settings} FROM {rows} r WHERE {_match(shape)}"  # noqa: S608
        case Kind.DELETE:
            return f"DELETE FROM {table} t USING {rows} r WHERE {_match(shape)}"  # noqa: S608
        case _:
            names = ", ".join(_quote(column) for column in shape.columns)
            return f"INSERT INTO {table} AS t ({names}) SELECT {names} FROM {rows}{_clash(shape)}"  # noqa: S608


def _match(shape: Shape) -> str:
    terms = [f"t.{_quote(column)} = r.{_quote(column)}" for column in shape.key]
    if shape.versioned:
        terms.append("t.version = r.version - 1")
    return " AND ".join(terms)


def _clash(shape: Shape) -> str:
    if shape.kind is Kind.INSERT:
        return ""
    target = f" ON CONFLICT ({', '.join(_quote(column) for column in shape.key)})"
    changed = [column for column in shape.columns if column not in shape.key]
    if shape.kind is Kind.INSERT_NEW or not changed:
        return f"{target} DO NOTHING"
    settings = ", ".join(f"{_quote(c)} = excluded.{_quote(c)}" for c in changed)
    newer = _quote(shape.newer_by) if shape.newer_by else None
    condition = f" WHERE t.{newer} < excluded.{newer}" if newer else ""
    return f"{target} DO UPDATE SET {settings}{condition}"


def _in_lock_order(shape: Shape, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Everybody locks rows in key order, so that nobody deadlocks; inserts keep their order."""
    if shape.kind is Kind.INSERT:
        return rows
    return sorted(rows, key=lambda row: [str(row[column]) for column in shape.key])


def _plain(value: Any) -> Any:
    """A UUID and its text, an enum and its value mean the same row; NULL is like no text."""
    return value if value is None else str(value)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
