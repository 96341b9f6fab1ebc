"""How a production order moves, and which event tells of it."""

from typing import Any

import pytest

from lineside_contracts.planning import (
    MaterialsStatus,
    ProductionOrderAssessed,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCompleted,
    ProductionOrderReleased,
    ProductionOrderStatus as Status,
    ProductionOrderStatusChanged,
)
from lineside_contracts.problems import Fault
from lineside_planning.orders.domain import orders, sealing
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_planning.orders.domain.sealing import Change
from lineside_testkit import builders


def planned(**over: Any) -> PlannedOrder:
    return PlannedOrder(builders.production_order(**over))


def event_of(before: PlannedOrder, after: PlannedOrder) -> object:
    sealed = sealing.seal(Change(before, after, "why"), actor=builders.ACTOR, now=builders.AT)
    return sealed.event if sealed else None


def test_a_hold_covers_the_status_and_lifting_it_shows_where_the_order_stands() -> None:
    held = orders.hold(planned(status="routed"), by="system", reason="No routing")
    assert (held.state.status, held.state.status_before_hold) == (Status.ON_HOLD, Status.ROUTED)
    moved = orders.advance(held, Status.IN_PROGRESS)
    assert moved.state.status is Status.ON_HOLD
    lifted = orders.lift(moved)
    assert lifted.state.status is Status.IN_PROGRESS
    assert (lifted.state.held_by, lifted.state.hold_reason) == (None, None)


def test_a_persons_hold_takes_over_and_is_not_taken_over() -> None:
    by_system = orders.hold(planned(), by="system", reason="No routing")
    by_person = orders.hold(by_system, by="person", reason="Wait")
    assert (by_person.state.held_by, by_person.state.status_before_hold) == (
        "person",
        Status.PLANNED,
    )
    assert orders.hold(by_person, by="system", reason="No routing") is by_person


def test_a_change_raises_the_version_once_and_names_its_fields() -> None:
    before = planned()
    sealed = sealing.seal(
        Change(before, before.having(priority="urgent")), actor=builders.ACTOR, now=builders.AT
    )
    assert sealed is not None
    assert sealed.order.state.version == before.state.version + 1
    assert isinstance(sealed.event, ProductionOrderChanged)
    assert sealed.event.changed_fields == ("priority",)


def test_a_new_judgement_alone_is_no_change_of_the_order() -> None:
    before = planned()
    judged = before.having(materials_status=MaterialsStatus.COVERED)
    assert isinstance(event_of(before, judged), ProductionOrderAssessed)
    both = judged.having(priority="urgent")
    assert isinstance(event_of(before, both), ProductionOrderChanged)


def test_an_event_carries_the_reason_people_gave() -> None:
    before = planned(status="completed")
    for after in (before.having(priority="urgent"), before.having(status=Status.CLOSED)):
        event = event_of(before, after)
        assert isinstance(event, ProductionOrderChanged | ProductionOrderStatusChanged)
        assert event.reason == "why"


def test_nothing_changed_says_nothing() -> None:
    before = planned()
    assert event_of(before, before.having(priority=before.state.priority)) is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("released", ProductionOrderReleased),
        ("cancelled", ProductionOrderCancelled),
        ("on_hold", ProductionOrderStatusChanged),
        ("in_progress", ProductionOrderStatusChanged),
        ("completed", ProductionOrderCompleted),
    ],
)
def test_the_event_is_the_most_specific_one(status: str, expected: type[object]) -> None:
    before = planned(status="routed")
    after = before.having(status=Status(status), priority="urgent")
    assert isinstance(event_of(before, after), expected)


def test_returning_to_released_is_no_second_release() -> None:
    released = planned(status="released")
    held = orders.hold(released, by="person", reason="Wait")
    assert isinstance(event_of(held, orders.lift(held)), ProductionOrderStatusChanged)


def test_a_cancelled_order_is_no_longer_held() -> None:
    held = orders.hold(planned(), by="person", reason="Wait")
    cancelled = orders.cancel(held, by="sales")
    assert cancelled.state.status is Status.CANCELLED
    assert (cancelled.state.held_by, cancelled.cancelled_by) == (None, "sales")


def test_the_newest_note_of_a_kind_replaces_the_one_before() -> None:
    first = orders.with_exception(planned(), Fault(code="a", path="x", message="one"))
    second = orders.with_exception(first, Fault(code="a", path="x", message="two"))
    assert [exception.message for exception in second.state.exceptions] == ["two"]
