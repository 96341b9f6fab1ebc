"""Routings from CSV: everything or nothing, every fault by its line."""

import asyncio
import gc
import time
from importlib.resources import files
from typing import Any

import pytest

from lineside_contracts.master_data import ImportMasterData
from lineside_contracts.problems import ProblemCode
from lineside_contracts.routing import (
    GET_ROUTING,
    IMPORT_ROUTINGS,
    LIST_ROUTINGS,
    GetRouting,
    ListRoutings,
    RoutingExpanded,
    RoutingStatus,
    RoutingTemplateActivated,
)
from lineside_testkit import builders

HEADER = "routing_code,routing_name,product_code,activate,sequence_number,operation_code,"
HEADER += "yield_percentage,alternate_work_center_codes,description\n"
GOOD = HEADER + (
    "R-1,Brochure,BROCHURE-A4,true,20,DIECUT,99,,\n"
    "R-1,Brochure,BROCHURE-A4,true,10,PRINT,98,PRESS;PRESS,On coated paper\n"
    "R-2,Book,BOOK-A5,false,10,BIND,98,,\n"
)
BAD = HEADER + (
    "R-1,Brochure,BROCHURE-A4,true,10,PRINT,0,,\n"
    "R-1,Brochure,BROCHURE-A4,true,20,NOBODY,99,ELSEWHERE,\n"
    "R-1,Another name,BROCHURE-A4,true,30,FOLD,99,,\n"
    "R-2,Book,BOOK-A5,true,10,BIND,98,,\n"
    "R-3,Book again,BOOK-A5,true,10,BIND,98,,\n"
)


async def load(works: Any, text: str | bytes, *, dry_run: bool = False) -> Any:
    name = await works.harness.upload(text)
    return await works.ask(IMPORT_ROUTINGS, ImportMasterData(object_name=name, dry_run=dry_run))


async def codes(works: Any) -> dict[str, tuple[str, int]]:
    page = await works.done(LIST_ROUTINGS, ListRoutings(limit=500))
    listed = [item if isinstance(item, dict) else item.model_dump() for item in page.items]
    return {i["routing_code"]: (str(i["status"]), i["routing_version"]) for i in listed}


async def test_a_file_becomes_templates_and_active_ones_are_used(works: Any) -> None:
    answer = await load(works, GOOD)
    assert answer.status == 200, answer
    report = answer.body
    assert (report.row_count, report.created_count, report.faults) == (3, 2, ())
    assert await codes(works) == {"R-1": ("active", 1), "R-2": ("draft", 1)}
    await works.order()
    (said,) = await works.heard(RoutingExpanded)
    assert [run.operation_code for run in said.expansion.runs] == ["PRINT", "DIECUT"]
    assert said.expansion.runs[0].description == "On coated paper"
    assert said.expansion.runs[0].alternate_work_center_codes == ("PRESS", "PRESS")


async def test_the_same_file_again_changes_nothing(works: Any) -> None:
    await load(works, GOOD)
    report = (await load(works, GOOD)).body
    assert (report.created_count, report.updated_count, report.unchanged_count) == (0, 0, 2)
    assert await codes(works) == {"R-1": ("active", 1), "R-2": ("draft", 1)}


async def test_a_changed_active_routing_becomes_its_next_version(works: Any) -> None:
    await load(works, GOOD)
    report = (await load(works, GOOD.replace(",98,PRESS", ",97,PRESS"))).body
    assert (report.updated_count, report.unchanged_count) == (1, 1)
    rows = await works.rows(
        "SELECT routing_version, status FROM routing_templates WHERE routing_code = 'R-1'"
        " ORDER BY 1"
    )
    assert [(row["routing_version"], row["status"]) for row in rows] == [
        (1, "retired"),
        (2, "active"),
    ]


async def test_a_changed_draft_is_replaced(works: Any) -> None:
    await load(works, GOOD)
    report = (await load(works, GOOD.replace("BIND,98", "BIND,90"))).body
    assert report.updated_count == 1
    assert (await codes(works))["R-2"] == ("draft", 1)


async def test_a_bad_file_loads_nothing_and_names_every_line(works: Any) -> None:
    answer = await load(works, BAD)
    assert answer.problem.code is ProblemCode.IMPORT_REJECTED
    assert {(fault.code, fault.path) for fault in answer.problem.faults} == {
        ("yield_out_of_range", "row 2.yield_percentage"),
        ("unknown_operation", "row 3.operation_code"),
        ("unknown_work_center", "row 3.alternate_work_center_codes[0]"),
        ("contradicts_first_row", "row 4.routing_name"),
        ("target_already_routed", "row 6.product_code"),
    }
    assert await codes(works) == {}


