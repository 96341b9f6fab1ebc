"""Timers in: stale orders when their slot ends, and every order of a plant when its day begins.

A recalculation takes the stale orders that nobody else has in hand, gives what was reported to the
days that earned it, and predicts the orders again. What does not fit is asked for once more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time
from uuid import UUID

from lineside_chassis import schedules
from lineside_chassis.ingress import RawConsumer
from lineside_chassis.schedules import Fired, Schedule
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_manufacturing import calendars
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_predictions.domain import earning, lane_conflicts, runs
from lineside_predictions.domain.earning import NOTHING_EARNED, EarnedDay
from lineside_predictions.domain.reports import OperationProgress
from lineside_predictions.handlers import predicting, reality
from lineside_predictions.handlers.predicting import Cause, Causes, Change
from lineside_predictions.store import daily, floor, orders as stored_orders
from lineside_predictions.store.floor import DayKey, StaleOrder
from lineside_predictions.store.orders import OrderRecord

TIMERS_CONSUMER = "predictions-timers"
DAILY = "daily"
MORNING = time(6)
"""When a plant's orders are predicted again, by its own clock (SPEC 12)."""

ORDERS_AT_ONCE = 200
"""Of one transaction; a plant's whole order book comes in such portions."""

Operations = Mapping[UUID, Sequence[OperationProgress]]
"""By production order."""


def consumer() -> RawConsumer:
    """What the broker's timers do."""
    return schedules.consumer(
        TIMERS_CONSUMER,
        service=reality.SERVICE,
        jobs={DAILY: on_morning, reality.RECALCULATE: on_recalculate},
    )


def morning(plant_id: UUID, *, pattern: str = "") -> Schedule:
    """The daily schedule of a plant."""
    return Schedule(reality.SERVICE, DAILY, str(plant_id), pattern)


async def on_morning(uow: UnitOfWork, fired: Sequence[Fired]) -> None:
    """Ask for every open order of plants whose day has begun, once a day.

    A zone with daylight saving has two timers a day: the one that is too early does nothing, and
    neither does the one that comes when it is done.
    """
    plants = await daily.load(uow, {UUID(each.key) for each in fired})
    due = [plant for plant in plants if plant.is_due(MORNING, now=uow.now)]
    if not due:
        return
    stale = await stored_orders.load_open_order_ids(uow, [plant.plant_code for plant in due])
    floor.mark_stale(uow, [StaleOrder(each, DAILY) for each in sorted(stale)])
    daily.save_kept(uow, due)
    reality.ask_at(uow, uow.now, name=str(uow.new_id()))


async def on_recalculate(uow: UnitOfWork, _fired: Sequence[Fired]) -> None:
    """Predict stale orders again with what was reported on them."""
    stale = await floor.take_stale(uow, limit=ORDERS_AT_ONCE)
    if not stale:
        return
    known = await stored_orders.load_orders(uow, [order.id for order in stale])
    operations = await floor.load_operations_of_orders(uow, known)
    orders = await _informed(uow, known, operations)
    around = await predicting.load_surroundings(uow, orders)
    await _earn(uow, orders, operations, plants=around.plants)
    floor.forget_stale(uow, stale)
    causes: Causes = {each.id: Cause(each.cause, each.reason) for each in stale}
    change = Change(orders, known, causes, around=around, is_refresh=True)
    await predicting.predict(uow, change)
    if len(stale) == ORDERS_AT_ONCE:
        reality.ask_at(uow, uow.now, name=str(uow.new_id()))


async def _informed(
    uow: UnitOfWork, known: Mapping[UUID, OrderRecord], operations: Operations
) -> list[OrderRecord]:
    """Take over what work orders, reports and lanes say."""
    status = await stored_orders.load_floor_status(uow, known)
    plants = [order.plant_code for order in known.values() if order.plant_code]
    lanes, work = await floor.load_lane_conflicts(uow, plants)
    conflicts = lane_conflicts.count_by_order(lanes, work)
    return [
        replace(
            order,
            runs=runs.take_reports(
                runs.mark_done(order.runs, status.status, status.ended_at),
                operations.get(order.id, ()),
            ),
            lane_conflicts=conflicts.get(order.id, 0) if lanes else None,
        )
        for order in known.values()
    ]


async def _earn(
    uow: UnitOfWork,
    orders: Sequence[OrderRecord],
    operations: Operations,
    *,
    plants: Mapping[str, WorkingCalendar],
) -> None:
    """Add what was reported to the days of its plant, and remember that it is counted."""
    counted = [each for some in operations.values() for each in some if each.uncounted]
    days: dict[DayKey, EarnedDay] = {}
    for order in orders:
        plant_code = order.plant_code or ""
        calendar = plants.get(plant_code, calendars.standard_calendar("UTC"))
        found = earning.earned(
            order.runs, operations.get(order.id, ()), local_date=calendar.local_date
        )
        for (operation_type, day), earned in found.items():
            key = (plant_code, operation_type, day)
            days[key] = days.get(key, NOTHING_EARNED).plus(earned)
    if days:
        known = await floor.load_days(uow, days)
        added = {key: known.get(key, NOTHING_EARNED).plus(day) for key, day in days.items()}
        floor.save_days(uow, added, known=known)
    floor.save_operations(uow, [replace(each, uncounted=()) for each in counted])
    if counted:
        await uow.flush()
