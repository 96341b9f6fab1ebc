"""Months that leave the database: archived, read back, dropped, and asked for again."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis import stopping
from lineside_chassis.clock import SYSTEM_CLOCK, FixedClock
from lineside_chassis.database import Database
from lineside_chassis.leading import Leadership
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts.problems import ProblemCode
from lineside_contracts.shopfloor import (
    CREATE_WORK_ORDER,
    LIST_ARCHIVES,
    PLANTS,
    QUERY_ARCHIVED_LOGS,
    CreateWorkOrder,
    ListArchives,
    PlantFields,
    ProductionLog,
    ProductionLogArchive,
    QueryArchivedLogs,
    WorkOrder,
)
from lineside_shopfloor import tables
from lineside_shopfloor.archive.domain import months as calendar
from lineside_shopfloor.archive.jobs.keeping import Keeper
from lineside_shopfloor.archive.jobs.retiring import Retirement
from lineside_shopfloor.archive.store import archiving, measuring, obstacles
from lineside_shopfloor.archive.store.archiving import NotVerified
from lineside_shopfloor.archive.store.files import ArchiveDamaged, Archives
from lineside_shopfloor.archive.store.months import MonthNotCovered
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

ByHand = Callable[..., CreateWorkOrder]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RETENTION_MONTHS = 24
NEVER = 1e6

_COLUMNS = ", ".join(c.name for c in tables.production_logs.c if c.computed is None)
_INSERT = (
    f"INSERT INTO production_logs ({_COLUMNS})"  # noqa: S608 -- the table's own
    f" SELECT {_COLUMNS} FROM jsonb_populate_recordset(NULL::production_logs, %(rows)s::jsonb)"
)

_MONTHS = itertools.count(1)
"""Every test has a month of its own: a month is dropped for all tenants."""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives")


@pytest.fixture(scope="module")
async def harness(lineside_servers: Servers, directory: Path) -> AsyncIterator[Harness]:
    settings = {"archive_directory": str(directory), "archive_check_seconds": NEVER}
    async with Harness.start(
        lineside_servers, services=["shopfloor"], settings={"shopfloor": settings}
    ) as started:
        yield started


@pytest.fixture(scope="module")
async def retirement(harness: Harness, directory: Path) -> AsyncIterator[Retirement]:
    await harness.client()
    url = harness.installation.database("shopfloor").urls["app"]
    database = Database(url, service="archive-tests", clock=FixedClock(NOW))
    yield Retirement(database, Archives(directory), RETENTION_MONTHS, _no_obstacles)
    await database.close()


@pytest.fixture
async def month(harness: Harness, retirement: Retirement) -> AsyncIterator[date]:
    """A month that is old enough, and gone after the test."""
    chosen = calendar.shifted(date(2020, 1, 1), next(_MONTHS))
    yield chosen
    await make_months(retirement)
    if partition_of(chosen) in await partitions(harness):
        assert await retirement.retire(chosen)


async def _no_obstacles(_uow: UnitOfWork, _month: date) -> list[str]:
    return []


async def make_months(retirement: Retirement) -> None:
    keeper = Keeper.of(retirement.database, url="", retirement=None, check_seconds=NEVER)
    assert await keeper.make_months()


async def work_order(harness: Harness, by_hand: ByHand) -> tuple[UUID, WorkOrder]:
    tenant = harness.new_tenant()
    plant = PlantFields(plant_code="MAIN", plant_name="MAIN works", time_zone="Europe/Berlin")
    made = await harness.ask(PLANTS.create, plant, tenant_id=tenant)
    assert made.status == 201, made.body
    answer = await harness.ask(CREATE_WORK_ORDER, by_hand(), tenant_id=tenant)
    assert answer.status == 201, answer.body
    return tenant, answer.body


def row(tenant: UUID, order: WorkOrder, at: datetime, **over: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "tenant_id": tenant,
        "id": SYSTEM_CLOCK.new_id(),
        "logged_at": at.isoformat(),
        "happened_at": (at - timedelta(minutes=5)).isoformat(),
        "log_version": 1,
        "kind": "complete",
        "activity": "run",
        "work_order_id": order.id,
        "work_order_number": order.work_order_number,
        "plant_code": "MAIN",
        "operation_number": 10,
        "lane_number": "L1",
        "lane_id": SYSTEM_CLOCK.new_id(),
        "good_quantity": "5.25",
        "scrap_quantity": "0",
        "rework_quantity": "1",
        "input_added_quantity": "0",
        "is_from_rework": False,
        "completes_operation": False,
        "stops_production": False,
        "worker_count": 2,
        "serial_numbers": ["A-1", "é-2"],
        "is_void": False,
        "notes": "Überlänge, Kiste 7",
        "logged_by": {"id": "operator-7", "name": "Ömer Ç."},
    }
    return values | over


async def insert(harness: Harness, tenant: UUID, rows: list[dict[str, Any]]) -> None:
    parameters = {"rows": json.dumps(rows, default=str)}
    await harness.sql("shopfloor", _INSERT, tenant_id=tenant, parameters=parameters)


async def table_rows(harness: Harness, tenant: UUID) -> list[dict[str, Any]]:
    statement = "SELECT * FROM production_logs ORDER BY logged_at DESC, id DESC"
    return await harness.sql("shopfloor", statement, tenant_id=tenant)


def spread(tenant: UUID, order: WorkOrder, month: date, count: int) -> list[dict[str, Any]]:
    begins, _ = calendar.bounds(month)
    kinds = ("start", "pause", "resume", "complete", "issue")
    return [
        row(
            tenant,
            order,
            begins + timedelta(hours=n, microseconds=n),
            kind=kinds[n % 5],
            log_version=n + 1,
            good_quantity=str(n),
            stated_hours=None if n % 2 else "1.5",
            lot_number=f"LOT-{n % 3}",
        )
        for n in range(count)
    ]


async def query(harness: Harness, tenant: UUID, month: date, **filters: Any) -> list[ProductionLog]:
    found: list[ProductionLog] = []
    cursor = None
    while True:
        request = QueryArchivedLogs(month_from=calendar.written(month), cursor=cursor, **filters)
        answer = await harness.ask(QUERY_ARCHIVED_LOGS, request, tenant_id=tenant)
        assert answer.status == 200, answer.body
        found += answer.body.items
        cursor = answer.body.next_cursor
        if cursor is None:
            return found


async def archives(harness: Harness, tenant: UUID) -> list[ProductionLogArchive]:
    answer = await harness.ask(LIST_ARCHIVES, ListArchives(), tenant_id=tenant)
    assert answer.status == 200, answer.body
    return list(answer.body.items)


async def partitions(harness: Harness) -> set[str]:
    found = await harness.owner_sql(
        "shopfloor",
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'production_logs'::regclass",
    )
    return {each["relname"] for each in found}


async def is_retired(harness: Harness, tenant: UUID, month: date) -> bool:
    there = partition_of(month) in await partitions(harness)
    return not there and bool(await archives(harness, tenant))


def partition_of(month: date) -> str:
    return f"production_logs_{month:%Y_%m}"


def same(log: ProductionLog, lying: dict[str, Any]) -> bool:
    """Whether an answer is the row as it lay in the table."""
    said = log.model_dump(mode="python")
    names = said.keys() & lying.keys() - {"logged_by"}
    return {**{n: _plain(said[n]) for n in names}, "by": said["logged_by"]} == {
        **{n: _plain(lying[n]) for n in names},
        "by": lying["logged_by"],
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


async def test_an_old_month_leaves_the_table_and_is_read_from_its_file(
    harness: Harness,
    retirement: Retirement,
    month: date,
    directory: Path,
    by_hand: ByHand,
) -> None:
    tenant, order = await work_order(harness, by_hand)
    await insert(harness, tenant, spread(tenant, order, month, 120))
    await make_months(retirement)
    before = await table_rows(harness, tenant)
    assert await retirement.retire(month)
    assert await table_rows(harness, tenant) == []
    assert partition_of(month) not in await partitions(harness)
    (archive,) = await archives(harness, tenant)
    assert (archive.month, archive.part, archive.row_count) == (calendar.written(month), 1, 120)
    assert archive.dropped_at is not None
    path = directory / str(tenant) / "production_logs" / archive.file_name
    assert path.stat().st_size == archive.byte_count
    found = await query(harness, tenant, month, limit=50)
    assert len(found) == 120
    assert all(same(log, lying) for log, lying in zip(found, before, strict=True))
    assert {log.work_order_status for log in found} == {"planned"}
    assert {log.logged_by_name for log in found} == {"Ömer Ç."}


async def test_filters_plants_and_pages_hold_in_the_archive_as_in_the_table(
    harness: Harness, retirement: Retirement, month: date, by_hand: ByHand
) -> None:
    tenant, order = await work_order(harness, by_hand)
    begins, _ = calendar.bounds(month)
    lane = SYSTEM_CLOCK.new_id()
    elsewhere = {"plant_code": "OTHER", "logged_by": {"id": "operator-8", "name": "Ada"}}
    start = row(tenant, order, begins, kind="start", lane_id=lane, operation_number=20)
    others = [row(tenant, order, begins + timedelta(hours=n), **elsewhere) for n in (1, 2)]
    fix = row(tenant, order, begins + timedelta(hours=3), corrects_log_id=start["id"])
    await insert(harness, tenant, [start, *others, fix])
    await make_months(retirement)
    assert await retirement.retire(month)

    async def ids(**filters: Any) -> list[UUID]:
        return [log.id for log in await query(harness, tenant, month, **filters)]

    newest_first = [fix["id"], others[1]["id"], others[0]["id"], start["id"]]
    assert await ids(limit=1) == newest_first
    assert await ids(work_order_id=order.id) == newest_first
    assert await ids(work_order_id=tenant) == []
    assert await ids(kind="start") == [start["id"]]
    assert await ids(lane_id=lane) == [start["id"]]
    assert await ids(operation_number=20) == [start["id"]]
    assert await ids(logged_by="operator-8") == newest_first[1:3]
    assert await ids(plant_code="OTHER") == newest_first[1:3]
    assert await ids(happened_from=others[0]["happened_at"]) == newest_first[:3]
    assert await ids(happened_until=others[0]["happened_at"]) == [start["id"]]
    request = QueryArchivedLogs(month_from=calendar.written(month))
    seen = await harness.ask(
        QUERY_ARCHIVED_LOGS, request, tenant_id=tenant, plants=frozenset({"OTHER"})
    )
    assert [log.id for log in seen.body.items] == newest_first[1:3]
    logs = {log.id: log for log in await query(harness, tenant, month)}
    assert logs[start["id"]].corrected_by_log_id == fix["id"]


async def test_no_tenant_reads_the_archive_of_another(
    harness: Harness, retirement: Retirement, month: date, by_hand: ByHand
) -> None:
    tenant, order = await work_order(harness, by_hand)
    other, others_order = await work_order(harness, by_hand)
    await insert(harness, tenant, spread(tenant, order, month, 3))
    await insert(harness, other, spread(other, others_order, month, 5))
    await make_months(retirement)
    assert await retirement.retire(month)
    assert [a.row_count for a in await archives(harness, tenant)] == [3]
    assert [a.row_count for a in await archives(harness, other)] == [5]
    assert {log.work_order_id for log in await query(harness, tenant, month)} == {order.id}
    stranger = harness.new_tenant()
    assert await archives(harness, stranger) == []
    assert await query(harness, stranger, month) == []
    request = QueryArchivedLogs(month_from=calendar.written(month))
    denied = await harness.ask(
        QUERY_ARCHIVED_LOGS, request, tenant_id=tenant, permissions=frozenset()
    )
    assert (denied.status, denied.problem.code) == (403, ProblemCode.FORBIDDEN)


@pytest.mark.parametrize("reason", ["missing", "altered"])
async def test_a_damaged_archive_is_a_problem_that_names_it(
    harness: Harness, retirement: Retirement, month: date, by_hand: ByHand, reason: str
) -> None:
    tenant, order = await work_order(harness, by_hand)
    await insert(harness, tenant, spread(tenant, order, month, 3))
    await make_months(retirement)
    assert await retirement.retire(month)
    assert len(await query(harness, tenant, month)) == 3
    path = retirement.directory.path(tenant, month, 1)
    if reason == "missing":
        path.unlink()
    else:
        damage(path)
    request = QueryArchivedLogs(month_from=calendar.written(month))
    answer = await harness.ask(QUERY_ARCHIVED_LOGS, request, tenant_id=tenant)
    assert (answer.status, answer.problem.code) == (409, ProblemCode.ARCHIVE_DAMAGED)
    assert answer.problem.facts == {
        "month": calendar.written(month),
        "file_name": path.name,
        "reason": reason,
    }


async def test_nothing_is_dropped_for_a_file_that_was_damaged(
    harness: Harness, retirement: Retirement, month: date, by_hand: ByHand
) -> None:
    tenant, order = await work_order(harness, by_hand)
    await insert(harness, tenant, spread(tenant, order, month, 10))
    await make_months(retirement)
    assert await retirement.archive(month)
    damage(retirement.directory.path(tenant, month, 1))
    with pytest.raises(ArchiveDamaged, match="altered"):
        await retirement.drop(month)
    assert len(await table_rows(harness, tenant)) == 10
    assert await retirement.retire(month), "the next look writes it anew"
    assert len(await query(harness, tenant, month)) == 10


async def test_the_database_refuses_to_drop_what_came_after_the_archive(
    harness: Harness, retirement: Retirement, month: date, by_hand: ByHand
) -> None:
    tenant, order = await work_order(harness, by_hand)
    begins, _ = calendar.bounds(month)
    await insert(harness, tenant, spread(tenant, order, month, 2))
    await make_months(retirement)
    with pytest.raises(MonthNotCovered):
        await retirement.drop(month)
    assert await retirement.archive(month)
    await insert(harness, tenant, [row(tenant, order, begins + timedelta(days=9))])
    with pytest.raises(MonthNotCovered):
        await retirement.drop(month)
    assert await retirement.archive(month)
    changed = "UPDATE production_logs SET notes = 'another' WHERE log_version = 2"
    await harness.sql("shopfloor", changed, tenant_id=tenant)
    with pytest.raises(MonthNotCovered):
        await retirement.drop(month)
    assert len(await table_rows(harness, tenant)) == 3
    assert await retirement.retire(month)
    assert "another" in {log.notes for log in await query(harness, tenant, month)}


async def test_a_crash_between_any_two_steps_is_only_a_pause(
    harness: Harness, retirement: Retirement, month: date, by_hand: ByHand
) -> None:
    tenant, order = await work_order(harness, by_hand)
    await insert(harness, tenant, spread(tenant, order, month, 4))
    await make_months(retirement)
    path = retirement.directory.path(tenant, month, 1)
    draft = retirement.directory.begin(path, SYSTEM_CLOCK.new_id())
    draft.write_bytes(b"half a file")
    path.write_bytes(b"renamed, and never verified")
    assert await retirement.archive(month)
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    verified = path.stat().st_mtime_ns
    assert await retirement.retire(month), "verified before: only the drop was missing"
    assert path.stat().st_mtime_ns == verified
    assert len(await query(harness, tenant, month)) == 4


async def test_the_same_rows_make_the_same_file(
    harness: Harness, retirement: Retirement, month: date, by_hand: ByHand
) -> None:
    tenant, order = await work_order(harness, by_hand)
    await insert(harness, tenant, spread(tenant, order, month, 50))
    await make_months(retirement)
    path = retirement.directory.path(tenant, month, 1)
    assert await retirement.archive(month)
    first = path.read_bytes()
    path.unlink()
    assert await retirement.archive(month)
    assert path.read_bytes() == first


async def test_logs_that_turn_up_after_the_drop_become_a_further_part(
    harness: Harness, retirement: Retirement, month: date, by_hand: ByHand
) -> None:
    tenant, order = await work_order(harness, by_hand)
    logs = spread(tenant, order, month, 6)
    for some in (logs[::2], logs[1::2]):
        await insert(harness, tenant, some)
        await make_months(retirement)
        assert await retirement.retire(month)
    listed = await archives(harness, tenant)
    assert [(archive.part, archive.row_count) for archive in listed] == [(2, 3), (1, 3)]
    found = await query(harness, tenant, month, limit=4)
    assert [log.id for log in found] == [log["id"] for log in reversed(logs)]


async def test_a_file_of_other_logs_is_not_verified(
    harness: Harness, retirement: Retirement, month: date, by_hand: ByHand
) -> None:
    tenant, order = await work_order(harness, by_hand)
    other, others_order = await work_order(harness, by_hand)
    await insert(harness, tenant, spread(tenant, order, month, 3))
    await insert(harness, other, spread(other, others_order, month, 4))
    await make_months(retirement)
    assert await retirement.archive(month)
    context = Context(tenant_id=tenant, correlation_id=SYSTEM_CLOCK.new_id())
    async with retirement.database.unit_of_work(context, read_only=True) as uow:
        mine = (await measuring.measure(uow, month)).fingerprint
    archiving.verify(mine, await archiving.fingerprint_of(path_of(retirement, tenant, month)))
    theirs = await archiving.fingerprint_of(path_of(retirement, other, month))
    with pytest.raises(NotVerified, match=r"3 rows in the table, 4 in the file.*checksum"):
        archiving.verify(mine, theirs)


async def test_a_month_stays_until_its_days_are_summed_up_and_its_work_orders_done(
    harness: Harness, retirement: Retirement, month: date, by_hand: ByHand
) -> None:
    tenant, order = await work_order(harness, by_hand)
    begins, _ = calendar.bounds(month)
    late = begins + timedelta(hours=23, minutes=30)
    await insert(harness, tenant, [row(tenant, order, late), row(tenant, order, late)])
    await make_months(retirement)
    careful = replace(retirement, obstacles=obstacles.of_month)
    assert not await careful.retire(month)
    assert len(await table_rows(harness, tenant)) == 2
    assert not retirement.directory.path(tenant, month, 1).exists()
    # shortly before midnight in UTC the next day has begun in Berlin, winter and summer
    summary = {
        **dict.fromkeys(_AMOUNTS, 0),
        "tenant_id": tenant,
        "plant_code": "MAIN",
        "production_date": month,
        "lane_id": tenant,
        "shift": "late",
        "calendar_date": (late + timedelta(hours=2)).date(),
        "operation_type": "assembly",
        "calculated_at": late,
    }
    names = ", ".join(summary)
    values = ", ".join(f"%({name})s" for name in summary)
    statement = f"INSERT INTO daily_production_summary ({names}) VALUES ({values})"  # noqa: S608
    await harness.sql("shopfloor", statement, tenant_id=tenant, parameters=summary)
    assert not await careful.retire(month), "a correction would add its logs up anew"
    done = "UPDATE work_orders SET status = 'completed'"
    await harness.sql("shopfloor", done, tenant_id=tenant)
    assert await careful.retire(month)


async def test_two_replicas_retire_a_month_once(
    harness: Harness, retirement: Retirement, month: date, by_hand: ByHand
) -> None:
    tenant, order = await work_order(harness, by_hand)
    await insert(harness, tenant, spread(tenant, order, month, 20))
    url = harness.installation.database("shopfloor").urls["app"]
    keepers = [
        Keeper(
            retirement.database,
            Leadership(url, "archive-test", retry_seconds=0.05),
            retirement,
            check_seconds=NEVER,
        )
        for _ in range(2)
    ]
    running = [asyncio.create_task(keeper.run()) for keeper in keepers]
    async with asyncio.timeout(20):
        while not await is_retired(harness, tenant, month):  # noqa: ASYNC110 -- asked
            await asyncio.sleep(0.1)
    await stopping.cancel(running)
    assert [(a.part, a.row_count) for a in await archives(harness, tenant)] == [(1, 20)]
    assert len(await query(harness, tenant, month)) == 20


async def test_young_months_stay(retirement: Retirement) -> None:
    assert all(
        calendar.bounds(month)[1] <= NOW - timedelta(days=730)
        for month in await retirement.due_months()
    )


_AMOUNTS = (
    *("good_quantity", "scrap_quantity", "rework_quantity", "reworked_good_quantity"),
    *("reworked_scrap_quantity", "run_seconds", "setup_seconds", "downtime_seconds"),
    *("log_count", "completed_work_order_count"),
)


def path_of(retirement: Retirement, tenant: UUID, month: date) -> Path:
    return retirement.directory.path(tenant, month, 1)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
