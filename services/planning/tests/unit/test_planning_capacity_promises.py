"""Capable to promise on a small structure: stock, receipts, buying, making, phantoms."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import orjson

from lineside_contracts.planning import AskPromise, Promise
from lineside_contracts.problems import Fault
from lineside_manufacturing import time_spans
from lineside_manufacturing.calendars import Shift, WorkingCalendar
from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LotParameters
from lineside_planning.capacity.domain import centers, promise_answers, promise_needs, promising
from lineside_planning.capacity.domain.centers import Center, CenterFacts
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_planning.capacity.domain.promise_needs import PromiseFacts, Wanted
from lineside_planning.capacity.domain.tasks import NOWHERE
from lineside_planning.master_data.domain import routings
from lineside_planning.master_data.domain.material_facts import (
    BillLine,
    BillVersion,
    MaterialFacts,
    ProductFacts,
    VendorTerms,
)
from lineside_planning.master_data.domain.routings import RoutingContent, RoutingFacts

DAY = WorkingCalendar("UTC", (Shift("day", frozenset(range(5)), time(8), time(16)),))
PLANT = PlantDays("MAIN", "UTC", DAY)
MONDAY = datetime(2027, 1, 4, 6, tzinfo=UTC)
NOW = time_spans.microseconds_of(MONDAY)
TODAY = MONDAY.date()


def product(code: str, make_or_buy: str = "buy", *, phantom: bool = False, days: int = 0) -> Any:
    return ProductFacts(
        product_code=code,
        product_name=code,
        product_category=None,
        unit_code="EA",
        unit_decimals=0,
        conversions={},
        make_or_buy=make_or_buy,  # type: ignore[arg-type]
        lead_time_days=days,
        safety_stock_quantity=Decimal(0),
        safety_time_days=0,
        is_phantom=phantom,
        supply_policy="make_to_order",
        standard_cost=None,
        plant_code="MAIN",
        is_active=True,
        lots=LotParameters(lot_sizing="lot_for_lot"),
        version=1,
    )


def bill(code: str, *lines: tuple[str, int, int | None]) -> BillVersion:
    return BillVersion(
        id=UUID(int=1),
        version=1,
        product_code=code,
        bom_version=1,
        base_quantity=Decimal(1),
        effective_from=None,
        effective_until=None,
        lines=tuple(
            BillLine(
                id=UUID(int=index),
                line_number=index,
                component_code=component,
                sequence_number=number,
                unit_code=None,
                need=ComponentLine(component, Fraction(quantity), line_id=str(index)),
            )
            for index, (component, quantity, number) in enumerate(lines)
        ),
    )


def routing(code: str, *operations: Mapping[str, Any]) -> RoutingFacts:
    rows = [
        {
            "id": str(UUID(int=index)),
            "sequence_number": 10 * (index + 1),
            "operation_code": "OP",
            "work_center_code": "PRESS",
            "setup_time_minutes": "0",
            **operation,
        }
        for index, operation in enumerate(operations)
    ]
    content = RoutingContent(UUID(int=hash(code) % 2**64), 1, code, 1, orjson.dumps(rows).decode())
    return routings.routing_facts(content)


def vendor(days: int) -> VendorTerms:
    return VendorTerms("P@V", "V", "V", days, None, None, False, None, 100)


HOURLY = {"run_time_per_unit_seconds": "3600"}
TABLE = MaterialFacts(
    products={
        "TABLE": product("TABLE", "make"),
        "TOP": product("TOP", "make"),
        "FRAME": product("FRAME", "make", phantom=True),
        "LEG": product("LEG"),
        "SCREW": product("SCREW"),
        "WOOD": product("WOOD", days=4),
    },
    bills={
        "TABLE": [bill("TABLE", ("TOP", 1, 10), ("FRAME", 1, 20), ("SCREW", 8, 20))],
        "FRAME": [bill("FRAME", ("LEG", 4, None), ("SCREW", 4, None))],
        "TOP": [bill("TOP", ("WOOD", 2, None))],
    },
    vendors={"LEG": vendor(10), "SCREW": vendor(1)},
)
ROUTINGS = {"TABLE": routing("R-T", HOURLY, HOURLY), "TOP": routing("R-O", HOURLY)}


class Floor:
    def __init__(self) -> None:
        self.known: dict[str, Center] = {}

    def __call__(self, codes: Iterable[str], _plant: str | None) -> dict[str, Center]:
        for code, units in (*((code, 1) for code in codes if code), (NOWHERE, None)):
            if code not in self.known:
                facts = CenterFacts(code, code, "MAIN", DAY, units)
                self.known[code] = centers.loaded(facts, {}, now=NOW)
        return self.known


def ask(quantity: int = 4, requested: date | None = None, **over: Any) -> Promise:
    values: dict[str, Any] = {"materials": TABLE, "routings": ROUTINGS}
    facts = PromiseFacts(**(values | over))
    needs = promise_needs.needs_of(Wanted("TABLE", Decimal(quantity), TODAY), facts, PLANT)
    assert not isinstance(needs, Fault), needs
    outcome = promising.promise(needs, Floor(), PLANT, now=NOW)
    assert not isinstance(outcome, Fault), outcome
    asked = AskPromise(product_code="TABLE", quantity=quantity, requested_date=requested)
    return promise_answers.promise(asked, needs, outcome, PLANT, now=NOW)


def by_code(promise: Promise) -> dict[str, Any]:
    return {material.component_code: material for material in promise.materials}


def test_what_is_not_there_is_bought_or_made_and_loaded_first() -> None:
    promise = ask()
    materials = by_code(promise)
    assert "FRAME" not in materials
    assert {code: m.needed_quantity for code, m in materials.items()} == {
        "TOP": 4,
        "LEG": 16,
        "SCREW": 48,
        "WOOD": 8,
    }
    assert materials["WOOD"].available_on == date(2027, 1, 8)  # its own lead time: no vendor
    assert materials["TOP"].to_make == 4
    assert materials["TOP"].available_on == date(2027, 1, 8)
    assert materials["LEG"].available_on == date(2027, 1, 14)
    # tops are ready Friday noon, operation 10 takes the afternoon; legs come on the 14th
    assert [run.estimated_start_at for run in promise.runs] == [
        datetime(2027, 1, 8, 12, tzinfo=UTC),
        datetime(2027, 1, 14, 8, tzinfo=UTC),
    ]
    assert promise.earliest_at == datetime(2027, 1, 14, 12, tzinfo=UTC)
    assert promise.earliest_date == date(2027, 1, 14)
    assert promise.is_feasible is None
    (press,) = promise.work_centers
    assert press.required_hours == 12
    assert any("Nobody sells WOOD" in words for words in promise.explanation)


def test_stock_and_receipts_come_first() -> None:
    promise = ask(
        stock={"LEG": Decimal(10), "TOP": Decimal(4), "SCREW": Decimal(-5)},
        receipts={"LEG": [(date(2027, 1, 6), Decimal(6)), (date(2027, 1, 7), Decimal(6))]},
    )
    materials = by_code(promise)
    assert "WOOD" not in materials
    legs = materials["LEG"]
    assert (legs.from_stock, legs.from_receipts, legs.to_buy) == (10, 6, 0)
    assert legs.available_on == date(2027, 1, 6)
    assert legs.explanation == "Needed 16: 10 from stock, 6 from a receipt on 2027-01-06."
    assert materials["SCREW"].to_buy == 48
    assert promise.earliest_at == datetime(2027, 1, 6, 12, tzinfo=UTC)


def test_a_receipt_later_than_buying_anew_is_left_to_others() -> None:
    promise = ask(receipts={"LEG": [(date(2027, 3, 1), Decimal(100))]})
    assert by_code(promise)["LEG"].to_buy == 16


def test_a_requested_date_is_judged() -> None:
    assert ask(requested=date(2027, 1, 14)).is_feasible
    late = ask(requested=date(2027, 1, 13))
    assert not late.is_feasible
    assert [fault.code for fault in late.reasons] == ["completes_late"]


def test_a_product_without_a_routing_takes_its_lead_time() -> None:
    products = {**TABLE.products, "TOP": product("TOP", "make", days=3)}
    materials = MaterialFacts(products, TABLE.bills, TABLE.vendors)
    promise = ask(materials=materials, routings={"TABLE": ROUTINGS["TABLE"]})
    assert by_code(promise)["TOP"].available_on == date(2027, 1, 13)  # wood on the 8th, three days
    assert any("TOP has no usable routing" in words for words in promise.explanation)


def test_bills_in_a_circle_are_an_answer() -> None:
    bills = {**TABLE.bills, "TOP": [bill("TOP", ("TABLE", 1, None))]}
    facts = PromiseFacts(MaterialFacts(TABLE.products, bills, {}), ROUTINGS)
    found = promise_needs.needs_of(Wanted("TABLE", Decimal(1), TODAY), facts, PLANT)
    assert isinstance(found, Fault)
    assert found.code == "bom_cycle"
