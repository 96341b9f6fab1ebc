"""The tables every service has, and the one way to define a tenant's table.

A service's `tables.py` calls `tenant_table(metadata, name, …)`; its migration calls
`migrations.tenant_table(name, …)` with the same arguments and so gets the same table, plus its
row-level security. Every table is led by `tenant_id`, in its keys, references and indexes alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.schema import SchemaItem

TENANT = "tenant_id"
Names = Sequence[str]


@dataclass(frozen=True)
class Reference:
    """A foreign key inside the tenant: `tenant_id` is added on both sides."""

    columns: Names
    table: str
    to: Names = ("id",)
    on_delete: str | None = None


@dataclass(frozen=True)
class TableParts:
    """The parts of one table: what stands in CREATE TABLE, and its indexes."""

    items: tuple[SchemaItem, ...]
    indexes: tuple[Index, ...]


def table_parts(
    name: str,
    columns: Sequence[SchemaItem],
    *,
    primary_key: Names,
    unique: Sequence[Names],
    foreign_keys: Sequence[Reference],
    indexes: Sequence[Names | Index],
) -> TableParts:
    """Complete a tenant table: tenant first, `id` if its key wants one, named constraints."""
    named = {column.name for column in columns if isinstance(column, Column)}
    leading: list[SchemaItem] = [Column(TENANT, Uuid, nullable=False)]
    if "id" in primary_key and "id" not in named:
        leading.append(Column("id", Uuid, nullable=False))
    constraints: list[SchemaItem] = [
        PrimaryKeyConstraint(TENANT, *primary_key, name=f"{name}_pkey"),
        *(UniqueConstraint(TENANT, *u, name=_name(name, u, "key")) for u in unique),
        *(_foreign_key(name, reference) for reference in foreign_keys),
    ]
    return TableParts(
        items=(*leading, *columns, *constraints), indexes=tuple(_index(name, i) for i in indexes)
    )


def tenant_table(  # noqa: PLR0913 -- a table has that many parts
    metadata: MetaData,
    name: str,
    *columns: SchemaItem,
    primary_key: Names = ("id",),
    unique: Sequence[Names] = (),
    foreign_keys: Sequence[Reference] = (),
    indexes: Sequence[Names | Index] = (),
    partition_by: str | None = None,
) -> Table:
    """Define a table whose rows belong to tenants.

    Args:
        metadata: Where the table is registered.
        name: Of the table.
        columns: Without `tenant_id`; `id` (UUID) is added when the primary key names it. Check
            constraints may stand here as well.
        primary_key: Without `tenant_id`, which leads it.
        unique: Column tuples, without `tenant_id`.
        foreign_keys: References inside the tenant.
        indexes: Column tuples led by `tenant_id` for you, or complete `Index` objects.
        partition_by: As PostgreSQL says it, "RANGE (logged_at)"; the primary key has that column.
    """
    parts = table_parts(
        name,
        columns,
        primary_key=primary_key,
        unique=unique,
        foreign_keys=foreign_keys,
        indexes=indexes,
    )
    return Table(name, metadata, *parts.items, *parts.indexes, postgresql_partition_by=partition_by)


def one_of(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Match a column against a list, as one array parameter, so that statements stay the same."""
    return column == any_(bindparam(None, list(values), type_=ARRAY(column.type), unique=True))


def among(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Match a unique column against many values, each looked up in its index.

    For a table of which the database has no statistics yet, such as one being filled, it would
    take `one_of` for a condition on most rows and read them all, each time.
    """
    listed = bindparam(None, list(values), type_=ARRAY(column.type), unique=True)
    return column.in_(select(func.unnest(listed)))


def among_pairs(
    columns: ColumnElement[Any], values: Sequence[Sequence[Any]]
) -> ColumnElement[bool]:
    """Match unique tuples of text columns, as `among` does one; an array for each column."""
    listed = (bindparam(None, list(some), type_=ARRAY(Text), unique=True) for some in values)
    return columns.in_(select(*(func.unnest(some) for some in listed)))


def _name(table: str, columns: Names, suffix: str) -> str:
    return f"{table}_{'_'.join(columns)}_{suffix}"[:63]


def _foreign_key(name: str, reference: Reference) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        [TENANT, *reference.columns],
        [f"{reference.table}.{column}" for column in (TENANT, *reference.to)],
        name=_name(name, reference.columns, "fkey"),
        ondelete=reference.on_delete,
    )


def _index(name: str, given: Names | Index) -> Index:
    if isinstance(given, Index):
        return given
    return Index(_name(name, given, "idx"), TENANT, *given)


metadata = MetaData()

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("subject", Text, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("event_id", name="outbox_event_id_key"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("consumer", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("inbox_received_at_idx", "received_at", postgresql_using="brin"),
)

answered_requests = Table(
    "answered_requests",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("idempotency_key", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("answer", JSON),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("answered_requests_created_at_idx", "created_at", postgresql_using="brin"),
)
