"""The same pure function makes the runs of an order and of a preview."""

import time
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings, strategies as st

from lineside_contracts.routing import (
    Expansion,
    ProductionRun,
    RoutingExpanded,
    RoutingOperation,
)
from lineside_contracts.values import OperationType
from lineside_manufacturing import quantities
from lineside_routing.domain import expansion, orders, templates
from lineside_routing.domain.catalogue import Resolution
from lineside_routing.domain.expansion import Expanded, Target
from lineside_routing.domain.templates import Step, Template
from lineside_testkit import builders

SPACE = UUID("0190b5c0-0000-7000-8000-0000000000ff")


def made_id(number: int) -> UUID:
    return uuid5(SPACE, str(number))


def step(fields: dict[str, Any], **over: Any) -> Step:
    operation = RoutingOperation.model_validate({"id": made_id(0), **fields})
    means = {
        "operation_name": operation.operation_code.title(),
        "operation_type": OperationType.FABRICATION,
        "setup_minutes": Decimal(30),
        "run_seconds_per_unit": Decimal("0.36"),
        "work_center_code": "PRESS",
        "plant_code": "MAIN",
        "department_code": None,
        "unit_decimals": 0 if operation.unit_code else None,
    }
    return Step(operation, Resolution(**{**means, **over}))


def template(*steps: Step) -> Template:
    made = templates.template(
        routing_id=made_id(1), routing_code="R", routing_version=1, steps=steps
    )
    assert made is not None
    return made


def pieces(quantity: str, *, decimals: int = 0) -> Target:
    return Target(Decimal(quantity), "EA", decimals, "DEFAULT")


def expanded(made: Template, target: Target) -> Expanded:
    outcome = expansion.expand(made, target, made_id)
    assert isinstance(outcome, Expanded)
    return outcome


BROCHURE = template(*(step(fields) for fields in builders.BROCHURE_OPERATIONS))
BOOK = template(*(step(fields) for fields in builders.BOOK_OPERATIONS))


def test_ten_thousand_brochures_take_in_what_the_yields_ask() -> None:
    runs = expanded(BROCHURE, pieces("10000")).runs
    assert [run.planned_input for run in runs] == [10361, 10153, 10051, 10000]
    assert [run.planned_output for run in runs] == [10153, 10051, 10000, 10000]
    assert [run.planned_scrap for run in runs] == [208, 102, 51, 0]


def test_every_extra_brochure_is_explained() -> None:
    for run in expanded(BROCHURE, pieces("10000")).runs:
        assert sum(entry.quantity for entry in run.ledger) == run.planned_input - 10000
    last = expanded(BROCHURE, pieces("10000")).runs[-1]
    assert last.ledger == ()


def test_books_meet_at_binding() -> None:
    block, cover, fold, bind = expanded(BOOK, pieces("1000")).runs
    assert bind.predecessor_sequence_numbers == (20, 30)
    assert [bind.planned_output, bind.planned_input] == [1000, 1021]
    assert [fold.planned_output, fold.planned_input] == [8168, 8251]
    assert [block.planned_output, block.planned_input] == [4126, 4404]
    assert [cover.planned_output, cover.planned_input] == [256, 330]
    assert {entry.kind for entry in block.ledger} >= {"yield", "make_ready", "downstream"}


def test_98_pieces_at_98_percent_need_100() -> None:
    made = template(step({"sequence_number": 10, "operation_code": "A", "yield_percentage": "98"}))
    assert expanded(made, pieces("98")).runs[0].planned_input == 100


def test_runs_carry_their_own_unit_or_the_products() -> None:
    block, _, fold, bind = expanded(BOOK, pieces("1000")).runs
    assert [run.unit_code for run in (block, fold, bind)] == ["SHEET", "SIGNATURE", "EA"]
    assert block.units_per_product == Fraction(4)


def test_products_in_kilograms_round_at_their_own_decimals() -> None:
    made = template(step({"sequence_number": 10, "operation_code": "A", "yield_percentage": "97"}))
    (run,) = expanded(made, Target(Decimal("1.5"), "KGM", 3, None)).runs
    assert (run.planned_input, run.unit_decimals) == (Decimal("1.547"), 3)


@pytest.mark.parametrize(
    ("basis", "minutes"), [("per_unit", "62.166"), ("fixed", "0.006"), ("per_batch", "0.066")]
)
def test_run_minutes_follow_the_time_basis(basis: str, minutes: str) -> None:
    fields = {
        "sequence_number": 10,
        "operation_code": "A",
        "time_basis": basis,
        "batch_size": "1000",
    }
    made = template(step(fields))
    assert expanded(made, pieces("10361")).runs[0].run_minutes == Decimal(minutes)


def test_an_operation_without_work_center_is_done_in_the_products_plant() -> None:
    here = step({"sequence_number": 10, "operation_code": "A"})
    nowhere = step(
        {"sequence_number": 20, "operation_code": "B"}, plant_code=None, work_center_code=None
    )
    outcome = expanded(template(here, nowhere), pieces("10"))
    assert [run.plant_code for run in outcome.runs] == ["MAIN", "DEFAULT"]
    assert outcome.plant_code == "DEFAULT"


