"""What is promised for an order: the requested date, unless it will not be kept (RULES 32)."""

from datetime import date

from lineside_contracts.planning import OrderPromise
from lineside_manufacturing import time_spans
from lineside_manufacturing.calendars import NoWorkingTime
from lineside_planning.capacity.domain.checking import Check
from lineside_planning.capacity.domain.orders import OrderState
from lineside_planning.capacity.domain.plants import PlantDays


def order_promise(
    order: OrderState, found: Check, plant: PlantDays, *, predicted_on: date | None
) -> OrderPromise | None:
    """Say what is promised.

    Args:
        order: Which; its due date is the requested one.
        found: By its check.
        plant: Whose working days count.
        predicted_on: P80 of its delivery prediction, where there is one.

    Returns:
        The promise; None where neither prediction nor load give a date.
    """
    requested = order.due_date
    loaded_on = None if found.completes is None else plant.working_date_of(found.completes)
    expected = predicted_on or loaded_on
    if requested is None or expected is None:
        return None
    promised = requested if expected <= requested else _working_day(plant, expected)
    completes = found.completes
    return OrderPromise(
        production_order_id=order.id,
        requested_date=requested,
        promised_date=promised,
        estimated_completion_at=None if completes is None else time_spans.instant_of(completes),
        predicted_date=predicted_on,
        is_on_time=promised <= requested,
        reasons=found.reasons,
        explanation=tuple(_explained(requested, promised, predicted_on, loaded_on)),
    )


def _explained(
    requested: date, promised: date, predicted_on: date | None, loaded_on: date | None
) -> list[str]:
    words = [f"Requested for {requested}."]
    if predicted_on is not None:
        words.append(f"Predicted by {predicted_on} with a probability of 80 %.")
    if loaded_on is not None:
        words.append(f"By finite loading from now it is done by {loaded_on}.")
    if promised == requested:
        words.append("So the requested date is promised.")
    else:
        source = "the prediction" if predicted_on is not None else "finite loading"
        words.append(f"So {promised} is promised, the first working day {source} allows.")
    return words


def _working_day(plant: PlantDays, day: date) -> date:
    try:
        return plant.calendar.working_day_on_or_after(day)
    except NoWorkingTime:
        return day
