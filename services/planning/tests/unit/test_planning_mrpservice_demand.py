"""Which demands and supplies orders, requisitions and receipts are."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from lineside_contracts.planning import MaterialPlan
from lineside_planning.mrp.handlers import demand_and_supply, records
from lineside_planning.mrp.store.sources import (
    Need,
    OrderRecord,
    Pairing,
    PurchaseRecord,
    Share,
)
from lineside_testkit import builders

ON = date(2026, 12, 15)
REQUIREMENT, OTHER = UUID(int=2), UUID(int=3)
ORDER = OrderRecord(
    id=UUID(int=1),
    version=3,
    production_order_number="MO-1",
    status="routed",
    product_code="BIKE",
    plant_code="MAIN",
    quantity_ordered=Decimal(5),
    due_date=ON,
)
SOLD = replace(ORDER, serves_kind="sales_order_line", serves_name="SO-1/1")
NEED = Need(REQUIREMENT, "WHEEL", "MAIN", Decimal(10), Decimal(4), ON)
BOUGHT = PurchaseRecord(
    id=UUID(int=9),
    kind="requisition",
    version=1,
    requisition_id=None,
    is_open=True,
    name="PR-1",
    product_code="WHEEL",
    plant_code="MAIN",
    due_on=ON,
    quantity=Decimal(12),
    quantity_allocated=Decimal(10),
    pegs=(Share(REQUIREMENT, None, Decimal(6)), Share(OTHER, None, Decimal(4))),
)


def test_an_order_for_a_sales_line_is_its_firm_supply() -> None:
    (demand,) = demand_and_supply.demands_of(SOLD)
    (supply,) = demand_and_supply.supplies_of(SOLD)
    assert (demand.kind, demand.name, demand.quantity) == ("sales_order_line", "SO-1/1", Decimal(5))
    assert (supply.kind, supply.pegged_to, supply.quantity) == (
        "production_order",
        demand.id,
        Decimal(5),
    )
    assert supply.explodes


def test_an_order_to_stock_is_a_free_supply() -> None:
    (supply,) = demand_and_supply.supplies_of(ORDER)
    assert supply.pegged_to is None
    assert list(demand_and_supply.demands_of(ORDER)) == []


def test_a_child_order_serves_the_requirement_it_was_made_for() -> None:
    (supply,) = demand_and_supply.supplies_of(replace(ORDER, pegged_to=REQUIREMENT))
    assert supply.pegged_to == str(REQUIREMENT)


def test_planned_materials_are_demands_and_what_lies_for_them_is_reserved() -> None:
    order = replace(ORDER, plan_version=1, requirements=(NEED,))
    (demand,) = demand_and_supply.demands_of(order)
    made, reserved = demand_and_supply.supplies_of(order)
    assert (demand.id, demand.product_code, demand.quantity) == (
        str(REQUIREMENT),
        "WHEEL",
        Decimal(10),
    )
    assert not made.explodes
    assert (reserved.kind, reserved.quantity, reserved.pegged_to) == (
        "allocation",
        Decimal(4),
        demand.id,
    )


def test_an_order_whose_materials_are_known_is_a_pair_with_what_it_is_for() -> None:
    order = replace(SOLD, plan_version=1)
    (demand,), (supply,) = demand_and_supply.demands_of(order), demand_and_supply.supplies_of(order)
    assert demand.pairing == supply.pairing == Pairing.MADE
    (unplanned,) = demand_and_supply.supplies_of(SOLD)
    assert unplanned.pairing == Pairing.NONE


def test_a_need_that_lies_in_stock_whole_is_a_pair_with_it() -> None:
    whole = replace(ORDER, plan_version=1, requirements=(NEED._replace(reserved=NEED.quantity),))
    part = replace(whole, requirements=(NEED,))
    for order, pairing in ((whole, Pairing.LYING), (part, Pairing.NONE)):
        (demand,) = demand_and_supply.demands_of(order)
        _, lying = demand_and_supply.supplies_of(order)
        assert demand.pairing == lying.pairing == pairing


def test_a_by_product_is_a_supply() -> None:
    need = NEED._replace(quantity=Decimal(-2), reserved=Decimal(0))
    order = replace(ORDER, plan_version=1, requirements=(need,))
    _, by_product = demand_and_supply.supplies_of(order)
    assert (by_product.kind, by_product.quantity, by_product.pegged_to) == (
        "by_product",
        Decimal(2),
        None,
    )
    assert list(demand_and_supply.demands_of(order)) == []


@pytest.mark.parametrize("status", ["cancelled", "closed", ""])
def test_an_order_that_is_over_or_unknown_is_nothing(status: str) -> None:
    order = replace(SOLD, status=status, plan_version=1, requirements=(NEED,))
    assert list(demand_and_supply.demands_of(order)) == []
    assert list(demand_and_supply.supplies_of(order)) == []


def test_goods_of_a_completed_order_lie_for_their_sales_line_until_it_is_closed() -> None:
    order = replace(SOLD, status="completed", quantity_completed=Decimal(6))
    (demand,) = demand_and_supply.demands_of(order)
    (supply,) = demand_and_supply.supplies_of(order)
    assert (demand.quantity, supply.quantity, supply.kind) == (Decimal(5), Decimal(5), "allocation")
    assert supply.pegged_to == demand.id


def test_a_requisition_serves_its_pegs_and_the_rest_is_free() -> None:
    shares = list(demand_and_supply.shares_of(BOUGHT, {BOUGHT.id: BOUGHT}))
    told = [(share.pegged_to, share.quantity) for share in shares]
    assert told == [(str(REQUIREMENT), Decimal(6)), (str(OTHER), Decimal(4)), (None, Decimal(2))]
    assert len({share.id for share in shares}) == 3


def test_a_receipt_serves_the_pegs_of_its_requisition_as_far_as_it_is_allocated() -> None:
    receipt = replace(
        BOUGHT,
        id=UUID(int=10),
        kind="receipt",
        requisition_id=BOUGHT.id,
        quantity_allocated=Decimal(7),
        pegs=(),
    )
    known = {BOUGHT.id: replace(BOUGHT, is_open=False), receipt.id: receipt}
    told = [(s.pegged_to, s.quantity) for s in demand_and_supply.shares_of(receipt, known)]
    assert told == [(str(REQUIREMENT), Decimal(6)), (str(OTHER), Decimal(1)), (None, Decimal(5))]
    assert list(demand_and_supply.shares_of(known[BOUGHT.id], known)) == []


def test_an_older_order_changes_nothing() -> None:
    order = builders.production_order(version=2)
    known = records.with_order(None, order)
    older = order.model_copy(update={"version": 1, "due_date": ON})
    assert records.with_order(known, older) == known


def test_what_was_issued_is_needed_no_more() -> None:
    order = builders.production_order()
    plan = MaterialPlan.model_validate(
        {
            "id": order.id,
            "version": 1,
            "production_order_number": "MO-1",
            "product_code": "BIKE",
            "quantity": 5,
            "priority": "medium",
            "due_date": ON,
            "order_status": "routed",
            "planning_version": 1,
            "expansion_version": 1,
            "order_version": 1,
            "status": "covered",
            "requirements": [_requirement("10", "4", "3"), _requirement("10", "0", "10")],
            "planned_at": builders.AT,
        }
    )
    (need,) = records.with_materials(None, plan).requirements
    assert (need.quantity, need.reserved) == (Decimal(7), Decimal(4))


def _requirement(needed: str, allocated: str, issued: str) -> dict[str, object]:
    return {
        "id": REQUIREMENT,
        "component_code": "WHEEL",
        "plant_code": "MAIN",
        "unit_code": "EA",
        "unit_decimals": 0,
        "sequence_number": 10,
        "make_or_buy": "buy",
        "needed_quantity": needed,
        "needed_on": ON,
        "needed_at": builders.AT,
        "allocated_from_stock": allocated,
        "issued_quantity": issued,
        "exact_quantity": needed,
    }
