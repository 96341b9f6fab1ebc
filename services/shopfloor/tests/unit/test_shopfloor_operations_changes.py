"""What people change of operations: added before work starts, completed in sequence."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    AddOperation,
    CompleteWorkOrder,
    CreateWorkOrder,
    OperationChange,
    OperationStatus,
    WorkOrder,
    WorkOrderOperationCompleted,
    WorkOrderStatus,
)
from lineside_contracts.values import Actor
from lineside_shopfloor.places.domain.facts import Facts, PlantFacts, Stamp
from lineside_shopfloor.work_orders.domain import (
    added_operations,
    by_hand as deciding,
    endings,
    operation_changes,
    operations,
    outcomes,
)
from lineside_shopfloor.work_orders.domain.outcomes import Outcome

STAMP = Stamp(at=datetime(2026, 12, 1, 8, tzinfo=UTC), by=Actor(id="s", name="Sam Supervisor"))
FACTS = Facts(plants={"MAIN": PlantFacts(UUID(int=1), "MAIN", "Main works", "Europe/Berlin")})
NEW_ID = UUID(int=99)


@pytest.fixture
def work_order(by_hand: Callable[..., CreateWorkOrder]) -> WorkOrder:
    asked = [
        {"operation_number": 10, "operation_name": "Cut", "run_minutes": "50"},
        {"operation_number": 20, "operation_name": "Drill", "is_concurrent": True},
        {"operation_number": 30, "operation_name": "Weld"},
    ]
    return deciding.make(
        by_hand(quantity_ordered="100", operations=asked),
        number="WO-2026-1",
        project=None,
        facts=FACTS,
        stamp=STAMP,
        new_id=SYSTEM_CLOCK.new_id,
    ).work_order


def add(work_order: WorkOrder, number: int, **over: Any) -> Outcome | Problem:
    request = AddOperation(
        work_order_id=work_order.id, operation_number=number, operation_name="Inspect", **over
    )
    siblings = over.pop("siblings", ())
    return added_operations.add(work_order, request, siblings=siblings, stamp=STAMP, new_id=NEW_ID)


def standing(work_order: WorkOrder, status: WorkOrderStatus) -> WorkOrder:
    return work_order.model_copy(update={"status": status})


def test_concurrent_operations_made_by_hand_join_in_the_next(work_order: WorkOrder) -> None:
    before = {o.operation_number: o.predecessor_operation_numbers for o in work_order.operations}
    assert before == {10: (), 20: (), 30: (10, 20)}


def test_a_unit_of_work_made_by_hand_takes_its_share_of_the_whole(work_order: WorkOrder) -> None:
    assert work_order.operations[0].run_seconds_per_unit == Decimal(30)


def test_an_added_operation_takes_what_the_one_before_it_gives(work_order: WorkOrder) -> None:
    outcome = add(work_order, 25, run_minutes="100")
    assert isinstance(outcome, Outcome)
    added = outcome.work_order.operations[2]
    assert (added.id, added.planned_input, added.predecessor_operation_numbers) == (
        NEW_ID,
        Decimal(100),
        (10, 20),
    )
    assert outcome.work_order.operations[3].predecessor_operation_numbers == (25,)
    assert (added.run_seconds_per_unit, outcome.work_order.version) == (Decimal(60), 2)


@pytest.mark.parametrize("status", ["in_progress", "completed", "cancelled"])
def test_nothing_is_added_once_work_has_started(work_order: WorkOrder, status: str) -> None:
    refused = add(standing(work_order, WorkOrderStatus(status)), 25)
    assert isinstance(refused, Problem)
    assert refused.facts == {"status": status}


def test_a_number_is_unique_in_the_order_and_the_first_stands_beside_none(
    work_order: WorkOrder,
) -> None:
    twice = add(work_order, 20)
    assert isinstance(twice, Problem)
    assert [f.code for f in twice.faults] == ["duplicate_operation_number"]
    first = add(work_order, 5, is_concurrent=True)
    assert isinstance(first, Problem)
    assert [f.code for f in first.faults] == ["first_is_concurrent"]


def test_what_follows_another_work_order_keeps_its_last_operation(work_order: WorkOrder) -> None:
    follower = work_order.model_copy(
        update={
            "id": UUID(int=7),
            "operations": (),
            "predecessor_work_order_ids": (work_order.id,),
        }
    )
    request = AddOperation(
        work_order_id=work_order.id, operation_number=40, operation_name="Inspect"
    )
    refused = added_operations.add(
        work_order, request, siblings=[follower], stamp=STAMP, new_id=NEW_ID
    )
    assert isinstance(refused, Problem)
    assert [f.code for f in refused.faults] == ["followed_by_work_order"]


def test_new_times_are_new_hours_and_only_before_it_begins(work_order: WorkOrder) -> None:
    first = work_order.operations[0]
    change = OperationChange(run_minutes=Decimal(90), setup_minutes=Decimal(30))
    outcome = operation_changes.change(work_order, first.id, change, stamp=STAMP)
    assert isinstance(outcome, Outcome)
    assert outcome.work_order.operations[0].planned_hours == 2
    begun = first.model_copy(update={"status": OperationStatus.IN_PROGRESS})
    running = work_order.model_copy(
        update={"operations": operations.replaced(work_order, [begun])}  # type: ignore[list-item]
    )
    refused = operation_changes.change(running, first.id, change, stamp=STAMP)
    assert isinstance(refused, Problem)
    assert [f.path for f in refused.faults] == ["change.setup_minutes", "change.run_minutes"]


def test_operations_are_completed_in_sequence_and_concurrent_ones_freely(
    work_order: WorkOrder,
) -> None:
    released = standing(work_order, WorkOrderStatus.RELEASED)
    first, second, last = operations.operations_of(released)
    refused = operation_changes.completion_problem(released, last)
    assert refused is not None
    assert (refused.code, refused.facts) == (
        ProblemCode.PREVIOUS_OPERATIONS_INCOMPLETE,
        {"operation_number": 30, "incomplete_operations": [10, 20]},
    )
    assert operation_changes.completion_problem(released, second) is None
    done = [operations.completed(o, stamp=STAMP) for o in (first, second)]
    after = outcomes.progressed(
        Outcome(released), {"operations": operations.replaced(released, done)}, stamp=STAMP
    )
    assert operation_changes.completion_problem(after.work_order, last) is None
    said = [e for e in after.events if isinstance(e, WorkOrderOperationCompleted)]
    assert [(e.operation.operation_number, e.operation.version) for e in said] == [(10, 1), (20, 1)]


def test_stated_hours_stand_beside_those_of_the_logs(work_order: WorkOrder) -> None:
    operation = operations.operations_of(work_order)[0]
    logged = operation.model_copy(update={"actual_hours": Decimal("1.5")})
    done = operations.completed(logged, stamp=STAMP, stated_hours=Decimal(2))
    assert (done.actual_hours, done.stated_hours, done.completed_by) == (
        Decimal("1.5"),
        Decimal(2),
        STAMP.by,
    )
    assert operations.completed(done, stamp=STAMP) is done


def test_below_quantity_somebody_says_why(work_order: WorkOrder) -> None:
    running = work_order.model_copy(
        update={"status": WorkOrderStatus.IN_PROGRESS, "quantity_completed": Decimal(90)}
    )
    silent = CompleteWorkOrder(work_order_id=running.id, reason=" ")
    refused = endings.completion_problem(running, silent)
    assert refused is not None
    assert (refused.code, refused.facts["short_by"]) == (ProblemCode.REASON_REQUIRED, "10")
    told = CompleteWorkOrder(work_order_id=running.id, reason="The coil ran out.")
    assert endings.completion_problem(running, told) is None
    early = endings.completion_problem(standing(running, WorkOrderStatus.RELEASED), told)
    assert early is not None
    assert early.facts == {
        "from": "released",
        "to": "completed",
        "allowed": ["in_progress", "cancelled"],
    }


def test_what_is_in_process_is_decided_before_a_running_order_is_called_off(
    work_order: WorkOrder,
) -> None:
    running = standing(work_order, WorkOrderStatus.IN_PROGRESS)
    there = {30: Decimal(4), 10: Decimal(6)}
    refused = endings.cancellation_problem(running, in_process=there, is_decided=False)
    assert refused is not None
    assert refused.facts == {"at_operations": [10, 30], "quantities": {"10": "6", "30": "4"}}
    assert endings.cancellation_problem(running, in_process=there, is_decided=True) is None
    planned = endings.cancellation_problem(work_order, in_process={}, is_decided=False)
    assert planned is None
