"""Shifts end by themselves, two replicas agree, and a batch costs what an event costs."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from lineside_chassis.clock import SYSTEM_CLOCK, FixedClock
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.shopfloor import (
    LANES,
    PLANTS,
    LaneFields,
    OeeCalculated,
    PlantFields,
    ProductionLogRecorded,
    WorkOrderLog,
)
from lineside_contracts.values import Actor
from lineside_shopfloor.reporting.handlers import events
from lineside_shopfloor.reporting.store import looking
from lineside_testkit.harness import Harness

COUNTED = "shopfloor-reporting-counted"
WEDNESDAY = datetime(2030, 6, 5, tzinfo=UTC)
MOST_STATEMENTS = 13
"""BEGIN, begin_work, touched intervals, lanes, their times, turns, logs, what happened, two loads
of what is kept, one write, COMMIT, and one to spare."""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SYSTEM_CLOCK.now())


@pytest.fixture
async def database(harness: Harness, clock: FixedClock) -> AsyncIterator[Database]:
    await harness.client()
    url = harness.installation.database("shopfloor").urls["app"]
    opened = Database(url, service=COUNTED, clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
async def tenant(harness: Harness) -> UUID:
    """With a plant in UTC by the standard calendar, and two lanes."""
    tenant = harness.new_tenant()
    plant = PlantFields(plant_code="MAIN", plant_name="Main")
    assert (await harness.ask(PLANTS.create, plant, tenant_id=tenant)).status == 201
    for number in ("L1", "L2"):
        lane = LaneFields(
            lane_number=number, lane_name=number, plant_code="MAIN", lane_type="assembly"
        )
        assert (await harness.ask(LANES.create, lane, tenant_id=tenant)).status == 201
    await harness.settle()
    return tenant


async def rows(harness: Harness, tenant: UUID) -> list[dict[str, Any]]:
    return await harness.sql(
        "shopfloor",
        "SELECT lane_number, production_date, shift, availability, oee, is_final, version"
        " FROM oee_calculations WHERE starts_at >= '2030-01-01' ORDER BY 1, starts_at",
        tenant_id=tenant,
    )


async def look(database: Database, tenant: UUID) -> None:
    context = Context(tenant_id=tenant, correlation_id=SYSTEM_CLOCK.new_id())
    async with database.unit_of_work(context) as uow:
        await looking.look(uow, refresh_seconds=300)


async def closed_until(harness: Harness, tenant: UUID, at: datetime) -> None:
    await harness.owner_sql(
        "shopfloor",
        "UPDATE known_tenants SET shifts_closed_until = %(at)s, next_look_at = 'infinity'"
        " WHERE tenant_id = %(tenant)s",
        parameters={"at": at, "tenant": tenant},
    )


async def next_look(harness: Harness, tenant: UUID) -> datetime:
    (row,) = await harness.owner_sql(
        "shopfloor",
        "SELECT next_look_at FROM known_tenants WHERE tenant_id = %(tenant)s",
        parameters={"tenant": tenant},
    )
    at = row["next_look_at"]
    assert isinstance(at, datetime)
    return at


async def test_an_idle_lane_gets_its_row_when_the_shift_ends(
    harness: Harness, database: Database, clock: FixedClock, tenant: UUID
) -> None:
    await closed_until(harness, tenant, WEDNESDAY)
    clock.instant = WEDNESDAY + timedelta(hours=14, seconds=1)
    await look(database, tenant)
    found = await rows(harness, tenant)
    ended = [(row["lane_number"], row["shift"], row["is_final"]) for row in found]
    assert [each for each in ended if each[2]] == [("L1", "early", True), ("L2", "early", True)]
    assert {(row["availability"], row["oee"]) for row in found} == {(0, 0)}
    assert await next_look(harness, tenant) == clock.instant + timedelta(hours=1)


async def test_looking_twice_changes_nothing_and_catching_up_is_bounded(
    harness: Harness, database: Database, clock: FixedClock, tenant: UUID
) -> None:
    await closed_until(harness, tenant, WEDNESDAY)
    clock.instant = WEDNESDAY + timedelta(days=5)
    await look(database, tenant)
    assert await next_look(harness, tenant) == clock.instant
    assert max(row["production_date"] for row in await rows(harness, tenant)).day == 7
    await look(database, tenant)
    assert await next_look(harness, tenant) > clock.instant
    before = await rows(harness, tenant)
    await look(database, tenant)
    assert await rows(harness, tenant) == before
    assert {row["version"] for row in before} == {1}


async def test_a_tenant_is_looked_at_when_its_turn_has_come(harness: Harness, tenant: UUID) -> None:
    for _ in range(40):
        if await next_look(harness, tenant) > SYSTEM_CLOCK.now():
            return
        await asyncio.sleep(0.5)
    pytest.fail("nobody has looked")


def logged(tenant: UUID, number: int, lane_id: UUID) -> Received[Any]:
    now = SYSTEM_CLOCK.now()
    log = WorkOrderLog(
        id=SYSTEM_CLOCK.new_id(),
        version=number,
        log_id=SYSTEM_CLOCK.new_id(),
        kind="complete",
        work_order_number=f"WO-{number}",
        plant_code="MAIN",
        lane_id=lane_id,
        happened_at=now,
        logged_at=now,
        logged_by=Actor(id="u-1", name="Olga"),
    )
    about = Envelope(
        event_id=SYSTEM_CLOCK.new_id(),
        event_type="production_log.recorded.v1",
        tenant_id=tenant,
        aggregate_id=log.id,
        aggregate_version=number,
        occurred_at=now,
        source="lineside/testkit",
        correlation_id=SYSTEM_CLOCK.new_id(),
    )
    return Received(about, ProductionLogRecorded(production_log=log))


async def lanes_of(harness: Harness, tenant: UUID) -> list[UUID]:
    found = await harness.sql("shopfloor", "SELECT id FROM lanes ORDER BY id", tenant_id=tenant)
    return [row["id"] for row in found]


@pytest.mark.parametrize("count", [1, 60])
async def test_a_batch_costs_the_same_statements_for_one_event_as_for_many(
    count: int, harness: Harness, database: Database, tenant: UUID
) -> None:
    lane_ids = await lanes_of(harness, tenant)
    batch = [logged(tenant, n + 1, lane_ids[n % 2]) for n in range(count)]
    context = Context.of_event(batch[0].envelope)
    ids = [event.envelope.event_id for event in batch]
    before = _counted()
    async with database.consuming(context, consumer="counted", event_ids=ids) as (uow, _):
        await events.on_events(uow, batch)
    assert _counted() - before <= MOST_STATEMENTS


async def test_two_replicas_with_one_lane_take_turns_and_never_fail(
    harness: Harness, database: Database, tenant: UUID
) -> None:
    lane_ids = await lanes_of(harness, tenant)

    async def hear(number: int) -> None:
        event = logged(tenant, number, lane_ids[number % 2])
        other = logged(tenant, number, lane_ids[(number + 1) % 2])
        context = Context.of_event(event.envelope)
        ids = [event.envelope.event_id, other.envelope.event_id]
        async with database.consuming(context, consumer="counted", event_ids=ids) as (uow, _):
            uow.is_batch = True
            await events.on_events(uow, [event, other])

    await asyncio.gather(*(hear(number) for number in range(1, 9)))
    said = await harness.events(OeeCalculated, tenant_id=tenant, count=0)
    by_row: dict[UUID, list[int]] = {}
    for event in said:
        by_row.setdefault(event.payload.oee.id, []).append(event.payload.oee.version)
    assert all(versions == sorted(set(versions)) for versions in by_row.values())


def _counted() -> int:
    name = "lineside_sql_statements_total"
    return int(REGISTRY.get_sample_value(name, {"service": COUNTED}) or 0)
