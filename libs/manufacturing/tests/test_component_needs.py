from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, strategies as st

from lineside_manufacturing import bom_structure, component_needs, phantoms
from lineside_manufacturing.component_needs import ComponentLine

DAY = date(2026, 3, 2)


def line(component: str, quantity: str, base: int = 1, **more: object) -> ComponentLine:
    return ComponentLine(component, Fraction(quantity), Fraction(base), **more)  # type: ignore[arg-type]


def test_a_bill_s_own_number_is_said_in_full() -> None:
    ink = ComponentLine("INK", Fraction(12, 10_000))
    need = component_needs.component_need(ink, parent_quantity=6031, decimals=3)
    assert need.explanation.startswith("6 031 x 0.0012 = 7.237")


def test_one_of_248_pieces_per_sheet_needs_one_sheet() -> None:
    need = component_needs.component_need(line("SHEET", "1", 248), parent_quantity=1, decimals=0)
    assert need.exact == Fraction(1, 248)
    assert need.quantity == 1
    assert need.explanation == "1 x 1 / 248 = 0.004, rounded up once to 1"
    assert [entry.kind for entry in need.ledger] == ["whole_unit"]


def test_component_scrap_is_bought_too_and_told() -> None:
    scrapped = line("FILM", "2", 100, scrap_percentage=Fraction("2.5"))
    need = component_needs.component_need(scrapped, parent_quantity=1000, decimals=1)
    assert need.exact == Fraction(20) / Fraction("0.975")
    assert need.quantity == Decimal("20.6")
    assert need.explanation == "1 000 x 2 / 100 / (1 - 2.5 %) = 20.513, rounded up once to 20.6"
    assert {entry.kind: str(entry.quantity) for entry in need.ledger} == {
        "scrap": "0.512821",
        "whole_unit": "0.087179",
    }


def test_a_fixed_line_is_taken_once_per_order_and_not_for_an_order_of_nothing() -> None:
    plates = line("PLATE", "4", 1000, is_fixed=True)
    for quantity, needed in ((1, 4), (1_000_000, 4), (0, 0)):
        need = component_needs.component_need(plates, parent_quantity=quantity, decimals=0)
        assert need.quantity == needed


def test_a_by_product_is_promised_no_more_than_comes() -> None:
    need = component_needs.component_need(line("WASTE", "-0.15"), parent_quantity=5, decimals=0)
    assert need.is_by_product
    assert need.quantity == 0
    assert "rounded down" in need.explanation


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"base_quantity": Fraction(0)}, "base quantity"), ({"scrap_percentage": Fraction(100)}, "%")],
)
def test_a_line_that_divides_by_zero_is_refused(changed: dict[str, Fraction], message: str) -> None:
    bad = ComponentLine("X", Fraction(1), **changed)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=message):
        component_needs.exact_need(bad, 1)


def test_a_line_holds_on_its_first_and_its_last_day() -> None:
    dated = line("X", "1", effective_from=date(2026, 3, 2), effective_until=date(2026, 3, 4))
    days = [date(2026, 3, n) for n in range(1, 7)]
    held = [bool(component_needs.effective_lines([dated], day)) for day in days]
    assert held == [False, True, True, True, False, False]


def test_a_chain_loses_nothing_when_every_level_is_a_fraction() -> None:
    """A million pieces; a system that rounds at every level made 8 000 of it (erpnext 37953)."""
    bills = {"MIX": [line("PASTE", "1", 2)], "PASTE": [line("PIGMENT", "0.54736")]}
    blown = phantoms.blow_through(
        [(line("MIX", "1", 32), 1_000_000)], on=DAY, phantom_lines=bills.get
    )
    (need,) = component_needs.component_needs(blown.parts, lambda _: 1)
    assert need.quantity == need.exact == Decimal("8552.5")


def test_two_ways_to_one_component_are_rounded_together() -> None:
    bills = {"HALF": [line("SHEET", "1", 2)]}
    demands = [(line("HALF", "1"), 1), (line("SHEET", "1", 2), 1)]
    blown = phantoms.blow_through(demands, on=DAY, phantom_lines=bills.get)
    (need,) = component_needs.component_needs(blown.parts, lambda _: 0)
    assert need.quantity == 1


