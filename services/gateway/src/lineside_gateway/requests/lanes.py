"""Routes of lanes: the board, assignments and their history, maintenance, who waits.

Lanes are made and described by the routes of their master data.
"""

from lineside_contracts import shopfloor
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples_floor as examples
from lineside_gateway.requests.doors import Door

ONE = "/lanes/{lane_id}"
ASSIGNMENT = "/lane-assignments/{assignment_id}"
MASTER_DATA_VERSION = "master_data_version"
"""The ETag of a lane is for changing it: what is on it changes all the time."""

DOORS = (
    Door("GET", "/lanes", shopfloor.LIST_LANES),
    Door("GET", ONE, shopfloor.GET_LANE, version_field=MASTER_DATA_VERSION),
    Door(
        "POST",
        "/work-orders/{work_order_id}/assign-lane",
        shopfloor.ASSIGN_LANE,
        place="/lanes/{lane_id}",
        examples=[examples.ASSIGNMENT],
        refused=[
            Code.LANE_OCCUPIED,
            Code.LANE_UNAVAILABLE,
            Code.LANE_TYPE_MISMATCH,
            Code.LANE_PLANT_MISMATCH,
            Code.LANE_WORK_CENTER_MISMATCH,
            Code.ALREADY_ASSIGNED,
            Code.WORK_ORDER_NOT_RELEASED,
            Code.WORK_ORDER_FINAL,
        ],
    ),
    Door(
        "POST",
        f"{ONE}/release",
        shopfloor.RELEASE_LANE,
        version_field=MASTER_DATA_VERSION,
        examples=[examples.LANE_RELEASE],
        refused=[Code.PRODUCTION_RUNNING, Code.NOT_ASSIGNED],
    ),
    Door(
        "POST",
        f"{ONE}/maintenance",
        shopfloor.SET_LANE_MAINTENANCE,
        version_field=MASTER_DATA_VERSION,
        examples=[examples.MAINTENANCE],
        refused=[Code.INVALID_STATUS_TRANSITION, Code.LANE_UNAVAILABLE],
    ),
    Door("GET", "/lane-assignments", shopfloor.LIST_LANE_ASSIGNMENTS),
    Door(
        "POST",
        f"{ASSIGNMENT}/pin",
        shopfloor.SET_ASSIGNMENT_PIN,
        examples=[examples.PIN],
        refused=[Code.NOT_ASSIGNED],
    ),
    Door("GET", "/lane-queue", shopfloor.GET_LANE_QUEUE, refused=[Code.NOT_FOUND]),
)
