"""Routes of work orders and their operations."""

from lineside_contracts import shopfloor
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door

ONE = "/work-orders/{work_order_id}"

DOORS = (
    Door("GET", "/work-orders", shopfloor.LIST_WORK_ORDERS),
    Door("POST", "/work-orders", shopfloor.CREATE_WORK_ORDER, examples=[examples.WORK_ORDER]),
    Door("GET", ONE, shopfloor.GET_WORK_ORDER),
    Door("PUT", ONE, shopfloor.UPDATE_WORK_ORDER, examples=[examples.WORK_ORDER_CHANGE]),
    Door("POST", f"{ONE}/release", shopfloor.RELEASE_WORK_ORDER),
    Door("POST", f"{ONE}/cancel", shopfloor.CANCEL_WORK_ORDER, examples=[examples.REASON]),
    Door("GET", f"{ONE}/operations", shopfloor.LIST_WORK_ORDER_OPERATIONS),
)