async def test_cells_that_are_no_values_are_named_with_all_the_others(works: Any) -> None:
    text = HEADER + "R-1,X,,maybe,ten,PRINT,98,,\n,X,P,false,10,PRINT,many,,\n"
    faults = {fault.path for fault in (await load(works, text)).problem.faults}
    assert faults == {
        "row 2.activate",
        "row 2.sequence_number",
        "row 3.routing_code",
        "row 3.yield_percentage",
    }


async def test_a_dry_run_says_the_same_and_changes_nothing(works: Any) -> None:
    good = (await load(works, GOOD, dry_run=True)).body
    assert (good.created_count, good.dry_run) == (2, True)
    bad = await load(works, BAD, dry_run=True)
    assert bad.status == 200
    assert len(bad.body.faults) == 5
    assert await codes(works) == {}


async def test_a_product_routed_by_another_code_is_refused(works: Any) -> None:
    await works.active(routing_code="OTHER")
    answer = await load(works, GOOD)
    (fault,) = answer.problem.faults
    assert (fault.code, fault.path) == ("target_already_routed", "row 3.product_code")
    assert "OTHER" in fault.message


@pytest.mark.parametrize("name", ["print", "machining", "assembly"])
async def test_the_samples_that_ship_are_valid_for_a_tenant_that_owns_nothing(
    empty_works: Any, name: str
) -> None:
    text = (files("lineside_routing") / "samples" / f"{name}.csv").read_text()
    answer = await load(empty_works, text.replace(",false,", ",true,"))
    assert answer.status == 200, answer
    assert {status for status, _ in (await codes(empty_works)).values()} == {"active"}


async def test_an_imported_routing_is_read_like_any_other(works: Any) -> None:
    await load(works, GOOD)
    (row,) = await works.rows("SELECT id FROM routing_templates WHERE routing_code = 'R-1'")
    read = await works.done(GET_ROUTING, GetRouting(routing_id=row["id"]))
    assert [o.sequence_number for o in read.operations] == [10, 20]
    assert read.status is RoutingStatus.ACTIVE
    assert read.product_code == builders.BROCHURE


async def test_more_routings_than_a_chunk_holds_meet_what_is_stored(works: Any) -> None:
    def file(count: int, *, yields: str, activate: str) -> str:
        rows = (
            f"R-{routing},Routing,P-{routing},{activate},{10 * number},PRINT,{yields},,\n"
            for routing in range(count)
            for number in range(1, 11)
        )
        return HEADER + "".join(rows)

    report = (await load(works, file(120, yields="98", activate="false"))).body
    assert report.created_count == 120
    report = (await load(works, file(240, yields="97", activate="true"))).body
    assert (report.created_count, report.updated_count, report.unchanged_count) == (120, 120, 0)
    report = (await load(works, file(250, yields="97", activate="true"))).body
    assert (report.created_count, report.updated_count, report.unchanged_count) == (10, 0, 240)
    report = (await load(works, file(250, yields="96", activate="true"))).body
    assert (report.created_count, report.updated_count) == (0, 250)
    rows = await works.rows(
        "SELECT t.status, t.version, count(DISTINCT t.id) AS templates, count(*) AS operations,"
        " count(o.operation_name) AS resolved, min(o.yield_percentage)::text AS least"
        " FROM routing_templates t JOIN routing_operations o ON o.routing_id = t.id"
        " GROUP BY t.status, t.version ORDER BY 1, 2"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("active", 2, 250, 2500, 2500, "96"),
        ("retired", 3, 130, 1300, 1300, "97"),
        ("retired", 4, 120, 1200, 1200, "97"),
    ]
    said = await works.harness.events(
        RoutingTemplateActivated, tenant_id=works.tenant, count=500, timeout=30
    )
    assert len(said) == 500


async def test_an_import_keeps_nobody_waiting_and_leaves_the_collector_as_it_was(
    works: Any,
) -> None:
    waits: list[float] = []
    ended = asyncio.Event()

    async def beat() -> None:
        while not ended.is_set():
            begun = time.perf_counter()
            await asyncio.sleep(0.001)
            waits.append(time.perf_counter() - begun)

    beating = asyncio.create_task(beat())
    rows = (
        f"R-{routing},Routing,P-{routing},true,{10 * number},PRINT,98,,\n"
        for routing in range(1000)
        for number in range(1, 6)
    )
    answer = await load(works, HEADER + "".join(rows))
    ended.set()
    await beating
    assert answer.body.created_count == 1000
    assert max(waits) < 1, "the event loop stood still"  # 0.05 s where measured
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
