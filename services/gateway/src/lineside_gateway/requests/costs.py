"""Routes of costs: of an order, of orders, of a product."""

from lineside_contracts import planning
from lineside_gateway.requests.doors import Door

DOORS = (
    Door("GET", "/production-orders/{production_order_id}/cost", planning.GET_PRODUCTION_COST),
    Door("GET", "/production-costs", planning.LIST_PRODUCTION_COSTS),
    Door("GET", "/products/{product_code:path}/cost", planning.GET_PRODUCT_COST),
)
