"""Bills of material from CSV: all or nothing, faults by line, imports activate."""

from typing import Any
from uuid import UUID

from lineside_contracts import planning
from lineside_contracts.master_data import ImportMasterData
from lineside_contracts.planning import BomChanged, ListBoms
from lineside_contracts.problems import ProblemCode
from lineside_testkit.harness import Answer, Harness

HEADER = "product_code,line_number,component_code,quantity\n"
DATED = "product_code,bom_effective_from,bom_effective_until,line_number,component_code,quantity\n"


async def make_products(harness: Harness, tenant: UUID, *codes: str) -> None:
    rows = "".join(f"{code},{code}\n" for code in codes)
    name = await harness.upload("product_code,product_name\n" + rows)
    loaded = await harness.ask(
        planning.PRODUCTS.load, ImportMasterData(object_name=name), tenant_id=tenant
    )
    assert loaded.status == 200, loaded.body


async def load(harness: Harness, tenant: UUID, text: str, *, dry_run: bool = False) -> Answer:
    request = ImportMasterData(object_name=await harness.upload(text), dry_run=dry_run)
    return await harness.ask(planning.IMPORT_BOMS, request, tenant_id=tenant)


async def versions(harness: Harness, tenant: UUID) -> list[tuple[Any, ...]]:
    listed = await harness.ask(planning.LIST_BOMS, ListBoms(), tenant_id=tenant)
    return [(bom.product_code, bom.bom_version, bom.status) for bom in listed.body.items]


def counts(answer: Answer) -> tuple[int, ...]:
    report = answer.body
    return report.created_count, report.updated_count, report.unchanged_count


def found(faults: Any) -> set[tuple[str, str]]:
    return {(fault.code, fault.path) for fault in faults}


async def test_a_file_makes_active_bills_and_a_second_one_only_what_changed(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B", "C", "D")
    text = HEADER + "A,20,C,0.5\nB,10,D,1\nA,10,B,2\n"
    dry = await load(harness, tenant, text, dry_run=True)
    assert (dry.status, dry.body.row_count, counts(dry)) == (200, 3, (2, 0, 0))
    assert await versions(harness, tenant) == []
    assert counts(await load(harness, tenant, text)) == (2, 0, 0)
    assert counts(await load(harness, tenant, text)) == (0, 0, 2)
    assert counts(await load(harness, tenant, HEADER + "A,10,B,2\nA,20,C,0.6\nB,10,D,1\n")) == (
        0,
        1,
        1,
    )
    assert await versions(harness, tenant) == [
        ("A", 1, "retired"),
        ("A", 2, "active"),
        ("B", 1, "active"),
    ]
    said = await harness.events(BomChanged, tenant_id=tenant, count=4)
    newest = [event.payload.bom for event in said if event.payload.bom.bom_version == 2]
    assert [line.line_number for line in newest[0].lines] == [10, 20]


async def test_every_fault_is_told_by_its_row_and_nothing_is_loaded(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B", "C")
    text = (
        "product_code,base_quantity,line_number,component_code,quantity,effective_from,"
        "effective_until\n"
        "A,1,10,B,1,,\n"
        "A,2,20,NOBODY,1,,\n"
        "B,1,10,C,0,,\n"
        "B,1,20,C,1,2026-02-01,2026-01-01\n"
        "C,1,10,C,1,,\n"
        "D,1,10,B,1,,\n"
    )
    for dry_run in (True, False):
        answer = await load(harness, tenant, text, dry_run=dry_run)
        faults = answer.body.faults if dry_run else answer.problem.faults
        assert found(faults) == {
            ("contradicts_first_row", "row 3.base_quantity"),
            ("unknown_component", "row 3.component_code"),
            ("quantity_zero", "row 4.quantity"),
            ("until_before_from", "row 5.effective_until"),
            ("component_is_product", "row 6.component_code"),
            ("unknown_product", "row 7.product_code"),
        }
    assert answer.problem.code is ProblemCode.IMPORT_REJECTED
    assert await versions(harness, tenant) == []


async def test_a_cycle_is_found_within_a_file_and_with_what_is_stored(harness: Harness) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B", "C", "D")
    within = await load(harness, tenant, HEADER + "A,1,B,1\nB,1,C,1\nC,1,D,1\nC,2,A,1\n")
    assert found(within.problem.faults) == {
        ("bom_cycle", "row 2.component_code"),
        ("bom_cycle", "row 3.component_code"),
        ("bom_cycle", "row 5.component_code"),
    }
    assert within.problem.faults[0].facts["path"] == ["A", "B", "C", "A"]
    assert (await load(harness, tenant, HEADER + "A,1,B,1\nB,1,C,1\n")).status == 200
    stored = await load(harness, tenant, HEADER + "C,1,A,1\n")
    assert found(stored.problem.faults) == {("bom_cycle", "row 2.component_code")}
    turned = await load(harness, tenant, HEADER + "B,1,D,1\nC,1,A,1\n")
    assert turned.status == 200, "the file takes away the bill that closed the cycle"


async def test_bills_of_different_days_stand_side_by_side_and_must_not_overlap(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    await make_products(harness, tenant, "A", "B", "C")
    text = DATED + "A,,2026-06-30,1,B,1\nA,2026-07-01,,1,C,1\n"
    assert counts(await load(harness, tenant, text)) == (2, 0, 0)
    overlapping = await load(harness, tenant, DATED + "A,2026-12-01,,1,B,1\n")
    assert found(overlapping.problem.faults) == {
        ("overlapping_effectivity", "row 2.bom_effective_from")
    }
    inside = await load(harness, tenant, DATED + "B,,2026-06-30,1,C,1\nB,2026-06-30,,1,C,2\n")
    assert found(inside.problem.faults) == {
        ("overlapping_effectivity", "row 2.bom_effective_from"),
        ("overlapping_effectivity", "row 3.bom_effective_from"),
    }
