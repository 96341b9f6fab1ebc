"""Labour cost: hours times rate times workers, and who may be put where."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    AllocateManpower,
    CreateWorkOrder,
    ManpowerChange,
    ManpowerRole,
    ReleaseManpower,
    WorkOrder,
    WorkOrderStatus,
)
from lineside_contracts.values import Actor
from lineside_shopfloor.execution.domain import manpower
from lineside_shopfloor.execution.domain.manpower import Allocation
from lineside_shopfloor.places.domain.facts import Facts, PlantFacts, Stamp
from lineside_shopfloor.work_orders.domain import by_hand as making

AT = datetime(2026, 12, 1, 8, tzinfo=UTC)
STAMP = Stamp(at=AT, by=Actor(id="s", name="Sam Supervisor"))
FACTS = Facts(plants={"MAIN": PlantFacts(UUID(int=1), "MAIN", "Main works", "Europe/Berlin")})
RATES = {"operator": Decimal("24.50"), "qc_inspector": Decimal(31)}


@pytest.fixture(scope="module")
def work_order(by_hand: Callable[..., CreateWorkOrder]) -> WorkOrder:
    return making.make(
        by_hand(operations=[{"operation_number": 10, "operation_name": "Cut"}]),
        number="WO-2026-1",
        project=None,
        facts=FACTS,
        stamp=STAMP,
        new_id=SYSTEM_CLOCK.new_id,
    ).work_order


def allocated(work_order: WorkOrder, **over: Any) -> Allocation:
    made = manpower.allocate(
        work_order,
        AllocateManpower(work_order_id=work_order.id, **{"user_id": "u1", **over}),
        active=(),
        stamp=STAMP,
        new_id=UUID(int=5),
    )
    assert isinstance(made, Allocation)
    return made


def released(allocation: Allocation, **over: Any) -> Allocation:
    after = manpower.release(
        allocation,
        ReleaseManpower(manpower_allocation_id=allocation.id, **over),
        stamp=Stamp(at=AT + timedelta(hours=8), by=STAMP.by),
    )
    assert isinstance(after, Allocation)
    return after


def cost(work_order: WorkOrder, *allocations: Allocation, now: datetime = AT) -> Any:
    return manpower.cost_of(work_order, allocations, rates=RATES, now=now)


def test_cost_is_hours_times_rate_times_workers(work_order: WorkOrder) -> None:
    crew = released(allocated(work_order, worker_count=3), hours_worked="7.5")
    inspector = released(allocated(work_order, user_id="u2", role="qc_inspector"))
    told = cost(work_order, crew, inspector)
    assert [(line.hours, line.hours_from, line.cost) for line in told.lines] == [
        (Decimal("7.5"), "stated", Decimal("551.25")),
        (Decimal(8), "elapsed", Decimal(248)),
    ]
    assert (told.total_hours, told.total_cost) == (Decimal("30.5"), Decimal("799.25"))


def test_an_allocation_may_have_a_rate_of_its_own(work_order: WorkOrder) -> None:
    own = released(allocated(work_order, hourly_rate="40"), hours_worked="2")
    (line,) = cost(work_order, own).lines
    assert (line.rate_from, line.cost) == ("allocation", Decimal(80))
    assert own.shown().has_own_rate
    assert "hourly_rate" not in own.shown().model_dump()


def test_a_role_without_a_rate_is_named_not_guessed(work_order: WorkOrder) -> None:
    told = cost(work_order, released(allocated(work_order, role="supervisor"), hours_worked="2"))
    assert (told.total_cost, told.roles_without_rate) == (Decimal(0), ("supervisor",))
    assert told.lines[0].cost is None


def test_the_work_of_who_was_never_released_ends_with_the_work_order(
    work_order: WorkOrder,
) -> None:
    there = allocated(work_order)
    assert cost(work_order, there, now=AT + timedelta(hours=3)).total_hours == 3
    ended = work_order.model_copy(
        update={"status": WorkOrderStatus.COMPLETED, "actual_end_at": AT + timedelta(hours=2)}
    )
    assert cost(ended, there, now=AT + timedelta(days=9)).total_hours == 2


def test_nobody_is_put_twice_or_where_work_is_over(work_order: WorkOrder) -> None:
    there = allocated(work_order, operation_number=10)
    again = AllocateManpower(work_order_id=work_order.id, user_id="u1", operation_number=10)
    args: dict[str, Any] = {"stamp": STAMP, "new_id": UUID(int=6)}
    refused = manpower.allocate(work_order, again, active=[there], **args)
    assert isinstance(refused, Problem)
    assert refused.code is ProblemCode.ALREADY_ASSIGNED
    over = work_order.model_copy(update={"status": WorkOrderStatus.CANCELLED})
    refused = manpower.allocate(over, again, active=(), **args)
    assert isinstance(refused, Problem)
    assert (refused.code, refused.facts) == (ProblemCode.WORK_ORDER_FINAL, {"status": "cancelled"})


def test_every_fault_of_a_correction_is_named_at_once(work_order: WorkOrder) -> None:
    there = allocated(work_order)
    wrong = ManpowerChange(operation_number=70, hours_worked=Decimal(2))
    refused = manpower.change(there, wrong, work_order=work_order, stamp=STAMP)
    assert isinstance(refused, Problem)
    assert [f.path for f in refused.faults] == ["change.operation_number", "change.hours_worked"]


def test_nobody_leaves_before_they_came_nor_in_the_future(work_order: WorkOrder) -> None:
    there = allocated(work_order)
    for hours, code in ((-1, ProblemCode.VALIDATION_FAILED), (1, ProblemCode.HAPPENED_IN_FUTURE)):
        until = AT + timedelta(hours=hours)
        request = ReleaseManpower(manpower_allocation_id=there.id, released_at=until)
        refused = manpower.release(there, request, stamp=STAMP)
        assert isinstance(refused, Problem)
        assert refused.code is code


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**7).map(lambda seconds: timedelta(seconds=seconds)),
            st.decimals(0, 200, places=2),
            st.integers(1, 40),
        ),
        max_size=8,
    )
)
def test_the_total_is_the_sum_of_its_lines(
    work_order: WorkOrder, people: list[tuple[timedelta, Decimal, int]]
) -> None:
    allocations = [
        allocated(work_order, worker_count=workers, hourly_rate=rate).model_copy(
            update={"released_at": AT + worked}
        )
        for worked, rate, workers in people
    ]
    told = cost(work_order, *allocations)
    assert told.total_cost == sum((line.cost for line in told.lines), Decimal(0))
    assert told.total_hours == sum((line.hours * line.worker_count for line in told.lines), 0)
    for line in told.lines:
        assert abs(line.cost - line.hours * line.hourly_rate * line.worker_count) <= Decimal("0.01")


def test_roles_are_those_of_the_labour_rates() -> None:
    assert [role.value for role in ManpowerRole] == ["operator", "supervisor", "qc_inspector"]
