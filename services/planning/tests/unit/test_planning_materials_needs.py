"""Needs: exact through everything, rounded up once, from the input of what consumes (SPEC 7)."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LotParameters
from lineside_planning.master_data.domain.material_facts import (
    BillLine,
    BillVersion,
    MaterialFacts,
    ProductFacts,
)
from lineside_planning.master_data.domain.places import Places
from lineside_planning.materials.domain import needs
from lineside_planning.materials.domain.orders import OrderFacts, RunFacts, RunSheet

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
PLACES = Places(time_zone="Europe/Berlin", plants={}, work_centers={})


def make_product(code: str, decimals: int = 0, **over: Any) -> ProductFacts:
    values: dict[str, Any] = {
        "product_code": code,
        "product_name": code,
        "product_category": None,
        "unit_code": "EA",
        "unit_decimals": decimals,
        "conversions": {},
        "make_or_buy": "buy",
        "lead_time_days": 0,
        "safety_stock_quantity": Decimal(0),
        "safety_time_days": 0,
        "is_phantom": False,
        "supply_policy": "make_to_order",
        "standard_cost": None,
        "plant_code": "W",
        "is_active": True,
        "lots": LotParameters(),
        "version": 1,
    }
    return ProductFacts(**(values | over))


def make_run(number: int, put_in: Decimal | int, **over: Any) -> RunFacts:
    values: dict[str, Any] = {
        "sequence_number": number,
        "work_center_code": None,
        "plant_code": "W",
        "unit_code": "EA",
        "unit_decimals": 0,
        "units_per_product": Fraction(1),
        "planned_input": Decimal(put_in),
        "planned_output": Decimal(put_in),
        "setup_minutes": Decimal(30),
        "run_minutes": Decimal(60),
        "wait_minutes": Decimal(0),
        "transfer_batch_quantity": None,
        "setup_scrap_quantity": Decimal(0),
        "time_basis": "per_unit",
        "batch_size": None,
        "predecessors": (),
        "extra": (),
    }
    return RunFacts(**(values | over))


def make_order(quantity: int, *runs: RunFacts, **over: Any) -> OrderFacts:
    values: dict[str, Any] = {
        "id": UUID(int=1),
        "order_version": 1,
        "expansion_version": 1,
        "expansion_planning_version": 1,
        "planning_version": 1,
        "number": "MO-1",
        "product_code": "X",
        "quantity": Decimal(quantity),
        "unit_code": "EA",
        "priority": "medium",
        "due_date": date(2026, 9, 16),
        "plant_code": "W",
        "status": "planned",
        "run_sheet": RunSheet(runs=runs),
    }
    return OrderFacts(**(values | over))


def make_line(code: str, quantity: str, **over: Any) -> BillLine:
    number = over.pop("sequence_number", None)
    line_id = UUID(int=over.pop("line", 7))
    need = ComponentLine(component=code, quantity=Fraction(quantity), line_id=str(line_id))
    return BillLine(line_id, 1, code, number, None, replace(need, **over))


def make_facts(*lines: BillLine, products: tuple[ProductFacts, ...] = ()) -> MaterialFacts:
    bill = BillVersion(UUID(int=2), 1, "X", 1, Decimal(1), None, None, lines)
    known = {product.product_code: product for product in products}
    return MaterialFacts(
        products={"X": make_product("X", make_or_buy="make")} | known, bills={"X": (bill,)}
    )


def needs_of(order: OrderFacts, facts: MaterialFacts) -> tuple[dict[str, Decimal], set[str]]:
    drawn = needs.outline(order, facts, PLACES, now=NOW)
    found = needs.quantify(drawn, facts, {})
    told = {need.component.product_code: need.quantity for need in found}
    return told, {warning.code for warning in drawn.warnings}


def test_one_of_248_pieces_per_sheet_needs_one_sheet() -> None:
    line = make_line("SHEET", "1", base_quantity=Fraction(248))
    facts = make_facts(line, products=(make_product("SHEET"),))
    assert needs_of(make_order(1, make_run(10, 1)), facts)[0] == {"SHEET": Decimal(1)}
    assert needs_of(make_order(248, make_run(10, 248)), facts)[0] == {"SHEET": Decimal(1)}
    assert needs_of(make_order(249, make_run(10, 249)), facts)[0] == {"SHEET": Decimal(2)}


def test_a_chain_of_halves_loses_nothing() -> None:
    """8,552.5 comes through as it is where the unit has a decimal, and once rounded where not."""
    run = make_run(10, 17105, units_per_product=Fraction(2))
    line = make_line("REEL", "1")
    for decimals, expected in ((1, "8552.5"), (0, "8553")):
        facts = make_facts(line, products=(make_product("REEL", decimals),))
        assert needs_of(make_order(8000, run), facts)[0] == {"REEL": Decimal(expected)}


def test_brochures_take_paper_for_the_10361_that_printing_starts_with() -> None:
    line = make_line("PAPER", "0.25", sequence_number=10)
    facts = make_facts(line, products=(make_product("PAPER", 3),))
    printing = make_run(10, 10361)
    folding = make_run(20, 10254, predecessors=(10,))
    assert needs_of(make_order(10_000, printing, folding), facts)[0] == {
        "PAPER": Decimal("2590.250")
    }


def test_component_scrap_is_bought_too_and_rounded_after_it() -> None:
    line = make_line("PAPER", "1", scrap_percentage=Fraction(3))
    facts = make_facts(line, products=(make_product("PAPER"),))
    assert needs_of(make_order(100, make_run(10, 100)), facts)[0] == {"PAPER": Decimal(104)}


def test_two_lines_of_one_component_at_one_operation_are_rounded_together() -> None:
    lines = (make_line("GLUE", "0.4", line=7), make_line("GLUE", "0.4", line=8))
    facts = make_facts(*lines, products=(make_product("GLUE"),))
    assert needs_of(make_order(1, make_run(10, 1)), facts)[0] == {"GLUE": Decimal(1)}


def test_only_lines_effective_at_the_planned_start_count() -> None:
    lines = (
        make_line("OLD", "1", effective_until=date(2026, 9, 1)),
        make_line("NEW", "1", effective_from=date(2026, 9, 2)),
    )
    products = (make_product("OLD"), make_product("NEW"))
    facts = make_facts(*lines, products=products)
    assert set(needs_of(make_order(1, make_run(10, 1)), facts)[0]) == {"NEW"}


def test_needs_fall_on_the_backward_start_of_their_operation_and_never_before_now() -> None:
    lines = (make_line("A", "1", sequence_number=10), make_line("B", "1", sequence_number=20))
    facts = make_facts(*lines, products=(make_product("A"), make_product("B")))
    runs = (
        make_run(10, 100, run_minutes=Decimal(15 * 60)),
        make_run(20, 100, predecessors=(10,), run_minutes=Decimal(15 * 60 - 30)),
    )
    drawn = needs.outline(make_order(100, *runs), facts, PLACES, now=NOW)
    days = [n.consumer.needed_on for n in needs.quantify(drawn, facts, {})]
    assert days == [date(2026, 9, 14), date(2026, 9, 16)]
    late = make_order(100, *runs, due_date=date(2026, 5, 1))
    drawn = needs.outline(late, facts, PLACES, now=NOW)
    assert min(n.consumer.needed_at for n in needs.quantify(drawn, facts, {})) >= NOW


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "empty_bom"),
        ([make_line("A", "1", sequence_number=99)], "unknown_operation"),
        (
            [BillLine(UUID(int=9), 1, "NONE", None, None, None, "unknown_component")],
            "unknown_component",
        ),
        ([BillLine(UUID(int=9), 1, "A", None, "BX", None, "no_conversion")], "no_conversion"),
    ],
    ids=["no line", "operation", "component", "unit"],
)
def test_what_is_wrong_with_a_bill_is_said_and_stops_nothing(
    lines: list[BillLine], code: str
) -> None:
    facts = make_facts(*lines, products=(make_product("A"),))
    assert code in needs_of(make_order(1, make_run(10, 1)), facts)[1]


def test_every_number_says_how_it_was_computed() -> None:
    line = make_line("PAPER", "0.25", sequence_number=10)
    facts = make_facts(line, products=(make_product("PAPER"),))
    run = make_run(10, 10361, extra=(("yield", Decimal(211)), ("make_ready", Decimal(150))))
    drawn = needs.outline(make_order(10_000, run), facts, PLACES, now=NOW)
    (need,) = needs.quantify(drawn, facts, {})
    assert need.explanation == (
        "operation 10 starts with 10 361 EA for 10 000 ordered: of it yield 211, make ready 150",
        "10 361 x 0.25 = 2 590.25, rounded up once to 2591",
    )


def test_runs_are_read_back_as_they_were() -> None:
    run = make_run(
        10,
        Decimal("8552.5"),
        units_per_product=Fraction(1, 3),
        batch_size=Decimal("0.5"),
        predecessors=(5, 7),
        extra=(("yield", Decimal("2.50")),),
    )
    written = RunSheet(runs=(run,)).stored
    assert RunSheet(stored=json.loads(json.dumps(written))).runs == (run,)


@given(
    put_in=st.integers(1, 10**9),
    units=st.fractions(min_value=Fraction(1, 500), max_value=500),
    quantity=st.fractions(min_value=Fraction(1, 10**6), max_value=1000),
    scrap=st.fractions(min_value=0, max_value=90),
    decimals=st.integers(0, 6),
)
def test_a_need_is_the_exact_one_or_less_than_one_step_above(
    put_in: int, units: Fraction, quantity: Fraction, scrap: Fraction, decimals: int
) -> None:
    line = make_line("C", str(quantity), scrap_percentage=scrap)
    facts = make_facts(line, products=(make_product("C", decimals),))
    order = make_order(1, make_run(10, put_in, units_per_product=units))
    drawn = needs.outline(order, facts, PLACES, now=NOW)
    (need,) = needs.quantify(drawn, facts, {})
    exact = put_in / units * quantity / (1 - scrap / 100)
    assert need.exact == exact
    assert 0 <= Fraction(need.quantity) - exact < Fraction(1, 10**decimals)