def test_stock_of_a_phantom_is_taken_first_and_once() -> None:
    bills = {"KIT": [line("SCREW", "4")], "BOX": [line("KIT", "2")]}
    demands = [(line("KIT", "1"), 10), (line("BOX", "1"), 10)]
    blown = phantoms.blow_through(
        demands, on=DAY, phantom_lines=bills.get, stock={"KIT": Fraction(12), "BOX": Fraction(1)}
    )
    assert blown.phantom_stock_used == {"KIT": 12, "BOX": 1}
    assert [part.exact for part in blown.parts] == [(18 - 2) * 4]
    assert "in stock" in component_needs.rounded_need(blown.parts, 0).explanation


def test_a_phantoms_lines_hold_at_the_parents_start() -> None:
    old = line("OLD", "1", effective_until=date(2026, 3, 1))
    new = line("NEW", "1", effective_from=date(2026, 3, 2))
    blown = phantoms.blow_through(
        [(line("KIT", "1"), 1)], on=DAY, phantom_lines={"KIT": [old, new]}.get
    )
    assert [part.component for part in blown.parts] == ["NEW"]


def test_a_phantom_in_itself_is_reported_and_left_out() -> None:
    bills = {"A": [line("B", "1")], "B": [line("A", "1"), line("X", "3")]}
    blown = phantoms.blow_through([(line("A", "1"), 2)], on=DAY, phantom_lines=bills.get)
    assert blown.cycles == (("A", "B", "A"),)
    assert [(part.component, int(part.exact)) for part in blown.parts] == [("X", 6)]


def test_low_level_codes_are_longest_ways_down() -> None:
    structure = bom_structure.structure_of(
        {"FP-1": ["PP-1", "PP-2"], "FP-2": ["SF-1"], "SF-1": ["PP-1", "PP-2"]}
    )
    assert structure.codes == {"FP-1": 0, "FP-2": 0, "SF-1": 1, "PP-1": 2, "PP-2": 2}
    assert structure.cycles == {}


def test_a_cycle_is_reported_by_path_and_stops_nobody() -> None:
    lines = {"T": ["A"], "A": ["B"], "B": ["C", "X"], "C": ["A"], "X": ["Y"], "S": ["S"]}
    structure = bom_structure.structure_of(lines)
    assert structure.cycles["A"] == structure.cycles["C"] == ("A", "B", "C", "A")
    assert structure.cycles["S"] == ("S", "S")
    assert structure.codes == {"T": 0, "A": 1, "B": 1, "C": 1, "X": 2, "Y": 3, "S": 0}


def test_who_joins_a_group_regroups_all_of_it_even_where_the_path_stays() -> None:
    before = bom_structure.structure_of({"A": ["B", "C"], "B": ["A"], "D": ["E"]})
    after = bom_structure.structure_of({"A": ["B", "C"], "B": ["A"], "C": ["A"], "D": ["E"]})
    assert before.cycles["A"] == after.cycles["A"]
    assert bom_structure.regrouped(before.cycles, after.cycles) == {"A", "B", "C"}
    assert bom_structure.regrouped(after.cycles, after.cycles) == set()


def test_a_bill_about_to_be_activated_names_the_cycle_it_closes() -> None:
    active = {"B": ["C"], "C": ["D"]}
    assert bom_structure.cycle_through("D", ["E", "B"], active) == ("D", "B", "C", "D")
    assert bom_structure.cycle_through("A", ["B"], active) is None
    assert bom_structure.cycle_through("A", ["A"], active) == ("A", "A")


def test_a_structure_may_be_deeper_than_the_interpreters_stack() -> None:
    lines = {f"{n:05}": [f"{n + 1:05}"] for n in range(20_000)}
    assert bom_structure.structure_of(lines).codes["20000"] == 20_000


ITEMS = st.sampled_from("ABCDEFGH")


@given(st.dictionaries(ITEMS, st.lists(ITEMS, max_size=4)), st.randoms(use_true_random=False))
def test_codes_rise_along_every_line_outside_cycles(
    lines: dict[str, list[str]], random: Random
) -> None:
    structure = bom_structure.structure_of(lines)
    shuffled = list(lines.items())
    random.shuffle(shuffled)
    assert bom_structure.structure_of(dict(shuffled)) == structure
    for parent, below in lines.items():
        for component in below:
            rises = structure.codes[component] > structure.codes[parent]
            cycle = structure.cycles.get(parent)
            assert rises or (cycle is not None and cycle == structure.cycles.get(component))
    for item, path in structure.cycles.items():
        assert path[0] == path[-1] == min(path)
        assert bom_structure.cycle_through(item, [], lines)
        assert all(after in lines[before] for before, after in pairwise(path))
