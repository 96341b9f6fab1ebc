"""Routes of production orders, and of the runs routing made of them."""

from lineside_contracts import planning, routing
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door

ONE = "/production-orders/{production_order_id}"

DOORS = (
    Door("GET", "/production-orders", planning.LIST_PRODUCTION_ORDERS),
    Door(
        "POST",
        "/production-orders",
        planning.CREATE_PRODUCTION_ORDER,
        examples=[examples.PRODUCTION_ORDER],
    ),
    Door("GET", ONE, planning.GET_PRODUCTION_ORDER),
    Door(
        "PUT",
        ONE,
        planning.UPDATE_PRODUCTION_ORDER,
        examples=[examples.PRODUCTION_ORDER_CHANGE],
    ),
    Door("POST", f"{ONE}/release", planning.RELEASE_PRODUCTION_ORDER),
    Door("POST", f"{ONE}/hold", planning.HOLD_PRODUCTION_ORDER, examples=[examples.REASON]),
    Door("POST", f"{ONE}/resume", planning.RESUME_PRODUCTION_ORDER),
    Door("POST", f"{ONE}/cancel", planning.CANCEL_PRODUCTION_ORDER, examples=[examples.REASON]),
    Door("POST", f"{ONE}/close", planning.CLOSE_PRODUCTION_ORDER, examples=[examples.REASON]),
    Door(
        "POST",
        f"{ONE}/exceptions/resolve",
        planning.RESOLVE_PRODUCTION_ORDER_EXCEPTION,
        examples=[examples.RESOLUTION],
    ),
    Door("GET", f"{ONE}/runs", routing.GET_EXPANSION),
)
