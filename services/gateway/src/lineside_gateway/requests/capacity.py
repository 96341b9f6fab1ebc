"""Routes of capacity: does an order fit, how long does it take, what can be promised."""

from lineside_contracts import planning
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door

ORDER = "/production-orders/{production_order_id}"

DOORS = (
    Door("GET", f"{ORDER}/capacity", planning.GET_CAPACITY),
    Door("GET", f"{ORDER}/lead-time", planning.GET_LEAD_TIME),
    Door(
        "GET",
        f"{ORDER}/promise",
        planning.GET_ORDER_PROMISE,
        refused=[Code.NO_PROMISE_POSSIBLE],
    ),
    Door(
        "POST",
        "/promises",
        planning.ASK_PROMISE,
        examples=[examples.PROMISE],
        refused=[Code.NOT_FOUND, Code.NO_PROMISE_POSSIBLE],
    ),
    Door("GET", "/work-centers/{work_center_code:path}/load", planning.GET_WORK_CENTER_LOAD),
)
