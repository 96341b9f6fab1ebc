"""Other systems' own test cases (cases.json) and AdventureWorks, planned by the engine.

Every case is either asserted here or named in `ELSEWHERE` with what decides it; the first test
proves that none is left out.
"""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lineside_manufacturing import purchasing
from lineside_manufacturing.calendars import Shift, WorkingCalendar, standard_calendar
from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LotSizing
from lineside_manufacturing.purchasing import PurchaseRounding
from lineside_planning.mrp.domain import engine, explanations
from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.domain.explanations import BucketRow
from lineside_planning.mrp.domain.facts import (
    BomVersion,
    Demand,
    Item,
    ItemInputs,
    PlantFacts,
    Settings,
    Supply,
)
from lineside_planning.mrp.domain.plans import PlantPlan

Case = dict[str, Any]

TODAY = date(2026, 3, 2)  # a Monday
WEEK = standard_calendar("Europe/Berlin")
DAILY = WorkingCalendar("UTC", (Shift("day", frozenset(range(7)), time(6), time(14)),))
SETTINGS = Settings(TODAY, {"week": WEEK, "daily": DAILY})

ELSEWHERE = {
    "frepple-yield-learning-curve": "RULES 3: yield is grossed up per operation by the routing's "
    "reverse pass, not by MRP; it has no effectivity of its own, a routing version has",
    "frepple-leadtime2-chain": "RULES 20: MRP offsets by whole working days; hours per piece are "
    "backward windows of capacity (RULES 26)",
    "frepple-calendar-backward": "instants of a working calendar: lineside_manufacturing.calendars",
    "tryton-reorder-point": "SPEC 7 knows safety stock and lot sizes, no order-up-to level",
    "tryton-work-cost": "costing",
    "odoo-routing-time-cost": "costing",
    "odoo-routing-dozen": "run minutes: lineside_manufacturing.durations",
    "erpnext-process-loss": "RULES 4: the routing's reverse pass",
    "erpnext-overproduction": "RULES 5: the floor's ceilings",
    "erpnext-fixed-time-op": "run minutes: lineside_manufacturing.durations",
}


@pytest.fixture(scope="module")
def cases(lineside_external_data: Path) -> dict[str, Case]:
    found = json.loads((lineside_external_data / "oracles/cases.json").read_text())
    return {case["id"]: case for case in found}


def working_day(number: int) -> date:
    return WEEK.add_working_days(TODAY, number)


def line(component: str, quantity: Any, **more: Any) -> ComponentLine:
    return ComponentLine(component, Fraction(str(quantity)), **more)


def bills(rows: list[list[Any]]) -> dict[str, list[BomVersion]]:
    lines = defaultdict(list)
    for parent, component, quantity in rows:
        lines[parent].append(line(component, quantity))
    return {parent: [BomVersion(tuple(own))] for parent, own in lines.items()}


def planned(plant: PlantFacts) -> PlantPlan:
    plan = engine.regenerate(plant)
    assert plan is not None
    return plan


def table_of(plant: PlantFacts, key: str) -> list[BucketRow]:
    plan = planned(plant)
    above = [r for p in plan.plans.values() for r in p.requirements if r.component == key]
    inputs = ItemInputs(
        key,
        next(item for item in plant.items if item.key == key),
        stock=plant.stock.get(key, 0),
        demands=[d for d in plant.demands if d.item == key],
        supplies=[s for s in plant.supplies if s.item == key],
        requirements=above,
    )
    return list(explanations.buckets_of(inputs, plan.plans[key], PlanningDates(plant.settings)))


def low_level_codes(case: Case) -> None:
    assert engine.structure_of(bills(case["inputs"]["bom"])).codes == case["expected"]


def multi_level_plant(given: Case) -> PlantFacts:
    items = [
        Item(
            key,
            is_made=row["make"],
            lead_time_days=row.get("lead_time_wd", row.get("lead_time_d")),
            calendar="week",
        )
        for key, row in given["items"].items()
    ]
    demands = [
        Demand(f"D{n}", row["item"], working_day(row["day"]), row["qty"])
        for n, row in enumerate(given["demand"])
    ]
    bought = [
        Supply(f"PO{n}", row["item"], working_day(row["day"]), row["qty"])
        for n, row in enumerate(given["open_purchase"])
    ]
    made = [
        Supply(
            f"MO{n}",
            row["item"],
            working_day(row["end_day"]),
            row["qty"],
            explodes=True,
            starts_on=working_day(row["start_day"]),
        )
        for n, row in enumerate(given["open_production"])
    ]
    boms, stock = bills(given["bom"]), given["on_hand"]
    return PlantFacts(SETTINGS, items, boms, stock, demands, [*bought, *made])


