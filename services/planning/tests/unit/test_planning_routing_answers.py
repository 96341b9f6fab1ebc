"""What routing's answers do to a production order."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lineside_contracts.planning import ProductionOrderStatus as Status
from lineside_contracts.problems import Fault
from lineside_contracts.routing import Expansion, ProductionRun
from lineside_planning.orders.domain import orders, routing_answers
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_testkit import builders

MakeExpansion = Callable[..., Expansion]
NO_ROUTING = (Fault(code="routing_missing", message="No active routing."),)


def planned(**over: Any) -> PlannedOrder:
    return PlannedOrder(builders.production_order(**over))


def test_an_expanded_order_is_routed(make_expansion: MakeExpansion) -> None:
    order = planned()
    answer = make_expansion(order.state, plant_code="SECOND")
    routed = routing_answers.expanded(order, answer)
    assert routed.state.status is Status.ROUTED
    assert (routed.state.routing_id, routed.state.routing_version) == (answer.routing_id, 1)
    assert (routed.state.plant_code, routed.state.expansion_version) == ("SECOND", 1)
    assert routed.state.work_order_count == 2


def test_a_failure_holds_the_order_and_an_expansion_returns_it(
    make_expansion: MakeExpansion,
) -> None:
    order = planned()
    held = routing_answers.failed(order, make_expansion(order.state, faults=NO_ROUTING))
    assert (held.state.status, held.state.held_by) == (Status.ON_HOLD, "system")
    assert (held.state.hold_reason, held.state.faults) == ("No active routing.", NO_ROUTING)
    back = routing_answers.expanded(held, make_expansion(held.state))
    assert back.state.status is Status.ROUTED
    assert (back.state.faults, back.state.held_by) == ((), None)


def test_a_released_order_returns_to_released(make_expansion: MakeExpansion) -> None:
    order = planned(status="released", expansion_version=1, planning_version=2)
    held = routing_answers.failed(order, make_expansion(order.state, faults=NO_ROUTING))
    assert held.state.status_before_hold is Status.RELEASED
    back = routing_answers.expanded(held, make_expansion(held.state))
    assert back.state.status is Status.RELEASED


def test_a_persons_hold_records_the_routing_and_stays(make_expansion: MakeExpansion) -> None:
    held = orders.hold(planned(), by="person", reason="Wait")
    routed = routing_answers.expanded(held, make_expansion(held.state))
    assert (routed.state.status, routed.state.held_by) == (Status.ON_HOLD, "person")
    assert routed.state.status_before_hold is Status.ROUTED
    assert routed.state.routing_code == "R-BROCHURE"


@pytest.mark.parametrize(
    "over",
    [
        {"planning_version": 2},
        {"expansion_version": 3},
        {"status": "cancelled"},
        {"status": "completed"},
    ],
)
def test_an_answer_to_an_older_question_means_nothing(
    over: dict[str, Any], make_expansion: MakeExpansion
) -> None:
    answer = make_expansion(planned().state, planning_version=1, version=3)
    assert routing_answers.is_outdated(planned(**over), answer)


def test_the_answer_awaited_is_taken(make_expansion: MakeExpansion) -> None:
    order = planned()
    assert not routing_answers.is_outdated(order, make_expansion(order.state))


def test_a_failure_after_work_started_is_only_noted(make_expansion: MakeExpansion) -> None:
    order = planned(status="in_progress", expansion_version=1)
    noted = routing_answers.failed(order, make_expansion(order.state, faults=NO_ROUTING))
    assert noted.state.status is Status.IN_PROGRESS
    assert [exception.code for exception in noted.state.exceptions] == ["routing_failed"]


def test_an_unknown_product_stays_a_reason_to_hold(make_expansion: MakeExpansion) -> None:
    fault = Fault(code="unknown_product", path="product_code", message="Unknown.")
    held = orders.hold(planned(faults=[fault]), by="system", reason="Unknown.")
    failed = routing_answers.failed(held, make_expansion(held.state, faults=NO_ROUTING))
    assert [f.code for f in failed.state.faults] == ["unknown_product", "routing_missing"]
    routed = routing_answers.expanded(failed, make_expansion(failed.state))
    assert routed.state.status is Status.ON_HOLD
    assert [f.code for f in routed.state.faults] == ["unknown_product"]


def test_runs_are_counted_as_the_floor_groups_them(
    make_run: Callable[..., ProductionRun],
) -> None:
    runs = (
        make_run(10, operation_type="fabrication"),
        make_run(20, operation_type="fabrication", predecessor_sequence_numbers=(10,)),
        make_run(30, operation_type="assembly", predecessor_sequence_numbers=(20,)),
    )
    assert routing_answers.count_work_orders(runs) == 2


def test_an_expansion_the_floor_refused_keeps_the_count(make_expansion: MakeExpansion) -> None:
    refused = Fault(
        code="replan_refused", path="work_orders[W]", message="m", facts={"planning_version": 2}
    )
    order = replace(
        planned(planning_version=2, work_order_count=5, exceptions=[refused], status="released"),
        previous_work_order_count=5,
    )
    routed = routing_answers.expanded(order, make_expansion(order.state))
    assert routed.state.work_order_count == 5
