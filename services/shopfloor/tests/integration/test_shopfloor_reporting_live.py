"""From an operator's report to the day's figures: nothing is put into tables by hand here."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import CalendarChanged
from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    GET_DAILY_PRODUCTION_SUMMARY,
    GET_KPIS,
    GET_LANE_OEE,
    PLANTS,
    RECORD_PRODUCTION_LOG,
    AssignLane,
    DailyProductionSummary,
    GetDailyProductionSummary,
    GetKpis,
    GetLaneOee,
    Kpis,
    LaneOee,
    PlantFields,
    ProductionLog,
    RecordProductionLog,
    WorkOrder,
)
from lineside_testkit import builders

NOW = SYSTEM_CLOCK.now()
FIRST, LAST = (NOW - timedelta(days=2)).date(), (NOW + timedelta(days=1)).date()
ALWAYS = {"name": "all", "weekdays": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "00:00"}
"""One shift all day, so that these tests may run at any hour."""


Running = tuple[WorkOrder, UUID, datetime]


async def logged(floor: Any, kind: str, work_order: WorkOrder, **over: Any) -> ProductionLog:
    values = {"kind": kind, "work_order_id": work_order.id, "operation_number": 10}
    request = RecordProductionLog.model_validate(values | over)
    made: ProductionLog = await floor.granted(RECORD_PRODUCTION_LOG, request)
    assert made.accepted, made.conflict
    return made


async def oee(floor: Any, lane_id: UUID) -> LaneOee:
    await floor.harness.settle()
    asked = GetLaneOee(lane_id=lane_id, from_date=FIRST, to_date=LAST)
    found: LaneOee = await floor.granted(GET_LANE_OEE, asked)
    return found


async def produced(floor: Any) -> Decimal:
    await floor.harness.settle()
    good = Decimal(0)
    for offset in range(3):
        day = FIRST + timedelta(days=offset)
        asked = GetDailyProductionSummary(plant_code="MAIN", date=day)
        found: DailyProductionSummary = await floor.granted(GET_DAILY_PRODUCTION_SUMMARY, asked)
        good += found.total.good_quantity
    return good


@pytest.fixture
async def running(lane_floor: Any) -> Running:
    """A work order of a hundred that runs on lane L1 for half an hour, a minute each by plan."""
    plant = PlantFields(
        plant_code="MAIN",
        plant_name="Main works",
        calendar_code="ALWAYS",
        assignment_mode="manual",
    )
    await lane_floor.granted(PLANTS.create, plant)
    calendar = builders.calendar(calendar_code="ALWAYS", shifts=[ALWAYS])
    await lane_floor.harness.publish(
        CalendarChanged(calendar=calendar), tenant_id=lane_floor.tenant
    )
    await lane_floor.harness.settle()
    lane_id = await lane_floor.lane()
    made = await lane_floor.released(
        quantity_ordered="100",
        operations=[{"operation_number": 10, "operation_name": "Fit", "run_minutes": "100"}],
    )
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=lane_id))
    since = SYSTEM_CLOCK.now() - timedelta(minutes=30)
    await logged(lane_floor, "start", made, happened_at=since)
    return made, lane_id, since


async def test_what_an_operator_reports_moves_the_effectiveness_at_once(
    lane_floor: Any, running: Running
) -> None:
    made, lane_id, _ = running
    first = await oee(lane_floor, lane_id)
    assert "open_interval" in first.total.flags
    assert first.total.oee == 0
    await logged(lane_floor, "complete", made, good_quantity="20", scrap_quantity="5")
    after = (await oee(lane_floor, lane_id)).total
    assert (after.good_quantity, after.scrap_quantity) == (Decimal(20), Decimal(5))
    assert after.quality == Decimal("0.8")
    assert after.performance is not None
    assert Decimal("0.7") < after.performance < Decimal("0.84")
    assert await produced(lane_floor) == 20


async def test_a_correction_moves_what_it_corrects(lane_floor: Any, running: Running) -> None:
    made, lane_id, _ = running
    wrong = await logged(lane_floor, "complete", made, good_quantity="50")
    assert await produced(lane_floor) == 50
    right = {"good_quantity": "5", "corrects_log_id": wrong.id}
    await logged(lane_floor, "complete", made, **right)
    assert await produced(lane_floor) == 5
    assert (await oee(lane_floor, lane_id)).total.good_quantity == 5


async def test_a_late_pause_takes_run_time_back(lane_floor: Any, running: Running) -> None:
    made, lane_id, since = running
    assert (await oee(lane_floor, lane_id)).total.run_minutes >= 29
    await logged(lane_floor, "pause", made, happened_at=since + timedelta(minutes=10))
    total = (await oee(lane_floor, lane_id)).total
    assert total.run_minutes == 10
    assert total.stopped_minutes >= 19
    assert total.flags == ()


async def test_a_completed_work_order_is_a_key_figure(lane_floor: Any, running: Running) -> None:
    made, _, _ = running
    await logged(lane_floor, "complete", made, good_quantity="100")
    await lane_floor.harness.settle()
    asked = GetKpis(plant_code="MAIN", from_date=FIRST, to_date=LAST)
    kpis: Kpis = await lane_floor.granted(GET_KPIS, asked)
    assert kpis.throughput.completed_work_order_count == 1
    assert kpis.throughput.completed_units == 100
    assert kpis.planned_hours_share.percentage is not None
    assert kpis.lane_occupancy.numerator >= 29
