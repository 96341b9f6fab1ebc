"""Answers shown in the OpenAPI document, by their model; a test checks each against it.

A list of something shows a page with one.
"""

from typing import Any, Final

from pydantic import BaseModel

from lineside_contracts import shopfloor
from lineside_contracts.endpoint import Page
from lineside_gateway.requests.examples_floor import A_LANE, A_PERSON, AN_ORDER, Example

AT: Final = "2026-11-20T08:12:00Z"
WHO: Final = {"id": A_PERSON, "name": "Olga Operator"}
A_LOG: Final = "019aa1b4-52c7-7d6e-9c1b-0f4c5f0e8a51"
AN_ASSIGNMENT: Final = "019aa1b4-52c7-7d6e-9c1b-0f4c5f0e8a61"
A_PLANT: Final = "019aa1b4-52c7-7d6e-9c1b-0f4c5f0e8a71"
AN_OPERATION: Final = "019aa1b4-52c7-7d6e-9c1b-0f4c5f0e8a81"

WORK_ORDER: Final[Example] = {
    "id": AN_ORDER,
    "version": 4,
    "work_order_number": "WO-2026-17",
    "status": "in_progress",
    "priority": "urgent",
    "operation_type": "fabrication",
    "project_number": "P-77",
    "project_name": "Spring catalogue",
    "product_code": "BROCHURE-A4",
    "plant_id": A_PLANT,
    "plant_code": "PLANT-1",
    "plant_name": "Main plant",
    "quantity_ordered": "120",
    "quantity_completed": "80",
    "unit_code": "EA",
    "actual_start_date": "2026-11-20",
    "actual_start_at": AT,
    "operations": [
        {
            "id": AN_OPERATION,
            "operation_number": 10,
            "operation_name": "Print",
            "status": "in_progress",
            "unit_code": "EA",
            "planned_input": "123",
            "planned_output": "120",
            "planned_hours": "0.50",
            "good_quantity": "80",
            "scrap_quantity": "2",
        }
    ],
    "created_at": "2026-11-19T15:00:00Z",
    "created_by": WHO,
    "updated_at": AT,
    "updated_by": WHO,
}
ASSIGNMENT: Final[Example] = {
    "id": AN_ASSIGNMENT,
    "lane_id": A_LANE,
    "lane_number": "L-01",
    "track": 1,
    "work_order_id": AN_ORDER,
    "work_order_number": "WO-2026-17",
    "plant_code": "PLANT-1",
    "origin": "manual",
    "is_pinned": True,
    "assigned_at": AT,
    "assigned_by": WHO,
}
LANE: Final[Example] = {
    "id": A_LANE,
    "version": 9,
    "lane_number": "L-01",
    "lane_name": "Press 1",
    "plant_id": A_PLANT,
    "plant_code": "PLANT-1",
    "lane_type": "fabrication",
    "work_center_code": "PRESS",
    "capacity": 1,
    "status": "occupied",
    "status_changed_at": AT,
    "current_work_order_id": AN_ORDER,
    "assignments": [ASSIGNMENT],
}
LOG: Final[Example] = {
    "id": A_LOG,
    "accepted": True,
    "kind": "complete",
    "activity": "run",
    "work_order_id": AN_ORDER,
    "work_order_number": "WO-2026-17",
    "work_order_status": "in_progress",
    "work_order_status_updated": False,
    "plant_code": "PLANT-1",
    "operation_number": 10,
    "lane_id": A_LANE,
    "lane_number": "L-01",
    "good_quantity": "80",
    "scrap_quantity": "2",
    "rework_quantity": "0",
    "reason_code": "REGISTER",
    "happened_at": AT,
    "logged_at": AT,
    "logged_by": WHO,
    "logged_by_name": "Olga Operator",
}
DAILY_WORK_LOG: Final[Example] = {
    "id": A_LOG,
    "work_date": "2026-11-20",
    "shift": "morning",
    "plant_code": "PLANT-1",
    "lane_id": A_LANE,
    "lane_number": "L-01",
    "workers_present": 3,
    "hours_worked": "22.5",
    "quantity": "480",
    "logged_at": AT,
    "logged_by": WHO,
    "logged_by_name": "Olga Operator",
}
_OEE: Final[Example] = {
    "planned_minutes": "450",
    "run_minutes": "405",
    "setup_minutes": "25",
    "stopped_minutes": "20",
    "ideal_minutes": "364.5",
    "good_quantity": "480",
    "scrap_quantity": "20",
    "availability": "0.900000",
    "performance": "0.900000",
    "quality": "0.960000",
    "oee": "0.777600",
    "shift_count": 1,
}
OEE: Final[Example] = {
    "plant_code": "PLANT-1",
    "from_date": "2026-11-20",
    "to_date": "2026-11-20",
    "items": [{**_OEE, "lane_id": A_LANE, "lane_number": "L-01"}],
    "total": _OEE,
}

ANSWERS: Final[dict[type[BaseModel], Example]] = {
    shopfloor.WorkOrder: WORK_ORDER,
    shopfloor.LaneAssignment: ASSIGNMENT,
    shopfloor.LaneState: LANE,
    shopfloor.ProductionLog: LOG,
    shopfloor.DailyWorkLog: DAILY_WORK_LOG,
    shopfloor.OeeReport: OEE,
}


def shown(answer: type[BaseModel]) -> Any:
    """Find the example of an answer, or of a page of them; None where there is none."""
    if answer in ANSWERS:
        return ANSWERS[answer]
    item = item_of(answer)
    example = ANSWERS.get(item) if item else None
    return {"items": [example], "next_cursor": None} if example else None


def item_of(answer: type[BaseModel]) -> type[BaseModel] | None:
    """Tell what a page is a page of."""
    described = answer.__pydantic_generic_metadata__
    item: type[BaseModel] | None = described["args"][0] if described["origin"] is Page else None
    return item
