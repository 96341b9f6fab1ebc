"""What the problem codes of the shop floor mean, as `problem_meanings` does for the others."""

from collections.abc import Mapping
from typing import Final

from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests.problem_meanings import AN_ID, Meaning

WORK_ORDERS: Final[Mapping[Code, Meaning]] = {
    Code.WORK_ORDER_NUMBER_TAKEN: Meaning(
        "another work order has this number already",
        "There is a work order WO-2026-17 already.",
        {"work_order_number": "WO-2026-17"},
    ),
    Code.SAP_NUMBER_TAKEN: Meaning(
        "another work order carries this SAP number",
        "WO-2026-16 has the SAP number 000001000017.",
        {"sap_production_order": "000001000017"},
    ),
    Code.WORK_ORDER_NOT_RELEASED: Meaning(
        "work can begin once the work order is released",
        "WO-2026-17 is planned.",
        {"status": "planned"},
    ),
    Code.WORK_ORDER_FINAL: Meaning(
        "the work order is completed or cancelled",
        "WO-2026-17 is completed.",
        {"status": "completed"},
    ),
    Code.OPERATION_REQUIRED: Meaning(
        "the work order has several operations; say which",
        "WO-2026-17 has the operations 10 and 20; say which one.",
        {"operations": [10, 20]},
    ),
    Code.OPERATION_FINAL: Meaning(
        "the operation is completed or cancelled",
        "Operation 10 is completed.",
        {"operation_number": 10, "status": "completed"},
    ),
    Code.PREVIOUS_OPERATIONS_INCOMPLETE: Meaning(
        "operations before this one are still open",
        "Operation 10 is still open.",
        {"operation_number": 20, "incomplete_operations": [10]},
    ),
    Code.WORK_IN_PROCESS_UNDECIDED: Meaning(
        "the order runs: say whether its work in process is scrapped or returned",
        "300 are at the operations of WO-2026-17.",
        {"at_operations": [10], "quantities": {"10": "300"}},
    ),
    Code.REASON_REQUIRED: Meaning(
        "this is done only with a reason",
        "Say why WO-2026-17 ends below its quantity.",
        {"ordered": "120", "completed": "80", "short_by": "40"},
    ),
    Code.QUANTITY_EXCEEDS_ORDERED: Meaning(
        "more good pieces than the order may have",
        "100 are completed; 30 more would exceed 120.",
        {"ordered": "120", "completed": "100", "attempting": "30", "ceiling": "120"},
    ),
}

LANES: Final[Mapping[Code, Meaning]] = {
    Code.LANE_OCCUPIED: Meaning(
        "the lane is at its capacity",
        "Lane L-01 is occupied.",
        {"lane_number": "L-01", "current_work_order_id": AN_ID},
    ),
    Code.LANE_UNAVAILABLE: Meaning(
        "the lane is in maintenance or inactive",
        "Lane L-01 is in maintenance.",
        {"lane_number": "L-01", "status": "maintenance"},
    ),
    Code.LANE_TYPE_MISMATCH: Meaning(
        "the lane is of another operation type",
        "Lane L-01 is for fabrication.",
        {"lane_number": "L-01", "lane_type": "fabrication", "operation_type": "assembly"},
    ),
    Code.LANE_PLANT_MISMATCH: Meaning(
        "the lane is in another plant than the work order",
        "Lane L-01 is in PLANT-2.",
        {"lane_number": "L-01", "lane_plant_code": "PLANT-2", "plant_code": "PLANT-1"},
    ),
    Code.LANE_WORK_CENTER_MISMATCH: Meaning(
        "the lane belongs to none of the work centers that the operations may run on",
        "Lane L-01 belongs to FINISHING.",
        {
            "lane_number": "L-01",
            "lane_work_center_code": "FINISHING",
            "work_center_codes": ["PRESS"],
        },
    ),
    Code.LANE_REQUIRED: Meaning(
        "several lanes are possible; say on which",
        "WO-2026-17 is on the lanes L-01 and L-02; say which one.",
        {"lanes": ["L-01", "L-02"]},
    ),
    Code.NOT_ASSIGNED: Meaning(
        "the work order is not assigned to this lane",
        "WO-2026-17 is not on lane L-01.",
        {"lane_number": "L-01", "assigned_lanes": ["L-02"]},
    ),
    Code.ALREADY_ASSIGNED: Meaning(
        "the work order is on this lane already, or the person at this work",
        "WO-2026-17 is on lane L-01.",
        {"lane_number": "L-01", "work_order_id": AN_ID},
    ),
    Code.PRODUCTION_RUNNING: Meaning(
        "the work on the lane is running; pause or complete it first",
        "WO-2026-17 is running on lane L-01.",
        {"lane_number": "L-01", "work_order_id": AN_ID, "work_order_number": "WO-2026-17"},
    ),
    Code.AMBIGUOUS_CODE: Meaning(
        "several have this code; name the plant or the id",
        "There are lanes L-01 in PLANT-1 and PLANT-2.",
        {"code": "L-01", "plant_codes": ["PLANT-1", "PLANT-2"]},
    ),
}

