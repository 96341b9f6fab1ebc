"""What a person decides about an order that ended short, and what a further order makes of it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import ProductionOrderStatus as Status, ResolveException
from lineside_contracts.problems import Fault, Problem
from lineside_contracts.sales import SalesOrderStatus
from lineside_planning.orders.domain import openings, resolutions, sales_lines
from lineside_planning.orders.domain.facts import ProductFacts, ProjectFacts
from lineside_planning.orders.domain.openings import Birth
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_testkit import builders

LATER = date(2027, 2, 1)
PRODUCT = ProductFacts(builders.BROCHURE, "Brochure", "PRINT", "EA", 0, "MAIN", "Europe/Berlin")
BIRTH = Birth(
    SYSTEM_CLOCK.new_id(),
    "MO-2026-000002",
    ProjectFacts(SYSTEM_CLOCK.new_id(), "P-1001", "Autumn campaign"),
    builders.ACTOR,
    builders.AT,
)


def short(code: str = "short_by", made: Decimal = Decimal(9_990)) -> PlannedOrder:
    note = Fault(code=code, path="quantity_completed", message="Decide.")
    state = builders.production_order(
        status="completed", exceptions=[note], quantity_completed=made
    )
    return PlannedOrder(state, confirmation_count=1)


def decision(order: PlannedOrder, **over: Any) -> ResolveException:
    note = order.state.exceptions[0]
    values = {
        "production_order_id": order.state.id,
        "code": note.code,
        "path": note.path,
        "reason": "Agreed",
    }
    return ResolveException.model_validate(values | over)


def resolve(order: PlannedOrder, request: ResolveException) -> PlannedOrder | Problem:
    return resolutions.resolve(order, request, by=builders.ACTOR, at=builders.AT)


@pytest.mark.parametrize("word", ["accept", "keep"])
def test_what_is_accepted_is_let_be(word: str) -> None:
    order = short()
    request = decision(order, decision=word)
    settled = resolve(order, request)
    assert isinstance(settled, PlannedOrder)
    assert (settled.state.exceptions, settled.state.status) == ((), Status.COMPLETED)
    assert resolutions.missing_goods(settled.state, request) is None


@given(st.integers(0, 10_000))
def test_what_is_missing_is_made_once_and_no_more(made: int) -> None:
    order = short(made=Decimal(made))
    goods = resolutions.missing_goods(order.state, decision(order, decision="top_up"))
    missing = goods.quantity if goods else Decimal(0)
    assert made + missing == order.state.quantity_ordered


def test_what_is_rescheduled_is_due_another_day() -> None:
    order = short()
    goods = resolutions.missing_goods(
        order.state, decision(order, decision="reschedule", due_date=LATER)
    )
    assert goods is not None
    assert (goods.quantity, goods.due_date) == (Decimal(10), LATER)


@pytest.mark.parametrize(
    ("over", "faults"),
    [
        ({"decision": "reschedule"}, ["due_date_required"]),
        ({"decision": "top_up", "due_date": "2027-02-01"}, ["due_date_idle"]),
    ],
    ids=["a date lacks", "a date is idle"],
)
def test_a_date_belongs_to_rescheduling(over: dict[str, Any], faults: list[str]) -> None:
    order = short()
    refused = resolve(order, decision(order, **over))
    assert isinstance(refused, Problem)
    assert [fault.code for fault in refused.faults] == faults


@pytest.mark.parametrize("word", ["accept", "top_up"])
def test_only_what_ended_short_is_accepted_or_topped_up(word: str) -> None:
    order = short(code="amend_in_progress")
    refused = resolve(order, decision(order, decision=word))
    assert isinstance(refused, Problem)
    assert [fault.code for fault in refused.faults] == ["not_short"]


def test_a_top_up_belongs_to_the_sales_order_and_not_to_its_line() -> None:
    order = short()
    goods = resolutions.missing_goods(order.state, decision(order, decision="top_up"))
    assert goods is not None
    top_up = openings.open_top_up(order, goods, birth=BIRTH, product=PRODUCT)
    assert (top_up.state.sales_order_id, top_up.state.sales_line_number) == (
        order.state.sales_order_id,
        None,
    )
    sales_order = builders.sales_order(
        id=order.state.sales_order_id, version=2, confirmation_count=1
    )
    amended = sales_lines.reconcile(sales_order, [order, top_up], {builders.BROCHURE: PRODUCT})
    assert [change.before for change in amended.changes if change.before is top_up] == []
    gone = sales_order.model_copy(update={"status": SalesOrderStatus.CANCELLED, "version": 3})
    called_off = sales_lines.reconcile(gone, [order, top_up], {builders.BROCHURE: PRODUCT})
    (change,) = [change for change in called_off.changes if change.before is top_up]
    assert change.after.state.status is Status.CANCELLED
