"""Routes of production orders, and of the runs routing made of them."""

from typing import Any

from lineside_contracts import planning, routing
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door

ONE = "/production-orders/{production_order_id}"


def _act(verb: str, endpoint: Endpoint[Any, Any], *refused: Code) -> Door:
    """Make a door that moves an order to another status."""
    return Door(
        "POST",
        f"{ONE}/{verb}",
        endpoint,
        examples=[examples.REASON],
        refused=[Code.INVALID_STATUS_TRANSITION, *refused],
    )


DOORS = (
    Door("GET", "/production-orders", planning.LIST_PRODUCTION_ORDERS),
    Door(
        "POST",
        "/production-orders",
        planning.CREATE_PRODUCTION_ORDER,
        examples=[examples.PRODUCTION_ORDER],
        refused=[Code.TENANT_SUSPENDED, Code.CODE_TAKEN],
    ),
    Door("GET", ONE, planning.GET_PRODUCTION_ORDER),
    Door(
        "PUT",
        ONE,
        planning.UPDATE_PRODUCTION_ORDER,
        examples=[examples.PRODUCTION_ORDER_CHANGE],
        refused=[Code.ORDER_IN_PROGRESS],
    ),
    _act("release", planning.RELEASE_PRODUCTION_ORDER, Code.TENANT_SUSPENDED),
    _act("hold", planning.HOLD_PRODUCTION_ORDER),
    _act("resume", planning.RESUME_PRODUCTION_ORDER),
    _act("cancel", planning.CANCEL_PRODUCTION_ORDER, Code.ORDER_IN_PROGRESS),
    _act("close", planning.CLOSE_PRODUCTION_ORDER, Code.ORDER_NOT_COMPLETED),
    Door(
        "POST",
        f"{ONE}/exceptions/resolve",
        planning.RESOLVE_PRODUCTION_ORDER_EXCEPTION,
        examples=[examples.RESOLUTION, examples.TOP_UP],
        refused=[
            Code.EXCEPTION_NOT_FOUND,
            Code.ORDER_IN_PROGRESS,
            Code.INVALID_STATUS_TRANSITION,
        ],
    ),
    Door("GET", f"{ONE}/runs", routing.GET_EXPANSION),
)
