"""Numbers, units and checks of what planning knows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lineside_contracts.planning import TenantFields, UnitFields
from lineside_planning.master_data.domain import checking as master_data
from lineside_planning.orders.domain import facts
from lineside_planning.orders.domain.facts import NumberSeries, ProductFacts, TenantFacts
from lineside_testkit import builders


def product(**over: Any) -> ProductFacts:
    values = {
        "product_code": "X",
        "product_name": "X",
        "product_category": None,
        "unit_code": "EA",
        "unit_decimals": 2,
        "plant_code": "MAIN",
        "time_zone": None,
    }
    return ProductFacts(**(values | over))


@pytest.mark.parametrize(
    ("plant_zone", "tenant_zone", "year"),
    [
        (None, "UTC", 2026),
        (None, "Asia/Tokyo", 2027),
        ("America/New_York", "Asia/Tokyo", 2026),
        ("Asia/Tokyo", "UTC", 2027),
    ],
)
def test_the_year_of_a_number_is_that_of_the_plants_calendar(
    plant_zone: str | None, tenant_zone: str, year: int
) -> None:
    now = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
    tenant = TenantFacts(production_order_prefix="FA", time_zone=tenant_zone)
    series = facts.number_series(tenant, product(time_zone=plant_zone), now)
    assert series == NumberSeries("FA", year)


def test_a_number_has_six_digits_and_grows_beyond_them() -> None:
    series = NumberSeries("MO", 2026)
    assert series.number(42) == "MO-2026-000042"
    assert series.number(1_234_567) == "MO-2026-1234567"


def test_a_quantity_keeps_its_unit_when_the_product_has_got_another() -> None:
    fields = facts.product_fields(product(unit_code="KGM", unit_decimals=3), unit_code="EA")
    assert (fields["unit_code"], fields["unit_decimals"]) == ("EA", 0)
    same = facts.product_fields(product(), unit_code="PCE")
    assert (same["unit_code"], same["unit_decimals"]) == ("EA", 2)


def test_a_product_speaks_of_units_there_are() -> None:
    fields = builders.product_fields(
        unit_code="FLYER", conversions={"BX": "12", "CTN": "5", "HEAP": "7", "TRAY": "6"}
    )
    found = {(f.code, f.path) for f in master_data.product_faults(fields, {"TRAY"})}
    assert found == {
        ("unknown_unit", "unit_code"),
        ("unit_not_canonical", "conversions.CTN"),
        ("unknown_unit", "conversions.HEAP"),
    }


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "America", "", "x" * 64])
def test_a_tenants_time_zone_exists(zone: str) -> None:
    tenant = TenantFields(tenant_code="T", tenant_name="T", time_zone=zone)
    (fault,) = master_data.tenant_faults(tenant, registered_code=None)
    assert fault.code == "unknown_time_zone"


def test_a_tenant_registers_once() -> None:
    tenant = TenantFields(tenant_code="T2", tenant_name="T")
    (fault,) = master_data.tenant_faults(tenant, registered_code="T1")
    assert fault.code == "tenant_registered"


def test_a_tenants_unit_shadows_no_standard_one_and_has_its_size() -> None:
    shadow = UnitFields(
        unit_code="pcs", unit_name="Piece", dimension="count", decimals=0, factor="1"
    )
    assert [f.code for f in master_data.unit_faults(shadow)] == ["standard_unit"]
    sizeless = UnitFields(unit_code="FOO", unit_name="Foo", dimension="mass", decimals=0)
    assert [f.code for f in master_data.unit_faults(sizeless)] == ["factor"]
    tray = UnitFields(unit_code="TRAY", unit_name="Tray", dimension="package", decimals=0)
    assert master_data.unit_faults(tray) == ()
