"""Daily summary and effectiveness follow the floor: the rows say what happened, events say where.

Logs and intervals are put into their tables as execution leaves them; the event tells of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import CalendarChanged
from lineside_contracts.shopfloor import (
    CREATE_WORK_ORDER,
    GET_DAILY_PRODUCTION_SUMMARY,
    GET_LANE_OEE,
    GET_OEE,
    LANES,
    PLANTS,
    CreateWorkOrder,
    DailyProductionSummary,
    GetDailyProductionSummary,
    GetLaneOee,
    GetOee,
    LaneFields,
    LaneOee,
    OeeCalculated,
    OeeFlag,
    OeeReport,
    PlantFields,
    ProductionLogRecorded,
    WorkOrder,
    WorkOrderLog,
    WorkOrderStatus,
    WorkOrderStatusChanged,
)
from lineside_contracts.values import Actor
from lineside_testkit import builders
from lineside_testkit.harness import Harness

ACTOR = Actor(id="u-1", name="Olga Operator")
TODAY = SYSTEM_CLOCK.now().date()
DAY = TODAY - timedelta(days=3)
"""Past, so that the shifts in question are over."""

WEEK = [0, 1, 2, 3, 4, 5, 6]
SHIFTS = [
    {"name": "morning", "weekdays": WEEK, "start": "06:00", "end": "14:00",
     "breaks": [{"start": "10:00", "end": "10:30"}]},
    {"name": "night", "weekdays": WEEK, "start": "22:00", "end": "06:00"},
]  # fmt: skip


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


@dataclass
class Floor:
    """A plant in UTC with one lane and one work order, told what happens row by row."""

    harness: Harness
    tenant: UUID
    lane_id: UUID
    work_order: WorkOrder
    log_version: int = 0

    async def insert(self, table: str, **values: Any) -> UUID:
        row = {"tenant_id": self.tenant, "id": SYSTEM_CLOCK.new_id(), **values}
        columns, marks = ", ".join(row), ", ".join(f"%({name})s" for name in row)
        await self.harness.owner_sql(
            "shopfloor",
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 -- our own names
            parameters=row,
        )
        return UUID(str(row["id"]))

    async def interval(
        self, activity: str, started_at: datetime, ended_at: datetime | None, **over: Any
    ) -> UUID:
        values = {
            "work_order_id": self.work_order.id,
            "operation_id": self.operation_id,
            "operation_number": 10,
            "lane_id": self.lane_id,
            "plant_code": "MAIN",
            "activity": activity,
            "worker_count": 1,
            "started_at": started_at,
            "ended_at": ended_at,
        }
        return await self.insert("work_intervals", **(values | over))

    async def log(self, happened_at: datetime, good: int = 0, **over: Any) -> WorkOrderLog:
        """Keep a log and tell of it."""
        self.log_version += 1
        values: dict[str, Any] = {
            "logged_at": SYSTEM_CLOCK.now(),
            "happened_at": happened_at,
            "log_version": self.log_version,
            "kind": "complete",
            "activity": "run",
            "work_order_id": self.work_order.id,
            "work_order_number": self.work_order.work_order_number,
            "plant_code": "MAIN",
            "operation_id": self.operation_id,
            "operation_number": 10,
            "lane_id": self.lane_id,
            "lane_number": "L1",
            "good_quantity": good,
            "scrap_quantity": 0,
            "rework_quantity": 0,
            "input_added_quantity": 0,
            "is_from_rework": False,
            "completes_operation": False,
            "stops_production": False,
            "worker_count": 1,
            "serial_numbers": [],
            "is_void": False,
            "logged_by": ACTOR.model_dump_json(),
        } | over
        log_id = await self.insert("production_logs", **values)
        event = WorkOrderLog.model_validate(
            {
                **values,
                "id": self.work_order.id,
                "version": self.log_version,
                "log_id": log_id,
                "logged_by": ACTOR,
                "affected_from": happened_at,
            }
        )
        await self.tell(event)
        return event

    async def tell(self, event: WorkOrderLog) -> None:
        told = ProductionLogRecorded(production_log=event)
        await self.harness.publish(told, tenant_id=self.tenant)

    @property
    def operation_id(self) -> UUID:
        return self.work_order.operations[0].id

    async def summary(self, **over: Any) -> DailyProductionSummary:
        await self.harness.settle()
        asked = GetDailyProductionSummary.model_validate({"plant_code": "MAIN", "date": DAY} | over)
        answer = await self.harness.ask(GET_DAILY_PRODUCTION_SUMMARY, asked, tenant_id=self.tenant)
        assert isinstance(answer.body, DailyProductionSummary)
        return answer.body

    async def oee(self, from_date: date = DAY, to_date: date = DAY) -> LaneOee:
        await self.harness.settle()
        asked = GetLaneOee(lane_id=self.lane_id, from_date=from_date, to_date=to_date)
        answer = await self.harness.ask(GET_LANE_OEE, asked, tenant_id=self.tenant)
        assert isinstance(answer.body, LaneOee)
        return answer.body


@pytest.fixture
async def floor(harness: Harness, by_hand: Callable[..., CreateWorkOrder]) -> Floor:
    tenant = harness.new_tenant()
    plant = PlantFields(plant_code="MAIN", plant_name="Main", calendar_code="THREE")
    assert (await harness.ask(PLANTS.create, plant, tenant_id=tenant)).status == 201
    calendar = builders.calendar(calendar_code="THREE", shifts=SHIFTS)
    await harness.publish(CalendarChanged(calendar=calendar), tenant_id=tenant)
    fields = LaneFields(lane_number="L1", lane_name="One", plant_code="MAIN", lane_type="assembly")
    lane = await harness.ask(LANES.create, fields, tenant_id=tenant)
    assert lane.status == 201, lane.body
    made = await harness.ask(
        CREATE_WORK_ORDER,
        by_hand(
            quantity_ordered="600",
            operations=[{"operation_number": 10, "operation_name": "Fit", "run_minutes": "600"}],
        ),
        tenant_id=tenant,
    )
    assert isinstance(made.body, WorkOrder), made.body
    await harness.settle()
    return Floor(harness, tenant, lane.body.id, made.body)


async def test_a_log_is_in_the_summary_and_in_the_effectiveness_of_its_shift(
    floor: Floor,
) -> None:
    await floor.interval("setup", at(6), at(7))
    await floor.interval("run", at(7), at(9))
    await floor.interval("pause", at(9), at(11))
    await floor.log(at(9), 90, scrap_quantity=10)
    summary = await floor.summary()
    (item,) = summary.items
    assert (item.shift, item.lane_number) == ("morning", "L1")
    assert [item.good_quantity, item.scrap_quantity] == [Decimal(90), Decimal(10)]
    assert item.log_count == 1
    minutes = [item.run_minutes, item.setup_minutes, item.downtime_minutes]
    assert minutes == [Decimal(120), Decimal(60), Decimal(120)]
    assert summary.total == item.model_copy(
        update={"shift": None, "lane_id": None, "lane_number": None}
    )
    morning, _night = (await floor.oee()).items
    assert morning.planned_minutes == 450
    minutes = [morning.run_minutes, morning.setup_minutes, morning.stopped_minutes]
    assert minutes == [Decimal(120), Decimal(60), Decimal(90)]
    assert morning.availability == Decimal("0.266667")
    assert morning.performance == Decimal("0.833333")
    assert morning.quality == Decimal("0.9")
    assert morning.oee == Decimal("0.2")
    assert morning.is_final
    assert morning.flags == ()


async def test_the_same_event_twice_and_older_ones_change_nothing(floor: Floor) -> None:
    first = await floor.log(at(8), 5)
    await floor.log(at(9), 7)
    before = await floor.summary(), await floor.oee()
    for _ in range(2):
        await floor.tell(first)
    after = await floor.summary(), await floor.oee()
    assert after[1] == before[1]
    assert after[0].total == before[0].total
    assert after[0].total.good_quantity == 12
    said = await floor.harness.events(OeeCalculated, tenant_id=floor.tenant, count=1)
    versions: dict[UUID, list[int]] = {}
    for event in said:
        versions.setdefault(event.payload.oee.id, []).append(event.payload.oee.version)
    assert versions
    assert all(seen == list(range(1, len(seen) + 1)) for seen in versions.values())


async def test_a_correction_counts_in_its_own_day_and_what_it_corrects_no_longer(
    floor: Floor,
) -> None:
    wrong = await floor.log(at(8), 50)
    assert (await floor.summary()).total.good_quantity == 50
    next_day = at(8, day=DAY + timedelta(days=1))
    await floor.log(next_day, 30, corrects_log_id=wrong.log_id)
    assert (await floor.summary()).items == ()
    later = await floor.summary(date=DAY + timedelta(days=1))
    assert later.total.good_quantity == 30


async def test_a_void_log_takes_the_corrected_one_back(floor: Floor) -> None:
    wrong = await floor.log(at(8), 50)
    await floor.log(at(8), 0, corrects_log_id=wrong.log_id, is_void=True)
    assert (await floor.summary()).items == ()


async def test_a_night_belongs_to_its_date_and_to_both_calendar_days(floor: Floor) -> None:
    await floor.interval("run", at(23), at(3, day=DAY + timedelta(days=1)))
    await floor.log(at(23, 30), 10)
    await floor.log(at(2, day=DAY + timedelta(days=1)), 20)
    by_shift = await floor.summary(group_by="shift")
    assert [(i.shift, i.good_quantity, i.run_minutes) for i in by_shift.items] == [
        ("night", Decimal(30), Decimal(240))
    ]
    assert (await floor.summary(basis="calendar")).total.good_quantity == 10
    following = await floor.summary(basis="calendar", date=DAY + timedelta(days=1))
    assert following.total.good_quantity == 20
    assert following.total.run_minutes == 180


async def test_work_between_shifts_is_unscheduled_and_has_no_effectiveness(floor: Floor) -> None:
    await floor.log(at(18), 4)
    (item,) = (await floor.summary()).items
    assert (item.shift, item.good_quantity) == ("unscheduled", Decimal(4))
    assert all(each.good_quantity == 0 for each in (await floor.oee()).items)


async def test_what_comes_out_of_rework_counts_neither_as_good_nor_again(floor: Floor) -> None:
    await floor.interval("run", at(6), at(8))
    await floor.log(at(7), 8, rework_quantity=2)
    await floor.log(at(8), 2, is_from_rework=True)
    (item,) = (await floor.summary()).items
    assert item.good_quantity == 10
    assert item.rework_quantity == item.reworked_good_quantity == 2
    morning, _night = (await floor.oee()).items
    assert morning.quality == Decimal("0.8")
    assert morning.ideal_minutes == 10


async def test_a_late_log_ends_what_was_believed_to_go_on(floor: Floor) -> None:
    running = await floor.interval("run", at(7), None)
    await floor.log(at(7), kind="start")
    (morning, *_) = (await floor.oee()).items
    assert morning.run_minutes == 390
    assert morning.flags == (OeeFlag.OPEN_INTERVAL,)
    days = (await floor.oee(DAY, TODAY)).items
    assert sum(day.run_minutes for day in days) > 390
    await floor.harness.owner_sql(
        "shopfloor",
        "UPDATE work_intervals SET ended_at = %(at)s WHERE id = %(id)s",
        parameters={"at": at(8), "id": running},
    )
    await floor.log(at(8), 30, kind="pause")
    items = (await floor.oee(DAY, DAY + timedelta(days=2))).items
    assert [each.run_minutes for each in items if each.run_minutes] == [60]
    assert all(OeeFlag.OPEN_INTERVAL not in each.flags for each in items)


async def test_a_completed_work_order_counts_on_its_lane(floor: Floor) -> None:
    await floor.interval("run", at(7), at(9))
    completed = floor.work_order.model_copy(
        update={"version": 2, "status": WorkOrderStatus.COMPLETED, "actual_end_at": at(9)}
    )
    await floor.harness.publish(
        WorkOrderStatusChanged(
            work_order=completed, old_status="in_progress", new_status="completed"
        ),
        tenant_id=floor.tenant,
    )
    (item,) = (await floor.summary()).items
    assert (item.completed_work_order_count, item.lane_number) == (1, "L1")
    assert item.run_minutes == 120


async def test_a_plant_sums_numerators_and_denominators(floor: Floor) -> None:
    await floor.interval("run", at(7), at(9))
    await floor.log(at(9), 60)
    await floor.log(at(9, day=DAY + timedelta(days=1)), 0, scrap_quantity=60)
    await floor.harness.settle()
    asked = GetOee(
        plant_code="MAIN", from_date=DAY, to_date=DAY + timedelta(days=1), group_by="day"
    )
    answer = await floor.harness.ask(GET_OEE, asked, tenant_id=floor.tenant)
    assert isinstance(answer.body, OeeReport)
    assert len(answer.body.items) == 2
    assert answer.body.total.availability == Decimal("0.064516")
    assert answer.body.total.quality == Decimal("0.5")


async def test_a_person_sees_the_days_of_their_plants_only(floor: Floor) -> None:
    asked = GetOee(plant_code="MAIN", from_date=DAY, to_date=DAY)
    answer = await floor.harness.ask(
        GET_OEE, asked, tenant_id=floor.tenant, plants=frozenset({"ELSEWHERE"})
    )
    assert answer.problem.code == "plant_forbidden"
