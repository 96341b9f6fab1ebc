"""Routes of production logs and of late reports that no longer made sense."""

from collections.abc import Mapping

from lineside_contracts import shopfloor
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples_floor as examples
from lineside_gateway.requests.doors import Door

CONFLICT = "/log-conflicts/{log_conflict_id}"

RULES = (
    Code.NOT_FOUND,
    Code.WORK_ORDER_NOT_RELEASED,
    Code.WORK_ORDER_FINAL,
    Code.OPERATION_REQUIRED,
    Code.OPERATION_FINAL,
    Code.PREVIOUS_OPERATIONS_INCOMPLETE,
    Code.PIECES_NOT_AVAILABLE,
    Code.QUANTITY_EXCEEDS_ORDERED,
    Code.REWORK_NOT_OPEN,
    Code.LANE_REQUIRED,
    Code.LANE_OCCUPIED,
    Code.LANE_UNAVAILABLE,
    Code.LANE_TYPE_MISMATCH,
    Code.LANE_PLANT_MISMATCH,
    Code.LANE_WORK_CENTER_MISMATCH,
    Code.AMBIGUOUS_CODE,
    Code.NOT_ASSIGNED,
    Code.ALREADY_ASSIGNED,
    Code.PRODUCTION_NOT_STARTED,
    Code.ALREADY_RUNNING,
    Code.ALREADY_PAUSED,
    Code.CANNOT_RESUME_WITHOUT_PAUSE,
    Code.LOG_OUT_OF_ORDER,
    Code.HAPPENED_IN_FUTURE,
    Code.SERIAL_NUMBER_TAKEN,
    Code.CORRECTION_INVALID,
    Code.REASON_REQUIRED,
    Code.INVALID_STATUS_TRANSITION,
)
"""What a report may break."""


def place_of(log: Mapping[str, object]) -> str:
    """A report that was not accepted waits among the conflicts."""
    if log["accepted"]:
        return f"/production-logs/{log['id']}"
    return f"/log-conflicts?work_order_id={log['work_order_id']}"


DOORS = (
    Door(
        "POST",
        "/production-logs",
        shopfloor.RECORD_PRODUCTION_LOG,
        place=place_of,
        examples=[examples.START, examples.COMPLETE, examples.DOWNTIME],
        refused=RULES,
    ),
    Door("GET", "/production-logs", shopfloor.LIST_PRODUCTION_LOGS),
    Door("GET", "/production-logs/{production_log_id}", shopfloor.GET_PRODUCTION_LOG),
    Door("GET", "/work-orders/{work_order_id}/logs", shopfloor.LIST_WORK_ORDER_LOGS),
    Door("GET", "/production-log-archives", shopfloor.LIST_ARCHIVES),
    Door(
        "GET",
        "/archived-production-logs",
        shopfloor.QUERY_ARCHIVED_LOGS,
        refused=[Code.ARCHIVE_DAMAGED],
    ),
    Door("GET", "/log-conflicts", shopfloor.LIST_LOG_CONFLICTS),
    Door(
        "POST",
        f"{CONFLICT}/resolve",
        shopfloor.RESOLVE_LOG_CONFLICT,
        examples=[examples.CONFLICT_RESOLUTION],
        refused=[*RULES, Code.CONFLICT_RESOLVED],
    ),
)
