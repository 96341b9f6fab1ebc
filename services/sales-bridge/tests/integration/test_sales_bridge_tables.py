import json
from uuid import UUID

import psycopg
import pytest

from lineside_chassis import migrations
from lineside_contracts import sales
from lineside_contracts.planning import CalendarChanged, ProductionOrderCompleted
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
    await _fill(harness, shop)
    tenant_tables = [name for name in tables.metadata.tables if name != "known_tenants"]
    for name in tenant_tables:
        query = f"SELECT tenant_id FROM {name}"  # noqa: S608
        seen = await harness.sql("sales-bridge", query, tenant_id=harness.new_tenant())
        assert seen == [], name
        if name != "units":
            assert await harness.sql("sales-bridge", query, tenant_id=shop), name
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await harness.sql("sales-bridge", query, tenant_id=None)


async def _fill(harness: Harness, shop: UUID) -> None:
    """Rows in the tables that no document fills."""
    await harness.publish(CalendarChanged(calendar=builders.calendar()), tenant_id=shop)
    made = builders.production_order(status="completed")
    await harness.publish(ProductionOrderCompleted(production_order=made), tenant_id=shop)
    await harness.settle()
    insert = (
        "INSERT INTO webhook_deliveries (tenant_id, id, source, event_name, sales_order_id, body,"
        " status, attempts, created_at) VALUES (current_tenant(), uuidv7(), 'shop', 'x', uuidv7(),"
        " '{}', 'failed', 1, now()) RETURNING id"
    )
    assert await harness.sql("sales-bridge", insert, tenant_id=shop)
