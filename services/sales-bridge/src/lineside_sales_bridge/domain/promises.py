"""When an order is promised, once its first prediction is there (RULES 32)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lineside_contracts.predictions import DeliveryPrediction, PredictedOrder
from lineside_contracts.sales import SalesOrder

_CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PredictedDelivery:
    """What predictions say of one sales order.

    Attributes:
        production_order_count: How many of its production orders are listed.
        p80_date: Their latest P80.
        is_cut: There may be more of them, but none is later.
    """

    production_order_count: int
    p80_date: date
    is_cut: bool


def deliveries_of(
    predictions: Sequence[DeliveryPrediction],
) -> Mapping[UUID, PredictedDelivery]:
    """Sum projects' predictions up by sales order; cancelled production orders do not count."""
    by_order: dict[UUID, list[tuple[PredictedOrder, bool]]] = {}
    for prediction in predictions:
        is_cut = prediction.order_count > len(prediction.orders)
        for predicted in prediction.orders:
            if predicted.sales_order_id is not None and predicted.status != _CANCELLED:
                listed = by_order.setdefault(predicted.sales_order_id, [])
                listed.append((predicted, is_cut))
    return {
        sales_order_id: PredictedDelivery(
            production_order_count=len(listed),
            p80_date=max(predicted.p80_date for predicted, _ in listed),
            is_cut=any(is_cut for _, is_cut in listed),
        )
        for sales_order_id, listed in by_order.items()
    }


def promised_date(order: SalesOrder, delivery: PredictedDelivery) -> date | None:
    """Promise a date for a whole order.

    Args:
        order: The confirmed order.
        delivery: The prediction of its production orders.

    Returns:
        The latest requested date if four of five such orders are ready by then, else the P80 date;
        None while a line is not predicted yet.

    Raises:
        Nothing.
    """
    if delivery.production_order_count < len(order.lines) and not delivery.is_cut:
        return None
    requested = max(line.due_date for line in order.lines)
    return max(requested, delivery.p80_date)
