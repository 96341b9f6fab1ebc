"""Quantities, ratios and envelopes survive the wire exactly."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter, ValidationError

from lineside_contracts.envelope import Envelope, EventType, subject_of
from lineside_contracts.planning import ProductFields
from lineside_contracts.sales import SalesDocument
from lineside_contracts.values import Quantity, Ratio, format_ratio

QUANTITY = TypeAdapter(Quantity)
RATIO = TypeAdapter(Ratio)
ID = UUID("01936d2e-0000-7000-8000-000000000001")


@given(st.decimals(min_value="0.000001", max_value=10**12, places=6))
def test_a_quantity_is_the_same_after_the_wire(value: Decimal) -> None:
    assert QUANTITY.validate_json(QUANTITY.dump_json(value)) == value


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity", "1e13", "0.0000001", "ten"])
def test_a_senseless_quantity_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        QUANTITY.validate_python(value)


def test_a_json_number_is_read_as_the_decimal_it_shows() -> None:
    assert QUANTITY.validate_json("0.1") == Decimal("0.1")


@given(st.fractions(min_value=Fraction(1, 10**6), max_value=10**6, max_denominator=10**6))
def test_a_ratio_is_the_same_after_the_wire(value: Fraction) -> None:
    assert RATIO.validate_json(RATIO.dump_json(value)) == value


def test_ratios_read_as_people_write_them() -> None:
    assert format_ratio(Fraction(1, 4)) == "0.25"
    assert format_ratio(Fraction(1, 248)) == "1/248"
    assert format_ratio(Fraction(8)) == "8"


@pytest.mark.parametrize("value", ["0", "-1", "1/0", "x", "1e40", True])
def test_a_senseless_ratio_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        RATIO.validate_python(value)


def test_an_envelope_is_the_same_after_the_wire_whatever_people_are_called() -> None:
    envelope = Envelope(
        event_id=ID,
        event_type="work_order.created.v1",
        tenant_id=ID,
        aggregate_id=ID,
        aggregate_version=3,
        occurred_at=datetime(2026, 11, 20, 8, tzinfo=UTC),
        source="shopfloor",
        correlation_id=ID,
        actor_id=str(ID),
        actor_name="Zoë Ångström 山",
        plant_code="Łódź",
    )
    headers = envelope.headers()
    assert all(value.isascii() for value in headers.values())
    assert Envelope.from_headers(headers) == envelope


def test_an_envelope_without_tenant_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="ce-tenantid"):
        Envelope.from_headers({"ce-id": str(ID), "ce-type": "x.v1"})


def test_a_subject_is_aggregate_event_tenant_id() -> None:
    kind = EventType("work_order", "created", "work_order")
    assert subject_of(kind, ID, ID) == f"work_order.created.{ID}.{ID}"


def test_conversions_can_be_written_in_one_csv_cell() -> None:
    fields = ProductFields.model_validate(
        {"product_code": "A", "product_name": "A", "conversions": "BX=12; S = 1/3"}
    )
    assert fields.conversions == {"BX": Fraction(12), "S": Fraction(1, 3)}


def test_the_least_a_sales_system_must_send_is_enough() -> None:
    document = SalesDocument.model_validate_json(
        '{"order_number": "SO-1", "confirmed_at": "2026-11-20T08:00:00Z", "unknown": 1,'
        ' "customer": {"code": "C"}, "lines": [{"line_number": 1, "product_code": "P",'
        ' "quantity": 10, "unit": "EA", "due_date": "2026-12-15"}]}'
    )
    assert document.revision == 1
    assert document.lines[0].quantity == Decimal(10)
