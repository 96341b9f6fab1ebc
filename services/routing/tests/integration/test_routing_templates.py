"""Template versions: drafted, validated, activated, copied, retired, deleted."""

import asyncio
from typing import Any

import pytest

from lineside_contracts.master_data import DeleteMasterData
from lineside_contracts.planning import ProductChanged
from lineside_contracts.problems import ProblemCode
from lineside_contracts.routing import (
    ACTIVATE_ROUTING,
    COPY_ROUTING,
    CREATE_ROUTING,
    DELETE_ROUTING,
    GET_ROUTING,
    GET_ROUTING_COVERAGE,
    LIST_ROUTINGS,
    OPERATIONS,
    PREVIEW_EXPANSION,
    RETIRE_ROUTING,
    UPDATE_ROUTING,
    VALIDATE_ROUTING,
    WORK_CENTERS,
    ActOnRouting,
    GetRouting,
    GetRoutingCoverage,
    ListRoutings,
    PreviewExpansion,
    RoutingExpanded,
    RoutingStatus,
    RoutingTemplateActivated,
    RoutingTemplateRetired,
    UpdateRouting,
)
from lineside_testkit import builders


def act(routing: Any, version: int | None = None) -> ActOnRouting:
    return ActOnRouting(routing_id=routing.id, expected_version=version)


async def test_a_draft_is_read_back_as_it_was_written(works: Any) -> None:
    fields = builders.routing_fields(
        product_code=builders.BOOK, operations=builders.BOOK_OPERATIONS, description="Softcover"
    )
    made = await works.done(CREATE_ROUTING, fields)
    assert (made.status, made.routing_version, made.version) == (RoutingStatus.DRAFT, 1, 1)
    read = await works.done(GET_ROUTING, GetRouting(routing_id=made.id))
    assert read == made
    assert [o.units_per_product for o in read.operations] == [4, 0.25, 8, 1]
    assert read.created_by.name == "Toni Tester"


async def test_a_predecessor_is_stored_as_a_reference_inside_the_template(works: Any) -> None:
    made = await works.draft(product_code=builders.BOOK, operations=builders.BOOK_OPERATIONS)
    (row,) = await works.rows(
        "SELECT predecessor_operation_id FROM routing_operations WHERE sequence_number = 30"
    )
    assert row["predecessor_operation_id"] == made.operations[0].id


async def test_a_code_is_made_once_and_copied_into_further_versions(works: Any) -> None:
    first = await works.draft()
    again = await works.ask(CREATE_ROUTING, builders.routing_fields())
    assert again.problem.code is ProblemCode.CODE_TAKEN
    copies = await asyncio.gather(*(works.done(COPY_ROUTING, act(first)) for _ in range(3)))
    assert sorted(copy.routing_version for copy in copies) == [2, 3, 4]
    assert {copy.status for copy in copies} == {RoutingStatus.DRAFT}
    assert [o.operation_code for o in copies[0].operations] == [
        o.operation_code for o in first.operations
    ]
    assert {o.id for o in copies[0].operations}.isdisjoint({o.id for o in first.operations})


async def test_only_drafts_are_edited_and_a_stale_edit_is_refused(works: Any) -> None:
    draft = await works.draft()
    fewer = builders.routing_fields(operations=builders.BROCHURE_OPERATIONS[:2])
    change = UpdateRouting(routing_id=draft.id, expected_version=1, fields=fewer)
    updated = await works.done(UPDATE_ROUTING, change)
    assert (updated.version, len(updated.operations)) == (2, 2)
    assert updated.operations[0].id == draft.operations[0].id
    stale = await works.ask(UPDATE_ROUTING, change)
    assert stale.problem.code is ProblemCode.VERSION_CONFLICT
    await works.activate(draft)
    late = await works.ask(UPDATE_ROUTING, UpdateRouting(routing_id=draft.id, fields=fewer))
    assert late.problem.code is ProblemCode.ROUTING_NOT_DRAFT


