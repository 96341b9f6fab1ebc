"""Orders made for others on real servers: the parent's material is there when the child is done."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lineside_chassis import errors, metrics
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts.envelope import EventPayload
from lineside_contracts.planning import (
    CapacityChecked,
    ChildNeed,
    MaterialPlanned,
    ProductionOrderCancelled,
    ProductionOrderCompleted,
)
from lineside_contracts.routing import RoutingExpanded
from lineside_planning.capacity.handlers import orders, places
from lineside_planning.capacity.handlers.places import Touched
from lineside_planning.capacity.tables import work_center_loads
from lineside_planning.master_data import tables
from lineside_testkit import builders
from lineside_testkit.events import received
from lineside_testkit.harness import Harness

STATEMENTS = 8
"""BEGIN, begin_work, orders with their parents, turns, places, loads, write, COMMIT."""

TODAY = SYSTEM_CLOCK.now().date()
DUE = TODAY + timedelta(days=30)
NEEDED = TODAY + timedelta(days=25)
"""When children are due: what materials say for want of anything better."""

FIRST = 100
"""Versions of plans begin above those that materials give the same orders."""


class Works:
    """A tenant whose capacity is told of events directly."""

    def __init__(self, harness: Harness, database: Database) -> None:
        self.harness = harness
        self.database = database
        self.tenant = harness.new_tenant()

    @asynccontextmanager
    async def telling(self, *payloads: EventPayload) -> AsyncIterator[UnitOfWork]:
        events = [received(payload, self.tenant) for payload in payloads]
        async with self.database.consuming(
            Context.of_event(events[0].envelope),
            consumer="telling",
            event_ids=[event.envelope.event_id for event in events],
        ) as (uow, _):
            uow.is_batch = len(events) > 1
            uow.cause = None if uow.is_batch else events[0].envelope
            await orders.on_order_news(uow, events)
            yield uow

    async def tell(self, *payloads: EventPayload) -> None:
        while True:
            try:
                async with self.telling(*payloads):
                    pass
            except Exception as error:
                if not errors.may_repeat(error):
                    raise
            else:
                return

    async def recheck(self, cause: EventPayload, *codes: str) -> None:
        about = received(cause, self.tenant).envelope
        async with self.database.unit_of_work(Context.of_event(about)) as uow:
            await places.recheck(uow, self.database, Touched(work_centers=set(codes)), cause=about)

    async def keep(self, table: Any, **values: Any) -> None:
        row = {"id": SYSTEM_CLOCK.new_id()} if "id" in table.c else {}
        context = Context(tenant_id=self.tenant, correlation_id=SYSTEM_CLOCK.new_id())
        async with self.database.unit_of_work(context) as uow:
            uow.insert(table, [row | values])

    async def sql(self, statement: str) -> list[dict[str, Any]]:
        return await self.harness.sql("planning", statement, tenant_id=self.tenant)

    async def answers(self, order: Any, count: int = 1) -> list[Any]:
        found = await self.harness.events(CapacityChecked, tenant_id=self.tenant, count=count)
        await self.harness.settle()
        found = await self.harness.events(CapacityChecked, tenant_id=self.tenant, count=len(found))
        plans = [event.payload.capacity_plan for event in found]
        return [plan for plan in plans if plan.id == order.id]

    async def answer(self, order: Any) -> Any:
        return (await self.answers(order))[-1]


@pytest.fixture
async def works(harness: Harness) -> Any:
    url = harness.installation.database("planning").urls["app"]
    database = Database(url, service="planning-capacity-children", pool_size=8)
    yield Works(harness, database)
    await database.close()


def order_of(**over: Any) -> Any:
    values = {"id": SYSTEM_CLOCK.new_id(), "due_date": DUE, "plant_code": builders.PLANT}
    return builders.production_order(**(values | over))


def materials(order: Any, *children: Any, version: int = 1, **over: Any) -> MaterialPlanned:
    """A plan that waits for orders; of each one five are made."""
    requirements, called = [], []
    for child in children:
        values = {"make_or_buy": "make", "needed_on": NEEDED, "available_on": NEEDED}
        values |= {"component_code": f"C-{child.id}", "from_child_order": Decimal(5)}
        need = builders.material_requirement(**(values | over))
        requirements.append(need)
        called.append(
            ChildNeed(
                id=child.id,
                requirement_id=need["id"],
                product_code=need["component_code"],
                quantity=Decimal(5),
                unit_code="EA",
                due_date=NEEDED,
            )
        )
    plan = builders.material_plan(
        order,
        version=FIRST + version,
        requirements=requirements,
        children=called,
        available_on=over.get("available_on", NEEDED) if children else None,
    )
    return MaterialPlanned(material_plan=plan)


def bought(order: Any, available_on: Any, version: int = 1) -> MaterialPlanned:
    """A plan that waits for a vendor."""
    need = builders.material_requirement(needed_on=NEEDED, available_on=available_on)
    plan = builders.material_plan(
        order, version=FIRST + version, requirements=[need], available_on=available_on
    )
    return MaterialPlanned(material_plan=plan)


@pytest.fixture
def expanded(make_expansion: Any, make_run: Any) -> Any:
    """An order of one run, at a work center of its own."""

    def make(order: Any, code: str = "PRESS", *, version: int = 1) -> RoutingExpanded:
        runs = (make_run(10, work_center_code=code, run_minutes=60),)
        return RoutingExpanded(expansion=make_expansion(order, version=version, runs=runs))

    return make


async def assert_told(works: Works) -> None:
    """Every parent waits for its children as they are estimated now."""
    rows = await works.sql(
        "SELECT p.id, m ->> 'child_id' AS child, m -> 'made' ->> 'at' AS heard,"
        " c.estimated_completion_at AS made"
        " FROM capacity_plans p, jsonb_array_elements(p.materials) AS m"
        " JOIN capacity_plans c ON c.id = (m ->> 'child_id')::uuid"
        " WHERE (m -> 'made' ->> 'at')::timestamptz IS DISTINCT FROM c.estimated_completion_at"
    )
    assert rows == []


async def test_a_parent_waits_for_the_due_date_only_until_its_child_is_checked(
    works: Works, expanded: Any
) -> None:
    box, tray = order_of(), order_of(due_date=NEEDED)
    await works.tell(expanded(box), materials(box, tray))
    (before,) = await works.answers(box)
    assert before.estimated_completion_at.date() >= NEEDED
    assert before.materials_available_on == NEEDED
    await works.tell(expanded(tray, "SAW"))
    _, after = await works.answers(box)
    made = await works.answer(tray)
    assert made.estimated_completion_at < after.estimated_completion_at
    assert after.estimated_completion_at - made.estimated_completion_at < timedelta(days=4)
    assert after.materials_available_on < NEEDED
    assert (after.version, after.is_feasible) == (2, True)


async def test_a_child_that_is_checked_already_counts_at_once(works: Works, expanded: Any) -> None:
    box, tray = order_of(), order_of(due_date=NEEDED)
    await works.tell(expanded(tray, "SAW"))
    await works.tell(materials(box, tray))
    await works.tell(expanded(box))
    (answer,) = await works.answers(box)
    assert answer.materials_available_on < NEEDED
    assert answer.estimated_completion_at.date() < NEEDED
    await assert_told(works)


async def test_news_of_a_whole_family_at_once_are_one_answer_each(
    works: Works, expanded: Any
) -> None:
    box, tray, pin = order_of(priority="urgent"), order_of(), order_of(priority="low")
    news = [expanded(box), materials(box, tray), expanded(tray), materials(tray, pin)]
    await works.tell(*news, expanded(pin))
    found = [await works.answers(order) for order in (pin, tray, box)]
    assert [len(answers) for answers in found] == [1, 1, 1]
    ends = [answers[0].estimated_completion_at for answers in found]
    assert ends == sorted(ends)
    assert ends[2].date() < NEEDED
    assert found[2][0].runs[0].estimated_start_at >= ends[1]
    await assert_told(works)


async def test_the_same_news_again_say_nothing(works: Works, expanded: Any) -> None:
    box, tray = order_of(), order_of(due_date=NEEDED)
    news = [expanded(box), materials(box, tray), expanded(tray, "SAW")]
    for _ in range(2):
        for payload in news:
            await works.tell(payload)
    await works.tell(*news)
    assert (len(await works.answers(box)), len(await works.answers(tray))) == (3, 1)


async def test_what_delays_a_grandchild_delays_everybody_above(works: Works, expanded: Any) -> None:
    box, tray, pin = order_of(), order_of(due_date=NEEDED), order_of(due_date=NEEDED)
    for order, child, code in ((box, tray, "PRESS"), (tray, pin, "SAW")):
        await works.tell(expanded(order, code), materials(order, child))
    await works.tell(expanded(pin, "LATHE"))
    early = await works.answer(box)
    assert early.estimated_completion_at.date() < NEEDED
    late_on = DUE + timedelta(days=10)
    await works.tell(bought(pin, late_on))
    made, parent, top = [await works.answer(order) for order in (pin, tray, box)]
    ends = [plan.estimated_completion_at for plan in (made, parent, top)]
    assert ends == sorted(ends)
    assert ends[0].date() >= late_on
    assert {fault.code for fault in top.reasons} == {"materials_late", "completes_late"}
    assert top.materials_available_on >= late_on
    await works.tell(bought(pin, None, version=2))
    assert (await works.answer(box)).is_feasible
    await assert_told(works)


async def test_maintenance_where_a_child_is_made_moves_its_parent(
    works: Works, expanded: Any
) -> None:
    stamps = {
        f"{word}_{end}": value
        for word in ("created", "updated")
        for end, value in (("at", builders.AT), ("by", {"id": "t", "name": "T"}))
    }
    box, tray = order_of(), order_of(due_date=NEEDED)
    await works.keep(
        tables.work_centers,
        version=1,
        deleted=False,
        work_center_code="SAW",
        work_center_name="Saw",
        plant_code=builders.PLANT,
        parallel_units=1,
        efficiency_percentage=100,
        hourly_rate=0,
        overhead_rate=0,
        material_issue_method="backflush",
        labour_role="operator",
        is_active=True,
    )
    saw = expanded(tray, "SAW")
    await works.tell(expanded(box), materials(box, tray), saw)
    assert (await works.answer(box)).is_feasible
    await works.keep(
        tables.maintenance_windows,
        version=1,
        deleted=False,
        maintenance_window_code="M-1",
        work_center_code="SAW",
        plant_code=builders.PLANT,
        starts_at=SYSTEM_CLOCK.now(),
        ends_at=SYSTEM_CLOCK.now() + timedelta(days=60),
        reason="Overhaul",
        **stamps,
    )
    await works.recheck(saw, "SAW")
    moved = await works.answer(box)
    assert "materials_late" in {fault.code for fault in moved.reasons}
    assert moved.estimated_completion_at.date() >= TODAY + timedelta(days=60)
    assert [load.work_center_code for load in moved.work_centers] == ["PRESS"]


async def test_when_a_child_is_called_off_materials_say_what_is_missing(
    works: Works, expanded: Any
) -> None:
    box, tray = order_of(), order_of(due_date=NEEDED)
    await works.tell(expanded(box), materials(box, tray), expanded(tray, "SAW"))
    before = await works.answers(box)
    off = tray.model_copy(update={"version": 9, "status": "cancelled"})
    await works.tell(ProductionOrderCancelled(production_order=off))
    assert await works.answers(box) == before
    nothing = {"from_child_order": Decimal(0), "short_quantity": Decimal(5), "available_on": None}
    await works.tell(materials(box, tray, version=2, **nothing))
    last = await works.answer(box)
    assert [fault.code for fault in last.reasons] == ["materials_missing"]
    assert last.materials_available_on is None


async def test_when_a_child_is_completed_materials_say_that_it_is_there(
    works: Works, expanded: Any
) -> None:
    box, tray = order_of(), order_of(due_date=NEEDED)
    await works.tell(expanded(box), materials(box, tray), expanded(tray, "SAW"))
    done = tray.model_copy(update={"version": 9, "status": "completed"})
    await works.tell(ProductionOrderCompleted(production_order=done))
    await works.tell(materials(box, tray, version=2))  # planned before it was heard
    assert (await works.answer(box)).estimated_completion_at.date() < NEEDED
    await works.tell(materials(box, version=3))
    last = await works.answer(box)
    assert (last.is_feasible, last.materials_available_on) == (True, None)


async def test_orders_that_are_made_for_each_other_stop_nobody(works: Works, expanded: Any) -> None:
    egg, hen = order_of(), order_of()
    for _ in range(2):
        await works.tell(materials(egg, hen), materials(hen, egg), expanded(egg), expanded(hen))
    assert await works.answers(egg)
    assert await works.answers(hen)


async def test_a_link_that_is_made_meanwhile_is_not_missed(works: Works, expanded: Any) -> None:
    """The child's news wait for its row and find a parent there that they did not know of."""
    top, box, tray = order_of(), order_of(), order_of(due_date=NEEDED)
    for order, code in ((top, "PRESS"), (box, "SAW"), (tray, "LATHE")):
        await works.tell(expanded(order, code))
    await works.tell(materials(box, tray))
    async with works.telling(materials(top, box)) as uow:
        await uow.flush()
        late = asyncio.create_task(works.tell(bought(tray, DUE + timedelta(days=10))))
        await asyncio.sleep(0.3)
        assert not late.done()
    await late
    assert "materials_late" in {fault.code for fault in (await works.answer(top)).reasons}
    await assert_told(works)


