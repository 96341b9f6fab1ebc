"""What people ask of materials: reasons, shortages, orders for goods, stock moved by hand."""

from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from lineside_chassis.errors import Refused
from lineside_contracts import planning
from lineside_contracts.problems import ProblemCode

NOBODY = uuid5(NAMESPACE_URL, "nobody")


@pytest.fixture
async def shop(stage: Any) -> Any:
    await stage.product("BROCHURE-A4", make_or_buy="make")
    await stage.product("PAPER")
    await stage.bill(
        "BROCHURE-A4", {"component_code": "PAPER", "quantity": 1, "sequence_number": 10}
    )
    return stage


async def refused(stage: Any, endpoint: Any, request: Any, **over: Any) -> Any:
    with pytest.raises(Refused) as caught:
        await stage.ask(endpoint, request, **over)
    return caught.value.problem


def moving(giver: Any, taker: Any, quantity: int) -> planning.MoveAllocation:
    return planning.MoveAllocation(
        component_code="PAPER",
        plant_code="MAIN",
        from_production_order_id=giver.id,
        to_production_order_id=taker.id,
        quantity=Decimal(quantity),
        reason="the customer called",
    )


def ordering(requisition: Any, **over: Any) -> planning.OrderRequisition:
    values = {
        "purchase_requisition_id": requisition.id,
        "purchase_order_number": "4500001",
        "expected_on": requisition.arrive_on,
    }
    return planning.OrderRequisition(**(values | over))


async def test_every_number_says_how_it_was_computed(shop: Any) -> None:
    await shop.stock("PAPER", 40)
    order = shop.order(100)
    await shop.plan(order)
    request = planning.GetMaterials(production_order_id=order.id)
    (told,) = (await shop.ask(planning.GET_MATERIALS, request)).explanations
    assert told.steps == (
        "operation 10 starts with 100 EA for 100 ordered",
        "100 x 1 = 100",
    )
    assert told.supplies[0] == "40 EA allocated from stock in MAIN"
    assert told.supplies[1].startswith("60 EA on requisition PR-")
    (requisition,) = await shop.requisitions()
    assert requisition.explanation[0] == f"60 for {order.production_order_number} = 60 EA"


async def test_stock_moved_by_a_person_changes_both_plans_and_who_buys(shop: Any) -> None:
    await shop.stock("PAPER", 100)
    giver, taker = shop.order(100), shop.order(100)
    await shop.plan(giver, taker)
    await shop.ask(planning.MOVE_ALLOCATION, moving(giver, taker, 70))
    plans = [await shop.materials(order) for order in (giver, taker)]
    assert [p.requirements[0].allocated_from_stock for p in plans] == [30, 70]
    assert [p.requirements[0].from_requisition for p in plans] == [70, 30]
    (requisition,) = await shop.requisitions(status="open")
    assert sorted(peg.quantity for peg in requisition.pegs) == [30, 70]
    request = planning.GetMaterials(production_order_id=taker.id)
    (told,) = (await shop.ask(planning.GET_MATERIALS, request)).explanations
    assert "the customer called (Petra Planner)" in told.steps[-1]


async def test_more_than_one_holds_or_the_other_lacks_is_not_moved(shop: Any) -> None:
    await shop.stock("PAPER", 130)
    giver, taker = shop.order(100), shop.order(100)
    await shop.plan(giver, taker)
    too_much = await refused(shop, planning.MOVE_ALLOCATION, moving(giver, taker, 101))
    unneeded = await refused(shop, planning.MOVE_ALLOCATION, moving(giver, taker, 71))
    assert (too_much.code, too_much.facts["allocated"]) == (
        ProblemCode.INSUFFICIENT_ALLOCATION,
        "100",
    )
    assert (unneeded.code, unneeded.facts["lacking"]) == (ProblemCode.NOT_REQUIRED, "70")
    unknown = planning.GetMaterials(production_order_id=NOBODY)
    assert (await refused(shop, planning.GET_MATERIALS, unknown)).code == ProblemCode.NOT_FOUND


async def test_shortages_are_listed_soonest_first_page_by_page(shop: Any) -> None:
    later = shop.order(10, due_date=shop.order().due_date.replace(month=11))
    sooner = shop.order(20)
    await shop.plan(later, sooner)
    first = await shop.ask(planning.LIST_SHORTAGES, planning.ListShortages(limit=1))
    second = await shop.ask(
        planning.LIST_SHORTAGES, planning.ListShortages(limit=1, cursor=first.next_cursor)
    )
    found = [page.items[0].production_order_number for page in (first, second)]
    assert found == [o.production_order_number for o in (sooner, later)]
    assert second.next_cursor is None
    none = await shop.ask(planning.LIST_SHORTAGES, planning.ListShortages(component_code="GLUE"))
    assert none.items == ()