BROKEN = [
    {"sequence_number": 10, "operation_code": "PRINT", "is_concurrent": True},
    {"sequence_number": 10, "operation_code": "NOBODY", "yield_percentage": "0"},
    {"sequence_number": 30, "operation_code": "FOLD", "predecessor_sequence_number": 77},
    {"sequence_number": 40, "operation_code": "PACK", "predecessor_sequence_number": 50},
    {"sequence_number": 50, "operation_code": "PACK", "predecessor_sequence_number": 40},
    {"sequence_number": 60, "operation_code": "PACK", "work_center_code": "NOWHERE"},
    {"sequence_number": 70, "operation_code": "PACK", "scrap_percentage": "3"},
    {"sequence_number": 80, "operation_code": "PACK", "predecessor_sequence_number": 80},
    {"sequence_number": 90, "operation_code": "PACK", "alternate_work_center_codes": ["GONE"]},
    {"sequence_number": 99, "operation_code": "PACK", "time_basis": "per_batch"},
]
FAULTS = {
    ("target_missing", "product_code"),
    ("first_operation_concurrent", "operations[0].is_concurrent"),
    ("duplicate_sequence_number", "operations[1].sequence_number"),
    ("unknown_operation", "operations[1].operation_code"),
    ("yield_out_of_range", "operations[1].yield_percentage"),
    ("missing_predecessor", "operations[2].predecessor_sequence_number"),
    ("cycle", "operations[3]"),
    ("unknown_work_center", "operations[5].work_center_code"),
    ("yield_plus_scrap_above_100", "operations[6].scrap_percentage"),
    ("self_reference", "operations[7].predecessor_sequence_number"),
    ("unknown_work_center", "operations[8].alternate_work_center_codes[0]"),
    ("batch_size_missing", "operations[9].batch_size"),
}


async def test_everything_wrong_with_a_routing_is_told_at_once_by_path(works: Any) -> None:
    draft = await works.draft(product_code=None, operations=BROKEN)
    said = await works.done(VALIDATE_ROUTING, act(draft))
    assert not said.is_valid
    assert {(fault.code, fault.path) for fault in said.faults} == FAULTS
    refused = await works.ask(ACTIVATE_ROUTING, act(draft))
    assert refused.problem.code is ProblemCode.ROUTING_INVALID
    assert {(fault.code, fault.path) for fault in refused.problem.faults} == FAULTS
    read = await works.done(GET_ROUTING, GetRouting(routing_id=draft.id))
    assert read.status is RoutingStatus.DRAFT


@pytest.mark.parametrize("absurd", [{"yield_percentage": "1e400"}, {"sequence_number": 10**12}])
async def test_absurd_numbers_are_refused_by_path(works: Any, absurd: Any) -> None:
    operation = {"sequence_number": 10, "operation_code": "PRINT", **absurd}
    fields = builders.routing_fields(operations=[operation])
    answer = await works.ask(CREATE_ROUTING, fields)
    assert answer.problem.code is ProblemCode.VALIDATION_FAILED
    (name,) = absurd
    assert [fault.path for fault in answer.problem.faults] == [f"operations[0].{name}"]


async def test_an_activation_retires_the_version_before_it(works: Any) -> None:
    first = await works.active()
    second = await works.activate(await works.done(COPY_ROUTING, act(first)))
    assert (second.status, second.routing_version) == (RoutingStatus.ACTIVE, 2)
    old = await works.done(GET_ROUTING, GetRouting(routing_id=first.id))
    assert old.status is RoutingStatus.RETIRED
    (retired,) = await works.heard(RoutingTemplateRetired)
    assert retired.routing_template.id == first.id
    activated = await works.heard(RoutingTemplateActivated, 2)
    assert [a.routing_template.id for a in activated] == [first.id, second.id]


async def test_versions_activated_at_once_leave_one_active(works: Any) -> None:
    first = await works.active()
    copies = [await works.done(COPY_ROUTING, act(first)) for _ in range(6)]
    await asyncio.gather(*(works.activate(copy) for copy in copies))
    active = await works.rows("SELECT id FROM routing_templates WHERE status = 'active'")
    assert len(active) == 1
    retired = await works.heard(RoutingTemplateRetired, 6)
    assert len(retired) == 6


async def test_routings_of_one_product_activated_at_once_leave_one_and_refusals(
    works: Any,
) -> None:
    drafts = [await works.draft(routing_code=f"R-{number}") for number in range(4)]
    answers = await asyncio.gather(*(works.ask(ACTIVATE_ROUTING, act(d)) for d in drafts))
    assert sorted(answer.status for answer in answers) == [200, 422, 422, 422]
    winner = next(answer.body for answer in answers if answer.status == 200)
    for refused in (answer.problem for answer in answers if answer.status == 422):
        (fault,) = refused.faults
        assert (fault.code, fault.path) == ("target_already_routed", "product_code")
        assert fault.facts["routing_code"] == winner.routing_code
        assert winner.routing_code in fault.message


async def test_one_active_routing_per_category(works: Any) -> None:
    await works.active(routing_code="A", product_code=None, product_category="PRINT")
    other = await works.draft(routing_code="B", product_code=None, product_category="PRINT")
    refused = await works.ask(ACTIVATE_ROUTING, act(other))
    assert refused.problem.faults[0].path == "product_category"


async def test_what_activation_looked_up_stays_when_the_catalogue_changes(works: Any) -> None:
    await works.active()
    fields = builders.operation_fields(operation_name="Digital printing")
    update = OPERATIONS.update.request(code="PRINT", fields=fields)
    await works.done(OPERATIONS.update, update)
    await works.order()
    (said,) = await works.heard(RoutingExpanded)
    assert said.expansion.runs[0].operation_name == "Print"


