"""What other packages load of master data: one statement each, whatever is asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis import metrics
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts import planning
from lineside_contracts.master_data import ImportMasterData
from lineside_contracts.planning import (
    ActOnBom,
    BomFields,
    CalendarFields,
    MaintenanceWindowFields,
    TenantFields,
)
from lineside_contracts.routing import WorkCenterChanged
from lineside_contracts.shopfloor import Lane, LaneChanged, PlantChanged
from lineside_manufacturing import calendars as working_calendars, component_needs, phantoms
from lineside_planning.master_data.domain import numbering
from lineside_planning.master_data.store import calendars, materials_facts, numbers
from lineside_testkit import builders
from lineside_testkit.harness import Harness

MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)
"""A Monday in winter, 07:00 in Berlin."""


@pytest.fixture(scope="module")
async def database(harness: Harness) -> AsyncIterator[Database]:
    url = harness.installation.database("planning").urls["app"]
    opened = Database(url, service="planning-stores")
    yield opened
    await opened.close()


@asynccontextmanager
async def working(database: Database, tenant: UUID) -> AsyncIterator[UnitOfWork]:
    context = Context(tenant_id=tenant, correlation_id=SYSTEM_CLOCK.new_id())
    async with database.unit_of_work(context) as uow:
        yield uow


def statements(database: Database) -> float:
    counter = metrics.STATEMENTS.labels(database.service)
    (sample, *_) = [s for metric in counter.collect() for s in metric.samples]
    value: float = sample.value
    return value


async def load(harness: Harness, tenant: UUID, endpoint: Any, text: str) -> None:
    request = ImportMasterData(object_name=await harness.upload(text))
    answer = await harness.ask(endpoint, request, tenant_id=tenant)
    assert answer.status == 200, answer.body


async def materials(harness: Harness) -> UUID:
    """BOX takes 2 PANEL and a KIT; the KIT, a phantom, takes a FRAME, a phantom of GLUE."""
    tenant = harness.new_tenant()
    await load(
        harness,
        tenant,
        planning.PRODUCTS.load,
        "product_code,product_name,unit_code,unit_decimals,is_phantom,make_or_buy,conversions\n"
        "BOX,Box,EA,0,,make,\nPANEL,Panel,EA,0,,make,BX=50\nKIT,Kit,EA,0,true,make,\n"
        "FRAME,Frame,EA,0,true,make,\nGLUE,Glue,KGM,3,,buy,\nSHEET,Sheet,EA,0,,buy,\n",
    )
    await load(
        harness,
        tenant,
        planning.IMPORT_BOMS,
        "product_code,line_number,component_code,quantity,unit_code,effective_from,"
        "effective_until,bom_effective_from,bom_effective_until,base_quantity\n"
        "BOX,10,PANEL,2,,,,,2026-12-31,1\nBOX,20,KIT,1,,,,,2026-12-31,1\n"
        "BOX,10,PANEL,3,,,,2027-01-01,,1\n"
        "KIT,10,FRAME,1,,,,,,1\nFRAME,10,GLUE,1.5,GRM,,2026-11-30,,,7\n"
        "FRAME,10,GLUE,3,GRM,2026-12-01,,,,7\nPANEL,10,SHEET,1,,,,,,248\n",
    )
    await load(
        harness,
        tenant,
        planning.VENDORS.load,
        "vendor_code,vendor_name,lead_time_days,is_active\nV1,One,14,\nV2,Two,3,\nV3,Gone,1,false\n",
    )
    await load(
        harness,
        tenant,
        planning.VENDOR_PRODUCTS.load,
        "product_code,vendor_code,purchase_unit_code,purchase_unit_factor,preference,"
        "minimum_order_quantity,order_multiple_quantity,lead_time_days\n"
        "GLUE,V1,CA,2.5,10,4,2,\nGLUE,V2,,,20,,,5\nGLUE,V3,,,1,,,\n"
        "SHEET,V2,CT,,,,,\nPANEL,V2,BX,,,,,\n",
    )
    return tenant


async def test_bills_come_through_phantoms_with_products_and_vendors_in_one_statement(
    harness: Harness, database: Database
) -> None:
    tenant = await materials(harness)
    async with working(database, tenant) as uow:
        await materials_facts.load(uow, [])
        before = statements(database)
        facts = await materials_facts.load(uow, ["BOX", "NOBODY"])
        assert statements(database) - before == 1
    assert set(facts.bills) == {"BOX", "KIT", "FRAME"}
    assert set(facts.products) == {"BOX", "PANEL", "KIT", "FRAME", "GLUE"}
    needs = {}
    for on in (date(2026, 11, 30), date(2026, 12, 1), date(2027, 1, 1)):
        demands = [(line.need, 10) for line in facts.lines_on("BOX", on) if line.need]
        blown = phantoms.blow_through(demands, on=on, phantom_lines=facts.phantom_lines)
        found = component_needs.component_needs(blown.parts, facts.decimals_of)
        needs[on] = {need.component: need.quantity for need in found}
    assert needs == {
        date(2026, 11, 30): {"PANEL": Decimal(20), "GLUE": Decimal("0.003")},
        date(2026, 12, 1): {"PANEL": Decimal(20), "GLUE": Decimal("0.005")},
        date(2027, 1, 1): {"PANEL": Decimal(30)},
    }


async def test_a_product_is_bought_from_its_preferred_active_vendor(
    harness: Harness, database: Database
) -> None:
    tenant = await materials(harness)
    async with working(database, tenant) as uow:
        facts = await materials_facts.load_all(uow, since=date(2026, 12, 1))
    assert set(facts.bills) == {"BOX", "KIT", "FRAME", "PANEL"}
    assert [line.line_number for line in facts.bills["FRAME"][0].lines] == [10]
    glue, sheet, panel = (facts.vendors[code] for code in ("GLUE", "SHEET", "PANEL"))
    assert (glue.vendor_code, glue.lead_time_days) == ("V1", 14)
    assert glue.rounding is not None
    assert (glue.rounding.factor, glue.rounding.minimum) == (Fraction(5, 2), Fraction(4))
    assert (sheet.rounding, sheet.is_unit_unknown, sheet.lead_time_days) == (None, True, 3)
    assert panel.rounding is not None
    assert panel.rounding.factor == 50


async def test_a_line_that_cannot_be_computed_says_why(
    harness: Harness, database: Database
) -> None:
    tenant = await materials(harness)
    product = planning.PRODUCTS.update_request.model_validate(
        {
            "code": "GLUE",
            "fields": {"product_code": "GLUE", "product_name": "Glue", "unit_code": "EA"},
        }
    )
    changed = await harness.ask(planning.PRODUCTS.update, product, tenant_id=tenant)
    assert changed.status == 200, changed.body
    async with working(database, tenant) as uow:
        facts = await materials_facts.load(uow, ["FRAME"])
    lines = facts.lines_on("FRAME", date(2026, 12, 1))
    assert {(line.component_code, line.reason) for line in lines} == {("GLUE", "no_conversion")}


async def test_drafts_and_retired_versions_are_not_planned_by(
    harness: Harness, database: Database
) -> None:
    tenant = await materials(harness)
    draft = BomFields.model_validate(
        {
            "product_code": "SHEET",
            "lines": [{"line_number": 1, "component_code": "GLUE", "quantity": 1}],
        }
    )
    made = await harness.ask(planning.CREATE_BOM, draft, tenant_id=tenant)
    for _ in range(2):
        async with working(database, tenant) as uow:
            assert (await materials_facts.load(uow, ["SHEET"])).bills == {}
        await harness.ask(planning.ACTIVATE_BOM, ActOnBom(bom_id=made.body.id), tenant_id=tenant)
        await harness.ask(planning.RETIRE_BOM, ActOnBom(bom_id=made.body.id), tenant_id=tenant)


async def places(harness: Harness) -> UUID:
    """A plant by a calendar, with three work centers; one has lanes, one a calendar of its own."""
    tenant = harness.new_tenant()
    register = TenantFields(tenant_code="T", tenant_name="T", time_zone="America/New_York")
    await harness.ask(planning.TENANTS.create, register, tenant_id=tenant)
    for code, shifts in (("DAY", "day mon-fri 08:00-16:00"), ("NIGHT", "night mon 22:00-06:00")):
        calendar = CalendarFields.model_validate(
            {"calendar_code": code, "calendar_name": code, "shifts": shifts}
        )
        await harness.ask(planning.CALENDARS.create, calendar, tenant_id=tenant)
    for code, center in (("M1", "PRESS"), ("M2", None)):
        window = MaintenanceWindowFields.model_validate(
            {
                "maintenance_window_code": code,
                "work_center_code": center,
                "plant_code": "MAIN",
                "starts_at": MONDAY.replace(hour=7 if center else 12),
                "ends_at": MONDAY.replace(hour=8 if center else 13),
            }
        )
        await harness.ask(planning.MAINTENANCE_WINDOWS.create, window, tenant_id=tenant)
    await harness.publish(PlantChanged(plant=builders.plant(calendar_code="DAY")), tenant_id=tenant)
    for over in (
        {"work_center_code": "PRESS", "parallel_units": 7, "efficiency_percentage": "92.5"},
        {"work_center_code": "FOLD", "parallel_units": 2, "calendar_code": "NIGHT"},
        {"work_center_code": "IDLE", "parallel_units": 9, "calendar_code": "MISSING"},
    ):
        await harness.publish(
            WorkCenterChanged(work_center=builders.work_center(**over)), tenant_id=tenant
        )
    for number, center, is_active in (
        ("L1", "PRESS", True),
        ("L2", "PRESS", True),
        ("L3", "PRESS", False),
        ("L4", "IDLE", False),
    ):
        await harness.publish(
            LaneChanged(lane=_lane(number, center, is_active=is_active)), tenant_id=tenant
        )
    await harness.settle()
    return tenant


def _lane(number: str, center: str, *, is_active: bool) -> Lane:
    stamps = {
        name: getattr(builders.work_center(), name)
        for name in ("version", "created_at", "created_by", "updated_at", "updated_by")
    }
    return Lane.model_validate(
        {
            "id": SYSTEM_CLOCK.new_id(),
            "lane_number": number,
            "lane_name": number,
            "plant_code": "MAIN",
            "lane_type": "fabrication",
            "work_center_code": center,
            "capacity": 2,
            "is_active": is_active,
            **stamps,
        }
    )


async def test_work_centers_come_with_calendars_and_lanes_in_one_statement(
    harness: Harness, database: Database
) -> None:
    tenant = await places(harness)
    async with working(database, tenant) as uow:
        before = statements(database)
        found = await calendars.load(
            uow, work_center_codes=["PRESS", "FOLD", "IDLE", "NONE"], since=MONDAY
        )
        assert statements(database) - before <= 2, "the first also begins the transaction"
        again = await calendars.load_all(uow, since=MONDAY)
    centers = found.work_centers
    assert {code: center.parallel_units for code, center in centers.items()} == {
        "PRESS": 4,
        "FOLD": 2,
        "IDLE": 0,
    }
    names = {code: center.calendar_name for code, center in centers.items()}
    assert names == {"PRESS": "DAY", "FOLD": "NIGHT", "IDLE": "DAY"}
    assert centers["PRESS"].efficiency_percentage == Decimal("92.5")
    day = MONDAY, MONDAY.replace(hour=20)
    assert centers["PRESS"].calendar.working_minutes(*day) == 6 * 60
    assert centers["IDLE"].calendar.working_minutes(*day) == 7 * 60
    assert centers["FOLD"].calendar.working_minutes(MONDAY, MONDAY.replace(day=25)) == 8 * 60
    assert found.plant("MAIN").calendar.working_minutes(*day) == 7 * 60
    assert again.work_centers["PRESS"].calendar is centers["PRESS"].calendar


async def test_a_plant_nobody_told_of_works_as_standard_in_the_tenants_zone(
    harness: Harness, database: Database
) -> None:
    tenant = await places(harness)
    async with working(database, tenant) as uow:
        found = await calendars.load(uow, plant_codes=["SOON", None])
    standard = working_calendars.standard_calendar("America/New_York")
    assert found.plant("SOON").calendar is standard
    assert not found.plant("SOON").is_known
    assert found.calendar_of(work_center_code="NONE", plant_code=None) is standard


async def test_numbers_are_taken_once_over_many_at_a_time(
    harness: Harness, database: Database
) -> None:
    tenant = harness.new_tenant()
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    orders = numbering.series_of("PR", time_zone="Europe/Berlin", now=new_year)
    runs = numbering.series_of("MR", time_zone="America/New_York", now=new_year)
    assert (orders.year, runs.year) == (2027, 2026)
    given: list[str] = []
    for wanted in ({orders: 2, runs: 1}, {orders: 1, runs: 0}, {}):
        async with working(database, tenant) as uow:
            taken = await numbers.take(uow, wanted)
            given += [taken.next_number(s) for s, count in wanted.items() for _ in range(count)]
    assert given == ["PR-2027-000001", "PR-2027-000002", "MR-2026-000001", "PR-2027-000003"]
