"""Vendors, vendor products, locations, rates, calendars, maintenance: refusals and warnings."""

from typing import Any
from uuid import UUID

from lineside_contracts import planning
from lineside_contracts.master_data import DeleteMasterData, GetMasterData, ImportMasterData
from lineside_contracts.planning import (
    CalendarFields,
    LabourRateFields,
    ProductFields,
    VendorFields,
    VendorProductChanged,
    VendorProductFields,
)
from lineside_contracts.problems import ProblemCode
from lineside_contracts.routing import WorkCenterChanged
from lineside_contracts.shopfloor import PlantChanged
from lineside_testkit import builders
from lineside_testkit.harness import Answer, Harness

ACME = VendorFields(vendor_code="ACME", vendor_name="Acme", lead_time_days=14)


async def load(harness: Harness, tenant: UUID, kind: Any, text: str) -> Answer:
    request = ImportMasterData(object_name=await harness.upload(text))
    return await harness.ask(kind.load, request, tenant_id=tenant)


async def make_part(harness: Harness, tenant: UUID, **over: Any) -> None:
    fields = {"product_code": "BOLT", "product_name": "Bolt", "make_or_buy": "buy"} | over
    product = ProductFields.model_validate(fields)
    assert (await harness.ask(planning.PRODUCTS.create, product, tenant_id=tenant)).status == 201


def found(faults: Any) -> list[tuple[str, str]]:
    return [(fault.code, fault.path) for fault in faults]


