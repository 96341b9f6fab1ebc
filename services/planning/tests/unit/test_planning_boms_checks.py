"""Bills of material as pure decisions: spans, files, explosions without end."""

import itertools
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from hypothesis import given, strategies as st

from lineside_contracts.planning import BomFields, BomLine, BomLineFields, ExplodeBom
from lineside_contracts.problems import Fault
from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LotParameters
from lineside_planning.master_data.domain import bom_checks, bom_files, boms, explosions
from lineside_planning.master_data.domain.bom_checks import BomContext, Component
from lineside_planning.master_data.domain.bom_files import BomRow
from lineside_planning.master_data.domain.boms import Span
from lineside_planning.master_data.domain.material_facts import (
    BillLine,
    BillVersion,
    MaterialFacts,
    ProductFacts,
)

DAY = date(2026, 1, 1)
DAYS = st.none() | st.integers(0, 9).map(lambda count: DAY + timedelta(days=count))
SPANS = st.tuples(DAYS, DAYS)


def holds(span: Span, on: date) -> bool:
    return (span[0] or date.min) <= on <= (span[1] or date.max)


@given(one=SPANS, other=SPANS)
def test_spans_overlap_where_some_day_lies_in_both(one: Span, other: Span) -> None:
    days = [DAY + timedelta(days=count) for count in range(-1, 11)]
    shared = any(holds(one, on) and holds(other, on) for on in days)
    assert boms.overlap(one, other) == boms.overlap(other, one) == shared


@given(
    entries=st.lists(SPANS.filter(lambda s: not (s[0] and s[1]) or s[0] <= s[1]), max_size=5),
    on=st.integers(0, 9),
)
def test_entries_of_one_line_that_are_accepted_never_hold_together(
    entries: list[Span], on: int
) -> None:
    lines = [
        {
            "line_number": 1,
            "component_code": "B",
            "quantity": 1,
            "effective_from": first,
            "effective_until": last,
        }
        for first, last in entries
    ]
    bom = BomFields.model_validate({"product_code": "A", "lines": lines})
    known = BomContext({"A": Component("EA", {}), "B": Component("EA", {})})
    found = bom_checks.examine(bom, known)
    holding = sum(holds(span, DAY + timedelta(days=on)) for span in entries)
    if not any(fault.code == "overlapping_effectivity" for fault in found.faults):
        assert holding <= 1


def test_a_fault_of_a_filed_bill_names_the_row_whatever_the_order_of_its_lines() -> None:
    def row(number: int, component: str) -> BomRow:
        return BomRow.model_validate(
            {
                "product_code": "A",
                "line_number": number,
                "component_code": component,
                "quantity": 1,
            }
        )

    rows = [(2, row(30, "X")), (3, row(10, "Y")), (5, row(20, "Z"))]
    (filed,), faults = bom_files.gathered(rows)
    assert faults == ()
    paths = [f"lines[{index}].quantity" for index in range(3)] + ["lines", "effective_until"]
    located = [filed.located(Fault(code="c", path=path, message="")).path for path in paths]
    assert located == [
        "row 3.quantity",
        "row 5.quantity",
        "row 2.quantity",
        "row 3",
        "row 3.bom_effective_until",
    ]


def test_lines_made_unchecked_are_as_the_validated_ones() -> None:
    fields = BomLineFields.model_validate(
        {"line_number": 1, "component_code": "B", "quantity": "1.50", "unit_code": "KGM"}
    )
    stored = boms.with_id(fields, UUID(int=7))
    twin = BomLine.model_validate({**fields.model_dump(), "id": UUID(int=7)})
    assert stored == twin
    assert stored.model_dump_json() == twin.model_dump_json()
    assert boms.bare(stored) == fields
    assert stored.model_copy(update={"line_number": 2}).line_number == 2


def product(code: str, **over: Any) -> ProductFacts:
    values: dict[str, Any] = {
        "product_code": code,
        "product_name": code,
        "product_category": None,
        "unit_code": "EA",
        "unit_decimals": 0,
        "conversions": {},
        "make_or_buy": "make",
        "lead_time_days": 0,
        "safety_stock_quantity": Decimal(0),
        "safety_time_days": 0,
        "is_phantom": False,
        "supply_policy": "make_to_order",
        "standard_cost": None,
        "plant_code": None,
        "is_active": True,
        "lots": LotParameters(),
        "version": 1,
    }
    return ProductFacts(**(values | over))


def version(code: str, *components: str) -> BillVersion:
    lines = tuple(
        BillLine(
            id=UUID(int=number),
            line_number=number,
            component_code=component,
            sequence_number=None,
            unit_code=None,
            need=ComponentLine(component, Fraction(2)),
        )
        for number, component in enumerate(components, start=1)
    )
    return BillVersion(UUID(int=0), 1, code, 1, Decimal(1), None, None, lines)


def test_a_structure_that_unfolds_without_end_is_cut_and_says_so() -> None:
    levels = [f"L{level}" for level in range(40)]
    facts = MaterialFacts(
        products={code: product(code) for code in levels},
        bills={
            upper: [version(upper, lower, lower)] for upper, lower in itertools.pairwise(levels)
        },
    )
    request = ExplodeBom.model_validate({"product_code": "L0", "quantity": 1})
    taken = explosions.explode(request, facts, on=DAY)
    assert len(taken.lines) == explosions.MAX_LINES
    assert "truncated" in {fault.code for fault in taken.warnings}


def test_a_structure_without_ground_is_cut_and_says_so() -> None:
    levels = [f"L{level}" for level in range(5_000)]
    facts = MaterialFacts(
        products={code: product(code) for code in levels},
        bills={upper: [version(upper, lower)] for upper, lower in itertools.pairwise(levels)},
    )
    request = ExplodeBom.model_validate({"product_code": "L0", "quantity": 1})
    taken = explosions.explode(request, facts, on=DAY)
    assert len(taken.lines) == explosions.MAX_LEVELS
    assert {fault.code for fault in taken.warnings} == {"truncated"}


def test_what_is_bought_is_not_taken_apart_and_a_cycle_ends() -> None:
    facts = MaterialFacts(
        products={
            "A": product("A"),
            "B": product("B"),
            "C": product("C", make_or_buy="buy"),
        },
        bills={
            "A": [version("A", "B", "C")],
            "B": [version("B", "A")],
            "C": [version("C", "B")],
        },
    )
    request = ExplodeBom.model_validate({"product_code": "A", "quantity": 3})
    taken = explosions.explode(request, facts, on=DAY)
    shown = [(line.level, line.component_code, int(line.quantity)) for line in taken.lines]
    assert shown == [(1, "B", 6), (2, "A", 12), (1, "C", 6)]
