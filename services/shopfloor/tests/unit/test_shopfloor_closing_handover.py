"""What one shift hands over to the next: how far work is, and which trouble is still open."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.shopfloor import CreateWorkOrder, HandoverIssue, WorkOrder, WorkOrderStatus
from lineside_contracts.values import Actor, Priority
from lineside_shopfloor.execution.domain import handover
from lineside_shopfloor.execution.domain.handover import Happened, Report, Reported, Resumption
from lineside_shopfloor.places.domain.facts import Facts, PlantFacts, Stamp
from lineside_shopfloor.work_orders.domain import by_hand as making, operations

AT = datetime(2026, 12, 1, 14, tzinfo=UTC)
BEGUN = AT - timedelta(hours=8)
STAMP = Stamp(at=BEGUN, by=Actor(id="s", name="Sam Supervisor"))
FACTS = Facts(plants={"MAIN": PlantFacts(UUID(int=1), "MAIN", "Main works", "Europe/Berlin")})
LANE = UUID(int=8)


@pytest.fixture
def work_order(by_hand: Callable[..., CreateWorkOrder]) -> WorkOrder:
    asked = [
        {"operation_number": 10, "operation_name": "Cut"},
        {"operation_number": 20, "operation_name": "Drill", "is_concurrent": True},
    ]
    made = making.make(
        by_hand(quantity_ordered="300", operations=asked),
        number="WO-2026-1",
        project=None,
        facts=FACTS,
        stamp=STAMP,
        new_id=SYSTEM_CLOCK.new_id,
    ).work_order
    begun = {"status": WorkOrderStatus.IN_PROGRESS, "actual_start_at": BEGUN}
    return made.model_copy(update=begun)


def trouble(minutes: int, *, is_stop: bool = True, number: int = 10) -> Report:
    issue = HandoverIssue(
        production_log_id=SYSTEM_CLOCK.new_id(),
        kind="pause" if is_stop else "issue",
        stops_production=is_stop,
        operation_number=number,
        happened_at=BEGUN + timedelta(minutes=minutes),
        logged_by_name="Ola Operator",
    )
    return Report((number, LANE), is_stop, issue)


def resumed(minutes: int, number: int = 10) -> Resumption:
    return Resumption((number, LANE), BEGUN + timedelta(minutes=minutes))


def still_open(work_order: WorkOrder, *reports: Report, **over: Any) -> list[UUID]:
    told = handover.open_issues(work_order, Happened(reports=reports, **over), at=AT)
    return [issue.production_log_id for issue in told]


def test_a_stop_is_open_until_work_goes_on_there(work_order: WorkOrder) -> None:
    first, second, elsewhere = trouble(10), trouble(50), trouble(20, number=20)
    left = still_open(work_order, first, second, elsewhere, resumptions=[resumed(30)])
    ids = [r.issue.production_log_id for r in (second, elsewhere)]
    assert left == ids


def test_what_stopped_nothing_is_open_until_its_operation_is_complete(
    work_order: WorkOrder,
) -> None:
    noise = trouble(10, is_stop=False)
    assert still_open(work_order, noise, resumptions=[resumed(30)])
    done = operations.completed(operations.operations_of(work_order)[0], stamp=STAMP)
    after = work_order.model_copy(update={"operations": operations.replaced(work_order, [done])})
    assert not still_open(after, noise)


def test_progress_is_that_of_the_operation_that_gave_least(work_order: WorkOrder) -> None:
    happened = {
        work_order.id: Happened(
            reported={
                10: Reported(good=Decimal(200), scrap=Decimal(4)),
                20: Reported(good=Decimal(100), scrap=Decimal(1)),
            }
        )
    }
    (item,) = handover.handed_over([work_order], happened, at=AT)
    assert (item.quantity_completed, item.scrap_quantity) == (Decimal(100), Decimal(5))
    assert item.progress_percentage == Decimal("33.3")


def test_the_most_urgent_stands_first_then_the_earliest_due(work_order: WorkOrder) -> None:
    def order(number: str, **over: Any) -> WorkOrder:
        return work_order.model_copy(
            update={"id": SYSTEM_CLOCK.new_id(), "work_order_number": number, **over}
        )

    late = order("late", due_date=datetime(2026, 12, 24, tzinfo=UTC).date())
    early = order("early", due_date=datetime(2026, 12, 3, tzinfo=UTC).date())
    undated, urgent = order("undated"), order("urgent", priority=Priority.URGENT)
    items = handover.handed_over([undated, late, urgent, early], {}, at=AT)
    assert [item.work_order_number for item in items] == ["urgent", "early", "late", "undated"]
    assert items[0].quantity_completed == 0
