"""Trying to reach one tenant's rows as another, in every table there is.

Everything is tried as the service's app role and rolled back. Tables that are empty for a tenant
(the outbox between two messages, above all) get a made-up row within the attempt.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_stack import databases
from lineside_testkit.harness import Harness

OUTSIDE: Final = frozenset({"known_tenants"})
"""The one table with a tenant_id that row-level security does not cover, on purpose."""

SHARED: Final = frozenset({"operations"})
"""Tables whose rows without a tenant belong to everybody."""

PLANNING_IN_DEPTH: Final = frozenset(
    {
        *("bom", "stock", "stock_movement", "receipt", "discrepancy", "genealogy"),
        *("material", "allocation", "shortage", "purchase_requisition"),
        *("mrp_run", "planned_order", "mrp_item", "mrp_exception", "pegging"),
        *("capacity", "lead_time", "order_promise", "promise", "work_center_load"),
        *("production_cost", "product_cost"),
    }
)
"""Nouns of planning's requests that have a journey of their own for what a stranger gets."""

FLOOR_IN_DEPTH: Final = frozenset(
    {
        *("lane", "lane_assignment", "lane_queue", "lane_oee", "asset"),
        *("production_log", "work_order_log", "log_conflict", "production_log_archive"),
        *("archived_production_log", "manpower", "labour_cost", "handover", "daily_work_log"),
        *("daily_production_summary", "oee", "kpis", "yields", "equipment_status"),
        *("maintenance_record",),
    }
)
"""Nouns of the floor's requests that have a journey of their own."""

_TABLES: LiteralString = """
SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
       pg_get_userbyid(c.relowner) AS owner,
       ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid) AS policies,
       ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0
             AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a') AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
AND NOT c.relispartition ORDER BY 1
"""

_NO_GRANT = "permission denied"
"""The role may not do this to any row, so it reached none."""

Connection = psycopg.AsyncConnection[dict[str, Any]]


@dataclass(frozen=True)
class TenantTable:
    """A table with a tenant_id, as the database's catalogue has it."""

    service: str
    name: str
    enabled: bool
    forced: bool
    owner: str
    policies: tuple[str, ...]
    columns: tuple[str, ...]


async def tenant_tables(harness: Harness) -> list[TenantTable]:
    """Every table with a tenant_id, of every service of a harness."""
    return [
        TenantTable(
            service=entry.name,
            **{**row, "policies": tuple(row["policies"]), "columns": tuple(row["columns"])},
        )
        for entry in harness.installation.services
        if entry.has_database
        for row in await harness.owner_sql(entry.name, _TABLES)
    ]


