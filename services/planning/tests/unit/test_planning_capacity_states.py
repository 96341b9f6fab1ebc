"""What capacity knows of an order: the newest of each source, in whatever order news come."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial, reduce
from typing import Any
from uuid import UUID

from hypothesis import given, settings, strategies as st

from lineside_contracts.shopfloor import OperationTotals, WorkOrderLog
from lineside_planning.capacity.domain import orders
from lineside_planning.capacity.domain.orders import OrderState
from lineside_testkit import builders

ORDER_ID = UUID(int=1)
RUN_ID = UUID(int=2)
ORDER = builders.production_order(id=ORDER_ID, version=3)

Learn = Callable[[OrderState], OrderState]


def learned(news: Sequence[Learn]) -> OrderState:
    return reduce(lambda state, learn: learn(state), news, OrderState(ORDER_ID))


def of_order(version: int, **over: Any) -> Learn:
    changed = ORDER.model_copy(update={"version": version, **over})
    return partial(orders.with_order, order=changed)


def of_expansion(make_expansion: Any, make_run: Any, version: int, minutes: int) -> Learn:
    run = make_run(10, id=RUN_ID, run_minutes=minutes)
    found = make_expansion(ORDER, version=version, runs=(run,), planning_version=version)
    return partial(orders.with_expansion, expansion=found)


def of_materials(version: int, quantity: int) -> Learn:
    need = builders.material_requirement(
        id=UUID(int=9), allocated_from_stock=Decimal(quantity), available_on=builders.DUE_ON
    )
    plan = builders.material_plan(ORDER, version=version, requirements=[need])
    return partial(orders.with_materials, plan=plan)


def of_log(version: int, good: int, *, done: bool = False) -> Learn:
    totals = OperationTotals(
        operation_id=UUID(int=3),
        operation_number=10,
        run_id=RUN_ID,
        good_quantity=Decimal(good),
        scrap_quantity=Decimal(1),
        is_completed=done,
    )
    log = WorkOrderLog(
        id=UUID(int=4),
        version=version,
        log_id=UUID(int=5),
        kind="complete",
        work_order_number="WO-1",
        production_order_id=ORDER_ID,
        operations=(totals,),
        happened_at=builders.AT,
        logged_at=builders.AT,
        logged_by=builders.ACTOR,
    )
    return partial(orders.with_log, log=log)


@settings(max_examples=50)
@given(data=st.data())
def test_the_order_of_news_does_not_matter(
    make_expansion: Any, make_run: Any, data: st.DataObject
) -> None:
    news = [
        of_order(4),
        of_order(5, due_date=builders.DUE_ON + timedelta(days=5)),
        of_expansion(make_expansion, make_run, 1, 10),
        of_expansion(make_expansion, make_run, 2, 20),
        of_materials(1, 5),
        of_materials(2, 7),
        of_log(1, 3),
        of_log(2, 8),
    ]
    shuffled = data.draw(st.permutations(news))
    again = data.draw(st.lists(st.sampled_from(news)))
    expected = learned(news)
    assert learned([*shuffled, *again]) == expected
    assert expected.runs[0].run_minutes == 20
    assert expected.progress[str(RUN_ID)].done_quantity == 9
    assert expected.allocated == {"PAPER": {builders.PLANT: Decimal(7)}}


def test_a_release_does_not_matter_and_a_due_date_does(make_expansion: Any, make_run: Any) -> None:
    before = learned([of_order(4), of_expansion(make_expansion, make_run, 1, 10)])
    released = of_order(5, status="released")(before)
    assert released != before
    assert not orders.matters(before, released)
    later = of_order(6, due_date=builders.DUE_ON + timedelta(days=1))(released)
    assert orders.matters(released, later)


def test_the_same_runs_under_a_new_expansion_are_answered_again(
    make_expansion: Any, make_run: Any
) -> None:
    before = learned([of_expansion(make_expansion, make_run, 1, 10)])
    after = of_expansion(make_expansion, make_run, 2, 10)(before)
    assert orders.matters(before, after)


def test_material_that_is_used_up_is_no_longer_reserved() -> None:
    used = learned([of_materials(1, 5), of_materials(2, 0)])
    assert used.allocated == {}


def test_a_work_order_that_was_cancelled_with_an_old_expansion_says_nothing_of_the_new_one(
    make_expansion: Any, make_run: Any, make_work_order: Any
) -> None:
    operation = {
        "id": UUID(int=6),
        "operation_number": 10,
        "operation_name": "Printing",
        "status": "cancelled",
        "run_id": RUN_ID,
        "unit_code": "EA",
        "planned_input": 100,
        "planned_output": 100,
        "planned_hours": 1,
    }
    cancelled = make_work_order(
        ORDER_ID, status="cancelled", operations=[operation], expansion_version=1
    )
    told: Learn = partial(orders.with_work_order, work_order=cancelled)
    first = of_expansion(make_expansion, make_run, 1, 10)
    assert learned([first, told]).progress[str(RUN_ID)].is_finished
    second = of_expansion(make_expansion, make_run, 2, 10)
    assert not learned([first, told, second]).progress[str(RUN_ID)].is_finished


def test_who_is_urgent_is_loaded_first() -> None:
    urgent = learned([of_order(4, priority="urgent", due_date=builders.DUE_ON)])
    sooner = learned([of_order(4, due_date=builders.DUE_ON - timedelta(days=9))])
    assert min([sooner, urgent], key=lambda state: state.turn) is urgent
