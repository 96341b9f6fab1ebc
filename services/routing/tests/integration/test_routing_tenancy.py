"""Whose rows are whose: global operations are read by all and written by none."""

import asyncio
from typing import Any

import psycopg
import pytest

from lineside_chassis import migrations
from lineside_contracts.master_data import DeleteMasterData, GetMasterData, ListMasterData
from lineside_contracts.problems import ProblemCode
from lineside_contracts.routing import (
    ACTIVATE_ROUTING,
    GET_EXPANSION,
    GET_ROUTING,
    OPERATIONS,
    ActOnRouting,
    GetExpansion,
    GetRouting,
    RoutingExpanded,
)
from lineside_routing import tables
from lineside_testkit import builders
from lineside_testkit.harness import Harness

GLOBAL = "SELECT count(*) AS n FROM operations WHERE tenant_id IS NULL"
MINE = builders.operation_fields(operation_code="FOLD", operation_name="Our folding")


async def test_every_tenant_reads_the_global_operations(empty_works: Any) -> None:
    page = await empty_works.done(OPERATIONS.list, ListMasterData(limit=500))
    assert len(page.items) >= 15
    fold = await empty_works.done(OPERATIONS.get, GetMasterData(code="FOLD"))
    assert fold.is_global
    assert fold.operation_name == "Folding"


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE operations SET operation_name = 'Stolen' WHERE tenant_id IS NULL",
        "UPDATE operations SET tenant_id = current_tenant() WHERE tenant_id IS NULL",
        "UPDATE operations SET tenant_id = current_tenant(), is_global = false",
        "DELETE FROM operations WHERE tenant_id IS NULL",
        "DELETE FROM operations",
    ],
)
async def test_no_tenant_changes_deletes_or_steals_a_global_operation(
    empty_works: Any, attempt: str
) -> None:
    before = await empty_works.rows(GLOBAL)
    hit = await empty_works.rows(
        f"WITH hit AS ({attempt} RETURNING 1) SELECT count(*) AS n FROM hit"  # noqa: S608
    )
    assert hit == [{"n": 0}]
    assert await empty_works.harness.owner_sql("routing", GLOBAL) == before


async def test_no_tenant_makes_a_global_operation(empty_works: Any) -> None:
    insert = (
        "INSERT INTO operations (tenant_id, id, operation_code, operation_name, operation_type,"
        " default_setup_minutes, default_run_seconds_per_unit, is_active, is_global, version,"
        " created_at, created_by, updated_at, updated_by) VALUES (NULL, gen_random_uuid(), 'X',"
        " 'X', 'testing', 0, 0, true, true, 1, now(), '{}', now(), '{}')"
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await empty_works.rows(insert)


async def test_a_tenants_own_operation_stands_before_the_global_one(empty_works: Any) -> None:
    own = await empty_works.done(
        OPERATIONS.create, MINE.model_copy(update={"work_center_code": None})
    )
    assert not own.is_global
    page = await empty_works.done(OPERATIONS.list, ListMasterData(limit=500))
    assert [o.operation_name for o in page.items if o.operation_code == "FOLD"] == ["Our folding"]
    fields = [{"sequence_number": 10, "operation_code": "FOLD"}]
    await empty_works.active(operations=fields)
    await empty_works.order()
    (said,) = await empty_works.heard(RoutingExpanded)
    assert said.expansion.runs[0].operation_name == "Our folding"


async def test_a_deleted_own_operation_lets_the_global_one_show_again(empty_works: Any) -> None:
    await empty_works.done(OPERATIONS.create, MINE)
    await empty_works.done(OPERATIONS.delete, DeleteMasterData(code="FOLD"))
    assert (await empty_works.done(OPERATIONS.get, GetMasterData(code="FOLD"))).is_global
    again = await empty_works.done(OPERATIONS.create, MINE)
    assert again.version == 3


async def test_changing_a_global_operation_is_refused_in_words(empty_works: Any) -> None:
    update = OPERATIONS.update.request(code="FOLD", fields=MINE)
    for endpoint, request in (
        (OPERATIONS.update, update),
        (OPERATIONS.delete, DeleteMasterData(code="FOLD")),
    ):
        answer = await empty_works.ask(endpoint, request)
        assert answer.problem.code is ProblemCode.FORBIDDEN
    missing = await empty_works.ask(OPERATIONS.delete, DeleteMasterData(code="NOBODY"))
    assert missing.problem.code is ProblemCode.NOT_FOUND


async def test_another_tenant_finds_nothing(works: Any) -> None:
    routing = await works.active()
    order = await works.order()
    await works.heard(RoutingExpanded)
    other = works.harness.new_tenant()
    for endpoint, request in (
        (GET_ROUTING, GetRouting(routing_id=routing.id)),
        (ACTIVATE_ROUTING, ActOnRouting(routing_id=routing.id)),
        (GET_EXPANSION, GetExpansion(production_order_id=order.id)),
    ):
        answer = await works.harness.ask(endpoint, request, tenant_id=other)
        assert answer.status == 404
    for table in tables.metadata.sorted_tables:
        found = await works.harness.sql(
            "routing",
            f"SELECT count(*) AS n FROM {table.name} WHERE tenant_id IS NOT NULL",  # noqa: S608
            tenant_id=other,
        )
        assert found == [{"n": 0}], table.name


async def test_without_a_tenant_every_table_raises(works: Any) -> None:
    await works.active()
    await works.order()
    await works.heard(RoutingExpanded)
    for name in ("operations", "work_centers", "routing_templates", "expansions"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await works.harness.sql("routing", f"SELECT * FROM {name}", tenant_id=None)  # noqa: S608


async def test_a_user_of_other_plants_does_not_see_an_expansion(works: Any) -> None:
    await works.active()
    order = await works.order()
    await works.heard(RoutingExpanded)
    question = GetExpansion(production_order_id=order.id)
    for plants, status in ((frozenset({"MAIN"}), 200), (frozenset({"SECOND"}), 404)):
        answer = await works.harness.ask(
            GET_EXPANSION, question, tenant_id=works.tenant, plants=plants
        )
        assert answer.status == status


async def test_the_tables_are_those_the_code_believes_in(harness: Harness) -> None:
    url = harness.installation.database("routing").urls["owner"]
    found = await asyncio.to_thread(migrations.differences, url, tables.metadata)
    assert found == []
