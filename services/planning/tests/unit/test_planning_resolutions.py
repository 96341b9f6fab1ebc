"""What a person decides about a planning exception."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lineside_contracts.planning import ProductionOrderStatus as Status, ResolveException
from lineside_contracts.problems import Fault, Problem
from lineside_contracts.values import Priority
from lineside_planning.orders.domain import resolutions
from lineside_planning.orders.domain.orders import Ask, PlannedOrder
from lineside_testkit import builders

PATH = "sales_order.lines[1]"


def noted(code: str, *, path: str = PATH, product: str = builders.BROCHURE) -> PlannedOrder:
    note = Fault(code=code, path=path, message="Decide.")
    state = builders.production_order(status="in_progress", exceptions=[note])
    ask = Ask(product, Decimal(12_000), date(2026, 12, 20), Priority.HIGH)
    return PlannedOrder(state, ask=ask)


def decide(order: PlannedOrder, **over: Any) -> PlannedOrder | Problem:
    note = order.state.exceptions[0]
    values = {
        "production_order_id": order.state.id,
        "code": note.code,
        "path": note.path,
        "decision": "keep",
        "reason": "Agreed by phone",
    }
    request = ResolveException.model_validate(values | over)
    return resolutions.resolve(order, request, by=builders.ACTOR, at=builders.AT)


def done(answer: PlannedOrder | Problem) -> PlannedOrder:
    assert isinstance(answer, PlannedOrder)
    return answer


def test_keeping_takes_the_note_off_and_remembers_who_decided_and_why() -> None:
    kept = done(decide(noted("amend_in_progress")))
    assert kept.state.exceptions == ()
    assert kept.state.quantity_ordered == Decimal(10_000)
    (record,) = kept.resolutions
    assert (record["decision"], record["reason"]) == ("keep", "Agreed by phone")
    assert record["decided_by"]["name"] == "Toni Tester"


def test_following_sales_takes_over_what_was_asked_and_plans_anew() -> None:
    followed = done(decide(noted("amend_in_progress"), decision="follow_sales"))
    state = followed.state
    assert (state.quantity_ordered, state.due_date) == (Decimal(12_000), date(2026, 12, 20))
    assert (state.priority, state.planning_version) == (Priority.HIGH, 2)
    assert (state.status, state.exceptions) == (Status.IN_PROGRESS, ())


def test_work_that_has_begun_cannot_become_another_product() -> None:
    order = noted("amend_in_progress", product=builders.BOOK)
    answer = decide(order, decision="follow_sales")
    assert isinstance(answer, Problem)
    assert answer.status == 409


@pytest.mark.parametrize(
    ("code", "by"), [("cancel_in_progress", "sales"), ("child_need_gone", "parent")]
)
def test_following_a_cancellation_calls_the_order_off(code: str, by: str) -> None:
    followed = done(decide(noted(code), decision="follow_sales"))
    assert (followed.state.status, followed.cancelled_by) == (Status.CANCELLED, by)


def test_keeping_an_order_whose_work_was_called_off_plans_its_work_anew() -> None:
    kept = done(decide(noted("all_work_cancelled", path="work_orders")))
    assert (kept.state.planning_version, kept.state.exceptions) == (2, ())


def test_where_nobody_asks_for_anything_there_is_nothing_to_follow() -> None:
    answer = decide(noted("short_by", path="quantity_completed"), decision="follow_sales")
    assert isinstance(answer, Problem)
    assert answer.status == 422


def test_an_exception_that_is_not_there_is_not_resolved() -> None:
    answer = decide(noted("amend_in_progress"), path="elsewhere")
    assert isinstance(answer, Problem)
    assert answer.status == 404
    assert answer.facts["exceptions"] == [{"code": "amend_in_progress", "path": PATH}]
