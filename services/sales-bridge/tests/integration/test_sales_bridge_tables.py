import json
from uuid import UUID

import psycopg
import pytest

from lineside_chassis import migrations
from lineside_contracts import sales
from lineside_contracts.sales import PutWebhookSource, SubmitSalesDocument
from lineside_sales_bridge import tables
from lineside_testkit import builders
from lineside_testkit.harness import Harness


async def test_the_migrated_database_is_what_the_code_believes_in(harness: Harness) -> None:
    await harness.client()
    url = harness.installation.database("sales-bridge").urls["owner"]
    assert migrations.differences(url, tables.metadata) == []


async def test_no_row_of_another_tenant_is_ever_seen(harness: Harness, shop: UUID) -> None:
    line = {
        "line_number": 1,
        "product_code": builders.BROCHURE,
        "quantity": 1,
        "unit": "EA",
        "due_date": "2099-12-15",
    }
    document = {
        "order_number": "SO-1",
        "confirmed_at": "2026-11-20T08:00:00Z",
        "customer": {"code": "C-1"},
        "lines": [line],
    }
    submit = SubmitSalesDocument(document=json.dumps(document))
    await harness.ask(sales.SUBMIT_SALES_DOCUMENT, submit, tenant_id=shop)
    put = PutWebhookSource(source="shop", secret="x" * 16)
    await harness.ask(sales.PUT_WEBHOOK_SOURCE, put, tenant_id=shop)
    tenant_tables = [name for name in tables.metadata.tables if name != "known_tenants"]
    for name in tenant_tables:
        query = f"SELECT tenant_id FROM {name}"  # noqa: S608
        seen = await harness.sql("sales-bridge", query, tenant_id=harness.new_tenant())
        assert seen == [], name
        if name != "units":
            assert await harness.sql("sales-bridge", query, tenant_id=shop), name
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await harness.sql("sales-bridge", query, tenant_id=None)