def test_an_order_belongs_to_the_plant_of_its_last_operation() -> None:
    first = step({"sequence_number": 10, "operation_code": "A"})
    last = step({"sequence_number": 20, "operation_code": "B"}, plant_code="SECOND")
    assert expanded(template(first, last), pieces("10")).plant_code == "SECOND"


def test_rounding_above_ten_percent_is_warned_of_by_path() -> None:
    (warning, *_) = expanded(BOOK, pieces("1")).warnings
    assert warning.code == "rounding_above_ten_percent"
    assert warning.path.startswith("operations[")
    assert warning.path.endswith(".planned_input")


def test_an_absurd_quantity_is_a_fault_and_no_run() -> None:
    fields = {"sequence_number": 10, "operation_code": "A", "yield_percentage": "0.0001"}
    outcome = expansion.expand(template(step(fields)), pieces("1000000000000"), made_id)
    assert not isinstance(outcome, Expanded)
    assert [(fault.code, fault.path) for fault in outcome] == [
        ("quantity_too_large", "operations[0].planned_input")
    ]


@pytest.mark.parametrize(
    ("quantity", "decimals", "code"),
    [
        ("0", 0, "quantity_out_of_range"),
        ("-5", 0, "quantity_out_of_range"),
        ("1e400", 0, "quantity_out_of_range"),
        ("1", 10**9, "decimals_out_of_range"),
        ("1", -1, "decimals_out_of_range"),
    ],
)
def test_numbers_no_order_should_have_are_faults(quantity: str, decimals: int, code: str) -> None:
    outcome = expansion.expand(BROCHURE, pieces(quantity, decimals=decimals), made_id)
    assert not isinstance(outcome, Expanded)
    assert [fault.code for fault in outcome] == [code]


FIELDS = st.fixed_dictionaries(
    {
        "yield_percentage": st.integers(500_000, 1_000_000).map(lambda n: str(Decimal(n) / 10_000)),
        "setup_scrap_quantity": st.integers(0, 500).map(str),
        "units_per_product": st.sampled_from(["1", "0.25", "4", "8", "1/3"]),
        "is_concurrent": st.booleans(),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(FIELDS, min_size=1, max_size=12), st.integers(1, 10**6))
def test_the_ledgers_always_sum_to_what_is_above_the_plain_target(
    listed: list[dict[str, Any]], quantity: int
) -> None:
    steps = [
        step(
            {
                **fields,
                "sequence_number": 10 * number,
                "operation_code": "A",
                "is_concurrent": number > 1 and fields["is_concurrent"],
            }
        )
        for number, fields in enumerate(listed, 1)
    ]
    for run in expanded(template(*steps), pieces(str(quantity))).runs:
        plain = quantities.as_decimal(quantity * run.units_per_product)
        assert sum(entry.quantity for entry in run.ledger) == run.planned_input - plain
        assert run.planned_scrap == run.planned_input - run.planned_output


@settings(max_examples=60, deadline=None)
@given(st.lists(FIELDS, min_size=1, max_size=6), st.integers(1, 10**6), st.integers(0, 3))
def test_runs_made_unchecked_are_those_that_validation_would_make(
    listed: list[dict[str, Any]], quantity: int, decimals: int
) -> None:
    steps = [
        step(
            {
                **fields,
                "sequence_number": 10 * number,
                "operation_code": "A",
                "is_concurrent": number > 1 and fields["is_concurrent"],
            }
        )
        for number, fields in enumerate(listed, 1)
    ]
    for run in expanded(template(*steps), pieces(str(quantity), decimals=decimals)).runs:
        values = {**vars(run), "ledger": [vars(entry) for entry in run.ledger]}
        validated = ProductionRun.model_validate(values)
        assert run == validated
        assert run.model_dump_json() == validated.model_dump_json()
        assert run.model_dump() == validated.model_dump()
        assert ProductionRun.model_validate_json(run.model_dump_json()) == run
        assert run.model_copy(update={"status": "released"}) != run


def test_a_template_serves_products_that_count_otherwise() -> None:
    for unit_code, decimals, plant in (("EA", 0, None), ("KGM", 3, "B"), ("EA", 0, "C")) * 2:
        runs = expanded(BOOK, Target(Decimal(10), unit_code, decimals, plant)).runs
        assert [run.unit_code for run in runs] == ["SHEET", "SHEET", "SIGNATURE", unit_code]
        assert runs[-1].unit_decimals == decimals
        assert runs[-1].planned_input.as_tuple().exponent == -decimals


def test_a_thousand_operations_expand_fast_and_fit_into_an_event() -> None:
    steps = [
        step({"sequence_number": 10 * n, "operation_code": "A", "yield_percentage": "99.95"})
        for n in range(1, 1001)
    ]
    made = template(*steps)
    seconds = []
    for _ in range(5):
        begin = time.perf_counter()
        outcome = expanded(made, pieces("10000"))
        seconds.append(time.perf_counter() - begin)
    order = builders.production_order()
    event = RoutingExpanded(
        expansion=orders.expansion_of(
            orders.facts_of(order), version=1, template=made, outcome=outcome
        )
    )
    assert isinstance(event.expansion, Expansion)
    assert len(event.model_dump_json()) < 3_000_000
    # The goal is 0.05 s; 0.02 s were measured, and a busy machine may take some times as long.
    assert min(seconds) < 0.25, seconds
    print(f"1,000 operations: {min(seconds) * 1000:.1f} ms")  # noqa: T201 -- a figure to report
