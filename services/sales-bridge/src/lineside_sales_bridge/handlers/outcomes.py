"""What becomes of orders: promised, promised otherwise, fulfilled (SPEC 4, RULES 32).

The first prediction of a revision is its promise; later ones move it where they cross it. An order
is fulfilled when production orders have made every line of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.planning import ProductionOrderCancelled, ProductionOrderCompleted
from lineside_contracts.predictions import DeliveryPredictionUpdated
from lineside_contracts.sales import (
    SalesOrderAccepted,
    SalesOrderFulfilled,
    SalesOrderPromiseChanged,
)
from lineside_sales_bridge.domain import bookings, fulfilment, promises
from lineside_sales_bridge.domain.bookings import BookedOrder
from lineside_sales_bridge.domain.promises import PredictedDelivery
from lineside_sales_bridge.store import deliveries, outcomes
from lineside_sales_bridge.store.deliveries import Outcome
from lineside_sales_bridge.store.outcomes import WatchedOrder

OUTCOMES_CONSUMER = "sales-bridge-outcomes"


@dataclass(frozen=True, slots=True)
class _Told:
    """An order as it is told, and the event that tells it."""

    booked: BookedOrder
    event: Outcome


def consumer() -> Consumer:
    """What is told to sales systems."""
    told = Consumer(OUTCOMES_CONSUMER)
    told.on_batch(DeliveryPredictionUpdated, reduce=False)(on_delivery_prediction_updated)
    told.on_batch(ProductionOrderCompleted, ProductionOrderCancelled)(on_production_orders_ended)
    return told


async def on_delivery_prediction_updated(
    uow: UnitOfWork, events: list[Received[DeliveryPredictionUpdated]]
) -> None:
    """Promise the orders whose every line is predicted; move promises that are crossed."""
    deliveries = promises.deliveries_of([event.payload for event in events])
    if not deliveries:
        return
    renewed = promises.renewed_by([event.payload for event in events])
    watched = await outcomes.load(uow, renewed, unpromised=deliveries)
    told = [made for order in watched if (made := _promised(order, deliveries[order.booked.id]))]
    causes = _causes(events)
    _say(uow, told, causes)
    # an amendment may have left nothing but what is made already
    newest = {each.booked.id: each.booked for each in told}
    fulfilled = _fulfilled(replace(w, booked=newest.get(w.booked.id, w.booked)) for w in watched)
    if told and fulfilled:
        await uow.flush()
    _say(uow, fulfilled, causes)


async def on_production_orders_ended(uow: UnitOfWork, events: Sequence[Received[Any]]) -> None:
    """Remember what was made of sales lines, and tell which orders are fulfilled by it."""
    ended = [
        (produced, event.envelope)
        for event in events
        if (produced := fulfilment.produced_order(event.payload.production_order, _ending(event)))
    ]
    if not ended:
        return
    causes: dict[UUID | None, Envelope] = {one.sales_order_id: cause for one, cause in ended}
    await outcomes.lock(uow, {one.sales_order_id for one, _ in ended})
    outcomes.save_produced(uow, [one for one, _ in ended])
    await uow.flush()
    watched = await outcomes.load(uow, {one.sales_order_id for one, _ in ended})
    _say(uow, _fulfilled(watched), causes)


def _promised(watched: WatchedOrder, delivery: PredictedDelivery) -> _Told | None:
    booked = watched.booked
    if booked.order is None or delivery.prediction_version < booked.prediction_version:
        return None
    is_first = booked.accepted_revision != booked.order.revision
    decide = promises.promised_date if is_first else promises.moved_promise
    day = decide(booked.order, delivery, watched.calendar)
    if day is None:
        return None
    promised = replace(
        bookings.with_promise(booked, booked.order, day),
        prediction_version=delivery.prediction_version,
    )
    if promised.order is None:
        return None
    if is_first:
        return _Told(promised, SalesOrderAccepted(sales_order=promised.order))
    event = SalesOrderPromiseChanged(
        sales_order=promised.order,
        previous_promised_date=booked.order.promised_date,
        reason=promises.reason_of_move(booked.order, delivery, day),
    )
    return _Told(promised, event)


def _fulfilled(watched: Iterable[WatchedOrder]) -> list[_Told]:
    told = []
    for each in watched:
        order, revision = each.booked.order, each.booked.confirmed_revision
        if order is None or not fulfilment.is_fulfilled(
            order, each.produced, confirmed_revision=revision
        ):
            continue
        made = bookings.with_fulfilment(each.booked, order)
        if made.order is not None:
            told.append(_Told(made, SalesOrderFulfilled(sales_order=made.order)))
    return told


def _say(uow: UnitOfWork, told: Sequence[_Told], causes: Mapping[UUID | None, Envelope]) -> None:
    outcomes.save(uow, [each.booked for each in told])
    deliveries.add(uow, [each.event for each in told])
    for each in told:
        uow.emit(each.event, caused_by=causes.get(each.booked.id))


def _ending(event: Received[Any]) -> fulfilment.Ending:
    return "completed" if isinstance(event.payload, ProductionOrderCompleted) else "cancelled"


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
