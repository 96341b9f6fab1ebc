"""What planning answers, as people read it in a terminal; the answers are the contracts' own."""

import io
from typing import Any
from uuid import UUID

import pytest
from rich.console import Console, RenderableType

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_stack import amounts, order_view, planning_tables
from lineside_stack.order_picture import OrderPicture
from lineside_testkit import builders

ID = UUID(int=7)
STAMPS = {
    "id": ID,
    "version": 3,
    "created_at": builders.AT,
    "created_by": builders.ACTOR,
    "updated_at": builders.AT,
    "updated_by": builders.ACTOR,
}
LOAD = {
    "work_center_code": "PRESS",
    "available_hours": "80",
    "committed_hours": "60",
    "required_hours": "15",
    "utilization_percent": "93.75",
    "is_bottleneck": True,
}


def written(view: RenderableType) -> str:
    page = io.StringIO()
    Console(width=160, file=page, soft_wrap=True).print(view)
    return page.getvalue()


def sent(model: Any, **values: Any) -> Any:
    """As it comes over HTTP."""
    return model.model_validate(values).model_dump(mode="json")


def material_plan() -> Any:
    requirement = {
        "id": ID,
        "component_code": "PAPER-135",
        "plant_code": "MAIN",
        "unit_code": "SHEET",
        "unit_decimals": 0,
        "sequence_number": 10,
        "make_or_buy": "buy",
        "needed_quantity": "2591",
        "needed_on": "2026-12-01",
        "needed_at": builders.AT,
        "allocated_from_stock": "2000",
        "short_quantity": "591",
        "exact_quantity": "2590.25",
    }
    plan = {
        **STAMPS,
        "production_order_number": "MO-2026-000001",
        "product_code": "BROCHURE-A4",
        "quantity": "10000",
        "priority": "medium",
        "due_date": "2026-12-15",
        "order_status": "on_hold",
        "planning_version": 1,
        "expansion_version": 1,
        "order_version": 2,
        "status": "short",
        "requirements": [requirement],
        "planned_at": builders.AT,
    }
    explanation = {
        "requirement_id": ID,
        "component_code": "PAPER-135",
        "steps": ["0.25 a product x 10,361 into operation 10 = 2,590.25"],
        "supplies": ["2,000 from stock"],
    }
    return sent(planning.MaterialsAnswer, material_plan=plan, explanations=[explanation])


def capacity_plan() -> Any:
    return sent(
        planning.CapacityPlan,
        **STAMPS,
        production_order_number="MO-2026-000001",
        product_code="BROCHURE-A4",
        due_date="2026-12-15",
        due_at=builders.AT,
        planning_version=1,
        expansion_version=1,
        order_version=2,
        status="feasible",
        is_feasible=True,
        work_centers=[LOAD],
        estimated_completion_at=builders.AT,
        checked_at=builders.AT,
    )


def pegging() -> Any:
    peg = {
        "supply_kind": "requisition",
        "supply_name": "PR-2026-000001",
        "supply_date": "2026-12-01",
        "demand_kind": "production_order",
        "demand_name": "MO-2026-000001",
        "demand_date": "2026-12-01",
        "quantity": "591",
    }
    node = {"level": 1, "direction": "upstream", "product_code": "PAPER-135", "peg": peg}
    return sent(
        planning.Pegging,
        production_order_id=ID,
        production_order_number="MO-2026-000001",
        serves=[],
        served_by=[node],
    )


def promise() -> Any:
    return sent(
        planning.OrderPromise,
        production_order_id=ID,
        requested_date="2026-12-15",
        promised_date="2026-12-17",
        estimated_completion_at=builders.AT,
        is_on_time=False,
        explanation=["finite loading ends on 2026-12-17"],
    )


def cost() -> Any:
    return sent(
        planning.ProductionCost,
        **STAMPS,
        production_order_number="MO-2026-000001",
        product_code="BROCHURE-A4",
        project_number="P-1",
        quantity="10000",
        unit_code="EA",
        currency="EUR",
        order_status="on_hold",
        estimated={"material": "220.235", "labour": "1000", "total": "1220.235"},
        actual={},
        wip_value="0",
        delivered_value="0",
        calculated_at=builders.AT,
    )


def lead_time() -> Any:
    part = {"name": "queue", "working_minutes": "60", "explanation": "60 min behind others"}
    return sent(
        planning.LeadTime,
        production_order_id=ID,
        working_days=4,
        calendar_days=6,
        completes_at=builders.AT,
        parts=[part],
    )


def order() -> Any:
    held = builders.production_order(status="on_hold", hold_reason="591 SHEET PAPER-135 missing")
    return held.model_dump(mode="json")


