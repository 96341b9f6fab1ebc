"""Fills tables fast: one INSERT … SELECT of expressions, indexes built afterwards."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from rich.console import Console

CONSOLE = Console()


def insert(
    connection: psycopg.Connection, table: str, columns: Mapping[str, str], count: int
) -> None:
    """Insert rows numbered from 1; `n` stands for the number in the columns' expressions."""
    source = f"generate_series(1::bigint, {count}::bigint) AS n"
    insert_from(connection, table, columns, source)


def insert_from(
    connection: psycopg.Connection, table: str, columns: Mapping[str, str], source: str
) -> None:
    """Insert what a source gives; columns that must have a value get one."""
    values = {**_needed(connection, table), **columns}
    statement = f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
    connection.execute(f"{statement} FROM {source}".encode())


def _needed(connection: psycopg.Connection, table: str) -> dict[str, str]:
    """What stands in columns that must have a value and are not told one."""
    rows = connection.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull"
        " AND NOT atthasdef AND attgenerated = '' AND attidentity = ''",
        (table,),
    ).fetchall()
    return {name: _FILLERS[kind] for name, kind in rows}


_FILLERS = {
    "uuid": "uuidv7()",
    "text": "''",
    "integer": "1",
    "bigint": "1",
    "numeric": "0",
    "boolean": "false",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "jsonb": """'{"id": "bench", "name": "Bench"}'""",
    "text[]": "'{}'",
    "uuid[]": "'{}'",
    "integer[]": "'{}'",
}


@contextmanager
def without_indexes(connection: psycopg.Connection, table: str) -> Iterator[None]:
    """Take the indexes of a table off that no constraint needs, and build them afterwards."""
    found = connection.execute(
        "SELECT x.indexrelid::regclass::text, pg_get_indexdef(x.indexrelid) FROM pg_index AS x"
        " WHERE x.indrelid = %s::regclass"
        " AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = x.indexrelid)",
        (table,),
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}".encode())
    yield
    begun = time.perf_counter()
    for _, definition in found:
        connection.execute(definition.replace(" ON ONLY ", " ON ").encode())
    spent = time.perf_counter() - begun
    CONSOLE.print(f"  {len(found)} indexes of {table} in {spent:.0f} s", highlight=False)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Tell how long something took."""
    begun = time.perf_counter()
    yield
    CONSOLE.print(f"filled {what} in {time.perf_counter() - begun:.0f} s", highlight=False)
