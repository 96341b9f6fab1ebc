"""Bodies of the shop floor's routes, shown in the OpenAPI document as `examples` are."""

from typing import Any

Example = dict[str, Any]

AN_ORDER = "019aa1b4-52c7-7d6e-9c1b-0f4c5f0e8a21"
A_LANE = "019aa1b4-52c7-7d6e-9c1b-0f4c5f0e8a31"
A_PERSON = "019aa1b4-52c7-7d6e-9c1b-0f4c5f0e8a41"

WORK_ORDER: Example = {
    "plant_code": "PLANT-1",
    "operation_type": "fabrication",
    "product_code": "BROCHURE-A4",
    "description": "Reprint of damaged copies",
    "quantity_ordered": "120",
    "unit_code": "EA",
    "priority": "urgent",
    "operations": [{"operation_number": 10, "operation_name": "Print", "setup_minutes": "15"}],
}
WORK_ORDER_CHANGE: Example = {"priority": "urgent", "planned_end_date": "2026-12-11"}
RELEASE: Example = {"reason": "Paper is there."}
CANCELLATION: Example = {"reason": "The customer asked for it.", "work_in_process": "scrap"}
SHORT_CLOSE: Example = {"reason": "The paper ran out.", "stated_hours": "7.5"}
OPERATION: Example = {
    "operation_number": 15,
    "operation_name": "Varnish",
    "setup_minutes": "10",
    "run_minutes": "45",
}
OPERATION_CHANGE: Example = {"run_minutes": "60", "assigned_to": A_PERSON}
OPERATION_COMPLETION: Example = {"stated_hours": "3.25", "notes": "Plates kept for a reprint."}

ASSIGNMENT: Example = {"lane_number": "L-01", "notes": "The new press"}
LANE_RELEASE: Example = {"reason": "An urgent job goes first."}
MAINTENANCE: Example = {"action": "start", "reason": "Roller change"}
PIN: Example = {"is_pinned": False}

START: Example = {
    "kind": "start",
    "work_order_id": AN_ORDER,
    "operation_number": 10,
    "lane_number": "L-01",
    "activity": "setup",
}
COMPLETE: Example = {
    "kind": "complete",
    "work_order_id": AN_ORDER,
    "operation_number": 10,
    "lane_number": "L-01",
    "good_quantity": "480",
    "scrap_quantity": "12",
    "reason_code": "REGISTER",
    "lot_number": "L-2026-117",
}
DOWNTIME: Example = {
    "kind": "issue",
    "work_order_id": AN_ORDER,
    "operation_number": 10,
    "lane_number": "L-01",
    "reason_code": "PAPER-JAM",
    "stops_production": True,
    "happened_at": "2026-11-20T09:12:00+01:00",
    "notes": "Feeder, second time today",
}
CONFLICT_RESOLUTION: Example = {
    "action": "record",
    "reason": "Counted again: 40, not 60.",
    "good_quantity": "40",
}

MANPOWER: Example = {
    "work_order_id": AN_ORDER,
    "operation_number": 10,
    "user_id": A_PERSON,
    "user_name": "Olga Operator",
    "role": "operator",
}
MANPOWER_CHANGE: Example = {"worker_count": 2, "notes": "Help from the bindery"}
MANPOWER_RELEASE: Example = {"hours_worked": "6.5"}

DAILY_WORK_LOG: Example = {
    "work_date": "2026-11-20",
    "shift": "morning",
    "plant_code": "PLANT-1",
    "lane_number": "L-01",
    "workers_present": 3,
    "hours_worked": "22.5",
    "quantity": "480",
    "notes": "Feeder jammed twice.",
}
EQUIPMENT_STATUS: Example = {
    "asset_code": "PRESS-1",
    "status": "down",
    "started_at": "2026-11-20T09:12:00+01:00",
    "reason": "Feeder",
}
MAINTENANCE_RECORD: Example = {
    "asset_code": "PRESS-1",
    "maintenance_kind": "preventive",
    "is_planned": True,
    "description": "Rollers",
    "planned_start_at": "2026-12-05T06:00:00+01:00",
    "planned_end_at": "2026-12-05T14:00:00+01:00",
}
MAINTENANCE_CHANGE: Example = {
    "status": "in_progress",
    "actual_start_at": "2026-12-05T06:10:00+01:00",
    "performed_by": "Press service",
}