async def test_everything_wrong_with_a_vendors_product_is_told_at_once(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await make_part(harness, tenant)
    await harness.ask(planning.VENDORS.create, ACME, tenant_id=tenant)
    for fields, expected in (
        (
            {"product_code": "NOBODY", "vendor_code": "NONE", "purchase_unit_code": "PARSEC"},
            [
                ("unknown_product", "product_code"),
                ("unknown_vendor", "vendor_code"),
                ("unknown_unit", "purchase_unit_code"),
            ],
        ),
        (
            {"product_code": "BOLT", "vendor_code": "ACME", "purchase_unit_factor": 12},
            [("factor_without_unit", "purchase_unit_factor")],
        ),
        (
            {
                "product_code": "BOLT",
                "vendor_code": "ACME",
                "purchase_unit_code": "DZ",
                "purchase_unit_factor": 13,
            },
            [("factor_contradicts_unit", "purchase_unit_factor")],
        ),
    ):
        sold = VendorProductFields.model_validate(fields)
        answer = await harness.ask(planning.VENDOR_PRODUCTS.create, sold, tenant_id=tenant)
        assert answer.problem.code is ProblemCode.VALIDATION_FAILED
        assert found(answer.problem.faults) == expected


async def test_a_purchase_unit_without_a_factor_is_loaded_with_a_warning(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    await make_part(harness, tenant, conversions={"BX": 100})
    await harness.ask(planning.VENDORS.create, ACME, tenant_id=tenant)
    text = (
        "product_code,vendor_code,vendor_product_code,purchase_unit_code,purchase_unit_factor\n"
        "BOLT,ACME,,CTN,\n"
        "BOLT,ACME,own factor,CTN,500\n"
        "BOLT,ACME,product's,BX,\n"
        "BOLT,ACME,dozen,DZ,\n"
        "BOLT,ACME,stock unit,,\n"
    )
    loaded = await load(harness, tenant, planning.VENDOR_PRODUCTS, text)
    assert (loaded.status, loaded.body.created_count) == (200, 5)
    assert found(loaded.body.warnings) == [
        ("purchase_unit_without_factor", "row 2.purchase_unit_code")
    ]
    sold = await harness.ask(
        planning.VENDOR_PRODUCTS.get, GetMasterData(code="BOLT@ACME"), tenant_id=tenant
    )
    assert sold.body.purchase_unit_factor is None
    said = await harness.events(VendorProductChanged, tenant_id=tenant, count=5)
    told = {event.payload.vendor_product.vendor_product_code: event.payload for event in said}
    assert told["BOLT@ACME"].vendor_product == sold.body


async def test_places_that_were_not_told_of_yet_are_warnings(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await harness.publish(PlantChanged(plant=builders.plant()), tenant_id=tenant)
    await harness.publish(WorkCenterChanged(work_center=builders.work_center()), tenant_id=tenant)
    await harness.settle()
    locations = "location_code,location_name,plant_code\nL1,One,MAIN\nL2,Two,SOON\n"
    loaded = await load(harness, tenant, planning.STOCK_LOCATIONS, locations)
    assert found(loaded.body.warnings) == [("unknown_plant", "row 3.plant_code")]
    windows = (
        "maintenance_window_code,work_center_code,plant_code,starts_at,ends_at\n"
        "M1,PRESS,MAIN,2026-12-01T08:00:00Z,2026-12-01T10:00:00Z\n"
        "M2,LATER,MAIN,2026-12-01T08:00:00Z,2026-12-01T10:00:00Z\n"
    )
    loaded = await load(harness, tenant, planning.MAINTENANCE_WINDOWS, windows)
    assert found(loaded.body.warnings) == [("unknown_work_center", "row 3.work_center_code")]
    backwards = windows.replace("T10:", "T07:")
    refused = await load(harness, tenant, planning.MAINTENANCE_WINDOWS, backwards)
    assert found(refused.problem.faults) == [
        ("ends_before_start", "row 2.ends_at"),
        ("ends_before_start", "row 3.ends_at"),
    ]


async def test_a_calendar_without_working_time_is_refused_in_a_file_and_by_hand(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    idle = CalendarFields(calendar_code="IDLE", calendar_name="Idle")
    refused = await harness.ask(planning.CALENDARS.create, idle, tenant_id=tenant)
    assert found(refused.problem.faults) == [("no_working_time", "shifts")]
    text = (
        "calendar_code,calendar_name,shifts,holidays\n"
        'TWO,Two shifts,"early mon-fri 06:00-14:00 10:00-10:30;late mon-fri 14:00-22:00",'
        "2026-12-25;2026-12-26\n"
        "OUT,Break outside,early mon-fri 06:00-14:00 15:00-15:30,\n"
        "ODD,Not a shift,whenever,\n"
    )
    refused = await load(harness, tenant, planning.CALENDARS, text)
    assert found(refused.problem.faults) == [("value_error", "row 4.shifts")]
    refused = await load(harness, tenant, planning.CALENDARS, text.rpartition("ODD")[0])
    assert found(refused.problem.faults) == [("break_outside_shift", "row 3.shifts[0].breaks[0]")]
    loaded = await load(harness, tenant, planning.CALENDARS, text.partition("OUT")[0])
    assert loaded.body.created_count == 1
    twice = await load(harness, tenant, planning.CALENDARS, text.partition("OUT")[0])
    assert twice.body.unchanged_count == 1


async def test_lot_sizes_that_cannot_be_made_are_refused(harness: Harness) -> None:
    text = (
        "product_code,product_name,lot_sizing,fixed_lot_quantity,minimum_lot_quantity,"
        "maximum_lot_quantity,lot_multiple_quantity,lot_period_days\n"
        "A,No lot,fixed_order_quantity,,,,,\n"
        "B,Not in unit,fixed_order_quantity,0.5,,,,\n"
        "C,Turned,min_max_multiple,,10,5,,\n"
        "D,Between,min_max_multiple,,6,9,5,\n"
        "E,No period,periods,,,,,\n"
        "F,Zero,lot_for_lot,0,,,,\n"
        "G,Fine,periods,,10,100,5,7\n"
    )
    tenant = harness.new_tenant()
    by_hand = await load(harness, tenant, planning.PRODUCTS, text)
    assert found(by_hand.problem.faults) == [("greater_than", "row 7.fixed_lot_quantity")]
    refused = await load(harness, tenant, planning.PRODUCTS, text.replace(",0,,,,\n", ",,,,,\n"))
    assert found(refused.problem.faults) == [
        ("lot_quantity_missing", "row 2.fixed_lot_quantity"),
        ("lot_quantity_not_in_unit", "row 3.fixed_lot_quantity"),
        ("lot_minimum_above_maximum", "row 4.minimum_lot_quantity"),
        ("no_lot_within_limits", "row 5.lot_multiple_quantity"),
        ("lot_period_missing", "row 6.lot_period_days"),
    ]


async def test_what_is_used_stays(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await make_part(harness, tenant)
    await harness.ask(planning.VENDORS.create, ACME, tenant_id=tenant)
    sold = VendorProductFields.model_validate({"product_code": "BOLT", "vendor_code": "ACME"})
    await harness.ask(planning.VENDOR_PRODUCTS.create, sold, tenant_id=tenant)
    shifts = "day mon-fri 08:00-16:00"
    calendar = CalendarFields.model_validate(
        {"calendar_code": "DAY", "calendar_name": "Day", "shifts": shifts}
    )
    await harness.ask(planning.CALENDARS.create, calendar, tenant_id=tenant)
    rate = LabourRateFields.model_validate(
        {"role_code": "printer", "role_name": "Printer", "hourly_rate": 40}
    )
    await harness.ask(planning.LABOUR_RATES.create, rate, tenant_id=tenant)
    center = builders.work_center(calendar_code="DAY", labour_role="printer")
    await harness.publish(WorkCenterChanged(work_center=center), tenant_id=tenant)
    await harness.settle()
    for kind, code in (
        (planning.PRODUCTS, "BOLT"),
        (planning.VENDORS, "ACME"),
        (planning.CALENDARS, "DAY"),
        (planning.LABOUR_RATES, "printer"),
    ):
        delete: Any = kind.delete
        answer = await harness.ask(delete, DeleteMasterData(code=code), tenant_id=tenant)
        assert answer.problem.code is ProblemCode.IN_USE, code
