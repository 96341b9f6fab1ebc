"""Months of production logs get their partitions, and no log is lost on the way."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from lineside_chassis.clock import SYSTEM_CLOCK, FixedClock
from lineside_chassis.database import Database
from lineside_contracts.shopfloor import CREATE_WORK_ORDER, PLANTS, CreateWorkOrder, PlantFields
from lineside_shopfloor import tables
from lineside_shopfloor.archive.domain import months as calendar
from lineside_shopfloor.archive.jobs.keeping import MONTHS_AHEAD, Keeper
from lineside_testkit.harness import Harness

ByHand = Callable[..., CreateWorkOrder]

_FUTURE = itertools.count(1)
"""Every test has a future of its own, five months long."""

_COLUMNS = ", ".join(c.name for c in tables.production_logs.c if c.computed is None)
_INSERT = (
    f"INSERT INTO production_logs ({_COLUMNS})"  # noqa: S608 -- the table's own
    f" SELECT {_COLUMNS} FROM jsonb_populate_record(NULL::production_logs, %s::jsonb)"
)
_WHERE = "SELECT tableoid::regclass::text AS name, count(*) AS n FROM production_logs GROUP BY 1"


@pytest.fixture
async def future(harness: Harness) -> date:
    await harness.client()
    return calendar.shifted(date(2040, 1, 1), 5 * next(_FUTURE))


@pytest.fixture
async def order(harness: Harness, by_hand: ByHand) -> dict[str, Any]:
    """Fields of a log of a work order, with its tenant."""
    tenant = harness.new_tenant()
    plant = PlantFields(plant_code="MAIN", plant_name="MAIN works", time_zone="Europe/Berlin")
    assert (await harness.ask(PLANTS.create, plant, tenant_id=tenant)).status == 201
    made = (await harness.ask(CREATE_WORK_ORDER, by_hand(), tenant_id=tenant)).body
    return {
        "tenant_id": tenant,
        "work_order_id": made.id,
        "work_order_number": made.work_order_number,
        "kind": "start",
        "activity": "run",
        "log_version": 1,
        "worker_count": 1,
        "serial_numbers": [],
        "logged_by": {"id": "operator-7", "name": "Ada"},
        **dict.fromkeys(("good_quantity", "scrap_quantity", "rework_quantity"), 0),
        "input_added_quantity": 0,
        **dict.fromkeys(("is_from_rework", "completes_operation"), False),
        **dict.fromkeys(("stops_production", "is_void"), False),
    }


@asynccontextmanager
async def keeper_at(harness: Harness, month: date) -> AsyncIterator[Keeper]:
    url = harness.installation.database("shopfloor").urls["app"]
    now = datetime(month.year, month.month, 28, 23, 59, tzinfo=UTC)
    database = Database(url, service="archive-tests", clock=FixedClock(now))
    yield Keeper.of(database, url=url, retirement=None, check_seconds=1e6)
    await database.close()


@asynccontextmanager
async def writing(
    harness: Harness, order: dict[str, Any], at: datetime
) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """Have a log inserted, as the service does: the work order comes first."""
    url = harness.installation.database("shopfloor").urls["app"]
    async with await psycopg.AsyncConnection.connect(url) as connection:
        tenant = str(order["tenant_id"])
        await connection.execute("SELECT set_config('app.current_tenant_id', %s, true)", (tenant,))
        await connection.execute("SELECT FROM work_orders FOR KEY SHARE")
        instants = {"logged_at": at.isoformat(), "happened_at": at.isoformat()}
        log = {**order, **instants, "id": SYSTEM_CLOCK.new_id()}
        await connection.execute(_INSERT.encode(), [json.dumps(log, default=str)])
        yield connection


async def where(harness: Harness, tenant: UUID) -> dict[str, int]:
    """How many logs of a tenant lie in which partition."""
    rows = await harness.sql("shopfloor", _WHERE, tenant_id=tenant)
    return {row["name"]: row["n"] for row in rows}


def partition_of(month: date) -> str:
    return f"production_logs_{month:%Y_%m}"


def within(month: date) -> datetime:
    return calendar.bounds(month)[0] + timedelta(days=3)


async def test_this_month_and_three_more_are_there(harness: Harness, future: date) -> None:
    async with keeper_at(harness, future) as keeper:
        assert await keeper.keep()
        assert await keeper.keep(), "a second look finds nothing to do"
    found = await harness.owner_sql(
        "shopfloor",
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,"
        " pg_get_expr(c.relpartbound, c.oid) AS bounds, has_table_privilege("
        "   (SELECT polroles[1] FROM pg_policy WHERE polrelid = c.oid"
        "    AND polname LIKE '%%tenant_isolation'), c.oid, 'SELECT') AS open"
        " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'production_logs'::regclass AND c.relname >= %(first)s"
        " ORDER BY 1 LIMIT 5",
        parameters={"first": partition_of(future)},
    )
    ahead = [calendar.shifted(future, n) for n in range(MONTHS_AHEAD + 1)]
    made = [row for row in found if row["relname"] != "production_logs_default"]
    assert [row["relname"] for row in made] == [partition_of(month) for month in ahead]
    assert all(row["forced"] and not row["open"] for row in made)
    for month, row in zip(ahead, made, strict=True):
        assert f"'{month} 00:00:00+00'" in row["bounds"]


async def test_logs_without_a_month_move_to_it_when_it_is_made(
    harness: Harness, order: dict[str, Any], future: date
) -> None:
    past = calendar.shifted(date(2012, 1, 1), next(_FUTURE))
    for month in (past, future, future, calendar.shifted(future, 1)):
        async with writing(harness, order, within(month)):
            pass
    tenant = order["tenant_id"]
    assert await where(harness, tenant) == {"production_logs_default": 4}
    async with keeper_at(harness, future) as keeper:
        assert await keeper.make_months()
    assert await where(harness, tenant) == {
        partition_of(past): 1,
        partition_of(future): 2,
        partition_of(calendar.shifted(future, 1)): 1,
    }


async def test_logs_written_while_their_month_is_made_are_not_lost(
    harness: Harness, order: dict[str, Any], future: date
) -> None:
    async def write() -> None:
        async with writing(harness, order, within(future)):
            pass

    async with keeper_at(harness, future) as keeper:
        async with writing(harness, order, within(future)) as before:
            making = asyncio.create_task(keeper.make_months())
            await asyncio.sleep(0.2)
            during = asyncio.create_task(write())
            await asyncio.sleep(0.1)
            await before.commit()
        assert await making
        await during
    assert await where(harness, order["tenant_id"]) == {partition_of(future): 2}


async def test_making_a_month_gives_way_to_long_transactions(
    harness: Harness, order: dict[str, Any], future: date
) -> None:
    async with keeper_at(harness, future) as keeper:
        async with writing(harness, order, within(future)):
            assert not await keeper.make_months(), "waits half a second, then gives up"
            async with asyncio.timeout(2), writing(harness, order, within(future)):
                pass
        assert await keeper.make_months()
    assert await where(harness, order["tenant_id"]) == {partition_of(future): 2}
