"""Work logs, equipment, maintenance, assets and key figures, as people write and read them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.endpoint import Page
from lineside_contracts.master_data import DeleteMasterData, ImportMasterData, ImportReport
from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import (
    ASSETS,
    CREATE_DAILY_WORK_LOG,
    CREATE_MAINTENANCE_RECORD,
    CREATE_WORK_ORDER,
    GET_KPIS,
    GET_LANE_OEE,
    GET_YIELDS,
    LANES,
    LIST_DAILY_WORK_LOGS,
    LIST_EQUIPMENT_STATUS,
    LIST_MAINTENANCE_RECORDS,
    PLANTS,
    RECORD_EQUIPMENT_STATUS,
    UPDATE_MAINTENANCE_RECORD,
    AssetFields,
    CreateDailyWorkLog,
    CreateMaintenanceRecord,
    CreateWorkOrder,
    DailyWorkLog,
    EquipmentStatusEntry,
    GetKpis,
    GetLaneOee,
    GetYields,
    Kpis,
    LaneFields,
    LaneOee,
    LaneState,
    LaneStatusChanged,
    ListDailyWorkLogs,
    ListEquipmentStatus,
    ListMaintenanceRecords,
    MaintenanceRecord,
    PlantFields,
    RecordEquipmentStatus,
    UpdateMaintenanceRecord,
    WorkOrder,
    WorkOrderStatus,
    WorkOrderStatusChanged,
    Yields,
)
from lineside_testkit.harness import Harness

NOW = SYSTEM_CLOCK.now()
TODAY = NOW.date()
MONDAY = TODAY - timedelta(days=TODAY.weekday() + 7)
"""Of last week: the standard calendar works 06:00 to 14:00 and 14:00 to 22:00."""


def at(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


@dataclass
class Plant:
    """A plant in UTC by the standard calendar, with one lane and one work order."""

    harness: Harness
    tenant: UUID
    lane_id: UUID
    work_order: WorkOrder

    async def ask(self, endpoint: Any, request: Any, **over: Any) -> Any:
        return (await self.harness.ask(endpoint, request, tenant_id=self.tenant, **over)).body

    async def day(self, day: date = MONDAY) -> LaneOee:
        asked = GetLaneOee(lane_id=self.lane_id, from_date=day, to_date=day)
        found = await self.ask(GET_LANE_OEE, asked)
        assert isinstance(found, LaneOee)
        return found


@pytest.fixture
async def plant(harness: Harness, by_hand: Callable[..., CreateWorkOrder]) -> Plant:
    tenant = harness.new_tenant()
    made = PlantFields(plant_code="MAIN", plant_name="Main")
    assert (await harness.ask(PLANTS.create, made, tenant_id=tenant)).status == 201
    fields = LaneFields(lane_number="L1", lane_name="One", plant_code="MAIN", lane_type="assembly")
    lane: Any = (await harness.ask(LANES.create, fields, tenant_id=tenant)).body
    order = await harness.ask(
        CREATE_WORK_ORDER,
        by_hand(
            quantity_ordered="100",
            planned_end_date=str(TODAY + timedelta(days=1)),
            operations=[{"operation_number": 10, "operation_name": "Fit", "run_minutes": "120"}],
        ),
        tenant_id=tenant,
    )
    assert isinstance(order.body, WorkOrder), order.body
    return Plant(harness, tenant, lane.id, order.body)


def work_log(**over: Any) -> CreateDailyWorkLog:
    values = {
        "work_date": MONDAY,
        "shift": "morning",
        "plant_code": "MAIN",
        "lane_number": "L1",
        "workers_present": 4,
        "hours_worked": "31.5",
        "quantity": "120",
    }
    return CreateDailyWorkLog.model_validate(values | over)


async def test_a_work_log_is_kept_with_who_wrote_it_and_found_again(plant: Plant) -> None:
    number = plant.work_order.work_order_number
    made = await plant.ask(CREATE_DAILY_WORK_LOG, work_log(work_order_number=number))
    assert isinstance(made, DailyWorkLog), made
    assert (made.lane_id, made.work_order_id) == (plant.lane_id, plant.work_order.id)
    assert made.logged_by_name == "Toni Tester"
    await plant.ask(CREATE_DAILY_WORK_LOG, work_log(shift="early"))
    page = await plant.ask(LIST_DAILY_WORK_LOGS, ListDailyWorkLogs(plant_code="MAIN", limit=1))
    assert isinstance(page, Page)
    assert [log.shift for log in page.items] == ["early"]
    rest = ListDailyWorkLogs(plant_code="MAIN", cursor=page.next_cursor)
    assert (await plant.ask(LIST_DAILY_WORK_LOGS, rest)).items == (made,)


async def test_a_work_log_hears_of_every_fault_at_once(plant: Plant) -> None:
    wrong = work_log(
        work_date=TODAY + timedelta(days=2),
        shift="tea",
        lane_number="L9",
        work_order_number="WO-NONE",
        hours_worked="200",
    )
    problem = await plant.ask(CREATE_DAILY_WORK_LOG, wrong)
    assert isinstance(problem, Problem)
    assert {(fault.code, fault.path) for fault in problem.faults} == {
        ("date_in_future", "work_date"),
        ("unknown_shift", "shift"),
        ("unknown_lane", "lane_number"),
        ("unknown_work_order", "work_order_number"),
        ("too_many_hours", "hours_worked"),
    }
    page = await plant.ask(LIST_DAILY_WORK_LOGS, ListDailyWorkLogs())
    assert page.items == ()


async def test_planned_maintenance_is_no_planned_time_and_its_overrun_is_a_loss(
    plant: Plant,
) -> None:
    record = await plant.ask(
        CREATE_MAINTENANCE_RECORD,
        CreateMaintenanceRecord(
            lane_id=plant.lane_id,
            maintenance_kind="preventive",
            is_planned=True,
            description="Oil",
            planned_start_at=at(6),
            planned_end_at=at(8),
        ),
    )
    assert isinstance(record, MaintenanceRecord), record
    early, late = (await plant.day()).items
    assert [early.planned_minutes, late.planned_minutes] == [Decimal(330), Decimal(450)]
    change = {"status": "completed", "actual_start_at": at(7), "actual_end_at": at(10)}
    asked = {"maintenance_record_id": record.id, "expected_version": 1, "change": change}
    done = await plant.ask(UPDATE_MAINTENANCE_RECORD, UpdateMaintenanceRecord.model_validate(asked))
    assert (done.version, done.status) == (2, "completed")
    assert (await plant.day()).items[0].planned_minutes == 330
    stale = await plant.ask(
        UPDATE_MAINTENANCE_RECORD, UpdateMaintenanceRecord.model_validate(asked)
    )
    assert stale.code == "version_conflict"
    reopened = UpdateMaintenanceRecord.model_validate(
        {"maintenance_record_id": record.id, "change": {"status": "planned"}}
    )
    refused = await plant.ask(UPDATE_MAINTENANCE_RECORD, reopened)
    assert refused.facts == {"from": "completed", "to": "planned", "allowed": []}
    listed = await plant.ask(LIST_MAINTENANCE_RECORDS, ListMaintenanceRecords(plant_code="MAIN"))
    assert listed.items == (done,)


async def test_unplanned_maintenance_stays_planned_time(plant: Plant) -> None:
    planned = {
        "lane_id": plant.lane_id,
        "maintenance_kind": "corrective",
        "is_planned": False,
        "description": "Broken belt",
        "status": "completed",
        "actual_start_at": at(6),
        "actual_end_at": at(8),
    }
    made = await plant.ask(
        CREATE_MAINTENANCE_RECORD, CreateMaintenanceRecord.model_validate(planned)
    )
    assert isinstance(made, MaintenanceRecord), made
    entry = {"lane_id": plant.lane_id, "status": "maintenance", "is_planned": True}
    times = {"started_at": at(12), "ended_at": at(13)}
    await plant.ask(RECORD_EQUIPMENT_STATUS, RecordEquipmentStatus.model_validate(entry | times))
    assert (await plant.day()).items[0].planned_minutes == 390


async def test_maintenance_times_that_cannot_be_are_all_named(plant: Plant) -> None:
    wrong = CreateMaintenanceRecord(
        lane_id=plant.lane_id,
        maintenance_kind="inspection",
        is_planned=True,
        description="Look",
        status="completed",
        planned_start_at=at(9),
        planned_end_at=at(8),
        actual_end_at=NOW + timedelta(days=1),
    )
    problem = await plant.ask(CREATE_MAINTENANCE_RECORD, wrong)
    assert {(fault.code, fault.path) for fault in problem.faults} == {
        ("period_reversed", "planned_end_at"),
        ("start_required", "actual_start_at"),
        ("actual_start_required", "actual_start_at"),
        ("in_future", "actual_end_at"),
    }


async def test_a_status_ends_the_one_before_and_never_overlaps(plant: Plant) -> None:
    def status(name: str, **over: Any) -> RecordEquipmentStatus:
        values = {"lane_id": plant.lane_id, "status": name, "started_at": at(8)}
        return RecordEquipmentStatus.model_validate(values | over)

    first = await plant.ask(RECORD_EQUIPMENT_STATUS, status("down", reason="Belt"))
    await plant.ask(RECORD_EQUIPMENT_STATUS, status("available", started_at=at(9)))
    problem = await plant.ask(RECORD_EQUIPMENT_STATUS, status("down", started_at=at(8, 30)))
    assert {fault.code for fault in problem.faults} == {"overlaps"}
    page = await plant.ask(LIST_EQUIPMENT_STATUS, ListEquipmentStatus(lane_id=plant.lane_id))
    newest, oldest = [entry for entry in page.items if entry.source == "person"]
    assert isinstance(newest, EquipmentStatusEntry)
    assert (newest.status, newest.ended_at) == ("available", None)
    assert oldest == first.model_copy(update={"ended_at": at(9)})


async def test_the_log_follows_the_lane_in_whatever_order_its_events_come(
    plant: Plant,
) -> None:
    def became(version: int, old: str, new: str, hour: int) -> LaneStatusChanged:
        lane = LaneState(
            id=plant.lane_id,
            version=version,
            lane_number="L1",
            lane_name="One",
            plant_code="MAIN",
            lane_type="assembly",
            capacity=1,
            status=new,
            status_changed_at=at(hour),
        )
        return LaneStatusChanged(lane=lane, old_status=old, new_status=new)

    for event in (
        became(101, "available", "occupied", 8),
        became(103, "available", "maintenance", 10),
        became(102, "occupied", "available", 9),
        became(103, "available", "maintenance", 10),
    ):
        await plant.harness.publish(event, tenant_id=plant.tenant)
        await plant.harness.settle()
    rows = await plant.harness.sql(
        "shopfloor",
        "SELECT status, started_at, ended_at FROM equipment_status_log"
        " WHERE lane_version > 100 ORDER BY lane_version",
        tenant_id=plant.tenant,
    )
    assert [(row["status"], row["started_at"], row["ended_at"]) for row in rows] == [
        ("occupied", at(8), at(9)),
        ("available", at(9), at(10)),
        ("maintenance", at(10), None),
    ]


def asset(code: str, kind: str, parent: str | None = None, **over: Any) -> AssetFields:
    values = {
        "asset_code": code,
        "asset_name": code.title(),
        "asset_kind": kind,
        "parent_code": parent,
        "plant_code": "MAIN",
    }
    return AssetFields.model_validate(values | over)


async def test_assets_stand_below_one_another_in_their_order(plant: Plant) -> None:
    for fields in (
        asset("P", "plant"),
        asset("A", "area", "P"),
        asset("LINE", "line", "A"),
        asset("M", "machine", "LINE", lane_number="L1"),
    ):
        made = await plant.ask(ASSETS.create, fields)
        assert not isinstance(made, Problem), made
    for fields, code in (
        (asset("X", "area"), "parent_required"),
        (asset("X", "line", "NONE"), "unknown_parent"),
        (asset("X", "area", "LINE"), "level_order"),
        (asset("X", "machine", "M"), "level_order"),
        (asset("X", "plant", "X"), "cycle"),
        (asset("X", "machine", "LINE", lane_number="L7"), "unknown_lane"),
    ):
        problem = await plant.ask(ASSETS.create, fields)
        assert code in {fault.code for fault in problem.faults}, fields
    lowered = ASSETS.update_request.model_validate(
        {"code": "LINE", "fields": asset("LINE", "machine", "A").model_dump()}
    )
    problem = await plant.ask(ASSETS.update, lowered)
    assert {fault.code for fault in problem.faults} == {"level_order"}
    kept = await plant.ask(ASSETS.delete, DeleteMasterData(code="LINE"))
    assert (kept.code, kept.facts) == ("in_use", {"needed_by": ["asset M"]})


async def test_a_file_of_assets_is_judged_as_a_whole(plant: Plant) -> None:
    head = "asset_code,asset_name,asset_kind,parent_code,plant_code\n"
    good = head + "M1,Mill,machine,L,MAIN\nL,Line,line,P,MAIN\nP,Plant,plant,,MAIN\n"
    circle = head + "A,A,area,B,MAIN\nB,B,area,A,MAIN\n"
    faulty = await plant.ask(
        ASSETS.load, ImportMasterData(object_name=await plant.harness.upload(circle))
    )
    codes = {fault.code for fault in faulty.faults}
    assert {"cycle", "level_order"} <= codes
    report = await plant.ask(
        ASSETS.load, ImportMasterData(object_name=await plant.harness.upload(good))
    )
    assert isinstance(report, ImportReport), report
    assert report.created_count == 3


async def test_maintenance_of_an_asset_is_that_of_its_lane(plant: Plant) -> None:
    await plant.ask(ASSETS.create, asset("P", "plant", lane_number="L1"))
    made = await plant.ask(
        CREATE_MAINTENANCE_RECORD,
        CreateMaintenanceRecord(
            asset_code="P",
            maintenance_kind="preventive",
            is_planned=True,
            description="Everything",
            planned_start_at=at(6),
            planned_end_at=at(14),
        ),
    )
    assert made.lane_id == plant.lane_id
    early = (await plant.day()).items[0]
    assert early.planned_minutes == 0
    assert early.availability is early.oee is None


async def test_key_figures_say_what_they_are_made_of(plant: Plant) -> None:
    await plant.harness.sql(
        "shopfloor",
        "UPDATE work_order_operations SET actual_run_minutes = 150, good_quantity = 95,"
        " scrap_quantity = 5 WHERE work_order_id = %(id)s",
        tenant_id=plant.tenant,
        parameters={"id": plant.work_order.id},
    )
    done = plant.work_order.model_copy(
        update={"version": 9, "status": WorkOrderStatus.COMPLETED, "actual_end_at": NOW}
    )
    event = WorkOrderStatusChanged(
        work_order=done,
        old_status=WorkOrderStatus.IN_PROGRESS,
        new_status=WorkOrderStatus.COMPLETED,
    )
    await plant.harness.publish(event, tenant_id=plant.tenant)
    await plant.harness.settle()
    period = {"plant_code": "MAIN", "from_date": TODAY, "to_date": TODAY + timedelta(days=1)}
    kpis = await plant.ask(GET_KPIS, GetKpis.model_validate(period))
    assert isinstance(kpis, Kpis), kpis
    on_time, hours = kpis.on_time_delivery, kpis.planned_hours_share
    assert (on_time.percentage, on_time.target_percentage) == (Decimal(100), Decimal(90))
    assert on_time.is_met
    assert on_time.numerator == on_time.denominator == 1
    assert kpis.without_planned_end_count == 0
    assert (hours.percentage, hours.target_percentage) == (Decimal(80), Decimal(95))
    assert not hours.is_met
    assert (hours.numerator, hours.denominator) == (Decimal(2), Decimal("2.5"))
    assert kpis.throughput.completed_work_order_count == 1
    assert kpis.lane_occupancy.target_percentage == 75
    yields = await plant.ask(GET_YIELDS, GetYields(plant_code="MAIN"))
    assert isinstance(yields, Yields)
    (fit,) = yields.items
    assert (fit.operation_name, fit.measured_yield_percentage) == ("Fit", Decimal(95))
    assert fit.planned_yield_percentage == 100
    assert fit.is_flagged


@pytest.mark.parametrize(
    ("from_date", "to_date", "codes"),
    [
        ("2026-02-02", "2026-02-01", {"period_reversed"}),
        ("2020-01-01", "2026-01-01", {"period_too_long"}),
        ("0001-01-01", "9999-12-31", {"date_out_of_range", "period_too_long"}),
    ],
)
async def test_a_period_that_makes_no_sense_is_refused(
    from_date: str, to_date: str, codes: set[str], plant: Plant
) -> None:
    period = {"plant_code": "MAIN", "from_date": from_date, "to_date": to_date}
    problem = await plant.ask(GET_KPIS, GetKpis.model_validate(period))
    assert {fault.code for fault in problem.faults} == codes
    lane = {"lane_id": plant.lane_id, "from_date": from_date, "to_date": to_date}
    problem = await plant.ask(GET_LANE_OEE, GetLaneOee.model_validate(lane))
    assert codes >= {fault.code for fault in problem.faults} > set()
