"""What becomes of orders: the first prediction of a revision is its promise (RULES 32)."""

from collections.abc import Mapping
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.predictions import DeliveryPredictionUpdated
from lineside_contracts.sales import SalesOrderAccepted
from lineside_sales_bridge.domain import bookings, promises
from lineside_sales_bridge.domain.bookings import BookedOrder
from lineside_sales_bridge.domain.promises import PredictedDelivery
from lineside_sales_bridge.store import orders

OUTCOMES_CONSUMER = "sales-bridge-outcomes"


def consumer() -> Consumer:
    """What is told to sales systems."""
    outcomes = Consumer(OUTCOMES_CONSUMER)
    outcomes.on_batch(DeliveryPredictionUpdated, reduce=False)(on_delivery_prediction_updated)
    return outcomes


async def on_delivery_prediction_updated(
    uow: UnitOfWork, events: list[Received[DeliveryPredictionUpdated]]
) -> None:
    """Promise the orders whose every line is predicted, once per revision."""
    deliveries = promises.deliveries_of([event.payload for event in events])
    if not deliveries:
        return
    unpromised = await orders.load_unpromised(uow, deliveries)
    promised = [told for booked in unpromised if (told := _promised(booked, deliveries))]
    orders.save_promises(uow, promised)
    causes = _causes(events)
    for booked in promised:
        if booked.order is not None:
            event = SalesOrderAccepted(sales_order=booked.order)
            uow.emit(event, caused_by=causes.get(booked.id))


def _promised(
    booked: BookedOrder, deliveries: Mapping[UUID, PredictedDelivery]
) -> BookedOrder | None:
    if booked.order is None:
        return None
    day = promises.promised_date(booked.order, deliveries[booked.id])
    return bookings.with_promise(booked, booked.order, day) if day else None


def _causes(events: list[Received[DeliveryPredictionUpdated]]) -> dict[UUID | None, Envelope]:
    """The prediction each sales order is promised by."""
    return {
        predicted.sales_order_id: event.envelope
        for event in events
        for predicted in (
            *event.payload.delivery_prediction.orders,
            *event.payload.changed_orders,
        )
    }