LOGS: Final[Mapping[Code, Meaning]] = {
    Code.PRODUCTION_NOT_STARTED: Meaning(
        "nothing was started here yet",
        "Operation 10 was not started on lane L-01.",
        {"state": "idle", "allowed": ["start"], "operation_number": 10, "lane_number": "L-01"},
    ),
    Code.ALREADY_RUNNING: Meaning(
        "it is running already",
        "Operation 10 is running on lane L-01.",
        {"state": "running", "allowed": ["pause", "complete", "issue"], "operation_number": 10},
    ),
    Code.ALREADY_PAUSED: Meaning(
        "it is paused already",
        "Operation 10 is paused on lane L-01.",
        {"state": "paused", "allowed": ["resume", "complete", "issue"], "operation_number": 10},
    ),
    Code.CANNOT_RESUME_WITHOUT_PAUSE: Meaning(
        "it is not paused",
        "Operation 10 is running on lane L-01.",
        {"state": "running", "allowed": ["pause", "complete", "issue"], "operation_number": 10},
    ),
    Code.PIECES_NOT_AVAILABLE: Meaning(
        "fewer pieces have arrived at the operation than are reported",
        "400 pieces have arrived at operation 20; 450 would be reported.",
        {"operation_number": 20, "available": "400", "attempting": "450"},
    ),
    Code.REWORK_NOT_OPEN: Meaning(
        "less rework is open than is resolved",
        "3 pieces are in rework at operation 10.",
        {"operation_number": 10, "open": "3", "attempting": "5"},
    ),
    Code.CORRECTION_INVALID: Meaning(
        "the corrected log is of another work order, operation or kind, or corrected already",
        "The log is of another work order.",
        {"corrects_log_id": AN_ID},
    ),
    Code.LOG_OUT_OF_ORDER: Meaning(
        "what is reported did not happen in this order",
        "A pause cannot stand before the start.",
        {"log_id": AN_ID, "reason": "production_not_started"},
    ),
    Code.HAPPENED_IN_FUTURE: Meaning(
        "it has not happened yet; the device's clock is wrong",
        "That is 3 hours ahead.",
        {"happened_at": "2026-11-20T08:00:00Z", "now": "2026-11-20T05:00:00Z"},
    ),
    Code.SERIAL_NUMBER_TAKEN: Meaning(
        "another piece of this product has the serial number",
        "The serial number S-1 is taken.",
        {"serial_numbers": ["S-1"]},
    ),
    Code.CONFLICT_RESOLVED: Meaning(
        "the report was decided about already",
        "The report was recorded.",
        {"status": "recorded", "log_id": AN_ID},
    ),
}

REPORTS: Final[Mapping[Code, Meaning]] = {
    Code.ARCHIVE_DAMAGED: Meaning(
        "a month's archive is missing or is not what was written",
        "The archive of 2024-11 is not what was written.",
        {"month": "2024-11", "file_name": "2024-11-1.parquet", "reason": "altered"},
    ),
}

FLOOR: Final[Mapping[Code, Meaning]] = {**WORK_ORDERS, **LANES, **LOGS, **REPORTS}
