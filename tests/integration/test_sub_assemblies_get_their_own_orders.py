"""What a product is made of and made in house gets a production order of its own."""

from lineside_contracts import planning
from lineside_contracts.planning import ProductionOrder
from lineside_testkit import builders
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import AMENDED, CANCELLED, Journey
from lineside_testkit.printing_plant import FLYER
from lineside_testkit.storeroom import PAPER, Storeroom

NUMBER = "SO-1001"
POCKET = "POCKET"
"""Made to order: one for each flyer, of half a sheet."""

LABEL = "LABEL"
"""Made to order: two for each pocket, a level deeper."""


async def _plant(chain: Harness, *, pockets: int) -> Storeroom:
    """Flyers in pockets with labels; some pockets are there already."""
    journey = await Journey.begin(chain, release_policy="automatic")
    room = await Storeroom.open(journey)
    for code in (POCKET, LABEL):
        await journey.create_product(code, supply_policy="make_to_order")
    await chain.settle()
    for code in (POCKET, LABEL):
        await journey.activate_routing(
            builders.routing_fields(
                routing_code=f"R-{code}",
                routing_name=code,
                product_code=code,
                operations=[{"sequence_number": 10, "operation_code": "PACK"}],
            )
        )
    await room.bill(LABEL, room.line(PAPER, "0.1"))
    await room.bill(POCKET, room.line(PAPER, "0.5"), room.line(LABEL, 2))
    await room.bill(FLYER, room.line(POCKET, sequence_number=10))
    await room.put(PAPER, 10_000)
    await room.put(POCKET, pockets)
    await chain.settle()
    return room


async def _ordered(room: Storeroom, quantity: str = "98") -> list[ProductionOrder]:
    """Flyer, pocket and label orders, by level."""
    journey = room.journey
    lines = [journey.line(product_code=FLYER, quantity=quantity)]
    await journey.confirm(journey.document(NUMBER, lines=lines))
    orders = await journey.production_orders(count=3, status="released")
    await journey.harness.settle()
    return sorted(orders, key=lambda order: order.level)


async def test_each_level_gets_an_order_for_what_is_not_in_stock(chain: Harness) -> None:
    room = await _plant(chain, pockets=30)
    flyer, pocket, label = await _ordered(room)
    assert [o.product_code for o in (flyer, pocket, label)] == [FLYER, POCKET, LABEL]
    assert [o.level for o in (flyer, pocket, label)] == [0, 1, 2]
    assert (pocket.parent_order_id, label.parent_order_id) == (flyer.id, pocket.id)
    assert (pocket.parent_order_number, pocket.project_number) == (
        flyer.production_order_number,
        flyer.project_number,
    )
    # 100 flyers go in, 30 pockets are there
    assert (int(pocket.quantity_ordered), int(label.quantity_ordered)) == (70, 140)
    plan = (await room.materials(flyer.id)).material_plan
    (need,) = plan.requirements
    assert (int(need.allocated_from_stock), int(need.from_child_order)) == (30, 70)
    assert [(child.id, int(child.quantity)) for child in plan.children] == [(pocket.id, 70)]


async def test_a_child_is_due_when_its_parent_needs_it(chain: Harness) -> None:
    room = await _plant(chain, pockets=0)
    flyer, pocket, label = await _ordered(room)
    for parent, child in ((flyer, pocket), (pocket, label)):
        plan = (await room.materials(parent.id)).material_plan
        (need,) = (r for r in plan.requirements if r.make_or_buy == "make")
        assert child.due_date == need.needed_on <= parent.due_date


async def test_children_have_work_orders_and_materials_of_their_own(chain: Harness) -> None:
    room = await _plant(chain, pockets=0)
    _, pocket, label = await _ordered(room)
    made = await room.journey.work_orders(count=3, status="released")
    assert {pocket.id, label.id} <= {order.production_order_id for order in made}
    needs = {
        order.product_code: {
            need.component_code: need.needed_quantity
            for need in (await room.materials(order.id)).material_plan.requirements
        }
        for order in (pocket, label)
    }
    assert needs == {POCKET: {PAPER: 50, LABEL: 200}, LABEL: {PAPER: 20}}
    assert (await room.stock(PAPER)).quantity_allocated == 70


async def test_an_amended_parent_takes_its_children_along(chain: Harness) -> None:
    room = await _plant(chain, pockets=0)
    flyer, pocket, label = await _ordered(room)
    journey = room.journey
    lines = [journey.line(product_code=FLYER, quantity="196")]
    await journey.confirm(journey.document(NUMBER, revision=2, lines=lines), subject=AMENDED)
    await journey.production_orders(count=1, product_code=POCKET, quantity_ordered=200)
    await journey.production_orders(count=1, product_code=LABEL, quantity_ordered=400)
    after = await journey.production_orders(count=3)
    assert {order.id for order in after} == {flyer.id, pocket.id, label.id}
    await chain.settle()
    assert (await room.stock(PAPER)).quantity_allocated == 140


async def test_a_cancelled_parent_cancels_its_children(chain: Harness) -> None:
    room = await _plant(chain, pockets=0)
    await _ordered(room)
    journey = room.journey
    await journey.confirm({**journey.document(NUMBER), "revision": 2}, subject=CANCELLED)
    await journey.production_orders(count=3, status="cancelled")
    await journey.work_orders(count=3, status="cancelled")
    await chain.settle()
    assert (await room.stock(PAPER)).quantity_allocated == 0


async def test_a_child_held_by_its_own_shortage_holds_nobody_else_up(chain: Harness) -> None:
    room = await _plant(chain, pockets=0)
    await room.put(PAPER, 0)
    journey = room.journey
    lines = [journey.line(product_code=FLYER, quantity="98")]
    await journey.confirm(journey.document(NUMBER, lines=lines))
    held = await journey.production_orders(count=2, status="on_hold")
    assert {order.product_code for order in held} == {POCKET, LABEL}
    await room.put(PAPER, 1_000)
    released = await journey.production_orders(count=3, status="released")
    assert {order.product_code for order in released} == {FLYER, POCKET, LABEL}
    await chain.settle()
    pegging = await room.eventually(
        planning.GET_PEGGING,
        planning.GetPegging(
            production_order_id=next(o.id for o in released if o.product_code == FLYER)
        ),
        until=lambda found: len(found.served_by) >= 4,
    )
    assert {node.level for node in pegging.served_by} >= {1, 2, 3}
