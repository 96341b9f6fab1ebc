"""What a person may change of a work order, and what not."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import (
    CreateWorkOrder,
    WorkOrder,
    WorkOrderChange,
    WorkOrderStatus as S,
)
from lineside_contracts.values import Actor
from lineside_shopfloor.places.domain.facts import Facts, PlantFacts, Stamp
from lineside_shopfloor.work_orders.domain import by_hand as deciding
from lineside_shopfloor.work_orders.domain.outcomes import Outcome

STAMP = Stamp(at=datetime(2026, 12, 1, 8, tzinfo=UTC), by=Actor(id="s", name="Sam Supervisor"))
FACTS = Facts(
    plants={"MAIN": PlantFacts(UUID(int=1), "MAIN", "Main works", "Europe/Berlin")},
    department_ids={"PRINT": UUID(int=2)},
)


@pytest.fixture
def work_order(by_hand: Callable[..., CreateWorkOrder]) -> WorkOrder:
    operations = [{"operation_number": 10, "operation_name": "Cut", "run_minutes": "45"}]
    return deciding.make(
        by_hand(quantity_ordered="2.50", operations=operations),
        number="WO-2026-1",
        project=(UUID(int=3), "Autumn campaign"),
        facts=FACTS,
        stamp=STAMP,
        new_id=SYSTEM_CLOCK.new_id,
    ).work_order


def change(work_order: WorkOrder, **fields: Any) -> Outcome | Problem:
    return deciding.change(work_order, WorkOrderChange(**fields), facts=FACTS, stamp=STAMP)


def test_operations_take_and_give_the_whole_quantity(work_order: WorkOrder) -> None:
    (operation,) = work_order.operations
    assert (operation.planned_input, operation.planned_output) == (Decimal("2.50"),) * 2
    assert (operation.planned_hours, operation.unit_decimals) == (Decimal("0.75"), 1)


def test_fields_that_are_absent_stay(work_order: WorkOrder) -> None:
    outcome = change(work_order, priority="urgent", department_code="PRINT")
    assert isinstance(outcome, Outcome)
    after = outcome.work_order
    assert (after.priority, after.department_id, after.version) == ("urgent", UUID(int=2), 2)
    assert after.description == work_order.description
    assert outcome.touched == {"priority", "department_code", "department_id"}


def test_nothing_new_is_no_change(work_order: WorkOrder) -> None:
    outcome = change(work_order, priority=work_order.priority)
    assert isinstance(outcome, Outcome)
    assert (outcome.work_order, outcome.events) == (work_order, ())


def test_a_new_quantity_is_that_of_the_operations_too(work_order: WorkOrder) -> None:
    outcome = change(work_order, quantity_ordered="7")
    assert isinstance(outcome, Outcome)
    assert outcome.work_order.operations[0].planned_input == 7


def test_a_date_set_by_hand_replaces_the_planned_instant(work_order: WorkOrder) -> None:
    planned = work_order.model_copy(update={"planned_start_at": STAMP.at})
    outcome = change(planned, planned_start_date=date(2026, 12, 3))
    assert isinstance(outcome, Outcome)
    assert outcome.work_order.planned_start_at is None


@pytest.mark.parametrize(
    ("state", "fields", "code"),
    [
        ({"status": S.COMPLETED}, {"priority": "low"}, "work_order_final"),
        ({"status": S.IN_PROGRESS}, {"quantity_ordered": "7"}, "work_started"),
        ({"production_order_id": UUID(int=9)}, {"quantity_ordered": "7"}, "quantity_planned"),
        ({}, {"department_code": "NOBODY"}, "unknown_department"),
        (
            {"planned_start_date": date(2026, 12, 10)},
            {"planned_end_date": date(2026, 12, 9)},
            "inverted_dates",
        ),
    ],
)
def test_what_may_not_change_is_refused_with_its_reason(
    work_order: WorkOrder, state: dict[str, Any], fields: dict[str, Any], code: str
) -> None:
    refused = change(work_order.model_copy(update=state), **fields)
    assert isinstance(refused, Problem)
    assert [fault.code for fault in refused.faults] == [code]
