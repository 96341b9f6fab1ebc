"""Routes of work orders and their operations."""

from lineside_contracts import shopfloor
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples_floor as examples
from lineside_gateway.requests.doors import Door

ONE = "/work-orders/{work_order_id}"
OPERATION = "/operations/{operation_id}"

DOORS = (
    Door("GET", "/work-orders", shopfloor.LIST_WORK_ORDERS),
    Door(
        "POST",
        "/work-orders",
        shopfloor.CREATE_WORK_ORDER,
        examples=[examples.WORK_ORDER],
        refused=[Code.WORK_ORDER_NUMBER_TAKEN, Code.SAP_NUMBER_TAKEN],
    ),
    Door("GET", ONE, shopfloor.GET_WORK_ORDER),
    Door(
        "PUT",
        ONE,
        shopfloor.UPDATE_WORK_ORDER,
        examples=[examples.WORK_ORDER_CHANGE],
        refused=[Code.SAP_NUMBER_TAKEN],
    ),
    Door(
        "POST",
        f"{ONE}/release",
        shopfloor.RELEASE_WORK_ORDER,
        examples=[examples.RELEASE],
        refused=[Code.INVALID_STATUS_TRANSITION],
    ),
    Door(
        "POST",
        f"{ONE}/cancel",
        shopfloor.CANCEL_WORK_ORDER,
        examples=[examples.CANCELLATION],
        refused=[Code.INVALID_STATUS_TRANSITION, Code.WORK_IN_PROCESS_UNDECIDED],
    ),
    Door(
        "POST",
        f"{ONE}/complete",
        shopfloor.COMPLETE_WORK_ORDER,
        examples=[examples.SHORT_CLOSE],
        refused=[Code.INVALID_STATUS_TRANSITION, Code.REASON_REQUIRED],
    ),
    Door("GET", f"{ONE}/operations", shopfloor.LIST_WORK_ORDER_OPERATIONS),
    Door(
        "POST",
        f"{ONE}/operations",
        shopfloor.ADD_OPERATION,
        place="/work-orders/{work_order_id}/operations",
        examples=[examples.OPERATION],
        refused=[Code.CODE_TAKEN, Code.WORK_ORDER_FINAL, Code.ORDER_IN_PROGRESS],
    ),
    Door(
        "PUT",
        OPERATION,
        shopfloor.UPDATE_OPERATION,
        examples=[examples.OPERATION_CHANGE],
        refused=[Code.OPERATION_FINAL],
    ),
    Door(
        "POST",
        f"{OPERATION}/complete",
        shopfloor.COMPLETE_OPERATION,
        examples=[examples.OPERATION_COMPLETION],
        refused=[
            Code.WORK_ORDER_FINAL,
            Code.WORK_ORDER_NOT_RELEASED,
            Code.OPERATION_FINAL,
            Code.PREVIOUS_OPERATIONS_INCOMPLETE,
            Code.PRODUCTION_NOT_STARTED,
            Code.LANE_REQUIRED,
            Code.NOT_ASSIGNED,
        ],
    ),
)