def multi_level(case: Case) -> None:
    plant = multi_level_plant(case["inputs"])
    for row in case["expected"]["lines"]:
        day = working_day(row["day"])
        (own,) = [r for r in table_of(plant, row["item"]) if r.on == day]
        assert (own.needed, own.planned) == (row["demand"], row["to_procure"])
        assert own.receipts == row.get("supply", 0)
    plan = planned(plant)
    parents = Counter[tuple[date, str, int]]()
    for made in plan.plans.values():
        for need in made.requirements:
            if need.component == "PP-1":
                key = (need.starts_on, need.parent, need.numerator // need.denominator)
                parents[key] += 1
    pegging = case["expected"]["pegging_pp1"]
    assert parents == Counter((working_day(r["day"]), r["from_"], r["qty"]) for r in pegging)
    (order,) = plan.plans["FP-1"].orders
    assert order.starts_on == working_day(case["expected"]["fp1_production_start_day"])
    expected_orders = sum(1 for row in case["expected"]["lines"] if row["to_procure"])
    assert sum(len(each.orders) for each in plan.plans.values()) == expected_orders


def lots(case: Case) -> None:
    given = case["inputs"]
    sizing = LotSizing(
        "min_max_multiple",
        minimum=given["min_qty"],
        maximum=given.get("max_qty"),
        multiple=given["multiple"],
    )
    item = Item("A", lot_sizing=sizing)
    demand = Demand("D", "A", TODAY, given["demand"])
    stock = {"A": given.get("on_hand", 0)}
    plan = planned(PlantFacts(SETTINGS, [item], {}, stock, [demand]))
    assert [order.quantity for order in plan.plans["A"].orders] == case["expected"]["orders"]


def period_grouping(case: Case) -> None:
    given = case["inputs"]
    item = Item("A", lot_sizing=LotSizing("periods", period_days=given["group_days"]))
    demands = [
        Demand(f"D{n}", "A", working_day(row["day"]), row["qty"])
        for n, row in enumerate(given["demand"])
    ]
    plan = planned(PlantFacts(SETTINGS, [item], {}, {"A": given["on_hand"]}, demands))
    assert [order.quantity for order in plan.plans["A"].orders] == case["expected"]["orders"]


def dozen(case: Case) -> None:
    terms = PurchaseRounding(case["inputs"]["purchase_uom"], Fraction(12))
    bought = purchasing.purchase_quantity(12, rounding=terms, decimals=0)
    assert bought.purchase_quantity == case["inputs"]["po_qty"]
    assert bought.stock_quantity == case["expected"]["supply_qty"]


def lots_on_hand(case: Case) -> None:
    demand = Demand("D", "A", TODAY, case["inputs"]["demand_today"])
    stock = {"A": sum(case["inputs"]["lots"])}
    (row,) = table_of(PlantFacts(SETTINGS, [Item("A")], {}, stock, [demand]), "A")
    assert (row.opening, row.closing) == (case["expected"]["initial"], case["expected"]["final"])


def safety_stock(case: Case) -> None:
    given = case["inputs"]
    days = given["group_days"]
    item = Item(
        "A",
        is_made=False,
        lead_time_days=given["lead_time_d"],
        calendar="daily",
        safety_stock=given["safety_stock"],
        lot_sizing=LotSizing("periods", period_days=days) if days else LotSizing(),
    )
    events = [(e["type"], TODAY + timedelta(days=e["day"]), e["qty"]) for e in given["events"]]
    demands = [Demand(str(on), "A", on, q) for kind, on, q in events if kind == "demand"]
    supplies = [Supply(f"S{on}", "A", on, q) for kind, on, q in events if kind == "receipt"]
    stock = {"A": given["on_hand"]}
    rows = table_of(PlantFacts(SETTINGS, [item], {}, stock, demands, supplies), "A")
    seen = [((row.on - TODAY).days, row.needed, row.receipts, row.planned) for row in rows]
    buckets = case["expected"]["buckets"]
    assert seen == [(b["day"], b["demand"], b["supply"], b["to_procure"]) for b in buckets]
    assert [row.closing for row in rows] == [b["running_availability"] for b in buckets]


def lead_time_1(case: Case) -> None:
    given, expected = case["inputs"], case["expected"]
    today = date.fromisoformat("2008-12-01")  # the unconstrained plan may begin before "now"
    items = [
        Item("delivery", lead_time_days=1, calendar="daily"),
        Item("end item", lead_time_days=7, calendar="daily"),
        Item("subassembly", lead_time_days=4, calendar="daily"),  # six pieces: 1 d + 6 x 12 h
        Item("raw material", is_made=False, calendar="daily"),
    ]
    chain = ["delivery", "end item", "subassembly", "raw material"]
    boms = bills([[parent, part, 1] for parent, part in pairwise(chain)])
    demands = [
        Demand(d["id"], "delivery", date.fromisoformat(d["due"]), d["qty"]) for d in given["demand"]
    ]
    settings = Settings(today, SETTINGS.calendars)
    plan = planned(PlantFacts(settings, items, boms, given["on_hand"], demands))
    seen = [
        [
            key if key == "delivery" else f"make {key}",
            str(order.starts_on),
            str(order.due_on),
            order.quantity,
        ]
        for key in chain
        for order in plan.plans[key].orders
    ]
    assert sorted(seen) == sorted(expected["ops"])
    for key, left in expected["stock_end"].items():
        used = sum(p.quantity for p in plan.plans[key].pegs if p.supply_kind == "stock")
        assert given["on_hand"][key] - used == left


def shift_calendar_offset(case: Case) -> None:
    """Its quantities; its hours are windows of capacity."""
    given, due = case["inputs"], date.fromisoformat(case["inputs"]["due"][:10])
    rows = [
        ["end item", "intermediate", given["end_item"]["bom"]["intermediate"]],
        ["intermediate", "raw", given["intermediate"]["bom"]["raw"]],
    ]
    items = [Item("end item"), Item("intermediate"), Item("raw", is_made=False)]
    settings = Settings(TODAY, {"": DAILY})
    plan = planned(PlantFacts(settings, items, bills(rows), {}, [Demand("D", "end item", due, 1)]))
    quantities = {key: plan.plans[key].orders[0].quantity for key in ("intermediate", "raw")}
    assert quantities == case["expected"]["qty"]


def fixed_consumption(case: Case) -> None:
    given, expected = case["inputs"], case["expected"]
    fixed = [
        line(
            "tool",
            row["qty"],
            is_fixed=True,
            effective_from=date.fromisoformat(row["frm"]) if "frm" in row else None,
            effective_until=date.fromisoformat(row["to"]) - timedelta(1) if "to" in row else None,
        )
        for row in given["fixed"]
    ]
    items = [
        Item("delivery", lead_time_days=given["delivery_days"], calendar="daily"),
        Item("made", lead_time_days=given["op_days"], calendar="daily"),
        Item("tool", is_made=False, calendar="daily"),
    ]
    boms = {**bills([["delivery", "made", 1]]), "made": [BomVersion(tuple(fixed))]}
    demands = [
        Demand(row["due"], "delivery", date.fromisoformat(row["due"]), row["qty"])
        for row in given["orders"]
    ]
    settings = Settings(date(2013, 1, 1), SETTINGS.calendars)
    plant = PlantFacts(settings, items, boms, {"tool": given["on_hand"]}, demands)
    rows = [row for row in table_of(plant, "tool") if row.needed]
    assert [{"date": str(row.on), "qty": row.needed} for row in rows] == expected["consumption"]
    left = [row.closing - row.planned for row in rows]
    assert left == expected["on_hand_after"]


def bom_units(case: Case) -> None:
    given, expected = case["inputs"], case["expected"]
    rows = [["product", part["item"], part["qty"]] for part in given["bom"]["inputs"]]
    items = [Item("product", lead_time_days=given["lead_time_days"], calendar="daily")]
    items += [
        Item(part["item"], is_made=False, calendar="daily") for part in given["bom"]["inputs"]
    ]
    due = TODAY + timedelta(days=9)
    demand = Demand("D", "product", due, given["qty"])
    plan = planned(PlantFacts(SETTINGS, items, bills(rows), {}, [demand]))
    taken = [plan.plans[part["item"]].orders[0].quantity for part in given["bom"]["inputs"]]
    assert taken == expected["inputs"]
    (order,) = plan.plans["product"].orders
    assert (order.starts_on - due).days == expected["start_offset_days"]


ASSERTED: dict[str, Callable[[Case], None]] = {
    "oca-mrp-low-level-codes": low_level_codes,
    "oca-mrp-multi-level-main": multi_level,
    "oca-lot-min": lots,
    "oca-lot-multiple": lots,
    "oca-period-grouping": period_grouping,
    "oca-uom-purchase-dozen": dozen,
    "oca-lots-on-hand": lots_on_hand,
    "oca-safety-stock-ungrouped": safety_stock,
    "oca-safety-stock-group2": safety_stock,
    "oca-safety-stock-moves-today": safety_stock,
    "frepple-leadtime1-unconstrained": lead_time_1,
    "frepple-shift-calendar-offset": shift_calendar_offset,
    "frepple-fixed-consumption": fixed_consumption,
    "tryton-bom-uom-cost": bom_units,
}


def test_every_case_is_asserted_or_listed_with_its_reason(cases: dict[str, Case]) -> None:
    assert not ASSERTED.keys() & ELSEWHERE.keys()
    assert cases.keys() == ASSERTED.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("name", sorted(ASSERTED))
def test_a_case_of_another_system_comes_out_to_the_unit(name: str, cases: dict[str, Case]) -> None:
    ASSERTED[name](cases[name])


def adventure_works(data: Path) -> PlantFacts:
    works = data / "adventureworks"
    made = {row["product_id"]: row["make_flag"] == "True" for row in rows_of(works / "product.csv")}
    lines = defaultdict(list)
    for row in rows_of(works / "bill_of_materials.csv"):
        if row["product_assembly_id"]:
            own = line(
                row["component_id"],
                row["per_assembly_qty"],
                effective_from=day(row["start_date"]),
                effective_until=day(row["end_date"]),
                line_id=row["bill_of_materials_id"],
            )
            lines[row["product_assembly_id"]].append(own)
    boms = {parent: [BomVersion(tuple(own))] for parent, own in lines.items()}
    items = [Item(key, is_made=is_made, calendar="daily") for key, is_made in made.items()]
    demands = []
    for kind, name, column in (
        ("top", "aw_bom_explosion_top_demand.csv", "order_qty"),
        ("own", "aw_bom_explosion_expected.csv", "independent_demand"),
    ):
        for row in rows_of(data / "oracles" / name):
            own_id = f"{kind}/{row['start_date']}/{row['product_id']}"
            on = date.fromisoformat(row["start_date"])
            demands.append(Demand(own_id, row["product_id"], on, int(row[column])))
    settings = Settings(date(2011, 1, 1), SETTINGS.calendars)
    return PlantFacts(settings, items, boms, {}, demands)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text: str) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def test_every_day_and_component_of_adventure_works_is_exact(lineside_external_data: Path) -> None:
    expected = rows_of(lineside_external_data / "oracles/aw_bom_explosion_expected.csv")
    plan = planned(adventure_works(lineside_external_data))
    dependent: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    ordered: Counter[tuple[str, str]] = Counter()
    for key, own in plan.plans.items():
        for need in own.requirements:
            exact = Fraction(need.numerator, need.denominator)
            dependent[str(need.starts_on), need.component] += exact
        for order in own.orders:
            ordered[str(order.starts_on), key] += order.quantity
    wrong = [
        row
        for row in expected
        if dependent[row["start_date"], row["product_id"]] != Decimal(row["dependent_demand"])
        or ordered[row["start_date"], row["product_id"]] != Decimal(row["work_order_qty"])
    ]
    told = {(row["start_date"], row["product_id"]) for row in expected}
    tops = rows_of(lineside_external_data / "oracles/aw_bom_explosion_top_demand.csv")
    told |= {(row["start_date"], row["product_id"]) for row in tops}
    made = {o.item for own in plan.plans.values() for o in own.orders if o.kind == "make"}
    assert {pair for pair, count in ordered.items() if pair[1] in made and count} == told
    assert len(expected) == 33_057
    assert wrong == []
    assert all(not own.messages for own in plan.plans.values())
