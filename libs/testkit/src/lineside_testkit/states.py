"""What is true in the end: every row a tenant has in every service, without what may differ.

Two runs of the same orders end alike when their rows are equal apart from ids, given numbers,
instants, counts of changes, and dates that are reckoned from the present.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

from lineside_stack import databases
from lineside_testkit.harness import Harness

BOOKKEEPING = frozenset(
    {
        *("outbox", "inbox", "answered_requests"),
        *("delivery_predictions", "capacity_predictions", "work_center_loads"),
        *("stale_orders", "daily_recalculations"),
        *("oee_calculations", "daily_production_summary"),
        *("mrp_planning", "mrp_runs", "mrp_run_jobs", "mrp_replanned"),
    }
)
"""Tables that say how something came about or what is still to be done, not what is true."""

_RUN_SERIES = frozenset({"MC", "MR"})
"""Number series of MRP checks and runs: how many there were depends on how long a run lasted."""

_LEFT_OUT = frozenset(
    {
        "p50_date",
        "p80_date",
        "p95_date",
        "predicted_date",
        "days_late",
        "days",  # of capacity: who came first has the earlier day
        "placed",
        "order_status",  # of a material plan: as it was planned; what it is now stands elsewhere
        "factors",
        "raw",
        "content_hash",
        "tenant_code",
        "search_text",
        "search_vector",
    }
)
_SHOWN = 800
_LISTED = 12

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_GIVEN_NUMBER = re.compile(r"\b[A-Z]{2,6}-\d{4}-\d+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[0-9.:+Z]*")

TENANT_TABLES: LiteralString = """
SELECT c.relname::text FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY 1
"""

State = dict[str, Counter[str]]
"""Rows by "service.table"; a row is its JSON, counted."""


async def of_tenant(harness: Harness, tenant_id: UUID) -> State:
    """Read a tenant's final state from a harness."""
    admin = harness.installation.servers.admin_url
    urls = {
        entry.name: databases.in_database(admin, harness.installation.database(entry.name).name)
        for entry in harness.installation.services
        if entry.has_database
    }
    return await read(urls, tenant_id)


async def read(urls: Mapping[str, str], tenant_id: UUID) -> State:
    """Read a tenant's final state.

    Args:
        urls: Each service's database, as administrator, by the service's name.
        tenant_id: Whose rows.
    """
    state: State = {}
    for service, url in urls.items():
        async with await psycopg.AsyncConnection.connect(url) as connection:
            for (table,) in await (await connection.execute(TENANT_TABLES)).fetchall():
                if table not in BOOKKEEPING:
                    state[f"{service}.{table}"] = await _rows(connection, table, tenant_id)
    return state


def differences(one: State, other: State) -> list[str]:
    """Name every row that only one of two states has, how often, and which; empty when equal."""
    found = []
    for table in sorted(one.keys() | other.keys()):
        ours, theirs = one.get(table, Counter()), other.get(table, Counter())
        found += [f"{table}: only here {n} x {row}" for row, n in (ours - theirs).items()]
        found += [f"{table}: only there {n} x {row}" for row, n in (theirs - ours).items()]
    return found


def insist_equal(one: State, other: State) -> None:
    """Fail with the differences, if there are any.

    Raises:
        AssertionError: The states differ.
    """
    found = differences(one, other)
    if found:
        listed = "\n".join(line[:_SHOWN] for line in found[:_LISTED])
        raise AssertionError(f"{len(found)} rows differ:\n{listed}")


def normal(value: Any) -> Any:
    """Reduce a JSON value to what must be equal in two runs."""
    if isinstance(value, dict):
        return _normal_fields(value)
    if isinstance(value, list):
        return sorted((normal(item) for item in value), key=json.dumps)
    return _placeholder(value) if isinstance(value, str) else value


def _normal_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Names may be ids: what stands under several of them is a list then."""
    kept: dict[str, list[Any]] = {}
    for name, item in fields.items():
        if _is_kept(name):
            kept.setdefault(_placeholder(name), []).append(normal(item))
    return {
        name: items[0] if len(items) == 1 else sorted(items, key=json.dumps)
        for name, items in kept.items()
    }


async def _rows(
    connection: psycopg.AsyncConnection[Any], table: str, tenant_id: UUID
) -> Counter[str]:
    query = sql.SQL("SELECT to_jsonb(t) FROM {} t WHERE tenant_id = %s").format(
        sql.Identifier(table)
    )
    rows = await (await connection.execute(query, (tenant_id,))).fetchall()
    return Counter(
        json.dumps(normal(row), sort_keys=True)
        for (row,) in rows
        if row.get("prefix") not in _RUN_SERIES
    )


def _is_kept(name: str) -> bool:
    return name not in _LEFT_OUT and not name.endswith(("_at", "version"))


def _placeholder(text: str) -> str:
    """Ids, numbers and instants may stand within a text: an explanation names its order."""
    for pattern, stands_for in ((_UUID, "<id>"), (_GIVEN_NUMBER, "<number>"), (_INSTANT, "<at>")):
        text = pattern.sub(stands_for, text)
    return text