@dataclass(frozen=True)
class Intrusion:
    """One tenant's attempts on another's rows of a table.

    Attributes:
        victim: Whose rows they are. intruder: who tries; both have rows there.
    """

    harness: Harness
    table: TenantTable
    victim: UUID
    intruder: UUID

    async def leaks(self) -> list[str]:
        """Try everything; tell what should not have worked."""
        return [
            f"{self.table.service}.{self.table.name}: {leak}"
            for attempt in (self._look, self._touch, self._plant, self._move, self._look_as_nobody)
            for leak in await attempt()
        ]

    async def _look(self) -> list[str]:
        async with self._as(self.intruder) as connection:
            (found,) = await self._run(
                connection,
                "SELECT count(*) FILTER (WHERE tenant_id = {victim}) AS theirs,"
                " count(*) FILTER (WHERE tenant_id = {intruder}) AS ours,"
                " count(*) FILTER (WHERE tenant_id IS NULL) AS shared,"
                " count(*) AS every FROM {table}",
            )
        leaks = []
        if not found["ours"]:
            leaks.append("the intruder has no row here, so nothing is proven")
        allowed = found["ours"] + (found["shared"] if self.table.name in SHARED else 0)
        if found["theirs"] or found["every"] != allowed:
            leaks.append(f"the wrong tenant sees {found}")
        return leaks

    async def _touch(self) -> list[str]:
        leaks = []
        for statement in (
            "UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = {victim} RETURNING 1",
            "DELETE FROM {table} WHERE tenant_id = {victim} RETURNING 1",
        ):
            async with self._as(self.intruder) as connection:
                try:
                    touched = await self._run(connection, statement)
                except (psycopg.IntegrityError, psycopg.errors.InsufficientPrivilege) as error:
                    if _NO_GRANT not in str(error):
                        leaks.append(f"{statement[:6]} reached rows of another: {error}")
                    continue
            if touched:
                leaks.append(f"{len(touched)} rows of another were reached by {statement[:6]}")
        return leaks

    async def _plant(self) -> list[str]:
        """Write a row in the victim's name."""
        async with self._as(self.intruder) as connection:
            rows = await self._run(connection, "SELECT to_jsonb(t) AS r FROM {table} t LIMIT 1")
            if not rows:
                return []
            statement = (
                "INSERT INTO {table} ({columns})"
                " SELECT {columns} FROM jsonb_populate_record(NULL::{table}, {row}) RETURNING 1"
            )
            forged = {**rows[0]["r"], "tenant_id": str(self.victim)}
            return await self._refused(connection, statement, "INSERT", row=Jsonb(forged))

    async def _move(self) -> list[str]:
        """Give own rows to the victim."""
        async with self._as(self.intruder) as connection:
            statement = (
                "UPDATE {table} SET tenant_id = {victim} WHERE tenant_id = {intruder} RETURNING 1"
            )
            return await self._refused(connection, statement, "giving away")

    async def _look_as_nobody(self) -> list[str]:
        leaks = []
        for setting in (None, ""):
            async with self._as(setting) as connection:
                try:
                    seen = await self._run(connection, "SELECT count(*) AS seen FROM {table}")
                except psycopg.Error:
                    continue
                leaks.append(f"without a tenant ({setting!r}) the query answered {seen}")
        return leaks

    async def _refused(
        self, connection: Connection, statement: LiteralString, what: str, **values: Any
    ) -> list[str]:
        try:
            done = await self._run(connection, statement, **values)
        except psycopg.errors.InsufficientPrivilege:
            return []
        except psycopg.IntegrityError as error:
            return [f"{what} across tenants met no policy, only {error}"]
        return [f"{what} across tenants was not refused: {len(done)} rows"]

    @asynccontextmanager
    async def _as(self, tenant: UUID | str | None) -> AsyncIterator[Connection]:
        """Be a tenant (or nobody) on a connection of the app role; nothing is kept."""
        database = self.harness.installation.database(self.table.service)
        url = databases.in_database(self.harness.installation.servers.admin_url, database.name)
        async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as connection:
            for owner in (self.victim, self.intruder):
                await self._fill(connection, owner)
            await connection.execute(
                sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(database.roles.app))
            )
            if tenant is not None:
                await connection.execute(
                    "SELECT set_config('app.current_tenant_id', %s, true)", (str(tenant),)
                )
            yield connection
            await connection.rollback()

    async def _fill(self, connection: Connection, tenant_id: UUID) -> None:
        """Give a tenant a row where it has none: of every table something is to be stolen.

        What its values would have to be like (checks, references) is no part of the attempt.
        """
        count = sql.SQL("SELECT count(*) AS n FROM {} WHERE tenant_id = %s")
        table = sql.Identifier(self.table.name)
        row = await (await connection.execute(count.format(table), (tenant_id,))).fetchone()
        if row is None or row["n"]:
            return
        needed = await (await connection.execute(_NEEDED_COLUMNS, (self.table.name,))).fetchall()
        values: dict[str, Any] = {one["name"]: _FILLERS[one["type"]]() for one in needed}
        values |= {"tenant_id": tenant_id}
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        places = sql.SQL(", ").join(map(sql.Placeholder, values))
        insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, names, places)
        for check in await (await connection.execute(_CHECKS, (self.table.name,))).fetchall():
            drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
            await connection.execute(drop.format(table, sql.Identifier(check["name"])))
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(insert, values)
        await connection.execute("SET LOCAL session_replication_role = origin")

    async def _run(
        self, connection: Connection, statement: LiteralString, **values: Any
    ) -> list[dict[str, Any]]:
        named = {
            "victim": sql.Literal(self.victim),
            "intruder": sql.Literal(self.intruder),
            "table": sql.Identifier(self.table.name),
            "columns": sql.SQL(", ").join(map(sql.Identifier, self.table.columns)),
            **{name: sql.Literal(value) for name, value in values.items()},
        }
        cursor = await connection.execute(sql.SQL(statement).format(**named))
        return await cursor.fetchall()


_NEEDED_COLUMNS: LiteralString = """
SELECT a.attname::text AS name, format_type(a.atttypid, NULL) AS type
FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
AND a.attnotnull AND NOT a.atthasdef AND a.attgenerated = '' AND a.attidentity = ''
"""

_CHECKS: LiteralString = """
SELECT conname::text AS name FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'
AND conislocal
"""

_FILLERS: Final[Mapping[str, Callable[[], Any]]] = {
    "uuid": SYSTEM_CLOCK.new_id,
    "text": lambda: "x",
    "character varying": lambda: "x",
    "smallint": lambda: 1,
    "integer": lambda: 1,
    "bigint": lambda: 1,
    "numeric": lambda: 1,
    "boolean": lambda: False,
    "date": lambda: SYSTEM_CLOCK.now().date(),
    "timestamp with time zone": SYSTEM_CLOCK.now,
    "json": lambda: Jsonb({}),
    "jsonb": lambda: Jsonb({}),
    "bytea": lambda: b"x",
    "text[]": list,
    "uuid[]": list,
}
"""What stands in a column that must have a value, by its type."""
