"""The database is what the code believes, and nobody reads it without a tenant."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from lineside_chassis import migrations
from lineside_contracts.routing import Expansion, ProductionRun, RoutingExpanded
from lineside_contracts.shopfloor import WorkOrderCreated
from lineside_shopfloor import tables
from lineside_testkit.harness import Harness


async def test_migrations_and_tables_agree(harness: Harness) -> None:
    database = harness.installation.database("shopfloor")
    assert migrations.differences(database.urls["owner"], tables.metadata) == []


async def test_without_a_tenant_every_query_fails(
    harness: Harness,
    brochure_runs: Callable[[], list[ProductionRun]],
    expansion: Callable[..., Expansion],
) -> None:
    tenant = harness.new_tenant()
    planned = RoutingExpanded(expansion=expansion(brochure_runs()))
    await harness.publish(planned, tenant_id=tenant)
    await harness.events(WorkOrderCreated, tenant_id=tenant, count=2)
    for statement in (
        "SELECT * FROM work_orders",
        (
            "SELECT * FROM search_work_orders('x', NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
            " NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 10)"
        ),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no tenant"):
            await harness.sql("shopfloor", statement, tenant_id=None)


async def test_every_table_is_isolated_by_its_policy(harness: Harness) -> None:
    rows = await harness.owner_sql(
        "shopfloor",
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,"
        " array_agg(p.polname::text) AS policies FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
        " LEFT JOIN pg_policy p ON p.polrelid = c.oid"
        " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace GROUP BY c.oid",
    )
    assert {table.name for table in tables.metadata.sorted_tables} <= {r["relname"] for r in rows}
    for row in rows:
        if row["relname"] == "known_tenants":
            continue  # tells background jobs whose turn it is, and is read without a tenant
        assert row["forced"], row
        assert f"{row['relname']}_tenant_isolation" in row["policies"]


def test_the_search_files_lie_beside_the_migration() -> None:
    versions = Path(tables.__file__).parents[3] / "migrations" / "versions"
    assert {path.name for path in versions.glob("*.sql")} == {
        "0001_search.sql",
        "0001_search_words.sql",
        "0001_search_work_orders.sql",
        "0007_search_work_orders.sql",
    }
