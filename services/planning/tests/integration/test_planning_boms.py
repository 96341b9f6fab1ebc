"""Bills of material: the life of a version, every refusal, explosions, where-used."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts import planning
from lineside_contracts.master_data import DeleteMasterData
from lineside_contracts.planning import (
    ActOnBom,
    Bom,
    BomChanged,
    BomFields,
    ExplodeBom,
    GetBom,
    ListBoms,
    ProductFields,
    UnitFields,
    UpdateBom,
)
from lineside_contracts.problems import ProblemCode
from lineside_contracts.routing import RoutingTemplateActivated
from lineside_testkit import builders
from lineside_testkit.harness import Harness


def bill(product_code: str, *lines: Any, **over: Any) -> BomFields:
    """A bill; a line is a component's code, or its fields."""
    written = [
        {"line_number": 10 * number, "quantity": 1}
        | ({"component_code": line} if isinstance(line, str) else line)
        for number, line in enumerate(lines, start=1)
    ]
    return BomFields.model_validate({"product_code": product_code, "lines": written} | over)


async def make_products(harness: Harness, tenant: UUID, *products: Any) -> None:
    """Create products; each a code, or its fields."""
    for product in products:
        fields = {"product_code": product} if isinstance(product, str) else product
        made = await harness.ask(
            planning.PRODUCTS.create,
            ProductFields.model_validate({"product_name": fields["product_code"]} | fields),
            tenant_id=tenant,
        )
        assert made.status == 201, made.body


async def make_bill(harness: Harness, tenant: UUID, fields: BomFields) -> Bom:
    """Create a draft."""
    made = await harness.ask(planning.CREATE_BOM, fields, tenant_id=tenant)
    assert made.status == 201, made.body
    bom: Bom = made.body
    return bom


async def activate(harness: Harness, tenant: UUID, fields: BomFields) -> Bom:
    """Create and activate a bill."""
    draft = await make_bill(harness, tenant, fields)
    answer = await harness.ask(planning.ACTIVATE_BOM, ActOnBom(bom_id=draft.id), tenant_id=tenant)
    assert answer.status == 200, answer.body
    bom: Bom = answer.body
    return bom


def found(faults: Sequence[Any]) -> set[tuple[str, str]]:
    """Codes and paths."""
    return {(fault.code, fault.path) for fault in faults}


async def test_a_version_is_drafted_activated_copied_and_retired_and_each_step_is_said(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "BIKE", "WHEEL", "FRAME")
    draft = await make_bill(harness, tenant, bill("BIKE", "WHEEL"))
    assert (draft.status, draft.bom_version, draft.version) == ("draft", 1, 1)
    both = bill("BIKE", {"component_code": "WHEEL", "quantity": 2}, "FRAME")
    changed = await harness.ask(
        planning.UPDATE_BOM, UpdateBom(bom_id=draft.id, fields=both), tenant_id=tenant
    )
    assert [line.component_code for line in changed.body.lines] == ["WHEEL", "FRAME"]
    act = ActOnBom(bom_id=draft.id, expected_version=2)
    active = await harness.ask(planning.ACTIVATE_BOM, act, tenant_id=tenant)
    assert (active.body.status, active.body.version) == ("active", 3)
    assert active.body.activated_at is not None
    refused = await harness.ask(
        planning.UPDATE_BOM, UpdateBom(bom_id=draft.id, fields=both), tenant_id=tenant
    )
    assert refused.problem.code is ProblemCode.BOM_NOT_DRAFT
    assert (await harness.ask(planning.ACTIVATE_BOM, act, tenant_id=tenant)).body == active.body
    copy = await harness.ask(planning.COPY_BOM, ActOnBom(bom_id=draft.id), tenant_id=tenant)
    assert (copy.status, copy.body.bom_version, copy.body.status) == (201, 2, "draft")
    assert [line.component_code for line in copy.body.lines] == ["WHEEL", "FRAME"]
    retired = await harness.ask(planning.RETIRE_BOM, ActOnBom(bom_id=draft.id), tenant_id=tenant)
    assert retired.body.status == "retired"
    twice = await harness.ask(planning.RETIRE_BOM, ActOnBom(bom_id=draft.id), tenant_id=tenant)
    assert twice.problem.code is ProblemCode.INVALID_STATUS_TRANSITION
    deletion = ActOnBom(bom_id=copy.body.id)
    assert (await harness.ask(planning.DELETE_BOM, deletion, tenant_id=tenant)).status == 200
    assert (
        await harness.ask(planning.GET_BOM, GetBom(bom_id=copy.body.id), tenant_id=tenant)
    ).status == 404
    said = await harness.events(BomChanged, tenant_id=tenant, count=6)
    states = [
        (e.payload.bom.bom_version, e.payload.bom.version, e.payload.bom.status) for e in said
    ]
    assert states[:4] == [(1, 1, "draft"), (1, 2, "draft"), (1, 3, "active"), (2, 1, "draft")]
    assert said[2].payload.bom == active.body
    assert said[-1].payload.bom.deleted
    assert said[-1].payload.bom.lines == ()


