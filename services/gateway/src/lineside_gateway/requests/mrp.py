"""Routes of MRP: runs, proposals, the plan of an item, exception messages, pegging."""

from lineside_contracts import planning
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door

RUN = "/mrp/runs/{mrp_run_id}"
PLANNED_ORDER = "/mrp/planned-orders/{planned_order_id}"

DOORS = (
    Door("POST", "/mrp/runs", planning.START_MRP_RUN, examples=[examples.MRP_RUN]),
    Door("GET", "/mrp/runs", planning.LIST_MRP_RUNS),
    Door("GET", RUN, planning.GET_MRP_RUN),
    Door("POST", f"{RUN}/cancel", planning.CANCEL_MRP_RUN, refused=[Code.MRP_RUN_ENDED]),
    Door("GET", "/mrp/planned-orders", planning.LIST_PLANNED_ORDERS),
    Door("GET", PLANNED_ORDER, planning.GET_PLANNED_ORDER),
    Door(
        "POST",
        f"{PLANNED_ORDER}/firm",
        planning.FIRM_PLANNED_ORDER,
        refused=[Code.ALREADY_FIRMED],
    ),
    Door("GET", "/mrp/items/{product_code:path}", planning.GET_MRP_ITEM),
    Door("GET", "/mrp/exceptions", planning.LIST_MRP_EXCEPTIONS),
    Door("GET", "/production-orders/{production_order_id}/pegging", planning.GET_PEGGING),
)
