"""Tenants, units, products and projects through the generic mechanism."""

from typing import Any

import pytest

from lineside_contracts import planning
from lineside_contracts.master_data import DeleteMasterData, ImportMasterData
from lineside_contracts.planning import (
    ProductChanged,
    ProjectFields,
    TenantChanged,
    TenantFields,
    UnitFields,
)
from lineside_contracts.problems import ProblemCode
from lineside_contracts.sales import SalesOrderConfirmed
from lineside_testkit import builders
from lineside_testkit.harness import Harness

TRAY = UnitFields(unit_code="TRAY", unit_name="Tray", dimension="package", decimals=0)


async def test_a_tenant_registers_itself_once_under_its_own_id(harness: Harness) -> None:
    tenant = harness.new_tenant()
    fields = TenantFields(tenant_code="ACME", tenant_name="Acme")
    made = await harness.ask(planning.TENANTS.create, fields, tenant_id=tenant)
    assert (made.status, made.body.id) == (201, tenant)
    again = fields.model_copy(update={"tenant_code": "OTHER"})
    answer = await harness.ask(planning.TENANTS.create, again, tenant_id=tenant)
    assert [fault.code for fault in answer.problem.faults] == ["tenant_registered"]
    delete = DeleteMasterData(code="ACME")
    gone = await harness.ask(planning.TENANTS.delete, delete, tenant_id=tenant)
    assert gone.problem.code is ProblemCode.IN_USE
    (said,) = await harness.events(TenantChanged, tenant_id=tenant)
    assert said.envelope.aggregate_id == tenant


async def test_two_tenants_may_have_the_same_code(harness: Harness) -> None:
    fields = TenantFields(tenant_code="SAME", tenant_name="Same")
    for _ in range(2):
        tenant = harness.new_tenant()
        made = await harness.ask(planning.TENANTS.create, fields, tenant_id=tenant)
        assert made.status == 201


async def test_a_product_may_use_the_tenants_own_unit_and_then_keeps_it(harness: Harness) -> None:
    tenant = harness.new_tenant()
    product = builders.product_fields(conversions={"TRAY": "50"})
    refused = await harness.ask(planning.PRODUCTS.create, product, tenant_id=tenant)
    assert [fault.path for fault in refused.problem.faults] == ["conversions.TRAY"]
    assert (await harness.ask(planning.UNITS.create, TRAY, tenant_id=tenant)).status == 201
    assert (await harness.ask(planning.PRODUCTS.create, product, tenant_id=tenant)).status == 201
    delete = DeleteMasterData(code="TRAY")
    kept = await harness.ask(planning.UNITS.delete, delete, tenant_id=tenant)
    assert kept.problem.code is ProblemCode.IN_USE
    gone = await harness.ask(
        planning.PRODUCTS.delete, DeleteMasterData(code=builders.BROCHURE), tenant_id=tenant
    )
    assert gone.status == 200
    assert (await harness.ask(planning.UNITS.delete, delete, tenant_id=tenant)).status == 200


async def test_what_orders_need_stays(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await harness.ask(planning.PRODUCTS.create, builders.product_fields(), tenant_id=tenant)
    await harness.publish(SalesOrderConfirmed(sales_order=builders.sales_order()), tenant_id=tenant)
    await harness.settle()
    for kind, code in ((planning.PRODUCTS, builders.BROCHURE), (planning.PROJECTS, "P-1001")):
        delete: Any = kind.delete
        answer = await harness.ask(delete, DeleteMasterData(code=code), tenant_id=tenant)
        assert answer.problem.code is ProblemCode.IN_USE, code


async def test_a_deleted_project_comes_back_with_its_next_order(harness: Harness) -> None:
    tenant = harness.new_tenant()
    fields = ProjectFields(project_number="P-1001", project_name="Autumn campaign")
    made = await harness.ask(planning.PROJECTS.create, fields, tenant_id=tenant)
    delete = DeleteMasterData(code="P-1001")
    assert (await harness.ask(planning.PROJECTS.delete, delete, tenant_id=tenant)).status == 200
    await harness.publish(SalesOrderConfirmed(sales_order=builders.sales_order()), tenant_id=tenant)
    await harness.settle()
    rows = await harness.sql(
        "planning", "SELECT id, version, deleted FROM projects", tenant_id=tenant
    )
    assert rows == [{"id": made.body.id, "version": 3, "deleted": False}]


async def test_an_import_loads_all_or_names_every_bad_row(harness: Harness) -> None:
    tenant = harness.new_tenant()
    header = "product_code,product_name,unit_code,conversions\n"
    bad = header + "A,Alpha,EA,\nB,Beta,PARSEC,\nC,Gamma,EA,CTN=3\n"
    answer = await harness.ask(
        planning.PRODUCTS.load,
        ImportMasterData(object_name=await harness.upload(bad)),
        tenant_id=tenant,
    )
    assert answer.problem.code is ProblemCode.IMPORT_REJECTED
    assert [fault.path for fault in answer.problem.faults] == [
        "row 3.unit_code",
        "row 4.conversions.CTN",
    ]
    good = header + 'A,Alpha,EA,"BX=12;CT=144"\nB,Beta,KGM,\n'
    answer = await harness.ask(
        planning.PRODUCTS.load,
        ImportMasterData(object_name=await harness.upload(good)),
        tenant_id=tenant,
    )
    assert (answer.status, answer.body.created_count) == (200, 2)
    said = await harness.events(ProductChanged, tenant_id=tenant, count=2)
    assert {event.payload.product.product_code for event in said} == {"A", "B"}


@pytest.mark.parametrize("time_zone", ["Mars/Olympus", "America"])
async def test_a_tenants_zone_is_checked(harness: Harness, time_zone: str) -> None:
    fields = TenantFields(tenant_code="Z", tenant_name="Z", time_zone=time_zone)
    answer = await harness.ask(planning.TENANTS.create, fields, tenant_id=harness.new_tenant())
    assert [fault.code for fault in answer.problem.faults] == ["unknown_time_zone"]