async def test_a_version_number_is_never_given_twice(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B")
    draft = await make_bill(harness, tenant, bill("A", "B"))
    await harness.ask(planning.DELETE_BOM, ActOnBom(bom_id=draft.id), tenant_id=tenant)
    drafts = await asyncio.gather(*(make_bill(harness, tenant, bill("A", "B")) for _ in range(6)))
    assert sorted(made.bom_version for made in drafts) == [2, 3, 4, 5, 6, 7]


async def test_a_stale_write_changes_nothing(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B")
    draft = await make_bill(harness, tenant, bill("A", "B"))
    stale = UpdateBom(bom_id=draft.id, expected_version=7, fields=bill("A"))
    for endpoint, request in (
        (planning.UPDATE_BOM, stale),
        (planning.ACTIVATE_BOM, ActOnBom(bom_id=draft.id, expected_version=7)),
        (planning.DELETE_BOM, ActOnBom(bom_id=draft.id, expected_version=7)),
    ):
        answer = await harness.ask(endpoint, request, tenant_id=tenant)
        assert answer.problem.code is ProblemCode.VERSION_CONFLICT
    stored = await harness.ask(planning.GET_BOM, GetBom(bom_id=draft.id), tenant_id=tenant)
    assert stored.body == draft


async def test_everything_wrong_with_a_bill_is_told_at_once_and_the_draft_may_be_kept(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    wire = {"product_code": "WIRE", "unit_code": "MTR", "unit_decimals": 3}
    await make_products(harness, tenant, "A", "B", wire)
    wrong = bill(
        "A",
        "A",
        "NOBODY",
        {"component_code": "B", "quantity": 0},
        {"component_code": "B", "component_scrap_percentage": 100},
        {"component_code": "B", "effective_from": "2026-02-01", "effective_until": "2026-01-31"},
        {"component_code": "WIRE", "unit_code": "PARSEC"},
        {"component_code": "WIRE", "unit_code": "KGM"},
        {"component_code": "WIRE", "unit_code": "CMT"},
        {"component_code": "B", "quantity": -1, "component_scrap_percentage": 5},
        {"component_code": "B", "line_number": 100, "effective_until": "2026-05-31"},
        {"component_code": "B", "line_number": 100, "effective_from": "2026-05-31"},
        {"component_code": "B", "line_number": 100, "effective_from": "2027-01-01"},
        effective_from="2026-01-02",
        effective_until="2026-01-01",
    )
    draft = await make_bill(harness, tenant, wrong)
    judged = await harness.ask(planning.VALIDATE_BOM, ActOnBom(bom_id=draft.id), tenant_id=tenant)
    assert not judged.body.is_valid
    assert found(judged.body.faults) == {
        ("until_before_from", "effective_until"),
        ("component_is_product", "lines[0].component_code"),
        ("unknown_component", "lines[1].component_code"),
        ("quantity_zero", "lines[2].quantity"),
        ("scrap_total", "lines[3].component_scrap_percentage"),
        ("until_before_from", "lines[4].effective_until"),
        ("unknown_unit", "lines[5].unit_code"),
        ("no_conversion", "lines[6].unit_code"),
        ("scrap_of_by_product", "lines[8].component_scrap_percentage"),
        ("overlapping_effectivity", "lines[10].effective_from"),
        ("overlapping_effectivity", "lines[11].effective_from"),
    }
    refused = await harness.ask(planning.ACTIVATE_BOM, ActOnBom(bom_id=draft.id), tenant_id=tenant)
    assert refused.problem.code is ProblemCode.BOM_INVALID
    assert found(refused.problem.faults) == found(judged.body.faults)
    stored = await harness.ask(planning.GET_BOM, GetBom(bom_id=draft.id), tenant_id=tenant)
    assert stored.body == draft


async def test_a_bill_of_an_unknown_product_or_without_lines_is_not_activated(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    draft = await make_bill(harness, tenant, bill("NOBODY"))
    refused = await harness.ask(planning.ACTIVATE_BOM, ActOnBom(bom_id=draft.id), tenant_id=tenant)
    assert found(refused.problem.faults) == {
        ("unknown_product", "product_code"),
        ("no_lines", "lines"),
    }


async def test_an_operation_the_routing_does_not_have_is_a_warning(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B")
    routing = builders.routing(product_code="A")
    await harness.publish(RoutingTemplateActivated(routing_template=routing), tenant_id=tenant)
    await harness.settle()
    lines = [
        {"component_code": "B", "sequence_number": 20},
        {"component_code": "B", "sequence_number": 25},
    ]
    draft = await make_bill(harness, tenant, bill("A", *lines))
    judged = await harness.ask(planning.VALIDATE_BOM, ActOnBom(bom_id=draft.id), tenant_id=tenant)
    assert judged.body.is_valid
    assert found(judged.body.warnings) == {("unknown_operation", "lines[1].sequence_number")}


async def test_active_versions_follow_each_other_but_never_overlap(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B", "C")
    await activate(harness, tenant, bill("A", "B", effective_until="2026-06-30"))
    await activate(harness, tenant, bill("A", "C", effective_from="2026-07-01"))
    third = await make_bill(harness, tenant, bill("A", "B", effective_from="2027-01-01"))
    refused = await harness.ask(planning.ACTIVATE_BOM, ActOnBom(bom_id=third.id), tenant_id=tenant)
    assert found(refused.problem.faults) == {("overlapping_effectivity", "effective_from")}
    assert "Version 2" in refused.problem.faults[0].message
    for on, component in (("2026-06-30", "B"), ("2026-07-01", "C")):
        taken = await harness.ask(
            planning.EXPLODE_BOM,
            ExplodeBom.model_validate({"product_code": "A", "quantity": 1, "on": on}),
            tenant_id=tenant,
        )
        assert [line.component_code for line in taken.body.lines] == [component]


async def test_a_cycle_over_several_bills_is_refused_with_its_path(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B", "C", "D")
    await activate(harness, tenant, bill("A", "D", "B"))
    await activate(harness, tenant, bill("B", "C"))
    closing = await make_bill(harness, tenant, bill("C", "D", "A"))
    refused = await harness.ask(
        planning.ACTIVATE_BOM, ActOnBom(bom_id=closing.id), tenant_id=tenant
    )
    assert found(refused.problem.faults) == {("bom_cycle", "lines[1].component_code")}
    assert refused.problem.faults[0].facts["path"] == ["C", "A", "B", "C"]


async def test_two_bills_that_close_a_cycle_together_are_not_both_activated(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B")
    drafts = [await make_bill(harness, tenant, bill(*pair)) for pair in (("A", "B"), ("B", "A"))]
    answers = await asyncio.gather(
        *(
            harness.ask(planning.ACTIVATE_BOM, ActOnBom(bom_id=draft.id), tenant_id=tenant)
            for draft in drafts
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 422]


async def test_an_explosion_rounds_once_goes_through_phantoms_and_tells_how(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    glue = {"product_code": "GLUE", "unit_code": "KGM", "unit_decimals": 3, "make_or_buy": "buy"}
    await make_products(
        harness,
        tenant,
        "BOX",
        {"product_code": "KIT", "is_phantom": True},
        "PANEL",
        {"product_code": "SHEET", "make_or_buy": "buy", "unit_code": "EA"},
        {"product_code": "DIE", "make_or_buy": "buy"},
        glue,
    )
    grams = {"component_code": "GLUE", "quantity": "1.5", "unit_code": "GRM"}
    await activate(harness, tenant, bill("KIT", grams, base_quantity="7"))
    sheets = {"component_code": "SHEET", "quantity": 1, "component_scrap_percentage": "2.5"}
    await activate(harness, tenant, bill("PANEL", sheets, base_quantity="248"))
    die = {"component_code": "DIE", "is_fixed_quantity": True}
    await activate(
        harness,
        tenant,
        bill("BOX", {"component_code": "PANEL", "quantity": 2}, "KIT", die),
    )
    request = ExplodeBom.model_validate({"product_code": "BOX", "quantity": 10})
    taken = (await harness.ask(planning.EXPLODE_BOM, request, tenant_id=tenant)).body
    shown = [(line.level, line.component_code, str(line.quantity)) for line in taken.lines]
    assert shown == [
        (1, "PANEL", "20"),
        (2, "SHEET", "1"),
        (1, "KIT", "10"),
        (2, "GLUE", "0.003"),
        (1, "DIE", "1"),
    ]
    assert taken.lines[1].path == ("BOX", "PANEL", "SHEET")
    assert "20 x 1 / 248 / (1 - 2.5 %)" in taken.lines[1].explanation
    assert "rounded up once to 0.003" in taken.lines[3].explanation
    assert taken.warnings == ()


async def test_an_explosion_names_what_it_could_not_follow(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B")
    await activate(harness, tenant, bill("A", "B"))
    request = ExplodeBom.model_validate({"product_code": "A", "quantity": 1})
    taken = (await harness.ask(planning.EXPLODE_BOM, request, tenant_id=tenant)).body
    assert found(taken.warnings) == {("no_bom", "B")}
    request = ExplodeBom.model_validate({"product_code": "NOBODY", "quantity": 1})
    assert (await harness.ask(planning.EXPLODE_BOM, request, tenant_id=tenant)).status == 404


async def test_where_a_component_is_used(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B", "C", "D")
    await activate(harness, tenant, bill("A", "C", "D"))
    await activate(harness, tenant, bill("B", "C"))
    await make_bill(harness, tenant, bill("D", "C"))
    request = ListBoms.model_validate({"component_code": "C", "status": "active", "limit": 1})
    first = (await harness.ask(planning.LIST_BOMS, request, tenant_id=tenant)).body
    rest = (
        await harness.ask(
            planning.LIST_BOMS,
            request.model_copy(update={"cursor": first.next_cursor}),
            tenant_id=tenant,
        )
    ).body
    used = [(bom.product_code, len(bom.lines)) for bom in (*first.items, *rest.items)]
    assert used == [("A", 1), ("B", 1)]
    assert rest.next_cursor is None


async def test_what_active_bills_need_stays(harness: Harness) -> None:
    tenant = harness.new_tenant()
    tray = UnitFields(unit_code="TRAY", unit_name="Tray", dimension="package", decimals=0)
    await harness.ask(planning.UNITS.create, tray, tenant_id=tenant)
    await make_products(harness, tenant, "A", {"product_code": "B", "conversions": {"TRAY": 4}})
    bom = await activate(harness, tenant, bill("A", {"component_code": "B", "unit_code": "TRAY"}))
    for code in ("A", "B"):
        answer = await harness.ask(
            planning.PRODUCTS.delete, DeleteMasterData(code=code), tenant_id=tenant
        )
        assert answer.problem.code is ProblemCode.IN_USE, code
    await harness.ask(planning.RETIRE_BOM, ActOnBom(bom_id=bom.id), tenant_id=tenant)
    for code in ("A", "B"):
        answer = await harness.ask(
            planning.PRODUCTS.delete, DeleteMasterData(code=code), tenant_id=tenant
        )
        assert answer.status == 200, code


@pytest.mark.parametrize("number", [0, 2**40])
async def test_a_number_no_draft_can_hold_is_refused_by_path(harness: Harness, number: int) -> None:
    fields = bill("A", {"component_code": "B", "sequence_number": number})
    answer = await harness.ask(planning.CREATE_BOM, fields, tenant_id=harness.new_tenant())
    assert answer.problem.code is ProblemCode.VALIDATION_FAILED
    assert found(answer.problem.faults) == {
        ("sequence_number_out_of_range", "lines[0].sequence_number")
    }
