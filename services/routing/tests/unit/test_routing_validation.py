"""Validation looks up, checks and names everything at once."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts.routing import RoutingFields, RoutingOperationFields
from lineside_contracts.values import OperationType
from lineside_routing.domain import catalogue, validation, versions
from lineside_routing.domain.catalogue import (
    Catalogue,
    CatalogueOperation,
    CatalogueWorkCenter,
)
from lineside_routing.domain.validation import Rival
from lineside_testkit import builders


def entry(code: str, *, work_center: str | None = "PRESS", active: bool = True) -> Any:
    return CatalogueOperation(
        operation_code=code,
        operation_name=code.title(),
        operation_type=OperationType.FABRICATION,
        default_setup_minutes=Decimal(30),
        default_run_seconds_per_unit=Decimal("0.5"),
        work_center_code=work_center,
        is_active=active,
    )


def center(code: str, plant: str = "MAIN", *, active: bool = True) -> CatalogueWorkCenter:
    return CatalogueWorkCenter(code, plant, "DEPT", active)


KNOWN = Catalogue(
    operations={
        "PRINT": entry("PRINT"),
        "FOLD": entry("FOLD", work_center=None),
        "OLD": entry("OLD", active=False),
        "LOST": entry("LOST", work_center="GONE"),
    },
    work_centers={
        "PRESS": center("PRESS"),
        "FAR": center("FAR", "SECOND"),
        "SHUT": center("SHUT", active=False),
    },
    plant_codes=frozenset({"MAIN"}),
    unit_decimals={"SIGNATURE": 2},
)


def operation(number: int = 10, code: str = "PRINT", **over: Any) -> RoutingOperationFields:
    return RoutingOperationFields.model_validate(
        {"sequence_number": number, "operation_code": code, **over}
    )


def draft(*operations: RoutingOperationFields, **over: Any) -> RoutingFields:
    values = {"routing_code": "R", "routing_name": "R", "product_code": "P", **over}
    return RoutingFields(operations=operations, **values)


def codes(*operations: RoutingOperationFields, **over: Any) -> set[tuple[str, str]]:
    found = validation.examine(draft(*operations, **over), KNOWN)
    return {(fault.code, fault.path) for fault in found.faults}


def test_a_good_routing_has_no_faults() -> None:
    assert codes(operation(10), operation(20, "FOLD")) == set()


def test_an_empty_routing_is_a_fault() -> None:
    assert codes() == {("no_operations", "operations")}


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        (operation(code="NOBODY"), "unknown_operation", "operations[0].operation_code"),
        (operation(code="OLD"), "operation_inactive", "operations[0].operation_code"),
        (operation(code="LOST"), "unknown_work_center", "operations[0].work_center_code"),
        (
            operation(work_center_code="SHUT"),
            "work_center_inactive",
            "operations[0].work_center_code",
        ),
        (operation(number=0), "sequence_number_not_positive", "operations[0].sequence_number"),
        (
            operation(yield_percentage="98.00001"),
            "yield_too_precise",
            "operations[0].yield_percentage",
        ),
        (
            operation(scrap_percentage="-1"),
            "scrap_out_of_range",
            "operations[0].scrap_percentage",
        ),
    ],
)
def test_each_fault_names_its_place(wrong: RoutingOperationFields, code: str, path: str) -> None:
    assert codes(wrong) == {(code, path)}


def test_a_routing_over_plants_states_how_long_the_way_takes() -> None:
    far = operation(20, work_center_code="FAR")
    assert codes(operation(10), far) == {("transfer_time_missing", "operations[0].wait_minutes")}
    assert codes(operation(10, wait_minutes="60"), far) == set()


def test_yields_that_leave_nothing_are_a_fault() -> None:
    tiny = [operation(10 * number, yield_percentage="0.0001") for number in range(1, 1001)]
    assert codes(*tiny) == {("overall_yield_too_low", "operations")}


def test_a_rival_is_named() -> None:
    rival = Rival(UUID(int=1), "R-OTHER", 3)
    (fault,) = validation.examine(draft(operation()), KNOWN, rival=rival).faults
    assert (fault.code, fault.path) == ("target_already_routed", "product_code")
    assert "R-OTHER version 3" in fault.message


def test_a_category_beside_a_product_is_only_warned_of() -> None:
    found = validation.examine(draft(operation(), product_category="C"), KNOWN)
    assert [warning.code for warning in found.warnings] == ["category_not_used"]
    assert found.faults == ()


def test_places_nobody_knows_are_warned_of() -> None:
    found = validation.examine(
        draft(operation(10, "FOLD"), operation(20, work_center_code="FAR")), KNOWN
    )
    assert [(w.code, w.path) for w in found.warnings] == [
        ("work_center_missing", "operations[0].work_center_code"),
        ("plant_unknown", "operations[1].work_center_code"),
    ]


def test_an_operation_overrides_the_catalogue() -> None:
    written = operation(
        setup_time_minutes="5", run_time_per_unit_seconds="0", work_center_code="FAR"
    )
    inherited, overridden = catalogue.resolve([operation(), written], KNOWN).resolutions
    assert inherited is not None
    assert overridden is not None
    assert [inherited.setup_minutes, inherited.run_seconds_per_unit] == [30, Decimal("0.5")]
    assert [overridden.setup_minutes, overridden.run_seconds_per_unit] == [5, 0]
    assert (inherited.plant_code, overridden.plant_code) == ("MAIN", "SECOND")


@pytest.mark.parametrize(
    ("unit", "stated", "decimals"),
    [
        (None, None, None),
        ("KGM", None, 3),
        ("SIGNATURE", None, 2),
        ("SHEET", None, 0),
        ("KGM", 1, 1),
    ],
)
def test_decimals_are_stated_or_the_tenants_or_the_standard_ones(
    unit: str | None, stated: int | None, decimals: int | None
) -> None:
    written = operation(unit_code=unit, unit_decimals=stated)
    assert catalogue.unit_decimals(written, KNOWN) == decimals


def test_a_stored_version_says_what_was_written() -> None:
    fields = builders.routing_fields(
        product_code=builders.BOOK, operations=builders.BOOK_OPERATIONS
    )
    stored = versions.drafted(
        fields,
        routing_id=UUID(int=1),
        routing_version=1,
        operations=tuple(versions.with_id(o, UUID(int=2)) for o in fields.operations),
        now=builders.AT,
        by=builders.ACTOR,
    )
    assert versions.fields_of(stored) == fields