async def test_families_told_to_two_replicas_in_any_order_agree_in_the_end(
    harness: Harness, works: Works, expanded: Any
) -> None:
    news: list[Any] = []
    for number in range(12):
        box, tray, pin = (order_of(due_date=NEEDED) for _ in range(3))
        codes = (f"W-{number % 3}", "SAW", "LATHE")
        news += [expanded(order, code) for order, code in zip((box, tray, pin), codes, strict=True)]
        news += [materials(box, tray), materials(tray, pin), bought(pin, NEEDED, version=3)]
        news += [bought(pin, TODAY + timedelta(days=3 + number), version=4)]
    random.Random(7).shuffle(news)  # noqa: S311 -- the same order each time
    for payload in news:
        await harness.publish(payload, tenant_id=works.tenant)
    await harness.settle()
    await assert_told(works)
    (row,) = await works.sql(
        "SELECT count(*) AS orders, count(*) FILTER (WHERE parent_id IS NOT NULL) AS children,"
        " count(estimated_completion_at) AS checked FROM capacity_plans"
    )
    assert row == {"orders": 36, "children": 24, "checked": 36}
    assert await harness.dead_letters(tenant_id=works.tenant) == []


@pytest.mark.parametrize("count", [1, 60])
async def test_families_cost_the_same_statements_whatever_their_number(
    works: Works, expanded: Any, count: int
) -> None:
    families = [[order_of(due_date=NEEDED) for _ in range(3)] for _ in range(count)]
    for box, tray, pin in families:
        await works.tell(expanded(box), materials(box, tray), materials(tray, pin), expanded(tray))
    counter = metrics.STATEMENTS.labels("planning-capacity-children")
    before = counter._value.get()  # noqa: SLF001
    await works.tell(*[expanded(pin, "SAW") for _, _, pin in families])
    assert counter._value.get() - before == STATEMENTS  # noqa: SLF001
    await assert_told(works)


async def test_days_long_over_are_forgotten_unless_they_hold_late_work(
    works: Works, expanded: Any
) -> None:
    for days, load in ((-400, 0), (-8, 0), (-6, 0), (-40, 60_000_000), (5, 0)):
        await works.keep(
            work_center_loads,
            work_center_code="PRESS",
            on_date=TODAY + timedelta(days=days),
            load_microseconds=load,
        )
    await works.tell(expanded(order_of()))
    rows = await works.sql(
        "SELECT on_date, load_microseconds FROM work_center_loads WHERE on_date < current_date + 6"
        " AND (on_date < current_date - 1 OR load_microseconds = 0) ORDER BY on_date"
    )
    left = [((row["on_date"] - TODAY).days, row["load_microseconds"]) for row in rows]
    assert left == [(-40, 60_000_000), (-6, 0), (5, 0)]
