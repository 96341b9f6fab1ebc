"""Routes of the materials of orders: needs, issues, shortages, requisitions."""

from lineside_contracts import planning
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door

OF_ORDER = "/production-orders/{production_order_id}/materials"
REQUISITION = "/purchase-requisitions/{purchase_requisition_id}"

DOORS = (
    Door("GET", OF_ORDER, planning.GET_MATERIALS),
    Door("POST", f"{OF_ORDER}/replan", planning.REPLAN_MATERIALS),
    Door(
        "POST",
        f"{OF_ORDER}/issues",
        planning.ISSUE_MATERIAL,
        place="/production-orders/{id}/materials",
        examples=[examples.ISSUE],
        refused=[
            Code.BACKFLUSHED,
            Code.INSUFFICIENT_STOCK,
            Code.INVALID_STATUS_TRANSITION,
            Code.NOT_REQUIRED,
        ],
    ),
    Door("GET", "/shortages", planning.LIST_SHORTAGES),
    Door(
        "POST",
        "/allocations/move",
        planning.MOVE_ALLOCATION,
        examples=[examples.MOVED_ALLOCATION],
        refused=[Code.NOT_FOUND, Code.INSUFFICIENT_ALLOCATION, Code.NOT_REQUIRED],
    ),
    Door("GET", "/purchase-requisitions", planning.LIST_REQUISITIONS),
    Door("GET", REQUISITION, planning.GET_REQUISITION),
    Door(
        "POST",
        f"{REQUISITION}/order",
        planning.ORDER_REQUISITION,
        examples=[examples.PURCHASE_ORDER],
        refused=[Code.REQUISITION_CLOSED, Code.CODE_TAKEN],
    ),
)
