"""The database of planning: as its tables say, and closed to every other tenant."""

import psycopg
import pytest

from lineside_chassis import migrations, tables as chassis_tables
from lineside_contracts import planning
from lineside_contracts.planning import TenantFields, UnitFields
from lineside_contracts.sales import SalesOrderConfirmed
from lineside_contracts.shopfloor import PlantChanged, WorkOrderStatusChanged
from lineside_planning import tables
from lineside_testkit import builders
from lineside_testkit.harness import Harness

TABLES = sorted({*tables.metadata.tables, *chassis_tables.metadata.tables} - {"outbox"})


async def test_the_migrated_database_is_what_the_code_believes(harness: Harness) -> None:
    url = harness.installation.database("planning").urls["owner"]
    assert migrations.differences(url, tables.metadata) == []


async def test_without_a_tenant_every_table_raises_and_others_find_nothing(
    harness: Harness, make_work_order: object
) -> None:
    await _fill(harness, make_work_order)
    for name in TABLES:
        filled = await harness.owner_sql("planning", f"SELECT 1 FROM {name} LIMIT 1")  # noqa: S608
        assert filled, f"{name} is empty: the claim below would be hollow"
        count = f"SELECT count(*) AS n FROM {name}"  # noqa: S608
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no tenant is set"):
            await harness.sql("planning", count, tenant_id=None)
        stranger = harness.new_tenant()
        assert await harness.sql("planning", count, tenant_id=stranger) == [{"n": 0}], name


async def _fill(harness: Harness, make_work_order: object) -> None:
    assert callable(make_work_order)
    tenant = harness.new_tenant()
    unit = UnitFields(unit_code="TRAY", unit_name="Tray", dimension="package", decimals=0)
    register = TenantFields(tenant_code="T", tenant_name="T")
    await harness.ask(planning.TENANTS.create, register, tenant_id=tenant, idempotency_key="k")
    await harness.ask(planning.UNITS.create, unit, tenant_id=tenant)
    await harness.ask(planning.PRODUCTS.create, builders.product_fields(), tenant_id=tenant)
    await harness.publish(PlantChanged(plant=builders.plant()), tenant_id=tenant)
    await harness.publish(SalesOrderConfirmed(sales_order=builders.sales_order()), tenant_id=tenant)
    await harness.settle()
    (order,) = await harness.sql("planning", "SELECT id FROM production_orders", tenant_id=tenant)
    begun = make_work_order(order["id"], status="in_progress", version=2)
    await harness.publish(
        WorkOrderStatusChanged(work_order=begun, old_status="released", new_status="in_progress"),
        tenant_id=tenant,
    )
    await harness.settle()
