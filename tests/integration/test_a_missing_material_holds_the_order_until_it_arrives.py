"""One order followed by a person: short, bought, received, released, and every number told."""

import re
from decimal import Decimal
from typing import Any

from lineside_contracts import planning, predictions
from lineside_contracts.planning import (
    GetPegging,
    GetProductionCost,
    LeadTime,
    MaterialsAnswer,
    MaterialShortageDetected,
    OfOrder,
    OrderPromise,
    Pegging,
    ProductionCost,
    ProductionOrder,
    ProductionOrderReleased,
)
from lineside_contracts.predictions import DeliveryPrediction, ListDeliveryPredictions
from lineside_contracts.sales import SalesOrderPromiseChanged
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey
from lineside_testkit.printing_plant import FLYER
from lineside_testkit.storeroom import PAPER, PLATE, VENDOR_DAYS, Storeroom

NUMBER = "SO-1001"
DUE_DAYS = 21
LATE_DAYS = 30


async def _short(chain: Harness, **line: Any) -> tuple[Storeroom, ProductionOrder]:
    """An order of 9,800 flyers (10,000 sheets go in) where 4,000 sheets lie in stock."""
    journey = await Journey.begin(chain, release_policy="automatic")
    room = await Storeroom.open(journey)
    await room.bill(
        FLYER,
        room.line(PAPER, sequence_number=10),
        room.line(PLATE, 4, is_fixed_quantity=True, sequence_number=10),
    )
    await room.put(PAPER, 4_000)
    await room.put(PLATE, 100)
    await chain.settle()
    due = room.day(DUE_DAYS).isoformat()
    flyers = journey.line(product_code=FLYER, quantity="9800", due_date=due, **line)
    await journey.confirm(journey.document(NUMBER, lines=[flyers]))
    (order,) = await journey.production_orders(count=1, status="on_hold", materials_status="short")
    await chain.settle()
    return room, order


async def _predicted(journey: Journey) -> DeliveryPrediction:
    page = await journey.granted(
        predictions.LIST_DELIVERY_PREDICTIONS, ListDeliveryPredictions(project_number=NUMBER)
    )
    found: DeliveryPrediction = page.items[0]
    return found


def _paper(answer: MaterialsAnswer) -> Any:
    (found,) = (r for r in answer.material_plan.requirements if r.component_code == PAPER)
    return found


async def test_a_shortage_holds_the_order_and_says_what_is_missing(chain: Harness) -> None:
    room, order = await _short(chain)
    assert (order.held_by, order.status_before_hold) == ("system", "routed")
    assert PAPER in (order.hold_reason or "")
    answer = await room.materials(order.id)
    paper = _paper(answer)
    assert (paper.needed_quantity, paper.allocated_from_stock) == (10_000, 4_000)
    assert (paper.short_quantity, paper.from_requisition) == (6_000, 6_000)
    (plates,) = (r for r in answer.material_plan.requirements if r.component_code == PLATE)
    assert (int(plates.needed_quantity), int(plates.short_quantity)) == (4, 0)
    (said, *_) = await chain.events(MaterialShortageDetected, tenant_id=room.journey.tenant_id)
    assert [(s.component_code, s.short_quantity) for s in said.payload.shortages] == [
        (PAPER, Decimal(6_000))
    ]
    await room.journey.work_orders(count=1, status="planned")


async def test_the_requisition_says_how_much_and_when_to_order(chain: Harness) -> None:
    room, order = await _short(chain)
    wanted: Any = await room.requisition(PAPER)
    assert (wanted.quantity_needed, wanted.quantity) == (6_000, 6_000)
    assert [peg.production_order_id for peg in wanted.pegs] == [order.id]
    assert (wanted.arrive_on - wanted.order_by).days >= VENDOR_DAYS
    assert wanted.order_by.weekday() < 5
    assert wanted.arrive_on <= wanted.needed_on <= order.due_date
    assert not wanted.is_late
    assert wanted.explanation


async def test_goods_expected_in_time_lift_the_hold(chain: Harness) -> None:
    room, order = await _short(chain)
    await room.buy(await room.requisition(PAPER))
    (released,) = await room.journey.production_orders(count=1, status="released")
    assert released.id == order.id
    assert released.materials_status == "expected"
    assert released.materials_available_on == (await room.receipts(PAPER))[0].expected_on


