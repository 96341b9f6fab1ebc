"""The database of planning: as its tables say, and closed to every other tenant.

Every table gets a row of its own for the claim, of whatever its columns take, within a transaction
that is rolled back: whoever adds a table need not fill it here.
"""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from lineside_chassis import migrations, tables as chassis_tables
from lineside_planning import tables
from lineside_stack import databases
from lineside_testkit import isolation
from lineside_testkit.harness import Harness

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

TABLES = sorted({*tables.metadata.tables, *chassis_tables.metadata.tables} - isolation.OUTSIDE)

VALUES = {
    "bigint": "1",
    "boolean": "false",
    "bytea": "''",
    "date": "current_date",
    "integer": "1",
    "json": "'{}'",
    "jsonb": "'{}'",
    "numeric": "1",
    "smallint": "1",
    "text": "'x'",
    "timestamp with time zone": "now()",
    "uuid": "gen_random_uuid()",
}
"""Something for each type; arrays are empty."""

COLUMNS = """
SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull
  AND attgenerated = '' AND attidentity = '' AND attname <> 'tenant_id'
"""
CHECKS = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'"


async def test_the_migrated_database_is_what_the_code_believes(harness: Harness) -> None:
    url = harness.installation.database("planning").urls["owner"]
    assert migrations.differences(url, tables.metadata) == []


@pytest.fixture
async def administrator(harness: Harness) -> AsyncIterator[Connection]:
    """A transaction that sees everything and leaves nothing behind."""
    await harness.settle()
    database = harness.installation.database("planning")
    url = databases.in_database(harness.installation.servers.admin_url, database.name)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        yield connection
        await connection.rollback()


@pytest.mark.parametrize("name", TABLES)
async def test_without_a_tenant_every_table_raises_and_others_find_nothing(
    harness: Harness, administrator: Connection, name: str
) -> None:
    victim, stranger = harness.new_tenant(), harness.new_tenant()
    await _fill(administrator, name, victim)
    count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
    role = harness.installation.database("planning").roles.app
    await administrator.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no tenant is set"):
        async with administrator.transaction():
            await administrator.execute(count)
    for tenant, expected in ((victim, 1), (stranger, 0)):
        setting = (str(tenant),)
        await administrator.execute("SELECT set_config('app.current_tenant_id', %s, true)", setting)
        seen = await (await administrator.execute(count)).fetchone()
        assert seen == (expected,)


async def _fill(connection: Connection, name: str, tenant: UUID) -> None:
    """Insert a row; what it would have to mean does not matter, so its checks are taken away."""
    table = sql.Identifier(name)
    for (check,) in await (await connection.execute(CHECKS, (name,))).fetchall():
        drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
        await connection.execute(drop.format(table, sql.Identifier(check)))
    columns = await (await connection.execute(COLUMNS, (name,))).fetchall()
    names = [sql.Identifier("tenant_id"), *(sql.Identifier(column) for column, _ in columns)]
    values = [sql.Literal(tenant), *(_value(kind) for _, kind in columns)]
    insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})")
    comma = sql.SQL(", ")
    await connection.execute(insert.format(table, comma.join(names), comma.join(values)))


def _value(kind: str) -> sql.SQL:
    return sql.SQL("'{}'") if kind.endswith("[]") else sql.SQL(VALUES[kind])
