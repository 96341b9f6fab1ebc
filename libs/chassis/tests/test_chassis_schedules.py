"""Schedules on a real broker: once, in time, replaced, taken back; and when a plant wakes."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from lineside_chassis import provisioning, schedules
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.schedules import Fired, Schedule
from lineside_chassis.service import Service
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams

SIX = time(6)
ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"),
    *("Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns"),
)


def schedule(key: str, pattern: str = "", **body: str) -> Schedule:
    return Schedule("trial", "look", key, pattern, body)


class Heard:
    """What fired, in order."""

    def __init__(self) -> None:
        self.fired: list[Fired] = []

    async def on_look(self, _uow: UnitOfWork, fired: Sequence[Fired]) -> None:
        self.fired += fired


def hours_of(pattern: str) -> set[tuple[int, int]]:
    _second, minutes, hours, *_ = pattern.split()
    return {(int(h), int(m)) for h in hours.split(",") for m in minutes.split(",")}


@pytest.mark.parametrize("zone", ZONES)
@given(day=st.dates(date(2026, 11, 21), date(2027, 11, 20)))
def test_on_every_day_one_of_the_instants_is_the_local_time(zone: str, day: date) -> None:
    pattern = schedules.daily(SIX, zone, now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    local = datetime.combine(day, SIX, ZoneInfo(zone))
    wanted = local.astimezone(UTC)
    assert (wanted.hour, wanted.minute) in hours_of(pattern)
    assert schedules.is_due(SIX, zone, now=wanted)
    assert not schedules.is_due(SIX, zone, now=wanted - timedelta(minutes=1))


def test_a_zone_with_daylight_saving_has_two_hours_and_others_one() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert schedules.daily(SIX, "Europe/Berlin", now=now) == "0 0 4,5 * * *"
    assert schedules.daily(SIX, "Asia/Kolkata", now=now) == "0 30 0 * * *"
    assert schedules.daily(SIX, "Nowhere/AtAll", now=now) == "0 0 6 * * *"


def test_in_winter_the_summers_hour_is_too_early() -> None:
    at_four = datetime(2026, 12, 1, 4, tzinfo=UTC)
    assert not schedules.is_due(SIX, "Europe/Berlin", now=at_four)
    assert schedules.is_due(SIX, "Europe/Berlin", now=at_four + timedelta(hours=1))
    assert schedules.is_due(SIX, "Europe/Berlin", now=datetime(2027, 6, 1, 4, tzinfo=UTC))


async def listening(rig: Any) -> tuple[Heard, Service]:
    heard = Heard()
    timers = schedules.consumer("trial-timers", service="trial", jobs={"look": heard.on_look})
    return heard, await rig.start(consumers=[timers])


async def say(rig: Any, service: Service, *scheduled: Schedule, cancel: bool = False) -> None:
    assert service.database is not None
    for each in scheduled:
        async with service.database.unit_of_work(rig.context()) as uow:
            (schedules.cancel if cancel else schedules.register)(uow, each)


async def test_what_is_scheduled_comes_in_time_and_only_once(rig: Any, until: Any) -> None:
    heard, service = await listening(rig)
    soon = SYSTEM_CLOCK.now() + timedelta(seconds=1)
    await say(rig, service, *(schedule("one", schedules.at(soon), n=str(n)) for n in range(3)))
    await say(rig, service, schedule("late", schedules.at(soon - timedelta(days=1))))
    await until(lambda: _has(heard, 2))
    assert SYSTEM_CLOCK.now() >= soon
    await asyncio.sleep(0.5)
    assert {fired.key: dict(fired.body) for fired in heard.fired} == {"late": {}, "one": {"n": "2"}}
    assert len(heard.fired) == 2


async def test_a_repeated_schedule_fires_until_it_is_taken_back(rig: Any, until: Any) -> None:
    heard, service = await listening(rig)
    await say(rig, service, schedule("each", "* * * * * *"))
    await until(lambda: _has(heard, 2))
    await say(rig, service, schedule("each"), cancel=True)
    await asyncio.sleep(0.5)
    count = len(heard.fired)
    await asyncio.sleep(1.5)
    assert len(heard.fired) == count


async def test_a_timer_nobody_can_read_is_set_aside(rig: Any, until: Any) -> None:
    heard, _service = await listening(rig)
    await rig.client.jetstream().publish("timer.trial.look.nobody.x", b"{}")

    async def set_aside() -> bool:
        return len(await rig.messages(streams.DEAD_LETTERS)) == 1

    await until(set_aside)
    assert heard.fired == []


async def test_streams_with_schedules_are_brought_up_to_date_again(rig: Any) -> None:
    await provisioning.provision_streams(rig.client)
    config = (await rig.client.jetstream().stream_info(streams.TIMERS)).config
    assert config.allow_msg_schedules


async def _has(heard: Heard, count: int) -> bool:
    return len(heard.fired) >= count
