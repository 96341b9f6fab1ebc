"""What the floor reports moves predictions: in any order, twice, early, late; on two replicas."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis import metrics
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts import predictions as contract
from lineside_contracts.predictions import DeliveryPrediction, DeliveryPredictionUpdated
from lineside_contracts.routing import Expansion, ExpansionOrder, ProductionRun, RoutingExpanded
from lineside_contracts.sales import SalesOrderAccepted
from lineside_contracts.shopfloor import (
    LaneAssigned,
    LaneAssignment,
    LaneState,
    LogKind,
    OperationTotals,
    PlantChanged,
    ProductionLogRecorded,
    WorkOrder,
    WorkOrderLog,
    WorkOrderStatus,
    WorkOrderStatusChanged,
)
from lineside_predictions.handlers import reality, recalculating
from lineside_testkit import builders, journeys
from lineside_testkit.events import received
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

SLOT_SECONDS = 0.3
NOW = SYSTEM_CLOCK.now()


@pytest.fixture(scope="module")
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    settings = {"predictions": {"recalculation_seconds": SLOT_SECONDS}}
    async with Harness.start(
        lineside_servers,
        services=["predictions"],
        replicas={"predictions": 2},
        settings=settings,
    ) as started:
        yield started


class Work:
    """One order of one run, and the floor's work on it: 1,000 minutes, 100 pieces."""

    def __init__(self, harness: Harness, tenant: UUID, **over: Any) -> None:
        self.harness, self.tenant = harness, tenant
        self.order = builders.production_order(plant_code="P1", **over)
        self.run_id, self.operation_id = SYSTEM_CLOCK.new_id(), SYSTEM_CLOCK.new_id()
        self.work_order_id = SYSTEM_CLOCK.new_id()
        self.version = 0
        self.good = Decimal(0)
        self.minutes = Decimal(0)

    def expansion(self, *, version: int = 1) -> RoutingExpanded:
        facts = {
            name: getattr(self.order, name)
            for name in ExpansionOrder.model_fields
            if name not in {"production_order_id", "quantity"}
        }
        run = ProductionRun(
            id=self.run_id,
            sequence_number=10,
            operation_code="PRINT",
            operation_name="Print",
            operation_type="fabrication",
            work_center_code="PRESS",
            plant_code="P1",
            unit_code="EA",
            unit_decimals=0,
            units_per_product=1,
            yield_percentage=100,
            planned_input=100,
            planned_output=100,
            planned_scrap=0,
            setup_minutes=0,
            run_minutes=1000,
            run_seconds_per_unit=600,
        )
        about = ExpansionOrder(
            production_order_id=self.order.id, quantity=self.order.quantity_ordered, **facts
        )
        return RoutingExpanded(
            expansion=Expansion(
                id=self.order.id, version=version, order=about, plant_code="P1", runs=(run,)
            )
        )

    async def plan(self) -> None:
        await self.harness.publish(self.expansion(), tenant_id=self.tenant)

    def log(
        self, good: int, *, at: datetime | None = None, minutes: int = 0, **over: Any
    ) -> ProductionLogRecorded:
        """The next log: so many pieces more (or fewer)."""
        self.version += 1
        self.good += good
        self.minutes += minutes
        totals = OperationTotals(
            operation_id=self.operation_id,
            operation_number=10,
            run_id=self.run_id,
            sequence_number=10,
            good_quantity=self.good,
            run_minutes=self.minutes,
            is_completed=self.good >= 100,
        )
        return ProductionLogRecorded(
            production_log=WorkOrderLog(
                id=self.work_order_id,
                version=self.version,
                log_id=SYSTEM_CLOCK.new_id(),
                kind=LogKind.COMPLETE,
                work_order_number="WO-1",
                production_order_id=self.order.id,
                plant_code="P1",
                good_quantity=max(good, 0),
                operations=(totals,),
                happened_at=at or NOW,
                logged_at=NOW,
                logged_by=builders.ACTOR,
                **over,
            )
        )

    async def say(self, *logs: ProductionLogRecorded) -> None:
        for log in logs:
            await self.harness.publish(log, tenant_id=self.tenant)

    async def move(self, version: int, status: WorkOrderStatus, **over: Any) -> None:
        operation = {
            "id": self.operation_id,
            "operation_number": 10,
            "operation_name": "Print",
            "status": "pending",
            "run_id": self.run_id,
            "work_center_code": "PRESS",
            "unit_code": "EA",
            "planned_input": 100,
            "planned_output": 100,
            "planned_hours": 1,
        }
        work_order = WorkOrder(
            id=self.work_order_id,
            version=version,
            work_order_number="WO-1",
            status=status,
            priority="medium",
            operation_type="fabrication",
            production_order_id=self.order.id,
            plant_code="P1",
            quantity_ordered=Decimal(100),
            unit_code="EA",
            operations=(operation,),
            created_at=builders.AT,
            created_by=builders.ACTOR,
            updated_at=builders.AT,
            updated_by=builders.ACTOR,
            **over,
        )
        event = WorkOrderStatusChanged(
            work_order=work_order, old_status=WorkOrderStatus.PLANNED, new_status=status
        )
        await self.harness.publish(event, tenant_id=self.tenant)

    async def predicted(self) -> DeliveryPrediction:
        request = contract.GetDeliveryPrediction(project_id=self.order.project_id)
        answer = await self.harness.ask(
            contract.GET_DELIVERY_PREDICTION, request, tenant_id=self.tenant
        )
        found: DeliveryPrediction = answer.body
        return found

    async def until(self, minutes: int) -> DeliveryPrediction:
        """Wait until so many standard minutes are left."""
        async with asyncio.timeout(10):
            while (made := await self.predicted()).remaining_work_minutes != minutes:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return made


