"""Live probes: somebody else's rows must stay invisible, and no tenant must mean an error."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import psycopg
import psycopg.errors
from psycopg import sql

from lineside_stack.verification import findings
from lineside_stack.verification.findings import Finding

Connection = psycopg.AsyncConnection[tuple[object, ...]]
_SET_TENANT = "SELECT set_config('app.current_tenant_id', %s, true)"
_SEED = "INSERT INTO inbox (tenant_id, consumer, event_id) VALUES (%s, 'lineside-verify', uuidv7())"


async def check(
    service: str, *, app_url: str, tables: Sequence[str], strangers: tuple[UUID, UUID]
) -> AsyncIterator[Finding]:
    """Probe one service's database as its app role; everything is rolled back.

    Args:
        service: Its name.
        app_url: Its address as the app role.
        tables: Its tenant tables.
        strangers: Two tenants that do not exist.
    """
    host, guest = strangers
    async with await psycopg.AsyncConnection.connect(app_url) as connection:
        yield findings.held(
            service,
            "another tenant's row is invisible",
            problem=await _seen(connection, host, guest),
        )
        yield findings.held(
            service,
            "another tenant's row is refused",
            problem=await _forged(connection, host, guest),
        )
        yield findings.held(
            service, "a query without tenant raises", problem=await _without(connection, host)
        )
        for table in tables:
            yield findings.held(
                f"{service}.{table}",
                "shows a stranger nothing",
                problem=await _stranger_sees(connection, table, guest),
            )


async def _seen(connection: Connection, host: UUID, guest: UUID) -> str | None:
    await _become(connection, host)
    await connection.execute(_SEED, [host])
    await _become(connection, guest)
    count = await _count(connection, "inbox")
    await connection.rollback()
    return f"{count} rows are seen" if count else None


async def _forged(connection: Connection, host: UUID, guest: UUID) -> str | None:
    await _become(connection, guest)
    try:
        await connection.execute(_SEED, [host])
    except psycopg.errors.InsufficientPrivilege:
        return None
    else:
        return "a row was written under another tenant's id"
    finally:
        await connection.rollback()


async def _without(connection: Connection, host: UUID) -> str | None:
    await _become(connection, host)
    await connection.execute(_SEED, [host])
    await connection.execute(_SET_TENANT, [""])
    try:
        count = await _count(connection, "inbox")
    except psycopg.errors.InsufficientPrivilege:
        return None
    else:
        return f"it returned {count} rows"
    finally:
        await connection.rollback()


async def _stranger_sees(connection: Connection, table: str, stranger: UUID) -> str | None:
    """Rows of all tenants (`tenant_id IS NULL`) are everybody's to read.

    What the role may not read at all (a partition beside its table) shows nothing.
    """
    await _become(connection, stranger)
    try:
        count = await _count(connection, table)
    except psycopg.errors.InsufficientPrivilege:
        return None
    except psycopg.Error as error:
        return str(error).splitlines()[0]
    finally:
        await connection.rollback()
    return f"{count} rows are seen" if count else None


async def _become(connection: Connection, tenant: UUID) -> None:
    await connection.execute(_SET_TENANT, [str(tenant)])


async def _count(connection: Connection, table: str) -> int:
    statement = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id IS NOT NULL")
    cursor = await connection.execute(statement.format(sql.Identifier(table)))
    row = await cursor.fetchone()
    return int(str(row[0])) if row else 0