async def test_ordering_less_than_needed_raises_the_rest_anew(shop: Any) -> None:
    order = shop.order(100)
    await shop.plan(order)
    (requisition,) = await shop.requisitions()
    await shop.ask(planning.ORDER_REQUISITION, ordering(requisition, quantity=Decimal(60)))
    (rest,) = await shop.requisitions(status="open")
    assert (rest.quantity_needed, rest.id != requisition.id) == (40, True)
    plan = await shop.materials(order)
    assert (plan.status, plan.requirements[0].allocated_from_receipts) == ("short", 60)


async def test_ordering_more_than_needed_serves_whoever_comes_next(shop: Any) -> None:
    order = shop.order(100)
    await shop.plan(order)
    (requisition,) = await shop.requisitions()
    await shop.ask(planning.ORDER_REQUISITION, ordering(requisition, quantity=Decimal(150)))
    second = shop.order(50)
    await shop.plan(second)
    assert (await shop.materials(second)).status == "expected"


async def test_goods_that_come_late_leave_the_order_short_and_say_until_when(shop: Any) -> None:
    order = shop.order(100)
    await shop.plan(order)
    (requisition,) = await shop.requisitions()
    late = requisition.needed_on.replace(month=12)
    await shop.ask(planning.ORDER_REQUISITION, ordering(requisition, expected_on=late))
    plan = await shop.materials(order)
    assert (plan.status, plan.available_on) == ("short", late)
    assert (plan.requirements[0].short_quantity, await shop.requisitions(status="open")) == (
        100,
        (),
    )


async def test_an_ordered_requisition_is_not_ordered_again(shop: Any) -> None:
    await shop.plan(shop.order(100))
    (requisition,) = await shop.requisitions()
    stale = ordering(requisition, expected_version=9)
    assert (await refused(shop, planning.ORDER_REQUISITION, stale)).code == "version_conflict"
    wrong = ordering(requisition, vendor_code="NOBODY", quantity=Decimal("1.5"))
    faults = (await refused(shop, planning.ORDER_REQUISITION, wrong)).faults
    assert [fault.path for fault in faults] == ["vendor_code", "quantity"]
    await shop.ask(planning.ORDER_REQUISITION, ordering(requisition))
    problem = await refused(shop, planning.ORDER_REQUISITION, ordering(requisition))
    assert (problem.code, problem.facts) == ("requisition_closed", {"status": "ordered"})
    request = planning.GetRequisition(purchase_requisition_id=requisition.id)
    assert (await shop.ask(planning.GET_REQUISITION, request)).status == "ordered"


async def test_a_requisition_that_is_too_late_says_so(shop: Any) -> None:
    await shop.vendor("MILL", {"product_code": "PAPER", "lead_time_days": 3000})
    order = shop.order(100)
    await shop.plan(order)
    (requisition,) = await shop.requisitions()
    assert requisition.is_late
    assert requisition.vendor_code == "MILL"
    assert (await shop.materials(order)).available_on > requisition.needed_on


async def test_people_of_another_plant_see_and_move_nothing(shop: Any) -> None:
    order = shop.order(100)
    await shop.plan(order)
    (requisition,) = await shop.requisitions()
    elsewhere = {"plants": frozenset({"WORKS-9"})}
    for endpoint, request in (
        (planning.GET_MATERIALS, planning.GetMaterials(production_order_id=order.id)),
        (planning.REPLAN_MATERIALS, planning.GetMaterials(production_order_id=order.id)),
        (planning.ORDER_REQUISITION, ordering(requisition)),
        (planning.GET_REQUISITION, planning.GetRequisition(purchase_requisition_id=requisition.id)),
        (planning.MOVE_ALLOCATION, moving(order, order, 1)),
    ):
        problem = await refused(shop, endpoint, request, **elsewhere)
        assert problem.code == ProblemCode.PLANT_FORBIDDEN, endpoint
    requisitions = planning.ListRequisitions()
    assert (await shop.ask(planning.LIST_REQUISITIONS, requisitions, **elsewhere)).items == ()
    shortages = planning.ListShortages()
    assert (await shop.ask(planning.LIST_SHORTAGES, shortages, **elsewhere)).items == ()
