"""Routes of delivery predictions."""

from lineside_contracts import predictions
from lineside_gateway.requests.doors import Door

DOORS = (
    Door("GET", "/delivery-predictions", predictions.LIST_DELIVERY_PREDICTIONS),
    Door("GET", "/delivery-predictions/{project_id}", predictions.GET_DELIVERY_PREDICTION),
)
