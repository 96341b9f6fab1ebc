"""Materials that a child order makes: there when the child is done; families in their order."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given, strategies as st

from lineside_manufacturing import time_spans
from lineside_manufacturing.calendars import standard_calendar
from lineside_planning.capacity.domain import families, material_dates, orders
from lineside_planning.capacity.domain.material_dates import Estimate, MaterialDate
from lineside_planning.capacity.domain.orders import OrderState, Said
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_testkit import builders

PLANT = PlantDays("MAIN", "Europe/Berlin", standard_calendar("Europe/Berlin"))
PARENT, CHILD, NEED = UUID(int=1), UUID(int=2), UUID(int=3)
DUE = date(2027, 1, 14)
SOON = Estimate(date(2027, 1, 5), datetime(2027, 1, 5, 14, tzinfo=UTC))
NOBODY_KNOWS = Estimate(None, None)


def block(**over: Any) -> MaterialDate:
    made: dict[str, Any] = {"child_id": CHILD, "made": SOON} | over
    return MaterialDate(10, "BLOCK", DUE, made.pop("available_on", DUE), **made)


def child(estimate: Estimate | None, **over: Any) -> dict[UUID, OrderState]:
    said = None
    if estimate is not None:
        said = Said(
            is_feasible=True,
            reasons=(),
            completes_on=estimate.on,
            due_date=DUE,
            planning_version=1,
            expansion_version=1,
            materials_available_on=None,
        )
    at = estimate.at if estimate else None
    return {CHILD: OrderState(CHILD, said=said, completes_at=at, **over)}


def plan(version: int = 1, *, listed: bool = True, **over: Any) -> Any:
    need = builders.material_requirement(
        id=NEED,
        component_code="BLOCK",
        make_or_buy="make",
        needed_on=DUE,
        available_on=DUE,
        **({"from_child_order": Decimal(5)} | over),
    )
    called = {
        "id": CHILD,
        "requirement_id": NEED,
        "product_code": "BLOCK",
        "quantity": Decimal(5),
        "unit_code": "EA",
        "due_date": DUE,
    }
    order = builders.production_order(id=PARENT)
    return builders.material_plan(
        order,
        version=version,
        requirements=[need],
        children=[called] if listed else [],
        available_on=over.get("available_on", DUE),
    )


def test_until_it_is_checked_a_child_is_there_on_its_due_date() -> None:
    state = orders.with_materials(OrderState(PARENT), plan())
    (material,) = state.materials
    assert (material.child_id, material.expected_on, state.materials_on) == (CHILD, DUE, DUE)
    assert material_dates.arrivals_of([material], PLANT) == {10: PLANT.midnight(DUE)}


def test_its_estimate_takes_the_place_of_its_due_date_to_the_minute() -> None:
    state = orders.with_materials(OrderState(PARENT), plan())
    heard = families.with_children(state, child(SOON))
    assert heard.materials_on == SOON.on
    assert heard.materials_available_on == DUE
    assert SOON.at is not None
    arrival = time_spans.microseconds_of(SOON.at)
    assert material_dates.arrivals_of(heard.materials, PLANT) == {10: arrival}


def test_what_does_not_come_from_the_child_is_waited_for_as_well() -> None:
    later = DUE + timedelta(days=3)
    received = orders.with_materials(OrderState(PARENT), plan(allocated_from_receipts=Decimal(1)))
    bought = replace(block(), available_on=later, rest_on=later)
    (mixed,) = families.with_children(received, child(SOON)).materials
    assert (mixed.rest_on, mixed.expected_on) == (DUE, DUE)
    assert (bought.expected_on, bought.is_late) == (later, True)
    assert material_dates.arrivals_of([bought], PLANT) == {10: PLANT.midnight(later)}


def test_a_child_that_comes_late_is_a_reason_with_its_own_date() -> None:
    late = Estimate(DUE + timedelta(days=5), datetime(2027, 1, 19, 9, tzinfo=UTC))
    (fault,) = material_dates.faults([block(made=late), block()])
    assert fault.code == "materials_late"
    assert fault.facts["available_on"] == "2027-01-19"
    assert fault.facts["child_order_id"] == str(CHILD)
    assert "its own order is done on 2027-01-19" in fault.message


def test_nobody_knows_when_a_child_comes_that_has_no_place() -> None:
    (fault,) = material_dates.faults([block(made=NOBODY_KNOWS)])
    assert fault.code == "materials_missing"
    assert material_dates.last_on([block(made=NOBODY_KNOWS), block()]) is None
    (short,) = material_dates.faults([block(available_on=None)])
    assert short.code == "materials_missing"


def test_a_newer_plan_keeps_the_estimate_until_it_no_longer_names_the_child() -> None:
    first = families.with_children(orders.with_materials(OrderState(PARENT), plan()), child(SOON))
    second = orders.with_materials(first, plan(2))
    assert second.materials == first.materials
    gone = orders.with_materials(second, plan(3, listed=False))
    assert gone.materials == (MaterialDate(10, "BLOCK", DUE, DUE),)
    off = orders.with_materials(second, plan(3, from_child_order=Decimal(0)))
    assert off.materials[0].child_id is None


def test_a_child_that_is_over_leaves_it_to_materials_and_one_without_runs_to_its_due_date() -> None:
    state = OrderState(PARENT, materials=(block(),))
    assert families.with_children(state, child(None, is_over=True)) is state
    assert families.with_children(state, {}) is state
    assert families.with_children(state, child(SOON)) is state
    assert families.with_children(state, child(None)).materials[0].expected_on == DUE


def related(parents: Mapping[int, int | None]) -> dict[UUID, OrderState]:
    return {
        UUID(int=number): OrderState(
            UUID(int=number),
            production_order_number=f"MO-{number:03}",
            parent_id=None if above is None else UUID(int=above),
        )
        for number, above in parents.items()
    }


@given(st.dictionaries(st.integers(1, 12), st.none() | st.integers(1, 12), max_size=12))
def test_every_order_has_its_turn_once_and_children_before_parents(
    parents: dict[int, int | None],
) -> None:
    states = related(parents)
    turns = [order.id for order in families.children_first(states.values())]
    assert sorted(turns) == sorted(states)
    for order in states.values():
        above = [parent.id for parent in families.parents(order, states)]
        assert len({order.id, *above}) == len(above) + 1
        if not _reaches_circle(order.id, states):
            assert all(turns.index(order.id) < turns.index(parent) for parent in above)


def _reaches_circle(order_id: UUID, states: Mapping[UUID, OrderState]) -> bool:
    walked: set[UUID] = set()
    at: UUID | None = order_id
    while at is not None and at in states:
        if at in walked:
            return True
        walked.add(at)
        at = states[at].parent_id
    return False


def test_orders_without_children_keep_to_their_turns() -> None:
    states = related({3: None, 1: None, 2: 9})
    numbers = [order.production_order_number for order in families.children_first(states.values())]
    assert numbers == ["MO-001", "MO-002", "MO-003"]


def test_parents_that_are_not_known_are_asked_for_unless_the_child_is_over() -> None:
    states = related({1: 2, 2: 4, 3: 5})
    over = UUID(int=3)
    states[over] = replace(states[over], is_over=True)
    assert families.missing_parents(states) == {UUID(int=4)}
