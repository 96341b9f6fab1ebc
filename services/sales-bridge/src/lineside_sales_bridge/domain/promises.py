"""When an order is promised, once its first prediction is there (RULES 32)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lineside_contracts.predictions import DeliveryPredictionUpdated, PredictedOrder
from lineside_contracts.sales import SalesOrder

_CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PredictedDelivery:
    """What predictions say of one sales order.

    Attributes:
        production_order_count: How many of its production orders are predicted.
        p80_date: Their latest P80; of the whole project where its list is cut, since no order of
            it is later.
        is_cut: There may be more of them than we were told.
    """

    production_order_count: int
    p80_date: date
    is_cut: bool


def deliveries_of(
    updates: Sequence[DeliveryPredictionUpdated],
) -> Mapping[UUID, PredictedDelivery]:
    """Sum predictions up by sales order, oldest first; cancelled orders do not count."""
    found: dict[UUID, dict[UUID, PredictedOrder]] = {}
    cut: dict[UUID, date] = {}
    for update in updates:
        prediction = update.delivery_prediction
        is_cut = prediction.order_count > len(prediction.orders)
        for predicted in (*prediction.orders, *update.changed_orders):
            sales_order_id = predicted.sales_order_id
            if sales_order_id is None:
                continue
            found.setdefault(sales_order_id, {})[predicted.production_order_id] = predicted
            if is_cut:
                cut[sales_order_id] = prediction.p80_date
    deliveries = {
        sales_order_id: _delivery(orders, cut.get(sales_order_id))
        for sales_order_id, orders in found.items()
    }
    return {key: delivery for key, delivery in deliveries.items() if delivery is not None}


def _delivery(
    orders: Mapping[UUID, PredictedOrder], p80_if_cut: date | None
) -> PredictedDelivery | None:
    dates = [order.p80_date for order in orders.values() if order.status != _CANCELLED]
    if not dates:
        return None
    latest = max(dates) if p80_if_cut is None else max(*dates, p80_if_cut)
    return PredictedDelivery(len(dates), latest, is_cut=p80_if_cut is not None)


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
