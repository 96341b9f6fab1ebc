"""When an order is promised by its first prediction, and when that promise moves (RULES 32)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from lineside_contracts.predictions import DeliveryPredictionUpdated, PredictedOrder
from lineside_contracts.sales import SalesOrder
from lineside_manufacturing.calendars import NoWorkingTime, WorkingCalendar, standard_calendar

_CANCELLED = "cancelled"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PredictedDelivery:
    """What predictions say of one sales order.

    Attributes:
        production_order_count: How many of its production orders are predicted.
        p80_date: Their latest P80; of the whole project where its list is cut, since no order of
            it is later.
        is_cut: There may be more of them than we were told.
        latest_date: The latest P80 of those we were told of.
        is_latest_told: No production order of it that we were not told of can be later.
        prediction_version: Of the newest prediction this comes from.
    """

    production_order_count: int
    p80_date: date
    is_cut: bool
    latest_date: date
    is_latest_told: bool
    prediction_version: int


def deliveries_of(
    updates: Sequence[DeliveryPredictionUpdated],
) -> Mapping[UUID, PredictedDelivery]:
    """Sum predictions up by sales order, oldest first; cancelled orders do not count."""
    found: dict[UUID, _Told] = {}
    for update in sorted(updates, key=lambda update: update.delivery_prediction.version):
        prediction = update.delivery_prediction
        is_cut = prediction.order_count > len(prediction.orders)
        listed = {predicted.production_order_id for predicted in prediction.orders}
        for predicted in (*prediction.orders, *update.changed_orders):
            if predicted.sales_order_id is None:
                continue
            told = found.setdefault(predicted.sales_order_id, _Told())
            told.orders[predicted.production_order_id] = predicted
            told.version = prediction.version
            if is_cut:
                told.p80_if_cut = prediction.p80_date
                told.is_listed |= predicted.production_order_id in listed
    deliveries = {key: _delivery(told) for key, told in found.items()}
    return {key: delivery for key, delivery in deliveries.items() if delivery is not None}


def renewed_by(updates: Sequence[DeliveryPredictionUpdated]) -> frozenset[UUID]:
    """Name the sales orders of what was predicted anew; of all listed where nothing is said."""
    return frozenset(
        predicted.sales_order_id
        for update in updates
        for predicted in update.changed_orders or update.delivery_prediction.orders
        if predicted.sales_order_id is not None
    )


@dataclass(slots=True)
class _Told:
    """What the updates of a batch tell of one sales order."""

    orders: dict[UUID, PredictedOrder] = field(default_factory=dict)
    p80_if_cut: date | None = None
    is_listed: bool = False
    version: int = 0


def _delivery(told: _Told) -> PredictedDelivery | None:
    dates = [order.p80_date for order in told.orders.values() if order.status != _CANCELLED]
    if not dates:
        return None
    latest = max(dates)
    is_cut = told.p80_if_cut is not None
    return PredictedDelivery(
        production_order_count=len(dates),
        p80_date=max(latest, told.p80_if_cut) if told.p80_if_cut is not None else latest,
        is_cut=is_cut,
        latest_date=latest,
        # a cut list holds the latest orders: whoever is on it is not before those who are not
        is_latest_told=told.is_listed or not is_cut,
        prediction_version=told.version,
    )


def promised_date(
    order: SalesOrder, delivery: PredictedDelivery, calendar: WorkingCalendar
) -> date | None:
    """Promise a date for a whole order.

    Args:
        order: The confirmed order.
        delivery: The prediction of its production orders.
        calendar: On whose working days goods are ready.

    Returns:
        The latest requested date if four of five such orders are ready by then, else the working
        day of the P80 date; None while a line is not predicted yet.

    Raises:
        Nothing.
    """
    if delivery.production_order_count < len(order.lines) and not delivery.is_cut:
        return None
    return _promise(order, delivery.p80_date, calendar)


def moved_promise(
    order: SalesOrder, delivery: PredictedDelivery, calendar: WorkingCalendar
) -> date | None:
    """Say where a promise moves: only when the P80 date crosses it by a working day or more.

    Args:
        order: With its promise.
        delivery: A newer prediction of its production orders.
        calendar: On whose working days goods are ready.

    Returns:
        The new promise; None where the old one stands, or not all of the order is predicted.

    Raises:
        Nothing.
    """
    is_whole = delivery.is_latest_told and (
        delivery.is_cut or delivery.production_order_count >= len(order.lines)
    )
    if order.promised_date is None or not is_whole:
        return None
    target = _promise(order, delivery.latest_date, calendar)
    earlier, later = sorted((order.promised_date, delivery.latest_date))
    is_crossed = _working_day(calendar, earlier + _DAY) <= later
    return target if target != order.promised_date and is_crossed else None


def reason_of_move(order: SalesOrder, delivery: PredictedDelivery, moved_to: date) -> str:
    """Say to people why a promise moved."""
    direction = "later" if order.promised_date and moved_to > order.promised_date else "earlier"
    return (
        f"Four of five such orders are ready by {delivery.latest_date}:"
        f" {direction} than the {order.promised_date} promised before."
    )


def _promise(order: SalesOrder, p80_date: date, calendar: WorkingCalendar) -> date:
    requested = max(line.due_date for line in order.lines)
    return requested if p80_date <= requested else _working_day(calendar, p80_date)


def _working_day(calendar: WorkingCalendar, day: date) -> date:
    """The day itself or the next one on which anybody works; of nobody, of a standard plant."""
    try:
        return calendar.working_day_on_or_after(day)
    except NoWorkingTime:
        return standard_calendar(calendar.zone).working_day_on_or_after(day)
