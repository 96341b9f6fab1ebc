"""What a person may do with a production order."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lineside_contracts.planning import ProductionOrderChange, ProductionOrderStatus as Status
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_planning.orders.domain import orders, person_actions
from lineside_planning.orders.domain.facts import TenantFacts
from lineside_planning.orders.domain.orders import Answer, PlannedOrder
from lineside_testkit import builders


def planned(**over: Any) -> PlannedOrder:
    return PlannedOrder(builders.production_order(**over))


def done(answer: PlannedOrder | Problem) -> PlannedOrder:
    assert isinstance(answer, PlannedOrder)
    return answer


def refused(answer: PlannedOrder | Problem) -> Problem:
    assert isinstance(answer, Problem)
    return answer


def test_a_routed_order_is_released() -> None:
    assert done(person_actions.release(planned(status="routed"))).state.status is Status.RELEASED


@pytest.mark.parametrize("status", ["planned", "released", "in_progress", "completed", "cancelled"])
def test_nothing_else_is_released_and_the_answer_names_what_is_allowed(status: str) -> None:
    problem = refused(person_actions.release(planned(status=status)))
    assert problem.code is ProblemCode.INVALID_STATUS_TRANSITION
    assert problem.facts["from"] == status
    assert problem.facts["to"] == "released"
    assert problem.facts["allowed"] == list(person_actions.ALLOWED.get(Status(status), ()))


def test_a_persons_hold_is_resumed_to_where_the_order_stands() -> None:
    held = done(person_actions.hold(planned(status="routed"), reason="Wait"))
    assert (held.state.held_by, held.state.hold_reason) == ("person", "Wait")
    resumed = done(person_actions.resume(held, releases=False))
    assert resumed.state.status is Status.ROUTED


def test_resuming_releases_what_is_ready_where_the_tenant_wants_it() -> None:
    held = done(person_actions.hold(planned(status="routed"), reason=None))
    assert done(person_actions.resume(held, releases=True)).state.status is Status.ROUTED
    state = builders.production_order(
        status="routed",
        expansion_version=1,
        materials_status="covered",
        capacity_status="feasible",
    )
    answered = replace(
        PlannedOrder(state),
        expanded_planning_version=1,
        materials=Answer(1, 1, state.due_date),
        capacity=Answer(1, 1, state.due_date),
    )
    held = done(person_actions.hold(answered, reason=None))
    assert done(person_actions.resume(held, releases=True)).state.status is Status.RELEASED
    assert done(person_actions.resume(held, releases=False)).state.status is Status.ROUTED


def test_a_systems_hold_is_not_resumed_by_hand() -> None:
    held = orders.hold(planned(), by="system", reason="No routing")
    assert refused(person_actions.resume(held, releases=False)).facts["from"] == "on_hold"


def test_resuming_what_still_has_no_routing_leaves_it_to_the_system() -> None:
    fault = Fault(code="routing_missing", message="No active routing.")
    held = orders.hold(planned(faults=[fault]), by="person", reason="Wait")
    resumed = done(person_actions.resume(held, releases=False))
    assert (resumed.state.status, resumed.state.held_by) == (Status.ON_HOLD, "system")


def test_a_final_order_is_neither_held_nor_cancelled() -> None:
    completed = planned(status="completed")
    assert refused(person_actions.hold(completed, reason=None)).facts["allowed"] == ["closed"]
    assert refused(person_actions.cancel(completed, reason="x")).facts["to"] == "cancelled"


def test_a_completed_order_is_closed_and_nothing_else_is() -> None:
    assert done(person_actions.close(planned(status="completed"))).state.status is Status.CLOSED
    problem = refused(person_actions.close(planned(status="in_progress")))
    assert (problem.facts["to"], problem.facts["allowed"]) == ("closed", ["on_hold", "cancelled"])


def test_what_is_completed_under_a_persons_hold_is_not_cancelled() -> None:
    held = orders.hold(planned(status="in_progress"), by="person", reason="Wait")
    made = orders.advance(held, Status.COMPLETED)
    assert refused(person_actions.cancel(made, reason="x")).facts["to"] == "cancelled"


def test_a_short_order_is_not_released_by_hand_and_the_answer_says_what_is_missing() -> None:
    fault = Fault(code="material_shortage", path="materials[PAPER]", message="500 missing.")
    held = orders.hold(planned(status="routed", faults=[fault]), by="system", reason="500 missing.")
    problem = refused(person_actions.release(held))
    assert problem.faults == (fault,)
    assert "500 missing." in problem.detail


def test_an_order_whose_work_was_called_off_is_not_released_before_somebody_decides() -> None:
    note = Fault(code="all_work_cancelled", path="work_orders", message="Nothing is left.")
    problem = refused(person_actions.release(planned(status="routed", exceptions=[note])))
    assert problem.faults == (note,)


def test_a_suspended_organisation_starts_nothing_new() -> None:
    assert person_actions.starting_problem(TenantFacts()) is None
    problem = person_actions.starting_problem(TenantFacts(is_active=False))
    assert problem is not None
    assert problem.status == 403


def test_cancelling_work_in_progress_asks_what_becomes_of_it() -> None:
    order = planned(status="in_progress")
    problem = refused(person_actions.cancel(order, reason=None))
    assert problem.code is ProblemCode.ORDER_IN_PROGRESS
    cancelled = done(person_actions.cancel(order, reason="scrap it"))
    assert (cancelled.state.status, cancelled.cancelled_by) == (Status.CANCELLED, "person")


def test_a_new_quantity_asks_for_a_new_expansion_and_a_new_date_does_not() -> None:
    order = planned()
    later = builders.DUE_ON + timedelta(days=1)
    dated = done(person_actions.change(order, ProductionOrderChange(due_date=later)))
    assert (dated.state.due_date, dated.state.planning_version) == (later, 1)
    more = done(person_actions.change(order, ProductionOrderChange(quantity=Decimal(11_000))))
    assert (more.state.quantity_ordered, more.state.planning_version) == (Decimal(11_000), 2)


@pytest.mark.parametrize("status", ["in_progress", "completed", "cancelled"])
def test_an_order_that_has_started_is_not_changed(status: str) -> None:
    answer = person_actions.change(planned(status=status), ProductionOrderChange(priority="low"))
    assert refused(answer).code is ProblemCode.ORDER_IN_PROGRESS


def test_half_a_piece_is_refused() -> None:
    wish = ProductionOrderChange(quantity=Decimal("1.5"))
    (fault,) = refused(person_actions.change(planned(), wish)).faults
    assert (fault.code, fault.path) == ("too_many_decimals", "change.quantity")


def test_a_change_decided_on_another_version_is_refused() -> None:
    order = planned(version=3)
    assert person_actions.check_version(order, 3) is None
    assert person_actions.check_version(order, None) is None
    problem = person_actions.check_version(order, 2)
    assert problem is not None
    assert problem.status == 412
