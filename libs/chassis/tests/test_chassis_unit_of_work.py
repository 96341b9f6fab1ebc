"""What a unit of work writes, and in how many statements."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError

from lineside_chassis import migrations, tables
from lineside_chassis.errors import StaleWrite
from lineside_chassis.unit_of_work import MAX_PAYLOAD_BYTES, PayloadTooLarge


def row(uow: Any, **changes: Any) -> Any:
    return {"id": uow.new_id(), "version": 1, "quantity": Decimal("1.5"), "note": None} | changes


async def test_everything_is_one_statement(rig: Any) -> None:
    seen = []
    event.listen(
        rig.database._engine.sync_engine,  # noqa: SLF001 -- counts what is sent
        "before_cursor_execute",
        lambda _c, _k, statement, *_: seen.append(statement),
    )
    async with rig.database.unit_of_work(rig.context()) as uow:
        thing = row(uow, note="first")
        uow.insert(rig.things, [thing, row(uow)])
        uow.insert(rig.parts, [{"id": uow.new_id(), "thing_id": thing["id"], "position": 1}])
        uow.update(rig.things, [{"id": thing["id"], "note": "second"}])
        uow.emit(rig.event())
    assert len(seen) == 2
    assert await rig.rows("SELECT count(*) FROM things") == [(2,)]
    assert await rig.rows("SELECT note, quantity FROM things WHERE note IS NOT NULL") == [
        ("second", Decimal("1.5"))
    ]
    assert await rig.rows("SELECT count(*) FROM outbox") == [(1,)]


async def test_the_migrated_database_is_what_the_tables_say(rig: Any) -> None:
    assert migrations.differences(rig.url("owner"), rig.things.metadata) == []


async def test_an_upsert_keeps_the_newest(rig: Any) -> None:
    async with rig.database.unit_of_work(rig.context()) as uow:
        thing = row(uow, version=5, note="five")
        uow.upsert(rig.things, [thing, thing | {"version": 3}], key=("id",), newer_by="version")
    async with rig.database.unit_of_work(rig.context()) as uow:
        older = thing | {"version": 4, "note": "four"}
        uow.upsert(rig.things, [older], key=("id",), newer_by="version")
    assert await rig.rows("SELECT version, note FROM things") == [(5, "five")]
    async with rig.database.unit_of_work(rig.context()) as uow:
        newer = thing | {"version": 6, "note": "six"}
        uow.upsert(rig.things, [newer], key=("id",), newer_by="version")
        uow.insert_new(rig.things, [newer | {"note": "ignored"}], key=("id",))
    assert await rig.rows("SELECT version, note FROM things") == [(6, "six")]


async def test_a_stale_write_writes_nothing(rig: Any) -> None:
    async with rig.database.unit_of_work(rig.context()) as uow:
        thing = row(uow)
        uow.insert(rig.things, [thing])
    with pytest.raises(StaleWrite):  # noqa: PT012 -- it is the block's end that raises
        async with rig.database.unit_of_work(rig.context()) as uow:
            uow.insert(rig.things, [row(uow)])
            uow.update(rig.things, [{"id": thing["id"], "version": 3}], expect_version=True)
            uow.emit(rig.event())
    assert await rig.rows("SELECT count(*) FROM things") == [(1,)]
    assert await rig.rows("SELECT count(*) FROM outbox") == [(0,)]


async def test_two_versions_of_a_row_in_one_unit_follow_each_other(rig: Any) -> None:
    async with rig.database.unit_of_work(rig.context()) as uow:
        thing = row(uow)
        uow.insert(rig.things, [thing])
        await uow.flush()
        for version in (2, 3):
            change = {"id": thing["id"], "version": version, "note": str(version)}
            uow.update(rig.things, [change], expect_version=True)
    assert await rig.rows("SELECT version, note FROM things") == [(3, "3")]


async def test_rows_can_be_replaced_in_one_unit(rig: Any) -> None:
    async with rig.database.unit_of_work(rig.context()) as uow:
        thing = row(uow)
        uow.insert(rig.things, [thing])
        uow.insert(rig.parts, [{"id": uow.new_id(), "thing_id": thing["id"], "position": 1}])
    async with rig.database.unit_of_work(rig.context()) as uow:
        uow.delete(rig.parts, [{"thing_id": thing["id"]}], key=("thing_id",))
        new = [{"id": uow.new_id(), "thing_id": thing["id"], "position": p} for p in (1, 2)]
        uow.insert(rig.parts, new)
    assert await rig.rows("SELECT position FROM parts ORDER BY 1") == [(1,), (2,)]


async def test_of_two_racing_writers_one_is_stale(rig: Any) -> None:
    async with rig.database.unit_of_work(rig.context()) as uow:
        thing = row(uow)
        uow.insert(rig.things, [thing])

    async def write(note: Any) -> None:
        async with rig.database.unit_of_work(rig.context()) as uow:
            change = {"id": thing["id"], "version": 2, "note": note}
            uow.update(rig.things, [change], expect_version=True)

    results = await asyncio.gather(write("a"), write("b"), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "StaleWrite"]


async def test_without_a_tenant_a_query_raises(rig: Any) -> None:
    async with rig.database.unit_of_work(rig.context()) as uow:
        uow.insert(rig.things, [row(uow)])
    with pytest.raises(DBAPIError, match="no tenant is set"):
        async with rig.database.without_tenant() as connection:
            await connection.execute(select(rig.things))
    with pytest.raises(ValueError, match="without a tenant"):
        async with rig.database.unit_of_work(replace(rig.context(), tenant_id=None)):
            pass


async def test_another_tenant_sees_and_hits_nothing(rig: Any) -> None:
    async with rig.database.unit_of_work(rig.context()) as uow:
        thing = row(uow)
        uow.insert(rig.things, [thing])
    stranger = uow.new_id()
    async with rig.database.unit_of_work(rig.context(stranger)) as uow:
        assert (await uow.connection.execute(select(rig.things))).all() == []
        uow.update(rig.things, [{"id": thing["id"], "note": "stolen"}])
        uow.delete(rig.things, [{"id": thing["id"]}], key=("id",))
    assert await rig.rows("SELECT note FROM things") == [(None,)]
    with pytest.raises(DBAPIError, match="row-level security"):
        async with rig.database.unit_of_work(rig.context(stranger)) as uow:
            uow.insert(rig.things, [row(uow) | {"tenant_id": rig.tenant}])


async def test_a_read_only_unit_cannot_write_and_costs_no_statement(rig: Any) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        async with rig.database.unit_of_work(rig.context(), read_only=True) as uow:
            uow.insert(rig.things, [row(uow)])
    async with rig.database.unit_of_work(rig.context()) as uow:
        uow.insert(rig.things, [row(uow)])
    assert await rig.rows("SELECT count(*) FROM things") == [(1,)]


async def test_an_event_too_large_for_the_broker_is_refused_when_it_is_said(rig: Any) -> None:
    with pytest.raises(PayloadTooLarge):
        async with rig.database.unit_of_work(rig.context()) as uow:
            uow.emit(rig.event(note="x" * MAX_PAYLOAD_BYTES))


async def test_values_of_every_kind_arrive(rig: Any) -> None:
    async with rig.database.unit_of_work(rig.context()) as uow:
        note = 'ö "quoted" %s :x \\ \n'
        thing = row(uow, note=note, tags={"a": [1, Decimal("0.10"), uow.new_id()]})
        uow.insert(rig.things, [thing])
    async with rig.database.unit_of_work(rig.context()) as uow:
        query = select(rig.things).where(tables.one_of(rig.things.c.id, [thing["id"]]))
        found = (await uow.connection.execute(query)).one()
    assert found.note == note
    assert found.tags == {"a": [1, "0.10", str(thing["tags"]["a"][2])]}
    assert found.quantity == Decimal("1.5")