def factor(made: DeliveryPrediction, name: str) -> Decimal | None:
    return next((each.value for each in made.factors if each.name == name), None)


async def days(harness: Harness, tenant: UUID) -> list[tuple[Any, ...]]:
    query = "SELECT worked_on, earned_minutes, pieces, actual_minutes FROM velocities ORDER BY 1"
    rows = await harness.sql("predictions", query, tenant_id=tenant)
    return [tuple(row.values()) for row in rows]


async def nothing_is_stale(harness: Harness, tenant: UUID) -> None:
    query = "SELECT count(*) AS n FROM stale_orders"
    async with asyncio.timeout(10):
        while (await harness.sql("predictions", query, tenant_id=tenant))[0]["n"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def begin(harness: Harness, **over: Any) -> Work:
    await harness.client()
    work = Work(harness, harness.new_tenant(), **over)
    await work.plan()
    await harness.settle()
    return work


async def test_what_is_reported_is_not_left_and_moves_the_date(harness: Harness) -> None:
    work = await begin(harness)
    first = await work.predicted()
    assert factor(first, "remaining_quantity") == work.order.quantity_ordered
    log = work.log(90)
    cause = await harness.publish(log, tenant_id=work.tenant)
    made = await work.until(100)
    assert made.p80_date < first.p80_date
    assert made.reason == "work was reported"
    assert factor(made, "wip") == 0
    assert factor(made, "remaining_hours") == Decimal("1.7")
    said = await harness.events(DeliveryPredictionUpdated, tenant_id=work.tenant, count=2)
    assert said[-1].envelope.causation_id == cause.event_id


async def test_logs_twice_out_of_order_and_taken_back_end_where_the_last_one_says(
    harness: Harness,
) -> None:
    work = await begin(harness)
    first, second, third = work.log(10), work.log(40), work.log(-20)
    await work.say(second, first, second, third, second, third)
    await work.until(700)
    await nothing_is_stale(harness, work.tenant)
    ((_, earned, pieces, _),) = await days(harness, work.tenant)
    assert (earned, pieces) == (300, 30)


async def test_a_correction_counts_on_the_day_it_corrects(harness: Harness) -> None:
    work = await begin(harness)
    monday = NOW - timedelta(days=4)
    wrong = work.log(50, at=monday)
    fixed: dict[str, Any] = {
        "corrects_log_id": wrong.production_log.log_id,
        "affected_from": monday,
    }
    await work.say(wrong, work.log(10), work.log(-45, **fixed))
    await work.until(850)
    assert [day[1:3] for day in await days(harness, work.tenant)] == [(50, 5), (100, 10)]


async def test_logs_ahead_of_their_expansion_are_kept_for_it(harness: Harness) -> None:
    await harness.client()
    work = Work(harness, harness.new_tenant())
    await work.say(work.log(25))
    await harness.settle()
    await asyncio.sleep(SLOT_SECONDS * 2)
    await work.plan()
    await harness.settle()
    await work.say(work.log(0))
    await work.until(750)
    assert (await days(harness, work.tenant))[0][1] == 250


async def test_velocity_is_measured_on_the_days_worked(harness: Harness) -> None:
    work = await begin(harness)
    for n in range(7, 1, -1):  # one by one: what overtakes another takes its pieces to its own day
        await work.say(work.log(10, at=NOW - timedelta(days=n), minutes=200))
        await harness.settle()
    made = await work.until(400)
    assert factor(made, "velocity_fabrication") == Decimal("1.7")
    assert factor(made, "units_fabrication") == 10
    assert made.calculated_by == "measured velocity"
    assert len(await days(harness, work.tenant)) == 6
    told = next(each for each in made.factors if each.name == "velocity_fabrication")
    assert "200.0 % of its standard time" in told.explanation
    other = Work(harness, work.tenant)
    await other.plan()
    await harness.settle()
    await Work(harness, harness.new_tenant()).plan()
    measured = (await other.predicted()).p50_date
    stranger = await begin(harness)
    assert measured > (await stranger.predicted()).p50_date


async def test_a_stream_of_logs_is_looked_at_now_and_then_and_the_last_one_counts(
    harness: Harness,
) -> None:
    work = await begin(harness)
    started = SYSTEM_CLOCK.now()
    for _ in range(60):
        await work.say(work.log(1))
        await asyncio.sleep(0.01)
    await work.until(400)
    seconds = (SYSTEM_CLOCK.now() - started).total_seconds()
    await nothing_is_stale(harness, work.tenant)
    said = await harness.events(DeliveryPredictionUpdated, tenant_id=work.tenant, count=2)
    assert len(said) - 1 <= seconds / SLOT_SECONDS + 2


async def test_what_was_asked_for_while_nobody_listened_is_done_later(harness: Harness) -> None:
    work = await begin(harness)
    async with journeys.stopped(harness, recalculating.TIMERS_CONSUMER):
        await work.say(work.log(30))
        await asyncio.sleep(SLOT_SECONDS * 3)
        assert (await work.predicted()).remaining_work_minutes == 1000
    await work.until(700)


async def test_lanes_that_more_work_wants_than_they_take_are_conflicts(harness: Harness) -> None:
    work = await begin(harness)
    other = Work(harness, work.tenant)
    await other.plan()
    for each in (work, other):
        await each.move(2, WorkOrderStatus.RELEASED)
    await harness.settle()
    assignment = LaneAssignment(
        id=SYSTEM_CLOCK.new_id(),
        lane_id=SYSTEM_CLOCK.new_id(),
        lane_number="L1",
        track=1,
        work_order_id=work.work_order_id,
        work_order_number="WO-1",
        origin="manual",
        is_pinned=True,
        assigned_at=NOW,
        assigned_by=builders.ACTOR,
    )
    lane = LaneState(
        id=assignment.lane_id,
        version=1,
        lane_number="L1",
        lane_name="Lane 1",
        plant_code="P1",
        lane_type="fabrication",
        work_center_code="PRESS",
        capacity=1,
        status="occupied",
        assignments=(assignment,),
    )
    event = LaneAssigned(lane=lane, assignment=assignment)
    await harness.publish(event, tenant_id=work.tenant)
    async with asyncio.timeout(10):
        while factor(await work.predicted(), "lane_conflicts") != 1:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_finished_orders_are_scored_and_make_others_surer(harness: Harness) -> None:
    await harness.client()
    tenant = harness.new_tenant()
    plant = builders.plant(plant_code="P1", time_zone="UTC")
    await harness.publish(PlantChanged(plant=plant), tenant_id=tenant)
    works = [Work(harness, tenant, due_date=NOW.date() + timedelta(days=9)) for _ in range(10)]
    for each in works:
        await each.plan()
    await harness.settle()
    for each in works:
        await each.move(2, WorkOrderStatus.RELEASED)
    await harness.settle()
    for number, each in enumerate(works):
        late = timedelta(days=60 if number == 0 else 0)
        await each.move(3, WorkOrderStatus.COMPLETED, actual_end_at=NOW + late)
        await each.move(3, WorkOrderStatus.COMPLETED, actual_end_at=NOW + late)
    await harness.settle()
    answer = await harness.ask(
        contract.GET_CALIBRATION, contract.GetCalibration(), tenant_id=tenant
    )
    (group,) = answer.body.groups
    assert (group.project_count, group.order_count, group.on_time_count) == (10, 10, 9)
    assert group.confidence == "high"
    kept = {each.quantile: (each.kept_count, each.prediction_count) for each in group.kept}
    assert kept == {"p50": (18, 20), "p80": (18, 20), "p95": (18, 20)}
    assert answer.body.overall.kept[1].statement == "of our P80 dates, 90.0 % were kept (18 of 20)"
    newcomer = Work(harness, tenant)
    await newcomer.plan()
    await harness.settle()
    made = await newcomer.predicted()
    assert made.confidence == "high"
    assert factor(made, "historical_on_time_rate") == 90


async def test_on_time_is_by_the_date_promised(harness: Harness) -> None:
    yesterday = NOW.date() - timedelta(days=1)
    sales_order = builders.sales_order(promised_date=NOW.date() + timedelta(days=3))
    work = await begin(harness, due_date=yesterday, sales_order_id=sales_order.id)
    accepted = SalesOrderAccepted(sales_order=sales_order)
    await harness.publish(accepted, tenant_id=work.tenant)
    await harness.settle()
    await work.move(3, WorkOrderStatus.COMPLETED, actual_end_at=NOW)
    await harness.settle()
    made = await work.predicted()
    assert factor(made, "historical_on_time_rate") == 100
    assert made.days_late == 1


async def test_reports_of_many_orders_at_once_are_each_earned_once(harness: Harness) -> None:
    await harness.client()
    tenant = harness.new_tenant()
    works = [Work(harness, tenant) for _ in range(20)]
    for each in works:
        await each.plan()
    logs = [each.log(n % 3 - 1 + 4) for n in range(8) for each in works]
    heard = [log for pair in zip(logs, logs[::-1], strict=True) for log in pair]
    await asyncio.gather(*(harness.publish(log, tenant_id=tenant) for log in heard))
    for each in works:
        await each.until(1000 - 10 * int(each.good))
    await nothing_is_stale(harness, tenant)
    ((_, earned, pieces, _),) = await days(harness, tenant)
    assert pieces == sum(each.good for each in works)
    assert earned == 10 * pieces
    assert await harness.dead_letters(tenant_id=tenant) == []


async def test_the_history_of_a_project_tells_what_was_said_when_and_why(harness: Harness) -> None:
    work = await begin(harness)
    await work.say(work.log(90))
    await work.until(100)
    request = contract.ListPredictionHistory(project_id=work.order.project_id, limit=1)
    newest = await harness.ask(contract.LIST_PREDICTION_HISTORY, request, tenant_id=work.tenant)
    assert [past.reason for past in newest.body.items] == ["work was reported"]
    request = request.model_copy(update={"cursor": newest.body.next_cursor})
    first = await harness.ask(contract.LIST_PREDICTION_HISTORY, request, tenant_id=work.tenant)
    assert [past.reason for past in first.body.items] == ["the order was planned"]
    assert first.body.items[0].p80_date > newest.body.items[0].p80_date
    assert first.body.next_cursor is None


LOG_STATEMENTS = 6
"""BEGIN, begin_work, mark stale, operations, write, COMMIT."""

RECALCULATION_STATEMENTS = 14
"""BEGIN, begin_work, stale, orders, operations, work orders, lanes, surroundings, days, write,
orders of the projects, experience, write, COMMIT."""


@pytest.mark.parametrize("count", [1, 200])
async def test_logs_cost_the_same_statements_whatever_their_number(
    harness: Harness, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    await harness.client()
    tenant = harness.new_tenant()
    works = [Work(harness, tenant, project_number=f"P-{n}") for n in range(count)]
    async with journeys.stopped(harness, recalculating.TIMERS_CONSUMER):
        for work in works:
            await work.plan()
        await harness.settle()
        url = harness.installation.database("predictions").urls["app"]
        database = Database(url, service=f"reality-{count}")
        logs = [received(work.log(10), tenant) for work in works]

        async def keep(uow: UnitOfWork) -> None:
            await reality.keep(uow, logs, slot_seconds=SLOT_SECONDS)

        async def recalculate(uow: UnitOfWork) -> None:
            await recalculating.on_recalculate(uow, ())

        kept = await _cost(database, tenant, keep)
        done = await _cost(database, tenant, recalculate)
        await database.close()
    with capsys.disabled():
        print(f"\n{count:>4} logs: kept {kept}, recalculated {done}")  # noqa: T201
    assert (kept, done) == (LOG_STATEMENTS, RECALCULATION_STATEMENTS)
    assert (await works[-1].predicted()).remaining_work_minutes == 900


async def _cost(
    database: Database, tenant: UUID, work: Callable[[UnitOfWork], Awaitable[None]]
) -> int:
    counter = metrics.STATEMENTS.labels(database.service)
    before = counter._value.get()  # noqa: SLF001
    context = Context(tenant_id=tenant, correlation_id=SYSTEM_CLOCK.new_id())
    ids: Sequence[UUID] = [SYSTEM_CLOCK.new_id()]
    async with database.consuming(context, consumer="counting", event_ids=ids) as (uow, _):
        await work(uow)
    return int(counter._value.get() - before)  # noqa: SLF001
