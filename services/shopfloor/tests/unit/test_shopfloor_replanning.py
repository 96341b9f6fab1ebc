"""What an expansion does to the work orders there are."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import ProductionOrder
from lineside_contracts.routing import Expansion, ProductionRun
from lineside_contracts.shopfloor import (
    OperationStatus,
    WorkOrder,
    WorkOrderReplanRefused,
    WorkOrderStatus as S,
)
from lineside_contracts.values import Actor
from lineside_shopfloor.places.domain.facts import Facts, PlantFacts, Stamp, TenantRules
from lineside_shopfloor.work_orders.domain import (
    following,
    numbers,
    order_states,
    outcomes,
    replanning,
)
from lineside_shopfloor.work_orders.domain.numbers import Series
from lineside_shopfloor.work_orders.domain.order_states import OrderState
from lineside_shopfloor.work_orders.domain.outcomes import Outcome
from lineside_shopfloor.work_orders.domain.replanning import Ignored, Refused, Replan
from lineside_testkit import builders

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
STAMP = Stamp(at=NOW, by=Actor(id="p", name="Pat Planner"))
PLANT = PlantFacts(UUID(int=1), "MAIN", "Main works", "Europe/Berlin")
FACTS = Facts(plants={"MAIN": PLANT}, department_ids={"PRINT": UUID(int=2)})
AT_ONCE = Facts(rules=TenantRules(releases_all_at_once=True))

MakeRuns = Callable[[], list[ProductionRun]]


class Floor:
    """The work orders of one production order, as the tables would hold them."""

    def __init__(self, facts: Facts = FACTS) -> None:
        self.id = SYSTEM_CLOCK.new_id()
        self.facts = facts
        self.state = OrderState(self.id)
        self.work_orders: dict[UUID, WorkOrder] = {}
        self.said: list[Any] = []
        self._numbers = numbers.written(Series("WO", 2026), 1, 1)

    def expand(self, expansion: Expansion) -> Ignored | Refused | Replan:
        decision = replanning.decide(self.state, expansion, self.all, facts=self.facts, now=NOW)
        if isinstance(decision, Replan):
            given_out = {position: next(self._numbers) for position in decision.made}
            self._keep(
                replanning.carry_out(
                    decision, given_out, facts=self.facts, stamp=STAMP, new_id=SYSTEM_CLOCK.new_id
                )
            )
        if not isinstance(decision, Ignored):
            self.state = decision.state
        return decision

    def order(self, version: int, status: str, **over: Any) -> None:
        order = builders.production_order(id=self.id, version=version, status=status, **over)
        self.order_event(order)

    def order_event(self, order: ProductionOrder) -> None:
        after = order_states.after_event(self.state, order)
        if after != self.state:
            self._keep(following.follow(self.state, after, self.all, facts=self.facts, stamp=STAMP))
        self.state = after

    def move(self, work_order: WorkOrder, to: S) -> None:
        self._keep([outcomes.moved(Outcome(work_order), to, stamp=STAMP)])

    @property
    def all(self) -> list[WorkOrder]:
        return list(self.work_orders.values())

    @property
    def live(self) -> list[WorkOrder]:
        return [w for w in self.all if w.status is not S.CANCELLED]

    def _keep(self, kept: Sequence[Outcome]) -> None:
        for outcome in kept:
            self.work_orders[outcome.work_order.id] = outcome.work_order
            self.said += outcome.events


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_runs_in_a_plain_row_of_one_type_and_place_are_one_work_order(
    floor: Floor, brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor.expand(expansion(brochure_runs(), order_id=floor.id))
    press, bench = floor.all
    assert [o.operation_number for o in press.operations] == [10, 20]
    assert [o.operation_number for o in bench.operations] == [30, 40]
    assert press.description == "Printing, Die cutting: Brochure A4"
    assert (press.quantity_ordered, bench.quantity_ordered) == (Decimal(10051), Decimal(1000))
    assert bench.predecessor_work_order_ids == (press.id,)
    assert (press.plant_id, press.plant_name) == (PLANT.id, "Main works")
    assert [w.work_order_number for w in floor.all] == ["WO-2026-1", "WO-2026-2"]
    assert {w.status for w in floor.all} == {S.PLANNED}
    assert bench.planned_end_date == date(2026, 12, 15)
    assert press.operations[0].planned_hours == Decimal("1.5")


def test_block_and_cover_printing_never_share_a_work_order(
    floor: Floor, run: Callable[..., ProductionRun], expansion: Callable[..., Expansion]
) -> None:
    sheets = {"unit_code": "SHEET", "work_center_code": "PRESS"}
    runs = [
        run(10, units_per_product="4", **sheets),
        run(20, units_per_product="0.25", **sheets),
        run(30, after=[10], units_per_product="8", work_center_code="FOLDER"),
        run(40, after=[20, 30], work_center_code="BINDER", operation_type="assembly"),
    ]
    floor.expand(expansion(runs, order_id=floor.id))
    block, cover, folding, binding = floor.all
    assert binding.predecessor_work_order_ids == (cover.id, folding.id)
    assert folding.predecessor_work_order_ids == (block.id,)
    assert (block.unit_code, binding.unit_code) == ("SHEET", "EA")


def test_a_newer_expansion_keeps_work_orders_and_numbers(
    floor: Floor, brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor.expand(expansion(brochure_runs(), order_id=floor.id))
    before = {w.work_order_number: w for w in floor.all}
    doubled = [
        r.model_copy(update={"planned_output": 2 * r.planned_output}) for r in brochure_runs()
    ]
    floor.expand(expansion(doubled, order_id=floor.id, version=2))
    for after in floor.all:
        known = before[after.work_order_number]
        assert (after.id, after.version, after.status) == (known.id, 2, known.status)
        assert after.quantity_ordered == 2 * known.quantity_ordered
        assert [o.id for o in after.operations] == [o.id for o in known.operations]
    assert {"operations", "quantity_ordered", "expansion_version"} <= set(
        floor.said[-1].changed_fields
    )


def test_what_vanishes_is_cancelled_and_what_is_new_is_made(
    floor: Floor,
    run: Callable[..., ProductionRun],
    brochure_runs: MakeRuns,
    expansion: Callable[..., Expansion],
) -> None:
    floor.expand(expansion(brochure_runs(), order_id=floor.id))
    press, bench = floor.all
    lacquer = run(25, after=[20], operation_type="machining", work_center_code="LACQUER")
    floor.expand(expansion([*brochure_runs()[:2], lacquer], order_id=floor.id, version=2))
    assert floor.work_orders[press.id].status is S.PLANNED
    gone = floor.work_orders[bench.id]
    assert gone.status is S.CANCELLED
    assert {o.status for o in gone.operations} == {OperationStatus.CANCELLED}
    assert [w.work_order_number for w in floor.live] == ["WO-2026-1", "WO-2026-3"]


def test_once_work_has_started_the_floor_keeps_what_it_has(
    floor: Floor, brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor.expand(expansion(brochure_runs(), order_id=floor.id))
    press, _bench = floor.all
    floor.move(press, S.RELEASED)
    floor.move(floor.work_orders[press.id], S.IN_PROGRESS)
    amended = expansion(brochure_runs(), order_id=floor.id, version=2, priority="urgent")
    decision = floor.expand(amended)
    assert isinstance(decision, Refused)
    assert decision.started.id == press.id
    assert decision.state.expansion_version == 2
    refused = outcomes.replan_refused(
        decision.started, production_order_id=floor.id, planning_version=2, stamp=STAMP
    )
    (said,) = refused.events
    assert isinstance(said, WorkOrderReplanRefused)
    assert said.planning_version == 2
    assert said.work_order.version == decision.started.version + 1
    new_facts = {"planning_version": 2, "priority": "urgent", "due_date": date(2026, 12, 22)}
    floor.order(5, "in_progress", **new_facts)
    assert {w.priority for w in floor.all} == {"urgent"}


def test_an_older_or_known_expansion_is_ignored(
    floor: Floor, brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor.expand(expansion(brochure_runs(), order_id=floor.id, version=3))
    for version in (1, 2, 3):
        again = expansion(brochure_runs(), order_id=floor.id, version=version)
        assert isinstance(floor.expand(again), Ignored)


def test_a_cancellation_that_comes_first_leaves_nothing_to_make(
    floor: Floor, brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor.order(4, "cancelled")
    assert isinstance(floor.expand(expansion(brochure_runs(), order_id=floor.id)), Ignored)
    assert floor.all == []


def test_a_release_that_comes_first_releases_what_is_made(
    floor: Floor, brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor.order(3, "released")
    floor.expand(expansion(brochure_runs(), order_id=floor.id))
    press, bench = floor.all
    assert (press.status, press.version) == (S.RELEASED, 2)
    assert (bench.status, bench.version) == (S.PLANNED, 1)


def test_a_release_lets_go_what_waits_for_nothing(
    floor: Floor, brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor.expand(expansion(brochure_runs(), order_id=floor.id))
    floor.order(3, "released")
    assert [w.status for w in floor.all] == [S.RELEASED, S.PLANNED]


def test_a_tenant_may_release_everything_at_once(
    brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor = Floor(AT_ONCE)
    floor.expand(expansion(brochure_runs(), order_id=floor.id))
    floor.order(3, "released")
    assert [w.status for w in floor.all] == [S.RELEASED, S.RELEASED]


def test_a_release_overtaken_by_a_change_is_still_a_release(
    floor: Floor, brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor.expand(expansion(brochure_runs(), order_id=floor.id))
    floor.order(5, "released", priority="high")
    floor.order(4, "released")
    assert [(w.status, w.priority) for w in floor.all] == [
        (S.RELEASED, "high"),
        (S.PLANNED, "high"),
    ]


def test_a_cancelled_order_takes_along_what_has_not_started(
    floor: Floor, brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor.expand(expansion(brochure_runs(), order_id=floor.id))
    press, bench = floor.all
    floor.move(press, S.RELEASED)
    floor.move(floor.work_orders[press.id], S.IN_PROGRESS)
    floor.order(6, "cancelled")
    assert floor.work_orders[press.id].status is S.IN_PROGRESS
    assert floor.work_orders[bench.id].status is S.CANCELLED


def test_a_new_due_date_moves_the_planned_dates(
    floor: Floor, brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor.expand(expansion(brochure_runs(), order_id=floor.id))
    floor.order(2, "routed", due_date=date(2026, 12, 22))
    for work_order in floor.all:
        assert work_order.due_date == date(2026, 12, 22)
        assert work_order.planned_end_date == date(2026, 12, 22)


def test_what_a_person_set_stays_until_the_order_itself_changes(
    floor: Floor, brochure_runs: MakeRuns, expansion: Callable[..., Expansion]
) -> None:
    floor.expand(expansion(brochure_runs(), order_id=floor.id))
    press = floor.all[0]
    mine = {"priority": "urgent", "description": "Watch the ink"}
    floor._keep([outcomes.changed(Outcome(press), mine, stamp=STAMP)])  # noqa: SLF001 -- by hand
    floor.order(2, "released", planning_version=2)
    floor.expand(expansion(brochure_runs(), order_id=floor.id, version=2))
    press = floor.work_orders[press.id]
    assert (press.priority, press.description) == ("urgent", "Watch the ink")
    floor.order(3, "released", planning_version=2, priority="high")
    assert floor.work_orders[press.id].priority == "high"


@pytest.mark.parametrize(
    ("numbers_and_predecessors", "reason"),
    [
        ([], "no runs"),
        ([(10, [20]), (20, [10])], "circle"),
        ([(10, [5])], "unknown"),
        ([(10, []), (10, [])], "different"),
    ],
)
def test_runs_that_are_no_graph_are_an_error(
    numbers_and_predecessors: list[tuple[int, list[int]]],
    reason: str,
    floor: Floor,
    run: Callable[..., ProductionRun],
    expansion: Callable[..., Expansion],
) -> None:
    runs = [run(number, after=after) for number, after in numbers_and_predecessors]
    with pytest.raises(ValueError, match=reason):
        floor.expand(expansion(runs, order_id=floor.id))


TYPES = st.sampled_from(["fabrication", "machining", "assembly", "testing"])
PLACES = st.sampled_from(["A", "B"])


@st.composite
def routings(draw: st.DrawFn) -> list[dict[str, Any]]:
    numbers_drawn = draw(st.lists(st.integers(1, 12), min_size=1, max_size=7, unique=True))
    described = []
    for position, number in enumerate(sorted(numbers_drawn)):
        earlier = sorted(numbers_drawn)[:position]
        after = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        described.append(
            {
                "sequence_number": number * 10,
                "after": sorted(10 * n for n in after),
                "operation_type": draw(TYPES),
                "work_center_code": draw(PLACES),
            }
        )
    return described


@settings(max_examples=60, deadline=None)
@given(history=st.lists(routings(), min_size=1, max_size=4))
def test_whatever_routings_follow_one_another_every_run_has_one_place(
    history: list[list[dict[str, Any]]],
    run: Callable[..., ProductionRun],
    expansion: Callable[..., Expansion],
) -> None:
    floor = Floor()
    for version, routing in enumerate(history, 1):
        floor.expand(expansion([run(**r) for r in routing], order_id=floor.id, version=version))
        placed = [o.operation_number for w in floor.live for o in w.operations]
        assert sorted(placed) == sorted(r["sequence_number"] for r in routing)
        live_ids = {w.id for w in floor.live}
        assert all(live_ids.issuperset(w.predecessor_work_order_ids) for w in floor.live)
        assert {w.expansion_version for w in floor.live} == {version}
    assert len({w.work_order_number for w in floor.all}) == len(floor.all)
    for work_order in floor.all:
        versions = [e.work_order.version for e in floor.said if e.work_order.id == work_order.id]
        assert versions == list(range(1, work_order.version + 1))


Step = Callable[[Floor], object]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), routing=routings())
def test_in_whatever_order_events_come_the_floor_ends_alike(
    data: st.DataObject,
    routing: list[dict[str, Any]],
    run: Callable[..., ProductionRun],
    expansion: Callable[..., Expansion],
) -> None:
    """An order is made, amended and released: shuffled and doubled, against the calm sequence."""

    def expand(version: int, **facts: Any) -> Step:
        quantity = Decimal(1000 * version)
        runs = [run(**r, planned_output=quantity) for r in routing]
        return lambda floor: floor.expand(
            expansion(runs, order_id=floor.id, version=version, **facts)
        )

    def say(version: int, status: str, **facts: Any) -> Step:
        return lambda floor: floor.order(version, status, **facts)

    first = {"priority": "low", "due_date": date(2026, 12, 15)}
    second = {"priority": "high", "due_date": date(2026, 12, 22)}
    steps = [
        expand(1, **first),
        say(2, "routed", planning_version=1, **first),
        say(3, "planned", planning_version=2, **second),
        expand(2, **second),
        say(9, "released", planning_version=2, **second | {"priority": "urgent"}),
    ]
    calm, shaken = Floor(), Floor()
    for step in steps:
        step(calm)
    for step in data.draw(st.permutations(steps * 2)):
        step(shaken)
    assert _seen(calm) == _seen(shaken)


def _seen(floor: Floor) -> list[tuple[Any, ...]]:
    return sorted(
        (
            [o.operation_number for o in w.operations],
            w.quantity_ordered,
            w.status,
            w.priority,
            w.due_date,
            w.planned_start_at,
            w.expansion_version,
        )
        for w in floor.live
    )
