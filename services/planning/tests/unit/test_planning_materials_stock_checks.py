"""Every fault of a posting is named at once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lineside_contracts.planning import PostStockMovement
from lineside_planning.materials.domain import stock_checks
from lineside_planning.materials.domain.stock_checks import (
    LocationFacts,
    PostingFacts,
    ProductFacts,
)
from lineside_testkit import builders

GLUE = ProductFacts("GLUE", "KG", 3)
SHELF = LocationFacts("SHELF", "MAIN")
RACK = LocationFacts("RACK", "MAIN")
ABROAD = LocationFacts("ABROAD", "WEST")
KNOWN = PostingFacts(GLUE, SHELF, RACK, Decimal(10))


def posting(**over: Any) -> PostStockMovement:
    values = {
        "kind": "count",
        "product_code": "GLUE",
        "location_code": "SHELF",
        "quantity": "5",
        "reason": "inventory",
    }
    return PostStockMovement.model_validate(values | over)


def faults(facts: PostingFacts = KNOWN, **over: Any) -> list[tuple[str, str]]:
    found = stock_checks.posting_faults(posting(**over), facts, now=builders.AT)
    return [(fault.code, fault.path) for fault in found]


def test_a_proper_posting_has_no_fault() -> None:
    assert faults() == []
    assert faults(kind="transfer", to_location_code="RACK") == []
    assert faults(kind="adjustment", quantity="-10") == []
    assert faults(quantity="0") == []


def test_all_faults_come_at_once() -> None:
    late = builders.AT + timedelta(hours=1)
    found = faults(PostingFacts(None, None), quantity="-1", reason=" ", happened_at=late)
    assert found == [
        ("unknown_product", "product_code"),
        ("unknown_stock_location", "location_code"),
        ("wrong_quantity", "quantity"),
        ("missing", "reason"),
        ("in_the_future", "happened_at"),
    ]


@pytest.mark.parametrize(
    ("over", "fault"),
    [
        ({"quantity": "1.0001"}, ("too_many_decimals", "quantity")),
        ({"kind": "adjustment", "quantity": "0"}, ("wrong_quantity", "quantity")),
        ({"kind": "adjustment", "quantity": "-11"}, ("not_enough_there", "quantity")),
        ({"kind": "scrap", "quantity": "-1"}, ("wrong_quantity", "quantity")),
        ({"kind": "scrap", "quantity": "10.5"}, ("not_enough_there", "quantity")),
        ({"kind": "transfer"}, ("missing", "to_location_code")),
        ({"kind": "transfer", "to_location_code": "SHELF"}, ("same_location", "to_location_code")),
        ({"to_location_code": "RACK"}, ("no_transfer", "to_location_code")),
    ],
)
def test_what_is_wrong_is_named_by_path(over: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(**over) == [fault]


def test_no_transfer_goes_over_plants() -> None:
    facts = PostingFacts(GLUE, SHELF, ABROAD, Decimal(10))
    found = faults(facts, kind="transfer", to_location_code="ABROAD")
    assert found == [("other_plant", "to_location_code")]


def test_a_location_out_of_use_takes_no_posting() -> None:
    closed = LocationFacts("SHELF", "MAIN", is_active=False)
    assert faults(PostingFacts(GLUE, closed)) == [("inactive_location", "location_code")]


def test_decimals_of_zeros_are_none() -> None:
    assert not stock_checks.has_excess_decimals(Decimal("5.000000"), 0)
