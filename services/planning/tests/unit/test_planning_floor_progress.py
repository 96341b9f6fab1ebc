"""How the floor's work orders move a production order."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from lineside_contracts.planning import ProductionOrderStatus as Status
from lineside_contracts.problems import Fault
from lineside_contracts.shopfloor import WorkOrder, WorkOrderReplanRefused
from lineside_planning.orders.domain import floor_progress, orders
from lineside_planning.orders.domain.floor_progress import FloorWorkOrder
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_testkit import builders

MakeWorkOrder = Callable[..., WorkOrder]


def released(**over: Any) -> PlannedOrder:
    values = {"status": "released", "work_order_count": 2, "expansion_version": 1} | over
    return PlannedOrder(builders.production_order(**values), expanded_planning_version=1)


def kept(make: MakeWorkOrder, order: PlannedOrder, **over: Any) -> FloorWorkOrder:
    return floor_progress.floor_work_order(make(order.state.id, **over), order.state.id)


def test_the_first_work_order_in_progress_begins_the_order(make_work_order: MakeWorkOrder) -> None:
    order = released()
    begun = floor_progress.follow_floor(order, [kept(make_work_order, order, status="in_progress")])
    assert begun.state.status is Status.IN_PROGRESS
    assert begun.state.work_orders_completed == 0


def test_one_of_two_completed_is_progress(make_work_order: MakeWorkOrder) -> None:
    order = released()
    done = kept(make_work_order, order, status="completed", quantity_completed=90)
    after = floor_progress.follow_floor(order, [done])
    assert (after.state.status, after.state.work_orders_completed) == (Status.IN_PROGRESS, 1)


def test_all_completed_completes_with_the_last_ones_good(make_work_order: MakeWorkOrder) -> None:
    order = released()
    first = kept(make_work_order, order, status="completed", quantity_completed=95)
    last = kept(
        make_work_order,
        order,
        status="completed",
        quantity_completed=90,
        predecessor_work_order_ids=[first.id],
    )
    after = floor_progress.follow_floor(order, [first, last])
    assert after.state.status is Status.COMPLETED
    assert after.state.quantity_completed == Decimal(90)


def test_the_good_of_several_ends_is_the_least_in_products(make_work_order: MakeWorkOrder) -> None:
    order = released()
    signatures = kept(
        make_work_order,
        order,
        status="completed",
        quantity_completed=807,
        units_per_product=Fraction(8),
    )
    covers = kept(make_work_order, order, status="completed", quantity_completed=101)
    after = floor_progress.follow_floor(order, [signatures, covers])
    assert after.state.quantity_completed == Decimal(100)


def test_progress_under_a_hold_shows_when_it_is_lifted(make_work_order: MakeWorkOrder) -> None:
    order = orders.hold(released(), by="person", reason="Wait")
    after = floor_progress.follow_floor(order, [kept(make_work_order, order, status="in_progress")])
    assert after.state.status is Status.ON_HOLD
    assert orders.lift(after).state.status is Status.IN_PROGRESS


def test_a_cancelled_order_follows_nobody(make_work_order: MakeWorkOrder) -> None:
    order = released(status="cancelled")
    work_order = kept(make_work_order, order, status="in_progress")
    assert floor_progress.follow_floor(order, [work_order]) is order


def test_nothing_completes_before_the_number_of_work_orders_is_known(
    make_work_order: MakeWorkOrder,
) -> None:
    order = released(work_order_count=0)
    done = kept(make_work_order, order, status="completed", quantity_completed=90)
    assert floor_progress.follow_floor(order, [done]).state.status is Status.IN_PROGRESS


def test_what_ends_short_completes_and_says_by_how_much(make_work_order: MakeWorkOrder) -> None:
    order = released(work_order_count=1)
    done = kept(make_work_order, order, status="completed", quantity_completed=9_990)
    after = floor_progress.follow_floor(order, [done])
    (note,) = after.state.exceptions
    assert (after.state.status, note.code) == (Status.COMPLETED, "short_by")
    assert (note.facts["ordered"], note.facts["short_by"]) == ("10000", "10")
    full = kept(make_work_order, order, status="completed", quantity_completed=10_000)
    assert floor_progress.follow_floor(order, [full]).state.exceptions == ()


def test_work_called_off_by_hand_completes_the_order_with_what_was_made(
    make_work_order: MakeWorkOrder,
) -> None:
    order = released(status="in_progress")
    first = kept(make_work_order, order, status="completed", quantity_completed=95)
    last = kept(
        make_work_order,
        order,
        status="cancelled",
        quantity_completed=40,
        predecessor_work_order_ids=[first.id],
    )
    after = floor_progress.follow_floor(order, [first, last])
    assert (after.state.status, after.state.quantity_completed) == (Status.COMPLETED, Decimal(40))
    assert [e.code for e in after.state.exceptions] == ["short_by"]


def test_work_called_off_before_anything_good_was_made_goes_back_for_a_decision(
    make_work_order: MakeWorkOrder,
) -> None:
    order = released(status="in_progress")
    gone = [kept(make_work_order, order, status="cancelled") for _ in range(2)]
    assert floor_progress.follow_floor(order, gone[:1]) == order
    after = floor_progress.follow_floor(order, gone)
    assert after.state.status is Status.ROUTED
    assert [e.code for e in after.state.exceptions] == ["all_work_cancelled"]
    assert floor_progress.follow_floor(after, gone) == after


def test_work_orders_that_a_new_expansion_made_superfluous_end_nothing(
    make_work_order: MakeWorkOrder,
) -> None:
    gone = [kept(make_work_order, released(), status="cancelled") for _ in range(2)]
    for over in ({"expansion_version": 2}, {"planning_version": 2}):
        order = released(**over)
        assert floor_progress.follow_floor(order, gone) == order


def test_work_that_began_under_a_shortage_lifts_the_hold_and_keeps_the_note(
    make_work_order: MakeWorkOrder,
) -> None:
    shortage = Fault(code="material_shortage", path="materials[PAPER]", message="500 missing.")
    routing = Fault(code="routing_missing", message="No active routing.")
    held = orders.hold(released(faults=[shortage, routing]), by="system", reason="x")
    after = floor_progress.follow_floor(held, [kept(make_work_order, held, status="in_progress")])
    assert (after.state.status, after.state.held_by) == (Status.IN_PROGRESS, None)
    assert after.state.faults == ()
    assert [e.code for e in after.state.exceptions] == ["material_shortage", "routing_failed"]


def test_a_refusal_is_noted_and_the_floor_keeps_its_count(make_work_order: MakeWorkOrder) -> None:
    order = replace(released(work_order_count=3, expansion_version=2), previous_work_order_count=2)
    noted = floor_progress.note_refusal(order, _refusal(make_work_order, order.state.id))
    (exception,) = noted.state.exceptions
    assert (exception.code, exception.facts["planning_version"]) == ("replan_refused", 2)
    assert noted.state.work_order_count == 2


def _refusal(make: MakeWorkOrder, order_id: UUID) -> WorkOrderReplanRefused:
    return WorkOrderReplanRefused(
        work_order=make(order_id, status="in_progress", expansion_version=1),
        production_order_id=order_id,
        planning_version=2,
        reason="work has started",
    )
