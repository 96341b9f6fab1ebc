"""What PostgreSQL says about a service's database: tables, policies, indexes, keys, roles."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg.rows import dict_row

_TABLES = """
SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
       pg_get_userbyid(c.relowner) AS owner,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
               AND NOT a.attisdropped) AS has_tenant
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
ORDER BY c.relname
"""
_POLICIES = """
SELECT p.polname AS name, c.relname AS table, p.polpermissive AS permissive,
       p.polcmd::text AS command,
       array(SELECT rolname::text FROM pg_roles WHERE oid = ANY(p.polroles)) AS roles,
       0 = ANY(p.polroles) AS is_public,
       pg_get_expr(p.polqual, p.polrelid) AS using,
       pg_get_expr(p.polwithcheck, p.polrelid) AS checked
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = 'public'::regnamespace ORDER BY p.polname
"""
_INDEXES = """
SELECT i.relname AS name, c.relname AS table, x.indisunique AS is_unique, x.indisvalid AS is_valid,
       am.amname AS method, pg_get_expr(x.indpred, x.indrelid) AS predicate,
       array(SELECT coalesce(a.attname::text, pg_get_indexdef(x.indexrelid, k.n::int, true))
             FROM unnest(x.indkey) WITH ORDINALITY AS k (attribute, n)
             LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attribute
                  AND k.attribute > 0
             WHERE k.n <= x.indnkeyatts ORDER BY k.n) AS columns
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_am am ON am.oid = i.relam
WHERE c.relnamespace = 'public'::regnamespace ORDER BY i.relname
"""
_CONSTRAINTS = """
SELECT n.conname AS name, c.relname AS table, n.contype::text AS kind, n.convalidated AS is_valid,
       array(SELECT a.attname::text FROM unnest(n.conkey) k JOIN pg_attribute a
             ON a.attrelid = n.conrelid AND a.attnum = k) AS columns
FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid
WHERE c.relnamespace = 'public'::regnamespace AND n.contype IN ('p', 'u', 'f', 'c')
ORDER BY n.conname
"""
_ROLES = """
SELECT rolname AS name, rolsuper AS is_super, rolbypassrls AS bypasses,
       rolcreaterole AS creates_roles,
       (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned,
       array(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
             WHERE m.member = r.oid) AS member_of
FROM pg_roles r WHERE rolname = ANY(%s)
"""


@dataclass(frozen=True)
class TableFacts:
    """A table of schema public."""

    name: str
    enabled: bool
    forced: bool
    owner: str
    has_tenant: bool


@dataclass(frozen=True)
class PolicyFacts:
    """A row-level security policy."""

    name: str
    table: str
    permissive: bool
    command: str
    roles: Sequence[str]
    is_public: bool
    using: str | None
    checked: str | None


@dataclass(frozen=True)
class IndexFacts:
    """An index; `columns` holds expressions as text."""

    name: str
    table: str
    is_unique: bool
    is_valid: bool
    method: str
    predicate: str | None
    columns: Sequence[str]


@dataclass(frozen=True)
class ConstraintFacts:
    """A constraint; kind p(rimary), u(nique), f(oreign) or c(heck)."""

    name: str
    table: str
    kind: str
    is_valid: bool
    columns: Sequence[str]


@dataclass(frozen=True)
class RoleFacts:
    """A role and what it may do."""

    name: str
    is_super: bool
    bypasses: bool
    creates_roles: bool
    owned: int
    member_of: Sequence[str]


@dataclass(frozen=True)
class Catalog:
    """All of it, for one database."""

    tables: Sequence[TableFacts]
    policies: Sequence[PolicyFacts]
    indexes: Sequence[IndexFacts]
    constraints: Sequence[ConstraintFacts]
    roles: Sequence[RoleFacts]


async def read(url: str, *, roles: Sequence[str]) -> Catalog:
    """Read a database's catalog as administrator."""
    async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as connection:

        async def rows(statement: str, *parameters: object) -> list[dict[str, object]]:
            cursor = await connection.execute(statement.encode(), parameters)
            return await cursor.fetchall()

        tables = await rows(_TABLES)
        return Catalog(
            tables=[TableFacts(**table) for table in tables],  # type: ignore[arg-type]
            policies=[PolicyFacts(**row) for row in await rows(_POLICIES)],  # type: ignore[arg-type]
            indexes=[IndexFacts(**row) for row in await rows(_INDEXES)],  # type: ignore[arg-type]
            constraints=[ConstraintFacts(**row) for row in await rows(_CONSTRAINTS)],  # type: ignore[arg-type]
            roles=[RoleFacts(**row) for row in await rows(_ROLES, list(roles))],  # type: ignore[arg-type]
        )
