"""Routes of the people at work orders: who works where, what their work costs, the handover."""

from lineside_contracts import shopfloor
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples_floor as examples
from lineside_gateway.requests.doors import Door

ONE = "/manpower/{manpower_allocation_id}"

DOORS = (
    Door("GET", "/manpower", shopfloor.LIST_MANPOWER),
    Door(
        "POST",
        "/manpower",
        shopfloor.ALLOCATE_MANPOWER,
        place="/manpower?work_order_id={work_order_id}",
        examples=[examples.MANPOWER],
        refused=[
            Code.NOT_FOUND,
            Code.WORK_ORDER_FINAL,
            Code.ALREADY_ASSIGNED,
            Code.HAPPENED_IN_FUTURE,
        ],
    ),
    Door(
        "PUT",
        ONE,
        shopfloor.UPDATE_MANPOWER,
        examples=[examples.MANPOWER_CHANGE],
    ),
    Door(
        "POST",
        f"{ONE}/release",
        shopfloor.RELEASE_MANPOWER,
        examples=[examples.MANPOWER_RELEASE],
        refused=[Code.INVALID_STATUS_TRANSITION, Code.HAPPENED_IN_FUTURE],
    ),
    Door("GET", "/work-orders/{work_order_id}/labour-cost", shopfloor.GET_LABOUR_COST),
    Door("GET", "/handover", shopfloor.GET_HANDOVER, refused=[Code.NOT_FOUND]),
)