def test_an_order_shows_what_every_part_of_planning_knows() -> None:
    picture = OrderPicture(
        order=order(),
        materials=material_plan(),
        capacity=capacity_plan(),
        lead_time=lead_time(),
        promise=promise(),
        cost=cost(),
        pegging=pegging(),
    )
    text = written(order_view.view(picture))
    for told in (
        "on hold: 591 SHEET PAPER-135 missing",
        "2,591 SHEET",
        "0.25 a product x 10,361",
        "93.8 %",
        "4 working days, 6 calendar days",
        "promised for 2026-12-17, wanted by 2026-12-15: late",
        "1,220.24",
        "served by requisition PR-2026-000001: 591 PAPER-135 on 2026-12-01",
    ):
        assert told in text, text


def test_a_part_that_has_not_planned_yet_says_so() -> None:
    picture = OrderPicture(order(), None, None, None, None, None, None)
    assert written(order_view.view(picture)).count("not planned yet") == 5


def test_what_lies_below_its_safety_stock_is_named() -> None:
    pool = sent(
        planning.Stock,
        id=ID,
        version=1,
        product_code="INK",
        plant_code="MAIN",
        unit_code="KGM",
        quantity_on_hand="3.50",
        quantity_allocated="1",
        quantity_available="2.5",
        safety_stock_quantity="5",
        updated_at=builders.AT,
    )
    assert "KGM, below safety stock" in written(planning_tables.stock([pool]))


def test_a_late_requisition_says_so_and_names_whom_it_is_for() -> None:
    one = sent(
        planning.PurchaseRequisition,
        **STAMPS,
        requisition_number="PR-2026-000001",
        status="open",
        product_code="PAPER-135",
        plant_code="MAIN",
        needed_on="2026-12-01",
        arrive_on="2026-12-01",
        order_by="2026-11-17",
        is_late=True,
        quantity_needed="591",
        quantity="10000",
        unit_code="SHEET",
        purchase_quantity="1",
        purchase_unit_code="PALLET",
        lead_time_days=14,
        pegs=[{"production_order_number": "MO-2026-000001", "quantity": "591"}],
    )
    text = written(planning_tables.requisitions([one]))
    assert "10,000 SHEET (1 PALLET)" in text
    assert "2026-11-17 late" in text
    assert "MO-2026-000001" in text


def test_a_check_that_found_differences_lists_them() -> None:
    run = sent(
        planning.MrpRun,
        id=ID,
        version=3,
        mrp_run_number="MR-2026-000001",
        kind="check",
        status="completed",
        planning_date="2026-11-20",
        items_total=280,
        changed_item_count=1,
        differences=["INK in MAIN: 5 planned, 7 regenerated"],
        duration_ms=40,
        requested_at=builders.AT,
        requested_by=builders.ACTOR,
    )
    text = written(planning_tables.run(run))
    assert "MR-2026-000001 check completed in 40 ms: 280 items" in text
    assert "INK in MAIN: 5 planned, 7 regenerated" in text


def test_a_promise_tells_date_and_what_it_rests_on() -> None:
    material = {
        "component_code": "PAPER-135",
        "level": 1,
        "needed_quantity": "1296",
        "from_stock": "1000",
        "from_receipts": "0",
        "to_buy": "296",
        "to_make": "0",
        "unit_code": "SHEET",
        "available_on": "2026-12-03",
        "explanation": "",
    }
    answer = sent(
        planning.Promise,
        product_code="BROCHURE-A4",
        quantity="5000",
        unit_code="EA",
        plant_code="MAIN",
        earliest_date="2026-12-04",
        earliest_at=builders.AT,
        requested_date="2026-12-01",
        is_feasible=False,
        materials=[material],
        work_centers=[LOAD],
        computed_in_ms="12.5",
    )
    text = written(planning_tables.promise(answer))
    assert "5,000 EA of BROCHURE-A4: 2026-12-04 at the earliest" in text
    assert "wanted by 2026-12-01: no" in text
    assert "1,296 SHEET" in text


@pytest.mark.parametrize(
    ("value", "expected"),
    [("10361", "10,361"), ("0.2500", "0.25"), ("-3.0", "-3"), ("1E+3", "1,000")],
)
def test_quantities_are_written_for_people(value: str, expected: str) -> None:
    assert amounts.amount(value) == expected


def test_percentages_have_one_decimal_half_up() -> None:
    assert amounts.share("93.75") == "93.8 %"
    assert amounts.share("90.0049") == "90.0 %"
    assert amounts.share(None) == "none available"


def test_instants_are_in_utc() -> None:
    assert amounts.instant(SYSTEM_CLOCK.now().isoformat())
    assert amounts.instant("2026-11-20T09:30:00+01:00") == "2026-11-20 08:30"
    assert not amounts.instant(None)
