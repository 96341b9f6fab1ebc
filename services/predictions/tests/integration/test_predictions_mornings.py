"""Six o'clock at the plant: one timer each, whoever runs, by its own clock, once a day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import nats.js.errors
import orjson
import pytest

from lineside_chassis import schedules
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.schedules import Schedule
from lineside_contracts import streams
from lineside_contracts.shopfloor import Plant, PlantChanged
from lineside_predictions.handlers import recalculating
from lineside_testkit import builders
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

ZONES = [f"Etc/GMT{sign}{n}" for sign in "+-" for n in range(1, 12)]

OLD_ORDER = """
INSERT INTO predicted_orders (tenant_id, id, status, plant_code, expansion_version, order_version,
  runs, capacity_version, capacity_expansion_version, quantity)
VALUES (%s, %s, 'open', %s, 1, 0,
  '[["00000000-0000-0000-0000-000000000001", 10, [], "600", "0", false]]', 0, 0, 10)
"""
"""As it was stored before anything was known of reports."""


@pytest.fixture(scope="module")
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers, services=["predictions"], replicas={"predictions": 2}
    ) as started:
        yield started


def zone_where(*, is_morning_over: bool) -> str:
    """A zone in which six has been, or has not, and midnight is not near."""

    def hour(zone: str) -> float:
        local = SYSTEM_CLOCK.now().astimezone(ZoneInfo(zone))
        return local.hour + local.minute / 60

    wanted = (8, 20) if is_morning_over else (1, 5)
    return next(zone for zone in ZONES if wanted[0] < hour(zone) < wanted[1])


async def said(harness: Harness, tenant: UUID, plant: Plant) -> Any:
    """What lies under the plant's schedule; None where nothing does."""
    await harness.settle()
    await asyncio.sleep(0.1)
    js = await harness.jetstream()
    try:
        subject = recalculating.morning(plant.id).subject(tenant)
        return await js.get_last_msg(streams.TIMERS, subject)
    except nats.js.errors.NotFoundError:
        return None


async def publish(harness: Harness, tenant: UUID, plant: Plant) -> Plant:
    await harness.publish(PlantChanged(plant=plant), tenant_id=tenant)
    return plant


async def kept_on(harness: Harness, tenant: UUID) -> Any:
    query = "SELECT recalculated_on FROM daily_recalculations"
    (row,) = await harness.sql("predictions", query, tenant_id=tenant)
    return row["recalculated_on"]


async def test_a_plant_has_one_timer_at_six_by_its_own_clock(harness: Harness) -> None:
    await harness.client()
    tenant = harness.new_tenant()
    plant = await publish(harness, tenant, builders.plant(time_zone="Europe/Berlin"))
    for _ in range(3):
        await publish(harness, tenant, plant)
    message = await said(harness, tenant, plant)
    assert message.headers["Nats-Schedule"] == "0 0 4,5 * * *"
    js = await harness.jetstream()
    info = await js.stream_info(streams.TIMERS, subjects_filter=f"schedule.*.*.{tenant}.*")
    assert info.state.subjects == {recalculating.morning(plant.id).subject(tenant): 1}


async def test_the_timer_follows_the_plants_zone_and_goes_with_the_plant(harness: Harness) -> None:
    await harness.client()
    tenant = harness.new_tenant()
    plant = await publish(harness, tenant, builders.plant(time_zone="Europe/Berlin"))
    await said(harness, tenant, plant)
    moved = plant.model_copy(update={"version": plant.version + 1, "time_zone": "Asia/Kolkata"})
    await publish(harness, tenant, moved)
    await publish(harness, tenant, plant)
    assert (await said(harness, tenant, plant)).headers["Nats-Schedule"] == "0 30 0 * * *"
    gone = moved.model_copy(update={"version": plant.version + 2, "deleted": True})
    await publish(harness, tenant, gone)
    message = await said(harness, tenant, plant)
    assert message is None or "Nats-Schedule" not in message.headers


async def fire(harness: Harness, tenant: UUID, plant: Plant) -> None:
    """Let the plant's schedule fire now, as the broker does in time."""
    soon = Schedule(
        *("predictions", recalculating.DAILY, str(plant.id)),
        schedules.at(SYSTEM_CLOCK.now() + timedelta(seconds=0.5)),
    )
    headers = {"Nats-Schedule": soon.pattern, "Nats-Schedule-Target": soon.target(tenant)}
    await harness.publish_raw(soon.subject(tenant), orjson.dumps({}), headers)
    await asyncio.sleep(1.2)
    await harness.settle()


async def test_in_the_morning_every_open_order_is_predicted_again_once(harness: Harness) -> None:
    await harness.client()
    tenant = harness.new_tenant()
    zone = zone_where(is_morning_over=True)
    plant = await publish(harness, tenant, builders.plant(time_zone=zone))
    await said(harness, tenant, plant)
    order = SYSTEM_CLOCK.new_id()
    await harness.owner_sql("predictions", OLD_ORDER, parameters=(tenant, order, plant.plant_code))
    await fire(harness, tenant, plant)
    today = SYSTEM_CLOCK.now().astimezone(ZoneInfo(zone)).date()
    assert await kept_on(harness, tenant) == today
    query = "SELECT p80_date, remaining_quantity FROM predicted_orders"
    async with asyncio.timeout(10):
        while (await harness.sql("predictions", query, tenant_id=tenant))[0]["p80_date"] is None:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    forget = "UPDATE predicted_orders SET p80_date = NULL WHERE id = %s"
    await harness.owner_sql("predictions", forget, parameters=(order,))
    await fire(harness, tenant, plant)
    assert (await harness.sql("predictions", query, tenant_id=tenant))[0]["p80_date"] is None


async def test_before_six_nothing_happens(harness: Harness) -> None:
    await harness.client()
    tenant = harness.new_tenant()
    zone = zone_where(is_morning_over=False)
    plant = await publish(harness, tenant, builders.plant(time_zone=zone))
    await said(harness, tenant, plant)
    await fire(harness, tenant, plant)
    assert await kept_on(harness, tenant) is None


def test_a_day_of_the_year_has_one_morning() -> None:
    """Of the two hours a zone with daylight saving gives, just one is due first each day."""
    zone = ZoneInfo("Europe/Berlin")
    for days in range(0, 366, 7):
        noon = datetime(2026, 11, 20, 12, tzinfo=zone) + timedelta(days=days)
        fired = [noon.replace(hour=0).astimezone(ZoneInfo("UTC")).replace(hour=h) for h in (4, 5)]
        due = [at for at in fired if schedules.is_due(recalculating.MORNING, str(zone), now=at)]
        assert due[0].astimezone(zone).hour == 6
