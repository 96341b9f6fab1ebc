"""What answers of materials and capacity do to a production order."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lineside_contracts.planning import CapacityPlan, MaterialPlan, ProductionOrderStatus as Status
from lineside_contracts.problems import Fault
from lineside_contracts.routing import Expansion
from lineside_planning.orders.domain import orders, readiness, routing_answers
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_testkit import builders

MakeExpansion = Callable[..., Expansion]
PAPER = builders.material_requirement(
    short_quantity=Decimal(500), available_on=date(2026, 12, 12), needed_quantity=Decimal(10_500)
)


def routed(**over: Any) -> PlannedOrder:
    values = {"status": "routed", "expansion_version": 1} | over
    state = builders.production_order(**values)
    return PlannedOrder(state, expanded_planning_version=state.planning_version)


def short(order: PlannedOrder, **over: Any) -> MaterialPlan:
    values = {"status": "short", "requirements": [PAPER], "available_on": date(2026, 12, 12)}
    return builders.material_plan(order.state, **(values | over))


def answered(order: PlannedOrder, *plans: MaterialPlan | CapacityPlan) -> PlannedOrder:
    """Take answers as the consumer does, releasing where it may."""
    for plan in plans:
        if isinstance(plan, CapacityPlan):
            order = readiness.take_capacity(order, plan)
        elif readiness.is_news_of_materials(order, plan):
            order = readiness.take_materials(order, plan)
    return readiness.release_if_ready(order, releases=True)


@pytest.mark.parametrize("status", ["planned", "routed", "released"])
def test_a_shortage_holds_what_has_not_started_and_names_each_component(status: str) -> None:
    order = routed(status=status)
    second = builders.material_requirement(
        short_quantity=Decimal(250), needed_on=date(2026, 12, 8), available_on=None
    )
    held = answered(order, short(order, requirements=[PAPER, second]))
    assert (held.state.status, held.state.held_by) == (Status.ON_HOLD, "system")
    assert held.state.status_before_hold == status
    (fault,) = held.state.faults
    assert (fault.code, fault.path) == ("material_shortage", "materials[PAPER]")
    assert fault.facts == {
        "component_code": "PAPER",
        "needed": "21000",
        "short": "750",
        "unit": "SHEET",
        "needed_on": "2026-12-08",
        "available_on": None,
    }


def test_an_order_in_progress_is_not_held_but_noted_until_the_shortage_is_gone() -> None:
    order = routed(status="in_progress")
    noted = answered(order, short(order))
    assert (noted.state.status, noted.state.faults) == (Status.IN_PROGRESS, ())
    assert [e.code for e in noted.state.exceptions] == ["material_shortage"]
    back = answered(noted, builders.material_plan(order.state, version=2))
    assert back.state.exceptions == ()


def test_when_everything_is_there_the_order_returns_to_the_state_it_left() -> None:
    order = routed(status="released")
    held = answered(order, short(order))
    back = answered(held, builders.material_plan(order.state, version=2, status="expected"))
    assert (back.state.status, back.state.faults) == (Status.RELEASED, ())


def test_a_fault_of_routing_goes_on_holding() -> None:
    fault = Fault(code="routing_missing", message="No active routing.")
    order = orders.hold(routed(faults=[fault]), by="system", reason="x")
    held = answered(order, short(order), builders.material_plan(order.state, version=2))
    assert (held.state.status, held.state.faults) == (Status.ON_HOLD, (fault,))
    assert held.state.hold_reason == "No active routing."


def test_a_persons_hold_never_lifts_by_itself() -> None:
    order = orders.hold(routed(), by="person", reason="Wait")
    both = (builders.material_plan(order.state, version=2), builders.capacity_plan(order.state))
    held = answered(order, short(order), *both)
    assert (held.state.status, held.state.held_by) == (Status.ON_HOLD, "person")
    assert (held.state.materials_status, held.state.capacity_status) == ("covered", "feasible")


@pytest.mark.parametrize("materials", ["covered", "expected"])
def test_an_order_is_released_when_the_last_answer_allows_it(materials: str) -> None:
    order = routed()
    plan = builders.material_plan(order.state, status=materials)
    check = builders.capacity_plan(order.state)
    assert answered(order, plan).state.status is Status.ROUTED
    assert answered(order, check).state.status is Status.ROUTED
    for plans in ((plan, check), (check, plan)):
        assert answered(order, *plans).state.status is Status.RELEASED


def test_an_infeasible_order_is_not_released_and_keeps_its_estimate() -> None:
    order = routed()
    check = builders.capacity_plan(order.state, status="infeasible", is_feasible=False)
    kept = answered(order, builders.material_plan(order.state), check)
    assert kept.state.status is Status.ROUTED
    assert kept.state.estimated_completion_at == check.estimated_completion_at


@pytest.mark.parametrize("over", [{"planning_version": 1}, {"expansion_version": 1}])
def test_an_answer_to_an_older_question_means_nothing(over: dict[str, int]) -> None:
    order = routed(planning_version=2, expansion_version=2)
    assert answered(order, short(order, **over)) == order
    assert answered(order, builders.capacity_plan(order.state, **over)) == order


def test_an_answer_for_another_due_date_releases_nothing() -> None:
    order = routed()
    sooner = order.state.due_date - timedelta(days=9)
    ready = answered(order, builders.material_plan(order.state))
    for due_date, status in ((sooner, Status.ROUTED), (order.state.due_date, Status.RELEASED)):
        check = builders.capacity_plan(order.state, due_date=due_date)
        assert answered(ready, check).state.status is status


def test_a_new_quantity_keeps_the_shortage_until_materials_have_answered(
    make_expansion: MakeExpansion,
) -> None:
    order = routed()
    held = answered(order, short(order))
    less = orders.replan(held.having(quantity_ordered=Decimal(100)))
    again = routing_answers.expanded(less, make_expansion(less.state, planning_version=2))
    assert (again.state.status, len(again.state.faults)) == (Status.ON_HOLD, 1)
    assert again.state.materials_status == "unknown"
    plan = builders.material_plan(again.state, version=2)
    back = answered(again, plan, builders.capacity_plan(again.state))
    assert back.state.status is Status.RELEASED


def test_answers_that_come_before_the_expansion_count_when_it_comes(
    make_expansion: MakeExpansion,
) -> None:
    order = PlannedOrder(builders.production_order())
    early = answered(
        order, builders.material_plan(order.state), builders.capacity_plan(order.state)
    )
    assert early.state.status is Status.PLANNED
    after = routing_answers.expanded(early, make_expansion(order.state))
    assert readiness.release_if_ready(after, releases=False).state.status is Status.ROUTED
    assert readiness.release_if_ready(after, releases=True).state.status is Status.RELEASED


def test_a_finished_order_is_not_touched_but_remembers_the_answer() -> None:
    order = routed(status="cancelled")
    after = answered(order, short(order, planning_version=1, version=7))
    assert (after.state, after.materials.version) == (order.state, 7)


@given(st.permutations(range(6)), st.data())
def test_whatever_the_order_of_arrival_the_newest_answers_decide(
    arrival: list[int], data: st.DataObject
) -> None:
    order = routed()
    kinds = st.sampled_from(("covered", "expected", "short"))
    plans: list[MaterialPlan | CapacityPlan] = []
    for version in (1, 2, 3):
        status = data.draw(kinds)
        plan = short if status == "short" else builders.material_plan
        about: Any = order if status == "short" else order.state
        plans.append(plan(about, version=version, status=status))
        fits = data.draw(st.booleans())
        status = "feasible" if fits else "infeasible"
        plans.append(
            builders.capacity_plan(order.state, version=version, status=status, is_feasible=fits)
        )
    after = order
    for position in arrival:
        # released orders stay released: only the answers' own effect is compared
        plan_ = plans[position]
        if isinstance(plan_, CapacityPlan):
            after = readiness.take_capacity(after, plan_)
        elif readiness.is_news_of_materials(after, plan_):
            after = readiness.take_materials(after, plan_)
    in_turn = order
    for plan_ in plans[-2:]:
        if isinstance(plan_, CapacityPlan):
            in_turn = readiness.take_capacity(in_turn, plan_)
        else:
            in_turn = readiness.take_materials(in_turn, plan_)
    assert after == in_turn
