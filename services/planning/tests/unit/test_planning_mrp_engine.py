"""What the engine does with one rule at a time; times, quantities and messages to the unit."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lineside_manufacturing.calendars import (
    NoWorkingTime,
    Shift,
    WorkingCalendar,
    standard_calendar,
)
from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LotSizing
from lineside_manufacturing.purchasing import PurchaseRounding
from lineside_planning.mrp.domain import chains, engine, explanations
from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.domain.facts import (
    BomVersion,
    Demand,
    Item,
    ItemInputs,
    PlantFacts,
    Settings,
    Supply,
)
from lineside_planning.mrp.domain.plans import ItemPlan, PlannedOrder
from lineside_planning.mrp.domain.working_day_index import WorkingDayIndex

TODAY = date(2026, 3, 2)  # a Monday
WEEK = standard_calendar("Europe/Berlin")
DAILY = WorkingCalendar("UTC", (Shift("day", frozenset(range(7)), time(6), time(14)),))
IDLE = WorkingCalendar("UTC", ())
CALENDARS = {"": DAILY, "week": WEEK, "idle": IDLE}


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def line(component: str, quantity: Any, **more: Any) -> ComponentLine:
    return ComponentLine(component, Fraction(str(quantity)), **more)


def bom(*lines: ComponentLine, **more: Any) -> list[BomVersion]:
    return [BomVersion(lines, **more)]


def need(item: str, on: int, quantity: int, own_id: str = "") -> Demand:
    return Demand(own_id or f"{item}-{on}", item, day(on), quantity)


def plan(
    items: Sequence[Item],
    demands: Sequence[Demand] = (),
    *,
    bucket: Any = "day",
    **more: Any,
) -> dict[str, ItemPlan]:
    settings = Settings(TODAY, CALENDARS, bucket)
    found = engine.regenerate(PlantFacts(settings, items, demands=demands, **more))
    assert found is not None
    return dict(found.plans)


def quantities(orders: Sequence[PlannedOrder]) -> list[tuple[int, int]]:
    return [((order.due_on - TODAY).days, order.quantity) for order in orders]


def told(own: ItemPlan, kind: str) -> list[tuple[str, int, int | None]]:
    return [
        (m.reference, m.quantity, (m.to - TODAY).days if m.to else None)
        for m in own.messages
        if m.kind == kind
    ]


def test_one_of_248_pieces_per_sheet_takes_one_sheet() -> None:
    items = [Item("PIECE"), Item("SHEET", is_made=False)]
    boms = {"PIECE": bom(line("SHEET", 1, base_quantity=Fraction(248)))}
    plans = plan(items, [need("PIECE", 5, 1)], boms=boms)
    assert quantities(plans["SHEET"].orders) == [(5, 1)]


def test_a_chain_of_rates_loses_nothing() -> None:
    """A million pieces; a system that rounds at every level made 8 000 of it (erpnext 37953)."""
    items = [
        Item("PIECE"),
        Item("MIX", decimals=6),
        Item("PASTE", decimals=6),
        Item("PIGMENT", decimals=1, is_made=False),
    ]
    boms = {
        "PIECE": bom(line("MIX", 1, base_quantity=Fraction(32))),
        "MIX": bom(line("PASTE", 1, base_quantity=Fraction(2))),
        "PASTE": bom(line("PIGMENT", "0.54736")),
    }
    plans = plan(items, [need("PIECE", 9, 1_000_000)], boms=boms)
    assert quantities(plans["PIGMENT"].orders) == [(9, 85_525)]


def test_stock_is_netted_at_every_level_and_only_once() -> None:
    items = [Item("A"), Item("B"), Item("C", is_made=False)]
    boms = {"A": bom(line("B", 2)), "B": bom(line("C", 3))}
    stock = {"A": 4, "B": 5, "C": 7}
    demands = [need("A", 8, 10), need("A", 9, 10)]
    plans = plan(items, demands, boms=boms, stock=stock)
    assert quantities(plans["A"].orders) == [(8, 6), (9, 10)]
    assert quantities(plans["B"].orders) == [(8, 7), (9, 20)]
    assert quantities(plans["C"].orders) == [(8, 14), (9, 60)]


def test_component_need_is_rounded_once_per_parent_order_over_all_its_lines() -> None:
    items = [Item("A"), Item("KIT", is_phantom=True), Item("SHEET", is_made=False)]
    half = {"base_quantity": Fraction(2)}
    boms = {
        "A": bom(line("KIT", 1), line("SHEET", 1, **half)),
        "KIT": bom(line("SHEET", 1, **half)),
    }
    plans = plan(items, [need("A", 5, 1), need("A", 6, 1)], boms=boms)
    assert quantities(plans["SHEET"].orders) == [(5, 1), (6, 1)]


def test_phantom_stock_is_taken_first_then_the_rest_is_blown_through_at_the_parents_dates() -> None:
    items = [Item("A", lead_time_days=2), Item("KIT", is_phantom=True, lead_time_days=9)]
    items.append(Item("SCREW", is_made=False))
    boms = {"A": bom(line("KIT", 1)), "KIT": bom(line("SCREW", 4))}
    plans = plan(items, [need("A", 7, 10)], boms=boms, stock={"KIT": 3})
    assert quantities(plans["SCREW"].orders) == [(5, 28)]
    assert plans["KIT"].orders == ()
    (peg,) = plans["KIT"].pegs
    assert (peg.demand_id, peg.supply_kind, peg.quantity) == (f"A|{day(7)}|1", "stock", 3)


def test_effectivity_is_that_of_the_parents_planned_start() -> None:
    items = [Item("A", lead_time_days=3), Item("OLD", is_made=False), Item("NEW", is_made=False)]
    old, new = line("OLD", 1, effective_until=day(4)), line("NEW", 1, effective_from=day(5))
    demands = [need("A", 7, 1), need("A", 8, 2)]
    plans = plan(items, demands, boms={"A": bom(old, new)})
    assert quantities(plans["OLD"].orders) == [(4, 1)]
    assert quantities(plans["NEW"].orders) == [(5, 2)]


def test_of_versions_that_hold_the_highest_is_taken() -> None:
    items = [Item("A"), Item("V1", is_made=False), Item("V2", is_made=False)]
    versions = [
        BomVersion((line("V1", 1),), 1),
        BomVersion((line("V2", 1),), 2, effective_from=day(6)),
    ]
    plans = plan(items, [need("A", 5, 1), need("A", 6, 1)], boms={"A": versions})
    assert quantities(plans["V1"].orders) == [(5, 1)]
    assert quantities(plans["V2"].orders) == [(6, 1)]


def test_a_fixed_line_is_needed_once_per_order_and_scrap_is_planned() -> None:
    items = [Item("A"), Item("PLATE", is_made=False), Item("INK", decimals=2, is_made=False)]
    ink = line("INK", "0.01", scrap_percentage=Fraction("2.5"))
    boms = {"A": bom(line("PLATE", 4, is_fixed=True), ink)}
    plans = plan(items, [need("A", 5, 1000), need("A", 6, 1)], boms=boms)
    assert quantities(plans["PLATE"].orders) == [(5, 4), (6, 4)]
    assert quantities(plans["INK"].orders) == [(5, 1026), (6, 2)]


def test_a_by_product_arrives_with_its_order_and_serves_later_needs() -> None:
    items = [Item("A", lead_time_days=3), Item("TRIM", is_made=False)]
    boms = {"A": bom(line("TRIM", "-0.5"))}
    demands = [need("A", 6, 5), need("TRIM", 5, 1), need("TRIM", 6, 3)]
    plans = plan(items, demands, boms=boms)
    assert quantities(plans["TRIM"].orders) == [(5, 1), (6, 1)]
    assert [p.quantity for p in plans["TRIM"].pegs if p.supply_kind == "by_product"] == [2]


def test_making_counts_working_days_without_the_due_day() -> None:
    item = Item("A", lead_time_days=3, calendar="week")
    plans = plan([item], [need("A", 7, 1)])  # due Monday the 9th: starts Wednesday the 4th
    assert [order.starts_on for order in plans["A"].orders] == [day(2)]


def test_buying_arrives_on_a_working_day_and_is_ordered_on_one() -> None:
    item = Item("A", is_made=False, lead_time_days=5, calendar="week")
    plans = plan([item], [need("A", 13, 1)])  # Sunday the 15th
    (order,) = plans["A"].orders
    assert (order.need_on, order.due_on, order.starts_on) == (
        day(13),
        day(11),
        day(4) + timedelta(0),
    )
    late = plan([item], [need("A", 4, 1)])["A"]
    assert told(late, "past_due") == [(f"A|{day(4)}|1", 1, None)]


def test_a_lead_time_of_two_weeks_ends_on_a_working_day() -> None:
    item = Item("A", is_made=False, lead_time_days=6, calendar="week")
    (order,) = plan([item], [need("A", 11, 1)])["A"].orders
    assert order.starts_on == day(4)  # six days before Friday the 13th is Saturday the 7th


def test_safety_time_moves_the_due_date_and_never_before_today() -> None:
    item = Item("A", lead_time_days=1, safety_time_days=2)
    plans = plan([item], [need("A", 1, 1), need("A", 9, 1)])
    assert [(o.need_on, o.due_on, o.starts_on) for o in plans["A"].orders] == [
        (day(1), TODAY, day(-1)),
        (day(9), day(7), day(6)),
    ]


def test_a_demand_in_the_past_is_due_today() -> None:
    plans = plan([Item("A")], [need("A", -9, 4), need("A", 0, 1)])
    assert quantities(plans["A"].orders) == [(0, 5)]


def test_weeks_are_due_on_their_monday() -> None:
    demands = [need("A", 9, 4), need("A", 11, 1), need("A", 14, 1)]
    plans = plan([Item("A")], demands, bucket="week")
    assert quantities(plans["A"].orders) == [(7, 5), (14, 1)]


def test_periods_of_supply_cover_what_is_missing_in_them_and_not_what_arrives() -> None:
    item = Item("A", lot_sizing=LotSizing("periods", period_days=7))
    demands = [need("A", 3, 5), need("A", 6, 5), need("A", 9, 5), need("A", 10, 1)]
    plans = plan([item], demands, supplies=[Supply("PO", "A", day(5), 3)])
    assert quantities(plans["A"].orders) == [(3, 12), (10, 1)]


def test_purchase_units_minimum_and_multiple_are_applied_after_the_lot_and_told() -> None:
    terms = PurchaseRounding("BX", Fraction(12), minimum=Fraction(3))
    sizing = LotSizing("min_max_multiple", multiple=10)
    item = Item("A", is_made=False, lot_sizing=sizing, purchase=terms)
    (order,) = plan([item], [need("A", 5, 31)])["A"].orders
    assert (order.net, order.quantity, order.purchase_quantity) == (31, 48, Decimal(4))
    assert [(e.kind, e.steps) for e in order.ledger] == [("lot_size", 9), ("purchase_unit", 8)]


def test_a_gap_before_a_late_receipt_is_planned_and_the_receipt_should_come_earlier() -> None:
    plans = plan([Item("A")], [need("A", 5, 10)], supplies=[Supply("PO", "A", day(8), 25)])
    assert quantities(plans["A"].orders) == [(5, 10)]
    assert told(plans["A"], "expedite") == [("PO", 10, 5)]
    assert told(plans["A"], "cancel") == told(plans["A"], "defer") == []


def test_an_expedite_tells_the_whole_lot_that_would_vanish() -> None:
    item = Item("A", lot_sizing=LotSizing("fixed_order_quantity", fixed=100))
    plans = plan([item], [need("A", 5, 10)], supplies=[Supply("PO", "A", day(8), 25)])
    assert quantities(plans["A"].orders) == [(5, 100)]
    assert told(plans["A"], "expedite") == [("PO", 100, 5)]


def test_a_later_receipt_is_not_cancelled_for_what_an_expedite_would_free() -> None:
    supplies = [Supply("PO1", "A", day(8), 10), Supply("PO2", "A", day(20), 10)]
    plans = plan([Item("A")], [need("A", 5, 10), need("A", 20, 10)], supplies=supplies)
    assert {m.kind for m in plans["A"].messages} == {"expedite", "no_bom"}


def test_a_receipt_too_early_is_deferred_and_one_for_nobody_cancelled() -> None:
    supplies = [Supply("PO1", "A", day(2), 10), Supply("PO2", "A", day(30), 7)]
    plans = plan([Item("A")], [need("A", 9, 10)], supplies=supplies)
    assert plans["A"].orders == ()
    assert told(plans["A"], "defer") == [("PO1", 10, 9)]
    assert told(plans["A"], "cancel") == [("PO2", 7, None)]


def test_a_surplus_that_the_lot_rule_explains_is_not_cancelled() -> None:
    item = Item("A", is_made=False, purchase=PurchaseRounding("BX", Fraction(12)))
    demands = [need("A", 9, 13)]
    kept = plan([item], demands, supplies=[Supply("PO", "A", day(9), 24)])
    assert kept["A"].messages == ()
    more = plan([item], demands, supplies=[Supply("PO", "A", day(9), 48)])
    assert told(more["A"], "cancel") == [("PO", 24, None)]


def test_an_overdue_receipt_counts_today_and_is_reported() -> None:
    plans = plan([Item("A")], [need("A", 1, 5)], supplies=[Supply("PO", "A", day(-2), 5)])
    assert plans["A"].orders == ()
    assert told(plans["A"], "past_due") == [("PO", 5, None)]


def test_supply_raised_for_a_demand_serves_no_other() -> None:
    demands = [need("A", 5, 10, "OTHER"), need("A", 9, 10, "MINE")]
    own = Supply("REQ", "A", day(3), 10, pegged_to="MINE")
    plans = plan([Item("A")], demands, supplies=[own])
    assert quantities(plans["A"].orders) == [(5, 10)]
    served = {(peg.demand_id, peg.supply_kind) for peg in plans["A"].pegs}
    assert served == {("OTHER", "planned"), ("MINE", "receipt")}


def test_reserved_stock_gets_no_message() -> None:
    own = Supply("ALLOC", "A", TODAY, 12, kind="allocation", pegged_to="A-9")
    plans = plan([Item("A")], [need("A", 9, 10)], supplies=[own])
    assert plans["A"].messages == ()
    assert plans["A"].orders == ()


def test_a_released_order_with_unknown_components_is_exploded_from_its_start() -> None:
    items = [Item("A", lead_time_days=4), Item("C", is_made=False)]
    supplies = [
        Supply("MO1", "A", day(9), 5, explodes=True, starts_on=day(2)),
        Supply("MO2", "A", day(9), 5, explodes=True),
        Supply("MO3", "A", day(9), 5),
    ]
    plans = plan(items, [need("A", 9, 15)], boms={"A": bom(line("C", 1))}, supplies=supplies)
    assert quantities(plans["C"].orders) == [(2, 5), (5, 5)]


def test_safety_stock_is_filled_today_and_kept() -> None:
    item = Item("A", safety_stock=10)
    plans = plan([item], [need("A", 6, 4)], stock={"A": 3})
    assert quantities(plans["A"].orders) == [(0, 7), (6, 4)]
    assert {peg.demand_kind for peg in plans["A"].pegs} == {"safety_stock", "demand"}


def test_stock_below_zero_is_made_up_first() -> None:
    plans = plan([Item("A")], [need("A", 6, 4)], stock={"A": -3})
    assert quantities(plans["A"].orders) == [(0, 3), (6, 4)]
    assert plans["A"].pegs[0].demand_kind == "deficit"


# Bad data: reported, never a run that stops.


def test_a_cycle_is_told_by_its_path_and_the_rest_is_planned() -> None:
    items = [Item(key) for key in "ABCX"]
    boms = {"A": bom(line("B", 1)), "B": bom(line("C", 1), line("X", 2)), "C": bom(line("A", 1))}
    plans = plan(items, [need("A", 5, 3), need("B", 5, 2)], boms=boms)
    for key in "ABC":
        (message,) = [m for m in plans[key].messages if m.kind == "bom_cycle"]
        assert message.path == ("A", "B", "C", "A")
    assert quantities(plans["A"].orders) == [(5, 3)]
    assert quantities(plans["B"].orders) == [(5, 2)]
    assert quantities(plans["X"].orders) == [(5, 4)]


def test_a_phantom_in_a_cycle_stops_nothing() -> None:
    items = [Item("A"), Item("P", is_phantom=True), Item("C", is_made=False)]
    boms = {"A": bom(line("P", 1)), "P": bom(line("P", 1), line("C", 1))}
    plans = plan(items, [need("A", 5, 3)], boms=boms)
    assert quantities(plans["C"].orders) == [(5, 3)]
    assert plans["P"].messages[0].path == ("P", "P")


def test_unknown_components_items_and_bills_are_told_once() -> None:
    items = [Item("A"), Item("B"), Item("C", is_made=False)]
    boms = {"A": bom(line("GHOST", 1), line("C", 1))}
    demands = [need("A", 5, 1), need("A", 6, 1), need("B", 5, 1), need("NOBODY", 5, 1)]
    plans = plan(items, demands, boms=boms)
    assert [(m.kind, m.reference) for m in plans["A"].messages] == [("unknown_component", "GHOST")]
    assert [(m.kind, m.on) for m in plans["B"].messages] == [("no_bom", day(5))]
    assert [m.kind for m in plans["NOBODY"].messages] == ["unknown_item"]
    assert quantities(plans["C"].orders) == [(5, 1), (6, 1)]


@pytest.mark.parametrize("calendar", ["idle", "not there"])
@pytest.mark.parametrize("is_made", [True, False])
def test_a_calendar_without_working_time_is_told_and_no_lead_time_counted(
    calendar: str, is_made: bool
) -> None:
    item = Item("A", is_made=is_made, lead_time_days=3, calendar=calendar)
    own = plan([item], [need("A", 5, 1)])["A"]
    assert [m.kind for m in own.messages if m.kind != "no_bom"] == ["no_working_time"]
    assert [(o.due_on, o.starts_on) for o in own.orders] == [(day(5), day(5))]


def test_a_lead_time_of_zero_starts_on_the_due_day_even_without_a_calendar() -> None:
    own = plan([Item("A", calendar="not there")], [need("A", 5, 1)], boms={"A": bom()})["A"]
    assert [order.starts_on for order in own.orders] == [day(5)]
    assert own.messages == ()


def test_faulty_parameters_and_lines_are_told_and_planned_without() -> None:
    item = Item("A", lot_sizing=LotSizing("fixed_order_quantity", fixed=0), faults=("Odd unit.",))
    broken = line("C", 1, scrap_percentage=Fraction(100), line_id="L1")
    items = [item, Item("C", is_made=False), Item("D", is_made=False)]
    plans = plan(items, [need("A", 5, 3)], boms={"A": bom(broken, line("D", 1))})
    texts = " ".join(m.text for m in plans["A"].messages)
    assert "fixed_lot_quantity" in texts
    assert "Odd unit." in texts
    assert "L1" in texts
    assert quantities(plans["A"].orders) == quantities(plans["D"].orders) == [(5, 3)]
    assert plans["C"].orders == ()


def test_a_maximum_of_one_piece_does_not_fill_the_memory() -> None:
    item = Item("A", is_made=False, lot_sizing=LotSizing("min_max_multiple", maximum=1))
    own = plan([item], [need("A", 5, 10**12)])["A"]
    assert quantities(own.orders) == [(5, 10**12)]
    assert "1000 lots" in own.messages[0].text


def test_far_dates_and_huge_lead_times_do_not_stop_a_run() -> None:
    yearly = LotSizing("periods", period_days=365)
    items = [
        Item("A", lead_time_days=3650, calendar="week"),
        Item(
            "B",
            is_made=False,
            lead_time_days=3650,
            lot_sizing=yearly,
        ),
    ]
    demands = [
        Demand("D1", "A", date.max, 1),
        Demand("D2", "A", date.min, 1),
        Demand("D3", "B", date.max, 1),
        Demand("D4", "B", date.min, 1),
    ]
    plans = plan(items, demands, boms={"A": bom(line("B", 1))}, bucket="week")
    assert len(plans["A"].orders) == 2
    assert plans["B"].orders


# Pegging over levels, and how a quantity was computed.


def tree_plant() -> dict[str, ItemPlan]:
    items = [Item("A", lead_time_days=2), Item("B", lead_time_days=1), Item("C", is_made=False)]
    boms = {"A": bom(line("B", 2)), "B": bom(line("C", 3))}
    return plan(items, [need("A", 9, 10, "SO-1")], boms=boms, stock={"B": 5, "C": 40})


def test_pegging_follows_a_demand_down_to_what_is_bought_and_back_up() -> None:
    plans = tree_plant()
    index = chains.PegIndex(plans.values())
    (top,) = chains.serving("SO-1", index.by_demand)
    assert (top.item, top.peg.quantity) == ("A", 10)
    assert [(n.item, n.peg.supply_kind, n.peg.quantity) for n in top.children] == [
        ("B", "stock", 5),
        ("B", "planned", 15),
    ]
    bottom = top.children[1].children
    assert [(n.peg.supply_kind, n.peg.quantity) for n in bottom] == [("stock", 40), ("planned", 5)]
    (up,) = chains.served(bottom[1].peg.supply_id, index.by_supply)
    (middle,) = up.children
    (end,) = middle.children
    assert [up.item, middle.item, end.item, end.peg.demand_id] == ["C", "B", "A", "SO-1"]


def test_pegging_goes_through_an_order_whose_components_are_demands() -> None:
    items = [Item("A"), Item("C", is_made=False)]
    demands = [need("A", 9, 5, "SO-1"), need("C", 7, 5, "MO-1/C")]
    plans = plan(items, demands, supplies=[Supply("MO-1", "A", day(9), 5)])
    owners = {"MO-1/C": "MO-1"}
    index = chains.PegIndex(plans.values(), owners)
    (top,) = chains.serving("SO-1", index.by_demand)
    (below,) = top.children
    assert (below.item, below.peg.supply_kind) == ("C", "planned")
    (up,) = chains.served(below.peg.supply_id, index.by_supply, owners)
    assert up.children[0].peg.demand_id == "SO-1"


def test_a_huge_tree_is_cut() -> None:
    demands = [need("A", 9, 1, f"D{n}") for n in range(chains.MAX_NODES + 5)]
    plans = plan([Item("A")], demands)
    index = chains.PegIndex(plans.values())
    found = chains.served(plans["A"].orders[0].id, index.by_supply)
    assert [node.is_cut for node in found].count(True) == 5


def test_every_quantity_answers_how_it_was_computed() -> None:
    items = [Item("A", lead_time_days=2), Item("C", decimals=1, is_made=False, safety_stock=5)]
    scrapped = line("C", 2, base_quantity=Fraction(1000), scrap_percentage=Fraction("2.5"))
    demands = [need("A", 9, 100, "SO-1"), need("C", 7, 10, "SPARE")]
    sizing = LotSizing("min_max_multiple", minimum=30)
    items[1] = Item("C", 1, is_made=False, safety_stock=5, lot_sizing=sizing)
    plans = plan(items, demands, boms={"A": bom(scrapped)}, stock={"C": 8})
    above = [r for p in plans.values() for r in p.requirements if r.component == "C"]
    inputs = ItemInputs("C", items[1], stock=8, demands=[demands[1]], requirements=above, code=1)
    rows = explanations.buckets_of(inputs, plans["C"], PlanningDates(Settings(TODAY, CALENDARS)))
    (order,), on = plans["C"].orders, day(7)
    assert explanations.explain_order(order, inputs, rows) == [
        "2026-03-09: 0.8 there, 0 arriving, 1.3 needed, safety stock 0.5: 1 missing, 3 planned.",
        "demand SPARE: 1",
        "A|2026-03-11|1: 100 x 2 / 1 000 / (1 - 2.5 %) = 0.205, rounded up once to 0.3",
        "1 becomes 3: a lot is at least 3.",
        f"Needed on {on}; arrives on {on}, lead time 0 calendar days: ordered on {on}.",
    ]
    (part,) = explanations.components_told(above, 1)
    assert {entry.kind: str(entry.quantity) for entry in part.ledger} == {
        "scrap": "0.005128",
        "whole_unit": "0.094872",
    }


@given(st.integers(-900, 900), st.integers(0, 40), st.integers(-900, 900), st.booleans())
def test_the_index_of_working_days_says_what_the_calendar_says(
    first: int, count: int, second: int, is_week: bool
) -> None:
    calendar = WEEK if is_week else DAILY
    index = WorkingDayIndex(calendar)
    for number in (first, second, first):
        assert index.back(day(number), count) == calendar.add_working_days(day(number), -count)
        assert index.on_or_before(day(number)) == calendar.working_day_on_or_before(day(number))


def test_a_closed_year_is_skipped_and_three_are_not() -> None:
    for days, works in ((365, True), (3 * 365, False)):
        closed = frozenset(day(-n) for n in range(days))
        calendar = WorkingCalendar("UTC", DAILY.shifts, holidays=closed)
        index = WorkingDayIndex(calendar)
        if works:
            assert index.on_or_before(TODAY) == day(-days)
        else:
            with pytest.raises(NoWorkingTime):
                index.on_or_before(TODAY)
