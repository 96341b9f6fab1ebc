"""Routes of delivery predictions."""

from lineside_contracts import predictions
from lineside_gateway.requests.doors import Door

DOORS = (
    Door("GET", "/delivery-predictions", predictions.LIST_DELIVERY_PREDICTIONS),
    # ahead of the project, whose id it would be taken for
    Door("GET", "/delivery-predictions/calibration", predictions.GET_CALIBRATION),
    Door("GET", "/delivery-predictions/{project_id}", predictions.GET_DELIVERY_PREDICTION),
    Door("GET", "/delivery-predictions/{project_id}/history", predictions.LIST_PREDICTION_HISTORY),
)