async def test_goods_expected_too_late_hold_it_and_move_its_promise(chain: Harness) -> None:
    room, order = await _short(chain)
    journey = room.journey
    before = await _predicted(journey)
    assert before.predicted_date <= order.due_date
    await room.buy(await room.requisition(PAPER), expected_on=room.day(LATE_DAYS))
    await journey.production_orders(
        count=1, status="on_hold", materials_available_on=room.day(LATE_DAYS)
    )
    await chain.settle()
    after = await _predicted(journey)
    assert after.predicted_date >= room.day(LATE_DAYS)
    (moved,) = await chain.events(SalesOrderPromiseChanged, tenant_id=journey.tenant_id)
    promised = moved.payload.sales_order.promised_date
    assert promised is not None
    assert promised >= room.day(LATE_DAYS)


async def test_the_order_leaves_hold_by_itself_when_the_goods_arrive(chain: Harness) -> None:
    room, order = await _short(chain)
    journey = room.journey
    receipt = await room.buy(await room.requisition(PAPER), expected_on=room.day(LATE_DAYS))
    await journey.production_orders(
        count=1, status="on_hold", materials_available_on=room.day(LATE_DAYS)
    )
    await room.receive(receipt)
    (released,) = await journey.production_orders(count=1, status="released")
    assert (released.id, released.hold_reason, released.faults) == (order.id, None, ())
    assert (released.materials_status, released.capacity_status) == ("covered", "feasible")
    await chain.events(ProductionOrderReleased, tenant_id=journey.tenant_id)
    await journey.work_orders(count=1, status="released")
    await chain.settle()
    pool: Any = await room.stock(PAPER)
    assert (pool.quantity_on_hand, pool.quantity_allocated) == (10_000, 10_000)
    promise: OrderPromise = await journey.granted(
        planning.GET_ORDER_PROMISE, OfOrder(production_order_id=order.id)
    )
    assert (promise.promised_date, promise.is_on_time) == (order.due_date, True)
    assert (await _predicted(journey)).predicted_date <= order.due_date


async def test_part_of_the_goods_is_not_enough(chain: Harness) -> None:
    room, order = await _short(chain)
    receipt = await room.buy(await room.requisition(PAPER), expected_on=room.day(LATE_DAYS))
    await room.receive(receipt, 5_999)
    held = await room.materials(
        order.id, until=lambda a: _paper(a).allocated_from_stock == Decimal(9_999)
    )
    assert _paper(held).short_quantity == 1
    await chain.settle()
    (still,) = await room.journey.production_orders(count=1, status="on_hold")
    assert still.id == order.id
    await room.receive(receipt, 1)
    await room.journey.production_orders(count=1, status="released")


async def test_every_number_answers_how_it_was_computed(chain: Harness) -> None:
    room, order = await _short(chain)
    journey = room.journey
    of_order = OfOrder(production_order_id=order.id)
    answer = await room.materials(order.id)
    explained = {one.requirement_id: one for one in answer.explanations}
    for requirement in answer.material_plan.requirements:
        assert explained[requirement.id].steps
        assert explained[requirement.id].supplies
    (paper,) = (e for e in answer.explanations if e.component_code == PAPER)
    assert "10000" in re.sub(r"(?<=\d)[ ,](?=\d)", "", " ".join(paper.steps))
    capacity = await room.capacity(order.id)
    assert capacity.work_centers
    assert all(load.explanation for load in capacity.work_centers)
    lead_time: LeadTime = await journey.granted(planning.GET_LEAD_TIME, of_order)
    assert lead_time.parts
    assert all(part.explanation for part in lead_time.parts)
    assert lead_time.completes_at == capacity.estimated_completion_at
    promise: OrderPromise = await journey.granted(planning.GET_ORDER_PROMISE, of_order)
    assert promise.explanation
    assert (await room.requisition(PAPER)).explanation
    cost: ProductionCost = await room.eventually(
        planning.GET_PRODUCTION_COST,
        GetProductionCost(production_order_id=order.id),
        until=lambda found: found.estimated.material > 0,
    )
    assert cost.estimated.material == 524  # 10,000 sheets at 0.05, 4 plates at 6
    assert all(line.explanation for line in cost.lines)
    pegging: Pegging = await room.eventually(
        planning.GET_PEGGING,
        GetPegging(production_order_id=order.id),
        until=lambda found: len(found.served_by) >= 3,
    )
    supplies = {(node.peg.supply_kind, node.peg.quantity) for node in pegging.served_by}
    assert {("stock", 4_000), ("requisition", 6_000), ("stock", 4)} <= supplies
    assert [node.peg.demand_kind for node in pegging.serves] == ["sales_order_line"]