async def test_operations_and_work_centers_of_active_routings_are_not_deleted(works: Any) -> None:
    routing = await works.active()
    for endpoint, code in ((OPERATIONS.delete, "PRINT"), (WORK_CENTERS.delete, "PRESS")):
        answer = await works.ask(endpoint, DeleteMasterData(code=code))
        assert answer.problem.code is ProblemCode.IN_USE
        assert routing.routing_code in answer.problem.detail
    await works.done(RETIRE_ROUTING, act(routing))
    await works.done(OPERATIONS.delete, DeleteMasterData(code="PRINT"))


async def test_a_deleted_draft_takes_its_operations_along(works: Any) -> None:
    draft = await works.draft(product_code=builders.BOOK, operations=builders.BOOK_OPERATIONS)
    await works.done(DELETE_ROUTING, act(draft))
    assert await works.rows("SELECT id FROM routing_operations") == []
    assert (await works.ask(GET_ROUTING, GetRouting(routing_id=draft.id))).status == 404


async def test_a_version_that_orders_use_is_only_retired(works: Any) -> None:
    routing = await works.active()
    await works.order()
    await works.heard(RoutingExpanded)
    refused = await works.ask(DELETE_ROUTING, act(routing))
    assert refused.problem.code is ProblemCode.IN_USE
    retired = await works.done(RETIRE_ROUTING, act(routing))
    assert retired.status is RoutingStatus.RETIRED
    again = await works.ask(RETIRE_ROUTING, act(routing))
    assert again.problem.code is ProblemCode.INVALID_STATUS_TRANSITION


async def test_an_unused_active_version_is_hidden_and_its_number_is_not_used_again(
    works: Any,
) -> None:
    routing = await works.active()
    await works.done(DELETE_ROUTING, act(routing))
    (said,) = await works.heard(RoutingTemplateRetired)
    assert said.routing_template.status is RoutingStatus.RETIRED
    assert (await works.done(LIST_ROUTINGS, ListRoutings())).items == ()
    assert (await works.draft()).routing_version == 2


async def test_lists_are_paged_and_filtered(works: Any) -> None:
    for number in range(5):
        await works.draft(routing_code=f"R-{number}", product_code=f"P-{number}")
    seen: list[str] = []
    cursor = None
    while True:
        page = await works.done(LIST_ROUTINGS, ListRoutings(limit=2, cursor=cursor))
        seen += [item["routing_code"] for item in map(dict, page.items)]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"R-{number}" for number in range(5)]
    found = await works.done(LIST_ROUTINGS, ListRoutings(product_code="P-3"))
    assert len(found.items) == 1
    assert (await works.done(LIST_ROUTINGS, ListRoutings(status="active"))).items == ()
    bad = await works.ask(LIST_ROUTINGS, ListRoutings(cursor="nonsense"))
    assert bad.problem.code is ProblemCode.INVALID_CURSOR


async def test_a_preview_is_what_an_order_would_get_and_leaves_no_trace(works: Any) -> None:
    draft = await works.draft()
    question = PreviewExpansion(routing_id=draft.id, quantity="10000")
    of_draft = await works.done(PREVIEW_EXPANSION, question)
    await works.activate(draft)
    of_active = await works.done(PREVIEW_EXPANSION, question)
    for preview in (of_draft, of_active):
        assert [run.planned_input for run in preview.runs] == [10361, 10153, 10051, 10000]
        assert preview.runs[0].ledger
    assert await works.rows("SELECT id FROM production_runs") == []
    assert await works.rows("SELECT id FROM expansions") == []
    broken = await works.draft(routing_code="X", operations=BROKEN)
    refused = await works.ask(
        PREVIEW_EXPANSION, PreviewExpansion(routing_id=broken.id, quantity="1")
    )
    assert refused.problem.code is ProblemCode.ROUTING_INVALID


async def test_coverage_names_the_products_without_a_routing(works: Any) -> None:
    products: dict[str, dict[str, Any]] = {
        builders.BROCHURE: {},
        "POSTER": {"product_category": "WIDE"},
        "FLAG": {"product_category": None},
        "INK": {"make_or_buy": "buy", "product_category": None},
        "OLD": {"is_active": False, "product_category": None},
    }
    for code, over in products.items():
        await works.say(ProductChanged(product=builders.product(product_code=code, **over)))
    await works.active()
    await works.active(routing_code="WIDE", product_code=None, product_category="WIDE")
    await works.harness.settle()
    said = await works.done(GET_ROUTING_COVERAGE, GetRoutingCoverage())
    assert (said.product_count, said.covered_count) == (3, 2)
    assert str(said.coverage_percentage) == "66.7"
    assert said.uncovered_product_codes == ("FLAG",)
