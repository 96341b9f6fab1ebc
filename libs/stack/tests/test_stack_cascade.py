"""What became of an order, told from the API's answers."""

from typing import Any

import pytest

from lineside_stack.cascade import Cascade, runs_of

SALES_ORDER = {"status": "confirmed", "lines": [{}]}
PRODUCTION_ORDER = {
    "id": "p1",
    "status": "routed",
    "level": 0,
    "parent_order_id": None,
    "materials_status": "covered",
    "capacity_status": "feasible",
}


def _work_order(**over: Any) -> dict[str, Any]:
    operation = {"operation_number": 10, "operation_name": "Printing", "planned_input": "10361"}
    return {"production_order_id": "p1", "operations": [operation], **over}


def test_an_order_is_complete_with_work_orders_and_a_prediction() -> None:
    seen = Cascade("SO-1", sales_order=SALES_ORDER, production_orders=[PRODUCTION_ORDER])
    assert seen.status == "in progress"
    whole = Cascade(
        "SO-1",
        sales_order=SALES_ORDER,
        production_orders=[PRODUCTION_ORDER],
        work_orders=[_work_order()],
        prediction={"predicted_date": "2026-12-01"},
    )
    assert whole.is_complete
    assert whole.status == "confirmed"


def test_a_refused_order_is_complete_as_well() -> None:
    assert Cascade("SO-1", rejected={"faults": []}).is_complete
    assert Cascade("SO-1").status == "waiting"


def test_a_held_order_says_so() -> None:
    held = PRODUCTION_ORDER | {"status": "on_hold"}
    seen = Cascade("SO-1", sales_order=SALES_ORDER, production_orders=[held])
    assert seen.status == "on_hold"
    assert not seen.is_complete


@pytest.mark.parametrize("unknown", ["materials_status", "capacity_status"])
def test_an_order_is_not_complete_while_part_of_planning_is_silent(unknown: str) -> None:
    whole = Cascade(
        "SO-1",
        sales_order=SALES_ORDER,
        production_orders=[PRODUCTION_ORDER | {unknown: "unknown"}],
        work_orders=[_work_order()],
        prediction={"predicted_date": "2026-12-01"},
    )
    assert not whole.is_complete


def test_sub_assemblies_count_for_no_line_of_the_order() -> None:
    child = PRODUCTION_ORDER | {"id": "p2", "level": 1, "parent_order_id": "p1"}
    seen = Cascade("SO-1", sales_order=SALES_ORDER, production_orders=[child])
    assert not seen.is_complete
    assert seen.children_of(PRODUCTION_ORDER) == [child]


def test_runs_come_in_the_order_of_their_operations() -> None:
    later = {"operation_number": 20, "operation_name": "Folding", "planned_input": "10051"}
    orders = [_work_order(operations=[later]), _work_order()]
    assert runs_of(orders) == [("Printing", "10361"), ("Folding", "10051")]
