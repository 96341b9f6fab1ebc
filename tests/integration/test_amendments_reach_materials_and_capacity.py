"""What sales changes, or calls off, reaches every document planning has made of it."""

from decimal import Decimal
from typing import Any

from lineside_contracts import planning, sales
from lineside_contracts.planning import (
    GetWorkCenterLoad,
    ListShortages,
    MaterialRequirement,
    ProductionOrder,
)
from lineside_contracts.sales import SalesOrderAccepted, SalesOrderCancelled
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import AMENDED, CANCELLED, Journey
from lineside_testkit.printing_plant import FLYER
from lineside_testkit.storeroom import PAPER, PLATE, Storeroom

NUMBER = "SO-1001"
IN_STOCK = 12_000


async def _released(chain: Harness) -> tuple[Storeroom, ProductionOrder]:
    """A released order of 9,800 flyers: 10,000 of 12,000 sheets are its own."""
    journey = await Journey.begin(chain, release_policy="automatic")
    room = await Storeroom.open(journey)
    await room.bill(
        FLYER,
        room.line(PAPER, sequence_number=10),
        room.line(PLATE, 4, is_fixed_quantity=True, sequence_number=10),
    )
    await room.put(PAPER, IN_STOCK)
    await room.put(PLATE, 4)
    await chain.settle()
    lines = [journey.line(product_code=FLYER, quantity="9800")]
    await journey.confirm(journey.document(NUMBER, lines=lines))
    (order,) = await journey.production_orders(count=1, status="released")
    await chain.settle()
    assert (await room.stock(PAPER)).quantity_allocated == 10_000
    return room, order


async def _amend(room: Storeroom, revision: int, **line: Any) -> None:
    journey = room.journey
    lines = [journey.line(product_code=FLYER, **line)]
    await journey.confirm(journey.document(NUMBER, revision=revision, lines=lines), subject=AMENDED)
    await journey.harness.settle()


async def _paper(room: Storeroom, order: ProductionOrder, needed: int) -> Any:
    """Wait for the paper an order needs; returns the requirement."""

    def found(answer: Any) -> list[MaterialRequirement]:
        requirements = answer.material_plan.requirements
        return [
            r for r in requirements if r.component_code == PAPER and r.needed_quantity == needed
        ]

    answer = await room.materials(order.id, until=lambda a: bool(found(a)))
    (paper,) = found(answer)
    return paper


async def _minutes(room: Storeroom, order: ProductionOrder) -> Decimal:
    """What the order takes of the press, over all days."""
    asked = GetWorkCenterLoad(work_center_code="PRESS", to_date=room.day(90))
    load = await room.journey.granted(planning.GET_WORK_CENTER_LOAD, asked)
    shares = [share for day in load.days for share in day.orders]
    return sum((s.minutes for s in shares if s.production_order_id == order.id), Decimal(0))


async def test_an_amendment_upwards_takes_more_of_everything(chain: Harness) -> None:
    room, order = await _released(chain)
    before = await _minutes(room, order)
    assert before == 30 + Decimal("0.36") * 10_000 / 60
    await _amend(room, 2, quantity="19600")
    paper = await _paper(room, order, 20_000)
    assert (paper.allocated_from_stock, paper.short_quantity) == (12_000, 8_000)
    assert (await room.requisition(PAPER)).quantity_needed == 8_000
    (held,) = await room.journey.production_orders(
        count=1, status="on_hold", quantity_ordered=19_600
    )
    assert held.id == order.id
    assert await _minutes(room, order) == 30 + Decimal("0.36") * 20_000 / 60
    accepted = await chain.events(SalesOrderAccepted, tenant_id=room.journey.tenant_id, count=2)
    assert [event.payload.sales_order.revision for event in accepted] == [1, 2]


async def test_an_amendment_downwards_gives_back_what_is_not_needed(chain: Harness) -> None:
    room, order = await _released(chain)
    await _amend(room, 2, quantity="19600")
    await room.requisition(PAPER)
    await _amend(room, 3, quantity="4900")
    paper = await _paper(room, order, 5_000)
    assert (paper.allocated_from_stock, paper.short_quantity) == (5_000, 0)
    pool: Any = await room.stock(PAPER)
    assert (pool.quantity_allocated, pool.quantity_available) == (5_000, 7_000)
    await room.requisition(PAPER, status="cancelled")
    (back,) = await room.journey.production_orders(count=1, status="released")
    assert (back.id, back.materials_status) == (order.id, "covered")
    assert await _minutes(room, order) == 30 + Decimal("0.36") * 5_000 / 60


async def test_what_one_order_gives_back_serves_the_next(chain: Harness) -> None:
    room, order = await _released(chain)
    journey = room.journey
    await room.put(PLATE, 8)
    lines = [journey.line(product_code=FLYER, quantity="6860")]
    await journey.confirm(journey.document("SO-1002", lines=lines))
    (waiting,) = await journey.production_orders(count=1, status="on_hold")
    assert (await _paper(room, waiting, 7_000)).short_quantity == 5_000
    await _amend(room, 2, quantity="4900")
    await journey.production_orders(count=2, status="released", materials_status="covered")
    assert (await _paper(room, order, 5_000)).allocated_from_stock == 5_000
    assert (await _paper(room, waiting, 7_000)).allocated_from_stock == 7_000


async def test_a_cancellation_after_release_frees_everything(chain: Harness) -> None:
    room, order = await _released(chain)
    journey = room.journey
    await _amend(room, 2, quantity="19600")
    await room.requisition(PAPER)
    gone = {**journey.document(NUMBER), "revision": 3, "reason": "budget"}
    await journey.confirm(gone, subject=CANCELLED)
    await journey.production_orders(count=1, status="cancelled")
    await journey.work_orders(count=1, status="cancelled")
    await chain.settle()
    for code, on_hand in ((PAPER, IN_STOCK), (PLATE, 4)):
        pool: Any = await room.stock(code)
        assert (pool.quantity_on_hand, pool.quantity_allocated) == (on_hand, 0)
    await room.requisition(PAPER, status="cancelled")
    shortages = await journey.granted(planning.LIST_SHORTAGES, ListShortages())
    assert shortages.items == ()
    assert await _minutes(room, order) == 0
    await chain.events(SalesOrderCancelled, tenant_id=journey.tenant_id)
    page = await journey.granted(sales.LIST_SALES_ORDERS, sales.ListSalesOrders())
    assert [(o.order_number, o.status) for o in page.items] == [(NUMBER, "cancelled")]


async def test_what_was_ordered_already_comes_and_is_free(chain: Harness) -> None:
    room, _ = await _released(chain)
    journey = room.journey
    await _amend(room, 2, quantity="19600")
    receipt = await room.buy(await room.requisition(PAPER))
    assert receipt.quantity_allocated == 8_000
    gone = {**journey.document(NUMBER), "revision": 3, "reason": "budget"}
    await journey.confirm(gone, subject=CANCELLED)
    await journey.production_orders(count=1, status="cancelled")
    await chain.settle()
    (still,) = await room.receipts(PAPER)
    assert still.status == "open"
    assert (int(still.quantity), int(still.quantity_allocated)) == (8_000, 0)
    await room.receive(still)
    pool: Any = await room.stock(PAPER)
    assert (pool.quantity_on_hand, pool.quantity_available) == (20_000, 20_000)
