from collections.abc import Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from lineside_contracts.problems import Fault
from lineside_contracts.sales import SalesDocument
from lineside_sales_bridge import adapters
from lineside_sales_bridge.domain import content, judge
from lineside_sales_bridge.domain.judge import Facts
from lineside_sales_bridge.domain.references import OwnUnit, Product, References

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PRODUCTS = {
    "BROCHURE": Product("BROCHURE", "EA", 0, conversions={"BX": Fraction(12)}),
    "INK": Product("INK", "KGM", 3),
    "OLD": Product("OLD", "EA", 0, is_active=False),
    "SHEETS": Product("SHEETS", "BUNCH", 0),
    "AUCKLAND": Product("AUCKLAND", "EA", 0, time_zone="Pacific/Auckland"),
    "NOWHERE": Product("NOWHERE", "EA", 0, time_zone="Mars/Olympus"),
}
OWN_UNITS = {
    "BUNCH": OwnUnit("count", Fraction(25)),
    "PINCH": OwnUnit("mass", Fraction(1, 4000)),
    "SHELF": OwnUnit("package", None),
}
FACTS = Facts(References(PRODUCTS, OWN_UNITS), NOW)


def line(**over: Any) -> dict[str, Any]:
    fields = {
        "line_number": 1,
        "product_code": "BROCHURE",
        "quantity": "100",
        "unit": "EA",
        "due_date": "2026-12-15",
    }
    return fields | over


def document(*lines: Mapping[str, Any], confirmed_at: str = "2026-11-20T08:00:00Z") -> Any:
    return SalesDocument.model_validate(
        {
            "order_number": "SO-1",
            "confirmed_at": confirmed_at,
            "customer": {"code": "C-1"},
            "lines": lines,
        }
    )


def faults(*lines: Mapping[str, Any], **over: Any) -> list[tuple[str, str]]:
    return [(f.code, f.path) for f in judge.find_faults(document(*lines, **over), FACTS)]


def test_a_good_order_has_no_faults_and_its_lines_are_in_stock_units() -> None:
    good = document(line(quantity="3", unit="XBX"), line(line_number=2, quantity="2", unit="DZN"))
    assert judge.find_faults(good, FACTS) == []
    accepted = judge.accepted_lines(good, FACTS.references)
    assert [(str(a.quantity), a.unit_code, a.ordered_unit) for a in accepted] == [
        ("36", "EA", "XBX"),
        ("24", "EA", "DZN"),
    ]


def test_an_order_without_lines_is_refused() -> None:
    assert faults() == [("no_lines", "lines")]


def test_an_unknown_product_is_named() -> None:
    (fault,) = judge.find_faults(document(line(product_code="NOPE")), FACTS)
    assert "NOPE" in fault.message
    assert fault.facts == {"product_code": "NOPE"}


def test_every_fault_of_every_line_is_found_at_once() -> None:
    assert faults(
        line(product_code="NOPE", due_date="2026-11-01"),
        line(product_code="OLD"),
        line(line_number=2, unit="FURLONG"),
        line(line_number=3, unit="KGM"),
        line(line_number=4, quantity="1.5"),
    ) == [
        ("duplicate_line_number", "lines[1].line_number"),
        ("unknown_product", "lines[0].product_code"),
        ("due_before_order", "lines[0].due_date"),
        ("inactive_product", "lines[1].product_code"),
        ("unknown_unit", "lines[2].unit"),
        ("unit_not_convertible", "lines[3].unit"),
        ("inexact_quantity", "lines[4].quantity"),
    ]


@pytest.mark.parametrize(
    ("product", "quantity", "unit", "stock"),
    [
        ("INK", "1500", "GRM", "1.500"),
        ("INK", "8", "PINCH", "0.002"),
        ("SHEETS", "50", "EA", "2"),
        ("SHEETS", "3", "BUNCH", "3"),
        ("BROCHURE", "2", "BUNCH", "50"),
    ],
)
def test_units_convert_exactly(product: str, quantity: str, unit: str, stock: str) -> None:
    good = document(line(product_code=product, quantity=quantity, unit=unit))
    assert judge.find_faults(good, FACTS) == []
    assert str(judge.accepted_lines(good, FACTS.references)[0].quantity) == stock


def test_a_package_without_the_products_own_factor_is_refused() -> None:
    assert faults(line(product_code="INK", unit="BX")) == [
        ("unit_not_convertible", "lines[0].unit")
    ]
    assert faults(line(unit="SHELF")) == [("unit_not_convertible", "lines[0].unit")]


def test_a_quantity_that_grows_beyond_the_limit_in_stock_units_is_refused() -> None:
    assert faults(line(quantity="1000000000000", unit="BX")) == [("too_large", "lines[0].quantity")]


def test_the_day_of_the_order_is_the_plants_own() -> None:
    in_auckland_the_21st = "2026-11-20T12:00:00Z"
    due = line(due_date="2026-11-20")
    assert faults(due, confirmed_at=in_auckland_the_21st) == []
    assert faults({**due, "product_code": "AUCKLAND"}, confirmed_at=in_auckland_the_21st) == [
        ("due_before_order", "lines[0].due_date")
    ]
    assert faults({**due, "product_code": "NOWHERE"}) == []


def test_a_due_date_in_the_past_is_a_warning() -> None:
    late = document(line(due_date="2026-11-19"), confirmed_at="2026-11-01T08:00:00Z")
    assert judge.find_faults(late, FACTS) == []
    (warning,) = judge.find_warnings(late, FACTS)
    assert (warning.code, warning.path) == ("due_date_past", "lines[0].due_date")
    assert judge.find_warnings(document(line(due_date=str(date(2026, 11, 20)))), FACTS) == []


@pytest.mark.parametrize(
    "instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1969-12-31T23:59:59Z"]
)
def test_an_absurd_instant_is_a_fault_and_overflows_nothing(instant: str) -> None:
    assert ("absurd_date", "confirmed_at") in faults(line(), confirmed_at=instant)
    assert content.hash_of_document(document(line(), confirmed_at=instant))


@pytest.mark.parametrize("due", ["0001-01-01", "2200-01-01", "9999-12-31"])
def test_an_absurd_due_date_is_a_fault(due: str) -> None:
    assert faults(line(due_date=due)) == [("absurd_date", "lines[0].due_date")]


def test_wrong_types_and_wrong_content_come_in_one_answer() -> None:
    text = """{"order_number": "SO-1", "confirmed_at": "2026-11-20T08:00:00Z", "customer": {},
      "currency": "euro", "lines": [
        {"line_number": 1, "product_code": "NOPE", "quantity": -5, "unit": "EA",
         "due_date": "15.12.2026"},
        {"line_number": 1, "product_code": "BROCHURE", "quantity": 0.5, "unit": "EA",
         "due_date": "2026-11-19"},
        "third"]}"""
    reading, _ = adapters.read(text)
    assert reading.draft is not None
    found = [*reading.faults, *judge.find_faults(reading.draft, FACTS)]
    assert {(fault.code, fault.path) for fault in found} == {
        ("missing", "customer.code"),
        ("invalid_currency", "currency"),
        ("not_positive", "lines[0].quantity"),
        ("invalid_date", "lines[0].due_date"),
        ("wrong_type", "lines[2]"),
        ("duplicate_line_number", "lines[1].line_number"),
        ("unknown_product", "lines[0].product_code"),
        ("inexact_quantity", "lines[1].quantity"),
        ("due_before_order", "lines[1].due_date"),
    }
    assert all(is_understandable(fault) for fault in found)


def is_understandable(fault: Fault) -> bool:
    return len(fault.message) > 5 and "Input should" not in fault.message
